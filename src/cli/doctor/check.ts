import { Unreachable } from '../../contract/errors.ts';
import type { Subject } from './subject.ts';
import { messageOf } from '../../lib/error.ts';

export type State = 'ok' | 'warning' | 'failure' | 'skipped';

/** The result of a check: what it found (`says`) and what the user should do (`next`). */
export interface Finding {
  readonly state: State;
  readonly says: string;
  readonly next?: string;
}

/** One check of the subject. It changes nothing. */
export interface Check {
  readonly name: string;
  readonly examine: (subject: Subject) => Promise<Finding | readonly Finding[]>;
}

export const ok = (says: string): Finding => ({ state: 'ok', says });
export const warning = (says: string, next: string): Finding => ({ state: 'warning', says, next });
export const failure = (says: string, next: string): Finding => ({ state: 'failure', says, next });
export const skipped = (says: string): Finding => ({ state: 'skipped', says });

/** Returns the finding for an error during a check. In our own errors, the first sentence says what happened, the rest what to do. */
export function findingOf(error: unknown): Finding {
  const message = messageOf(error);
  if (!(error instanceof Unreachable)) {
    return failure(`This check failed: ${message}`, 'The other results are not affected.');
  }
  const [says = '', ...next] = message.split(/(?<=\.) (?=[A-Z])/);
  return failure(says, next.join(' '));
}
