import { NotThere } from '../../contract/errors.ts';
import { json, jsonContents, type Resource } from './resource.ts';
import { answerOf, questionOf } from '../../tools/card-text/card-side.ts';
import { readCards, type Card, type Unread } from '../../tools/workflows/reading.ts';
import { toText } from '../../tools/card-text/text.ts';

export const card: Resource = {
  uri: 'anki://card/{id}',
  name: 'card',
  title: 'Card',
  description: 'A card: question and answer as text (the answer is not hidden), deck, note and schedule.',
  mimeType: json,
  async read(context, name) {
    const cardId = idOf(name);
    if (cardId === undefined) return undefined;
    const { cards, unread } = await readCards(context, [cardId]);
    const [found] = cards;
    if (!found) throw cannotRead('Card', unread, cardId);
    const { question, deckName, modelName, note, interval, reps, lapses } = found;
    return jsonContents(
      {
        cardId,
        noteId: note,
        deck: deckName,
        noteType: modelName,
        state: stateOf(found),
        interval,
        reps,
        lapses,
        question: toText(questionOf(question)),
        answer: toText(answerOf(found)),
      },
      context,
    );
  },
};

/** The id that a URI ends with. */
export function idOf(name: string): number | undefined {
  const id = Number(name);
  return /^\d+$/.test(name) && Number.isSafeInteger(id) ? id : undefined;
}

export const cannotRead = (what: string, [unread]: readonly Unread[], id: number): NotThere =>
  new NotThere(`${what} ${id} cannot be read: ${unread?.reason ?? 'Anki does not tell why'}.`);

export function stateOf({ type, queue }: Card): string | undefined {
  if (queue === -1) return 'suspended';
  return queue < -1 ? 'buried' : ['new', 'learning', 'review', 'relearning'][type];
}
