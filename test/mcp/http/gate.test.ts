import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporaryEngine } from '../../support/collection.ts';
import {
  ask,
  initialize,
  mcpHttp,
  sessionsOn,
  token,
  type Asked,
  type McpHttp,
} from '../../support/mcp-http.ts';

const { engine, close } = temporaryEngine();
let front: McpHttp;

beforeAll(async () => {
  front = await mcpHttp({
    sessionServer: sessionsOn(engine),
    allowHosts: ['anki.example', 'Cards.example:8443'],
    allowOrigins: ['https://app.example/', 'moz-extension://1234'],
  });
});
afterAll(async () => {
  await front.close();
  await close();
});

const bearer = (text: string) => ({ Authorization: `Bearer ${text}` });

test.each<[string, Asked['headers'], number]>([
  ['localhost', { Host: 'localhost' }, 200],
  ['another port, which a proxy may have', { Host: 'LOCALHOST:1' }, 200],
  ['IPv4', { Host: '127.0.0.1:3141' }, 200],
  ['IPv6', { Host: '[::1]:3141' }, 200],
  ['a name let in', { Host: 'anki.example:99' }, 200],
  ['a name let in with its port', { Host: 'cards.example:8443' }, 200],
  ['the same name with another port', { Host: 'cards.example:1' }, 403],
  ['a rebound name', { Host: 'evil.example' }, 403],
  ['a rebound name with our port', { Host: 'evil.example:3141' }, 403],
  ['a name that begins like ours', { Host: 'localhost.evil.example' }, 403],
  ['a name that ends like ours', { Host: 'evil-localhost' }, 403],
  ['another address of this machine', { Host: '127.0.0.2' }, 403],
  ['the address in other words', { Host: '2130706433' }, 403],
  ['a user before it', { Host: 'localhost@evil.example' }, 403],
  ['a user behind it', { Host: 'evil.example@localhost' }, 403],
  ['a path behind it', { Host: 'localhost/evil.example' }, 403],
  ['two in one', { Host: 'localhost, evil.example' }, 403],
  ['no port behind the colon', { Host: 'localhost:' }, 403],
  ['an empty one', { Host: '' }, 403],
  ['none', { Host: undefined }, 403],
  ['two', { Host: ['localhost', 'localhost'] }, 403],
  ['two, the first of which is ours', { Host: ['localhost', 'evil.example'] }, 403],
])('Host: %s', async (_, headers, status) => {
  expect((await ask(front.port, { headers, body: initialize })).status).toBe(status);
});

test.each<[string, Asked['headers'], number]>([
  ['none, as of programs', {}, 200],
  ['a page of this machine', { Origin: 'http://localhost:5173' }, 200],
  ['by its address', { Origin: 'https://127.0.0.1' }, 200],
  ['by its other address', { Origin: 'http://[::1]:80' }, 200],
  ['a page let in', { Origin: 'https://app.example' }, 200],
  ['an extension let in', { Origin: 'moz-extension://1234' }, 200],
  ['a page let in, without TLS', { Origin: 'http://app.example' }, 403],
  ['a page let in, on another port', { Origin: 'https://app.example:8080' }, 403],
  ['another page', { Origin: 'https://evil.example' }, 403],
  ['a name that begins like ours', { Origin: 'http://localhost.evil.example' }, 403],
  ['a name with ours behind', { Origin: 'http://evil.example/http://localhost' }, 403],
  ['a file or a sandbox', { Origin: 'null' }, 403],
  ['an empty one', { Origin: '' }, 403],
  ['two', { Origin: ['http://localhost', 'https://evil.example'] }, 403],
])('Origin: %s', async (_, headers, status) => {
  const reply = await ask(front.port, { headers, body: initialize });
  expect(reply.status).toBe(status);
  const shown = status === 200 ? headers?.['Origin'] : undefined;
  expect(reply.headers['access-control-allow-origin']).toBe(shown);
});

test.each<[string, Asked['headers'], number]>([
  ['ours', bearer(token), 200],
  ['the scheme in small letters', { Authorization: `bearer ${token}` }, 200],
  ['none', { Authorization: undefined }, 401],
  ['an empty one', bearer(''), 401],
  ['another', bearer('x'.repeat(token.length)), 401],
  ['the beginning of ours', bearer(token.slice(0, -1)), 401],
  ['ours and more', bearer(`${token}x`), 401],
  ['ours in capitals', bearer(token.toUpperCase()), 401],
  ['ours without the scheme', { Authorization: token }, 401],
  ['as a password', { Authorization: `Basic ${Buffer.from(`:${token}`).toString('base64')}` }, 401],
  ['ours, and another', { Authorization: [`Bearer ${token}`, 'Bearer x'] }, 401],
])('Token: %s', async (_, headers, status) => {
  const reply = await ask(front.port, { headers, body: initialize });
  expect([reply.status, reply.headers['www-authenticate']]).toEqual([
    status,
    status === 401 ? 'Bearer' : undefined,
  ]);
});

const evil = { Host: 'evil.example', Origin: 'https://evil.example', Authorization: undefined };

test.each<[string, Asked, number, string]>([
  ['everything at once', { headers: evil, path: '/x', method: 'PUT' }, 403, '--allow-host NAME'],
  ['all but the host', { headers: { ...evil, Host: 'localhost' }, path: '/x' }, 403, '--cors-origin ORIGIN'],
  ['the path, for whoever asks', { headers: { Authorization: undefined }, path: '/' }, 404, 'MCP is at /mcp'],
  ['a path within', { path: '/mcp/x' }, 404, '/mcp'],
  ['a whole URL as path', { path: 'http://localhost/mcp' }, 404, '/mcp'],
  [
    'OAuth, which is not there',
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
  ['the method, once the token is there', { method: 'PUT', body: 'x' }, 405, 'POST, GET, DELETE'],
  ['the method, before that', { method: 'PUT', headers: { Authorization: undefined } }, 401, 'Bearer TOKEN'],
  ['OPTIONS of no browser', { method: 'OPTIONS' }, 405, 'POST, GET, DELETE'],
  ['GET without a session', { method: 'GET' }, 400, 'Begin with an initialize request'],
  ['DELETE without a session', { method: 'DELETE' }, 400, 'Mcp-Session-Id'],
  [
    'a session that is not there',
    { method: 'GET', headers: { 'Mcp-Session-Id': 'x' } },
    404,
    'Begin another with initialize',
  ],
  ['two sessions', { method: 'GET', headers: { 'Mcp-Session-Id': ['x', 'y'] } }, 404, 'initialize'],
  ['a call without a session', { body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}' }, 400, 'initialize'],
  ['no body', {}, 400, 'not JSON'],
  ['half a body', { body: initialize.slice(1) }, 400, 'not JSON'],
  ['a body of other signs', { body: 'prose, as people write it' }, 400, 'not JSON'],
  ['a batch', { body: `[${initialize}]` }, 400, 'no batch'],
  ['null', { body: 'null' }, 400, 'one JSON-RPC message'],
  ['deep nesting', { body: '['.repeat(500_000) }, 400, 'not JSON'],
  [
    'a body of another kind',
    { headers: { 'Content-Type': 'text/plain' }, body: initialize },
    415,
    'application/json',
  ],
  [
    'an answer of another kind',
    { headers: { Accept: 'text/html' }, body: initialize },
    406,
    'text/event-stream',
  ],
])('Refused: %s', async (_, asked, status, says) => {
  const reply = await ask(front.port, asked);
  expect(reply.status).toBe(status);
  const { jsonrpc, id, error } = JSON.parse(reply.text);
  expect({ jsonrpc, id }).toEqual({ jsonrpc: '2.0', id: null });
  expect(error.message).toContain(says);
  expect(reply.text).not.toContain('evil');
  expect(reply.text).not.toContain('prose');
});

test('HEAD has no body', async () => {
  const { status, text } = await ask(front.port, { method: 'HEAD' });
  expect([status, text]).toEqual([405, '']);
});

test('a browser may ask beforehand, without the token', async () => {
  const headers = {
    Authorization: undefined,
    Origin: 'https://app.example',
    'Access-Control-Request-Method': 'POST',
    'Access-Control-Request-Headers': 'authorization,content-type,mcp-session-id',
  };
  const reply = await ask(front.port, { method: 'OPTIONS', headers });
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
  const stranger = await ask(front.port, {
    method: 'OPTIONS',
    headers: { ...headers, Origin: 'https://evil.example' },
  });
  expect([stranger.status, stranger.headers['access-control-allow-origin']]).toEqual([403, undefined]);
});

test('a page comes to see the session, and why it was refused', async () => {
  const headers = { Origin: 'https://app.example' };
  const reply = await ask(front.port, { headers, body: initialize });
  expect(reply.headers['access-control-expose-headers']).toContain('Mcp-Session-Id');
  expect(reply.headers['mcp-session-id']).toMatch(/^[\da-f-]{36}$/);
  const refused = await ask(front.port, { headers: { ...headers, Authorization: undefined } });
  expect([refused.status, refused.headers['access-control-allow-origin']]).toEqual([
    401,
    'https://app.example',
  ]);
});

test('the log tells once of each reason, and nothing of what strangers sent', async () => {
  for (let n = 0; n < 3; n++) {
    await ask(front.port, { headers: evil });
    await ask(front.port, { headers: { Origin: 'https://evil.example' } });
    await ask(front.port, { headers: { Authorization: `Bearer ${n}` } });
  }
  const reasons = front.lines.map((line) => line.replace(/^a request was refused: /, '').slice(0, 15));
  expect(reasons.toSorted()).toEqual(['The token is mi', 'This Host is no', 'Web pages of th']);
  expect(front.lines.join()).not.toMatch(/evil|correct/);
});
