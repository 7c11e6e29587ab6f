import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import type { Connection } from '../../../src/mcp/json-rpc/connection.ts';
import type { Limits } from '../../../src/mcp/http/limits.ts';
import { temporaryEngine } from '../../support/collection.ts';
import {
  ask,
  openSession,
  initialize,
  pendingEntries,
  mcpHttp,
  message,
  sessionsOn,
  pausedBackend,
  type Reply,
} from '../../support/mcp-http.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** Starts a server whose calls wait until `paused.release()`, and returns functions to send requests in a session. */
async function serve(limits: Partial<Limits> = {}) {
  const { engine, close } = temporaryEngine();
  const paused = pausedBackend(engine);
  const servers: Connection[] = [];
  const { port, close: end } = await mcpHttp({
    limits,
    sessionServer: (session) => {
      const server = sessionsOn(paused.backend)(session);
      servers.push(server);
      return server;
    },
  });
  closing.push(close, end);
  const post = (id: string, body: string): Promise<Reply> =>
    ask(port, { headers: { 'Mcp-Session-Id': id }, body });
  const ping = async (id: string) => (await post(id, message('ping'))).status;
  const call = (id: string, requestId = 1) =>
    post(id, message('tools/call', { name: 'deckNames', arguments: {} }, requestId));
  const openStream = (id: string) => {
    const stop = new AbortController();
    const headers = { 'Mcp-Session-Id': id, Host: 'localhost', Accept: 'text/event-stream' };
    const stream = ask(port, { method: 'GET', headers, signal: stop.signal });
    stream.catch(() => {});
    return { stream, stop };
  };
  return { port, servers, paused, end, post, ping, call, openStream };
}

test('a session exists until it is deleted', async () => {
  const { port, ping, post } = await serve();
  const [first, second] = [await openSession(port), await openSession(port)];
  expect(first).not.toBe(second);
  expect([await ping(first), await ping(second), await ping('x')]).toEqual([200, 200, 404]);
  const ended = await ask(port, { method: 'DELETE', headers: { 'Mcp-Session-Id': first } });
  expect(ended.status).toBe(200);
  const deleted = await post(first, message('ping'));
  expect([deleted.status, JSON.parse(deleted.text).error.code]).toEqual([404, -32001]);
  expect(await ping(second)).toBe(200);
  expect(JSON.parse((await post(second, initialize)).text).error.message).toContain('already initialized');
});

test('closes an idle session, but none that is in use', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const idle = 10_000;
  const { port, paused, ping, call, openStream } = await serve({ idleTimeoutMs: idle });
  const [unused, listening, calling, asking] = [
    await openSession(port),
    await openSession(port),
    await openSession(port),
    await openSession(port),
  ];
  const { stop } = openStream(listening);
  const answer = call(calling);
  while (paused.signals.length === 0) await new Promise(setImmediate);
  for (let step = 0; step < 4; step++) {
    await vi.advanceTimersByTimeAsync(idle * 0.6);
    expect(await ping(asking)).toBe(200);
    await ping('x'); // after it, the server has finished the previous response
  }
  expect(await ping(unused)).toBe(404);
  paused.release();
  expect((await answer).text).toContain('Default');
  expect([await ping(listening), await ping(calling), await ping(asking)]).toEqual([200, 200, 200]);
  stop.abort();
  do await vi.advanceTimersByTimeAsync(idle * 2);
  while ((await ping(listening)) !== 404);
});

test('at the limit, closes the session that has been unused longest', async () => {
  const { port, ping } = await serve({ maxSessions: 3 });
  const [first, second, third] = [await openSession(port), await openSession(port), await openSession(port)];
  expect(await ping(first)).toBe(200);
  const fourth = await openSession(port);
  expect(await ping(second)).toBe(404);
  expect([await ping(first), await ping(third), await ping(fourth)]).toEqual([200, 200, 200]);
});

test('refuses a new session if all sessions have a call or a stream', async () => {
  const { port, paused, ping, call, openStream } = await serve({ maxSessions: 2 });
  const [calling, listening] = [await openSession(port), await openSession(port)];
  const answer = call(calling);
  const { stop } = openStream(listening);
  await expect.poll(() => paused.signals.length).toBe(1);
  expect(await ping(listening)).toBe(200);
  const full = await ask(port, { body: initialize });
  expect([full.status, full.headers['retry-after']]).toEqual([503, '60']);
  expect(full.text).toContain('All 2 sessions are in use');
  paused.release();
  expect((await answer).status).toBe(200);
  expect((await ask(port, { body: initialize })).status).toBe(200);
  expect([await ping(calling), await ping(listening)]).toEqual([404, 200]);
  stop.abort();
});

test('deleted and rejected sessions do not count', async () => {
  const { port, ping } = await serve({ maxSessions: 2 });
  const first = await openSession(port);
  const headers = { Accept: 'application/json' };
  for (let n = 0; n < 3; n++) expect((await ask(port, { headers, body: initialize })).status).toBe(406);
  const second = await openSession(port);
  await ask(port, { method: 'DELETE', headers: { 'Mcp-Session-Id': second } });
  const third = await openSession(port);
  expect([await ping(first), await ping(second), await ping(third)]).toEqual([200, 404, 200]);
});

test('allows one GET stream per session', async () => {
  const { port, servers, openStream } = await serve();
  const id = await openSession(port);
  const { stream, stop } = openStream(id);
  await expect.poll(() => pendingEntries(servers[0])).toBe(1);
  const others = await Promise.all([openStream(id).stream, openStream(id).stream]);
  expect(others.map(({ status }) => status)).toEqual([409, 409]);
  stop.abort();
  await stream.catch(() => {});
  await expect.poll(() => pendingEntries(servers[0])).toBe(0);
  const next = openStream(id);
  await expect.poll(() => pendingEntries(servers[0])).toBe(1);
  expect((await openStream(id).stream).status).toBe(409);
  next.stop.abort();
});

test('a call continues after its client has disconnected, and keeps its session open', async () => {
  const { port, servers, paused, ping, call } = await serve({ maxSessions: 1 });
  const id = await openSession(port);
  const stop = new AbortController();
  const body = message('tools/call', { name: 'deckNames', arguments: {} });
  const aborted = ask(port, { headers: { 'Mcp-Session-Id': id }, body, signal: stop.signal });
  await expect.poll(() => paused.signals.length).toBe(1);
  stop.abort();
  await expect(aborted).rejects.toThrow('aborted');
  expect(paused.signals[0]?.aborted).toBe(false);
  expect((await ask(port, { body: initialize })).status).toBe(503);
  expect(pendingEntries(servers[0])).toBe(1);
  paused.release();
  await expect.poll(() => pendingEntries(servers[0])).toBe(0);
  await expect.poll(() => ask(port, { body: initialize }).then(({ status }) => status)).toBe(200);
  expect(await ping(id)).toBe(404);
  expect((await call(await openSession(port))).text).toContain('Default');
});

test('DELETE cancels running and waiting calls', async () => {
  const { port, paused, call } = await serve({ maxRunning: 1 });
  const id = await openSession(port);
  const answers = [call(id, 1), call(id, 2)];
  await expect.poll(() => paused.signals.length).toBe(1);
  expect((await ask(port, { method: 'DELETE', headers: { 'Mcp-Session-Id': id } })).status).toBe(200);
  expect(paused.signals[0]?.aborted).toBe(true);
  expect((await Promise.all(answers)).map(({ text }) => text)).toEqual(['', '']);
  paused.release();
  expect((await call(await openSession(port))).text).toContain('Default');
  expect(paused.signals).toHaveLength(2);
});

test('close ends calls, streams and all sessions', async () => {
  const { port, servers, paused, end, call, openStream } = await serve();
  const [calling, listening] = [await openSession(port), await openSession(port)];
  const { stream } = openStream(listening);
  const answer = call(calling);
  await expect.poll(() => paused.signals.length).toBe(1);
  await end();
  expect(paused.signals[0]?.aborted).toBe(true);
  expect([(await answer).text, (await stream).text]).toEqual(['', '']);
  expect(servers.map((server) => server.transport)).toEqual([undefined, undefined]);
  await expect(ask(port, { body: initialize })).rejects.toThrow('ECONNREFUSED');
});
