import { Unreachable } from '../../contract/errors.ts';
import type { Subject } from './subject.ts';
import { messageOf } from '../../lib/error.ts';

export type State = 'ok' | 'warning' | 'failure' | 'skipped';

/** What a check found, and what to do about it. */
export interface Finding {
  readonly state: State;
  readonly says: string;
  readonly next?: string;
}

/** One question about the subject. It changes nothing. */
export interface Check {
  readonly name: string;
  readonly look: (subject: Subject) => Promise<Finding | readonly Finding[]>;
}

export const ok = (says: string): Finding => ({ state: 'ok', says });
export const warning = (says: string, next: string): Finding => ({ state: 'warning', says, next });
export const failure = (says: string, next: string): Finding => ({ state: 'failure', says, next });
export const skipped = (says: string): Finding => ({ state: 'skipped', says });

/** What went wrong while looking. Our own errors tell in their first sentence what happened, and then what to do. */
export function failed(error: unknown): Finding {
  const message = messageOf(error);
  if (!(error instanceof Unreachable)) {
    return failure(`This could not be looked at: ${message}`, 'The other findings hold without it.');
  }
  const [says = '', ...next] = message.split(/(?<=\.) (?=[A-Z])/);
  return failure(says, next.join(' '));
}
