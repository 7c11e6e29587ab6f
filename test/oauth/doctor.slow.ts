import { expect, onTestFinished, test } from 'vitest';
import { freePort, startOAuth, type OAuthServer } from '../support/oauth-server.ts';
import { startProxy } from '../support/proxy.ts';
import { runBuilt } from '../support/run-built.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startWebServer } from '../support/web-server.ts';

/** Returns what doctor says about a public URL. */
async function says(publicUrl: string, { folder }: Pick<OAuthServer, 'folder'>): Promise<string> {
  const collection = `${folder}/collection.anki2`;
  const args = ['doctor', '--json', '--collection', collection, '--public-url', publicUrl];
  const { stdout } = await runBuilt(folder, ...args);
  const { checks }: { checks: readonly { name: string; state: string; says: string }[] } = JSON.parse(stdout);
  return checks
    .filter(({ name }) => name === 'public address')
    .map(({ state, says: text }) => `${state}: ${text}`)
    .join('\n');
}

test('doctor --public-url reports that clients can log in', async () => {
  const server = await startOAuth();
  expect(await says(server.issuer, server)).toBe(
    `ok: Clients reach ${server.issuer}/mcp and find how to log in. Enter this address in the client.`,
  );
});

test('doctor --public-url names another public URL, a missing header and a server that does not answer', async () => {
  const publicPort = await freePort();
  const publicUrl = `http://127.0.0.1:${publicPort}`;
  const server = await startOAuth({ publicUrl });
  expect(await says(publicUrl, server)).toMatch(/^failure: http:\S+ cannot be reached: .*ECONNREFUSED/);
  await startProxy(server.port, publicPort, ({ path, headers }) => {
    delete headers['authorization'];
    return { path, headers };
  });
  expect(await says(publicUrl, server)).toBe(
    `failure: Something removes the header Authorization before it reaches ${publicUrl}/mcp.`,
  );
  const other = await says(`http://localhost:${publicPort}`, server);
  expect(other).toContain(
    `says that its issuer is "${publicUrl}", but --public-url means "http://localhost:`,
  );
});

test('doctor --public-url does not wait for the end of a page that is no document', async () => {
  const { url, close } = await startWebServer((_, response) => void response.write('x'.repeat(50_000)));
  onTestFinished(close);
  const found = await says(url, { folder: temporaryFolder() });
  expect(found).toContain(`failure: ${url}/.well-known/oauth-protected-resource/mcp returns 200 and not`);
  expect(found).not.toContain('cannot be reached');
});
