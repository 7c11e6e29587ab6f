import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Backend } from '../../../src/contract/backend.ts';
import type { Engine } from '../../../src/backends/engine/engine.ts';
import { Assistant } from '../../support/assistant.ts';
import { backendDouble } from '../../support/backend-double.ts';
import { temporaryEngine } from '../../support/collection.ts';
import { addNotes, guardedServer, overHttp, series } from '../../support/guarded-server.ts';
import { zip } from '../../support/zip.ts';

const onEngine = async (engine: Engine): Promise<Backend> => engine;
const bothBackends = [
  ['engine', onEngine],
  ['desktop', overHttp],
] as const;

const backupIn = (text: string): string | undefined => /Backup: (.*)$/m.exec(text)?.[1];

async function deletes(assistant: Assistant, notes: readonly number[]): Promise<string | undefined> {
  const { isError, text } = await assistant.call('deleteNotes', { notes });
  expect(isError, text).toBe(false);
  return backupIn(text);
}

test.each(bothBackends)(
  '%s: notes that were added or changed after a backup get another one',
  async (_, connect) => {
    const { assistant, engine } = await guardedServer(undefined, { backup: 'auto' }, connect);
    const [first = 0, changed = 0, ...others] = await addNotes(engine, 'D', series('n', 30));
    expect(await deletes(assistant, [first])).toBeDefined();
    for (const note of others.slice(0, 5)) expect(await deletes(assistant, [note])).toBeUndefined();

    const added = await addNotes(engine, 'D', series('added', 5));
    expect(await deletes(assistant, added)).toBeDefined();
    await engine.call('updateNoteFields', { note: { id: changed, fields: { Back: 'changed' } } });
    expect(await deletes(assistant, [changed])).toBeDefined();
    const cards = await engine.call('findCards', { query: `nid:${others[10]}` });
    await engine.call('setDueDate', { cards, days: '3' });
    expect(await deletes(assistant, others.slice(10, 11))).toBeDefined();
    expect(await deletes(assistant, others.slice(11))).toBeUndefined();
  },
);

test('another collection in the place of the first gets a backup of its own', async () => {
  const { assistant, engine } = await guardedServer(undefined, { backup: 'auto' });
  const [first = 0] = await addNotes(engine, 'D', ['a', 'b']);
  expect(await deletes(assistant, [first])).toBeDefined();
  const other = temporaryEngine();
  onTestFinished(other.close);
  const [note = 0] = await addNotes(other.engine, 'D', ['x', 'y']);
  await other.engine.close();
  await engine.close();
  copyFileSync(other.engine.place, engine.place);
  expect(await deletes(assistant, [note])).toBeDefined();
});

test('another profile in the same Anki gets a backup of its own, in its own folder', async () => {
  const first = temporaryEngine();
  const second = temporaryEngine();
  onTestFinished(first.close);
  onTestFinished(second.close);
  let open = first.engine;
  const anki = async (): Promise<Backend> =>
    backendDouble((name, params, options) => open.request(name, params, options), {
      kind: 'anki-connect',
      place: 'http://127.0.0.1:8765',
    });
  const { assistant } = await guardedServer(undefined, { backup: 'auto' }, anki);
  const [a = 0] = await addNotes(first.engine, 'D', ['a', 'b']);
  const [x = 0] = await addNotes(second.engine, 'D', ['x', 'y']);
  expect(await deletes(assistant, [a])).toContain(first.folder);
  open = second.engine;
  expect(await deletes(assistant, [x])).toContain(second.folder);
});

test('the newest backup is kept when the clock was set back, and incomplete files do not displace complete ones', async () => {
  const { assistant, engine, folder, backups } = await guardedServer(undefined, { backup: 'auto' });
  const [first = 0, second = 0] = await addNotes(engine, 'D', ['a', 'b']);
  const backupFolder = join(folder, 'collection.ankiwright-backups');
  mkdirSync(backupFolder);
  for (let number = 40; number < 50; number++) {
    const path = join(backupFolder, `collection-0000${number}-2099-01-01T00.00.00.000Z.colpkg`);
    writeFileSync(path, number === 45 ? zip([]).subarray(0, 10) : zip([]));
    utimesSync(path, new Date('2099-01-01'), new Date('2099-01-01'));
  }
  mkdirSync(join(backupFolder, '.partial-999999999-x'));
  expect(await deletes(assistant, [first])).toContain('collection-000050-');
  expect(backups()).toHaveLength(10);
  expect(backups().filter((path) => /-0000(45|5.)-|partial/.test(path))).toEqual([
    expect.stringContaining('collection-000050-'),
  ]);
  await engine.call('updateNoteFields', { note: { id: second, fields: { Back: 'changed' } } });
  expect(await deletes(assistant, [second])).toContain('collection-000051-');
  expect(backups().some((path) => path.includes('collection-000050-'))).toBe(true);
});

test('a backup names what it was made for, and all later operations that it can undo', async () => {
  const { assistant, engine, folder } = await guardedServer(undefined, { backup: 'auto' });
  const [first = 0, second = 0] = await addNotes(engine, 'D', ['a', 'b']);
  await deletes(assistant, [first]);
  await deletes(assistant, [second]);
  const info = join(folder, 'collection.ankiwright-backups.info');
  const [name = ''] = readdirSync(info);
  expect(JSON.parse(readFileSync(join(info, name), 'utf8'))).toMatchObject({
    notes: 2,
    cards: 2,
    operations: [
      { actions: ['deleteNotes'], reason: expect.stringContaining('Delete 1 note ("a")'), notes: [first] },
      { actions: ['deleteNotes'], reason: expect.stringContaining('Delete 1 note ("b")'), notes: [second] },
    ],
  });
});

test('a deleted backup is made again before the next deletion', async () => {
  const { assistant, engine } = await guardedServer(undefined, { backup: 'auto' });
  const [first = 0, second = 0] = await addNotes(engine, 'D', ['a', 'b']);
  const path = (await deletes(assistant, [first])) ?? '';
  rmSync(path);
  expect(existsSync((await deletes(assistant, [second])) ?? '')).toBe(true);
});
