import type { z } from 'zod';

/** MCP's four hints. All are required, because clients guess a missing one. */
export interface Annotations {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
}

/** One action of Anki-Connect. The export's name is the action's name, the file's name its category. */
export interface Action<I extends z.ZodObject = z.ZodObject, O extends z.ZodType = z.ZodType> {
  readonly title: string;
  readonly description: string;
  readonly annotations: Annotations;
  /** The call may take minutes (sync, import, export, database check). */
  readonly slow?: true;
  /** The action is in the add-on's source, but in no release yet. */
  readonly unreleased?: true;
  readonly input: I;
  readonly output: O;
}

export const action = <I extends z.ZodObject, O extends z.ZodType>(definition: Action<I, O>): Action<I, O> =>
  definition;

const hints = { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false };

/** Changes nothing. */
export const reads: Annotations = { ...hints, readOnlyHint: true, idempotentHint: true };
/** Adds something at every call. */
export const adds: Annotations = { ...hints };
/** Sets a state without losing anything; a second call changes nothing. */
export const ensures: Annotations = { ...hints, idempotentHint: true };
/** Replaces existing content. */
export const overwrites: Annotations = { ...hints, destructiveHint: true, idempotentHint: true };
/** Deletes something permanently. */
export const deletes: Annotations = { ...hints, destructiveHint: true, idempotentHint: true };
