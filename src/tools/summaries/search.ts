import { z } from 'zod';
import { correctionFor } from '../workflows/search.ts';
import type { Summary } from './rule.ts';

const params = z.object({ query: z.string() });

/** Says what a search without results probably means. The result itself stays Anki's. */
const summaryOf =
  (action: 'findNotes' | 'findCards'): Summary =>
  async (json, call, run) => {
    const result = await run();
    const query = params.safeParse(json).data?.query;
    const isEmpty = Array.isArray(result) && result.length === 0;
    if (!isEmpty || query === undefined) return { result, sentence: undefined };
    // The hint is an extra: without it the result is still complete.
    const sentence = await correctionFor({ call }, action, query).catch(() => undefined);
    return { result, sentence };
  };

export const search = { findNotes: summaryOf('findNotes'), findCards: summaryOf('findCards') };
