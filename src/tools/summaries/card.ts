import type { Output } from '../../contract/index.ts';
import { countOf } from '../../lib/wording.ts';
import { withIds } from '../search-ids.ts';
import type { Call } from './in-order.ts';
import { summary } from './rule.ts';
import { countIf, missing, quoted, sentence } from './words.ts';

/** Returns the cards that exist. */
const existing = async (cards: readonly number[], call: Call): Promise<Set<number>> => {
  const searches = withIds('cid:', [...new Set(cards)]);
  const found = await Promise.all(searches.map((query) => call('findCards', { query })));
  return new Set(found.flat());
};

const absent = (cards: readonly number[], found: ReadonlySet<number>): string | undefined =>
  missing(countIf(cards, (id) => !found.has(id)));

const deckOf = (decks: Output<'getDecks'>): Map<number, string> =>
  new Map(Object.entries(decks).flatMap(([name, ids]) => ids.map((id) => [id, name] as const)));

/** A change of all cards that exist, which Anki reports by nothing. */
const changed = (name: 'forgetCards' | 'relearnCards' | 'setDueDate', say: (cards: string) => string) =>
  summary(name, {
    observe: async ({ cards }, call) => existing(cards, call),
    describe: ({ params: { cards }, after }) =>
      sentence(say(countOf(after.size, 'card')), absent(cards, after)),
  });

const suspension = (name: 'suspend' | 'unsuspend') =>
  summary(name, {
    observe: async ({ cards }, call) => {
      const distinct = [...new Set(cards)];
      const states = await call('areSuspended', { cards: distinct });
      return new Map(distinct.map((id, index) => [id, states[index]]));
    },
    describe: ({ params, before, after }) => {
      const { cards } = params;
      const isSuspended = name === 'suspend' && !('suspend' in params && params.suspend === false);
      const now = countIf(cards, (id) => before.get(id) === !isSuspended && after.get(id) === isSuspended);
      const already = countIf(cards, (id) => before.get(id) === isSuspended);
      return sentence(
        `${isSuspended ? 'suspended' : 'unsuspended'} ${countOf(now, 'card')}`,
        already > 0 ? `${already.toLocaleString('en')} already ${already === 1 ? 'was' : 'were'}` : undefined,
        missing(countIf(cards, (id) => typeof after.get(id) !== 'boolean')),
      );
    },
  });

export const card = {
  suspend: suspension('suspend'),
  unsuspend: suspension('unsuspend'),
  forgetCards: changed('forgetCards', (cards) => `made ${cards} new`),
  relearnCards: changed('relearnCards', (cards) => `put ${cards} into relearning`),
  setDueDate: changed('setDueDate', (cards) => `gave ${cards} a due date`),

  changeDeck: summary('changeDeck', {
    observe: async ({ cards }, call) => {
      const [found, decks, names] = await Promise.all([
        existing(cards, call),
        call('getDecks', { cards }),
        call('deckNames', {}),
      ]);
      return { found, decks: deckOf(decks), names };
    },
    describe: ({ params: { cards, deck }, before, after }) => {
      const moved = countIf(cards, (id) => after.decks.get(id) !== before.decks.get(id));
      const stayed = after.found.size - moved;
      const isNew = after.names.length > before.names.length;
      const [first = 0] = after.found;
      const stored = after.decks.get(first) ?? deck; // Anki may have changed the name
      return sentence(
        `moved ${countOf(moved, 'card')} to ${quoted([stored])}${isNew ? ' (new deck)' : ''}`,
        stayed > 0
          ? `${stayed.toLocaleString('en')} ${stayed === 1 ? 'was' : 'were'} there already`
          : undefined,
        absent(cards, after.found),
      );
    },
  }),

  answerCards: summary('answerCards', {
    observe: async () => true,
    describe: ({ result }) =>
      result.includes(false)
        ? `Answered ${result.filter(Boolean).length} of ${countOf(result.length, 'card')}; the others do not exist.`
        : undefined,
  }),
};
