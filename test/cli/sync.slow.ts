import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Engine } from '../../src/backends/engine/engine.ts';
import { note } from '../support/countable-writes.ts';
import { heldServer } from '../support/held-server.ts';
import { newCollection, startServe } from '../support/served.ts';
import { password, startSyncServer, user } from '../support/sync-server.ts';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
let server: Awaited<ReturnType<typeof startSyncServer>>;
beforeEach(async () => {
  server = await startSyncServer();
});
afterEach(() => server.close());

/** Creates a collection with one note. Returns its options for a sync that uploads it. */
async function collectionToUpload(url: string) {
  const collection = newCollection();
  const engine = new Engine({ collection, log: () => {} });
  await engine.call('addNote', { note: note('mine') });
  await engine.close();
  const passwordFile = join(dirname(collection), 'password');
  writeFileSync(passwordFile, password);
  const token = join(dirname(collection), 'token.json');
  const account = ['--sync-user', user, '--sync-password-file', passwordFile, '--sync-token-file', token];
  return ['--collection', collection, '--sync-url', url, ...account, '--sync-full', 'upload'];
}

const uploaded = async (): Promise<number> => {
  const collection = newCollection();
  const tokenFile = join(dirname(collection), 'token.json');
  const sync = { url: server.url, user, password, tokenFile, full: 'download' } as const;
  const engine = new Engine({ collection, log: () => {}, sync });
  await engine.call('sync', {});
  const notes = await engine.call('findNotes', { query: '' });
  await engine.close();
  return notes.length;
};

test.each(['SIGTERM', 'end of stdin'])('%s waits for a running sync, and its result is sent', async (way) => {
  const held = await heldServer(server.url, '/upload');
  const args = await collectionToUpload(held.url);
  const child = spawn(process.execPath, [main, ...args, '--confirm', 'never'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const output = text(child.stdout);
  const exit = once(child, 'exit');
  const send = (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 't', version: '1' } };
  send({ id: 1, method: 'initialize', params });
  send({ method: 'notifications/initialized' });
  send({ id: 2, method: 'tools/call', params: { name: 'sync', arguments: {} } });
  await held.reached;
  if (way === 'SIGTERM') child.kill('SIGTERM');
  else child.stdin.end();
  await sleep(2500);
  expect(child.exitCode).toBeNull();
  held.release();
  expect((await exit)[0]).toBe(0);
  expect(await output).toMatch(/"result":null/);
  held.close();
  expect(await uploaded()).toBe(1);
});

test('a second signal ends the process at once', async () => {
  const held = await heldServer(server.url, '/upload');
  const served = startServe('--port', '0', ...(await collectionToUpload(held.url)));
  const reply = served.ask({ action: 'sync', version: 6 }).catch(() => 'broken');
  await held.reached;
  served.child.kill('SIGTERM');
  await sleep(1500);
  expect(served.child.exitCode).toBeNull();
  served.child.kill('SIGTERM');
  expect(await served.exit).toBe(0);
  expect(await reply).toBe('broken');
  held.close();
});

test('the command sync syncs once, with the full sync that it allows, and ends', async () => {
  const run = async (args: readonly string[]) => {
    const child = spawn(process.execPath, [main, 'sync', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    const exited = once(child, 'close');
    const log = await text(child.stderr);
    return { code: (await exited)[0], log };
  };
  const args = await collectionToUpload(server.url);
  const refused = await run(args.slice(0, -2));
  expect(refused.code).toBe(1);
  expect(refused.log).toContain('"ankiwright sync" once with --sync-full');
  const done = await run(args);
  expect(done.log).toMatch(/was replaced by the one here\.[^]*is synced, with its media/);
  expect(done.code).toBe(0);
  expect(await uploaded()).toBe(1);
  expect((await run([])).code).toBe(2);
});
