import { createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { StartedServer } from '../support/started-server.ts';
import { seededRandom } from '../support/random.ts';
import * as fake from '../support/fake-anki.ts';
import type { Behaviour } from '../support/fake-anki.ts';
import * as faults from '../support/anki-faults.ts';

type Anki = Awaited<ReturnType<typeof faults.changeableAnki>>;

/** Message about a write that may have been carried out. */
const mayBeDone =
  /addNote may or may not have been carried out. Check with findNotes, notesInfo or cardsInfo/;
const breaksOff = /^Anki \(http:\S+\) closed the connection without answering/;
/** If the connection breaks at once, it may never have been established; then nothing was sent. */
const noConnection = /^Anki cannot be reached at http:\S+ \(ECONNRESET\)/;
const breaksAtOnce = new RegExp(`${breaksOff.source}|${noConnection.source}`);
const otherProgram = /uses this port, and no other program/;

const note = (front: string, back = '') => ({
  note: { deckName: 'Default', modelName: 'Basic', fields: { Front: front, Back: back } },
});

async function start(...args: string[]): Promise<{ anki: Anki; server: StartedServer }> {
  const anki = await faults.changeableAnki();
  return { anki, server: await StartedServer.start('--url', anki.url, ...args) };
}

interface Case {
  readonly name: string;
  readonly behave: Behaviour;
  readonly message: RegExp;
  /** False if a write was certainly not carried out. Default true. */
  readonly unsure?: boolean;
}

/** Calls a write and a read during each fault, and a read after it. Returns the number of calls during faults. */
async function tryFaults({ anki, server }: Awaited<ReturnType<typeof start>>, cases: readonly Case[]) {
  for (const { name, behave, message, unsure = true } of cases) {
    anki.behaves(behave);
    const [connections, requests] = [anki.connections, anki.requests.length];
    const write = await server.call('addNote', note('once'));
    expect(write.isError, name).toBe(true);
    expect(write.text, name).toMatch(message);
    expect(mayBeDone.test(write.text), `${name}: ${write.text}`).toBe(
      unsure && !noConnection.test(write.text),
    );
    expect(anki.connections - connections, name).toBe(1);
    expect(anki.requests.length - requests, name).toBeLessThanOrEqual(1);
    const read = await server.call('deckNames');
    expect(read.isError, name).toBe(true);
    expect(read.text, name).toMatch(message);
    expect(read.text, name).toMatch(
      /no other program\.$|Check that Anki runs there\.$|try again\.$|Check the URL\.$|Request less|until the user closes it\./,
    );
    expect(anki.connections - connections, name).toBeLessThanOrEqual(3);
    anki.behaves();
    expect((await server.call('version')).result, name).toBe(6);
  }
  return 2 * cases.length;
}

const envelope = '{"result": ["Default"], "error": null}';

describe('Desktop', () => {
  test('Anki is not running: reported at once, calls are not kept, and calls work after Anki has started', async ({
    task,
  }) => {
    const url = await fake.deadUrl();
    const server = await StartedServer.start('--url', url);
    const calls = Array.from({ length: 20 }, (_, at) =>
      at % 2 ? server.call('deckNames') : server.call('addNote', note(`${at}`)),
    );
    for (const { isError, text } of await Promise.all(calls)) {
      expect(isError).toBe(true);
      expect(text).toMatch(/^Anki is not running, .*Ask the user to start Anki, or to install the add-on/);
    }
    const requests: string[] = [];
    const anki = createServer((socket) => {
      socket.on('data', (data) => requests.push(String(data)));
      socket.once('data', () => socket.end(faults.withLength('{"result": 6, "error": null}')));
    });
    await new Promise<void>((resolve) => anki.listen(Number(new URL(url).port), '127.0.0.1', resolve));
    onTestFinished(() => void anki.close());
    expect((await server.call('version')).result).toBe(6);
    expect(requests.join()).not.toMatch(/addNote|deckNames/);
    task.meta.cases = calls.length;
  });

  test('the connection breaks before, while or after the request is read: a write is sent once and reported as unknown', async ({
    task,
  }) => {
    const quits = [0, 1, 5, 20].flatMap((after) => [
      {
        name: `reset ${after} ms after arrival`,
        behave: fake.late(after, fake.resets),
        message: breaksAtOnce,
      },
      { name: `reset ${after} ms after reading`, behave: slowly(after, fake.resets), message: breaksOff },
      { name: `closed ${after} ms after reading`, behave: slowly(after, closes), message: breaksOff },
      { name: `closed ${after} ms after arrival`, behave: fake.late(after, closes), message: breaksOff },
    ]);
    const halfway = [1, 40, 150].flatMap((bytes) =>
      (['closes', 'resets'] as const).map((how) => ({
        name: `${how} after ${bytes} bytes of the request`,
        behave: faults.quitsWhileReading(bytes, how),
        message: breaksOff,
      })),
    );
    task.meta.cases = await tryFaults(await start(), [...quits, ...halfway]);
  });

  test('a reply truncated at every byte, with a length, without a length or chunked: never accepted as complete', async ({
    task,
  }) => {
    const replies = {
      'with its length': faults.withLength(envelope),
      'without its length': faults.withoutLength(envelope),
      'in chunks': faults.inChunks(envelope),
    };
    const cases = Object.entries(replies).flatMap(([kind, bytes]) =>
      Array.from({ length: bytes.length }, (_, at) => ({
        name: `${at} bytes of an answer ${kind}`,
        behave: faults.sends(bytes.subarray(0, at), at % 2 ? 'closes' : 'resets'),
        message: /^Anki \(http:\S+\) closed the connection|answered with something that is not (JSON|HTTP)/,
      })),
    );
    task.meta.cases = await tryFaults(await start(), cases);
  });

  test('no reply, or a reply that is too slow: the call ends after its timeout', async ({ task }) => {
    const message = /^Anki \(http:\S+\) did not answer \w+ within 0\.2 s\. A dialog may be open in Anki/;
    const slow: [string, Behaviour][] = [
      ['read and never answered', fake.hangs],
      ['never read', () => {}],
      ['half read', (socket) => void socket.once('data', () => socket.pause())],
      ['half answered', says200('{"result": [1')],
      ['a head and no more', says200('')],
      ['half a head', keepsOpen('HTTP/1.1 200 OK\r\nContent-')],
      ['a byte at a time', faults.sendsSlowly(faults.withLength(envelope))],
      ['in chunks, a byte at a time', faults.sendsSlowly(faults.inChunks(envelope))],
      ['continue, and no more', keepsOpen('HTTP/1.1 100 Continue\r\n\r\n')],
      ['a length that is too long', keepsOpen(faults.withLength(envelope, 'X: 1\r\n').subarray(0, -9))],
    ];
    const cases = slow.map(([name, behave]) => ({ name, behave, message }));
    task.meta.cases = await tryFaults(await start('--timeout', '0.2'), cases);
  });

  test('an invalid reply (random bytes, web pages, incomplete or deep JSON, not UTF-8, wrong lengths): reported, and no write is repeated', async ({
    task,
  }) => {
    const random = seededRandom(7);
    const noHttp = /answered with something that is not HTTP/;
    const noJson = /answered with something that is not JSON/;
    const other = /answered with JSON that is not \{result, error\}/;
    const bodies: [string, string | Buffer, RegExp][] = [
      ['nothing', '', noJson],
      ['half JSON', '{"result": [1,', noJson],
      ['JSON and more', `${envelope}x`, noJson],
      ['JSON and NUL', `${envelope}\0`, noJson],
      ['a number without end', `{"result": ${'9'.repeat(100_000)}`, noJson],
      ['the banner of 2023', 'AnkiConnect v.6', noJson],
      ['the banner of today', '{"apiVersion": "AnkiConnect v.6"}', other],
      ['null', 'null', other],
      ['a list', '[1, 2]', other],
      ['no error', '{"result": 6}', other],
      ['an error that is no text', '{"result": null, "error": {"code": 1}}', other],
      ['a prototype', '{"__proto__": {"result": 1, "error": null}}', other],
      ['lists in lists', '['.repeat(100_000) + ']'.repeat(100_000), other],
      ['a deep result', `{"error": null, "result": ${'['.repeat(50_000)}${']'.repeat(50_000)}}`, other],
      ['deep objects', `{"error": null, "result": ${'{"a":'.repeat(9e4)}1${'}'.repeat(9e4)}}`, other],
      ['deep and cut', `{"error": null, "result": ${'[{"a":'.repeat(50_000)}`, noJson],
      ['Latin-1', Buffer.from('{"result": "caf\xe9", "error": null}', 'latin1'), noJson],
      ['UTF-16', Buffer.from(envelope, 'utf16le'), noJson],
      [
        'an incomplete character of UTF-8',
        Buffer.from([...Buffer.from('{"error": null, "result": "'), 0xe7, 0x8c]),
        noJson,
      ],
      ['compressed', Buffer.from([31, 139, 8, 0, 1, 2, 3]), noJson],
      ['a web page', '<!DOCTYPE html><title>Hello</title>', /answered with a web page/],
    ];
    const raw: [string, string | Buffer, RegExp][] = [
      ['a mail server', '220 mail ready\r\n', noHttp],
      ['a negative length', 'HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{}', noHttp],
      ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{}', noHttp],
      ['a huge length', `HTTP/1.1 200 OK\r\nContent-Length: ${'9'.repeat(30)}\r\n\r\n{}`, noHttp],
      [
        'a length too short',
        'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"result": 6, "error": null}',
        /not (JSON|HTTP)/,
      ],
      ['a length too long', 'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"result": 6}', breaksOff],
      ['a bad chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}', noHttp],
      ['headers without end', `HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(20_000)}`, noHttp],
      ['a header without end', `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(100_000)}`, noHttp],
      ['continue, and the end', 'HTTP/1.1 100 Continue\r\n\r\n', breaksOff],
      ['a thousand hints', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(1000), breaksOff],
      ...Array.from({ length: 60 }, (_, at): [string, Buffer, RegExp] => {
        const bytes = Buffer.from(Array.from({ length: 1 + random(3000) }, () => random(256)));
        return [`noise ${at}`, bytes, /answered with something that is not HTTP|closed the connection/];
      }),
    ];
    task.meta.cases = await tryFaults(await start(), [
      ...bodies.map(([name, body, message]) => ({
        name,
        message,
        behave: faults.sends(faults.withLength(body)),
      })),
      ...raw.map(([name, bytes, message]) => ({ name, message, behave: faults.sends(bytes) })),
    ]);
  });

  test('another program on the port (web servers, redirects, TLS, an echo): reported, and no redirect is followed', async ({
    task,
  }) => {
    const elsewhere = await fake.fakeAnki(fake.answers(['redirected']));
    onTestFinished(elsewhere.close);
    const answersStatus = (status: number, more = ''): Case => ({
      name: `status ${status}`,
      behave: faults.sends(`HTTP/1.1 ${status} So\r\n${more}Content-Length: 0\r\n\r\n`),
      message: new RegExp(`answered with HTTP status ${status}\\. .*${otherProgram.source}`),
      unsure: status >= 500,
    });
    const targets = [`${elsewhere.url}/`, '//127.0.0.1:1/', 'file:///etc/passwd', '/again'];
    task.meta.cases = await tryFaults(await start(), [
      { name: 'a web page', behave: faults.webServer(200), message: /answered with a web page/ },
      { name: 'a missing page', behave: faults.webServer(404), message: /HTTP status 404/, unsure: false },
      { name: 'TLS', behave: faults.tlsServer, message: breaksOff },
      { name: 'an echo', behave: faults.echoes, message: /answered with something that is not HTTP/ },
      ...[204, 206, 400, 401, 405, 500, 502, 503].map((status) => answersStatus(status)),
      ...[301, 302, 303, 307, 308].flatMap((status) =>
        targets.map((target) => answersStatus(status, `Location: ${target}\r\n`)),
      ),
      answersStatus(101, 'Connection: Upgrade\r\nUpgrade: websocket\r\n'),
    ]);
    expect(elsewhere.connections).toBe(0);
  });

  test('a reply of 200 MB: not read to its end, and memory use is limited', async ({ task }) => {
    const { anki, server } = await start();
    await server.call('version');
    const message = /is larger than 64 MB and was not read\. Request less at a time\./;
    const head = `HTTP/1.1 200 OK\r\nContent-Length: ${200 * 1024 * 1024}\r\n\r\n{"result": "`;
    const unannounced = 'HTTP/1.1 200 OK\r\n\r\n{"error": null, "result": "';
    task.meta.cases = await tryFaults({ anki, server }, [
      { name: 'announced', behave: faults.sendsMegabytes(200, head), message },
      { name: 'unannounced', behave: faults.sendsMegabytes(200, unannounced), message },
      { name: 'again', behave: faults.sendsMegabytes(200, unannounced), message },
    ]);
    expect(server.peak).toBeLessThan(350);
    // Below that, it is read: and never is more of it handed on than a client takes.
    anki.behaves(faults.sendsMegabytes(60, unannounced));
    const read = await server.call('deckNames');
    expect(read.isError).toBe(true);
    expect(read.text).toMatch(/is 629\d\d KB; the limit is 16 KB/);
    const write = await server.call('addNote', note('once'));
    expect(write.text).toMatch(/addNote may or may not have been carried out/);
    anki.behaves();
    expect((await server.call('version')).result).toBe(6);
  });

  test('replies that contain the API key: it is in no result, error or log', async ({ task }) => {
    const key = 'ö "k3y" of\\Anki/1';
    const { anki, server } = await start('--api-key', key);
    const quoted = JSON.stringify(key).slice(1, -1);
    const refuses = (print: (body: string) => string) =>
      fake.answersWith((body) => JSON.stringify({ result: null, error: print(body) }));
    const echoes: Behaviour[] = [
      faults.echoes,
      fake.answersWith((body) => body),
      fake.answersWith((body) => `${key}${body}`),
      fake.answersWith((body) => `<html>${body}`),
      fake.answersWith((body) => body, `500 ${quoted}`),
      fake.answersWith((body) => body, `403 ${quoted}`),
      refuses((body) => body),
      refuses(() => `no ${key}, no ${quoted}, no ${key}`),
      refuses((body) => `'${body}' is not of type 'object'`),
      fake.answersWith((body) => `{"result": 1, "error": null, "x": ${body}`),
      faults.sends(`${quoted}\r\n`),
      faults.sends(
        `HTTP/1.1 302 Found\r\nLocation: /?key=${encodeURIComponent(key)}\r\nContent-Length: 0\r\n\r\n`,
      ),
      faults.sends(`HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n${quoted}`),
      faults.sends(`HTTP/1.1 200 OK\r\n${quoted}: x\r\n\r\n`),
      faults.sends(faults.withLength('{"result": 6', `X-Key: ${quoted}\r\n`)),
    ];
    const tools: [string, object][] = [
      ['addNote', note('x')],
      ['deckNames', {}],
      ['multi', { actions: [{ action: 'deckNames' }] }],
      ['overview', {}],
      ['searchNotes', { query: 'x' }],
      ['saveNotes', { notes: [{ fields: { Front: 'x' } }], deckName: 'Default', modelName: 'Basic' }],
    ];
    for (const behave of echoes) {
      anki.behaves(behave);
      for (const [name, args] of tools) {
        const answer = await server.call(name, { ...args });
        expect(answer.isError || /unknown|failed/.test(answer.text), answer.text).toBe(true);
      }
      await server.client.readResource({ uri: 'anki://overview' }).catch(() => {});
    }
    expect(anki.requests.at(-1)?.body).toContain(quoted);
    const output = server.output.join('\n');
    expect(output).toContain('***');
    expect(output).not.toMatch(/k3y/);
    task.meta.cases = echoes.length * (tools.length + 1);
  });

  test('Anki quits at a random moment of a write: the write is sent once and reported as unknown', async ({
    task,
  }) => {
    const { anki, server } = await start();
    const random = seededRandom(1);
    const replies = [['Front', 'Back'], 1_700_000_000_000, ['Front', 'Back']].map((result) => ({
      result,
      error: null,
    }));
    const answer = faults.withLength(JSON.stringify({ result: replies, error: null }));
    for (let at = 0; at < 400; at++) {
      const back = 'x'.repeat([1, 1000, 300_000][random(3)] ?? 0);
      const how = random(2) ? 'closes' : 'resets';
      const moments: Behaviour[] = [
        faults.quitsWhileReading(1 + random(back.length), how),
        slowly(random(5), how === 'closes' ? closes : fake.resets),
        faults.sends(answer.subarray(0, random(answer.length)), how),
      ];
      anki.behaves(moments[random(3)]);
      const connections = anki.connections;
      const { isError, text } = await server.call('addNote', note(`front ${at}`, back));
      expect([isError, mayBeDone.test(text)], `${at}: ${text}`).toEqual([true, true]);
      expect(anki.connections - connections, `${at}`).toBe(1);
      anki.behaves(faults.sends(answer));
      expect((await server.call('addNote', note(`then ${at}`))).result).toBe(1_700_000_000_000);
    }
    const fronts = anki.requests.map(({ body }) => /"Front":"(\w+ \d+)"/.exec(body)?.[1]);
    expect(new Set(fronts).size).toBe(fronts.length);
    task.meta.cases = 400;
  });
});

const closes: Behaviour = (socket) => socket.end();

/** Reads the request, waits, then does what `then` does. */
function slowly(milliseconds: number, then: Behaviour): Behaviour {
  return async (socket, request) => {
    await request();
    await fake.late(milliseconds, then)(socket, request);
  };
}

function keepsOpen(bytes: string | Buffer): Behaviour {
  return async (socket, request) => {
    await request();
    socket.write(bytes);
  };
}

function says200(body: string): Behaviour {
  return keepsOpen(`HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n${body}`);
}
