import { bar, percent } from './chart.ts';
import type { Facts, Insight } from './facts.ts';

const lowRecall = 0.7;

/** Counts cards by FSRS recall, stability and difficulty. Anki-Connect offers these values only as searches. */
export async function fsrs(facts: Facts): Promise<Insight> {
  const known = await facts.count('prop:s>0');
  if (known === 0) {
    return {
      summary:
        'Unknown: no card here has an FSRS memory state. Either FSRS is off in the deck options, or no card was reviewed with it yet.',
    };
  }
  const searches = {
    'recall below 70 %': `prop:s>0 prop:r<${lowRecall}`,
    'recall 70 to 90 %': `prop:s>0 prop:r>=${lowRecall} prop:r<0.9`,
    'recall 90 % and more': 'prop:s>0 prop:r>=0.9',
    'stability under 7 days': 'prop:s>0 prop:s<7',
    'stability 90 days and more': 'prop:s>=90',
    'difficulty over 80 %': 'prop:s>0 prop:d>0.8',
  };
  const counts = await Promise.all(
    Object.entries(searches).map(async ([what, search]) => ({
      what,
      search,
      cards: await facts.count(search),
    })),
  );
  const target = facts.deck === undefined ? undefined : await desiredRetention(facts, facts.deck);
  return {
    cardsWithMemoryState: known,
    ...(target !== undefined && { desiredRetention: percent(target) }),
    note: 'Stability and difficulty of a single card are not available; prop:r, prop:s and prop:d search for them.',
    samples: counts.map(({ what, search, cards }) => ({
      what,
      cards,
      chart: bar(cards / known),
      search: facts.within(search),
    })),
  };
}

/** Returns the desired retention in the options of a deck. A filtered deck has none. */
async function desiredRetention({ context }: Facts, deck: string): Promise<number | undefined> {
  const config = await context.call('getDeckConfig', { deck });
  const target = config === false ? undefined : config['desiredRetention'];
  return typeof target === 'number' ? target : undefined;
}
