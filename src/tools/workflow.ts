import type { z } from 'zod';
import type { Annotations } from '../contract/action.ts';
import type { ActionName, Output, Input } from '../contract/index.ts';
import type { Backend } from '../contract/backend.ts';
import type { MediaPolicy } from './media/media-policy.ts';
import type { Json } from '../lib/json.ts';

/** What a workflow works with. Calls made at the same time, by Promise.all, travel together where they can. */
export interface Context {
  readonly backend: Backend;
  readonly call: <N extends ActionName>(name: N, params: Input<N>) => Promise<Output<N>>;
  /** Bytes that an answer may take, as JSON. */
  readonly budget: number;
  /** Where media files may be taken from. */
  readonly media: MediaPolicy;
  /** Cancels the call. */
  readonly signal?: AbortSignal | undefined;
}

/** A piece of an answer that is shown rather than read as JSON. */
export type Content =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image' | 'audio'; readonly data: string; readonly mimeType: string };

/** JSON as it travels: what does not fit is left out, and told beside it. */
export interface Result {
  readonly result: Json;
  /** Of a list that was cut: how many it has in all, and where the rest begins. */
  readonly total?: number;
  readonly nextOffset?: number;
  readonly note?: string;
}

/** JSON, or content where pictures belong to the answer. */
export type Answer = Result | { readonly content: readonly Content[] };

/** A tool above the actions. Its name is the name of its export. */
export interface Workflow<I extends z.ZodObject = z.ZodObject> {
  readonly title: string;
  readonly description: string;
  readonly annotations: Annotations;
  readonly input: I;
  run(context: Context, input: z.output<I>): Promise<Answer>;
}

export const workflow = <I extends z.ZodObject>(definition: Workflow<I>): Workflow<I> => definition;
