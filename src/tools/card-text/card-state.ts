import type { Context } from '../workflow.ts';
import type { Card } from '../reading.ts';

/** Number of cards by state, without zeros. */
export type States = Record<string, number>;

const searches = {
  new: 'is:new',
  learning: 'is:learn',
  review: 'is:review -is:learn',
  due: 'is:due',
  suspended: 'is:suspended',
  buried: 'is:buried',
};

/** Returns a function that counts cards of these notes by state. Searches find the states without rendering a card. */
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

export function stateOf({ type, queue }: Pick<Card, 'type' | 'queue'>): string | undefined {
  if (queue === -1) return 'suspended';
  return queue < -1 ? 'buried' : ['new', 'learning', 'review', 'relearning'][type];
}
