import { NotFound } from '../../contract/errors.ts';
import { json, jsonContents, type Resource } from './resource.ts';
import { seenAnswer, seenQuestion } from '../../tools/card-text/card-page.ts';
import { readCards, type Unread } from '../../tools/reading.ts';
import { stateOf } from '../../tools/card-text/card-state.ts';
import { dueDates } from '../../tools/workflows/due-dates.ts';

export const card: Resource = {
  uri: 'anki://card/{id}',
  name: 'card',
  title: 'Card',
  description: 'A card: question and answer as text (not hidden), deck, note and schedule.',
  mimeType: json,
  async read(context, name) {
    const cardId = idOf(name);
    if (cardId === undefined) return undefined;
    const { cards, unread } = await readCards(context, [cardId]);
    const [found] = cards;
    if (!found) throw cannotRead('Card', unread, cardId);
    const dueDate = await dueDates(context, [found]);
    const [question, answer] = await Promise.all([seenQuestion(found), seenAnswer(found)]);
    const { deckName, modelName, note, interval, reps, lapses } = found;
    return jsonContents(
      {
        cardId,
        noteId: note,
        deck: deckName,
        noteType: modelName,
        state: stateOf(found),
        due: dueDate(found).words,
        interval,
        reps,
        lapses,
        question,
        answer,
      },
      context,
    );
  },
};

/** Returns the id at the end of a URI, or undefined if it is not an id. */
export function idOf(name: string): number | undefined {
  const id = Number(name);
  return /^\d+$/.test(name) && Number.isSafeInteger(id) ? id : undefined;
}

export const cannotRead = (kind: string, [unread]: readonly Unread[], id: number): NotFound =>
  new NotFound(`${kind} ${id} cannot be read: ${unread?.reason ?? 'Anki gives no reason'}.`);
