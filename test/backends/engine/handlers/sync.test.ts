import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { SyncOptions } from '../../../../src/backends/engine/session/account.ts';
import type { Engine } from '../../../../src/backends/engine/engine.ts';
import { temporaryEngine } from '../../../support/collection.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { hostileSync } from '../../../support/hostile-sync.ts';
import { password, startSilentServer, startSyncServer, user } from '../../../support/sync-server.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function startServer() {
  const server = await startSyncServer();
  cleanups.push(server.close);
  return server;
}

/** A collection of somebody who syncs with that server. */
function device({ url, folder }: { url: string; folder: string }, name: string, sync: SyncOptions = {}) {
  const tokenFile = join(folder, `${name}.json`);
  const said: string[] = [];
  const made = temporaryEngine({
    sync: { url, user, password, tokenFile, ...sync },
    importsAtOnce: true,
    log: (message) => said.push(message),
  });
  cleanups.push(made.close);
  const learn = async (words: string) => {
    const file = join(made.folder, 'words.txt');
    writeFileSync(file, `#separator:tab\n#notetype:Basic\n#deck:Words\n${words}\tmeaning\n`);
    await made.engine.call('guiImportFile', { path: file });
  };
  mkdirSync(join(made.folder, 'collection.media'));
  const media = (file: string) => join(made.folder, 'collection.media', file);
  const synced = () => made.engine.call('sync', {});
  return { ...made, said, tokenFile, learn, media, synced };
}

async function size(engine: Engine): Promise<number | undefined> {
  const stats = await engine.call('getDeckStats', { decks: ['Words'] });
  return Object.values(stats)[0]?.total_in_deck;
}

test('two collections become one through a server, media included', async () => {
  const server = await startServer();
  const first = device(server, 'first', { full: 'upload' });
  await first.learn('one');
  writeFileSync(first.media('picture.png'), 'pixels');
  expect(await first.synced()).toBeNull();

  const second = device(server, 'second', { full: 'download' });
  await second.synced();
  expect(await size(second.engine)).toBe(1);
  expect(readFileSync(second.media('picture.png'), 'utf8')).toBe('pixels');

  await second.learn('two');
  writeFileSync(second.media('sound.mp3'), 'noise');
  await second.synced();
  await first.learn('three');
  await first.synced();
  await second.synced();
  expect(await size(first.engine)).toBe(3);
  expect(await size(second.engine)).toBe(3);
  expect(readFileSync(first.media('sound.mp3'), 'utf8')).toBe('noise');
});

test('a full sync is done when a person has said which way, once', async () => {
  const server = await startServer();
  const first = device(server, 'first');
  await first.learn('one');
  await expect(first.synced()).rejects.toThrow(/server has no cards.*--sync-full upload/);
  const wrong = device(server, 'wrong', { full: 'download' });
  await wrong.learn('one');
  await expect(wrong.synced()).rejects.toThrow('--sync-full upload');

  const second = device(server, 'second', { full: 'upload' });
  await second.learn('two');
  await second.synced();
  const empty = device(server, 'empty');
  await expect(empty.synced()).rejects.toThrow(/here has no cards.*--sync-full download/);

  await expect(first.synced()).rejects.toThrow(/--sync-full upload .* or --sync-full download/);
  expect(await size(first.engine)).toBe(1);
  await second.engine.call('modelFieldAdd', { modelName: 'Basic', fieldName: 'Third' });
  await expect(second.synced()).rejects.toThrow('full sync');
});

test('before a download, what is replaced is kept in a backup', async () => {
  const server = await startServer();
  const first = device(server, 'first', { full: 'upload' });
  await first.learn('one');
  await first.synced();
  const second = device(server, 'second', { full: 'download' });
  await second.learn('other');
  await second.learn('another');
  await second.synced();
  expect(await size(second.engine)).toBe(1);
  expect(second.said.filter((words) => words.includes('replaced'))).toEqual([]); // it did so itself
  expect(readdirSync(join(second.folder, 'backups'))).toEqual([expect.stringMatching(/\.colpkg$/)]);
});

test('a login is kept for its owner alone, and is enough without the password', async () => {
  const server = await startServer();
  const first = device(server, 'first');
  await first.synced();
  expect(statSync(first.tokenFile).mode & 0o777).toBe(0o600);
  expect(readFileSync(first.tokenFile, 'utf8')).not.toContain(password);

  const { tokenFile } = first;
  const again = device(server, 'again', { tokenFile, password: undefined });
  await expect(again.synced()).resolves.toBeNull();
  const unnamed = device(server, 'unnamed', { tokenFile, user: undefined, password: undefined });
  await expect(unnamed.synced()).resolves.toBeNull();
  const other = device(server, 'other', { tokenFile, user: 'other', password: undefined });
  await expect(other.synced()).rejects.toThrow(
    /^sync: auth not configured\. .*needs the user and the password/,
  );
});

test('a token that is no longer valid is replaced by a new login', async () => {
  const server = await startServer();
  const first = device(server, 'first');
  writeFileSync(
    first.tokenFile,
    JSON.stringify({ user, url: server.url, hkey: 'old', endpoint: server.url }),
  );
  await expect(first.synced()).resolves.toBeNull();
  expect(readFileSync(first.tokenFile, 'utf8')).not.toContain('"old"');

  const second = device(server, 'second', { password: undefined });
  writeFileSync(
    second.tokenFile,
    JSON.stringify({ user, url: server.url, hkey: 'old', endpoint: server.url }),
  );
  await expect(second.synced()).rejects.toThrow(/needs the user and the password/);
  expect(existsSync(second.tokenFile)).toBe(false);
});

test('a wrong password is refused, and neither shown nor kept', async () => {
  const server = await startServer();
  const first = device(server, 'first', { password: 'battery staple' });
  await expect(first.synced()).rejects.toThrow('Email or password was incorrect; please try again.');
  await expect(first.synced()).rejects.not.toThrow('battery');
  expect(existsSync(first.tokenFile)).toBe(false);
});

test('the password and the token are masked in the messages of the sync server', async () => {
  const token = 'hkey-77c1f0';
  const echoed = `wait, ${password}: ${token}`;
  const meta = { mod: 1, scm: 1, usn: 0, ts: 0, musn: 0, media_usn: 0, hostNum: 0, empty: false };
  let reply = { ...meta, cont: false, msg: echoed };
  const server = await hostileSync((method) => ({
    status: 200,
    body: JSON.stringify(method === 'hostKey' ? { key: token } : reply),
  }));
  cleanups.push(server.close);
  const first = device({ url: server.url, folder: temporaryFolder() }, 'first');
  await expect(first.synced()).rejects.toThrow(/wait, \*\*\*: \*\*\*/);
  expect(readFileSync(first.tokenFile, 'utf8')).toContain(token);

  // The next server process knows the token from the file only.
  const { tokenFile } = first;
  const next = device({ url: server.url, folder: '' }, 'next', { tokenFile, password: undefined });
  await expect(next.synced()).rejects.toThrow(`wait, ${password}: ***`);

  expect([...first.said, ...next.said].join('\n')).not.toContain(token);
});

test('a message of the sync server is logged in one line, without the token', async () => {
  const token = 'hkey-77c1f0';
  const ts = Math.floor(Date.now() / 1000);
  const meta = { mod: 1, scm: 2, usn: 0, ts, musn: 0, media_usn: 0, hostNum: 0, empty: true, cont: true };
  const server = await hostileSync((method) => {
    if (method === 'hostKey') return { status: 200, body: JSON.stringify({ key: token }) };
    if (method === 'upload') return { status: 200, body: 'OK' };
    return {
      status: 200,
      body: JSON.stringify({ ...meta, msg: `moved\n${token}`, data: { usn: 0, sk: '' }, err: '' }),
    };
  });
  cleanups.push(server.close);
  const first = device({ url: server.url, folder: temporaryFolder() }, 'first', { full: 'upload' });
  await first.learn('one');
  await expect(first.synced()).resolves.toBeNull();
  expect(first.said).toEqual(['the sync server says: moved ***']);
});

test('without an account, or a server, nothing is synced', async () => {
  const server = await startServer();
  const nobody = device(server, 'nobody', { user: undefined, tokenFile: undefined });
  await expect(nobody.synced()).rejects.toThrow(/^sync: auth not configured$/);
  const lost = device({ ...server, url: 'http://127.0.0.1:1/' }, 'lost');
  await expect(lost.synced()).rejects.toThrow('A network error occurred.');
});

test('media that cannot be synced are an error', async () => {
  const server = await startServer();
  const first = device(server, 'first', { full: 'upload' });
  await first.learn('one');
  await first.synced();
  rmSync(join(server.folder, 'server', user, 'media'), { recursive: true });
  writeFileSync(join(server.folder, 'server', user, 'media'), 'in the way');
  writeFileSync(first.media('picture.png'), 'pixels');
  await expect(first.synced()).rejects.toThrow(/^The collection was synced, but not all of its media: ./);
});

test('a sync can be cancelled', async () => {
  const silent = await startSilentServer();
  cleanups.push(silent.close);
  const first = device({ url: silent.url, folder: '/nowhere' }, 'first');
  const cancel = new AbortController();
  void silent.reached.then(() => cancel.abort());
  const options = { signal: cancel.signal };
  await expect(first.engine.call('sync', {}, options)).rejects.toThrow('sync was cancelled');
  await expect(first.engine.call('deckNames', {})).resolves.toEqual(['Default']);
});
