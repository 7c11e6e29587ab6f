import { afterEach, beforeEach, expect, test } from 'vitest';
import { Safeguard } from '../../../src/tools/safeguards/safeguard.ts';
import { temporaryEngine } from '../../support/collection.ts';
import { eventually } from '../../support/eventually.ts';
import {
  ask,
  mcpHttp,
  message,
  openSession,
  rawSocket,
  sessionsOn,
  validHeaders,
  type McpHttp,
} from '../../support/mcp-http.ts';

let temporary: ReturnType<typeof temporaryEngine>;
let listener: McpHttp;
let session: { readonly 'Mcp-Session-Id': string };

beforeEach(async () => {
  temporary = temporaryEngine();
  await temporary.engine.call('createDeck', { deck: 'Spanish' });
  const safeguard = new Safeguard({ confirm: 'auto', backup: 'never' });
  listener = await mcpHttp({
    sessionServer: sessionsOn(temporary.engine, { safeguard }),
    limits: { maxRunning: 2, maxWaiting: 1 },
  });
  session = { 'Mcp-Session-Id': await openSession(listener.port) };
});

afterEach(async () => {
  await listener.close();
  await temporary.close();
});

const post = (body: string) => ask(listener.port, { headers: session, body });

const call = (id: number, name: string, args: object = {}) =>
  post(message('tools/call', { name, arguments: args }, id));

const deckNames = () => temporary.engine.call('deckNames', {});

/** Starts a call on its own connection, and returns when its question has arrived. */
async function asks(id: number) {
  const body = message(
    'tools/call',
    { name: 'deleteDecks', arguments: { decks: ['Spanish'], cardsToo: true } },
    id,
  );
  const headers = { ...validHeaders, ...session, Connection: 'close', 'Content-Length': body.length };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const { socket, received, closed } = rawSocket(
    listener.port,
    `POST /mcp HTTP/1.1\r\n${lines.join('')}\r\n${body}`,
  );
  const question = await eventually((): unknown => {
    const [, data] = /^data: (.*elicitation.*)$/m.exec(received.text) ?? [];
    if (data === undefined) throw new Error(`no question yet: ${received.text}`);
    return JSON.parse(data).id;
  });
  return { question, closed, disconnect: () => socket.destroy() };
}

const answer = (id: unknown, result: unknown) => post(JSON.stringify({ jsonrpc: '2.0', id, result }));

test('calls go on while more questions are open than calls may run', async () => {
  const first = await asks(1);
  for (const id of [2, 3, 4, 5, 6]) await asks(id);
  expect((await call(7, 'deckNames')).text).toContain('Spanish');
  await answer(first.question, { action: 'accept' });
  expect(await first.closed).toContain('"id":1');
  expect(await deckNames()).toEqual(['Default']);
});

test('a client that disconnects ends its question, and nothing is changed', async () => {
  const gone = await asks(1);
  gone.disconnect();
  await gone.closed;
  // The question is open until the server has seen the end of the connection.
  await call(2, 'deckNames');
  await answer(gone.question, { action: 'accept' });
  expect((await call(3, 'deckNames')).text).toContain('Spanish');
  expect(await deckNames()).toContain('Spanish');
});

test('the end of a session ends its questions, and nothing is changed', async () => {
  const { question, closed } = await asks(1);
  expect((await ask(listener.port, { method: 'DELETE', headers: session })).status).toBe(200);
  await closed;
  expect((await answer(question, { action: 'accept' })).status).toBe(404);
  expect(await deckNames()).toContain('Spanish');
});

test.each([
  ['without result', (id: unknown) => ({ jsonrpc: '2.0', id })],
  ['with result null', (id: unknown) => ({ jsonrpc: '2.0', id, result: null })],
  [
    'with result and error',
    (id: unknown) => ({ jsonrpc: '2.0', id, result: { action: 'accept' }, error: { code: 1, message: '' } }),
  ],
  ['without jsonrpc', (id: unknown) => ({ id, result: { action: 'accept' } })],
  ['without action', (id: unknown) => ({ jsonrpc: '2.0', id, result: {} })],
  ['in a batch', (id: unknown) => [{ jsonrpc: '2.0', id, result: { action: 'accept' } }]],
])('an answer %s ends the call at once and changes nothing', async (_, answerTo) => {
  const { question, closed } = await asks(1);
  expect(await post(JSON.stringify(answerTo(question)))).toMatchObject({
    status: 400,
    text: expect.stringContaining('nothing was changed'),
  });
  expect(await closed).toContain('Nothing was changed: the user could not be asked');
  expect(await deckNames()).toContain('Spanish');
});
