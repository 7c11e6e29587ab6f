import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporaryEngine } from '../../support/collection.ts';
import {
  ask,
  initialize,
  mcpHttp,
  sessionsOn,
  token,
  type RequestOptions,
  type McpHttp,
} from '../../support/mcp-http.ts';

const { engine, close } = temporaryEngine();
let listener: McpHttp;

beforeAll(async () => {
  listener = await mcpHttp({
    sessionServer: sessionsOn(engine),
    allowHosts: ['anki.example', 'Cards.example:8443'],
    allowOrigins: ['https://app.example/', 'moz-extension://1234'],
  });
});
afterAll(async () => {
  await listener.close();
  await close();
});

const bearer = (text: string) => ({ Authorization: `Bearer ${text}` });

test.each<[string, RequestOptions['headers'], number]>([
  ['localhost', { Host: 'localhost' }, 200],
  ['another port, as of a proxy', { Host: 'LOCALHOST:1' }, 200],
  ['IPv4', { Host: '127.0.0.1:3141' }, 200],
  ['IPv6', { Host: '[::1]:3141' }, 200],
  ['an allowed name', { Host: 'anki.example:99' }, 200],
  ['an allowed name and port', { Host: 'cards.example:8443' }, 200],
  ['an allowed name with another port', { Host: 'cards.example:1' }, 403],
  ['a rebound name', { Host: 'evil.example' }, 403],
  ['a rebound name with our port', { Host: 'evil.example:3141' }, 403],
  ['a name that starts with ours', { Host: 'localhost.evil.example' }, 403],
  ['a name that ends with ours', { Host: 'evil-localhost' }, 403],
  ['another address of this machine', { Host: '127.0.0.2' }, 403],
  ['the address as one number', { Host: '2130706433' }, 403],
  ['our name as user', { Host: 'localhost@evil.example' }, 403],
  ['our name after a user', { Host: 'evil.example@localhost' }, 403],
  ['our name and a path', { Host: 'localhost/evil.example' }, 403],
  ['two names in one header', { Host: 'localhost, evil.example' }, 403],
  ['a colon without port', { Host: 'localhost:' }, 403],
  ['an empty header', { Host: '' }, 403],
  ['no header', { Host: undefined }, 403],
  ['two headers', { Host: ['localhost', 'localhost'] }, 403],
  ['two headers, the first of them ours', { Host: ['localhost', 'evil.example'] }, 403],
])('Host: %s', async (_, headers, status) => {
  expect((await ask(listener.port, { headers, body: initialize })).status).toBe(status);
});

test.each<[string, RequestOptions['headers'], number]>([
  ['no header, as from programs', {}, 200],
  ['a page of this machine', { Origin: 'http://localhost:5173' }, 200],
  ['a page of 127.0.0.1', { Origin: 'https://127.0.0.1' }, 200],
  ['a page of ::1', { Origin: 'http://[::1]:80' }, 200],
  ['an allowed page', { Origin: 'https://app.example' }, 200],
  ['an allowed extension', { Origin: 'moz-extension://1234' }, 200],
  ['an allowed page without TLS', { Origin: 'http://app.example' }, 403],
  ['an allowed page on another port', { Origin: 'https://app.example:8080' }, 403],
  ['another page', { Origin: 'https://evil.example' }, 403],
  ['a name that starts with ours', { Origin: 'http://localhost.evil.example' }, 403],
  ['a URL that contains ours', { Origin: 'http://evil.example/http://localhost' }, 403],
  ['a file or sandboxed page', { Origin: 'null' }, 403],
  ['an empty header', { Origin: '' }, 403],
  ['two headers', { Origin: ['http://localhost', 'https://evil.example'] }, 403],
])('Origin: %s', async (_, headers, status) => {
  const reply = await ask(listener.port, { headers, body: initialize });
  expect(reply.status).toBe(status);
  const allowedOrigin = status === 200 ? headers?.['Origin'] : undefined;
  expect(reply.headers['access-control-allow-origin']).toBe(allowedOrigin);
});

test.each<[string, RequestOptions['headers'], number]>([
  ['the right token', bearer(token), 200],
  ['the scheme in lower case', { Authorization: `bearer ${token}` }, 200],
  ['no header', { Authorization: undefined }, 401],
  ['an empty token', bearer(''), 401],
  ['another token', bearer('x'.repeat(token.length)), 401],
  ['the start of the token', bearer(token.slice(0, -1)), 401],
  ['the token and one more character', bearer(`${token}x`), 401],
  ['the token in upper case', bearer(token.toUpperCase()), 401],
  ['the token without scheme', { Authorization: token }, 401],
  ['the token as password', { Authorization: `Basic ${Buffer.from(`:${token}`).toString('base64')}` }, 401],
  ['two headers', { Authorization: [`Bearer ${token}`, 'Bearer x'] }, 401],
])('Token: %s', async (_, headers, status) => {
  const reply = await ask(listener.port, { headers, body: initialize });
  expect([reply.status, reply.headers['www-authenticate']]).toEqual([
    status,
    status === 401 ? 'Bearer' : undefined,
  ]);
});

const evil = { Host: 'evil.example', Origin: 'https://evil.example', Authorization: undefined };

test.each<[string, RequestOptions, number, string]>([
  ['everything is wrong', { headers: evil, path: '/x', method: 'PUT' }, 403, '--allow-host NAME'],
  [
    'everything but the host is wrong',
    { headers: { ...evil, Host: 'localhost' }, path: '/x' },
    403,
    '--cors-origin ORIGIN',
  ],
  [
    'another path, even without token',
    { headers: { Authorization: undefined }, path: '/' },
    404,
    'The MCP endpoint is /mcp',
  ],
  ['a longer path', { path: '/mcp/x' }, 404, '/mcp'],
  ['a URL as path', { path: 'http://localhost/mcp' }, 404, '/mcp'],
  [
    'OAuth metadata',
    {
      headers: { Authorization: undefined },
      path: '/.well-known/oauth-protected-resource/mcp',
      method: 'GET',
    },
    404,
    '/mcp',
  ],
  [
    'the token in the URL',
    { headers: { Authorization: undefined }, path: `/mcp?token=${token}` },
    401,
    'Authorization: Bearer TOKEN',
  ],
  ['another method with token', { method: 'PUT', body: 'x' }, 405, 'POST, GET, DELETE'],
  [
    'another method without token',
    { method: 'PUT', headers: { Authorization: undefined } },
    401,
    'Bearer TOKEN',
  ],
  ['OPTIONS that is no CORS preflight', { method: 'OPTIONS' }, 405, 'POST, GET, DELETE'],
  ['GET without a session', { method: 'GET' }, 400, 'Send an initialize request first'],
  ['DELETE without a session', { method: 'DELETE' }, 400, 'Mcp-Session-Id'],
  [
    'an unknown session',
    { method: 'GET', headers: { 'Mcp-Session-Id': 'x' } },
    404,
    'Send an initialize request to open a new one',
  ],
  ['two session headers', { method: 'GET', headers: { 'Mcp-Session-Id': ['x', 'y'] } }, 404, 'initialize'],
  ['a call without a session', { body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}' }, 400, 'initialize'],
  ['no body', {}, 400, 'not JSON'],
  ['half a body', { body: initialize.slice(1) }, 400, 'not JSON'],
  ['a body that is not JSON', { body: 'prose, as people write it' }, 400, 'not JSON'],
  ['a batch', { body: `[${initialize}]` }, 400, 'Batches are not supported'],
  ['null', { body: 'null' }, 400, 'one JSON-RPC message'],
  ['deep nesting', { body: '['.repeat(500_000) }, 400, 'not JSON'],
  [
    'another Content-Type',
    { headers: { 'Content-Type': 'text/plain' }, body: initialize },
    415,
    'application/json',
  ],
  ['another Accept header', { headers: { Accept: 'text/html' }, body: initialize }, 406, 'text/event-stream'],
])('Refused: %s', async (_, options, status, expected) => {
  const reply = await ask(listener.port, options);
  expect(reply.status).toBe(status);
  const { jsonrpc, id, error } = JSON.parse(reply.text);
  expect({ jsonrpc, id }).toEqual({ jsonrpc: '2.0', id: null });
  expect(error.message).toContain(expected);
  expect(reply.text).not.toContain('evil');
  expect(reply.text).not.toContain('prose');
});

test('HEAD has no body', async () => {
  const { status, text } = await ask(listener.port, { method: 'HEAD' });
  expect([status, text]).toEqual([405, '']);
});

test('answers a CORS preflight request without token', async () => {
  const headers = {
    Authorization: undefined,
    Origin: 'https://app.example',
    'Access-Control-Request-Method': 'POST',
    'Access-Control-Request-Headers': 'authorization,content-type,mcp-session-id',
  };
  const reply = await ask(listener.port, { method: 'OPTIONS', headers });
  expect([reply.status, reply.text]).toEqual([204, '']);
  expect(reply.headers).toMatchObject({
    'access-control-allow-origin': 'https://app.example',
    'access-control-allow-methods': 'POST, GET, DELETE',
    vary: 'Origin',
  });
  const allowed = String(reply.headers['access-control-allow-headers']).toLowerCase().split(', ');
  expect(allowed).toEqual(
    expect.arrayContaining([
      'authorization',
      'content-type',
      'mcp-session-id',
      'mcp-protocol-version',
      'last-event-id',
    ]),
  );
  const otherOrigin = await ask(listener.port, {
    method: 'OPTIONS',
    headers: { ...headers, Origin: 'https://evil.example' },
  });
  expect([otherOrigin.status, otherOrigin.headers['access-control-allow-origin']]).toEqual([403, undefined]);
});

test('exposes the session id and error responses to an allowed web page', async () => {
  const headers = { Origin: 'https://app.example' };
  const reply = await ask(listener.port, { headers, body: initialize });
  expect(reply.headers['access-control-expose-headers']).toContain('Mcp-Session-Id');
  expect(reply.headers['mcp-session-id']).toMatch(/^[\da-f-]{36}$/);
  const refused = await ask(listener.port, { headers: { ...headers, Authorization: undefined } });
  expect([refused.status, refused.headers['access-control-allow-origin']]).toEqual([
    401,
    'https://app.example',
  ]);
});

test('logs each reason once, without input of the client', async () => {
  for (let n = 0; n < 3; n++) {
    await ask(listener.port, { headers: evil });
    await ask(listener.port, { headers: { Origin: 'https://evil.example' } });
    await ask(listener.port, { headers: { Authorization: `Bearer ${n}` } });
  }
  const reasons = listener.lines.map(
    (line) => /^a request was refused: (.*?(missing|requests|Host))/.exec(line)?.[1] ?? line,
  );
  expect(reasons.toSorted()).toEqual([
    'The token is missing',
    'This server does not accept requests',
    'This server does not accept this Host',
  ]);
  expect(listener.lines.join()).not.toMatch(/evil|correct/);
});
