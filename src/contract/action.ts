import type { z } from 'zod';

/** MCP's four hints, always all of them: an undefined hint is a silent gap. */
export interface Annotations {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
}

/** One action of Anki-Connect: its name is the name of its export, its category the name of its file. */
export interface Action<I extends z.ZodObject = z.ZodObject, O extends z.ZodType = z.ZodType> {
  readonly title: string;
  readonly description: string;
  readonly annotations: Annotations;
  /** The call may take minutes (sync, import, export, database check). */
  readonly slow?: true;
  readonly input: I;
  readonly output: O;
}

export const action = <I extends z.ZodObject, O extends z.ZodType>(definition: Action<I, O>): Action<I, O> =>
  definition;

const hints = { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false };

/** Changes nothing at all. */
export const reads: Annotations = { ...hints, readOnlyHint: true, idempotentHint: true };
/** Adds something new with every call. */
export const adds: Annotations = { ...hints };
/** Brings about a state; a second call changes nothing more, and nothing of value is lost. */
export const ensures: Annotations = { ...hints, idempotentHint: true };
/** Replaces what was there. */
export const overwrites: Annotations = { ...hints, destructiveHint: true, idempotentHint: true };
/** Takes something away for good. */
export const deletes: Annotations = { ...hints, destructiveHint: true, idempotentHint: true };
