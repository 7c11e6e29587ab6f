import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { CallToolResultSchema, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Safeguard } from '../../../src/tools/safeguards/safeguard.ts';
import { temporaryEngine } from '../../support/collection.ts';
import {
  ask,
  beginSession,
  clientOf,
  initialize,
  kept,
  mcpHttp,
  message,
  notification,
  rawSocket,
  sessionsOn,
  token,
  usual,
  waiting,
  type McpHttp,
} from '../../support/mcp-http.ts';

let made: ReturnType<typeof temporaryEngine>;
const closing: (() => Promise<void>)[] = [];
beforeEach(() => {
  made = temporaryEngine();
});
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
  await made.close();
});

const serve = async (sessionServer = sessionsOn(made.engine)): Promise<McpHttp> => {
  const front = await mcpHttp({ sessionServer });
  closing.push(front.close);
  return front;
};
const connect = async (url: string, client?: Client) => {
  const connected = await clientOf(url, client);
  closing.push(connected.end);
  return connected.client;
};
const resultOf = (reply: unknown): unknown => CallToolResultSchema.parse(reply).structuredContent?.['result'];
const asking = () => new Client({ name: 'test', version: '1' }, { capabilities: { elicitation: {} } });
const guarded = () =>
  sessionsOn(made.engine, { safeguard: new Safeguard({ confirm: 'auto', backup: 'never' }) });
const deleteDecks = { name: 'deleteDecks', arguments: { decks: ['Spanish'], cardsToo: true } };

test('the SDK’s client finds tools, resources and prompts, and calls', async () => {
  const { url } = await serve();
  const client = await connect(url);
  expect(client.getServerVersion()?.name).toBe('ankiwright');
  expect((await client.listTools()).tools.length).toBeGreaterThan(100);
  expect((await client.listPrompts()).prompts.length).toBeGreaterThan(0);
  expect((await client.readResource({ uri: 'anki://overview' })).contents).toHaveLength(1);
  await client.callTool({ name: 'createDeck', arguments: { deck: 'Español' } });
  expect(resultOf(await client.callTool({ name: 'deckNames' }))).toEqual(['Default', 'Español']);
});

test('two clients share one collection, each in a session of its own', async () => {
  const { url } = await serve();
  const [one, other] = [await connect(url), await connect(url)];
  await one.callTool({ name: 'createDeck', arguments: { deck: 'Spanish' } });
  expect(resultOf(await other.callTool({ name: 'deckNames' }))).toEqual(['Default', 'Spanish']);
});

test('progress is told, and the user asked before something is lost', async () => {
  await made.engine.call('createDeck', { deck: 'Spanish' });
  const { url } = await serve(guarded());
  const questions: string[] = [];
  const progress: (string | undefined)[] = [];
  const answers = ['decline', 'accept'] as const;
  const client = await connect(url, asking());
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
    questions.push(params.message);
    return { action: answers[questions.length - 1] ?? 'cancel' };
  });
  const onprogress = ({ message: says }: { message?: string | undefined }) => void progress.push(says);
  const refused = CallToolResultSchema.parse(await client.callTool(deleteDecks, undefined, { onprogress }));
  expect(refused.isError).toBe(true);
  expect(resultOf(await client.callTool({ name: 'deckNames' }))).toContain('Spanish');
  await client.callTool(deleteDecks, undefined, { onprogress });
  expect(resultOf(await client.callTool({ name: 'deckNames' }))).toEqual(['Default']);
  expect(questions).toEqual([expect.stringContaining('Spanish'), expect.stringContaining('Spanish')]);
  expect(progress).toEqual(['waiting for the user to agree', 'waiting for the user to agree']);
});

test('a cancelled call is over at once: nothing of it is kept, and its stream ends', async () => {
  const slow = waiting(made.engine);
  const servers: Server[] = [];
  const { url, port } = await serve((session) => {
    const server = sessionsOn(slow.backend)(session);
    servers.push(server);
    return server;
  });
  const session = { 'Mcp-Session-Id': await beginSession(port) };
  const post = (body: string) => ask(port, { headers: session, body });
  for (let asked = 1; asked <= 20; asked++) {
    const body = message('tools/call', { name: 'deckNames', arguments: {} }, asked);
    const call = await fetch(url, { method: 'POST', headers: { ...usual, ...session }, body });
    expect((await post(notification('notifications/cancelled', { requestId: asked }))).status).toBe(202);
    expect([call.status, await call.text()]).toEqual([200, '']);
  }
  expect(slow.signals).toHaveLength(4);
  expect(slow.signals.every((signal) => signal?.aborted)).toBe(true);
  expect(kept(servers[0])).toBe(0);
  slow.goOn();
  // Neither is a call that was answered long ago, or never made.
  expect((await post(notification('notifications/cancelled', { requestId: 1 }))).status).toBe(202);
  expect((await post(notification('notifications/cancelled', { requestId: 99 }))).status).toBe(202);
  expect((await post(message('tools/call', { name: 'deckNames', arguments: {} }, 30))).text).toContain(
    'Default',
  );
  expect(kept(servers[0])).toBe(0);
});

test('the SDK’s client can cancel', async () => {
  const slow = waiting(made.engine);
  const { url } = await serve(sessionsOn(slow.backend));
  const client = await connect(url);
  const stop = new AbortController();
  const call = client.callTool({ name: 'deckNames' }, undefined, { signal: stop.signal });
  await expect.poll(() => slow.signals.length).toBe(1);
  stop.abort('enough');
  await expect(call).rejects.toThrow('enough');
  await expect.poll(() => slow.signals[0]?.aborted).toBe(true);
  slow.goOn();
  expect(resultOf(await client.callTool({ name: 'deckNames' }))).toEqual(['Default']);
});

/** A call that asks the user, of a client that listens to nothing but this call. */
async function askedOn(port: number) {
  const session = { 'Mcp-Session-Id': await beginSession(port) };
  const body = message('tools/call', deleteDecks);
  const heads = Object.entries({ ...usual, ...session, Connection: 'close', 'Content-Length': body.length });
  const lines = heads.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const { got, closed } = rawSocket(port, `POST /mcp HTTP/1.1\r\n${lines}\r\n${body}`);
  await expect.poll(() => got.text, { timeout: 10_000 }).toContain('elicitation/create');
  const question = JSON.parse(/^data: (.*elicitation.*)$/m.exec(got.text)?.[1] ?? '{}');
  const post = async (text: string) => (await ask(port, { headers: session, body: text })).status;
  return { question, closed, post };
}

test('a question comes on the stream of the call that asks, also to a client without another stream', async () => {
  await made.engine.call('createDeck', { deck: 'Spanish' });
  const { port } = await serve(guarded());
  const { question, closed, post } = await askedOn(port);
  const result = { action: 'accept', content: {} };
  expect(await post(JSON.stringify({ jsonrpc: '2.0', id: question.id, result }))).toBe(202);
  expect(await closed).toContain('"id":1');
  expect(await made.engine.call('deckNames', {})).toEqual(['Default']);
});

test('a question is withdrawn when its call is cancelled', async () => {
  await made.engine.call('createDeck', { deck: 'Spanish' });
  const { port } = await serve(guarded());
  const { question, closed, post } = await askedOn(port);
  expect(await post(notification('notifications/cancelled', { requestId: 1 }))).toBe(202);
  const text = await closed;
  expect(text).toMatch(new RegExp(`"method":"notifications/cancelled".*"requestId":${question.id}`));
  expect(text).not.toContain('"id":1');
  expect(await made.engine.call('deckNames', {})).toContain('Spanish');
});

test('a session with 300 calls does not hold up another', async () => {
  const { url } = await serve();
  const [greedy, modest] = [await connect(url), await connect(url)];
  await modest.callTool({ name: 'deckNames' }); // opens the collection
  const order: string[] = [];
  const flood = Array.from({ length: 300 }, (_, index) =>
    greedy
      .callTool({ name: 'createDeck', arguments: { deck: `D${index}` } })
      .then((reply) => order.push(reply.isError ? 'error' : 'greedy')),
  );
  await Promise.race(flood);
  await modest.callTool({ name: 'deckNames' }).then(() => order.push('modest'));
  await Promise.all(flood);
  expect(order.filter((who) => who === 'greedy')).toHaveLength(300);
  expect(order.indexOf('modest')).toBeLessThan(100);
  expect(await made.engine.call('deckNames', {})).toHaveLength(301);
});

test('the calls of a session beyond its queue are told so, one by one', async () => {
  const slow = waiting(made.engine);
  const front = await mcpHttp({
    sessionServer: sessionsOn(slow.backend),
    limits: { underWay: 2, waiting: 3 },
  });
  closing.push(front.close);
  const client = await connect(front.url);
  const calls = Array.from({ length: 7 }, () => client.callTool({ name: 'deckNames' }));
  const refused = await Promise.race(calls);
  expect(JSON.stringify(refused)).toContain('3 calls of this session are waiting already: nothing was done');
  expect(slow.signals).toHaveLength(2);
  slow.goOn();
  const replies = await Promise.all(calls);
  expect(replies.filter(({ isError }) => isError === true)).toHaveLength(2);
});

test('1,000 calls of one session are all answered', async () => {
  const { url } = await serve();
  const client = await connect(url);
  const replies = await Promise.all(
    Array.from({ length: 1000 }, () => client.callTool({ name: 'deckNames' })),
  );
  expect(replies.filter((reply) => Array.isArray(resultOf(reply)))).toHaveLength(1000);
});

test('the token is in no answer and no line of the log', async () => {
  const front = await serve(guarded());
  const client = await connect(front.url);
  const told: unknown[] = [await client.listTools(), await client.callTool({ name: 'overview' })];
  told.push(await client.callTool({ name: 'nothing' }).catch(String));
  const odd = [
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
  for (const each of odd) {
    const { text, headers } = await ask(front.port, each);
    told.push(text, headers);
  }
  told.push(front.lines);
  expect(front.lines).toHaveLength(1);
  expect(JSON.stringify(told)).not.toContain(token);
});
