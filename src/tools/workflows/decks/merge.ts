import type { DeckEntry } from '../../../contract/engine/deck.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import { everything } from '../../search-terms.ts';
import { countOf } from '../../../lib/wording.ts';
import type { Risk } from '../../safeguards/rule.ts';
import type { Context } from '../../workflow.ts';
import { deckIn, defaultDeckId, findIn, isWithin } from '../deck-name.ts';
import { requireSamePlan } from '../same-plan.ts';

/** What becomes of one deck of the merged tree. */
interface Step {
  readonly deck: DeckEntry;
  readonly target: string;
  /** Moves the deck with all its child decks; otherwise only its cards are moved, because the target exists. */
  readonly isMoved: boolean;
}

interface Plan {
  readonly from: DeckEntry;
  readonly to: DeckEntry;
  readonly steps: readonly Step[];
  /** The decks that lose their cards. */
  readonly emptied: readonly Step[];
  readonly moved: ReadonlySet<number>;
  /** Those of the moved cards that are in a filtered deck, with its name. */
  readonly inFiltered: ReadonlyMap<number, string>;
}

/** Moves the cards and child decks of a deck into another one, whose options count then, and removes the empty decks. */
export async function merge(context: Context, fromName: string, toName: string) {
  let plan = await readPlan(context, fromName, toName);
  await context.approve({
    actions: ['decks'],
    assess: async () => {
      plan = await readPlan(context, fromName, toName);
      return [riskOf(plan)];
    },
  });
  const { to, steps, emptied, moved, inFiltered } = plan;
  return context.asOneStep(async (writing) => {
    requireSamePlan(plan, await readPlan(writing, fromName, toName));
    for (const { deck, target, isMoved } of steps) {
      if (isMoved) await writing.operate('renameDeck', { id: deck.id, name: target });
      else {
        const cards = await writing.call('findCards', { query: `did:${deck.id}` });
        if (cards.length > 0) await writing.call('changeDeck', { cards, deck: target });
      }
    }
    const after = await writing.operate('decks', {});
    const empty: string[] = [];
    for (const { deck } of emptied.toReversed()) {
      const isEmpty = (await writing.call('findCards', { query: `did:${deck.id}` })).length === 0;
      const hasChildren = after.some(
        ({ name }) => name !== deck.name && isWithin(name, deck.name) && !empty.includes(name),
      );
      if (isEmpty && !hasChildren && deck.id !== defaultDeckId) empty.push(deck.name);
    }
    if (empty.length > 0) await writing.call('deleteDecks', { decks: empty, cardsToo: true });
    const now = await writing.operate('decks', {});
    const target = deckIn(now, to.name);
    const tree = now.filter(({ name }) => isWithin(name, target.name));
    const there = new Set(
      await writing.call('findCards', { query: `did:${tree.map(({ id }) => id).join(',')}` }),
    );
    const still = await filteredDecksOf(writing, now, moved);
    const leftFiltered = countsOf([...inFiltered].flatMap(([card, deck]) => (still.has(card) ? [] : [deck])));
    return {
      deck: target.name,
      ...(leftFiltered && { leftFiltered }),
      cards: [...moved].filter((card) => there.has(card)).length,
      removed: empty.filter((name) => !findIn(now, name)),
      decks: tree.map(({ name }) => name),
    };
  });
}

async function readPlan(context: Context, fromName: string, toName: string): Promise<Plan> {
  const decks = await context.operate('decks', {});
  const [from, to] = [deckIn(decks, fromName), deckIn(decks, toName)];
  requireMergeable(from, to);
  const steps = stepsOf(decks, from, to);
  const emptied = steps.filter(({ isMoved }) => !isMoved);
  const moved = await cardsOf(context, emptied);
  return { from, to, steps, emptied, moved, inFiltered: await filteredDecksOf(context, decks, moved) };
}

const riskOf = ({ from, to, emptied, moved, inFiltered }: Plan): Risk => ({
  kind: 'deletes',
  of: [from.name],
  searches: [everything],
  describe: () => {
    const left =
      inFiltered.size === 0 ? '' : `, take ${countOf(inFiltered.size, 'card')} out of filtered decks`;
    return `Move ${countOf(moved.size, 'card')} of "${from.name}" into "${to.name}"${left} and remove ${countOf(emptied.length, 'deck')} with their options`;
  },
});

async function cardsOf({ call }: Context, steps: readonly Step[]): Promise<Set<number>> {
  const all = new Set<number>();
  for (const { deck } of steps)
    for (const card of await call('findCards', { query: `did:${deck.id}` })) all.add(card);
  return all;
}

/** Returns the filtered deck in which each card is, of those that are in one. */
async function filteredDecksOf(
  { call }: Context,
  decks: readonly DeckEntry[],
  cards: ReadonlySet<number>,
): Promise<ReadonlyMap<number, string>> {
  const filtered = new Set(decks.flatMap(({ name, isFiltered }) => (isFiltered ? [name] : [])));
  if (filtered.size === 0 || cards.size === 0) return new Map();
  const found = await call('getDecks', { cards: [...cards] });
  return new Map(
    Object.entries(found).flatMap(([deck, ids]) =>
      filtered.has(deck) ? ids.map((id) => [id, deck] as const) : [],
    ),
  );
}

/** Counts equal names; undefined if there are none. */
function countsOf(names: readonly string[]): Record<string, number> | undefined {
  if (names.length === 0) return undefined;
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries(counts);
}

function requireMergeable(from: DeckEntry, to: DeckEntry): void {
  const filtered = [from, to].find(({ isFiltered }) => isFiltered);
  if (filtered)
    throw new AnkiRefused(
      `Nothing was changed: "${filtered.name}" is a filtered deck. The tool filteredDeck deletes or empties it.`,
    );
  if (isWithin(to.name, from.name))
    throw new AnkiRefused(
      `Nothing was changed: "${to.name}" is ${to.id === from.id ? 'the same deck' : 'inside of it'}.`,
    );
}

/** Returns the steps, parents first. A child deck that the target lacks moves with its own children. */
function stepsOf(decks: readonly DeckEntry[], from: DeckEntry, to: DeckEntry): readonly Step[] {
  const steps: Step[] = [{ deck: from, target: to.name, isMoved: false }];
  const below = decks.filter(({ id, name }) => id !== from.id && isWithin(name, from.name));
  for (const deck of below.toSorted((a, b) => a.name.split('::').length - b.name.split('::').length)) {
    if (steps.some((step) => step.isMoved && isWithin(deck.name, step.deck.name))) continue;
    const target = to.name + deck.name.slice(from.name.length);
    const existing = findIn(decks, target);
    if (existing && (existing.isFiltered || deck.isFiltered))
      throw new AnkiRefused(
        `Nothing was changed: "${deck.name}" cannot be merged with "${existing.name}", because one is a filtered deck. Rename one of them first.`,
      );
    steps.push({ deck, target, isMoved: !existing });
  }
  return steps;
}
