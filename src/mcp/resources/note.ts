import { json, jsonContents, type Resource } from './resource.ts';
import { readCards, readNotes } from '../../tools/reading.ts';
import { stateOf } from '../../tools/card-text/card-state.ts';
import { dueDates } from '../../tools/workflows/due-dates.ts';
import { cannotRead, idOf } from './card.ts';

export const note: Resource = {
  uri: 'anki://note/{id}',
  name: 'note',
  title: 'Note',
  description: 'A note: its fields as stored (HTML), tags, and its cards with decks, states and due dates.',
  mimeType: json,
  async read(context, name) {
    const noteId = idOf(name);
    if (noteId === undefined) return undefined;
    const { notes, unread } = await readNotes(context, [noteId]);
    const [found] = notes;
    if (!found) throw cannotRead('Note', unread, noteId);
    const { modelName, tags, fields, mod } = found;
    const { cards } = await readCards(context, found.cards);
    const dueDate = await dueDates(context, cards);
    return jsonContents(
      {
        noteId,
        noteType: modelName,
        tags,
        modified: new Date(mod * 1000).toISOString(),
        fields: Object.fromEntries(Object.entries(fields).map(([field, { value }]) => [field, value])),
        cards: cards.map((card) => ({
          cardId: card.cardId,
          deck: card.deckName,
          state: stateOf(card),
          due: dueDate(card).words,
        })),
      },
      context,
    );
  },
};
