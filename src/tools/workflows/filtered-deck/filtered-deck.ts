import { z } from 'zod';
import { overwrites } from '../../../contract/action.ts';
import {
  filteredOrders,
  type FilteredDeck,
  type FilteredSearch,
} from '../../../contract/engine/filtered-deck.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import { echo } from '../../../lib/cut.ts';
import { exactName, foldCase } from '../../../lib/exact-name.ts';
import { countWithin } from '../../size.ts';
import { workflow, type Context } from '../../workflow.ts';
import { deckIn, decksOf, defaultDeckId, findIn, isWithin, noSuchDeck } from '../deck-name.ts';
import { requireDeckName } from '../new-deck-name.ts';
import { countFound } from './found.ts';
import { maxCards, planOf, presets, requireOrders } from './searches.ts';

/** Without that by overdueness, which fails in Anki 26.9 with every search for texts or tags. */
const orders = filteredOrders.filter((each) => each !== 'overdue');
const order = z
  .string()
  .refine((value) => orders.some((each) => each === value), `One of: ${orders.join(', ')}`);
const maxSearches = 2;

const input = z.strictObject({
  action: z.enum(['list', 'create', 'change', 'rebuild', 'empty', 'delete']).optional(),
  deck: z.string().optional(),
  preset: z.enum(presets).optional(),
  from: z.string().optional(),
  tag: z.string().optional(),
  days: z
    .int()
    .refine((value) => value >= 1 && value <= 3650, 'From 1 to 3650')
    .optional(),
  date: z.string().optional(),
  searches: z
    .array(z.strictObject({ search: z.string(), limit: z.int().optional(), order: order.optional() }))
    .refine(({ length }) => length >= 1 && length <= maxSearches, `1 or ${maxSearches} searches`)
    .optional(),
  reschedule: z.boolean().optional(),
  rename: z.string().optional(),
});
type Input = z.output<typeof input>;

const output = z.looseObject({
  deck: z.string().optional().describe('Exact name'),
  cards: z.int().optional(),
  searches: z.array(z.looseObject({ search: z.string() })).optional(),
  scheduling: z.string().optional(),
  decks: z.array(z.looseObject({ deck: z.string(), cards: z.int() })).optional(),
  outcome: z.string().optional(),
});

export const filteredDeck = workflow({
  title: 'Filtered decks',
  description: 'Filtered decks from searches or a preset (forgotten, ahead, tag, exam with date, new).',
  annotations: overwrites,
  needsEngine: true,
  input,
  output,
  async run(context, args) {
    const { action = 'list' } = args;
    const all = await context.operate('filteredDecks', {});
    if (action === 'list') return { result: listed(all, context) };
    if (action === 'create') return { result: await create(context, all, args) };
    const deck = await chosen(context, args.deck, all);
    if (action === 'change') return { result: await change(context, all, deck, args) };
    if (action === 'delete') {
      await context.operate('deleteFilteredDeck', { id: deck.id });
      return {
        result: { deck: deck.name, outcome: `Deleted. ${deck.cards} cards went back to their own decks.` },
      };
    }
    if (action === 'empty') {
      const { cards } = await context.operate('emptyFilteredDeck', { id: deck.id });
      const outcome = `${deck.cards - cards} cards went back to their own decks.`;
      return { result: { deck: deck.name, cards, outcome } };
    }
    const searches = await countFound(context, deck.searches, deck.id);
    return { result: report(await context.operate('rebuildFilteredDeck', { id: deck.id }), searches) };
  },
});

async function create(
  context: Context,
  all: readonly FilteredDeck[],
  { deck, preset, searches, reschedule, ...choice }: Input,
) {
  const ids = await context.call('deckNamesAndIds', {});
  const from = choice.from === undefined ? undefined : deckIn(decksOf(ids), choice.from).name;
  const hasFsrs = await isFsrsOn(context);
  const plan = preset && planOf({ ...choice, preset, from }, ids, hasFsrs);
  const wanted = searches ? complete(searches) : plan?.searches;
  const name = deck ?? plan?.name;
  if (!wanted || name === undefined)
    throw new AnkiRefused(
      `Nothing was changed: create needs preset (${presets.join(', ')}), or deck (its new name) and searches.`,
    );
  requireDeckName(name);
  requireFree(name, Object.keys(ids));
  requireNormalParent(name, all);
  requireOrders(wanted, hasFsrs);
  const found = await countFound(context, wanted, 0);
  requireCards(found);
  const built = await context.operate('saveFilteredDeck', {
    name,
    searches: wanted,
    reschedule: reschedule ?? plan?.reschedule ?? true,
    allowEmpty: false,
  });
  return {
    ...report(built, found),
    ...(plan?.daysLeft !== undefined && { advice: adviceFor(built.cards, plan.daysLeft) }),
  };
}

async function change(
  context: Context,
  all: readonly FilteredDeck[],
  deck: FilteredDeck,
  { searches, reschedule = deck.reschedule, rename }: Input,
) {
  const wanted = searches ? complete(searches) : deck.searches;
  if (rename !== undefined) requireDeckName(rename);
  if (rename !== undefined && foldCase(rename) !== foldCase(deck.name)) {
    requireFree(rename, Object.keys(await context.call('deckNamesAndIds', {})));
    requireNormalParent(rename, all);
  }
  requireOrders(wanted, await isFsrsOn(context));
  const found = await countFound(context, wanted, deck.id);
  requireCards(found);
  const changed = { id: deck.id, name: rename ?? deck.name, searches: wanted, reschedule };
  return report(await context.operate('saveFilteredDeck', { ...changed, allowEmpty: false }), found);
}

const isFsrsOn = async ({ operate }: Context): Promise<boolean> =>
  (await operate('fsrsState', { deckId: defaultDeckId })).on;

const complete = (searches: NonNullable<Input['searches']>): FilteredSearch[] =>
  searches.map(({ search, limit = maxCards, order: wanted }) => ({
    search,
    limit: Math.min(maxCards, Math.max(1, limit)),
    order: filteredOrders.find((each) => each === wanted) ?? 'random',
  }));

async function chosen(
  { call }: Context,
  name: string | undefined,
  all: readonly FilteredDeck[],
): Promise<FilteredDeck> {
  const found = findIn(all, name ?? '');
  if (found) return found;
  const names = all.map((each) => each.name);
  if (name === undefined)
    throw new AnkiRefused(
      `Nothing was changed: name the filtered deck in deck. There are ${names.length}; list returns them.`,
    );
  const normal = exactName(name, await call('deckNames', {}));
  throw new AnkiRefused(
    normal === undefined
      ? `Nothing was changed: ${noSuchDeck(name, names).message}`
      : `Nothing was changed: "${echo(normal)}" is a normal deck, and this tool only changes filtered ones. decks merges a normal deck into another one; deleteDecks deletes it with its cards.`,
  );
}

/** Anki would silently add a "+" to a name that is taken. */
function requireFree(name: string, names: readonly string[]): void {
  if (name.trim() === '') throw new AnkiRefused('Nothing was changed: the name of a deck cannot be empty.');
  if (exactName(name, names) !== undefined)
    throw new AnkiRefused(
      `Nothing was changed: there is a deck "${echo(name)}" already. Pass another name, or use rebuild or change if it is a filtered deck.`,
    );
}

/** Anki refuses a deck below a filtered one, and would empty the undo list then. */
function requireNormalParent(name: string, all: readonly FilteredDeck[]): void {
  const parent = all.find((each) => isWithin(name, each.name));
  if (parent)
    throw new AnkiRefused(
      `Nothing was changed: "${parent.name}" is a filtered deck, which cannot have child decks. Pass another name.`,
    );
}

/** Anki refuses a deck without cards, and would empty the undo list then. */
function requireCards(found: Awaited<ReturnType<typeof countFound>>): void {
  if (found.some(({ usable }) => usable > 0)) return;
  const reasons = found.map(({ search, why = '' }) => `${echo(search)}: ${why}`).join('; ');
  throw new AnkiRefused(`Nothing was changed: the deck would have no cards. ${reasons}.`);
}

const report = (
  { name, cards, reschedule, searches }: FilteredDeck,
  found: Awaited<ReturnType<typeof countFound>>,
) => ({
  deck: name,
  cards,
  searches: found.map((each, at) => ({ ...searches[at], ...each })),
  scheduling: reschedule ? schedules : previews,
  next: 'study with the name of the deck shows its cards.',
});

/** The deck of an exam has what comes due until then, and what is new. */
const adviceFor = (cards: number, daysLeft: number): string =>
  `The exam is in ${daysLeft} days: ${Math.ceil(cards / Math.max(1, daysLeft))} cards a day. Rebuild the deck each day.`;

const schedules =
  'Answers count: a card gets a new interval and goes back to its own deck when it is learned.';
const previews =
  'A preview: answers change no schedule. Again and Hard show a card again after a while, Good and Easy send it back as it was.';

function listed(all: readonly FilteredDeck[], { budget }: Context) {
  const decks = all.map(({ name, cards, searches, reschedule }) => ({
    deck: name,
    cards,
    searches: searches.map((each) => ({ ...each })),
    scheduling: reschedule ? schedules : previews,
  }));
  const shown = decks.slice(0, countWithin(decks, budget - 200));
  return {
    decks: shown,
    ...(shown.length < decks.length && { outcome: `${decks.length - shown.length} more are not shown.` }),
  };
}
