import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { builtServer, dist } from '../support/built-server.ts';
import { note } from '../support/countable-writes.ts';
import { device, frontsOf } from '../support/devices.ts';
import { eventually } from '../support/eventually.ts';
import { addNotes } from '../support/guarded-server.ts';
import { heldServer } from '../support/held-server.ts';
import { newCollection } from '../support/served.ts';
import { password, startSyncServer, user } from '../support/sync-server.ts';

/** Starts a sync server with the collection of a phone, and returns the options of a built server that syncs with it. */
async function syncedServer() {
  const server = await startSyncServer();
  onTestFinished(server.close);
  const { engine: phone } = device(server.url, undefined, { full: 'upload' });
  await addNotes(phone, 'D', ['first']);
  await phone.call('sync', {});
  const relay = await heldServer(server.url);
  onTestFinished(relay.close);
  const collection = newCollection();
  const passwordFile = join(dirname(collection), 'password');
  writeFileSync(passwordFile, password);
  const account = ['--sync-url', relay.url, '--sync-user', user, '--sync-password-file', passwordFile];
  const args = ['--collection', collection, '--sync', 'auto', '--sync-full', 'download-if-empty', ...account];
  return { phone, relay, args };
}

const addNote = (front: string) => ({
  name: 'addNote',
  arguments: { note: { ...note(front), deckName: 'D' } },
});

/** Starts the built server without a client, and calls addNote. `ended` resolves to its exit code. */
async function startWithNote(args: readonly string[], front: string) {
  const child = spawn(process.execPath, [`${dist}/main.js`, ...args], { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = once(child, 'exit').then(([code]) => Number(code));
  let output = '';
  child.stdout.on('data', (chunk) => (output += String(chunk)));
  const send = (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 't', version: '1' } };
  send({ id: 1, method: 'initialize', params });
  send({ method: 'notifications/initialized' });
  send({ id: 2, method: 'tools/call', params: addNote(front) });
  await eventually(() => expect(output).toContain('"id":2'));
  expect(output).toContain('"ankiwright/sync":{"state":"waiting"');
  return { child, ended };
}

describe('Automatic sync', () => {
  test.each(['SIGTERM', 'end of stdin'])(
    'a change waits when the server is asked to end: %s',
    async (way) => {
      const { phone, args } = await syncedServer();
      const { child, ended } = await startWithNote(args, 'second');
      if (way === 'SIGTERM') child.kill('SIGTERM');
      else child.stdin.end();
      expect(await ended).toBe(0);
      await phone.call('sync', {});
      expect(await frontsOf(phone)).toEqual(['first', 'second']);
    },
  );

  test.each([
    '/sync/start',
    '/sync/applyChanges',
    '/sync/chunk',
    '/sync/applyChunk',
    '/sync/sanityCheck2',
    '/sync/finish',
  ])('the server is killed during a sync, and nothing is lost: %s', async (step) => {
    const { phone, relay, args } = await syncedServer();
    const { child, ended } = await startWithNote(args, 'second');
    relay.state.word = step;
    child.kill('SIGTERM');
    await relay.reached;
    child.kill('SIGKILL');
    await ended;
    relay.release();
    const again = await builtServer(args);
    onTestFinished(again.close);
    expect((await again.call('findNotes', { query: '' })).text).toMatch(/\[\d+,\d+\]/);
    await again.call('sync');
    await phone.call('sync', {});
    expect(await frontsOf(phone)).toEqual(['first', 'second']);
  });
});
