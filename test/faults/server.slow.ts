import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { Engine } from '../../src/backends/engine/engine.ts';
import { seededRandom } from '../support/random.ts';
import { succeeded, isRunning, RawServer, residentMb, textOf, type Reply } from '../support/raw-server.ts';
import { newCollection } from '../support/served.ts';
import { expectIntact } from '../support/database-check.ts';

const note = (front: string, back = 'back') => ({
  note: { deckName: 'Default', modelName: 'Basic', fields: { Front: front, Back: back } },
});

const nowhere = 'http://127.0.0.1:9';
const mib = 1024 * 1024;

/** Waits for the line with the index `after` and returns its message. */
const nextLine = (server: RawServer, after: number): Promise<Reply> =>
  vi.waitFor(
    () => {
      const line = server.lines[after];
      if (line === undefined) throw new Error(`no output; stderr: ${server.stderr}`);
      return JSON.parse(line);
    },
    { timeout: 20_000, interval: 2 },
  );

/** Returns how often each note is stored. */
async function timesOf(collection: string, fronts: Iterable<string>): Promise<Map<string, number>> {
  const engine = new Engine({ collection, log: () => {} });
  const times = new Map<string, number>();
  for (const front of fronts) {
    times.set(front, (await engine.call('findNotes', { query: `front:${front}` })).length);
  }
  await expectIntact(engine);
  await engine.close();
  return times;
}

const call = (id: unknown, params: object) =>
  JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params });
const refused = { code: -32600 };
const closing: Readonly<Record<string, string>> = { '{': '}', '[': ']' };
const deep = (opening: string, levels: number) => {
  const closed = [...opening.replaceAll(/[^[{]/g, '')].toReversed().map((bracket) => closing[bracket]);
  return `${opening.repeat(levels)}null${closed.join('').repeat(levels)}`;
};

/** Adds notes and records which of them were acknowledged. */
class Writer {
  readonly acknowledged = new Map<string, boolean>();
  readonly refusals: string[] = [];

  async write(server: RawServer, front: string): Promise<void> {
    this.acknowledged.set(front, false);
    const reply = await server.call('addNote', note(front));
    if (succeeded(reply)) this.acknowledged.set(front, true);
    else this.refusals.push(textOf(reply));
  }

  /** Expects that acknowledged notes are stored once, and all others at most once. */
  async expectWhole(collection: string): Promise<void> {
    expect(this.refusals).toEqual([]);
    const times = await timesOf(collection, this.acknowledged.keys());
    for (const [front, isAcknowledged] of this.acknowledged) {
      expect(isAcknowledged ? [1] : [0, 1], front).toContain(times.get(front));
    }
  }
}

describe('Server', () => {
  test('messages of 1 to 100 MiB: up to 10 MiB are accepted, longer ones get an error message', async ({
    task,
  }) => {
    const server = await RawServer.start('--collection', newCollection());
    const sizes = [1, 9, 9.9, 10.1, 11, 16, 40, 100];
    for (const size of sizes) {
      const front = `of${size * 10}`;
      const reply = await server.call('addNote', note(front, 'x'.repeat(size * mib)));
      if (size < 10) expect(succeeded(reply), textOf(reply)).toBe(true);
      else
        expect(reply.error?.message).toMatch(
          /longer than 10 MiB and was not read\. Nothing was done\. Send less/,
        );
      const found = await server.call('findNotes', { query: `front:${front}` });
      expect(found.result?.structuredContent?.result).toHaveLength(size < 10 ? 1 : 0);
    }
    const ends = (line: string) => ({ jsonrpc: '2.0', id: 'at the start', method: 'tools/call', x: line });
    const after = server.lines.length;
    server.send(`${JSON.stringify(ends('x'.repeat(11 * mib)))}\n`);
    expect(await nextLine(server, after)).toMatchObject({ id: 'at the start', error: { code: -32600 } });
    server.send(`{"method":"${'x'.repeat(11 * mib)}\n`);
    expect(succeeded(await server.call('version'))).toBe(true);
    expect(server.stderr).toMatch(/longer than 10 MiB and was not read\. Nothing was done/);
    expect((await server.memory()).rss).toBeLessThan(250);
    task.meta.cases = sizes.length + 2;
  });

  test('lines split at every byte, with CRLF, a byte order mark or empty lines between them: read correctly', async ({
    task,
  }) => {
    const server = await RawServer.start('--collection', newCollection());
    await server.call('version');
    let cases = 0;
    for (const ending of ['\n', '\r\n', '\r\n\n  \n\t\n']) {
      const made = `{"jsonrpc":"2.0","id":"d${cases}","method":"tools/call","params":{"name":"createDeck","arguments":{"deck":"日本 é 😀"}}}`;
      const bytes = Buffer.from(`${ending === '\n' ? '' : '\ufeff'}${made}${ending}`);
      for (let at = 1; at < bytes.length; at++) {
        const after = server.lines.length;
        server.send(bytes.subarray(0, at));
        await sleep(1);
        server.send(bytes.subarray(at));
        expect((await nextLine(server, after)).result?.isError, `${at}`).toBeUndefined();
        cases++;
      }
    }
    const decks = await server.call('deckNames');
    expect(decks.result?.structuredContent?.result).toEqual(['Default', '日本 é 😀']);
    expect(server.stderr).toBe('');
    task.meta.cases = cases;
  });

  test('invalid messages, ids, versions and methods, deep JSON, keys of prototypes: an error message', async ({
    task,
  }) => {
    const server = await RawServer.start('--collection', newCollection());
    const answered: [line: string, reply: object][] = [
      ['{"jsonrpc":"1.0","id":71,"method":"tools/list"}', { id: 71, error: refused }],
      ['{"jsonrpc": "3.0", "id": "71", "method": "tools/list"}', { id: '71', error: refused }],
      ['{"id":72,"method":"tools/list"}', { id: 72, error: refused }],
      ['{"method":"tools/list","id":73}', { id: 73, error: refused }],
      ['{"jsonrpc":"2.0","id":74,"method":5}', { id: 74, error: refused }],
      ['{"jsonrpc":"2.0","id":75,"method":"ping","params":[]}', { id: 75, error: refused }],
      ['{"jsonrpc":"2.0","id":76,"method":"ping"', { id: 76, error: refused }],
      ['\0{"jsonrpc":"2.0","method":"ping","id":77}', { id: 77, error: refused }],
      ['{"jsonrpc":"2.0","id":78,"method":"ping"}', { id: 78, result: {} }],
      ['{"jsonrpc":"2.0","id":0,"method":"ping"}', { id: 0, result: {} }],
      ['{"jsonrpc":"2.0","id":-1,"method":"ping"}', { id: -1, result: {} }],
      ['{"jsonrpc":"2.0","id":"","method":"ping"}', { id: '', result: {} }],
      ['{"jsonrpc":"2.0","id":9007199254740991,"method":"ping"}', { id: 2 ** 53 - 1, result: {} }],
      [
        `{"jsonrpc":"2.0","id":"${'9'.repeat(100_000)}","method":"ping"}`,
        { id: '9'.repeat(100_000), result: {} },
      ],
      ['{"jsonrpc":"2.0","id":"\\u0000\\ud800","method":"ping"}', { id: '\0\ud800', result: {} }],
      ['{"jsonrpc":"2.0","id":81,"method":"nope"}', { id: 81, error: { code: -32601 } }],
      ['{"jsonrpc":"2.0","id":82,"method":"constructor"}', { id: 82, error: { code: -32601 } }],
      ['{"jsonrpc":"2.0","id":83,"method":"__proto__"}', { id: 83, error: { code: -32601 } }],
      [call(84, { name: '__proto__' }), { id: 84, result: { isError: true } }],
      [call(85, { name: 'toString', arguments: {} }), { id: 85, result: { isError: true } }],
      [
        call(86, { name: 'multi', arguments: { actions: [{ action: 'constructor' }] } }),
        { id: 86, result: { isError: true } },
      ],
      [
        `{"jsonrpc":"2.0","id":87,"method":"tools/call","params":{"name":"findNotes","arguments":{"__proto__":{"query":""}}}}`,
        { id: 87 },
      ],
      [
        `{"jsonrpc":"2.0","id":88,"method":"tools/call","params":{"name":"addNote","arguments":{"note":{"deckName":"Default","modelName":"Basic","fields":{"Front":"p","__proto__":"polluted","constructor":"x"}}}}}`,
        { id: 88, result: { structuredContent: {} } },
      ],
      [
        '{"jsonrpc":"2.0","id":89,"method":"resources/read","params":{"uri":"anki://deck/__proto__"}}',
        { id: 89, error: { code: -32602 } },
      ],
      [
        '{"jsonrpc":"2.0","id":90,"method":"prompts/get","params":{"name":"toString"}}',
        { id: 90, error: { code: -32602 } },
      ],
      ...[
        ['findNotes', deep('{"a":', 50_000)],
        ['multi', `{"actions":${deep('[', 50_000)}}`],
        ['multi', deep('{"actions":[{"action":"multi","params":', 3000)],
        ['saveDeckConfig', `{"config":${deep('{"a":', 50_000)}}`],
        ['addNote', `{"note":{"fields":${deep('{"a":', 50_000)}}}`],
      ].map(([name, args]): [string, object] => [
        `{"jsonrpc":"2.0","id":91,"method":"tools/call","params":{"name":"${name}","arguments":${args}}}`,
        {
          result: {
            isError: true,
            content: [{ text: expect.stringMatching(/nested too deeply\. Nothing was sent/) }],
          },
        },
      ]),
    ];
    for (const [line, reply] of answered) {
      const after = server.lines.length;
      server.send(`${line}\n`);
      expect(await nextLine(server, after), line.slice(0, 200)).toMatchObject(reply);
      expect(succeeded(await server.call('version'))).toBe(true);
    }
    const latin = Buffer.from(call(95, { name: 'createDeck', arguments: { deck: 'caf\xe9' } }), 'latin1');
    const after = server.lines.length;
    server.send(Buffer.concat([latin, Buffer.from('\n')]));
    expect(await nextLine(server, after)).toMatchObject({
      id: 95,
      error: { message: 'This message is not UTF-8, which MCP requires. Nothing was done.' },
    });
    expect((await server.call('deckNames')).result?.structuredContent?.result).toEqual(['Default']);

    const unanswered = [
      'this is no JSON',
      '{}',
      'null',
      '5',
      '"x"',
      '[]',
      '\0',
      '{"jsonrpc":"2.0"}',
      '[{"jsonrpc":"2.0","id":1,"method":"ping"}]',
      '{"jsonrpc":"2.0","id":null,"method":"ping"}',
      '{"jsonrpc":"2.0","id":1.5,"method":"ping"}',
      '{"jsonrpc":"2.0","id":1e400,"method":"ping"}',
      '{"jsonrpc":"2.0","id":9007199254740993,"method":"ping"}',
      '{"jsonrpc":"2.0","id":{},"method":"ping"}',
      '{"jsonrpc":"1.0","id":1,"result":{}}',
      '\x80\x81\xfe\xff',
    ];
    for (const line of unanswered) {
      const [logged, received] = [server.stderr.length, server.lines.length];
      server.send(Buffer.from(`${line}\n`, 'latin1'));
      expect(succeeded(await server.call('version')), line).toBe(true);
      expect(server.lines.length, line).toBe(received + 1);
      await vi.waitFor(() => expect(server.stderr.slice(logged), line).toMatch(/Nothing was done/), {
        timeout: 10_000,
      });
    }
    task.meta.cases = answered.length + 1 + unanswered.length;
  });

  test('a client that sends and does not read: memory use is limited, and later it receives every reply', async ({
    task,
  }) => {
    const server = await RawServer.start('--url', nowhere);
    await server.call('version');
    server.lines.length = 0;
    server.child.stdout.pause();
    const count = 6_000;
    for (let id = 1; id <= count; id++) {
      const list = id % 4 === 0;
      server.send({
        id: 1_000_000 + id,
        method: list ? 'tools/list' : 'tools/call',
        params: list ? {} : { name: 'version', arguments: {} },
      });
    }
    let most = 0;
    for (let looks = 0; looks < 40; looks++) {
      await sleep(50);
      most = Math.max(most, residentMb(server.pid));
    }
    expect(most).toBeLessThan(200);
    const ids: (string | undefined)[] = [];
    server.child.stdout.resume();
    await vi.waitFor(
      () => {
        for (const line of server.lines.splice(0))
          ids.push(/^\{"jsonrpc":"2.0","id":(1\d{6}),/.exec(line)?.[1]);
        expect(ids.length).toBe(count);
      },
      { timeout: 120_000, interval: 50 },
    );
    expect(new Set(ids).size).toBe(count);
    expect((await server.memory()).rss).toBeLessThan(300);
    expect(succeeded(await server.request('tools/list'))).toBe(true);
    task.meta.cases = count;
  });

  test('a client that sends, does not read, and disconnects: the process ends', async ({ task }) => {
    const times = 4;
    for (let round = 0; round < times; round++) {
      const server = await RawServer.start('--collection', newCollection());
      await server.call('version');
      const [host = 0] = server.children;
      server.child.stdout.pause();
      for (let id = 0; id < 3000; id++) server.send({ id: 1_000_000 + id, method: 'tools/list' });
      await sleep(100 * round);
      if (round % 2) server.child.stdin.destroy();
      server.child.stdout.destroy();
      if (round % 2 === 0) server.child.stdin.destroy();
      expect(await server.exit).toBe(0);
      await vi.waitFor(() => expect(isRunning(host)).toBe(false), { timeout: 10_000 });
    }
    task.meta.cases = times;
  });

  test('stdin is closed during 100 writes: completed writes get a reply, and the next server can open the collection at once', async ({
    task,
  }) => {
    const collection = newCollection();
    const moments = [0, 0, 1, 2, 5, 10, 20, 40, 80, 150, 250];
    const writer = new Writer();
    for (const [round, moment] of moments.entries()) {
      const server = await RawServer.start('--collection', collection);
      if (round % 2) expect(succeeded(await server.call('version'))).toBe(true);
      for (let at = 0; at < 100; at++) void writer.write(server, `r${round}n${at}`);
      await sleep(moment);
      const closed = performance.now();
      server.child.stdin.end();
      expect(await server.exit).toBe(0);
      expect(performance.now() - closed).toBeLessThan(5000);
      if (server.child.stdout.readable) await once(server.child.stdout, 'close');
    }
    await writer.expectWhole(collection);
    expect([...writer.acknowledged.values()].filter(Boolean).length).toBeGreaterThan(moments.length);
    task.meta.cases = moments.length;
  });

  test('the server is killed (SIGKILL) during 100 writes: its engine ends too, and acknowledged writes are stored once', async ({
    task,
  }) => {
    const collection = newCollection();
    const random = seededRandom(9);
    const rounds = 12;
    const writer = new Writer();
    for (let round = 0; round < rounds; round++) {
      const server = await RawServer.start('--collection', collection);
      expect(succeeded(await server.call('version'))).toBe(true);
      const [host = 0] = server.children;
      let left = random(60);
      const write = async (front: string): Promise<void> => {
        await writer.write(server, front);
        if (left-- === 0) server.child.kill('SIGKILL');
      };
      for (let at = 0; at < 100; at++) void write(`r${round}n${at}`);
      await server.exit;
      await vi.waitFor(() => expect(isRunning(host)).toBe(false), { timeout: 10_000 });
    }
    await writer.expectWhole(collection);
    task.meta.cases = rounds;
  });

  test('two servers on one collection: each reports the other, and both can use it in turn; no write is lost or repeated', async ({
    task,
  }) => {
    const collection = newCollection();
    const start = () => RawServer.start('--collection', collection, '--idle', '0.1');
    const servers = await Promise.all([start(), start()]);
    const fronts: string[] = [];
    let refusals = 0;
    const write = async (server: RawServer, front: string): Promise<void> => {
      fronts.push(front);
      for (;;) {
        const reply = await server.call('addNote', note(front));
        if (succeeded(reply)) return;
        expect(textOf(reply)).toMatch(/is open in another program/);
        refusals++;
        await sleep(20);
      }
    };
    await Promise.all(
      servers.map(async (server, who) => {
        for (let at = 0; at < 40; at++) {
          await write(server, `s${who}n${at}`);
          if (at % 4 === 3) await sleep(150 + 60 * who); // long enough for the collection to be closed
        }
      }),
    );
    expect(refusals).toBeGreaterThan(0);
    const [one, two] = servers;
    await write(one, 'held');
    one.child.kill('SIGKILL');
    await write(two, 'after');
    two.child.stdin.end();
    await two.exit;
    for (const [front, times] of await timesOf(collection, fronts)) expect(times, front).toBe(1);
    task.meta.cases = fronts.length;
  });
});
