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

/** A host with another release of the engine, installed from PyPI into a folder of its own. */
async function hostOf(version: string): Promise<Host> {
  const { python, host } = await install({ log: () => {} });
  const folder = await mkdtemp(join(tmpdir(), `anki-${version}-`));
  const wanted = ['--no-deps', '--only-binary=:all:', '--target', folder, `anki==${version}`];
  await run(python, ['-m', 'pip', 'install', '--quiet', ...wanted]);
  const { stdout } = await run(python, ['-I', '-S', host, folder, 'describe'], { maxBuffer: 1 << 24 });
  return new Host({ python, host, folder, tables: tablesSchema.parse(JSON.parse(stdout)) });
}

const order = { value: { case: 'none', value: {} } } as const;

test.each(['25.9.4', '26.9.3'])('collections go to Anki %s and back', async (version) => {
  const { engine, folder, close } = temporaryEngine();
  const fields = { Text: 'A {{c1::cloze}} and a {{c2::second}}' };
  await engine.call('createDeck', { deck: 'A::B' });
  await engine.call('addNote', { note: { deckName: 'A::B', modelName: 'Cloze', fields } });
  await engine.call('storeMediaFile', { filename: 'x.txt', data: 'YQ==' });
  await engine.call('guiDeckReview', { name: 'A' });
  await engine.call('guiShowAnswer', {});
  expect(await engine.call('guiAnswerCard', { ease: 3 })).toBe(true);
  await engine.close();

  const other = await hostOf(version);
  const { path, media, mediaDb } = placeOf(join(folder, 'collection.anki2'));
  await other.call('open_collection', { collectionPath: path, mediaFolderPath: media, mediaDbPath: mediaDb });
  expect((await other.call('check_database', {})).problems).toEqual([]);
  expect((await other.call('search_cards', { search: 'deck:A', order })).ids).toHaveLength(2);
  expect(await other.query('select count() from revlog')).toEqual([[1]]);
  const { ntid } = await other.call('get_notetype_id_by_name', { val: 'Basic' });
  const note = await other.call('new_note', { ntid });
  await other.call('add_note', { note: { ...note, fields: ['from there', 'back'] }, deckId: 1n });
  await other.call('close_collection', { downgradeToSchema11: false });
  await other.close();

  expect(await engine.call('findNotes', { query: 'from' })).toHaveLength(1);
  expect(await engine.call('guiCheckDatabase', {})).toBe(true);
  expect(await engine.call('findCards', { query: '' })).toHaveLength(3);
  await close();
});
