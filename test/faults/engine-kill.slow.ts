import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OutcomeUnknown } from '../../src/contract/errors.ts';
import { builtServer } from '../support/built-server.ts';
import { temporaryEngine } from '../support/collection.ts';
import { expectOutcome, note, outcomeOf, wordFor, writes } from '../support/countable-writes.ts';
import { faultyEngine } from '../support/faulty-engine.ts';
import { newCollection } from '../support/served.ts';
import { expectIntact } from '../support/database-check.ts';

/** Opens a collection with a host process that can be killed on demand. */
async function killable() {
  const { engine, folder, close, ...python } = await faultyEngine();
  const other = temporaryEngine();
  const place = { engine, other: other.engine, folder };
  return { ...python, engine, place, close: () => Promise.all([close(), other.close()]) };
}

const kinds = Object.entries(writes);

describe.concurrent('Engine: process killed (SIGKILL)', () => {
  test.for(kinds)('before or after any step of a write: %s', async ([name, prepare], { task }) => {
    const { engine, place, next, happened, close } = await killable();
    let cases = 0;
    for (const when of ['before', 'after']) {
      for (let step = 0, over = false; !over; step++) {
        const write = await prepare(place, wordFor(`${name}${when}`, step));
        next(`death ${when}`, step);
        const outcome = await outcomeOf(write.act());
        over = !happened();
        await expectOutcome(outcome, write);
        await expectIntact(engine);
        if (!over) cases++;
      }
    }
    expect(cases).toBeGreaterThanOrEqual(2);
    await close();
    task.meta.cases = cases;
  });

  test('at any moment within 100 ms, with 20 writes in the queue: acknowledged writes are stored once, unknown ones at most once', async ({
    task,
  }) => {
    const moments = fc.sample(fc.integer({ min: 0, max: 100 }), { numRuns: 60, seed: 6 });
    const { engine, place, signal, close } = await killable();
    const fronts: string[] = [];
    for (const [round, moment] of moments.entries()) {
      const [name, prepare] = kinds[round % kinds.length] ?? kinds[0] ?? [];
      const write = await prepare?.(place, wordFor(`load${name}`, round));
      const others = Array.from({ length: 20 }, (_, at) => `load ${round} ${at}`);
      const outcome = outcomeOf(write?.act() ?? Promise.resolve());
      const adding = others.map((front) => outcomeOf(engine.call('addNote', { note: note(front) })));
      const read = engine.call('deckNames', {});
      await sleep(moment);
      signal('SIGKILL');
      for (const [at, outcome] of (await Promise.all(adding)).entries()) {
        if (outcome === 'done') fronts.push(others[at] ?? '');
        else expect(outcome).toBeInstanceOf(OutcomeUnknown);
      }
      expect(await read).toContain('Default');
      // If all calls were answered before, this read notices the end of the process. The reply to deckNames may be a kept one.
      await engine.call('findNotes', { query: 'front:load' });
      if (write) await expectOutcome(await outcome, write);
      await expectIntact(engine);
    }
    const notes = await engine.call('notesInfo', { query: '"front:load *"' });
    const found = notes.map(({ fields }) => fields?.['Front']?.value);
    expect(new Set(found).size).toBe(found.length);
    expect(fronts.filter((front) => !found.includes(front))).toEqual([]);
    await close();
    task.meta.cases = moments.length;
  });

  test('a rating repeated after its reply was lost: counted once', async ({ task }) => {
    const { engine, place, next, happened, close } = await killable();
    let cases = 0;
    for (const when of ['before', 'after']) {
      for (let step = 0, over = false; !over; step++) {
        const write = await writes['guiAnswerCard']?.(place, wordFor(`rating${when}`, step));
        next(`death ${when}`, step);
        await outcomeOf(write?.act() ?? Promise.resolve());
        over = !happened();
        if (over) continue;
        await engine.call('guiAnswerCard', { ease: 3 });
        expect(await write?.times()).toEqual([1]);
        cases++;
      }
    }
    await close();
    task.meta.cases = cases;
  });

  test('the server itself killed during writes and started again: acknowledged writes are stored once', async ({
    task,
  }) => {
    const collection = newCollection();
    const moments = fc.sample(fc.integer({ min: 0, max: 100 }), { numRuns: 12, seed: 7 });
    const done: string[] = [];
    const fronts: string[] = [];
    for (const [round, moment] of moments.entries()) {
      const server = await builtServer(['--collection', collection]);
      const add = async (front: string) => {
        fronts.push(front);
        // After the connection has closed, there is no reply.
        const answer = await server.call('addNote', { note: note(front) }).catch(() => undefined);
        expect(answer?.isError).not.toBe(true);
        if (answer) done.push(front);
      };
      await add(`first ${round}`);
      const work = Array.from({ length: 40 }, (_, at) => add(`kill ${round} ${at}`));
      await sleep(moment);
      process.kill(server.pid, 'SIGKILL');
      await Promise.all(work);
      await server.close();
    }
    const { engine, close } = temporaryEngine({ collection });
    const notes = await engine.call('notesInfo', { query: '' });
    const found = notes.map(({ fields }) => fields?.['Front']?.value ?? '');
    expect(new Set(found).size).toBe(found.length);
    expect(found.filter((front) => !fronts.includes(front))).toEqual([]);
    expect(done.filter((front) => !found.includes(front))).toEqual([]);
    expect(done.length).toBeGreaterThanOrEqual(moments.length);
    await expectIntact(engine);
    await close();
    task.meta.cases = moments.length;
  });
});
