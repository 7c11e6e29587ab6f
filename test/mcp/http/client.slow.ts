import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { CallToolResultSchema, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Connection } from '../../../src/mcp/json-rpc/connection.ts';
import { Safeguard } from '../../../src/tools/safeguards/safeguard.ts';
import { temporaryEngine } from '../../support/collection.ts';
import {
  ask,
  openSession,
  clientOf,
  initialize,
  pendingEntries,
  mcpHttp,
  message,
  notification,
  rawSocket,
  sessionsOn,
  token,
  validHeaders,
  pausedBackend,
  type McpHttp,
} from '../../support/mcp-http.ts';

let temporary: ReturnType<typeof temporaryEngine>;
const closing: (() => Promise<void>)[] = [];
beforeEach(() => {
  temporary = temporaryEngine();
});
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
  await temporary.close();
});

const serve = async (sessionServer = sessionsOn(temporary.engine)): Promise<McpHttp> => {
  const listener = await mcpHttp({ sessionServer });
  closing.push(listener.close);
  return listener;
};
const connect = async (url: string, client?: Client) => {
  const connected = await clientOf(url, client);
  closing.push(connected.end);
  return connected.client;
};
const resultOf = (reply: unknown): unknown => CallToolResultSchema.parse(reply).structuredContent?.['result'];
const clientWithElicitation = () =>
  new Client({ name: 'test', version: '1' }, { capabilities: { elicitation: {} } });
const guarded = () =>
  sessionsOn(temporary.engine, { safeguard: new Safeguard({ confirm: 'auto', backup: 'never' }) });
const deleteDecks = { name: 'deleteDecks', arguments: { decks: ['Spanish'], cardsToo: true } };

test('the SDK’s client lists tools, resources and prompts, and calls tools', async () => {
  const { url } = await serve();
  const client = await connect(url);
  expect(client.getServerVersion()?.name).toBe('ankiwright');
  expect((await client.listTools()).tools.length).toBeGreaterThan(100);
  expect((await client.listPrompts()).prompts.length).toBeGreaterThan(0);
  expect((await client.readResource({ uri: 'anki://overview' })).contents).toHaveLength(1);
  await client.callTool({ name: 'createDeck', arguments: { deck: 'Español' } });
  expect(resultOf(await client.callTool({ name: 'deckNames' }))).toEqual(['Default', 'Español']);
});

test('two clients share one collection, each in its own session', async () => {
  const { url } = await serve();
  const [first, second] = [await connect(url), await connect(url)];
  await first.callTool({ name: 'createDeck', arguments: { deck: 'Spanish' } });
  expect(resultOf(await second.callTool({ name: 'deckNames' }))).toEqual(['Default', 'Spanish']);
});

test('sends progress, and asks the user before a destructive call', async () => {
  await temporary.engine.call('createDeck', { deck: 'Spanish' });
  const { url } = await serve(guarded());
  const questions: string[] = [];
  const progress: (string | undefined)[] = [];
  const answers = ['decline', 'accept'] as const;
  const client = await connect(url, clientWithElicitation());
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
    questions.push(params.message);
    return { action: answers[questions.length - 1] ?? 'cancel' };
  });
  const onprogress = ({ message }: { message?: string | undefined }) => void progress.push(message);
  const refused = CallToolResultSchema.parse(await client.callTool(deleteDecks, undefined, { onprogress }));
  expect(refused.isError).toBe(true);
  expect(resultOf(await client.callTool({ name: 'deckNames' }))).toContain('Spanish');
  await client.callTool(deleteDecks, undefined, { onprogress });
  expect(resultOf(await client.callTool({ name: 'deckNames' }))).toEqual(['Default']);
  expect(questions).toEqual([expect.stringContaining('Spanish'), expect.stringContaining('Spanish')]);
  expect(progress).toEqual(['waiting for confirmation by the user', 'waiting for confirmation by the user']);
});

test('a cancelled call ends its stream at once and leaves no pending entry', async () => {
  const paused = pausedBackend(temporary.engine);
  const servers: Connection[] = [];
  const { url, port } = await serve((session) => {
    const server = sessionsOn(paused.backend)(session);
    servers.push(server);
    return server;
  });
  const session = { 'Mcp-Session-Id': await openSession(port) };
  const post = (body: string) => ask(port, { headers: session, body });
  for (let requestId = 1; requestId <= 20; requestId++) {
    const body = message('tools/call', { name: 'deckNames', arguments: {} }, requestId);
    const call = await fetch(url, { method: 'POST', headers: { ...validHeaders, ...session }, body });
    expect((await post(notification('notifications/cancelled', { requestId }))).status).toBe(202);
    expect([call.status, await call.text()]).toEqual([200, '']);
  }
  expect(paused.signals).toHaveLength(4);
  expect(paused.signals.every((signal) => signal?.aborted)).toBe(true);
  expect(pendingEntries(servers[0])).toBe(0);
  paused.release();
  // Cancelling a call that has ended or never existed leaves no pending entry either.
  expect((await post(notification('notifications/cancelled', { requestId: 1 }))).status).toBe(202);
  expect((await post(notification('notifications/cancelled', { requestId: 99 }))).status).toBe(202);
  expect((await post(message('tools/call', { name: 'deckNames', arguments: {} }, 30))).text).toContain(
    'Default',
  );
  expect(pendingEntries(servers[0])).toBe(0);
});

test('the SDK’s client can cancel', async () => {
  const paused = pausedBackend(temporary.engine);
  const { url } = await serve(sessionsOn(paused.backend));
  const client = await connect(url);
  const stop = new AbortController();
  const call = client.callTool({ name: 'deckNames' }, undefined, { signal: stop.signal });
  await expect.poll(() => paused.signals.length).toBe(1);
  stop.abort('stopped');
  await expect(call).rejects.toThrow('stopped');
  await expect.poll(() => paused.signals[0]?.aborted).toBe(true);
  paused.release();
  expect(resultOf(await client.callTool({ name: 'deckNames' }))).toEqual(['Default']);
});

/** Starts a call that asks the user. The client has no other stream than the one of this call. */
async function startConfirmedCall(port: number) {
  const session = { 'Mcp-Session-Id': await openSession(port) };
  const body = message('tools/call', deleteDecks);
  const headers = Object.entries({
    ...validHeaders,
    ...session,
    Connection: 'close',
    'Content-Length': body.length,
  });
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const { received, closed } = rawSocket(port, `POST /mcp HTTP/1.1\r\n${lines}\r\n${body}`);
  await expect.poll(() => received.text, { timeout: 10_000 }).toContain('elicitation/create');
  const question = JSON.parse(/^data: (.*elicitation.*)$/m.exec(received.text)?.[1] ?? '{}');
  const post = async (text: string) => (await ask(port, { headers: session, body: text })).status;
  return { question, closed, post };
}

test('sends a question on the stream of its call', async () => {
  await temporary.engine.call('createDeck', { deck: 'Spanish' });
  const { port } = await serve(guarded());
  const { question, closed, post } = await startConfirmedCall(port);
  const result = { action: 'accept', content: {} };
  expect(await post(JSON.stringify({ jsonrpc: '2.0', id: question.id, result }))).toBe(202);
  expect(await closed).toContain('"id":1');
  expect(await temporary.engine.call('deckNames', {})).toEqual(['Default']);
});

test('cancels a question when its call is cancelled', async () => {
  await temporary.engine.call('createDeck', { deck: 'Spanish' });
  const { port } = await serve(guarded());
  const { question, closed, post } = await startConfirmedCall(port);
  expect(await post(notification('notifications/cancelled', { requestId: 1 }))).toBe(202);
  const text = await closed;
  expect(text).toMatch(new RegExp(`"method":"notifications/cancelled".*"requestId":${question.id}`));
  expect(text).not.toContain('"id":1');
  expect(await temporary.engine.call('deckNames', {})).toContain('Spanish');
});

test('a session with 300 calls does not block another', async () => {
  const { url } = await serve();
  const [busy, other] = [await connect(url), await connect(url)];
  await other.callTool({ name: 'deckNames' }); // opens the collection
  const order: string[] = [];
  const flood = Array.from({ length: 300 }, (_, index) =>
    busy
      .callTool({ name: 'createDeck', arguments: { deck: `D${index}` } })
      .then((reply) => order.push(reply.isError ? 'error' : 'busy')),
  );
  await Promise.race(flood);
  await other.callTool({ name: 'deckNames' }).then(() => order.push('other'));
  await Promise.all(flood);
  expect(order.filter((client) => client === 'busy')).toHaveLength(300);
  expect(order.indexOf('other')).toBeLessThan(100);
  expect(await temporary.engine.call('deckNames', {})).toHaveLength(301);
});

test('rejects each call that does not fit into the queue of the session', async () => {
  const paused = pausedBackend(temporary.engine);
  const listener = await mcpHttp({
    sessionServer: sessionsOn(paused.backend),
    limits: { maxRunning: 2, maxWaiting: 3 },
  });
  closing.push(listener.close);
  const client = await connect(listener.url);
  const calls = Array.from({ length: 7 }, () => client.callTool({ name: 'deckNames' }));
  const rejected = await Promise.race(calls);
  expect(JSON.stringify(rejected)).toContain('Nothing was done: 3 calls of this session are already waiting');
  expect(paused.signals).toHaveLength(2);
  paused.release();
  const replies = await Promise.all(calls);
  expect(replies.filter(({ isError }) => isError === true)).toHaveLength(2);
});

test('answers 1,000 calls of one session', async () => {
  const { url } = await serve();
  const client = await connect(url);
  const replies = await Promise.all(
    Array.from({ length: 1000 }, () => client.callTool({ name: 'deckNames' })),
  );
  expect(replies.filter((reply) => Array.isArray(resultOf(reply)))).toHaveLength(1000);
});

test('no response and no log line contains the token', async () => {
  const listener = await serve(guarded());
  const client = await connect(listener.url);
  const outputs: unknown[] = [await client.listTools(), await client.callTool({ name: 'overview' })];
  outputs.push(await client.callTool({ name: 'nothing' }).catch(String));
  const requests = [
    { headers: { Authorization: undefined } },
    { headers: { Authorization: `Bearer ${token}x` } },
    { headers: { Authorization: `Basic ${token}` } },
    { headers: { 'Mcp-Session-Id': token }, body: message('ping') },
    { headers: { 'Content-Type': 'text/plain' }, body: token },
    { path: `/${token}` },
    { body: token },
    { body: message(token) },
    { body: initialize },
  ];
  for (const request of requests) {
    const { text, headers } = await ask(listener.port, request);
    outputs.push(text, headers);
  }
  outputs.push(listener.lines);
  expect(listener.lines).toHaveLength(1);
  expect(JSON.stringify(outputs)).not.toContain(token);
});
