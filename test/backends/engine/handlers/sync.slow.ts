import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { CallOptions } from '../../../../src/contract/backend.ts';
import type { SyncOptions } from '../../../../src/backends/engine/session/account.ts';
import type { Engine } from '../../../../src/backends/engine/engine.ts';
import type { EngineOptions } from '../../../../src/backends/engine/options.ts';
import { temporaryEngine } from '../../../support/collection.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { engineHome } from '../../../../src/backends/engine/process/install.ts';
import { withHost } from '../../../support/review-history.ts';
import { heldServer } from '../../../support/held-server.ts';
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

/** Creates a collection that syncs with the server. */
function device(
  { url, folder }: { url: string; folder: string },
  name: string,
  sync: SyncOptions = {},
  options: Partial<EngineOptions> = {},
) {
  const tokenFile = join(folder, `${name}.json`);
  const logged: string[] = [];
  const temporary = temporaryEngine({
    sync: { url, user, password, tokenFile, ...sync },
    importsAtOnce: true,
    log: (message) => logged.push(message),
    ...options,
  });
  cleanups.push(temporary.close);
  const addWord = async (word: string) => {
    const file = join(temporary.folder, 'words.txt');
    writeFileSync(file, `#separator:tab\n#notetype:Basic\n#deck:Words\n${word}\tmeaning\n`);
    await temporary.engine.call('guiImportFile', { path: file });
  };
  mkdirSync(join(temporary.folder, 'collection.media'));
  const media = (file: string) => join(temporary.folder, 'collection.media', file);
  const runSync = (options: CallOptions = {}) => temporary.engine.call('sync', {}, options);
  return { ...temporary, logged, tokenFile, addWord, media, runSync };
}

async function size(engine: Engine): Promise<number | undefined> {
  const stats = await engine.call('getDeckStats', { decks: ['Words'] });
  return Object.values(stats)[0]?.total_in_deck;
}

test('two collections sync through a server, with media', async () => {
  const server = await startServer();
  const first = device(server, 'first', { full: 'upload' });
  await first.addWord('one');
  writeFileSync(first.media('picture.png'), 'pixels');
  expect(await first.runSync()).toBeNull();

  const second = device(server, 'second', { full: 'download' });
  await second.runSync();
  expect(await size(second.engine)).toBe(1);
  expect(readFileSync(second.media('picture.png'), 'utf8')).toBe('pixels');

  await second.addWord('two');
  writeFileSync(second.media('sound.mp3'), 'noise');
  await second.runSync();
  await first.addWord('three');
  await first.runSync();
  await second.runSync();
  expect(await size(first.engine)).toBe(3);
  expect(await size(second.engine)).toBe(3);
  expect(readFileSync(first.media('sound.mp3'), 'utf8')).toBe('noise');
});

test('a full sync needs a direction, which holds for one sync', async () => {
  const server = await startServer();
  const first = device(server, 'first');
  await first.addWord('one');
  await expect(first.runSync()).rejects.toThrow(/server has no cards.*--sync-full upload/);
  const wrong = device(server, 'wrong', { full: 'download' });
  await wrong.addWord('one');
  await expect(wrong.runSync()).rejects.toThrow('--sync-full upload');

  const second = device(server, 'second', { full: 'upload' });
  await second.addWord('two');
  await second.runSync();
  const empty = device(server, 'empty');
  await expect(empty.runSync()).rejects.toThrow(/here has no cards.*--sync-full download/);

  await expect(first.runSync()).rejects.toThrow(/--sync-full upload .* or --sync-full download/);
  expect(await size(first.engine)).toBe(1);
  await second.engine.call('modelFieldAdd', { modelName: 'Basic', fieldName: 'Third' });
  await expect(second.runSync()).rejects.toThrow('full sync');
});

test('a read after a full download changes nothing, also if only the collection before had a start of the day', async () => {
  const server = await startServer();
  const first = device(server, 'first');
  await first.addWord('first');
  await first.engine.close();
  await withHost(first.engine.place, async (host) => {
    await host.query("delete from config where key = 'rollover'");
    const auth = await host.call('sync_login', { username: user, password, endpoint: server.url });
    await host.call('full_upload_or_download', { auth, upload: true, serverUsn: 0 });
  });
  const second = device(server, 'second', { full: 'download' });
  await second.addWord('second');
  await second.engine.call('findCards', { query: '' });
  await second.runSync();
  await second.engine.call('findCards', { query: 'is:due' });
  await second.engine.close();
  const stored = await withHost(second.engine.place, (host) =>
    host.query("select 1 from config where key = 'rollover'"),
  );
  expect(stored).toEqual([]);
});

test('a full download saves a backup of the replaced collection first', async () => {
  const server = await startServer();
  const first = device(server, 'first', { full: 'upload' });
  await first.addWord('one');
  await first.runSync();
  const second = device(server, 'second', { full: 'download' });
  await second.addWord('other');
  await second.addWord('another');
  await second.runSync();
  expect(await size(second.engine)).toBe(1);
  expect(second.logged.filter((message) => message.includes('by another program'))).toEqual([]); // the engine itself replaced the file
  expect(readdirSync(join(second.folder, 'backups'))).toEqual([expect.stringMatching(/\.colpkg$/)]);
});

test('a full download that cannot save a backup replaces nothing, now and when it is repeated', async () => {
  const server = await startServer();
  const first = device(server, 'first', { full: 'upload' });
  await first.addWord('one');
  await first.runSync();
  const second = device(server, 'second', { full: 'download' });
  await second.addWord('other');
  await second.addWord('another');
  writeFileSync(join(second.folder, 'backups'), 'in the way');
  for (let at = 0; at < 3; at++) {
    await expect(second.runSync()).rejects.toThrow(
      /no backup of it could be made .*The collection here was not replaced\. Solve this problem and sync again/,
    );
    expect(await size(second.engine)).toBe(2);
    expect(second.engine.fullSync).toBe('download');
  }
  rmSync(join(second.folder, 'backups'));
  await second.runSync();
  expect(await size(second.engine)).toBe(1);
  expect(second.engine.fullSync).toBeUndefined();
});

test('a backup that the engine reports as unnecessary is made all the same', async () => {
  const server = await startServer();
  const first = device(server, 'first', { full: 'upload' });
  await first.addWord('one');
  await first.runSync();
  const second = device(server, 'second', { full: 'download' });
  await second.addWord('other');
  const elsewhere = temporaryFolder();
  expect(await second.engine.backup(elsewhere)).toBe(true);
  rmSync(elsewhere, { recursive: true });
  await second.runSync();
  const [name = ''] = readdirSync(join(second.folder, 'backups'));
  expect(name).toMatch(/^backup-.*\.colpkg$/);
  expect(second.logged).toContain(
    `The collection here was replaced by the one on the server. It is saved as ${join(second.folder, 'backups', name)}.`,
  );
});

test('with --backup never, a full download says that no backup was made', async () => {
  const server = await startServer();
  const first = device(server, 'first', { full: 'upload' });
  await first.addWord('one');
  await first.runSync();
  const second = device(server, 'second', { full: 'download', backup: false });
  await second.addWord('other');
  const reports: string[] = [];
  await second.engine.call('sync', {}, { report: (sentence) => reports.push(sentence) });
  expect(reports.join(' ')).toContain('No backup of it was made (--backup never)');
  expect(existsSync(join(second.folder, 'backups'))).toBe(false);
});

test('an ordinary sync leaves the permission for a full sync', async () => {
  const server = await startServer();
  const first = device(server, 'first', { full: 'upload' });
  await first.runSync();
  expect(first.engine.fullSync).toBe('upload');
  await first.addWord('one');
  await first.runSync();
  expect(first.engine.fullSync).toBeUndefined();
  await first.engine.call('modelFieldAdd', { modelName: 'Basic', fieldName: 'Third' });
  await expect(first.runSync()).rejects.toThrow('full sync');
});

test('each collection has a token beside it, and takes over an older one of its account', async () => {
  const server = await startServer();
  const engineDir = temporaryFolder();
  symlinkSync(engineHome({}), engineHome({ engineDir }));
  const options = { engineDir };
  const one = device(server, 'one', { tokenFile: undefined }, options);
  await one.runSync();
  const two = device(server, 'two', { tokenFile: undefined }, options);
  await two.runSync();
  const tokenOf = ({ folder }: { folder: string }) => join(folder, 'collection.ankiwright-sync.json');
  const token = readFileSync(tokenOf(one));
  expect(existsSync(tokenOf(two))).toBe(true);
  writeFileSync(join(engineDir, 'sync.json'), token);
  const same = device(server, 'same', { tokenFile: undefined, password: undefined }, options);
  await same.runSync();
  expect(readFileSync(tokenOf(same)).equals(token)).toBe(true);
  const other = device(
    server,
    'other',
    { tokenFile: undefined, user: 'other', password: undefined },
    options,
  );
  await expect(other.runSync()).rejects.toThrow(/auth not configured/);
  expect(readFileSync(join(engineDir, 'sync.json')).equals(token)).toBe(true);
});

test('the saved token is private to the user and works without the password', async () => {
  const server = await startServer();
  const first = device(server, 'first');
  await first.runSync();
  expect(statSync(first.tokenFile).mode & 0o777).toBe(0o600);
  expect(readFileSync(first.tokenFile, 'utf8')).not.toContain(password);

  const { tokenFile } = first;
  const again = device(server, 'again', { tokenFile, password: undefined });
  await expect(again.runSync()).resolves.toBeNull();
  const unnamed = device(server, 'unnamed', { tokenFile, user: undefined, password: undefined });
  await expect(unnamed.runSync()).resolves.toBeNull();
  const other = device(server, 'other', { tokenFile, user: 'other', password: undefined });
  await expect(other.runSync()).rejects.toThrow(
    /^sync: auth not configured\. .*needs the user and the password/,
  );
});

test('a new login replaces an invalid token', async () => {
  const server = await startServer();
  const first = device(server, 'first');
  writeFileSync(
    first.tokenFile,
    JSON.stringify({ user, url: server.url, hkey: 'old', endpoint: server.url }),
  );
  await expect(first.runSync()).resolves.toBeNull();
  expect(readFileSync(first.tokenFile, 'utf8')).not.toContain('"old"');

  const second = device(server, 'second', { password: undefined });
  writeFileSync(
    second.tokenFile,
    JSON.stringify({ user, url: server.url, hkey: 'old', endpoint: server.url }),
  );
  await expect(second.runSync()).rejects.toThrow(/needs the user and the password/);
  expect(existsSync(second.tokenFile)).toBe(false);
});

test('a token of another server is not used', async () => {
  const server = await startServer();
  const first = device(server, 'first');
  const received: string[] = [];
  const other = await hostileSync((method) => {
    received.push(method);
    return { status: 403, body: 'refused' };
  });
  cleanups.push(other.close);
  await first.runSync();
  const { tokenFile } = first;
  const second = device({ ...server, url: other.url }, 'second', { tokenFile, password: undefined });
  await expect(second.runSync()).rejects.toThrow(/auth not configured/);
  expect(received).toEqual([]);
});

test('a wrong password is refused, and neither printed nor saved', async () => {
  const server = await startServer();
  const first = device(server, 'first', { password: 'battery staple' });
  await expect(first.runSync()).rejects.toThrow('Email or password was incorrect; please try again.');
  await expect(first.runSync()).rejects.not.toThrow('battery');
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
  await expect(first.runSync()).rejects.toThrow(/wait, \*\*\*: \*\*\*/);
  expect(readFileSync(first.tokenFile, 'utf8')).toContain(token);

  // The next server process knows the token from the file only.
  const { tokenFile } = first;
  const next = device({ url: server.url, folder: '' }, 'next', { tokenFile, password: undefined });
  await expect(next.runSync()).rejects.toThrow(`wait, ${password}: ***`);

  expect([...first.logged, ...next.logged].join('\n')).not.toContain(token);
});

test('a message of the sync server is logged on one line, without the token', async () => {
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
  await first.addWord('one');
  await expect(first.runSync()).resolves.toBeNull();
  expect(first.logged).toContain('the sync server says: moved ***');
});

test('sync fails without an account or without a server', async () => {
  const server = await startServer();
  const nobody = device(server, 'nobody', { user: undefined, tokenFile: undefined });
  await expect(nobody.runSync()).rejects.toThrow(/^sync: auth not configured$/);
  await expect(nobody.runSync({ strict: true })).rejects.toThrow(
    /^sync: auth not configured\. Set the account.*--sync-user NAME, --sync-password-file PATH/,
  );
  const lost = device({ ...server, url: 'http://127.0.0.1:1/' }, 'lost');
  await expect(lost.runSync()).rejects.toThrow('A network error occurred.');
});

test('a failed media sync is an error', async () => {
  const server = await startServer();
  const first = device(server, 'first', { full: 'upload' });
  await first.addWord('one');
  await first.runSync();
  rmSync(join(server.folder, 'server', user, 'media'), { recursive: true });
  writeFileSync(join(server.folder, 'server', user, 'media'), 'in the way');
  writeFileSync(first.media('picture.png'), 'pixels');
  await expect(first.runSync()).rejects.toThrow(/^The collection was synced, but not all of its media: ./);
});

test('other calls are answered while the media are synced, and a close stops that', async () => {
  const server = await startServer();
  const held = await heldServer(server.url, '/msync/');
  cleanups.push(held.close);
  const first = device({ ...server, url: held.url }, 'first', { full: 'upload' }, { idleMs: 10 });
  await first.addWord('one');
  writeFileSync(first.media('picture.png'), 'pixels');
  const synced = first.runSync();
  await held.reached;
  await first.addWord('two');
  expect(await size(first.engine)).toBe(2);
  held.release();
  expect(await synced).toBeNull();

  const again = await heldServer(server.url, '/msync/');
  cleanups.push(again.close);
  const second = device({ ...server, url: again.url }, 'second', { full: 'download' });
  const stopped = second.runSync();
  const outcome = expect(stopped).rejects.toThrow(/^The collection was synced, but not all of its media: ./);
  await again.reached;
  await second.engine.close();
  await outcome;
  expect(await size(second.engine)).toBe(1);
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
