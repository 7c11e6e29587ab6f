import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { placeOf } from '../../src/backends/engine/session/collection.ts';
import { Host } from '../../src/backends/engine/process/host.ts';
import { install } from '../../src/backends/engine/process/install.ts';
import { tablesSchema } from '../../src/backends/engine/process/protocol.ts';
import { temporaryEngine } from '../support/collection.ts';

const run = promisify(execFile);

/** Starts a host with another release of the engine, installed from PyPI into a new folder. */
async function hostOf(version: string): Promise<Host> {
  const { python, host } = await install({ log: () => {} });
  const folder = await mkdtemp(join(tmpdir(), `anki-${version}-`));
  const options = ['--no-deps', '--only-binary=:all:', '--target', folder, `anki==${version}`];
  await run(python, ['-m', 'pip', 'install', '--quiet', ...options]);
  const { stdout } = await run(python, ['-I', '-S', host, folder, 'describe'], { maxBuffer: 1 << 24 });
  return new Host({ python, host, folder, tables: tablesSchema.parse(JSON.parse(stdout)) });
}

const order = { value: { case: 'none', value: {} } } as const;

test.each(['25.9.4', '26.9.3'])('a collection can be used in Anki %s and opened again', async (version) => {
  const { engine, folder, close } = temporaryEngine();
  const fields = { Text: 'A {{c1::cloze}} and a {{c2::second}}' };
  await engine.call('createDeck', { deck: 'A::B' });
  await engine.call('addNote', { note: { deckName: 'A::B', modelName: 'Cloze', fields } });
  await engine.call('storeMediaFile', { filename: 'x.txt', data: 'YQ==' });
  await engine.call('guiDeckReview', { name: 'A' });
  await engine.call('guiShowAnswer', {});
  expect(await engine.call('guiAnswerCard', { ease: 3 })).toBe(true);
  await engine.close();

  const otherHost = await hostOf(version);
  const { path, media, mediaDb } = placeOf(join(folder, 'collection.anki2'));
  await otherHost.call('open_collection', {
    collectionPath: path,
    mediaFolderPath: media,
    mediaDbPath: mediaDb,
  });
  expect((await otherHost.call('check_database', {})).problems).toEqual([]);
  expect((await otherHost.call('search_cards', { search: 'deck:A', order })).ids).toHaveLength(2);
  expect(await otherHost.query('select count() from revlog')).toEqual([[1]]);
  const { ntid } = await otherHost.call('get_notetype_id_by_name', { val: 'Basic' });
  const note = { id: 0n, guid: 'other', notetypeId: ntid, mtimeSecs: 0, tags: [] };
  await otherHost.call('add_notes', {
    requests: [{ note: { ...note, fields: ['from the other version', 'back'] }, deckId: 1n }],
  });
  await otherHost.call('close_collection', { downgradeToSchema11: false });
  await otherHost.close();

  expect(await engine.call('findNotes', { query: 'from' })).toHaveLength(1);
  expect(await engine.call('guiCheckDatabase', {})).toBe(true);
  expect(await engine.call('findCards', { query: '' })).toHaveLength(3);
  await close();
});
