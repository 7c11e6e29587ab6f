import { isDeepStrictEqual } from 'node:util';
import { AnkiRefused } from '../../contract/errors.ts';

/**
 * Throws AnkiRefused if a plan is not the one that the user agreed to: while the user is asked, other calls run. Workflows
 * make the plan again in the step that carries it out, before the first write.
 */
export function requireSamePlan<T>(agreed: T, now: T): void {
  if (isDeepStrictEqual(now, agreed)) return;
  throw new AnkiRefused(
    'Nothing was changed: what this call works on was changed by someone else meanwhile, so its effect would be different. Repeat the call.',
  );
}
