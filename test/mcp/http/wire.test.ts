import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { Limits } from '../../../src/mcp/http/limits.ts';
import { temporaryEngine } from '../../support/collection.ts';
import {
  ask,
  beginSession,
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
  const front = await mcpHttp({ sessionServer: sessionsOn(engine), limits });
  closing.push(close, front.close);
  return front;
}

const head = `POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n`;
const small = { headersTimeout: 300, requestTimeout: 600, connectionsCheckingInterval: 50 };

test('a body above the limit is refused before it is sent', async () => {
  const { port } = await serve({ body: 1000 });
  const { socket, got, closed } = rawSocket(port, `${head}Content-Length: 1001\r\n\r\n`);
  await expect.poll(() => got.text).toContain('larger than 1000 bytes');
  expect(got.text).toMatch(/^HTTP\/1.1 413 /);
  socket.destroy();
  await closed;
  const full = { body: initialize + ' '.repeat(1000 - initialize.length) };
  expect((await ask(port, full)).status).toBe(200);
});

test('a body without a length is refused as soon as it is above the limit', async () => {
  const { port } = await serve({ body: 1000 });
  const chunk = `100\r\n${' '.repeat(256)}\r\n`;
  const { socket, got, closed } = rawSocket(
    port,
    `${head}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(3)}`,
  );
  socket.write(chunk);
  await expect.poll(() => got.text).toMatch(/^HTTP\/1.1 413 [\s\S]*larger than 1000 bytes/);
  // What follows is thrown away, and soon no longer taken.
  const sending = setInterval(() => socket.write(chunk), 20);
  await closed;
  clearInterval(sending);
});

test('a chunked body within the limit is understood', async () => {
  const { port } = await serve({ body: 1000 });
  const size = initialize.length.toString(16);
  const bytes = `${head}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n${size}\r\n${initialize}\r\n0\r\n\r\n`;
  expect(await rawSocket(port, bytes).closed).toMatch(/^HTTP\/1.1 200 [\s\S]*"serverInfo"/);
});

test('a sender that is refused may go on sending, reads why, and keeps the connection', async () => {
  const { port } = await serve({ body: 1000 });
  const body = 'x'.repeat(3_000_000);
  const chunked = `${head}Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
  const whole = `${head}Content-Length: ${body.length}\r\n\r\n${body}`;
  const stranger = whole.replace(token, 'x');
  const last = `${head}Connection: close\r\nContent-Length: ${initialize.length}\r\n\r\n${initialize}`;
  const text = await rawSocket(port, chunked + whole + stranger + last).closed;
  expect(text.match(/HTTP\/1.1 \d+/g)?.map((line) => line.slice(-3))).toEqual(['413', '413', '401', '200']);
});

test('bytes that are not UTF-8 are not guessed at', async () => {
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
  ['nothing at all', '', '408'],
  ['half a head', head, '408'],
  ['half a body', `${head}Content-Length: 100\r\n\r\n{`, '408'],
  ['half a chunk', `${head}Transfer-Encoding: chunked\r\n\r\n10\r\n{`, '408'],
])('a client that stops after %s is let go', async (_, bytes, status) => {
  const { port } = await serve(small);
  const { got, closed } = rawSocket(port, bytes);
  await closed;
  expect(got.text.slice(9, 12)).toBe(status);
});

test('a client that sends a byte now and then is let go as well', async () => {
  const { port } = await serve(small);
  const { socket, closed } = rawSocket(port, head);
  const dripping = setInterval(() => socket.write('X'), 30);
  expect(await closed).toContain('408');
  clearInterval(dripping);
});

test.each([
  ['no HTTP', 'hello\r\n\r\n', '400 Bad Request'],
  ['TLS', '\u0016\u0003\u0001\u0002\u0000', '400 Bad Request'],
  ['a length that is none', `${head}Content-Length: abc\r\n\r\n`, '400 Bad Request'],
  ['two lengths', `${head}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`, '400 Bad Request'],
  [
    'a length and chunks',
    `${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    '400 Bad Request',
  ],
  ['large headers', `${head}X: ${'x'.repeat(20_000)}`, '431 Request Header Fields Too Large'],
])('%s is answered and the connection closed', async (_, bytes, status) => {
  const { port } = await serve();
  const text = await rawSocket(port, bytes).closed;
  expect(text).toContain(`HTTP/1.1 ${status}\r\n`);
  expect(text).toContain('Connection: close');
  expect(text).not.toMatch(/hello|abc|xxx/);
});

test('the connections are counted', async () => {
  const { port } = await serve({ connections: 2 });
  const open = [rawSocket(port, head), rawSocket(port, head)];
  await Promise.all(open.map(({ socket }) => once(socket, 'connect')));
  expect(await rawSocket(port, head).closed).toBe('');
  for (const { socket, closed } of open) {
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

test('a client that goes away in the middle leaves no word in the log', async () => {
  const front = await serve();
  const { socket, closed } = rawSocket(front.port, `${head}Content-Length: 100\r\n\r\n{`);
  await once(socket, 'connect');
  expect((await ask(front.port, { body: initialize })).status).toBe(200);
  socket.destroy();
  await closed;
  expect((await ask(front.port, { body: initialize })).status).toBe(200);
  expect(front.lines).toEqual([]);
});

test('a port that is taken, and an address that is not ours, are told', async () => {
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

test('beyond this machine, the log says that nothing is encrypted', async () => {
  const { engine, close } = temporaryEngine();
  const front = await mcpHttp({ sessionServer: sessionsOn(engine), host: '0.0.0.0' });
  closing.push(close, front.close);
  expect(front.lines.join()).toContain(
    '0.0.0.0 can be reached from other machines, and HTTP is not encrypted',
  );
  expect(
    (await ask(front.port, { headers: { Host: `0.0.0.0:${front.port}` }, body: initialize })).status,
  ).toBe(200);
  expect((await ask(front.port, { headers: { Authorization: undefined }, body: initialize })).status).toBe(
    401,
  );
});

test('close ends sessions, streams and connections, and nothing begins any more', async () => {
  const front = await serve();
  const id = await beginSession(front.port);
  const session = { 'Mcp-Session-Id': id };
  const stream = ask(front.port, { method: 'GET', headers: session }).catch(() => undefined);
  const late = rawSocket(
    front.port,
    `${head}Content-Length: ${initialize.length}\r\n\r\n${initialize.slice(0, 50)}`,
  );
  const half = rawSocket(front.port, `${head}Content-Length: 100\r\n\r\n{`);
  const idle = rawSocket(front.port, '');
  await once(idle.socket, 'connect');
  expect((await ask(front.port, { headers: session, body: message('ping') })).status).toBe(200);
  const closed = front.close();
  late.socket.write(initialize.slice(50));
  await closed;
  expect(await late.closed).toMatch(/^HTTP\/1.1 503 [\s\S]*being stopped: nothing was done/);
  await Promise.all([stream, half.closed, idle.closed]);
  await expect(ask(front.port, { body: initialize })).rejects.toThrow('ECONNREFUSED');
});
