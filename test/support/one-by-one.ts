import { AnkiRefused } from '../../src/contract/errors.ts';
import { isNotFound } from '../../src/backends/engine/process/engine-error.ts';
import { deckName, findDeck } from '../../src/backends/engine/session/deck-name.ts';
import { id, listedId, member, numeric, str, text } from '../../src/backends/engine/session/python.ts';
import type { Session } from '../../src/backends/engine/session/session.ts';
import { iterate, truthy } from '../../src/anki-connect/python.ts';
import type { Json, JsonObject } from '../../src/lib/json.ts';

// The actions for many cards as they are simplest: one call to the engine for each item. Tests compare the handlers with them.

const cardId = (value: Json): bigint => (truthy(value) ? id(value) : 0n);

async function ifFound<T>(result: Promise<T>): Promise<T | undefined> {
  try {
    return await result;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function read(session: Session, value: Json) {
  const cid = cardId(value);
  return cid === 0n ? { queue: 0, easeFactor: 0 } : ifFound(session.call('get_card', { cid }));
}

const readAll = (session: Session, cards: Json | undefined) =>
  Promise.all(iterate(cards).map((value) => read(session, value)));

async function reviewsOf(session: Session, card: bigint) {
  const rows = await session.query('select id, ivl from revlog where cid = ? order by id', card);
  return rows.map((row) => row.map(Number)).map(([time = 0, ivl = 0]) => ({ time, ivl }));
}

const matches = async (session: Session, card: bigint, term: string): Promise<boolean> => {
  const order = { value: { case: 'none', value: {} } } as const;
  return (await session.call('search_cards', { search: `cid:${card} ${term}`, order })).ids.length > 0;
};

function last<T>(items: readonly T[]): T {
  const item = items.at(-1);
  if (item === undefined) throw new AnkiRefused('list index out of range');
  return item;
}

async function setSuspended(session: Session, cards: Json | undefined, suspend: Json): Promise<boolean> {
  const list = iterate(cards);
  const found = await readAll(session, cards);
  const remaining = [...list.entries()];
  for (let position = 0; position < remaining.length; position++) {
    const [index, card] = remaining[position] ?? [0, null];
    const stored = found[index];
    if (!stored) throw new AnkiRefused(`Card was not found: ${str(card)}`);
    if ((stored.queue === -1) === suspend) remaining.splice(position, 1);
  }
  const cids = remaining.map(([, card]) => listedId(card));
  if (cids.length === 0) return false;
  if (suspend === true) await session.call('bury_or_suspend_cards', { cardIds: cids, noteIds: [], mode: 0 });
  else await session.call('restore_buried_and_suspended_cards', { cids });
  return true;
}

export const oneByOne = {
  async areSuspended(session: Session, { cards }: JsonObject): Promise<Json> {
    return (await readAll(session, cards)).map((card) => (card ? card.queue === -1 : null));
  },

  async getEaseFactors(session: Session, { cards }: JsonObject): Promise<Json> {
    return (await readAll(session, cards)).map((card) => card?.easeFactor ?? null);
  },

  async areDue(session: Session, { cards }: JsonObject): Promise<Json> {
    const results: boolean[] = [];
    for (const card of iterate(cards).map(numeric)) {
      if (await matches(session, card, 'is:new')) results.push(true);
      else {
        const { time, ivl } = last(await reviewsOf(session, card));
        results.push(
          ivl >= -1200 ? await matches(session, card, 'is:due') : time / 1000 - ivl <= Date.now() / 1000,
        );
      }
    }
    return results;
  },

  async getIntervals(session: Session, { cards, complete }: JsonObject): Promise<Json> {
    const results: Json[] = [];
    for (const card of iterate(cards).map(numeric)) {
      const isNew = await matches(session, card, 'is:new');
      const intervals = (await reviewsOf(session, card)).map(({ ivl }) => ivl);
      results.push(isNew ? 0 : truthy(complete) ? intervals : last(intervals));
    }
    return results;
  },

  async getDecks(session: Session, { cards }: JsonObject): Promise<Json> {
    const decks: [string, number[]][] = [];
    for (const cid of iterate(cards).map(numeric)) {
      const card = await ifFound(session.call('get_card', { cid }));
      const name = await deckName(session, card?.deckId ?? 1n);
      const known = decks.find(([other]) => other === name);
      if (known) known[1].push(Number(cid));
      else decks.push([name, [Number(cid)]]);
    }
    return Object.fromEntries(decks);
  },

  async suspend(session: Session, { cards, suspend = true }: JsonObject): Promise<Json> {
    return setSuspended(session, cards, suspend);
  },

  async answerCards(session: Session, { answers }: JsonObject): Promise<Json> {
    return session.asOneStep(async () => {
      const answered: boolean[] = [];
      for (const answer of iterate(answers)) {
        const cid = cardId(member(answer, 'cardId'));
        const isFound = (await ifFound(session.call('get_scheduling_states', { cid }))) !== undefined;
        answered.push(isFound);
        if (!isFound) continue;
        const rating = Number(member(answer, 'ease')) - 1;
        if (![0, 1, 2, 3].includes(rating)) throw new AnkiRefused('invalid ease');
        await session.call('grade_now', { cardIds: [cid], rating });
      }
      return answered;
    });
  },

  async replaceTags(
    session: Session,
    { notes, tag_to_replace: from, replace_with_tag: to }: JsonObject,
  ): Promise<Json> {
    const isOld = (tag: string) => tag.toLowerCase() === text(from).toLowerCase();
    const wanted = [...new Set(iterate(notes).map(id))].toSorted((one, other) => (one < other ? -1 : 1));
    const found = await Promise.all(wanted.map((nid) => ifFound(session.call('get_note', { nid }))));
    const changed = found.flatMap((note) => (note?.tags.some(isOld) ? [note] : []));
    for (const note of changed) note.tags = [...note.tags.filter((tag) => !isOld(tag)), text(to)];
    await session.call('update_notes', { notes: changed, skipUndoEntry: false });
    return null;
  },

  async getDeckStats(session: Session, { decks }: JsonObject): Promise<readonly string[]> {
    const found = await Promise.all(iterate(decks).map((name) => findDeck(session, text(name))));
    return found.flatMap((did) => (did === undefined ? [] : [String(did)]));
  },
};
