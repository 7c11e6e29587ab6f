import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import type { Limits } from '../../../src/mcp/http/limits.ts';
import { temporaryEngine } from '../../support/collection.ts';
import {
  ask,
  beginSession,
  initialize,
  kept,
  mcpHttp,
  message,
  sessionsOn,
  waiting,
  type Reply,
} from '../../support/mcp-http.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** A server whose calls wait until `goOn`, and ways to ask it in a session. */
async function serve(limits: Partial<Limits> = {}) {
  const { engine, close } = temporaryEngine();
  const slow = waiting(engine);
  const servers: Server[] = [];
  const { port, close: end } = await mcpHttp({
    limits,
    sessionServer: (session) => {
      const server = sessionsOn(slow.backend)(session);
      servers.push(server);
      return server;
    },
  });
  closing.push(close, end);
  const post = (id: string, body: string): Promise<Reply> =>
    ask(port, { headers: { 'Mcp-Session-Id': id }, body });
  const ping = async (id: string) => (await post(id, message('ping'))).status;
  const call = (id: string, asked = 1) =>
    post(id, message('tools/call', { name: 'deckNames', arguments: {} }, asked));
  const openStream = (id: string) => {
    const stop = new AbortController();
    const headers = { 'Mcp-Session-Id': id, Host: 'localhost', Accept: 'text/event-stream' };
    const stream = ask(port, { method: 'GET', headers, signal: stop.signal });
    stream.catch(() => {});
    return { stream, stop };
  };
  return { port, servers, slow, end, post, ping, call, openStream };
}

test('a session is known by its id until it is ended', async () => {
  const { port, ping, post } = await serve();
  const [first, second] = [await beginSession(port), await beginSession(port)];
  expect(first).not.toBe(second);
  expect([await ping(first), await ping(second), await ping('x')]).toEqual([200, 200, 404]);
  const ended = await ask(port, { method: 'DELETE', headers: { 'Mcp-Session-Id': first } });
  expect(ended.status).toBe(200);
  const gone = await post(first, message('ping'));
  expect([gone.status, JSON.parse(gone.text).error.code]).toEqual([404, -32001]);
  expect(await ping(second)).toBe(200);
  expect(JSON.parse((await post(second, initialize)).text).error.message).toContain('already initialized');
});

test('a session out of use is ended, one in use is not', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const idle = 10_000;
  const { port, slow, ping, call, openStream } = await serve({ idle });
  const [unused, listening, calling, asking] = [
    await beginSession(port),
    await beginSession(port),
    await beginSession(port),
    await beginSession(port),
  ];
  const { stop } = openStream(listening);
  const answer = call(calling);
  while (slow.signals.length === 0) await new Promise(setImmediate);
  for (let step = 0; step < 4; step++) {
    await vi.advanceTimersByTimeAsync(idle * 0.6);
    expect(await ping(asking)).toBe(200);
    await ping('x'); // by now the server has finished the response to the request before
  }
  expect(await ping(unused)).toBe(404);
  slow.goOn();
  expect((await answer).text).toContain('Default');
  expect([await ping(listening), await ping(calling), await ping(asking)]).toEqual([200, 200, 200]);
  stop.abort();
  do await vi.advanceTimersByTimeAsync(idle * 2);
  while ((await ping(listening)) !== 404);
});

test('when there are too many, the one that is longest out of use gives way', async () => {
  const { port, ping } = await serve({ sessions: 3 });
  const [first, second, third] = [
    await beginSession(port),
    await beginSession(port),
    await beginSession(port),
  ];
  expect(await ping(first)).toBe(200);
  const fourth = await beginSession(port);
  expect(await ping(second)).toBe(404);
  expect([await ping(first), await ping(third), await ping(fourth)]).toEqual([200, 200, 200]);
});

test('a session with a call or a stream does not give way, and then there is no room', async () => {
  const { port, slow, ping, call, openStream } = await serve({ sessions: 2 });
  const [calling, listening] = [await beginSession(port), await beginSession(port)];
  const answer = call(calling);
  const { stop } = openStream(listening);
  await expect.poll(() => slow.signals.length).toBe(1);
  expect(await ping(listening)).toBe(200);
  const full = await ask(port, { body: initialize });
  expect([full.status, full.headers['retry-after']]).toEqual([503, '60']);
  expect(full.text).toContain('All 2 sessions are in use');
  slow.goOn();
  expect((await answer).status).toBe(200);
  expect((await ask(port, { body: initialize })).status).toBe(200);
  expect([await ping(calling), await ping(listening)]).toEqual([404, 200]);
  stop.abort();
});

test('a session that was ended, or never accepted, takes no room', async () => {
  const { port, ping } = await serve({ sessions: 2 });
  const first = await beginSession(port);
  const headers = { Accept: 'application/json' };
  for (let n = 0; n < 3; n++) expect((await ask(port, { headers, body: initialize })).status).toBe(406);
  const second = await beginSession(port);
  await ask(port, { method: 'DELETE', headers: { 'Mcp-Session-Id': second } });
  const third = await beginSession(port);
  expect([await ping(first), await ping(second), await ping(third)]).toEqual([200, 404, 200]);
});

test('a session has one stream besides its calls', async () => {
  const { port, servers, openStream } = await serve();
  const id = await beginSession(port);
  const { stream, stop } = openStream(id);
  await expect.poll(() => kept(servers[0])).toBe(1);
  const more = await Promise.all([openStream(id).stream, openStream(id).stream]);
  expect(more.map(({ status }) => status)).toEqual([409, 409]);
  stop.abort();
  await stream.catch(() => {});
  await expect.poll(() => kept(servers[0])).toBe(0);
  const next = openStream(id);
  await expect.poll(() => kept(servers[0])).toBe(1);
  expect((await openStream(id).stream).status).toBe(409);
  next.stop.abort();
});

test('a call goes on when its client is gone, and holds its session until it is done', async () => {
  const { port, servers, slow, ping, call } = await serve({ sessions: 1 });
  const id = await beginSession(port);
  const stop = new AbortController();
  const body = message('tools/call', { name: 'deckNames', arguments: {} });
  const lost = ask(port, { headers: { 'Mcp-Session-Id': id }, body, signal: stop.signal });
  await expect.poll(() => slow.signals.length).toBe(1);
  stop.abort();
  await expect(lost).rejects.toThrow('aborted');
  expect(slow.signals[0]?.aborted).toBe(false);
  expect((await ask(port, { body: initialize })).status).toBe(503);
  expect(kept(servers[0])).toBe(1);
  slow.goOn();
  await expect.poll(() => kept(servers[0])).toBe(0);
  await expect.poll(() => ask(port, { body: initialize }).then(({ status }) => status)).toBe(200);
  expect(await ping(id)).toBe(404);
  expect((await call(await beginSession(port))).text).toContain('Default');
});

test('DELETE cancels what is under way and what waits', async () => {
  const { port, slow, call } = await serve({ underWay: 1 });
  const id = await beginSession(port);
  const answers = [call(id, 1), call(id, 2)];
  await expect.poll(() => slow.signals.length).toBe(1);
  expect((await ask(port, { method: 'DELETE', headers: { 'Mcp-Session-Id': id } })).status).toBe(200);
  expect(slow.signals[0]?.aborted).toBe(true);
  expect((await Promise.all(answers)).map(({ text }) => text)).toEqual(['', '']);
  slow.goOn();
  expect((await call(await beginSession(port))).text).toContain('Default');
  expect(slow.signals).toHaveLength(2);
});

test('close ends calls, streams and all sessions', async () => {
  const { port, servers, slow, end, call, openStream } = await serve();
  const [calling, listening] = [await beginSession(port), await beginSession(port)];
  const { stream } = openStream(listening);
  const answer = call(calling);
  await expect.poll(() => slow.signals.length).toBe(1);
  await end();
  expect(slow.signals[0]?.aborted).toBe(true);
  expect([(await answer).text, (await stream).text]).toEqual(['', '']);
  expect(servers.map((server) => server.transport)).toEqual([undefined, undefined]);
  await expect(ask(port, { body: initialize })).rejects.toThrow('ECONNREFUSED');
});
