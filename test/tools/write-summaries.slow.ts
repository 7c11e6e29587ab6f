import { describe, expect, test } from 'vitest';
import type { Backend } from '../../src/contract/backend.ts';
import type { Engine } from '../../src/backends/engine/engine.ts';
import { addNotes, cardsIn, guardedServer, overHttp } from '../support/guarded-server.ts';

const missing = 1_500_000_000_000;

const backends: readonly [name: string, connect: (engine: Engine) => Promise<Backend>][] = [
  ['engine', async (engine) => engine],
  ['desktop', overHttp],
];

describe.each(backends)('on the %s', (_, connect) => {
  const start = async () => {
    const { assistant, engine } = await guardedServer(undefined, {}, connect);
    const notes = await addNotes(engine, 'A', ['one', 'two', 'three']);
    const [note = 0] = notes;
    const say = async (name: string, args: object) => {
      const { summary, isError, text } = await assistant.call(name, { ...args });
      return isError ? text : summary;
    };
    return { assistant, engine, notes, note, say };
  };

  test('card actions say how many cards they changed', async () => {
    const { engine, say } = await start();
    const cards = [...(await cardsIn(engine, 'A')), missing];
    expect(await say('suspend', { cards: cards.slice(0, 1) })).toBe('Suspended 1 card.');
    expect(await say('suspend', { cards: cards.slice(0, 3) })).toBe('Suspended 2 cards; 1 already was.');
    expect(await say('suspend', { cards })).toBe('Suspended 0 cards; 3 already were; 1 id does not exist.');
    expect(await say('unsuspend', { cards: cards.slice(0, 3) })).toBe('Unsuspended 3 cards.');
    expect(await say('changeDeck', { cards, deck: 'B' })).toBe(
      'Moved 3 cards to "B" (new deck); 1 id does not exist.',
    );
    expect(await say('changeDeck', { cards, deck: 'B' })).toBe(
      'Moved 0 cards to "B"; 3 were there already; 1 id does not exist.',
    );
    expect(await say('setDueDate', { cards, days: '3' })).toBe(
      'Gave 3 cards a due date; 1 id does not exist.',
    );
    expect(await say('forgetCards', { cards })).toBe('Made 3 cards new; 1 id does not exist.');
  });

  test('tag actions count the notes from Anki', async () => {
    const { engine, notes, note, say } = await start();
    await engine.call('addTags', { notes: [note], tags: 'todo' });
    expect(await say('addTags', { notes: [...notes, missing], tags: 'todo' })).toBe(
      'Added "todo" to 2 notes, 1 note already had it; 1 id does not exist.',
    );
    expect(await say('replaceTags', { notes, tag_to_replace: 'todo', replace_with_tag: 'done' })).toBe(
      'Replaced "todo" in 3 notes.',
    );
    expect(await say('replaceTagsInAllNotes', { tag_to_replace: 'done', replace_with_tag: 'x' })).toBe(
      'Replaced "done" in 3 notes.',
    );
    expect(await say('removeTags', { notes, tags: 'x t' })).toBe(
      'Removed "x" from 3 notes; removed "t" from 3 notes.',
    );
    expect(await say('updateNoteTags', { note, tags: ['y'] })).toBe('The tags are now "y".');
    expect(await say('clearUnusedTags', {})).toMatch(/^Removed \d tags that no note has: /);
  });

  test('tag actions report tags as Anki stores them, and count what loses a child tag', async () => {
    const { engine, notes, say } = await start();
    expect(await say('addTags', { notes, tags: ['a,b'] })).toBe('Added "a,b" to 3 notes.');
    expect(await say('removeTags', { notes, tags: ['a,b'] })).toBe('Removed "a,b" from 3 notes.');
    expect(await say('addTags', { notes, tags: 'a:: k K' })).toBe(
      'Added "a::blank" to 3 notes; added "K" to 3 notes.',
    );
    await engine.call('addTags', { notes: notes.slice(0, 2), tags: 'v::w' });
    expect(await say('removeTags', { notes, tags: 'v' })).toBe('Removed "v" from 2 notes.');
    expect(await say('addTags', { notes, tags: 'none', add: 'false' })).toBe('Removed "none" from 0 notes.');
    const many = Array.from({ length: 12 }, (_, index) => `m${index}`).join(' ');
    expect(await say('addTags', { notes, tags: many })).toMatch(
      /"m9" to 3 notes; 2 more tags not counted\.$/,
    );
    expect(await say('addTags', { notes, tags: '' })).toBe('Nothing was changed: no tag was given.');
    expect(await say('addTags', { notes: [...notes, -1], tags: 'x' })).toBe(
      'Added "x" to 3 notes; 1 id does not exist.',
    );
  });

  test('names that Anki changes, and names of inherited members, are reported as they are', async () => {
    const { engine, say } = await start();
    const cards = await cardsIn(engine, 'A');
    expect(await say('changeDeck', { cards, deck: 'N::' })).toBe('Moved 3 cards to "N::blank" (new deck).');
    expect(await say('suspend', { cards, suspend: false })).toBe('Unsuspended 0 cards; 3 already were.');
    const texts = { Front: '{{Front}}', Back: '{{Back}}' };
    expect(
      await say('updateModelTemplates', { model: { name: 'Basic', templates: { constructor: texts } } }),
    ).toMatch(/no template has the name "constructor"/);
  });

  test('note actions name what is different and which fields Anki ignored', async () => {
    const { notes, note, say } = await start();
    const update = (fields: object) => say('updateNoteFields', { note: { id: note, fields } });
    expect(await update({ Front: 'new', Back: 'b', Bck: 'x' })).toBe(
      'Changed "Front"; "Back" had this text already; "Basic" has no field "Bck": it was ignored (its fields: "Front", "Back").',
    );
    expect(await update({ Bck: 'x' })).toMatch(/^Nothing is different from before; "Basic" has no field/);
    const reversed = {
      id: note,
      modelName: 'Basic (and reversed card)',
      fields: { Front: 'new', Back: 'b' },
    };
    expect(await say('updateNoteModel', { note: { ...reversed, tags: ['y'] } })).toMatch(
      /^The type is now "Basic \(and reversed card\)"; made 1 card; "Front", "Back" had this text already/,
    );
    const added = { deckName: 'A', modelName: 'Basic', fields: { Front: 'n', back: 'x' } };
    expect(await say('addNote', { note: added })).toMatch(/^"Basic" has no field "back"/);
    expect(await say('addNotes', { notes: [{ ...added, fields: { Front: 'm', Back: 'x' } }] })).toBe(
      'Added 1 note.',
    );
    expect(await say('deleteNotes', { notes: [...notes, missing] })).toBe(
      'Deleted 3 notes with 4 cards; 1 id does not exist.',
    );
  });

  test('deck actions name the decks', async () => {
    const { say } = await start();
    expect(await say('createDeck', { deck: 'P::Q' })).toBe('Created the decks "P", "P::Q".');
    expect(await say('createDeck', { deck: 'P' })).toBe('The deck existed already: nothing was changed.');
    expect(await say('deleteDecks', { decks: ['A', 'None'], cardsToo: true })).toBe(
      'Deleted 1 deck with 3 cards; no deck has the name "None".',
    );
  });

  test('note type actions say what the type has now', async () => {
    const { say } = await start();
    const type = { modelName: 'Basic' };
    expect(await say('modelFieldAdd', { ...type, fieldName: 'Hint' })).toBe(
      'The fields of "Basic" are now "Front", "Back", "Hint", in 3 notes.',
    );
    const texts = { Front: '{{Front}}?', Back: '{{Back}}' };
    expect(
      await say('updateModelTemplates', {
        model: { name: 'Basic', templates: { 'Card 1': texts, 'Card 2': texts } },
      }),
    ).toBe(
      'Changed the templates "Card 1" of "Basic", which has 3 cards; no template has the name "Card 2", so this text was ignored (its templates: "Card 1").',
    );
    const css = { model: { name: 'Basic', css: '.card {}' } };
    expect(await say('updateModelStyling', css)).toBe('Changed the CSS of "Basic", which has 3 cards.');
    expect(await say('updateModelStyling', css)).toBe('The CSS is the same as before.');
  });

  test('media actions name the stored file', async () => {
    const { say } = await start();
    const stored = await say('storeMediaFile', { filename: 'A b.txt', data: 'eA==' });
    expect(stored).toMatch(/^(Stored under the name "a b\.txt": use this one in notes\.)$/);
    expect(await say('deleteMediaFile', { filename: 'a b.txt' })).toBe('Moved "a b.txt" to the trash.');
    expect(await say('deleteMediaFile', { filename: 'a b.txt' })).toBe(
      'No file has the name "a b.txt": nothing was changed.',
    );
  });

  test('an error of Anki stays as it is', async () => {
    const { say } = await start();
    expect(await say('updateNoteFields', { note: { id: missing, fields: { Front: 'x' } } })).toBe(
      `Note was not found: ${missing}`,
    );
  });
});
