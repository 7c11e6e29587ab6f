import { z } from 'zod';
import { Unreachable } from '../../contract/errors.ts';
import type { Subject } from './subject.ts';
import { messageOf } from '../../lib/error.ts';

export type State = 'ok' | 'warning' | 'failure' | 'skipped';

/** What `doctor --fix` does about a finding. */
export type Fix =
  /** Install the engine again. */
  | { readonly kind: 'engine' }
  /** Let the client start this program, with the same options. */
  | { readonly kind: 'program' }
  /** Set options of the entry to what the add-on has. */
  | { readonly kind: 'options'; readonly url?: string; readonly apiKey?: string };

/** The result of a check: what it found (`says`) and what the user should do (`next`). */
export interface Finding {
  readonly state: State;
  readonly says: string;
  readonly next?: string;
  /** May contain a key, so it is not part of the report. */
  readonly fix?: Fix;
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

/** The ways to work without a running Anki. */
export const withoutAnki = 'To work without Anki, set --collection PATH or --profile NAME.';

const others = 'The other results are not affected.';

/** Returns the finding for an error during a check. In our own errors, the first sentence says what happened, the rest what to do. */
export function findingOf(error: unknown): Finding {
  const message = messageOf(error);
  if (error instanceof z.ZodError || error instanceof SyntaxError) {
    return failure('This check failed: a program or file contains something else than was expected.', others);
  }
  if (!(error instanceof Unreachable)) {
    return failure(`This check failed: ${message}`, others);
  }
  const [says = '', ...next] = message.split(/(?<=\.) (?=[A-Z])/);
  return failure(says, next.join(' '));
}
