import type { MemoryState, MemoryStates } from '../../../../contract/engine/fsrs.ts';
import type { Collection } from '../../session/collection.ts';
import { short } from './form.ts';

/** Returns the distribution of memory states, and the cards with the lowest recall. */
export async function memoryStates(
  collection: Collection,
  search: string,
  samples: number,
): Promise<MemoryStates> {
  const graphs = await collection.call('graphs', { search, days: 1 });
  const { retrievability, average = 0, sumByCard = 0 } = graphs.retrievability ?? {};
  const hasStates = Object.keys(retrievability ?? {}).length > 0;
  return {
    recall: retrievability ?? {},
    stability: graphs.stability?.intervals ?? {},
    difficulty: graphs.difficulty?.eases ?? {},
    averageRecall: short(average),
    remembered: short(sumByCard),
    lowest: hasStates ? await lowestRecall(collection, search, samples) : [],
  };
}

async function lowestRecall(
  collection: Collection,
  search: string,
  samples: number,
): Promise<readonly MemoryState[]> {
  const { ids } = await collection.call('search_cards', {
    search: `(${search}) prop:s>0`,
    order: { value: { case: 'builtin', value: { column: 'retrievability', reverse: false } } },
  });
  const states: MemoryState[] = [];
  for (const cid of ids.slice(0, samples)) {
    const {
      memoryState,
      fsrsRetrievability: recall,
      interval,
    } = await collection.call('card_stats', { cid });
    if (!memoryState || recall === undefined) continue;
    const { stability, difficulty } = memoryState;
    states.push({
      cardId: Number(cid),
      recall: short(recall),
      stability: short(stability),
      difficulty: short(difficulty),
      interval,
    });
  }
  return states;
}
