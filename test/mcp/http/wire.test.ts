import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { Limits } from '../../../src/mcp/http/limits.ts';
import { temporaryEngine } from '../../support/collection.ts';
import {
  ask,
  openSession,
  initialize,
  mcpHttp,
  message,
  rawSocket,
  sessionsOn,
  token,
  type McpHttp,
} from '../../support/mcp-http.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function serve(limits: Partial<Limits> = {}): Promise<McpHttp> {
  const { engine, close } = temporaryEngine();
  const listener = await mcpHttp({ sessionServer: sessionsOn(engine), limits });
  closing.push(close, listener.close);
  return listener;
}

const head = `POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n`;
const small = { headersTimeout: 300, requestTimeout: 600, connectionsCheckingInterval: 50 };

test('refuses a body that is too large before it is sent', async () => {
  const { port } = await serve({ maxBodyBytes: 1000 });
  const { socket, received, closed } = rawSocket(port, `${head}Content-Length: 1001\r\n\r\n`);
  await expect.poll(() => received.text).toContain('larger than 1000 bytes');
  expect(received.text).toMatch(/^HTTP\/1.1 413 /);
  socket.destroy();
  await closed;
  const full = { body: initialize + ' '.repeat(1000 - initialize.length) };
  expect((await ask(port, full)).status).toBe(200);
});

test('refuses a chunked body as soon as it is too large', async () => {
  const { port } = await serve({ maxBodyBytes: 1000 });
  const chunk = `100\r\n${' '.repeat(256)}\r\n`;
  const { socket, received, closed } = rawSocket(
    port,
    `${head}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(3)}`,
  );
  socket.write(chunk);
  await expect.poll(() => received.text).toMatch(/^HTTP\/1.1 413 [\s\S]*larger than 1000 bytes/);
  // The server discards what follows, and soon closes the connection.
  const sending = setInterval(() => socket.write(chunk), 20);
  await closed;
  clearInterval(sending);
});

test('accepts a chunked body within the limit', async () => {
  const { port } = await serve({ maxBodyBytes: 1000 });
  const size = initialize.length.toString(16);
  const bytes = `${head}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n${size}\r\n${initialize}\r\n0\r\n\r\n`;
  expect(await rawSocket(port, bytes).closed).toMatch(/^HTTP\/1.1 200 [\s\S]*"serverInfo"/);
});

test('a client that continues to send receives the error response and keeps its connection', async () => {
  const { port } = await serve({ maxBodyBytes: 1000 });
  const body = 'x'.repeat(3_000_000);
  const chunked = `${head}Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
  const unchunked = `${head}Content-Length: ${body.length}\r\n\r\n${body}`;
  const withoutToken = unchunked.replace(token, 'x');
  const last = `${head}Connection: close\r\nContent-Length: ${initialize.length}\r\n\r\n${initialize}`;
  const text = await rawSocket(port, chunked + unchunked + withoutToken + last).closed;
  expect(text.match(/HTTP\/1.1 \d+/g)?.map((line) => line.slice(-3))).toEqual(['413', '413', '401', '200']);
});

test('a stranger is refused before any byte of the body is read', async () => {
  const { port } = await serve();
  const stranger = head.replace(token, 'x');
  for (const length of ['Content-Length: 16000000', 'Transfer-Encoding: chunked']) {
    const { socket, received } = rawSocket(port, `${stranger}${length}\r\n\r\n`);
    await expect.poll(() => received.text).toMatch(/^HTTP\/1.1 401 /);
    socket.destroy();
  }
});

test('refuses a body that is not UTF-8', async () => {
  const { port } = await serve();
  const body = Buffer.from(initialize.replace('raw', 'r\u00e4w'), 'latin1');
  const { socket, closed } = rawSocket(
    port,
    `${head}Connection: close\r\nContent-Length: ${body.length}\r\n\r\n`,
  );
  socket.write(body);
  expect(await closed).toMatch(/^HTTP\/1.1 400 [\s\S]*not JSON in UTF-8/);
});

test.each([
  ['connecting', '', '408'],
  ['half a head', head, '408'],
  ['half a body', `${head}Content-Length: 100\r\n\r\n{`, '408'],
  ['half a chunk', `${head}Transfer-Encoding: chunked\r\n\r\n10\r\n{`, '408'],
])('closes the connection of a client that stops after %s', async (_, bytes, status) => {
  const { port } = await serve(small);
  const { received, closed } = rawSocket(port, bytes);
  await closed;
  expect(received.text.slice(9, 12)).toBe(status);
});

test('closes the connection of a client that sends single bytes slowly', async () => {
  const { port } = await serve(small);
  const { socket, closed } = rawSocket(port, head);
  const interval = setInterval(() => socket.write('X'), 30);
  expect(await closed).toContain('408');
  clearInterval(interval);
});

test.each([
  ['bytes that are not HTTP', 'hello\r\n\r\n', '400 Bad Request'],
  ['TLS', '\u0016\u0003\u0001\u0002\u0000', '400 Bad Request'],
  ['an invalid length', `${head}Content-Length: abc\r\n\r\n`, '400 Bad Request'],
  ['two lengths', `${head}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`, '400 Bad Request'],
  [
    'a length and chunks',
    `${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    '400 Bad Request',
  ],
  ['large headers', `${head}X: ${'x'.repeat(20_000)}`, '431 Request Header Fields Too Large'],
])('answers %s and closes the connection', async (_, bytes, status) => {
  const { port } = await serve();
  const text = await rawSocket(port, bytes).closed;
  expect(text).toContain(`HTTP/1.1 ${status}\r\n`);
  expect(text).toContain('Connection: close');
  expect(text).not.toMatch(/hello|abc|xxx/);
});

test('limits the number of connections', async () => {
  const { port } = await serve({ maxConnections: 2 });
  const connections = [rawSocket(port, head), rawSocket(port, head)];
  await Promise.all(connections.map(({ socket }) => once(socket, 'connect')));
  expect(await rawSocket(port, head).closed).toBe('');
  for (const { socket, closed } of connections) {
    socket.destroy();
    await closed;
  }
  await expect
    .poll(async () =>
      ask(port, { body: initialize }).then(
        ({ status }) => status,
        () => 0,
      ),
    )
    .toBe(200);
});

test('logs nothing when a client disconnects during a request', async () => {
  const listener = await serve();
  const { socket, closed } = rawSocket(listener.port, `${head}Content-Length: 100\r\n\r\n{`);
  await once(socket, 'connect');
  expect((await ask(listener.port, { body: initialize })).status).toBe(200);
  socket.destroy();
  await closed;
  expect((await ask(listener.port, { body: initialize })).status).toBe(200);
  expect(listener.lines).toEqual([]);
});

test('reports a port in use and an address of another machine', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const { engine, close } = temporaryEngine();
  closing.push(close);
  const sessionServer = sessionsOn(engine);
  await expect(mcpHttp({ sessionServer, port })).rejects.toThrow(
    /^Port \d+ of 127\.0\.0\.1 is in use, probably by another ankiwright/,
  );
  await expect(mcpHttp({ sessionServer, host: '192.0.2.1' })).rejects.toThrow(
    /^Cannot listen on port 0 of 192\.0\.2\.1/,
  );
  other.close();
});

test('warns if other machines can connect, because nothing is encrypted', async () => {
  const { engine, close } = temporaryEngine();
  const listener = await mcpHttp({ sessionServer: sessionsOn(engine), host: '0.0.0.0' });
  closing.push(close, listener.close);
  expect(listener.lines.join()).toContain(
    '0.0.0.0 can be reached from other machines, and HTTP is not encrypted',
  );
  expect(
    (await ask(listener.port, { headers: { Host: `0.0.0.0:${listener.port}` }, body: initialize })).status,
  ).toBe(200);
  expect((await ask(listener.port, { headers: { Authorization: undefined }, body: initialize })).status).toBe(
    401,
  );
});

test('close ends sessions, streams and connections, and refuses new sessions', async () => {
  const listener = await serve();
  const id = await openSession(listener.port);
  const session = { 'Mcp-Session-Id': id };
  const stream = ask(listener.port, { method: 'GET', headers: session }).catch(() => undefined);
  const late = rawSocket(
    listener.port,
    `${head}Content-Length: ${initialize.length}\r\n\r\n${initialize.slice(0, 50)}`,
  );
  const incomplete = rawSocket(listener.port, `${head}Content-Length: 100\r\n\r\n{`);
  const idle = rawSocket(listener.port, '');
  await once(idle.socket, 'connect');
  expect((await ask(listener.port, { headers: session, body: message('ping') })).status).toBe(200);
  const closed = listener.close();
  late.socket.write(initialize.slice(50));
  await closed;
  expect(await late.closed).toMatch(/^HTTP\/1.1 503 [\s\S]*Nothing was done: the server is being stopped/);
  await Promise.all([stream, incomplete.closed, idle.closed]);
  await expect(ask(listener.port, { body: initialize })).rejects.toThrow('ECONNREFUSED');
});
