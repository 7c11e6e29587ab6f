import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { ElicitRequestSchema, type ElicitResult } from '@modelcontextprotocol/sdk/types.js';
import { afterEach, expect, test } from 'vitest';
import { AnkiConnect } from '../../../src/backends/desktop/client.ts';
import type { Backend } from '../../../src/contract/backend.ts';
import { Engine } from '../../../src/backends/engine/engine.ts';
import { Host } from '../../../src/backends/engine/process/host.ts';
import { install } from '../../../src/backends/engine/process/install.ts';
import { Safeguard, type SafeguardOptions } from '../../../src/tools/safeguards/safeguard.ts';
import { startApi } from '../../support/api.ts';
import { Assistant } from '../../support/assistant.ts';
import { temporaryEngine } from '../../support/collection.ts';
import { answersWith, fakeAnki } from '../../support/fake-anki.ts';
import { backendDouble } from '../../support/backend-double.ts';

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

type Reply = ElicitResult['action'];

interface Room {
  readonly assistant: Assistant;
  readonly engine: Engine;
  readonly folder: string;
  /** What the user was asked. */
  readonly questions: string[];
  readonly backups: () => string[];
}

/** A server with a safeguard, and a user who answers all questions alike; without an answer, a client that cannot ask. */
async function room(
  reply: Reply | undefined,
  options: Partial<SafeguardOptions> = {},
  on: (engine: Engine) => Promise<Backend> = async (engine) => engine,
): Promise<Room> {
  const { engine, folder, close } = temporaryEngine({ importsAtOnce: true });
  closing.push(close);
  const questions: string[] = [];
  const client = new Client(
    { name: 'test', version: '1' },
    { capabilities: reply === undefined ? {} : { elicitation: {} } },
  );
  if (reply !== undefined) {
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
      questions.push(params.message);
      return { action: reply, ...(reply === 'accept' && { content: {} }) };
    });
  }
  const backend = await on(engine);
  const safeguard = new Safeguard({ confirm: 'auto', backup: 'never', ...options });
  const assistant = await Assistant.of(backend, { safeguard }, client);
  closing.push(() => assistant.close());
  const backups = () => {
    const kept = readdirSync(folder).filter((name) => name.endsWith('.ankiwright-backups'));
    return kept.flatMap((name) => readdirSync(join(folder, name)).map((file) => join(folder, name, file)));
  };
  return { assistant, engine, folder, questions, backups };
}

/** The desktop: the same API over HTTP. */
async function overHttp(engine: Engine): Promise<Backend> {
  const api = await startApi(engine);
  const backend = new AnkiConnect({ url: api.url });
  closing.push(
    () => api.close(),
    () => backend.close(),
  );
  return backend;
}

async function addNotes(engine: Engine, deck: string, fronts: readonly string[]): Promise<number[]> {
  await engine.call('createDeck', { deck });
  return engine.call('addNotes', {
    notes: fronts.map((Front) => ({
      deckName: deck,
      modelName: 'Basic',
      fields: { Front, Back: 'b' },
      tags: ['t'],
    })),
  });
}

const cardsIn = (engine: Engine, deck: string) => engine.call('findCards', { query: `"deck:${deck}"` });

const series = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, n) => `${name} ${n}`);

test('deleting decks asks with counts, and a yes deletes', async () => {
  const { assistant, engine, questions } = await room('accept');
  await addNotes(engine, 'Old', series('o', 3));
  await addNotes(engine, 'Old::Child', ['c']);
  await addNotes(engine, 'Older', ['x']);
  const [card = 0] = await cardsIn(engine, 'Old::Child');
  await engine.call('answerCards', { answers: [{ cardId: card, ease: 3 }] });
  const { isError } = await assistant.call('deleteDecks', {
    decks: ['Old', 'Older', 'None'],
    cardsToo: true,
  });
  expect(isError).toBe(false);
  expect(questions).toEqual([
    'Delete 2 decks (Old, Older) and 1 child deck with 5 cards, 1 of them reviewed?',
  ]);
  expect(await engine.call('deckNames', {})).toEqual(['Default']);
});

test('names with signs that mean something to a search stand for themselves', async () => {
  const { assistant, engine, questions } = await room('decline');
  const names = ['a_b', 'axb', 'star*', 'start', 'co:lon', '(par)', 'back\\slash', "it's"];
  for (const name of names) await addNotes(engine, name, [name]);
  for (const name of names) await assistant.call('deleteDecks', { decks: [name], cardsToo: true });
  expect(questions).toEqual(
    names.map((name) => `Delete 1 deck (${name}) with 1 card, none of them reviewed?`),
  );
});

test.each<Reply>(['decline', 'cancel'])('%s changes nothing, and the result says so', async (reply) => {
  const { assistant, engine, questions, backups } = await room(reply, { backup: 'auto' });
  const notes = await addNotes(engine, 'D', ['<b>dog</b>', 'cat', `long ${'x'.repeat(80)}`, 'cow']);
  const { isError, text } = await assistant.call('deleteNotes', { notes: [...notes, 1] });
  expect(isError).toBe(true);
  expect(text).toContain('declined: nothing was changed');
  expect(questions).toHaveLength(1);
  expect(questions[0]).toMatch(
    /^Delete 4 notes \(".*", ".*", ".*", …\) with 4 cards, none of them reviewed\?$/,
  );
  expect(questions[0]).toContain('dog');
  expect(questions[0]).not.toContain('<b>');
  expect(questions[0]).not.toContain('x'.repeat(40));
  expect(await cardsIn(engine, 'D')).toHaveLength(4);
  expect(backups()).toEqual([]);
});

test('a client that cannot ask goes on with auto, and is refused with always', async () => {
  const open = await room(undefined);
  const [note = 0] = await addNotes(open.engine, 'D', ['a']);
  expect((await open.assistant.call('deleteNotes', { notes: [note] })).isError).toBe(false);
  expect(await cardsIn(open.engine, 'D')).toEqual([]);

  const strict = await room(undefined, { confirm: 'always', backup: 'auto' });
  const notes = await addNotes(strict.engine, 'D', ['a']);
  const { isError, text } = await strict.assistant.call('deleteNotes', { notes });
  expect(isError).toBe(true);
  expect(text).toMatch(/Nothing was changed: .*--confirm always.* Delete 1 note \("a"\)/);
  expect(await cardsIn(strict.engine, 'D')).toHaveLength(1);
  expect(strict.backups()).toEqual([]);
});

test('never asks no one', async () => {
  const { assistant, engine, questions } = await room('decline', { confirm: 'never' });
  const notes = await addNotes(engine, 'D', ['a']);
  expect((await assistant.call('deleteNotes', { notes })).isError).toBe(false);
  expect(questions).toEqual([]);
});

test('a client that breaks down while it asks changes nothing', async () => {
  const { assistant, engine } = await room('accept');
  assistant.client.setRequestHandler(ElicitRequestSchema, () => {
    throw new Error('no window');
  });
  const notes = await addNotes(engine, 'D', ['a']);
  const { isError, text } = await assistant.call('deleteNotes', { notes });
  expect(isError).toBe(true);
  expect(text).toMatch(/could not be asked, and so nothing was changed .*no window/);
  expect(await cardsIn(engine, 'D')).toHaveLength(1);
});

test('a call that is cancelled while the user is asked withdraws the question and changes nothing', async () => {
  const { assistant, engine } = await room('accept');
  const [first = 0, second = 0] = await addNotes(engine, 'D', ['a', 'b']);
  await assistant.call('deleteNotes', { notes: [first] }); // the SDK's client cannot withdraw a request with the id 0
  const cancelling = new AbortController();
  const withdrawn = new Promise<void>((resolve) => {
    assistant.client.setRequestHandler(ElicitRequestSchema, (_, { signal }) => {
      signal.addEventListener('abort', () => resolve());
      cancelling.abort();
      return new Promise(() => {});
    });
  });
  const call = assistant.call('deleteNotes', { notes: [second] }, { signal: cancelling.signal });
  await expect(call).rejects.toThrow('aborted');
  await withdrawn;
  expect(await cardsIn(engine, 'D')).toHaveLength(1);
});

test('a batch asks once for all that is in it, batches within it too', async () => {
  const { assistant, engine, questions } = await room('decline');
  const [first = 0, second = 0] = await addNotes(engine, 'D', ['a', 'b']);
  const remove = (note: number) => ({ action: 'deleteNotes', params: { notes: [note] } });
  const drop = { action: 'deleteDecks', params: { decks: ['D'], cardsToo: true } };
  const actions = [
    { action: 'createDeck', params: { deck: 'New' } },
    remove(first),
    { action: 'multi', params: { actions: [remove(second), drop] } },
  ];
  expect((await assistant.call('multi', { actions })).isError).toBe(true);
  expect(questions).toEqual([
    'Do all of the following?\n- Delete 1 deck (D) with 2 cards, none of them reviewed\n- Delete 2 notes ("a", "b") with 2 cards, none of them reviewed',
  ]);
  expect(await engine.call('deckNames', {})).toEqual(['D', 'Default']);
});

test('a batch cannot hide what it deletes behind what it makes first', async () => {
  const { assistant, engine, questions } = await room('decline');
  await addNotes(engine, 'D', ['a']);
  const cards = await cardsIn(engine, 'D');
  const actions = [
    { action: 'changeDeck', params: { cards, deck: 'Elsewhere' } },
    { action: 'deleteDecks', params: { decks: ['Elsewhere'], cardsToo: true } },
  ];
  expect((await assistant.call('multi', { actions })).isError).toBe(true);
  expect(questions).toEqual(['Run deleteDecks on something that this batch creates?']);
  expect(await cardsIn(engine, 'D')).toEqual(cards);
});

test('cards are changed without a question up to twenty, in one call or in the calls of a batch', async () => {
  const { assistant, engine, questions } = await room('decline');
  await addNotes(engine, 'D', series('n', 21));
  const cards = await cardsIn(engine, 'D');
  expect((await assistant.call('setDueDate', { cards: cards.slice(1), days: '3' })).isError).toBe(false);
  const missing = [1, 2, 3];
  expect((await assistant.call('relearnCards', { cards: [...cards.slice(1), ...missing] })).isError).toBe(
    false,
  );
  expect(questions).toEqual([]);
  const part = (some: number[]) => ({ action: 'forgetCards', params: { cards: some } });
  const actions = [part(cards.slice(0, 11)), part(cards.slice(11))];
  expect((await assistant.call('multi', { actions })).isError).toBe(true);
  expect((await assistant.call('setDueDate', { cards, days: '5' })).isError).toBe(true);
  expect(questions).toEqual([
    expect.stringMatching(
      /^Make 21 cards \("n \d+", "n \d+", "n \d+", …\), none of them reviewed, new again/,
    ),
    expect.stringMatching(/^Make 21 cards \(.*\), none of them reviewed, due in 5 days\?$/),
  ]);
});

test.each<[string, object, string]>([
  [
    'modelFieldRemove',
    { modelName: 'We_ird: (1)', fieldName: 'Extra (x)' },
    'Delete the field "Extra (x)" of the note type We_ird: (1), with its content in 1 of 2 notes ("more")?',
  ],
  [
    'modelTemplateRemove',
    { modelName: 'We_ird: (1)', templateName: 'Two' },
    'Delete the card template "Two" of the note type We_ird: (1) with 2 cards, none of them reviewed ("one", "two")?',
  ],
  [
    'findAndReplaceInModels',
    { modelName: null, findText: '<i>', replaceText: '<b>', css: false },
    'Replace "<i>" by "<b>" in the templates or CSS of 1 note type (We_ird: (1)) with 4 cards, none of them reviewed?',
  ],
  [
    'replaceTagsInAllNotes',
    { tag_to_replace: 'a.b', replace_with_tag: 'c' },
    'Replace "a.b" by "c" in the tags of 1 note ("one")?',
  ],
  [
    'removeEmptyNotes',
    {},
    'Delete 6 note types without notes (Basic, Basic (and reversed card), Basic (optional reversed card), Basic (type in the answer), Cloze, 1 more)?',
  ],
  ['deleteMediaFile', { filename: 'p_q.png' }, 'Move 1 media file (p_q.png), used in 1 note, to the trash?'],
  [
    'importPackage',
    { path: '/tmp/x.apkg' },
    'Merge the package x.apkg into this collection with 4 cards, none of them reviewed?',
  ],
  [
    'guiImportFile',
    { path: '/tmp/x.csv' },
    'Import the file x.csv into this collection with 4 cards, none of them reviewed?',
  ],
])('%s asks', async (name, args, question) => {
  const { assistant, engine, questions } = await room('decline');
  await engine.call('createModel', {
    modelName: 'We_ird: (1)',
    inOrderFields: ['Front', 'Extra (x)'],
    cardTemplates: [
      { Name: 'One', Front: '<i>{{Front}}</i>', Back: 'b' },
      { Name: 'Two', Front: '2 {{Front}}', Back: 'b' },
    ],
  });
  const note = (fields: Record<string, string>, tags: string[]) => ({
    deckName: 'Default',
    modelName: 'We_ird: (1)',
    fields,
    tags,
  });
  await engine.call('addNotes', {
    notes: [
      note({ Front: 'one', 'Extra (x)': 'more' }, ['a.b']),
      note({ Front: 'two<img src="p_q.png">' }, ['a.b::c', 'x::a.b']),
    ],
  });
  const before = await engine.call('findModelsByName', { modelNames: ['We_ird: (1)'] });
  expect((await assistant.call(name, { ...args })).isError).toBe(true);
  const [asked = ''] = questions;
  expect(asked.replace('"two[image: p_q.png]"', '"two"')).toBe(question);
  expect(await engine.call('findModelsByName', { modelNames: ['We_ird: (1)'] })).toEqual(before);
});

test('deck options and another note type ask as well', async () => {
  const { assistant, engine, questions } = await room('decline');
  const notes = await addNotes(engine, 'D', ['a']);
  const configId = await engine.call('cloneDeckConfigId', { name: 'Mine' });
  await engine.request('setDeckConfigId', { decks: ['D'], configId });
  await assistant.call('removeDeckConfigId', { configId });
  await assistant.call('updateNoteModel', {
    note: { id: notes[0], modelName: 'Cloze', fields: { Text: '{{c1::a}}' } },
  });
  expect(questions).toEqual([
    'Delete the deck options "Mine", used by 1 deck (D)?',
    'Change the type of 1 note ("a") with 1 card, none of them reviewed, to Cloze, and empty the fields without a new value?',
  ]);
});

test('a full sync that was allowed asks, once', async () => {
  const { assistant, questions } = await room('accept', { fullSync: 'download' });
  await assistant.call('sync');
  await assistant.call('sync');
  expect(questions).toEqual([
    'Sync, and if a full sync is due replace this collection without cards, by the collection on the server?',
  ]);
});

test('what is not there asks nothing', async () => {
  const { assistant, questions, backups } = await room('decline', { backup: 'auto' });
  expect((await assistant.call('deleteDecks', { decks: ['None'], cardsToo: true })).isError).toBe(false);
  expect((await assistant.call('deleteNotes', { notes: [1] })).isError).toBe(false);
  expect((await assistant.call('modelFieldRemove', { modelName: 'None', fieldName: 'x' })).text).toContain(
    'None',
  );
  expect([...questions, ...backups()]).toEqual([]);
});

test('the engine makes one backup in a run, which the first result names and Anki restores', async () => {
  const { assistant, engine, folder, backups } = await room('accept', { backup: 'auto' });
  const [first = 0, second = 0] = await addNotes(engine, 'D', ['a', 'b']);
  const reply = await assistant.client.callTool({ name: 'deleteNotes', arguments: { notes: [first] } });
  const [path = ''] = backups();
  expect(reply).toEqual({
    _meta: expect.objectContaining({ 'ankiwright/backup': path }),
    structuredContent: { result: null },
    content: [
      { type: 'text', text: '{"result":null}' },
      { type: 'text', text: `Backup: ${path}` },
    ],
  });
  expect(readFileSync(path).subarray(0, 2).toString()).toBe('PK');
  const again = await assistant.client.callTool({ name: 'deleteNotes', arguments: { notes: [second] } });
  expect(again['_meta']).not.toHaveProperty('ankiwright/backup');
  expect(backups()).toEqual([path]);

  await restore(path, join(folder, 'restored'));
  const restored = new Engine({ collection: join(folder, 'restored.anki2'), log: () => {} });
  closing.push(() => restored.close());
  expect(await restored.call('findNotes', { query: 'deck:D' })).toEqual([first, second]);
});

async function restore(backupPath: string, stem: string): Promise<void> {
  const host = new Host(await install({ log: () => {} }));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a method of the engine that we have no use for
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

test('parallel calls share one backup, and ten are kept', async () => {
  const { assistant, engine, folder, backups } = await room(undefined, { backup: 'auto' });
  const notes = await addNotes(engine, 'D', series('n', 5));
  const kept = join(folder, 'collection.ankiwright-backups');
  mkdirSync(kept);
  writeFileSync(join(kept, 'mine.txt'), '');
  for (let day = 10; day < 25; day++) writeFileSync(join(kept, `decks-2020-01-${day}`), '');
  const answers = await Promise.all(notes.map((note) => assistant.call('deleteNotes', { notes: [note] })));
  expect(answers.filter(({ text }) => text.includes('Backup: '))).toHaveLength(1);
  expect(backups()).toHaveLength(11);
  expect(backups().filter((path) => path.endsWith('.colpkg'))).toHaveLength(1);
  expect(backups()).toContain(join(kept, 'mine.txt'));
});

test('without a backup nothing is deleted, until there is room for it', async () => {
  const { assistant, engine, folder, backups } = await room(undefined, { backup: 'auto' });
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

test('an attempt that failed in the engine does not count as a backup', async () => {
  const { engine, folder } = await room(undefined);
  await addNotes(engine, 'D', ['a']);
  await expect(engine.backup(join(folder, 'none'))).rejects.toThrow('No such file or directory');
  mkdirSync(join(folder, 'there'));
  expect(await engine.backup(join(folder, 'there'))).toBe(true);
  expect(readdirSync(join(folder, 'there'))).toHaveLength(1);
});

test('on the desktop the decks concerned are exported with their schedule, each once in a run', async () => {
  const { assistant, engine, backups } = await room(undefined, { backup: 'auto' }, overHttp);
  const [first = 0, second = 0] = await addNotes(engine, 'A::B', ['a', 'b']);
  const others = await addNotes(engine, 'C / D', ['c']);
  const cards = await cardsIn(engine, 'A::B');
  await engine.call('setDueDate', { cards, days: '7' });
  const one = await assistant.call('deleteNotes', { notes: [first] });
  const path = /Backup: (.*\.apkg)$/.exec(one.text)?.[1] ?? '';
  expect(path).toContain('1 A_B.apkg');
  expect((await assistant.call('deleteNotes', { notes: [second] })).text).toBe('{"result":null}');
  expect((await assistant.call('deleteNotes', { notes: others })).text).toContain('1 C _ D.apkg');
  expect(backups()).toHaveLength(2);
  await engine.call('importPackage', { path });
  expect(await engine.call('findCards', { query: 'deck:A::B prop:due=7' })).toHaveLength(2);
});

test('a deck whose parent is kept is not exported again, and several share a folder', async () => {
  const { assistant, engine, backups } = await room('accept', { backup: 'auto' }, overHttp);
  await addNotes(engine, 'A', ['a']);
  await addNotes(engine, 'A::B', ['b']);
  await addNotes(engine, 'C', ['c']);
  await assistant.call('deleteDecks', { decks: ['A', 'A::B', 'C'], cardsToo: true });
  expect(backups()).toHaveLength(1);
  expect(readdirSync(backups()[0] ?? '')).toEqual(['1 A.apkg', '2 C.apkg']);
});

test('a backup that fails leaves no files, and nothing is deleted', async () => {
  const failing = async (engine: Engine): Promise<Backend> =>
    backendDouble(
      (name, params, options) => {
        const fails = name === 'exportPackage' && JSON.stringify(params).includes('"B"');
        return engine.request(name, fails ? { ...params, path: '/none/b.apkg' } : params, options);
      },
      { kind: 'anki-connect', place: 'http://127.0.0.1:8765' },
    );
  const { assistant, engine, backups } = await room(undefined, { backup: 'auto' }, failing);
  const notes = [...(await addNotes(engine, 'A', ['a'])), ...(await addNotes(engine, 'B', ['b']))];
  const { isError, text } = await assistant.call('deleteNotes', { notes });
  expect(isError).toBe(true);
  expect(text).toMatch(/no backup/i);
  expect(backups()).toEqual([]);
  expect(await engine.call('findNotes', { query: '' })).toEqual(notes);
});

test('a question counts all of more than 5,000 notes', async () => {
  const { assistant, engine, questions } = await room('decline');
  const notes = await addNotes(
    engine,
    'D',
    Array.from({ length: 5002 }, (_, at) => `n${at}`),
  );
  await assistant.call('deleteNotes', { notes });
  expect(questions[0]).toMatch(/^Delete 5,002 notes/);
});

test('where no backup can be made of what is changed, the result says why', async () => {
  const { assistant, engine } = await room(undefined, { backup: 'auto' }, overHttp);
  await addNotes(engine, 'D', ['a']);
  const { isError, text } = await assistant.call('removeEmptyNotes');
  expect(isError).toBe(false);
  expect(text).toContain('No backup was made: no card is affected');
});

test('an Anki on another machine cannot be given a place for a backup', async () => {
  const elsewhere = async (engine: Engine): Promise<Backend> =>
    backendDouble((name, params, options) => engine.request(name, params, options), {
      kind: 'anki-connect',
      place: 'http://192.168.1.5:8765',
    });
  const { assistant, engine, backups } = await room(undefined, { backup: 'auto' }, elsewhere);
  const notes = await addNotes(engine, 'D', ['a']);
  const { isError, text } = await assistant.call('deleteNotes', { notes });
  expect(isError).toBe(false);
  expect(text).toContain('No backup was made: Anki runs on another machine.');
  expect(backups()).toEqual([]);
});

test('decks of more than 20,000 cards are not exported', async () => {
  const { folder, close } = temporaryEngine();
  closing.push(close);
  mkdirSync(join(folder, 'c.media'));
  const results: Record<string, unknown> = {
    getMediaDirPath: join(folder, 'c.media'),
    findNotes: [1],
    findCards: Array.from({ length: 20_001 }, (_, index) => index),
    notesInfo: [],
    deleteNotes: null,
  };
  const reply = ({ action, params }: Asked): object => ({
    result: action === 'multi' ? params.actions.map(reply) : results[action],
    error: null,
  });
  const anki = await fakeAnki(answersWith((body) => JSON.stringify(reply(JSON.parse(body)))));
  closing.push(() => anki.close());
  const backend = new AnkiConnect({ url: anki.url });
  const safeguard = new Safeguard({ confirm: 'auto', backup: 'auto' });
  const assistant = await Assistant.of(backend, { safeguard });
  closing.push(() => assistant.close());
  const { isError, text } = await assistant.call('deleteNotes', { notes: [1] });
  expect(isError).toBe(false);
  expect(text).toContain('No backup was made: the affected decks contain 20,001 cards, more than 20,000.');
});

interface Asked {
  readonly action: string;
  readonly params: { readonly actions: readonly Asked[] };
}
