import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { Engine } from '../../src/backends/engine/engine.ts';
import { isObject, parseJson } from '../../src/lib/json.ts';
import { StartedServer } from '../support/started-server.ts';
import { seededRandom } from '../support/random.ts';
import * as fake from '../support/fake-anki.ts';
import * as faults from '../support/anki-faults.ts';
import { succeeded, RawServer, residentMb, textOf } from '../support/raw-server.ts';
import { newCollection } from '../support/served.ts';
import { expectIntact } from '../support/database-check.ts';

const note = (front: string) => ({
  note: { deckName: 'Default', modelName: 'Basic', fields: { Front: front, Back: 'back' } },
});

/** Ends the server, and expects that Anki's check finds no problem. */
async function expectWhole(server: RawServer, collection: string): Promise<Engine> {
  server.child.stdin.end();
  await server.exit;
  const engine = new Engine({ collection, log: () => {} });
  await expectIntact(engine);
  return engine;
}

/** Returns a result for each call that contains its parameters. */
const echoOf = (request: unknown): unknown => {
  const asked = parseJson(JSON.stringify(request));
  if (!isObject(asked)) return null;
  const { action, params } = asked;
  const children = isObject(params) && Array.isArray(params['actions']) ? params['actions'] : [];
  return action === 'multi'
    ? children.map((child) => ({ result: echoOf(child), error: null }))
    : JSON.stringify(params);
};

const echoes = fake.answersWith((body) => JSON.stringify({ result: echoOf(JSON.parse(body)), error: null }));

describe('Server', () => {
  test('100,000 calls: memory use does not grow, in the server and in the engine', async ({ task }) => {
    const collection = newCollection();
    const server = await RawServer.start('--collection', collection);
    const notes: number[] = [];
    for (let at = 0; at < 100; at++) {
      notes.push(
        Number((await server.call('addNote', note(`front ${at}`))).result?.structuredContent?.result),
      );
    }
    const [host = 0] = server.children;
    let asked = 0;
    const next = () => {
      const at = asked++;
      const id = notes[at % 100];
      const kinds: [string, object][] = [
        ['version', {}],
        ['deckNames', {}],
        ['findNotes', { query: `nid:${id}` }],
        ['notesInfo', { notes: [id] }],
        ['getNoteTags', { note: id }],
        ['version', {}],
        ['version', {}],
        ['addTags', { notes: [id], tags: `tag${at % 7}` }],
        ['removeTags', { notes: [id], tags: `tag${(at - 1) % 7}` }],
        at % 100 === 9 ? ['updateNoteFields', { note: { id, fields: { Back: `${at}` } } }] : ['version', {}],
      ];
      const [name, args] = kinds[at % 10] ?? ['version', {}];
      return server.call(name, args);
    };
    const measured: { rss: number; heap: number; host: number }[] = [];
    const [rounds, clients, calls] = [10, 20, 500];
    for (let round = 0; round < rounds; round++) {
      const client = async (): Promise<void> => {
        for (let at = 0; at < calls; at++) {
          const reply = await next();
          expect(succeeded(reply), textOf(reply)).toBe(true);
        }
      };
      await Promise.all(Array.from({ length: clients }, client));
      measured.push({ ...(await server.memory()), host: residentMb(host) });
      server.lines.length = 0;
    }
    const [, warm = { rss: 0, heap: 0, host: 0 }, ...later] = measured;
    // Resident memory varies by some 30 MB at the same heap, so a leak shows in the least of several readings.
    const rss = Math.min(...later.slice(-3).map((now) => now.rss));
    expect(rss - warm.rss, JSON.stringify(measured)).toBeLessThan(20);
    for (const now of later) {
      const grown = `after 20,000 ${JSON.stringify(warm)}, later ${JSON.stringify(now)}`;
      expect(now.heap - warm.heap, grown).toBeLessThan(2);
      expect(now.host - warm.host, grown).toBeLessThan(10);
    }
    await (await expectWhole(server, collection)).close();
    task.meta.cases = asked;
  });

  test('200 concurrent calls, reads and writes: each gets one reply, and its own', async ({ task }) => {
    const collection = newCollection();
    const server = await StartedServer.start('--collection', collection);
    const rounds = 5;
    for (let round = 0; round < rounds; round++) {
      const calls = Array.from({ length: 200 }, async (_, at) => {
        const name = `r${round}n${at}`;
        const writes = at % 2 === 0;
        const args = writes ? note(name) : { deck: name };
        const { isError, result } = await server.call(writes ? 'addNote' : 'createDeck', args);
        expect(isError).toBe(false);
        if (writes)
          expect(await server.call('findNotes', { query: `front:${name}` })).toMatchObject({
            result: [result],
          });
        else expect((await server.call('deckNameFromId', { deckId: result })).result).toBe(name);
      });
      await Promise.all(calls);
    }
    expect((await server.call('findNotes', { query: '', limit: 9999 })).result).toHaveLength(rounds * 100);

    const anki = await faults.changeableAnki();
    anki.behaves(echoes);
    const onDesktop = await StartedServer.start('--url', anki.url);
    for (let round = 0; round < rounds; round++) {
      const calls = Array.from({ length: 200 }, async (_, at) => {
        const query = `r${round}n${at}`;
        if (at % 3 === 0) {
          expect(await onDesktop.call('createDeck', { deck: query })).toMatchObject({
            result: `{"deck":"${query}"}`,
          });
        } else {
          expect(await onDesktop.call('findNotes', { query })).toMatchObject({
            result: `{"query":"${query}"}`,
          });
        }
      });
      await Promise.all(calls);
    }
    for (const { output } of [server, onDesktop]) {
      const ids = output.flatMap((line) => /"id":(\d+)\}$/.exec(line)?.[1] ?? []);
      expect(new Set(ids).size).toBe(ids.length);
    }
    task.meta.cases = 3 * rounds * 200;
  });

  test('calls cancelled at random moments: on the engine, no call gets two replies, none hangs, no write is lost', async ({
    task,
  }) => {
    const collection = newCollection();
    const server = await RawServer.start('--collection', collection);
    await server.call('version');
    const { done, cancelled } = await cancelSome(server, 800, 3);
    const engine = await expectWhole(server, collection);
    for (const front of done) {
      expect(await engine.call('findNotes', { query: `front:${front}` }), front).toHaveLength(1);
    }
    for (const front of cancelled) {
      expect((await engine.call('findNotes', { query: `front:${front}` })).length, front).toBeLessThan(2);
    }
    await engine.close();
    task.meta.cases = 800;
  });

  test('calls cancelled at random moments: on the desktop, no write is sent twice, no call hangs', async ({
    task,
  }) => {
    const anki = await faults.changeableAnki();
    anki.behaves(fake.late(1, echoes));
    const server = await RawServer.start('--url', anki.url);
    const { done, cancelled } = await cancelSome(server, 800, 4);
    const sent = anki.requests.flatMap(
      ({ body }) => /"action":"addNote".*"Front":"(\w+)"/.exec(body)?.[1] ?? [],
    );
    expect(new Set(sent).size).toBe(sent.length);
    expect(done.filter((front) => !sent.includes(front))).toEqual([]);
    expect(cancelled.some((front) => !sent.includes(front))).toBe(true);
    task.meta.cases = 800;
  });
});

/** Sends calls in groups and cancels about half of them. All others get one reply, cancelled ones at most one. */
async function cancelSome(server: RawServer, count: number, seed: number) {
  const random = seededRandom(seed);
  const done: string[] = [];
  const cancelled: string[] = [];
  const kept: Promise<void>[] = [];
  for (let at = 0; at < count; at++) {
    const front = `n${at}`;
    const writes = random(2) === 0;
    const [name, args] = writes ? ['addNote', note(front)] : ['findNotes', { query: front }];
    const { id, reply } = server.sendRequest('tools/call', { name, arguments: args });
    const fate = random(4);
    const answered = async (): Promise<void> => {
      const received = await reply;
      expect(succeeded(received), textOf(received)).toBe(true);
      if (writes) done.push(front);
    };
    if (fate > 1) kept.push(answered());
    else {
      if (writes) cancelled.push(front);
      const cancel = () => server.send({ method: 'notifications/cancelled', params: { requestId: id } });
      if (fate === 0) cancel();
      else kept.push(sleep(random(20)).then(() => void cancel()));
    }
    if (random(10) === 0) await sleep(random(10));
  }
  await Promise.all(kept);
  expect(succeeded(await server.call('findNotes', { query: 'the last' }))).toBe(true);
  const ids = server.lines.map((line) => /"id":(\d+)/.exec(line)?.[1]);
  expect(new Set(ids).size).toBe(ids.length);
  return { done, cancelled };
}
