import { chownSync, mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { message } from '../support/mcp-http.ts';
import {
  authorize,
  bearer,
  codeIn,
  login,
  openSession,
  post,
  refresh,
  register,
  registrationRequest,
  startOAuth,
  submit,
  type OAuthServer,
} from '../support/oauth-server.ts';
import { runBuilt } from '../support/run-built.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const server = await startOAuth();

const grants = ({ folder, grantsFile }: OAuthServer, ...words: string[]) =>
  runBuilt(folder, 'grants', ...words, '--grants-file', grantsFile);

/** Returns the ids that `ankiwright grants` prints. */
const idsIn = (stdout: string): string[] =>
  stdout
    .split('\n')
    .slice(1)
    .flatMap((line) => /^\S{8}/.exec(line)?.[0] ?? []);

test('grants lists who has access; revoking one ends it at once, with its session, and no other', async () => {
  const [first, second] = [await login(server), await login(server, { access: 'read' })];
  const { stdout } = await grants(server);
  expect(stdout).toMatch(/^ID +CLIENT +LEADS TO +SCOPE +SINCE \(UTC\) +LAST USED \(UTC\)$/m);
  expect(stdout).toMatch(/^\S{8} {2}Test client +client\.example +anki:read anki:write +\d{4}-/m);
  const [id = ''] = idsIn(stdout);
  const session = await openSession(server, first.access_token);
  const stream = await fetch(`${server.issuer}/mcp`, {
    headers: { ...session, Accept: 'text/event-stream' },
  });
  expect(stream.status).toBe(200);
  const revoked = await grants(server, 'revoke', id);
  expect(revoked.stdout).toBe('Revoked 1 grant. Their clients have no access any more.\n');
  expect((await post(server, bearer(first.access_token))).status).toBe(401);
  expect((await refresh(server, first)).status).toBe(400);
  await stream.text().catch(() => ''); // the open stream ends
  expect((await post(server, bearer(second.access_token))).status).toBe(200);
  const all = await grants(server, 'revoke', 'all');
  expect(all.stdout).toContain('Revoked 1 grant.');
  expect((await post(server, bearer(second.access_token))).status).toBe(401);
  expect((await grants(server)).stdout).toContain('No client has access');
});

test('the command keeps the owner of the file, also if root runs it', async () => {
  await login(server);
  const uid = process.getuid?.() === 0 ? 1234 : (process.getuid?.() ?? 0);
  if (process.getuid?.() === 0) chownSync(server.grantsFile, uid, uid);
  await grants(server, 'revoke', 'all');
  expect(statSync(server.grantsFile).uid).toBe(uid);
});

test('a client that revokes its refresh token has no access any more', async () => {
  const { access_token, refresh_token, client_id } = await login(server);
  const body = new URLSearchParams({ token: refresh_token, client_id });
  expect((await fetch(`${server.issuer}/oauth/revoke`, { method: 'POST', body })).status).toBe(200);
  expect((await post(server, bearer(access_token))).status).toBe(401);
});

test('a grant that is revoked while a call runs gets no further call', async () => {
  const { access_token } = await login(server);
  const session = await openSession(server, access_token);
  const call = (id: number) =>
    post(server, session, message('tools/call', { name: 'deckNames', arguments: {} }, id)).then(
      ({ status }) => status,
      () => 0, // the connection was closed
    );
  const running = Array.from({ length: 20 }, (_, index) => call(index));
  await grants(server, 'revoke', 'all');
  await Promise.all(running);
  expect(await call(100)).toBe(401);
});

test('the server and the command change the file at the same time, and neither loses a change', async () => {
  const logins = Promise.all(Array.from({ length: 8 }, () => login(server)));
  const revoked = [await grants(server, 'revoke', 'all'), await grants(server, 'revoke', 'all')];
  const tokens = await logins;
  expect(revoked.map(({ code }) => code)).toEqual([0, 0]);
  const statuses = await Promise.all(
    tokens.map(async ({ access_token }) => (await post(server, bearer(access_token))).status),
  );
  const listed = idsIn((await grants(server)).stdout);
  expect(statuses.filter((status) => status === 200)).toHaveLength(listed.length);
});

test.each([
  [['revoke', 'unknown1'], 2, 'there is no grant "unknown1"'],
  [['revoke'], 2, 'grants lists all grants'],
  [['delete', 'all'], 2, 'grants lists all grants'],
])('grants %j is refused', async (words, code, message) => {
  const result = await grants(server, ...words);
  expect(result.code).toBe(code);
  expect(result.stderr).toContain(message);
});

test('a file that contains something else lets nobody in, and is not overwritten', async () => {
  const own = await startOAuth();
  const { access_token } = await login(own);
  writeFileSync(own.grantsFile, '{"version": 7}');
  const refused = await post(own, bearer(access_token));
  expect(refused.status).toBe(503);
  expect(await refused.text()).toMatch(/cannot read its file of grants.*the command \\?"ankiwright grants/);
  const registering = await registrationRequest(own);
  expect(registering.status).toBe(503);
  expect(await registering.text()).toMatch(/cannot read its file of grants/);
  const { code, stderr } = await grants(own);
  expect(code).toBe(1);
  expect(stderr).toContain(
    `${own.grantsFile} contains something else than grants. Restore it from a copy, or delete`,
  );
  expect(readFileSync(own.grantsFile, 'utf8')).toBe('{"version": 7}');
  await eventually(() => expect(own.output.stderr).toContain('contains something else than grants'));
});

test('if the grants file cannot be saved, the consent page says so, and the form can be sent again', async () => {
  const own = await startOAuth();
  const { client_id } = await register(own);
  const started = await authorize(own, { client_id });
  mkdirSync(`${own.grantsFile}.draft`);
  const { response } = await submit(started);
  expect(response.status).toBe(500);
  expect(await response.text()).toContain('<p role="alert">The permission could not be saved.');
  expect(own.output.stderr).toContain('OAuth: the permission could not be saved: ');
  rmdirSync(`${own.grantsFile}.draft`);
  expect(codeIn((await submit(started)).url)).not.toBe('');
});

test('the token of --token-file works together with OAuth, also as X-Api-Key, and is the password', async () => {
  const token = 'static-token-0123456789';
  const tokenFile = join(temporaryFolder(), 'token');
  writeFileSync(tokenFile, token, { mode: 0o600 });
  const own = await startOAuth({ args: ['--token-file', tokenFile], withPassword: false });
  expect((await post(own, bearer(token))).status).toBe(200);
  expect((await post(own, { 'X-Api-Key': token })).status).toBe(200);
  expect((await post(own, { 'X-Api-Key': 'wrong-token-0123456789' })).status).toBe(401);
  const { access_token } = await login(own, { password: token });
  expect((await post(own, bearer(access_token))).status).toBe(200);
  expect(statSync(join(tokenFile, '..', 'grants.json')).mode & 0o777).toBe(0o600);
  const { stdout } = await runBuilt(own.folder, 'grants', '--token-file', tokenFile);
  expect(idsIn(stdout)).toHaveLength(1);
});

test.each([
  ['http://anki.example', '--public-url needs an https URL'],
  ['https://anki.example/?x=1', '--public-url needs a URL without a query'],
  ['https://anki.example/mcp', '--public-url needs the URL without /mcp'],
  ['https://anki.example', '--public-url needs --owner-password-file PATH'],
])('with --public-url %s alone, the server does not start', async (url, message) => {
  const { code, stderr } = await runBuilt(temporaryFolder(), '--http', '--public-url', url, '--port', '0');
  expect(code).toBe(2);
  expect(stderr).toContain(message);
});

test('a short password and a grants file that cannot be written stop the start', async () => {
  const folder = temporaryFolder();
  const password = join(folder, 'password');
  const start = (...args: string[]) =>
    runBuilt(
      folder,
      '--http',
      '--public-url',
      'https://anki.example',
      '--owner-password-file',
      password,
      ...args,
    );
  writeFileSync(password, 'short');
  expect((await start()).stderr).toContain('has less than 12 characters');
  writeFileSync(password, 'long enough now');
  const { code, stderr } = await start('--grants-file', join(password, 'grants.json'));
  expect(code).toBe(1);
  expect(stderr).toMatch(/^ankiwright: Cannot use the grants file .*password.grants\.json: /m);
});
