import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { AnkiConnect } from '../../../src/backends/desktop/client.ts';
import type { Backend } from '../../../src/contract/backend.ts';
import { Engine } from '../../../src/backends/engine/engine.ts';
import { Host } from '../../../src/backends/engine/process/host.ts';
import { install } from '../../../src/backends/engine/process/install.ts';
import { Safeguard } from '../../../src/tools/safeguards/safeguard.ts';
import { Assistant } from '../../support/assistant.ts';
import { backendDouble } from '../../support/backend-double.ts';
import { temporaryEngine } from '../../support/collection.ts';
import { answersWith, fakeAnki } from '../../support/fake-anki.ts';
import { addNotes, cardsIn, guardedServer, overHttp, series } from '../../support/guarded-server.ts';

test('the engine makes one backup per run; the first result names it, and Anki can restore it', async () => {
  const { assistant, engine, folder, backups } = await guardedServer('accept', { backup: 'auto' });
  const [first = 0, second = 0] = await addNotes(engine, 'D', ['a', 'b']);
  const reply = await assistant.client.callTool({ name: 'deleteNotes', arguments: { notes: [first] } });
  const [path = ''] = backups();
  expect(reply).toEqual({
    _meta: expect.objectContaining({ 'ankiwright/backup': path }),
    structuredContent: expect.objectContaining({ result: null }),
    content: [
      { type: 'text', text: expect.stringContaining('"result":null') },
      { type: 'text', text: `Backup: ${path}` },
    ],
  });
  expect(readFileSync(path).subarray(0, 2).toString()).toBe('PK');
  const again = await assistant.client.callTool({ name: 'deleteNotes', arguments: { notes: [second] } });
  expect(again['_meta']).not.toHaveProperty('ankiwright/backup');
  expect(backups()).toEqual([path]);

  await restore(path, join(folder, 'restored'));
  const restored = new Engine({ collection: join(folder, 'restored.anki2'), log: () => {} });
  onTestFinished(() => restored.close());
  expect(await restored.call('findNotes', { query: 'deck:D' })).toEqual([first, second]);
});

async function restore(backupPath: string, stem: string): Promise<void> {
  const host = new Host(await install({ log: () => {} }));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a method of Anki's backend that the product does not use
  const call = host.call.bind(host) as (name: string, request: object) => Promise<unknown>;
  mkdirSync(`${stem}.media`);
  const mediaDb = `${stem}.media.db2`;
  await call('import_collection_package', {
    colPath: `${stem}.anki2`,
    backupPath,
    mediaFolder: `${stem}.media`,
    mediaDb,
  });
  await host.close();
}

test('parallel calls share one backup, and the newest ten backups are kept', async () => {
  const { assistant, engine, folder, backups } = await guardedServer(undefined, { backup: 'auto' });
  const notes = await addNotes(engine, 'D', series('n', 5));
  const backupFolder = join(folder, 'collection.ankiwright-backups');
  mkdirSync(backupFolder);
  writeFileSync(join(backupFolder, 'mine.txt'), '');
  for (let day = 10; day < 25; day++) writeFileSync(join(backupFolder, `decks-2020-01-${day}`), '');
  const results = await Promise.all(notes.map((note) => assistant.call('deleteNotes', { notes: [note] })));
  expect(results.filter(({ text }) => text.includes('Backup: '))).toHaveLength(1);
  expect(backups()).toHaveLength(11);
  expect(backups().filter((path) => path.endsWith('.colpkg'))).toHaveLength(1);
  expect(backups()).toContain(join(backupFolder, 'mine.txt'));
});

test('deletes nothing while no backup can be made', async () => {
  const { assistant, engine, folder, backups } = await guardedServer(undefined, { backup: 'auto' });
  const notes = await addNotes(engine, 'D', ['a']);
  writeFileSync(join(folder, 'collection.ankiwright-backups'), 'in the way');
  const { isError, text } = await assistant.call('deleteNotes', { notes });
  expect(isError).toBe(true);
  expect(text).toMatch(/^Nothing was changed, because no backup could be made .*--backup never/);
  expect(await cardsIn(engine, 'D')).toHaveLength(1);

  rmSync(join(folder, 'collection.ankiwright-backups'));
  expect((await assistant.call('deleteNotes', { notes })).isError).toBe(false);
  expect(backups()).toHaveLength(1);
});

test('a failed attempt of the engine does not count as a backup', async () => {
  const { engine, folder } = await guardedServer(undefined);
  await addNotes(engine, 'D', ['a']);
  await expect(engine.backup(join(folder, 'none'))).rejects.toThrow('No such file or directory');
  mkdirSync(join(folder, 'there'));
  expect(await engine.backup(join(folder, 'there'))).toBe(true);
  expect(readdirSync(join(folder, 'there'))).toHaveLength(1);
});

test('the desktop exports the affected decks with their schedule, each once per run', async () => {
  const { assistant, engine, backups } = await guardedServer(undefined, { backup: 'auto' }, overHttp);
  const [first = 0, second = 0] = await addNotes(engine, 'A::B', ['a', 'b']);
  const others = await addNotes(engine, 'C / D', ['c']);
  const cards = await cardsIn(engine, 'A::B');
  await engine.call('setDueDate', { cards, days: '7' });
  const exported = await assistant.call('deleteNotes', { notes: [first] });
  const path = /Backup: (.*\.apkg)$/.exec(exported.text)?.[1] ?? '';
  expect(path).toContain('1 A_B.apkg');
  expect((await assistant.call('deleteNotes', { notes: [second] })).text).not.toContain('Backup');
  expect((await assistant.call('deleteNotes', { notes: others })).text).toContain('1 C _ D.apkg');
  expect(backups()).toHaveLength(2);
  await engine.call('importPackage', { path });
  expect(await engine.call('findCards', { query: 'deck:A::B prop:due=7' })).toHaveLength(2);
});

test('exports no deck whose parent is exported; several decks share a folder', async () => {
  const { assistant, engine, backups } = await guardedServer('accept', { backup: 'auto' }, overHttp);
  await addNotes(engine, 'A', ['a']);
  await addNotes(engine, 'A::B', ['b']);
  await addNotes(engine, 'C', ['c']);
  await assistant.call('deleteDecks', { decks: ['A', 'A::B', 'C'], cardsToo: true });
  expect(backups()).toHaveLength(1);
  expect(readdirSync(backups()[0] ?? '')).toEqual(['1 A.apkg', '2 C.apkg']);
});

test('a failed backup leaves no files, and nothing is deleted', async () => {
  const failsForB = async (engine: Engine): Promise<Backend> =>
    backendDouble(
      (name, params, options) => {
        const fails = name === 'exportPackage' && JSON.stringify(params).includes('"B"');
        return engine.request(name, fails ? { ...params, path: '/none/b.apkg' } : params, options);
      },
      { kind: 'anki-connect', place: 'http://127.0.0.1:8765' },
    );
  const { assistant, engine, backups } = await guardedServer(undefined, { backup: 'auto' }, failsForB);
  const notes = [...(await addNotes(engine, 'A', ['a'])), ...(await addNotes(engine, 'B', ['b']))];
  const { isError, text } = await assistant.call('deleteNotes', { notes });
  expect(isError).toBe(true);
  expect(text).toMatch(/no backup/i);
  expect(backups()).toEqual([]);
  expect(await engine.call('findNotes', { query: '' })).toEqual(notes);
});

test('the result says why no backup was made', async () => {
  const { assistant, engine } = await guardedServer(undefined, { backup: 'auto' }, overHttp);
  await addNotes(engine, 'D', ['a']);
  const { isError, text } = await assistant.call('removeEmptyNotes');
  expect(isError).toBe(false);
  expect(text).toContain('No backup was made: no card is affected');
});

test('makes no backup if Anki runs on another machine', async () => {
  const onOtherMachine = async (engine: Engine): Promise<Backend> =>
    backendDouble((name, params, options) => engine.request(name, params, options), {
      kind: 'anki-connect',
      place: 'http://192.168.1.5:8765',
    });
  const { assistant, engine, backups } = await guardedServer(undefined, { backup: 'auto' }, onOtherMachine);
  const notes = await addNotes(engine, 'D', ['a']);
  const { isError, text } = await assistant.call('deleteNotes', { notes });
  expect(isError).toBe(false);
  expect(text).toContain('No backup was made: Anki runs on another machine.');
  expect(backups()).toEqual([]);
});

test('does not export decks with more than 20,000 cards', async () => {
  const { folder, close } = temporaryEngine();
  onTestFinished(close);
  mkdirSync(join(folder, 'c.media'));
  const results: Record<string, unknown> = {
    getMediaDirPath: join(folder, 'c.media'),
    findNotes: [1],
    findCards: Array.from({ length: 20_001 }, (_, index) => index),
    notesInfo: [],
    deleteNotes: null,
  };
  const reply = ({ action, params }: AnkiRequest): object => ({
    result: action === 'multi' ? params.actions.map(reply) : results[action],
    error: null,
  });
  const anki = await fakeAnki(answersWith((body) => JSON.stringify(reply(JSON.parse(body)))));
  onTestFinished(() => anki.close());
  const backend = new AnkiConnect({ url: anki.url });
  const safeguard = new Safeguard({ confirm: 'auto', backup: 'auto' });
  const assistant = await Assistant.of(backend, { safeguard });
  onTestFinished(() => assistant.close());
  const { isError, text } = await assistant.call('deleteNotes', { notes: [1] });
  expect(isError).toBe(false);
  expect(text).toContain('No backup was made: the affected decks contain 20,001 cards, more than 20,000.');
});

interface AnkiRequest {
  readonly action: string;
  readonly params: { readonly actions: readonly AnkiRequest[] };
}
