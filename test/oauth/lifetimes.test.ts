import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { OAuth, type OAuthOptions } from '../../src/oauth/oauth.ts';
import { backendDouble } from '../support/backend-double.ts';
import { mcpHttp, sessionsOn } from '../support/mcp-http.ts';
import {
  authorize,
  bearer,
  codeIn,
  exchange,
  freePort,
  login,
  ownerPassword,
  post,
  redirectUri,
  refresh,
  submit,
} from '../support/oauth-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Starts OAuth in this process, with other lifetimes or another fetch. */
async function started(options: Pick<OAuthOptions, 'lifetimes' | 'fetch'>) {
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const grantsFile = join(temporaryFolder(), 'grants.json');
  const access = await OAuth.start({
    publicUrl: issuer,
    ownerPassword,
    grantsFile,
    log: () => {},
    ...options,
  });
  const sessionServer = sessionsOn(
    backendDouble(async () => {
      throw new Error('no tool is called');
    }),
  );
  const { close } = await mcpHttp({ port, access, sessionServer });
  onTestFinished(close);
  return { issuer, grantsFile };
}

/** Lets the clock of this process run ahead, or back. */
function moveClock(seconds: number): void {
  const now = Date.now();
  vi.spyOn(Date, 'now').mockImplementation(() => now + seconds * 1000);
  onTestFinished(() => void vi.restoreAllMocks());
}

test('an expired access token gets 401, and its refresh token a new one', async () => {
  const server = await started({});
  const tokens = await login(server);
  moveClock(3599);
  expect((await post(server, bearer(tokens.access_token))).status).toBe(200);
  moveClock(3);
  expect((await post(server, bearer(tokens.access_token))).status).toBe(401);
  const { access_token } = await refresh(server, tokens);
  expect((await post(server, bearer(access_token))).status).toBe(200);
});

test('a refresh token that is used again after the grace ends the whole grant', async () => {
  const server = await started({});
  const { client_id, refresh_token } = await login(server);
  const fresh = await refresh(server, { client_id, refresh_token });
  moveClock(100);
  expect((await refresh(server, { client_id, refresh_token })).status).toBe(200);
  moveClock(30); // 130 s after the first use: the second use has not prolonged the grace
  const stale = await refresh(server, { client_id, refresh_token });
  expect(stale).toMatchObject({ status: 400, error: 'invalid_grant' });
  expect((await post(server, bearer(fresh.access_token))).status).toBe(401);
  expect((await refresh(server, { client_id, refresh_token: fresh.refresh_token })).status).toBe(400);
});

test('one refresh token yields at most ten tokens during the grace', async () => {
  const server = await started({});
  const tokens = await login(server);
  const statuses: number[] = [];
  for (let count = 0; count < 11; count++) statuses.push((await refresh(server, tokens)).status);
  expect(statuses).toEqual([...Array<number>(10).fill(200), 400]);
});

test('a refresh token ends 90 days after its last use, and a grant after a year', async () => {
  const server = await started({ lifetimes: { grant: 100 * 86_400 } });
  const tokens = await login(server);
  moveClock(80 * 86_400);
  const second = await refresh(server, tokens);
  expect(second.status).toBe(200);
  moveClock(19 * 86_400);
  const { client_id } = tokens;
  const third = await refresh(server, { client_id, refresh_token: second.refresh_token });
  expect(third.status).toBe(200);
  moveClock(2 * 86_400);
  expect((await post(server, bearer(third.access_token))).status).toBe(401);
  expect((await refresh(server, { client_id, refresh_token: third.refresh_token })).status).toBe(400);
});

test('a clock that is set back locks nobody out and keeps the grants', async () => {
  const server = await started({});
  const tokens = await login(server);
  moveClock(-86_400);
  expect((await post(server, bearer(tokens.access_token))).status).toBe(200);
  const { access_token } = await refresh(server, tokens);
  expect((await post(server, bearer(access_token))).status).toBe(200);
});

test('a code ends after a minute, and a login page after ten', async () => {
  const server = await started({});
  const { client_id } = await login(server);
  const authorization = await authorize(server, { client_id });
  const { url } = await submit(authorization);
  const waiting = await authorize(server, { client_id });
  moveClock(61);
  const { verifier } = authorization;
  expect((await exchange(server, { client_id, verifier, code: codeIn(url) })).status).toBe(400);
  moveClock(600);
  expect((await submit(waiting)).response.status).toBe(400);
});

test('the grants file stays small while a client refreshes for months', async () => {
  const server = await started({});
  const { client_id, ...first } = await login(server);
  let { refresh_token } = first;
  for (let count = 0; count < 150; count++) {
    moveClock(3600);
    ({ refresh_token } = await refresh(server, { client_id, refresh_token }));
  }
  const { RefreshToken, AccessToken } = JSON.parse(readFileSync(server.grantsFile, 'utf8'));
  expect(Object.keys(RefreshToken).length).toBeLessThanOrEqual(60);
  expect(Object.keys(AccessToken).length).toBeLessThanOrEqual(2);
});

const clientId = 'https://client.example/oauth/metadata';

const metadataDocument = (members: object = {}) => ({
  client_id: clientId,
  client_name: 'Known client',
  redirect_uris: [redirectUri],
  token_endpoint_auth_method: 'none',
  ...members,
});

test('a client that is the URL of its metadata logs in without registration', async () => {
  const fetched: string[] = [];
  const server = await started({
    fetch: async (url) => {
      fetched.push(String(url));
      return Response.json(metadataDocument());
    },
  });
  const authorization = await authorize(server, { client_id: clientId });
  expect(authorization.html).toContain('Published by client.example.');
  const { url } = await submit(authorization);
  const { verifier } = authorization;
  const tokens = await exchange(server, { client_id: clientId, verifier, code: codeIn(url) });
  expect((await post(server, bearer(tokens.access_token))).status).toBe(200);
  expect(fetched).toEqual([clientId]); // fetched once, then kept
});

test.each([
  ['has another client_id', metadataDocument({ client_id: 'https://other.example/' })],
  [
    'has a redirect to http',
    metadataDocument({ redirect_uris: ['http://evil.example/'], application_type: 'web' }),
  ],
  ['has no redirect_uris', { client_id: clientId }],
  ['is too large', metadataDocument({ client_name: 'x'.repeat(6000) })],
  ['is no JSON', 'none'],
])('a metadata document that %s is refused', async (_, document) => {
  const body = typeof document === 'string' ? document : JSON.stringify(document);
  const server = await started({ fetch: async () => new Response(body) });
  const { response } = await authorize(server, { client_id: clientId });
  expect(response.status).toBe(400);
});
