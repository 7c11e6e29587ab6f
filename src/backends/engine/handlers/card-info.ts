import type { Output } from '../../../contract/index.ts';
import { cardText } from '../session/card-text.ts';
import type { Collection } from '../session/collection.ts';
import { deckName } from '../session/deck-name.ts';
import { fieldValues, noteTypeById } from '../session/note-type.ts';
import { oncePerKey } from './once-per-key.ts';

type CardInfo = Output<'cardsInfo'>[number];

/** Returns a function that describes a card as cardsInfo does. It loads each note type and deck only once. */
export function cardDescriber(collection: Collection): (cardId: bigint) => Promise<CardInfo> {
  const noteTypeOf = oncePerKey((id: bigint) => noteTypeById(collection, id));
  const deckNameOf = oncePerKey((id: bigint) => deckName(collection, id));

  const nextReviews = async (cid: bigint): Promise<string[]> => {
    const states = await collection.call('get_scheduling_states', { cid });
    return (await collection.call('describe_next_states', states)).vals;
  };

  return async (cid) => {
    const card = await collection.call('get_card', { cid });
    const note = await collection.call('get_note', { nid: card.noteId });
    const type = await noteTypeOf(note.notetypeId);
    // Requested first, the next reviews decide the error of a card without a deck: NOT_FOUND, as for a missing card.
    const [next, text] = await Promise.all([nextReviews(cid), cardText(collection, cid)]);
    return {
      cardId: Number(card.id),
      fields: fieldValues(type, note.fields),
      fieldOrder: card.templateIdx,
      question: text.question,
      answer: text.answer,
      modelName: type.name,
      ord: card.templateIdx,
      deckName: await deckNameOf(card.deckId),
      css: type.css,
      factor: card.easeFactor,
      interval: card.interval,
      note: Number(card.noteId),
      type: card.ctype,
      queue: card.queue,
      due: card.due,
      reps: card.reps,
      lapses: card.lapses,
      left: card.remainingSteps,
      mod: Number(card.mtimeSecs),
      nextReviews: next,
      flags: card.flags,
    };
  };
}
