import { z } from 'zod';
import { AnkiRefused } from '../../../contract/errors.ts';
import { find, withIds } from '../../search-ids.ts';
import type { Context } from '../../workflow.ts';
import { searchFor } from '../search.ts';

/** Maximum number of cards or notes that one call changes. */
const maxFound = 20_000;

/** Members of the input of workflows that change what a search finds. */
export const targetMembers = {
  query: z.string().optional(),
  /** Number to find. Another one is refused. */
  expect: z.int().min(0).optional(),
  dryRun: z.boolean().optional(),
};

interface Targets {
  readonly query?: string | undefined;
  readonly ids?: readonly number[] | undefined;
  readonly expect?: number | undefined;
}

export interface Found {
  readonly ids: readonly number[];
  /** Passed ids that do not exist. */
  readonly missing: readonly number[];
}

/** Finds the cards or notes of a search or of a list of ids. Throws AnkiRefused if they are not as many as expected. */
export async function findTargets(
  context: Context,
  noun: 'card' | 'note',
  { query, ids: passed, expect }: Targets,
): Promise<Found> {
  if ((query === undefined) === (passed === undefined)) {
    throw new AnkiRefused(
      `Nothing was changed: pass query or ${noun}s, one of them. The query deck:* finds everything.`,
    );
  }
  const found = await foundBy(context, noun, query, passed ?? []);
  const exists = new Set(found);
  const [ids, missing] =
    passed === undefined
      ? [found.toSorted((a, b) => a - b), []]
      : [passed.filter((id) => exists.has(id)), passed.filter((id) => !exists.has(id))];
  const number = `${ids.length.toLocaleString('en')} ${noun}${ids.length === 1 ? '' : 's'}`;
  if (expect !== undefined && ids.length !== expect) {
    throw new AnkiRefused(
      `Nothing was changed: this finds ${number}, not ${expect}. Look at them with dryRun: true.`,
    );
  }
  if (ids.length > maxFound) {
    throw new AnkiRefused(
      `Nothing was changed: this finds ${number}, and one call changes at most ${maxFound.toLocaleString('en')}. Narrow the query, for example to one deck.`,
    );
  }
  return { ids, missing };
}

async function foundBy(
  context: Context,
  noun: 'card' | 'note',
  query: string | undefined,
  passed: readonly number[],
): Promise<readonly number[]> {
  const action = noun === 'card' ? 'findCards' : 'findNotes';
  return query === undefined
    ? find(context, action, withIds(noun === 'card' ? 'cid:' : 'nid:', passed))
    : (await searchFor(context, action, query)).found;
}

/** Returns the number of passed ids that do not exist, as a member of the result. */
export const missingMember = ({ missing }: Found): { missing?: number } =>
  missing.length > 0 ? { missing: missing.length } : {};
