import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Engine } from '../../../src/backends/engine/engine.ts';
import { findPython } from '../../../src/backends/engine/process/install.ts';
import { startApi } from '../../support/api.ts';
import { eventually } from '../../support/eventually.ts';
import { deadUrl } from '../../support/fake-anki.ts';
import { probe } from '../../../src/cli/doctor/collection-probe.ts';
import { examined, listing, newFolder, system } from './examined.ts';

const log = () => {};
const python = await findPython(undefined);

/** Returns an engine that has a collection with one note open. */
async function openCollection(collection = join(newFolder(), 'collection.anki2')) {
  const engine = new Engine({ collection, log });
  onTestFinished(() => engine.close());
  const fields = { Front: 'a', Back: 'b' };
  const options = { allowDuplicate: true };
  await engine.call('addNote', { note: { deckName: 'Default', modelName: 'Basic', fields, options } });
  return { engine, collection, folder: dirname(collection) };
}

/** Returns a closed collection. */
async function closedCollection(): Promise<{ collection: string; folder: string }> {
  const { engine, collection, folder } = await openCollection();
  await engine.close();
  return { collection, folder };
}

const changeScript = `import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as database:
    for statement in sys.argv[2:]:
        database.execute(statement)
database.close()`;

function sql(path: string, ...statements: string[]): void {
  execFileSync(python, ['-c', changeScript, path, ...statements]);
}

const holdScript = `import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
for statement in sys.argv[2:]:
    database.execute(statement).fetchall()
print("held", flush=True)
sys.stdin.read()`;

/** Starts a program that has a database open until the test ends. Returns its process id. */
async function holdOpen(path: string, ...statements: string[]): Promise<number | undefined> {
  const child = spawn(python, ['-c', holdScript, path, ...statements]);
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await once(child, 'close');
  });
  await once(child.stdout, 'data');
  return child.pid;
}

test('reading a closed collection leaves no files', async () => {
  const { collection, folder } = await closedCollection();
  const { of, wrong } = await examined({ collection }, undefined, folder);
  expect(wrong).toEqual([]);
  expect(of('collection').says).toBe(`${collection} is a collection (schema 18).`);
  expect(of('lock').says).toBe('No program has the collection open.');
  expect(listing(folder).map((line) => line.split(' ')[0])).toEqual([
    '.',
    'collection.anki2',
    'collection.media',
  ]);
});

test('a collection that the engine has open is not disturbed', async () => {
  const { engine, collection, folder } = await openCollection();
  const { ok, of, wrong } = await examined({ collection }, undefined, folder);
  expect(ok).toBe(true);
  expect(wrong).toEqual(['lock: warning']);
  expect(of('lock').says).toMatch(/^Another ankiwright \(process \d+\) has the collection open\.$/);
  expect(of('lock').next).toMatch(/--idle/);
  expect(await engine.call('findNotes', { query: '' })).toHaveLength(1);
});

test('repeated probes do not keep an engine from opening the collection', async () => {
  const { collection } = await closedCollection();
  const opening = async (): Promise<string> => {
    for (let time = 0; time < 10; time++) {
      const engine = new Engine({ collection, log });
      await engine.call('version', {});
      await engine.close();
    }
    return 'opened';
  };
  const probing = (): Promise<string> => probe(collection, python).then(() => 'probed');
  const opened = opening();
  let probes = 0;
  while ((await Promise.race([opened, probing()])) !== 'opened') probes++;
  expect(probes).toBeGreaterThan(0);
});

test.each([
  ['as Anki does', 'pragma locking_mode = exclusive', 'begin immediate'],
  ['to read it', 'begin', 'select * from col'],
])('a collection that another program has open %s cannot be used', async (_name, ...statements) => {
  const { collection, folder } = await closedCollection();
  const holder = await holdOpen(collection, ...statements);
  const { ok, of } = await examined({ collection }, undefined, folder);
  expect(ok).toBe(false);
  expect(of('lock').says).toMatch(
    new RegExp(`^python\\S* \\(process ${holder}\\) has the collection open\\.$`),
  );
  expect(of('lock').next).toMatch(/remove --collection/);
  expect(of('collection').says).toMatch(/is in use/);
  const engine = new Engine({ collection, log });
  await expect(engine.call('version', {})).rejects.toThrow(/is open in another program/);
  await engine.close();
});

test('a collection that was not closed is reported and not changed', async () => {
  const { collection, folder } = await openCollection();
  const { of: before } = await examined({ collection }, undefined, folder);
  process.kill(Number(/process (\d+)/.exec(before('lock').says)?.[1]), 'SIGKILL');
  await eventually(async () => {
    const { of } = await examined({ collection }, undefined, folder);
    expect(of('lock').state).toBe('ok');
    expect(of('collection')).toMatchObject({ state: 'ok', says: expect.stringMatching(/It was not closed/) });
  });
  const next = new Engine({ collection, log });
  expect(await next.call('findNotes', { query: '' })).toHaveLength(1);
  await next.close();
});

test.each<[string, (path: string) => unknown, string, RegExp, RegExp]>([
  ['missing', () => {}, 'warning', /does not exist: the first call creates a new/, /Check --collection/],
  ['empty', (path) => writeFileSync(path, ''), 'warning', /is empty/, /Check --collection/],
  ['a folder', (path) => mkdirSync(path), 'failure', /is not a file/, /collection\.anki2/],
  ['text', (path) => writeFileSync(path, 'not a database, '.repeat(99)), 'failure', /not an SQLite/, /Check/],
  ['short', (path) => writeFileSync(path, 'SQL'), 'failure', /not an SQLite file/, /Check/],
  [
    'another database',
    (path) => sql(path, 'create table t (a)'),
    'failure',
    /not an Anki collection/,
    /Check/,
  ],
  [
    'garbage after the first bytes',
    (path) => writeFileSync(path, 'SQLite format 3\0'.padEnd(9000, 'x')),
    'failure',
    /is damaged: /,
    /backup/,
  ],
])('a file that is %s', async (_name, create, state, says, next) => {
  const folder = newFolder();
  const collection = join(folder, 'collection.anki2');
  await create(collection);
  const { of } = await examined({ collection }, undefined, folder);
  expect(of('collection')).toMatchObject({ state, says: expect.stringMatching(says) });
  expect(of('collection').next).toMatch(next);
});

test('a missing folder is reported', async () => {
  const { of } = await examined({ collection: join(newFolder(), 'none', 'collection.anki2') });
  expect(of('collection').says).toMatch(/^The folder .*none does not exist\.$/);
});

test.each<[string, (path: string) => unknown, RegExp, RegExp]>([
  [
    'cut short',
    (path) => truncateSync(path, 50_000),
    /is damaged: database disk image is malformed/,
    /database disk image is malformed/,
  ],
  [
    'of a newer Anki',
    (path) => sql(path, 'update col set ver = 19'),
    /newer Anki \(schema 19\)/,
    /newer Anki/,
  ],
  [
    'of a very old Anki',
    (path) => sql(path, 'update col set ver = 10'),
    /very old Anki \(schema 10\)/,
    /FileTooOld/,
  ],
])('a collection %s is a failure, and the engine refuses it too', async (_name, change, says, engineSays) => {
  const { collection, folder } = await closedCollection();
  await change(collection);
  const { ok, of } = await examined({ collection }, undefined, folder);
  expect(ok).toBe(false);
  expect(of('collection').says).toMatch(says);
  const engine = new Engine({ collection, log });
  await expect(engine.call('findNotes', { query: '' })).rejects.toThrow(engineSays);
  await engine.close();
});

/** Creates a home in which Anki has this profile. */
async function homeWith(profile: string, collection: string) {
  const on = system();
  const folder = join(on.home, 'Anki2', profile);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'collection.anki2');
  copyFileSync(collection, path);
  return { on: { ...on, env: { XDG_DATA_HOME: on.home, APPDATA: on.home } }, path };
}

test('the collection of a profile is found; for an unknown profile, the known ones are listed', async () => {
  const { on, path } = await homeWith('User 1', (await closedCollection()).collection);
  const url = await deadUrl();
  const { ok, of } = await examined({ url, profile: 'User 1', ankiFolder: dirname(dirname(path)) }, on);
  expect(ok).toBe(true);
  expect(of('port').state).toBe('skipped');
  expect(of('collection').says).toContain(path);
  const other = await examined({ url, profile: 'user 1', ankiFolder: dirname(dirname(path)) }, on);
  expect(other.of('collection').state).toBe('failure');
  expect(other.of('collection').says).toMatch(/no profile "user 1"/);
  expect(other.of('collection').next).toMatch(/User 1.*--anki-base FOLDER/);
  expect(other.of('lock').state).toBe('skipped');
});

test('a profile that Anki has open needs the add-on', async () => {
  const { on, path } = await homeWith('User 1', (await closedCollection()).collection);
  const { engine } = await openCollection(path);
  const target = { profile: 'User 1', ankiFolder: dirname(dirname(path)) };
  const api = await startApi(engine);
  onTestFinished(api.close);
  const through = await examined({ ...target, url: api.url }, on);
  expect(through.of('lock').says).toMatch(/has the collection open\. ankiwright works through Anki\.$/);
  expect(through.ok).toBe(true);
  await engine.close();
  await holdOpen(path, 'pragma locking_mode = exclusive', 'begin immediate');
  const { ok, of } = await examined({ ...target, url: await deadUrl() }, on);
  expect(ok).toBe(false);
  expect(of('lock').next).toMatch(/If that is Anki, install the Anki-Connect add-on \(code 2055492159\)/);
});
