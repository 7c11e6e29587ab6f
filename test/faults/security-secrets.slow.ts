import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pythonJson } from '../../src/anki-connect/python-json.ts';
import { parseJson } from '../../src/lib/json.ts';
import { repr } from '../../src/anki-connect/python.ts';
import {
  answersHalf,
  answersText,
  answersWith,
  fakeAnki,
  hangs,
  resetsAfterReading,
  type Behaviour,
} from '../support/fake-anki.ts';
import { hostileSync, type SyncReply } from '../support/hostile-sync.ts';
import { startProgram } from '../support/recorded-program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Contains characters that JSON, Python and URLs escape differently. */
const key = 'k"9\\é\u4e2d&+7f1c';
const keyWritten = [
  key,
  ...[JSON.stringify(key), pythonJson(key), repr(key)].map((text) => text.slice(1, -1)),
  encodeURIComponent(key),
];

const holding = (text: string, secrets: readonly string[]): string[] =>
  secrets.filter((secret) => text.includes(secret));

const failing = (print: (request: string) => string): Behaviour =>
  answersWith((body) => JSON.stringify({ result: null, error: print(body) }));

const raw =
  (print: (body: string) => string): Behaviour =>
  async (socket, request) => {
    const { body } = await request();
    socket.end(print(body));
  };

interface Request {
  readonly action: string;
  readonly params?: { readonly actions?: readonly Request[] };
}

const batchOf = ({ action, params }: Request, error: string): object =>
  action === 'multi'
    ? { result: params?.actions?.map((child) => batchOf(child, error)) ?? null, error: null }
    : { result: null, error };

const elsewhere = `http://127.0.0.2:9/?key=${encodeURIComponent(key)}`;

/** Programs on Anki's port that repeat the key. */
const desktops: readonly (readonly [what: string, behave: Behaviour])[] = [
  ['sends the request back', answersWith((body) => body)],
  ['quotes the request as the error', failing((body) => body)],
  ['quotes it in ASCII', failing((body) => pythonJson(parseJson(body)))],
  ['quotes it as Python prints it', failing((body) => repr(parseJson(body)))],
  ['quotes it twice', failing((body) => `${body} ${body}`)],
  ['names the key in the error', failing(() => `the key ${key}, or "${key}", is wrong`)],
  ['names it in an address', failing(() => `see ${elsewhere}`)],
  ['has only the key as the error', failing(() => key)],
  ['has an error that is no text', answersWith((body) => `{"result": null, "error": ${body}}`)],
  [
    'quotes it in each answer of a batch',
    answersWith((body) => JSON.stringify(batchOf(JSON.parse(body), body))),
  ],
  ['sends a web page', answersWith((body) => `<!doctype html><title>${body}</title>`)],
  ['sends no JSON', answersWith((body) => `Error: ${body}`)],
  ['refuses by status', answersWith((body) => body, `401 ${encodeURIComponent(key)}`)],
  ['breaks down', answersWith((body) => body, '500 Internal Server Error')],
  ['redirects', raw(() => `HTTP/1.1 302 Found\r\nLocation: ${elsewhere}\r\nContent-Length: 0\r\n\r\n`)],
  [
    'redirects for good',
    raw(() => `HTTP/1.1 308 ${elsewhere}\r\nLocation: ${elsewhere}\r\nContent-Length: 0\r\n\r\n`),
  ],
  [
    'echoes in headers',
    raw((body) => `HTTP/1.1 200 OK\r\nX-Echo: ${encodeURIComponent(body)}\r\nContent-Length: 2\r\n\r\n{}`),
  ],
  ['speaks no HTTP', raw((body) => body)],
  ['breaks HTTP', raw((body) => `HTTP/1.1 200 OK\r\n${body}\r\n\r\n`)],
  ['ends in the middle', answersHalf('')],
  ['resets', resetsAfterReading],
  ['is silent', hangs],
  ['replies only the key', answersText(key)],
];

const note = { deckName: 'Default', modelName: 'Basic', fields: { Front: 'a', Back: 'b' } };

describe('Security', () => {
  test('a program repeats the API key in errors, pages, statuses, headers and redirects: it is in no output', async ({
    task,
  }) => {
    let behave: Behaviour = hangs;
    const anki = await fakeAnki((socket, request) => behave(socket, request));
    const server = startProgram(['--url', anki.url, '--timeout', '1'], { ANKI_CONNECT_API_KEY: key });
    await server.initialize();
    let cases = 0;
    for (const [what, behaviour] of desktops) {
      behave = behaviour;
      const actions = [
        { action: 'deckNames' },
        { action: 'multi', params: { actions: [{ action: 'version' }] } },
      ];
      const asked = [
        server.call('deckNames'),
        server.call('addNote', { note }),
        server.call('multi', { actions }),
        server.call('searchNotes', { query: 'a' }),
        server.call('saveNotes', { notes: [note] }),
        server.request('resources/read', { uri: 'anki://overview' }),
        server.request('completion/complete', {
          ref: { type: 'ref/resource', uri: 'anki://deck/{name}' },
          argument: { name: 'name', value: 'a' },
        }),
      ];
      for (const reply of await Promise.all(asked)) {
        expect(reply, what).toBeDefined();
        expect(holding(JSON.stringify(reply), keyWritten), what).toEqual([]);
        cases++;
      }
    }
    await server.end();
    expect(holding(server.output.stdout + server.output.stderr, keyWritten)).toEqual([]);
    expect(anki.requests.some(({ body }) => body.includes(JSON.stringify(key)))).toBe(true);
    await anki.close();
    task.meta.cases = cases;
  });

  test.each<[string, readonly string[]]>([
    ['an unknown option', ['--api-key', key, '--colection', 'x']],
    ['an invalid value', ['--api-key', key, '--timeout', 'soon']],
    ['an invalid URL', ['--api-key', key, '--url', `ftp://${encodeURIComponent(key)}@x`]],
    ['an unknown tool', ['--api-key', key, '--tools', 'addNot']],
    ['serve without a collection', ['serve', '--api-key', key]],
    ['a port that is not a number', ['serve', '--collection', 'x', '--api-key', key, '--port', 'x']],
    ['help', ['--api-key', key, '--help']],
    ['the doctor', ['doctor', '--api-key', key, '--url', 'http://127.0.0.1:9']],
    ['the doctor, as JSON', ['doctor', '--json', '--api-key', key, '--url', 'http://127.0.0.1:9']],
  ])('a command line with the API key is refused or printed: %s', async (_, args) => {
    const program = startProgram(args);
    await program.exit;
    expect(program.output.stdout + program.output.stderr).not.toBe('');
    expect(holding(program.output.stdout + program.output.stderr, [key])).toEqual([]);
  });

  test('a program repeats the API key to the doctor: it is in no output', async ({ task }) => {
    let behave: Behaviour = hangs;
    const anki = await fakeAnki((socket, request) => behave(socket, request));
    const some = desktops.filter(([what]) => !/silent|resets|middle/.test(what));
    for (const [what, behaviour] of some) {
      behave = behaviour;
      const doctor = startProgram(['doctor', '--url', anki.url], { ANKI_CONNECT_API_KEY: key });
      await doctor.exit;
      expect(holding(doctor.output.stdout + doctor.output.stderr, keyWritten), what).toEqual([]);
    }
    await anki.close();
    task.meta.cases = some.length;
  });

  const password = 'correct-horse-5b7a';
  const token = 'hkey-77c1f0';
  const loggedIn = { status: 200, body: JSON.stringify({ key: token }) };
  const meta = {
    mod: 1,
    scm: 1,
    usn: 0,
    ts: 0,
    musn: 0,
    media_usn: 0,
    msg: '',
    cont: true,
    hostNum: 0,
    empty: false,
  };
  const echoed = {
    'x-echo': `${password} ${token}`,
    location: `http://127.0.0.1:9/?p=${password}&k=${token}`,
  };
  const statuses = [204, 302, 307, 308, 400, 401, 403, 404, 409, 429, 500, 501, 503];

  /** Sync servers that repeat the password and the token, at login or later. */
  const servers: readonly (readonly [what: string, reply: (method: string) => SyncReply])[] = [
    ...statuses.flatMap((status): (readonly [string, (method: string) => SyncReply])[] => {
      const refused = { status, headers: echoed, body: status === 204 ? '' : `${password} ${token}` };
      return [
        [`login: ${status}`, () => refused],
        [`sync: ${status}`, (method) => (method === 'hostKey' ? loggedIn : refused)],
      ];
    }),
    ['login: another kind of key', () => ({ status: 200, body: `{"key": ["${password}"]}` })],
    ['login: a page', () => ({ status: 200, body: `<html>${password}` })],
    ...[
      { ...meta, mod: token },
      { ...meta, hostNum: `${token} ${password}` },
      { ...meta, cont: false, msg: `stopped: ${password} ${token}` },
      { ...meta, ts: Math.floor(Date.now() / 1000), msg: `${password}\nankiwright: ${token}\u001b[2J` },
      { ...meta, ts: Math.floor(Date.now() / 1000), scm: 2, msg: `full: ${token}` },
      [token],
    ].map((body, index): readonly [string, (method: string) => SyncReply] => [
      `sync: answer ${index}`,
      (method) => (method === 'hostKey' ? loggedIn : { status: 200, body: JSON.stringify(body) }),
    ]),
  ];

  test('a sync server repeats the password and the token in errors, redirects and messages: they are in no output', async ({
    task,
  }) => {
    const folder = temporaryFolder();
    const [passwordFile, tokenFile] = [join(folder, 'password'), join(folder, 'token.json')];
    writeFileSync(passwordFile, `${password}\n`);
    let reply: (method: string) => SyncReply = () => loggedIn;
    const sync = await hostileSync((method) => reply(method));
    const server = startProgram([
      '--collection',
      join(folder, 'collection.anki2'),
      '--sync-url',
      sync.url,
      '--sync-user',
      'somebody',
      '--sync-password-file',
      passwordFile,
      '--sync-token-file',
      tokenFile,
    ]);
    await server.initialize();
    for (const [what, replies] of servers) {
      reply = replies;
      const answer = JSON.stringify(await server.call('sync'));
      expect(answer, what).toContain('"result"');
      expect(holding(answer, [password, token]), what).toEqual([]);
    }
    await server.end();
    expect(holding(server.output.stdout + server.output.stderr, [password, token])).toEqual([]);
    const lines = server.output.stderr.split('\n').filter((line) => line !== '');
    expect(lines.filter((line) => !line.startsWith('ankiwright: '))).toEqual([]);
    expect(server.output.stderr).not.toMatch(/\u001b|^ankiwright: \*\*\*$/m);
    expect(statSync(tokenFile).mode & 0o077).toBe(0);
    sync.close();
    task.meta.cases = servers.length;
  });
});
