import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { ask, clientOf, initialize, token } from '../../support/mcp-http.ts';
import { newCollection } from '../../support/served.ts';

const main = fileURLToPath(new URL('../../../dist/main.js', import.meta.url));
const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

/** Starts the built program with --http and without stdin. */
function start(...args: string[]) {
  const child = spawn(process.execPath, [main, '--http', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (output.stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (output.stderr += String(chunk)));
  const exit = once(child, 'close').then(([code]) => Number(code));
  const url = async () => {
    await expect.poll(() => output.stderr).toMatch(/ at http:\S+\/mcp; /);
    return new URL(/ at (http:\S+\/mcp); /.exec(output.stderr)?.[1] ?? '');
  };
  started.push(child);
  return { child, output, exit, url };
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  'serves a collection until %s and never prints the token of a file',
  async (signal) => {
    const collection = newCollection();
    const tokenFile = join(dirname(collection), 'token');
    writeFileSync(tokenFile, token, { mode: 0o600 });
    const { child, output, exit, url } = start(
      '--port',
      '0',
      '--collection',
      collection,
      '--token-file',
      tokenFile,
    );
    const { href, port } = await url();
    const { client } = await clientOf(href);
    await client.callTool({ name: 'createDeck', arguments: { deck: 'Spanish' } });
    const { structuredContent } = await client.callTool({ name: 'deckNames' });
    expect(structuredContent).toEqual({ result: ['Default', 'Spanish'] });
    const withoutToken = { headers: { Authorization: undefined }, body: initialize };
    expect((await ask(Number(port), withoutToken)).status).toBe(401);
    child.kill(signal); // the client's stream is open
    expect(await exit).toBe(0);
    await client.close();
    expect(output.stdout).toBe('');
    expect(output.stderr).toContain(`the token in ${tokenFile}`);
    expect(output.stderr).not.toContain(token);
  },
);

test('without a token file, prints a new token once', async () => {
  const { output, url } = start('--port', '0', '--collection', newCollection());
  const port = Number((await url()).port);
  const [, authorization = ''] = /"Authorization: (Bearer \S+)"/.exec(output.stderr) ?? [];
  expect((await ask(port, { headers: { Authorization: authorization }, body: initialize })).status).toBe(200);
  expect((await ask(port, { body: initialize })).status).toBe(401);
  expect(output.stderr.split(authorization)).toHaveLength(2);
});

test('creates a missing token file', async () => {
  const collection = newCollection();
  const path = join(dirname(collection), 'new', 'token');
  const { output, url } = start('--port', '0', '--collection', collection, '--token-file', path);
  const port = Number((await url()).port);
  const created = readFileSync(path, 'utf8').trim();
  const headers = { Authorization: `Bearer ${created}` };
  expect((await ask(port, { headers, body: initialize })).status).toBe(200);
  expect(output.stderr).not.toContain(created);
});

test('--allow-host and --cors-origin allow more hosts and origins', async () => {
  const options = ['--allow-host', 'anki.example,cards.example', '--cors-origin', 'https://app.example'];
  const { url } = start('--port', '0', '--collection', newCollection(), ...options);
  const port = Number((await url()).port);
  const status = async (Host: string, Origin: string) =>
    (await ask(port, { headers: { Host, Origin, Authorization: undefined } })).status;
  expect(await status('cards.example', 'https://app.example')).toBe(401);
  expect(await status('other.example', 'https://app.example')).toBe(403);
  expect(await status('anki.example', 'https://other.example')).toBe(403);
});

test('prints one line if it cannot start', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const portInUse = start('--port', String(port), '--collection', newCollection());
  expect(await portInUse.exit).toBe(1);
  expect(portInUse.output.stderr).toMatch(/^ankiwright: Port \d+ of 127\.0\.0\.1 is in use, .*--port\.\n$/);
  other.close();
  const collection = newCollection();
  const tokenFile = join(dirname(collection), 'token');
  writeFileSync(tokenFile, 'too short', { mode: 0o600 });
  const refused = start('--port', '0', '--collection', collection, '--token-file', tokenFile);
  expect(await refused.exit).toBe(2);
  expect(refused.output.stderr).toMatch(/^ankiwright: --token-file \S+ contains no valid token: .*\n$/);
  expect(refused.output.stderr).not.toContain('too short');
});
