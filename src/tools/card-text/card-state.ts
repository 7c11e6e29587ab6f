import type { Context } from '../workflow.ts';

/** How many of some cards are in which state; those in none are left out. */
export type States = Readonly<Record<string, number>>;

const searches = {
  new: 'is:new',
  learning: 'is:learn',
  review: 'is:review -is:learn',
  due: 'is:due',
  suspended: 'is:suspended',
  buried: 'is:buried',
};

/** The states of the cards of notes. Searches tell them without reading, and so rendering, a single card. */
export async function statesOf(
  { call }: Context,
  notes: readonly number[],
): Promise<(cards: readonly number[]) => States> {
  if (notes.length === 0) return () => ({});
  const found = await Promise.all(
    Object.entries(searches).map(async ([state, search]) => {
      const cards = await call('findCards', { query: `nid:${notes.join(',')} ${search}` });
      return [state, new Set(cards)] as const;
    }),
  );
  return (cards) =>
    Object.fromEntries(
      found
        .map(([state, ids]) => [state, cards.filter((id) => ids.has(id)).length] as const)
        .filter(([, count]) => count > 0),
    );
}
