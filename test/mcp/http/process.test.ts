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

/** The built program, started with --http, and with nothing on its stdin. */
function start(...args: string[]) {
  const child = spawn(process.execPath, [main, '--http', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (said.stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (said.stderr += String(chunk)));
  const exit = once(child, 'close').then(([code]) => Number(code));
  const url = async () => {
    await expect.poll(() => said.stderr).toMatch(/ at http:\S+\/mcp; /);
    return new URL(/ at (http:\S+\/mcp); /.exec(said.stderr)?.[1] ?? '');
  };
  started.push(child);
  return { child, said, exit, url };
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  'it serves a collection until %s, and keeps the token to itself',
  async (signal) => {
    const collection = newCollection();
    const tokenFile = join(dirname(collection), 'token');
    writeFileSync(tokenFile, token, { mode: 0o600 });
    const { child, said, exit, url } = start(
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
    const stranger = { headers: { Authorization: undefined }, body: initialize };
    expect((await ask(Number(port), stranger)).status).toBe(401);
    child.kill(signal); // the client's stream is open
    expect(await exit).toBe(0);
    await client.close();
    expect(said.stdout).toBe('');
    expect(said.stderr).toContain(`the token in ${tokenFile}`);
    expect(said.stderr).not.toContain(token);
  },
);

test('without a file, a new token is told once, and is the one that counts', async () => {
  const { said, url } = start('--port', '0', '--collection', newCollection());
  const port = Number((await url()).port);
  const [, told = ''] = /"Authorization: (Bearer \S+)"/.exec(said.stderr) ?? [];
  expect((await ask(port, { headers: { Authorization: told }, body: initialize })).status).toBe(200);
  expect((await ask(port, { body: initialize })).status).toBe(401);
  expect(said.stderr.split(told)).toHaveLength(2);
});

test('a token file that is not there is made', async () => {
  const collection = newCollection();
  const path = join(dirname(collection), 'new', 'token');
  const { said, url } = start('--port', '0', '--collection', collection, '--token-file', path);
  const port = Number((await url()).port);
  const made = readFileSync(path, 'utf8').trim();
  const headers = { Authorization: `Bearer ${made}` };
  expect((await ask(port, { headers, body: initialize })).status).toBe(200);
  expect(said.stderr).not.toContain(made);
});

test('names and origins are let in by their options', async () => {
  const letIn = ['--allow-host', 'anki.example,cards.example', '--cors-origin', 'https://app.example'];
  const { url } = start('--port', '0', '--collection', newCollection(), ...letIn);
  const port = Number((await url()).port);
  const status = async (Host: string, Origin: string) =>
    (await ask(port, { headers: { Host, Origin, Authorization: undefined } })).status;
  expect(await status('cards.example', 'https://app.example')).toBe(401);
  expect(await status('other.example', 'https://app.example')).toBe(403);
  expect(await status('anki.example', 'https://other.example')).toBe(403);
});

test('what keeps it from starting is told in one line', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const taken = start('--port', String(port), '--collection', newCollection());
  expect(await taken.exit).toBe(1);
  expect(taken.said.stderr).toMatch(/^ankiwright: Port \d+ of 127\.0\.0\.1 is in use, .*--port\.\n$/);
  other.close();
  const collection = newCollection();
  const tokenFile = join(dirname(collection), 'token');
  writeFileSync(tokenFile, 'too short', { mode: 0o600 });
  const refused = start('--port', '0', '--collection', collection, '--token-file', tokenFile);
  expect(await refused.exit).toBe(2);
  expect(refused.said.stderr).toMatch(/^ankiwright: --token-file \S+ holds no token: .*\n$/);
  expect(refused.said.stderr).not.toContain('too short');
});
