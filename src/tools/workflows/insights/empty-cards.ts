import type { Facts, Insight } from './facts.ts';
import type { Note } from '../reading.ts';

const shown = 10;

/** Cards left over from cloze deletions that are gone. Other empty cards are known to Anki's window only. */
export async function emptyCards(facts: Facts): Promise<Insight> {
  const { notes, unread, cut } = await facts.notes;
  const modelNames = [...new Set(notes.map(({ modelName }) => modelName))];
  const types = modelNames.length > 0 ? await facts.context.call('findModelsByName', { modelNames }) : [];
  const cloze = new Set(types.filter(({ type }) => type === 1).map(({ name }) => name));
  const surplus = notes
    .filter(({ modelName }) => cloze.has(modelName))
    .map((note) => ({ note, empty: note.cards.length - deletions(note).size }))
    .filter(({ empty }) => empty > 0);
  const bare = unread.filter(({ reason }) => reason.includes('no cards'));
  return {
    emptyClozeCards: surplus.reduce((sum, { empty }) => sum + empty, 0),
    notesWithoutCards: {
      notes: bare.length,
      ...(bare.length > 0 && { ids: bare.slice(0, shown).map(({ id }) => id) }),
    },
    ...(cut !== undefined && { from: cut }),
    note: 'Anki-Connect does not tell other empty cards: Tools > Empty Cards in Anki finds all, and deletes them.',
    samples: surplus
      .slice(0, shown)
      .map(({ note, empty }) => ({ note: note.noteId, empty, search: `nid:${note.noteId}` })),
  };
}

/** The numbers of the cloze deletions in a note. */
function deletions({ fields }: Note): Set<string> {
  const text = Object.values(fields)
    .map(({ value }) => value)
    .join('\n');
  const numbers = [...text.matchAll(/\{\{c([\d,]+)::/g)].flatMap(([, list = '']) => list.split(','));
  return new Set(numbers.filter((number) => Number(number) > 0));
}
