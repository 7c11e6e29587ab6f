import type { Output } from '../../../contract/index.ts';
import { cardText } from '../session/card-text.ts';
import type { Collection } from '../session/collection.ts';
import { deckName } from '../session/deck-name.ts';
import { fieldValues, noteTypeById } from '../session/note-type.ts';
import { id } from '../session/python.ts';
import { inList, jsonList } from './id-list.ts';
import { oncePerKey } from './once-per-key.ts';
import { ifFound } from './stored-card.ts';
import { fieldSeparator } from './stored-note.ts';
import type { Json } from '../../../lib/json.ts';

type CardInfo = Output<'cardsInfo'>[number];

/** Cards that are described at the same time: their texts are in memory, and their requests in the pipe. */
const cardsAtOnce = 50;

/** The engine reads a due number that is no 32-bit integer as 0. */
const due = "iif(typeof(c.due) = 'integer' and abs(c.due) < 2147483648, c.due, 0)";
const columns = `c.id, c.nid, c.did, n.mid, n.flds, c.ord, c.mod, c.type, c.queue, ${due}, c.ivl, c.factor, c.reps, c.lapses, c.left, c.flags`;

/** Describes cards as cardsInfo does; a card that does not exist, or has no note, has no members. */
export async function describeCards(collection: Collection, cards: readonly bigint[]): Promise<CardInfo[]> {
  const describe = cardDescriber(collection);
  const all: CardInfo[] = [];
  for (let start = 0; start < cards.length; start += cardsAtOnce) {
    const part = cards.slice(start, start + cardsAtOnce);
    const rows = await collection.query(
      `select ${columns} from cards c join notes n on n.id = c.nid where c.id ${inList}`,
      jsonList(part),
    );
    const found = new Map(rows.map((row) => [id(row[0]), row]));
    const infos = part.map(async (card) => {
      const row = found.get(card);
      return row ? ((await ifFound(describe(card, row))) ?? {}) : {};
    });
    all.push(...(await Promise.all(infos)));
  }
  return all;
}

/** Returns a function that describes a card from its row. It loads each note type and deck only once. */
function cardDescriber(collection: Collection): (cid: bigint, row: readonly Json[]) => Promise<CardInfo> {
  const noteTypeOf = oncePerKey((mid: bigint) => noteTypeById(collection, mid));
  const deckNameOf = oncePerKey((did: bigint) => deckName(collection, did));

  return async (cid, [, nid, did, mid, flds, ...numbers]) => {
    const [ord = 0, mod = 0, type = 0, queue = 0, dueNumber = 0, interval = 0, ...others] =
      numbers.map(Number);
    const [factor = 0, reps = 0, lapses = 0, left = 0, flags = 0] = others;
    const noteType = await noteTypeOf(id(mid));
    // Requested first, the next reviews decide the error of a card without a deck: NOT_FOUND, as for a missing card.
    const [next, text] = await Promise.all([
      collection.chain('get_scheduling_states', { cid }, 'describe_next_states'),
      cardText(collection, cid),
    ]);
    return {
      cardId: Number(cid),
      fields: fieldValues(noteType, String(flds).split(fieldSeparator)),
      fieldOrder: ord,
      question: text.question,
      answer: text.answer,
      modelName: noteType.name,
      ord,
      deckName: await deckNameOf(id(did)),
      css: noteType.css,
      factor,
      interval,
      note: Number(nid),
      type,
      queue,
      due: dueNumber,
      reps,
      lapses,
      left,
      mod,
      nextReviews: next.vals,
      flags,
    };
  };
}
