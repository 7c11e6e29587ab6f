import { join } from 'node:path';
import type { Engine } from '../../src/backends/engine/engine.ts';

export interface Material {
  readonly notes: readonly number[];
  readonly cards: readonly number[];
  /** Id of the options group of the deck D. */
  readonly group: number;
  /** A package that changes the collection. */
  readonly packagePath: string;
}

const modelName = 'Word';

/** Fills a collection with notes whose cards were scheduled, in the decks D and D::E, with their own type and deck options. */
export async function fill(engine: Engine, folder: string): Promise<Material> {
  for (const deck of ['D', 'D::E', 'Other']) await engine.call('createDeck', { deck });
  const cloned = await engine.call('cloneDeckConfigId', { name: 'Mine', cloneFrom: 1 });
  const group = Number(cloned);
  await engine.call('setDeckConfigId', { decks: ['D'], configId: group });
  const config = await engine.call('getDeckConfig', { deck: 'D' });
  if (config !== false) await engine.call('saveDeckConfig', { config: { ...config, maxTaken: 17 } });
  await engine.call('createModel', {
    modelName,
    inOrderFields: ['Front', 'Middle', 'Back'],
    css: '.card { color: red }',
    cardTemplates: [
      { Name: 'Forward', Front: 'f {{Front}}', Back: '{{Back}}' },
      { Name: 'Reverse', Front: 'r {{Back}} {{Middle}}', Back: '{{Front}}' },
    ],
  });
  const noteIn = (deckName: string, number: number) => ({
    deckName,
    modelName,
    fields: { Front: `front ${number}`, Middle: `middle ${number}`, Back: `back <b>${number}</b>` },
    tags: ['old', `n${number}`],
  });
  const imported = await engine.call('addNotes', { notes: [noteIn('Other', 100), noteIn('Other', 101)] });
  const packagePath = join(folder, 'other.apkg');
  await engine.call('exportPackage', { deck: 'Other', path: packagePath, includeSched: true });
  await engine.call('deleteNotes', { notes: imported });
  const notes = await engine.call('addNotes', {
    notes: Array.from({ length: 24 }, (_, index) => noteIn(index % 2 === 0 ? 'D' : 'D::E', index)),
  });
  const cards = await engine.call('findCards', { query: 'note:Word' });
  for (const [index, days] of ['1', '7', '30'].entries())
    await engine.call('setDueDate', { cards: cards.filter((_, at) => at % 4 === index), days });
  await engine.call('setEaseFactors', {
    cards: cards.slice(0, 6),
    easeFactors: [1500, 1600, 1700, 1800, 1900, 2000],
  });
  await engine.call('answerCards', { answers: cards.slice(20, 24).map((cardId) => ({ cardId, ease: 3 })) });
  await engine.call('suspend', { cards: cards.slice(2, 4) });
  await engine.call('setSpecificValueOfCard', { card: cards[5] ?? 0, keys: ['flags'], newValues: [2] });
  return { notes, cards, group, packagePath };
}

export type Content = Awaited<ReturnType<typeof contentOf>>;

/** Returns fields, tags, types, decks, schedule, templates, CSS and deck options of the whole collection. */
export async function contentOf(engine: Engine) {
  const notes = await engine.call('notesInfo', { query: '' });
  const cards = await engine.call('cardsInfo', { cards: await engine.call('findCards', { query: '' }) });
  const decks = (await engine.call('deckNames', {})).filter((deck) => deck.startsWith('D'));
  const options = await Promise.all(decks.map((deck) => engine.call('getDeckConfig', { deck })));
  return {
    notes: notes
      .map(({ noteId, fields = {}, tags = [], modelName: type }) => ({
        noteId,
        fields,
        tags: tags.toSorted(),
        type,
      }))
      .toSorted((a, b) => Number(a.noteId) - Number(b.noteId)),
    cards: cards
      .map((card) => ({ ...card, question: '', answer: '', css: '', mod: 0, fields: {} }))
      .toSorted((a, b) => Number(a.cardId) - Number(b.cardId)),
    fields: await engine.call('modelFieldNames', { modelName }),
    templates: Object.entries(await engine.call('modelTemplates', { modelName })),
    css: await engine.call('modelStyling', { modelName }),
    options: options.map((group, index) =>
      group === false ? [decks[index]] : [decks[index], group.id, group.name, group['maxTaken']],
    ),
  };
}
