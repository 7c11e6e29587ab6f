import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Backend } from '../../../src/contract/backend.ts';
import type { Engine } from '../../../src/backends/engine/engine.ts';
import { addNotes, guardedServer, overHttp, series } from '../../support/guarded-server.ts';

const onEngine = async (engine: Engine): Promise<Backend> => engine;
const bothBackends = [
  ['engine', onEngine],
  ['desktop', overHttp],
] as const;

const fronts = async (engine: Engine): Promise<string[]> =>
  (await engine.call('notesInfo', { query: 'deck:D' }))
    .map(({ fields }) => fields?.['Front']?.value ?? '')
    .toSorted();

test.each(bothBackends)(
  '%s: lists backups with reason, content and number of affected notes',
  async (kind, connect) => {
    const { assistant, engine } = await guardedServer('accept', { backup: 'auto' }, connect);
    expect((await assistant.call('backups', { action: 'list' })).result).toEqual({ backups: [] });
    const notes = await addNotes(engine, 'D', ['a', 'b', 'c']);
    const { text } = await assistant.call('deleteNotes', { notes: notes.slice(0, 2) });
    expect((await assistant.call('backups', { action: 'list' })).result).toEqual({
      backups: [
        {
          name: expect.stringMatching(kind === 'engine' ? /^collection-000001-/ : /^decks-000001-/),
          path: /Backup: (.*)/.exec(text)?.[1],
          bytes: expect.any(Number),
          made: expect.any(String),
          contains:
            kind === 'engine' ? 'the whole collection: 3 notes, 3 cards' : 'decks D: 3 notes, 3 cards',
          before: [
            { at: expect.any(String), what: expect.stringContaining('Delete 2 notes ("a", "b")'), notes: 2 },
          ],
        },
      ],
    });
  },
);

test.each(bothBackends)(
  '%s: restores only the passed notes, and names those that the backup lacks',
  async (_, connect) => {
    const { assistant, engine } = await guardedServer('accept', { backup: 'auto' }, connect);
    const notes = await addNotes(engine, 'D', ['a', 'b', 'c', 'd']);
    const [a = 0, b = 0, c = 0] = notes;
    await assistant.call('deleteNotes', { notes: [a, b] });
    await engine.call('updateNoteFields', { note: { id: c, fields: { Front: 'changed' } } });
    const [late = 0] = await addNotes(engine, 'D', ['late']);
    const { result, text } = await assistant.call('backups', { action: 'restore', notes: [a, c, late] });
    expect(result, text).toMatchObject({ restored: 2, deleted: 0, missing: [late] });
    expect(await fronts(engine)).toEqual(['a', 'c', 'd', 'late']);
  },
);

test.each(bothBackends)('%s: restores what several deletions removed', async (_, connect) => {
  const { assistant, engine } = await guardedServer(undefined, { backup: 'auto' }, connect);
  const notes = await addNotes(engine, 'D', series('n', 6));
  for (const note of notes.slice(0, 4)) await assistant.call('deleteNotes', { notes: [note] });
  const { result } = await assistant.call('backups', { action: 'restore' });
  expect(result).toMatchObject({ restored: 4, deleted: 0 });
  expect(await fronts(engine)).toEqual(series('n', 6));
});

test.each(bothBackends)(
  '%s: a complete restore removes notes that were added since, and can be undone',
  async (_, connect) => {
    const { assistant, engine } = await guardedServer('accept', { backup: 'auto' }, connect);
    const [a = 0] = await addNotes(engine, 'D', ['a', 'b']);
    await assistant.call('deleteNotes', { notes: [a] });
    await addNotes(engine, 'D', ['late']);
    const restored = await assistant.call('backups', { action: 'restore', whole: true });
    expect(restored.text).toContain('Backup: ');
    expect(restored.result).toMatchObject({ restored: 2, deleted: 1 });
    expect(await fronts(engine)).toEqual(['a', 'b']);
    await assistant.call('backups', { action: 'restore', whole: true });
    expect(await fronts(engine)).toEqual(['b', 'late']);
  },
);

test('a restore of notes on the engine is one undo step', async () => {
  const { assistant, engine } = await guardedServer('accept', { backup: 'auto' });
  const [a = 0, b = 0] = await addNotes(engine, 'D', ['a', 'b']);
  await assistant.call('deleteNotes', { notes: [a] });
  await engine.call('updateNoteFields', { note: { id: b, fields: { Front: 'changed' } } });
  await assistant.call('backups', { action: 'restore', notes: [a, b] });
  expect(await fronts(engine)).toEqual(['a', 'b']);
  await engine.call('guiUndo', {});
  expect(await fronts(engine)).toEqual(['changed']);
});

test('says that the next sync must be a full sync only after a complete restore on the engine', async () => {
  const { assistant, engine, questions } = await guardedServer('accept', { backup: 'auto' });
  const [a = 0] = await addNotes(engine, 'D', ['a', 'b']);
  await assistant.call('deleteNotes', { notes: [a] });
  expect((await assistant.call('backups', { action: 'restore' })).text).not.toContain('full sync');
  expect((await assistant.call('backups', { action: 'restore', whole: true })).text).toContain(
    'must be a full sync',
  );
  expect(questions.at(-1)).toMatch(
    /^Replace the whole collection by the backup of .* must be a full sync\?$/,
  );
});

test.each(bothBackends)('%s: restores nothing if the user declines', async (_, connect) => {
  const { assistant, engine } = await guardedServer('decline', { backup: 'auto' }, connect);
  const notes = await addNotes(engine, 'D', ['a', 'b']);
  const accepting = await guardedServer(undefined, { backup: 'auto' }, async () => engine);
  await accepting.assistant.call('deleteNotes', { notes: notes.slice(0, 1) });
  const backend = await connect(engine);
  const { isError, text } = await assistant.call('backups', { action: 'restore' });
  expect(isError).toBe(true);
  expect(text).toMatch(
    backend.kind === 'engine'
      ? /The user declined: nothing was changed/
      : /Nothing was changed: .* Open Backup/,
  );
  expect(await fronts(engine)).toEqual(['b']);
});

test('refuses unknown names, paths, and incomplete backups, and changes nothing', async () => {
  const { assistant, engine, backups } = await guardedServer('accept', { backup: 'auto' });
  const nothing = await assistant.call('backups', { action: 'restore' });
  expect(nothing.text).toMatch(/^Nothing was changed: there is no backup of this collection/);
  const [a = 0] = await addNotes(engine, 'D', ['a', 'b']);
  await assistant.call('deleteNotes', { notes: [a] });
  const [path = ''] = backups();
  for (const backup of ['nothing', '../collection.anki2', path, join(path, '..')]) {
    const { isError, text } = await assistant.call('backups', { action: 'restore', backup });
    expect(isError).toBe(true);
    expect(text).toMatch(/^Nothing was changed: there is no backup .* The backups are: collection-000001-/);
  }
  truncateSync(path, 1000);
  const listed = await assistant.call('backups', { action: 'list' });
  expect(listed.text).toContain('Incomplete');
  const name = path.split('/').at(-1);
  const { text } = await assistant.call('backups', { action: 'restore', backup: name });
  expect(text).toMatch(/^Nothing was changed: the backup .* is incomplete/);
  expect(await fronts(engine)).toEqual(['b']);
});

test('asks for notes or whole if an operation may have affected all notes', async () => {
  const { assistant, engine } = await guardedServer('accept', { backup: 'auto' });
  await addNotes(engine, 'D', ['a']);
  await assistant.call('removeEmptyNotes');
  const { isError, text } = await assistant.call('backups', { action: 'restore' });
  expect(isError).toBe(true);
  expect(text).toMatch(/^Nothing was changed: .* Pass notes, or whole: true\.$/);
});

test.each(bothBackends)('%s: restores the templates and the CSS that a call replaced', async (_, connect) => {
  const { assistant, engine } = await guardedServer('accept', { backup: 'auto' }, connect);
  await addNotes(engine, 'D', series('n', 51));
  const design = async () => [
    await engine.call('modelTemplates', { modelName: 'Basic' }),
    await engine.call('modelStyling', { modelName: 'Basic' }),
  ];
  const before = await design();
  const model = {
    name: 'Basic',
    templates: { 'Card 1': { Front: 'new {{Front}}', Back: 'new' } },
    css: 'p {}',
  };
  for (const [name, args] of [
    ['updateModelTemplates', { model: { name: model.name, templates: model.templates } }],
    ['updateModelStyling', { model: { name: model.name, css: model.css } }],
  ] as const) {
    expect((await assistant.call(name, args)).text).toContain('Backup: ');
    expect(await design()).not.toEqual(before);
    await assistant.call('backups', { action: 'restore' });
    expect(await design()).toEqual(before);
  }
});

test.each(bothBackends)(
  '%s: the question about undoing a restore says that notes are deleted',
  async (_, connect) => {
    const { assistant, engine, questions } = await guardedServer('accept', { backup: 'auto' }, connect);
    const notes = await addNotes(engine, 'D', ['a', 'b', 'c']);
    await assistant.call('deleteNotes', { notes: notes.slice(0, 2) });
    await assistant.call('backups', { action: 'restore' });
    const { result } = await assistant.call('backups', { action: 'restore' });
    expect(result).toMatchObject({ restored: 0, deleted: 2 });
    expect(questions.at(-1)).toMatch(
      /^Restore 2 notes, .*those that the backup does not contain are deleted\./,
    );
  },
);
