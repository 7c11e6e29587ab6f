import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { message } from '../support/mcp-http.ts';
import {
  authorize,
  bearer,
  codeIn,
  exchange,
  login,
  openSession,
  post,
  refresh,
  register,
  redirectUri,
  registrationRequest,
  startOAuth,
  submit,
  tokenRequest,
} from '../support/oauth-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const server = await startOAuth();
const { client_id } = await register(server);

test('without a token, the response is 401 and names the metadata and the scopes', async () => {
  for (const method of ['POST', 'GET', 'DELETE', 'PUT']) {
    const response = await fetch(`${server.issuer}/mcp`, { method });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe(
      `Bearer resource_metadata="${server.issuer}/.well-known/oauth-protected-resource/mcp", scope="anki:read anki:write"`,
    );
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toMatchObject({ error: { message: expect.any(String) } });
  }
  const invalid = await post(server, bearer('unknown'));
  expect(invalid.headers.get('www-authenticate')).toMatch(
    /^Bearer error="invalid_token", resource_metadata="/,
  );
});

test('a client registers, the owner allows it, and its token opens a session', async () => {
  const tokens = await login(server);
  expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: 'anki:read anki:write' });
  expect((await post(server, bearer(tokens.access_token))).status).toBe(200);
});

test('the response to the client names the issuer, and returns the state', async () => {
  const { url } = await submit(await authorize(server, { client_id, state: 's&t' }));
  const { searchParams } = new URL(url);
  expect(searchParams.get('iss')).toBe(server.issuer);
  expect(searchParams.get('state')).toBe('s&t');
});

test('the owner denies without a password, and the client hears of it', async () => {
  const denied = await submit(await authorize(server, { client_id }), { decision: 'deny', password: '' });
  const { origin, searchParams } = new URL(denied.url);
  expect(origin).toBe('https://client.example');
  expect(Object.fromEntries(searchParams)).toMatchObject({ error: 'access_denied', iss: server.issuer });
});

test('the browser that allowed one client is asked again for the next', async () => {
  const first = await authorize(server, { client_id });
  await submit(first);
  const { html } = await authorize(server, { client_id, prompt: 'none' }, first.browser);
  expect(html).toContain('Owner password');
});

test('a client with a secret logs in, by its header or in the body', async () => {
  for (const token_endpoint_auth_method of ['client_secret_basic', 'client_secret_post']) {
    const client = await register(server, { token_endpoint_auth_method });
    const { client_secret = '' } = client;
    const authorization = await authorize(server, { client_id: client.client_id });
    const { url } = await submit(authorization);
    const isPost = token_endpoint_auth_method === 'client_secret_post';
    const response = await fetch(`${server.issuer}/token`, {
      method: 'POST',
      headers: isPost
        ? {}
        : {
            Authorization: `Basic ${Buffer.from(`${client.client_id}:${client_secret}`).toString('base64')}`,
          },
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code: codeIn(url),
        code_verifier: authorization.verifier,
        redirect_uri: 'https://client.example/callback',
        ...(isPost && { client_id: client.client_id, client_secret }),
      }),
    });
    expect(response.status).toBe(200);
  }
});

test('a registration keeps only what counts, and its response has no null', async () => {
  const response = await registrationRequest(server, {
    scope: 'anki:read',
    application_type: 'web',
    grant_types: null,
    client_uri: null,
    jwks_uri: 'http://127.0.0.1:1/',
  });
  expect(response.status).toBe(201);
  const text = await response.text();
  expect(JSON.parse(text)).toMatchObject({ application_type: 'native', client_name: 'Test client' });
  expect(text).not.toMatch(/null|jwks_uri|"scope"/);
});

test.each([
  [['cursor://anysphere.cursor-mcp/oauth/callback', 'https://www.cursor.com/x', 'http://localhost:8787/x']],
  [['https://vscode.dev/redirect', 'http://127.0.0.1/', 'http://127.0.0.1:33418/']],
])('the redirect URIs %j of a client are accepted together', async (redirect_uris) => {
  expect((await registrationRequest(server, { redirect_uris })).status).toBe(201);
});

test('the port of a redirect to this machine may change', async () => {
  const local = await register(server, { redirect_uris: ['http://127.0.0.1:33418/'] });
  const { html } = await authorize(server, {
    client_id: local.client_id,
    redirect_uri: 'http://127.0.0.1:4000/',
  });
  expect(html).toContain('a program on the machine that runs this browser');
});

test('a client that gets only reading has no writing tools and cannot widen its scope', async () => {
  const reader = await login(server, { access: 'read' });
  const { access_token, refresh_token, scope } = reader;
  expect(scope).toBe('anki:read');
  const session = await openSession(server, access_token);
  const rpc = async (method: string, params: object) => post(server, session, message(method, params, 2));
  const list = await (await rpc('tools/list', {})).text();
  expect(list).toContain('"searchNotes"');
  expect(list).not.toMatch(/"name":"(addNote|saveNotes|deleteNotes|multi)"/);
  const refused = await rpc('tools/call', { name: 'createDeck', arguments: { deck: 'x' } });
  expect(refused.status).toBe(403);
  expect(refused.headers.get('www-authenticate')).toMatch(
    /^Bearer error="insufficient_scope", resource_metadata="http.*", scope="anki:read anki:write"$/,
  );
  const hidden = { action: 'createDeck', params: { deck: 'x' } };
  const inside = await rpc('tools/call', { name: 'runAction', arguments: hidden });
  expect(await inside.text()).toContain('"isError":true');
  const decks = await rpc('tools/call', {
    name: 'runAction',
    arguments: { action: 'deckNames', params: {} },
  });
  expect(await decks.text()).not.toContain('"x"');
  const wider = await tokenRequest(server, {
    grant_type: 'refresh_token',
    client_id: reader.client_id,
    refresh_token,
    scope: 'anki:read anki:write',
  });
  expect(wider).toMatchObject({ status: 400, error: 'invalid_scope' });
});

test('a client that asks only for reading cannot be given more', async () => {
  const authorization = await authorize(server, { client_id, scope: 'anki:read other' });
  expect(authorization.html).not.toContain('value="write"');
  const { url } = await submit(authorization, { access: 'write' });
  const { verifier } = authorization;
  const { scope } = await exchange(server, { verifier, code: codeIn(url), client_id });
  expect(scope).toBe('anki:read');
});

test('three refreshes at once with the same token all yield working tokens', async () => {
  const tokens = await login(server);
  const fresh = await Promise.all([1, 2, 3].map(() => refresh(server, tokens)));
  for (const { access_token } of fresh) expect((await post(server, bearer(access_token))).status).toBe(200);
  for (const { refresh_token } of fresh)
    expect((await refresh(server, { client_id: tokens.client_id, refresh_token })).status).toBe(200);
});

test('a restart loses no client, grant or token, and the file contains none of them in clear', async () => {
  const own = await startOAuth();
  const tokens = await login(own);
  await own.end('SIGKILL');
  const file = readFileSync(own.grantsFile, 'utf8');
  for (const secret of [tokens.access_token, tokens.refresh_token]) expect(file).not.toContain(secret);
  expect(statSync(own.grantsFile).mode & 0o777).toBe(0o600);
  const again = await own.restart();
  expect((await post(again, bearer(tokens.access_token))).status).toBe(200);
  expect((await refresh(again, tokens)).status).toBe(200);
  expect(again.output.stdout).toBe('');
});

test('a client that names no resource gets a token for this server', async () => {
  const authorization = await authorize(server, { client_id, resource: undefined, scope: undefined });
  const { url } = await submit(authorization);
  const { access_token, scope } = await tokenRequest(server, {
    grant_type: 'authorization_code',
    code: codeIn(url),
    client_id,
    code_verifier: authorization.verifier,
    redirect_uri: redirectUri,
  });
  expect(scope).toBe('anki:read anki:write');
  expect((await post(server, bearer(access_token))).status).toBe(200);
});

test('a client that the server has forgotten gets 401, so that it registers anew', async () => {
  const reply = await refresh(server, { client_id: 'forgotten', refresh_token: 'x' });
  expect(reply).toMatchObject({ status: 401, error: 'invalid_client' });
});

test('the owner password may be typed in another form of Unicode than in its file', async () => {
  const password = 'Überprüfung 가나';
  const file = join(temporaryFolder(), 'password');
  writeFileSync(file, password.normalize('NFD'));
  const own = await startOAuth({ args: ['--owner-password-file', file], withPassword: false });
  for (const form of ['NFC', 'NFD']) {
    const { status } = await login(own, { password: password.normalize(form) });
    expect(status).toBe(200);
  }
});
