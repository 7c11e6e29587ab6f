import type { Note } from '../reading.ts';
import type { Facts, Insight } from './facts.ts';

const maxSamples = 10;

/** Finds cards whose cloze deletion was removed. Only Anki's window can find other empty cards. */
export async function emptyCards(facts: Facts): Promise<Insight> {
  const { notes, unread, cut } = await facts.notes;
  const modelNames = [...new Set(notes.map(({ modelName }) => modelName))];
  const types = modelNames.length > 0 ? await facts.context.call('findModelsByName', { modelNames }) : [];
  const clozeTypes = new Set(types.filter(({ type }) => type === 1).map(({ name }) => name));
  const withEmptyCards = notes
    .filter(({ modelName }) => clozeTypes.has(modelName))
    .map((note) => ({ note, empty: note.cards.length - clozeNumbers(note).size }))
    .filter(({ empty }) => empty > 0);
  const withoutCards = unread.filter(({ reason }) => reason.includes('no cards'));
  return {
    emptyClozeCards: withEmptyCards.reduce((sum, { empty }) => sum + empty, 0),
    notesWithoutCards: {
      notes: withoutCards.length,
      ...(withoutCards.length > 0 && { ids: withoutCards.slice(0, maxSamples).map(({ id }) => id) }),
    },
    ...(cut !== undefined && { from: cut }),
    note: 'Anki-Connect cannot list other empty cards: Tools > Empty Cards in Anki finds all, and deletes them.',
    samples: withEmptyCards
      .slice(0, maxSamples)
      .map(({ note, empty }) => ({ note: note.noteId, empty, search: `nid:${note.noteId}` })),
  };
}

/** Returns the numbers of the cloze deletions in a note. */
function clozeNumbers({ fields }: Note): Set<string> {
  const text = Object.values(fields)
    .map(({ value }) => value)
    .join('\n');
  const numbers = [...text.matchAll(/\{\{c([\d,]+)::/g)].flatMap(([, list = '']) => list.split(','));
  return new Set(numbers.filter((number) => Number(number) > 0));
}
