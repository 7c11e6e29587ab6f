import { expect, test } from 'vitest';
import { ask } from '../support/mcp-http.ts';
import { bearer, freePort, login, post, refresh, startOAuth } from '../support/oauth-server.ts';
import { startProxy } from '../support/proxy.ts';

const server = await startOAuth();
const prefixed = await startOAuth({ publicUrl: 'https://anki.example/anki' });

const metadataOf = async (url: string) => {
  const response = await fetch(url, { headers: { Origin: 'https://anywhere.example' } });
  expect(response.status, url).toBe(200);
  expect(response.headers.get('access-control-allow-origin'), url).toBe('*');
  return response.json();
};

test.each(['', '/mcp'])(
  'both documents are found with "%s" behind their well-known address',
  async (behind) => {
    const { issuer } = server;
    const resource = await metadataOf(`${issuer}/.well-known/oauth-protected-resource${behind}`);
    expect(resource).toEqual({
      resource: `${issuer}/mcp`,
      resource_name: 'Anki',
      authorization_servers: [issuer],
      scopes_supported: ['anki:read', 'anki:write'],
      bearer_methods_supported: ['header'],
    });
    for (const name of ['oauth-authorization-server', 'openid-configuration']) {
      expect(await metadataOf(`${issuer}/.well-known/${name}${behind}`)).toMatchObject({
        issuer,
        authorization_endpoint: `${issuer}/oauth/authorize`,
        code_challenge_methods_supported: ['S256'],
        token_endpoint_auth_methods_supported: expect.arrayContaining(['none']),
        client_id_metadata_document_supported: true,
        authorization_response_iss_parameter_supported: true,
      });
    }
  },
);

test('behind a path, each document is found where clients and proxies look for it', async () => {
  const get = async (path: string, headers: Record<string, string> = {}) => {
    const { status, text } = await ask(prefixed.port, { method: 'GET', path, headers });
    return { status, json: status === 200 ? JSON.parse(text) : undefined };
  };
  for (const path of [
    '/.well-known/oauth-protected-resource/anki/mcp',
    '/.well-known/oauth-protected-resource/anki',
    '/.well-known/oauth-protected-resource',
    '/anki/.well-known/oauth-protected-resource',
  ]) {
    const { json } = await get(path);
    expect(json, path).toMatchObject({ resource: 'https://anki.example/anki/mcp' });
  }
  for (const path of [
    '/.well-known/oauth-authorization-server/anki',
    '/.well-known/openid-configuration/anki',
    '/anki/.well-known/openid-configuration',
  ]) {
    const { json } = await get(path);
    expect(json, path).toMatchObject({ issuer: 'https://anki.example/anki' });
  }
  expect((await get('/.well-known/oauth-protected-resource/other')).status).toBe(404);
});

test('a proxy may keep or remove the path, and what it forwards changes no address', async () => {
  const forged = {
    Host: 'anki.example',
    Authorization: undefined,
    'X-Forwarded-Host': 'evil.example',
    'X-Forwarded-Proto': 'http',
    Forwarded: 'host=evil.example;proto=http',
  };
  for (const path of ['/anki/mcp', '/mcp', '/mcp/']) {
    const { status, headers } = await ask(prefixed.port, { path, headers: forged });
    expect(status).toBe(401);
    expect(headers['www-authenticate']).toContain(
      'resource_metadata="https://anki.example/.well-known/oauth-protected-resource/anki/mcp"',
    );
  }
  const registration = JSON.stringify({ redirect_uris: ['https://client.example/callback'] });
  for (const prefix of ['/anki', '']) {
    const json = { ...forged, 'Content-Type': 'application/json' };
    const { text } = await ask(prefixed.port, {
      path: `${prefix}/oauth/register`,
      headers: json,
      body: registration,
    });
    const query = new URLSearchParams({
      client_id: JSON.parse(text).client_id,
      response_type: 'code',
      redirect_uri: 'https://client.example/callback',
      code_challenge: 'x'.repeat(43),
      code_challenge_method: 'S256',
    });
    const { status, headers } = await ask(prefixed.port, {
      method: 'GET',
      path: `${prefix}/oauth/authorize?${query.toString()}`,
      headers: forged,
    });
    expect(status).toBe(303);
    expect(headers.location).toMatch(
      /^\/anki\/oauth\/consent\/|^https:\/\/anki\.example\/anki\/oauth\/consent\//,
    );
    const cookies = headers['set-cookie'] ?? [];
    expect(cookies).toEqual(
      expect.arrayContaining([
        expect.stringMatching(
          /^_interaction=.*path=\/anki\/oauth\/consent\/.*samesite=lax; secure; httponly/i,
        ),
      ]),
    );
    expect(cookies.join()).not.toMatch(/domain=/i);
  }
});

test('Host and Origin are still checked', async () => {
  const status = async (Host: string, Origin?: string) =>
    (await ask(prefixed.port, { headers: { Host, Origin, Authorization: undefined } })).status;
  expect(await status('anki.example')).toBe(401);
  expect(await status('localhost')).toBe(401);
  expect(await status('evil.example')).toBe(403);
  for (const origin of [
    'https://anki.example',
    'https://claude.ai',
    'https://chatgpt.com',
    'http://localhost:6274',
  ])
    expect(await status('anki.example', origin)).toBe(401);
  expect(await status('anki.example', 'https://evil.example')).toBe(403);
});

test('a browser may read the responses of the token and registration endpoints', async () => {
  for (const path of ['/oauth/token', '/oauth/register', '/oauth/revoke', '/token', '/register']) {
    const { status, headers } = await ask(server.port, {
      method: 'OPTIONS',
      path,
      headers: { Origin: 'http://localhost:6274', 'Access-Control-Request-Method': 'POST' },
    });
    expect(status, path).toBe(204);
    expect(headers['access-control-allow-origin']).toBe('*');
    const reply = await ask(server.port, {
      path,
      headers: { Origin: 'https://anywhere.example' },
      body: '{',
    });
    expect(reply.status).toBeGreaterThanOrEqual(400);
    expect(reply.headers['access-control-allow-origin']).toBe('*');
  }
});

test.each([
  ['keeps', (path: string) => path],
  ['removes', (path: string) => path.replace(/^\/anki(?=\/)/, '')],
])('the whole login works behind a proxy that %s the path', async (_, pathOf) => {
  const publicPort = await freePort();
  const behind = await startOAuth({ publicUrl: `http://127.0.0.1:${publicPort}/anki` });
  await startProxy(behind.port, publicPort, ({ path, headers }) => ({
    path: pathOf(path),
    headers: { ...headers, host: `127.0.0.1:${behind.port}`, 'x-forwarded-host': 'evil.example' },
  }));
  const tokens = await login(behind);
  expect((await post(behind, bearer(tokens.access_token))).status).toBe(200);
  const { access_token } = await refresh(behind, tokens);
  expect((await post(behind, bearer(access_token))).status).toBe(200);
});
