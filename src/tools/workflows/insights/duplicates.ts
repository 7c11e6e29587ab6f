import { excerpt } from '../../card-text/excerpt.ts';
import type { Note } from '../../reading.ts';
import type { Facts, Insight } from './facts.ts';
import { decksOfNotes, firstField, normalize, textsOf } from './first-field.ts';

/** Maximum number of groups in one result, of ids of a group, and of its decks. */
const maxGroups = 100;
const maxIds = 20;
const maxDecks = 5;

/** Finds notes with the same first field in all decks: of the same note type, or of any if that is requested. */
export async function duplicates(facts: Facts): Promise<Insight> {
  const { acrossTypes, offset } = facts.options;
  const { notes, cut } = await facts.notes;
  const byText = new Map<string, Note[]>();
  for (const note of notes) {
    const text = normalize(firstField(note));
    if (text === '') continue;
    const key = acrossTypes ? text : `${note.modelName}\n${text}`;
    const group = byText.get(key);
    if (group) group.push(note);
    else byText.set(key, [note]);
  }
  const groups = [...byText.values()]
    .filter((group) => group.length > 1)
    .map((group) => group.toSorted((a, b) => a.noteId - b.noteId))
    .toSorted((a, b) => b.length - a.length || (a[0]?.noteId ?? 0) - (b[0]?.noteId ?? 0));
  const page = groups.slice(offset, offset + maxGroups);
  const deckOf = await decksOfNotes(facts, page.flat());
  return {
    criterion: `Same first field${acrossTypes ? ', in notes of any type' : ' and note type'}, in all decks. Formatting, letter case, spaces and punctuation are ignored.`,
    groups: groups.length,
    notes: groups.reduce((sum, group) => sum + group.length, 0),
    ...(cut !== undefined && { from: cut }),
    samples: page.map((group) => {
      const ids = group.slice(0, maxIds).map(({ noteId }) => noteId);
      const types = [...new Set(group.map(({ modelName }) => modelName))];
      return {
        text: excerpt(firstField(group[0]), 60),
        notes: group.length,
        same: new Set(group.map(allFields)).size === 1 ? 'all fields' : 'first field',
        types: types.slice(0, maxDecks),
        decks: [...new Set(group.map(({ noteId }) => deckOf.get(noteId) ?? ''))].slice(0, maxDecks),
        oldestFirst: ids,
        search: `nid:${ids.join(',')}`,
      };
    }),
    paged: { offset, total: groups.length },
  };
}

const allFields = (note: Note): string => textsOf(note).map(normalize).join('\n');
