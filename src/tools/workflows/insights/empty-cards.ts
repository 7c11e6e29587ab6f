import type { Note } from '../../reading.ts';
import type { Facts, Insight } from './facts.ts';

const maxSamples = 10;

/** Finds empty cards: with Anki's engine all, otherwise those whose cloze deletion was removed. */
export async function emptyCards(facts: Facts): Promise<Insight> {
  const { unread, cut } = await facts.notes;
  const withoutCards = unread.filter(({ reason }) => reason.includes('no cards'));
  const found = await (facts.context.backend.operate ? allEmptyCards(facts) : emptyClozeCards(facts));
  return {
    ...found,
    notesWithoutCards: {
      notes: withoutCards.length,
      ...(withoutCards.length > 0 && { ids: withoutCards.slice(0, maxSamples).map(({ id }) => id) }),
    },
    ...(cut !== undefined && { from: cut }),
  };
}

/** Returns the empty cards of the whole collection, as Anki's window Empty Cards finds them. */
async function allEmptyCards({ context }: Facts): Promise<Insight> {
  const found = await context.operate('emptyCards', {});
  return {
    emptyCards: found.reduce((sum, { cards }) => sum + cards.length, 0),
    note: 'In all decks. Tools > Empty Cards in Anki deletes them.',
    samples: found.slice(0, maxSamples).map(({ note, cards, isWhole }) => ({
      note,
      empty: cards.length,
      ...(isWhole && { all: true }),
      search: `cid:${cards.slice(0, maxSamples).join(',')}`,
    })),
  };
}

/** Returns the cards whose cloze deletion was removed. Only Anki itself can find other empty cards. */
async function emptyClozeCards({ notes: all, context }: Facts): Promise<Insight> {
  const { notes } = await all;
  const modelNames = [...new Set(notes.map(({ modelName }) => modelName))];
  const types = modelNames.length > 0 ? await context.call('findModelsByName', { modelNames }) : [];
  const clozeTypes = new Set(types.filter(({ type }) => type === 1).map(({ name }) => name));
  const withEmptyCards = notes
    .filter(({ modelName }) => clozeTypes.has(modelName))
    .map((note) => ({ note, empty: note.cards.length - clozeNumbers(note).size }))
    .filter(({ empty }) => empty > 0);
  return {
    emptyClozeCards: withEmptyCards.reduce((sum, { empty }) => sum + empty, 0),
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
