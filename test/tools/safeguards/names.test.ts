import { expect, test } from 'vitest';
import { addNotes, cardsIn, guardedServer } from '../../support/guarded-server.ts';

const odd = [
  'current',
  'filtered',
  'none',
  're:x',
  'a"b',
  'back\\slash',
  'star*',
  'un_der',
  'co:lon',
  '*',
  '_',
];

test('decks with names that have a meaning in searches are counted by id, with their child decks', async () => {
  const { assistant, engine, questions } = await guardedServer('decline');
  const stored: string[] = [];
  for (const name of odd) {
    const id = await engine.call('createDeck', { deck: `${name}::child` });
    const child = await engine.call('deckNameFromId', { deckId: id });
    stored.push(child.slice(0, -'::child'.length));
    await addNotes(engine, child, [`in ${name}`]);
  }
  for (const name of stored) await assistant.call('deleteDecks', { decks: [name], cardsToo: true });
  expect(questions).toEqual(
    stored.map((name) => `Delete 1 deck (${name}) and 1 child deck with 1 card, none of them reviewed?`),
  );
  for (const deck of stored) {
    const { result } = await assistant.call('insights', { deck, sections: ['forecast'] });
    expect(result, deck).toMatchObject({ forecast: { newWaiting: { cards: 1 } } });
  }
  expect(await cardsIn(engine, '*')).toHaveLength(odd.length);
});

test('tags with names that have a meaning in searches are counted exactly', async () => {
  const { assistant, engine, questions } = await guardedServer('decline');
  const [first = 0] = await addNotes(engine, 'D', ['one', 'two']);
  for (const tag of odd) await engine.call('addTags', { notes: [first], tags: tag });
  const tags = odd.filter((tag) => tag !== '*' && tag !== '_');
  for (const tag of tags)
    await assistant.call('replaceTagsInAllNotes', { tag_to_replace: tag, replace_with_tag: 'new' });
  expect(questions).toEqual(tags.map((tag) => `Replace "${tag}" with "new" in the tags of 1 note ("one")?`));
});

test('fields and templates with names that have a meaning in searches are counted exactly', async () => {
  const { assistant, engine, questions } = await guardedServer('decline');
  const fields = ['First', 'tag', 'deck', 'is', 'un_der'];
  await engine.call('createModel', {
    modelName: 'Odd *',
    inOrderFields: fields,
    cardTemplates: [
      { Name: '2', Front: '{{First}}', Back: 'b' },
      { Name: '1', Front: '{{tag}}', Back: 'b' },
    ],
  });
  const note = (First: string, more: Record<string, string>) => ({
    deckName: 'Default',
    modelName: 'Odd *',
    fields: { First, ...more },
    tags: ['t'],
  });
  const filled = Object.fromEntries(fields.slice(1).map((name) => [name, `in ${name}`]));
  await engine.call('addNotes', { notes: [note('one', filled), note('two', {})] });
  for (const fieldName of fields.slice(1))
    await assistant.call('modelFieldRemove', { modelName: 'Odd *', fieldName });
  await assistant.call('modelTemplateRemove', { modelName: 'Odd *', templateName: '1' });
  expect(questions).toEqual([
    ...fields
      .slice(1)
      .map(
        (name) =>
          `Delete the field "${name}" of the note type Odd *, with its content in 1 of 2 notes ("in ${name}")?`,
      ),
    'Delete the card template "1" of the note type Odd * with 1 card, none of them reviewed ("one")?',
  ]);
});
