import { randomBytes } from 'node:crypto';
import type { CollectionState, Difference, Fingerprint } from '../../../contract/engine/difference.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import type { Context } from '../../workflow.ts';
import type { Calls } from './calls.ts';

/** A trial that can be carried out. */
export interface Plan {
  readonly calls: Calls;
  /** The collection as it was. */
  readonly state: CollectionState;
  readonly difference: Difference;
  readonly fingerprint: Fingerprint;
  /** True if a filtered deck in random order was built: another one gets other cards. */
  readonly isRandom: boolean;
}

/** Maximum number of plans that a session keeps. */
const maxPlans = 5;

/** Plans of each MCP session by token. */
const plans = new WeakMap<AbortSignal, Map<string, Plan>>();

export function keep({ session }: Context, plan: Plan): string {
  const kept = plans.get(session) ?? new Map<string, Plan>();
  plans.set(session, kept);
  const token = randomBytes(6).toString('hex');
  kept.set(token, plan);
  const [oldest] = kept.keys();
  if (kept.size > maxPlans && oldest !== undefined) kept.delete(oldest);
  return token;
}

/** Returns a plan and forgets it: it is carried out at most once. */
export function take({ session }: Context, token: string): Plan {
  const plan = plans.get(session)?.get(token);
  if (!plan) {
    throw new AnkiRefused(
      `Nothing was changed: this session has no trial "${token}". It was carried out already, or ${maxPlans} newer ones replaced it. Run the trial again.`,
    );
  }
  plans.get(session)?.delete(token);
  return plan;
}
