import { expect, test } from 'vitest';
import { message } from '../support/mcp-http.ts';
import {
  authorize,
  bearer,
  Browser,
  codeIn,
  csrfIn,
  exchange,
  login,
  newVerifier,
  openSession,
  post,
  redirectUri,
  register,
  registrationRequest,
  startOAuth,
  submit,
  tokenRequest,
} from '../support/oauth-server.ts';

const server = await startOAuth();
const { client_id } = await register(server);

/** Returns a code that was not exchanged yet. */
async function code() {
  const authorization = await authorize(server, { client_id });
  const { url } = await submit(authorization);
  return { client_id, code: codeIn(url), verifier: authorization.verifier };
}

test('a code that is used twice ends the grant', async () => {
  const issued = await code();
  const { access_token } = await exchange(server, issued);
  expect((await post(server, bearer(access_token))).status).toBe(200);
  expect(await exchange(server, issued)).toMatchObject({ status: 400, error: 'invalid_grant' });
  expect((await post(server, bearer(access_token))).status).toBe(401);
});

test('of two requests with the same code at the same time, none keeps access', async () => {
  const issued = await code();
  const replies = await Promise.all([exchange(server, issued), exchange(server, issued)]);
  expect(replies.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
  for (const { access_token } of replies) expect((await post(server, bearer(access_token))).status).toBe(401);
});

test('a code needs its verifier, its client and its redirect URI', async () => {
  const issued = await code();
  const other = await register(server);
  for (const wrong of [
    { code_verifier: newVerifier() },
    { code_verifier: '' },
    { client_id: other.client_id },
    { redirect_uri: 'https://client.example/callback/' },
  ]) {
    const { status, error } = await exchange(server, issued, wrong);
    expect(status).toBe(400);
    expect(error).toMatch(/^invalid_(grant|request)$/);
  }
});

test.each([
  ['no challenge', { code_challenge: '' }],
  ['the method plain', { code_challenge_method: 'plain', code_challenge: newVerifier() }],
  ['another response type', { response_type: 'token' }],
  ['the audience of another server', { resource: 'https://other.example/mcp' }],
])('an authorization request with %s is sent back to the client', async (_, parameters) => {
  const { page } = await authorize(server, { client_id, ...parameters });
  const { origin, searchParams, hash } = new URL(page);
  expect(origin).toBe('https://client.example');
  expect(searchParams.get('error') ?? new URLSearchParams(hash.slice(1)).get('error')).toMatch(
    /^(invalid_request|unsupported_response_type|invalid_target)$/,
  );
});

test.each([
  ['another path', 'https://client.example/other'],
  ['a longer path', 'https://client.example/callback/../x'],
  ['another host', 'https://evil.example/callback'],
  ['a user name', 'https://client.example@evil.example/callback'],
  ['a port', 'https://client.example:8443/callback'],
  ['a query', 'https://client.example/callback?x=1'],
  ['a fragment', 'https://client.example/callback#x'],
  ['http', 'http://client.example/callback'],
  ['capital letters', 'https://CLIENT.example/callback'],
])('a redirect URI with %s leads nowhere', async (_, uri) => {
  const { response, html, page } = await authorize(server, { client_id, redirect_uri: uri });
  expect(response.status).toBe(400);
  expect(new URL(page).origin).toBe(server.issuer);
  expect(html).toContain('role="alert"');
});

test.each([
  'javascript:alert(1)',
  'data:text/html,x',
  'http://evil.example/callback',
  'https://localhost/callback',
  'https://client.example/#x',
  'no url',
])('the redirect URI %s cannot be registered', async (uri) => {
  expect((await registrationRequest(server, { redirect_uris: [uri] })).status).toBe(400);
});

test('the token endpoint refuses the audience of another server', async () => {
  const issued = await code();
  const reply = await exchange(server, issued, { resource: 'https://other.example/mcp' });
  expect(reply).toMatchObject({ status: 400, error: 'invalid_target' });
});

test('the origin of the server and a trailing slash are accepted as its audience', async () => {
  for (const resource of [server.issuer, `${server.issuer}/`, `${server.issuer}/mcp/`]) {
    const authorization = await authorize(server, { client_id, resource });
    const { url } = await submit(authorization);
    const { verifier } = authorization;
    const reply = await exchange(server, { client_id, verifier, code: codeIn(url) }, { resource });
    expect((await post(server, bearer(reply.access_token))).status).toBe(200);
  }
});

test('a token in the address or in the body is no authorization', async () => {
  const { access_token } = await login(server);
  const response = await fetch(`${server.issuer}/mcp?access_token=${access_token}`, { method: 'POST' });
  expect(response.status).toBe(401);
});

test('a token of another server is refused', async () => {
  const other = await startOAuth();
  const { access_token } = await login(other);
  expect((await post(server, bearer(access_token))).status).toBe(401);
});

test('one client cannot use the session of another, nor a read-only token that of a full one', async () => {
  const [first, second] = [await login(server), await login(server)];
  const session = await openSession(server, first.access_token);
  const list = message('tools/list');
  expect((await post(server, session, list)).status).toBe(200);
  expect((await post(server, { ...session, ...bearer(second.access_token) }, list)).status).toBe(404);
  const { access_token } = await tokenRequest(server, {
    grant_type: 'refresh_token',
    refresh_token: first.refresh_token,
    client_id: first.client_id,
    scope: 'anki:read',
  });
  expect((await post(server, { ...session, ...bearer(access_token) }, list)).status).toBe(404);
});

test('the form counts only from its own page, in the browser that started the login', async () => {
  const refused = async (
    change: (started: Awaited<ReturnType<typeof authorize>>) => Promise<{ response: Response }>,
  ) => {
    const { response } = await change(await authorize(server, { client_id }));
    expect([400, 403]).toContain(response.status);
    expect(await response.text()).toContain('role="alert"');
  };
  await refused((started) => submit(started, {}, { Origin: 'https://evil.example' }));
  await refused((started) => submit(started, {}, { Origin: 'null' }));
  await refused((started) => submit(started, {}, { Origin: 'null', 'Sec-Fetch-Site': 'cross-site' }));
  await refused((started) => submit(started, { csrf: '' }));
  await refused((started) => submit({ ...started, browser: new Browser() }));
  const other = await authorize(server, { client_id });
  await refused((started) => submit(started, { csrf: csrfIn(other.html) }));
  await refused((started) => submit({ ...started, page: other.page }));
});

test('the consent page runs no script, cannot be framed and is not stored', async () => {
  const hostile = await register(server, { client_name: '<script>x</script>\u202e\u0000 name' });
  const { response, html } = await authorize(server, { client_id: hostile.client_id });
  const policy = response.headers.get('content-security-policy') ?? '';
  expect(policy).toMatch(
    /^default-src 'none'; style-src 'sha256-[\w+/=]+'; frame-ancestors 'none'; base-uri 'none'/,
  );
  expect(policy).toMatch(/form-action 'self' https:\/\/client\.example$/);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  expect(html).not.toMatch(/<script|\u202e|\u0000/);
  expect(html).toContain('&lt;script&gt;x&lt;/script&gt; name');
  expect(html).toContain('This name is its own claim.');
  expect(html).toContain('client.example');
});

test.each([
  ['a semicolon', 'https://a;sandbox/callback'],
  ['an asterisk', 'https://*.example/callback'],
])('%s in the host of a redirect URI does not change the policy of the page', async (_, uri) => {
  const odd = await register(server, { redirect_uris: [uri] });
  const { response } = await authorize(server, { client_id: odd.client_id, redirect_uri: uri });
  expect(response.headers.get('content-security-policy')).toMatch(/; form-action 'self' https:$/);
});

test('a name of invisible letters is no name', async () => {
  const blank = await register(server, { client_name: '\u3164\u115f\u034f' });
  const { html } = await authorize(server, { client_id: blank.client_id });
  expect(html).toContain('<dd>A client without a name<');
});

test('a long name is cut', async () => {
  const long = await register(server, { client_name: 'n'.repeat(5000) });
  const { html } = await authorize(server, { client_id: long.client_id });
  expect(html).not.toContain('n'.repeat(81));
});

test('registrations are limited in number and size', async () => {
  const own = await startOAuth();
  const statuses = await Promise.all(
    Array.from({ length: 30 }, async () => (await registrationRequest(own)).status),
  );
  expect(statuses.filter((status) => status === 201)).toHaveLength(20);
  expect(statuses.filter((status) => status === 429)).toHaveLength(10);
  const large = await registrationRequest(server, { client_name: 'x'.repeat(20_000) });
  expect(large.status).toBe(413);
});

test.each([
  ['ASCII', 'a', 2048],
  ['three bytes each', '€', 2048],
])('a redirect URI of %s is registered only if it can be used', async (_, character, longest) => {
  const encoded = (uri: string) => new URLSearchParams({ uri }).toString().length;
  let uri = 'https://client.example/';
  while (encoded(uri + character) <= longest) uri += character;
  const { client_id } = await register(server, { redirect_uris: [uri] });
  const { response, html } = await authorize(server, {
    client_id,
    redirect_uri: uri,
    state: 's'.repeat(900),
  });
  expect(response.status).toBe(200);
  expect(html).toContain('name="csrf"');
  for (const longer of [uri + character, uri + character.repeat(9000)]) {
    const refused = await registrationRequest(server, { redirect_uris: [redirectUri, longer] });
    expect([400, 413]).toContain(refused.status);
    if (refused.status === 400) expect(await refused.json()).toMatchObject({ error: 'invalid_redirect_uri' });
  }
});

test('without a token, the tools and the collection do not show', async () => {
  const response = await post(server, {}, message('tools/list'));
  expect(response.status).toBe(401);
  expect(await response.text()).not.toMatch(/collection|addNote/);
});

test('a client id that is the URL of a machine in the local network is not fetched', async () => {
  const { response, html } = await authorize(server, { client_id: 'https://127.0.0.1:1/client' });
  expect(response.status).toBe(400);
  expect(html).toContain('role="alert"');
});

test('a form that is sent twice leads to the client once', async () => {
  const started = await authorize(server, { client_id });
  const sent = await Promise.all([submit(started), submit(started)]);
  expect(sent.filter(({ url }) => codeIn(url) !== '')).toHaveLength(1);
  expect(new Set(sent.map(({ response }) => response.status))).toEqual(new Set([303, 400]));
});
