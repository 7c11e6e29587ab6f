import { type Json, printJson } from '../../lib/json.ts';
import { fitted } from '../../tools/shortened.ts';
import type { Context } from '../../tools/workflow.ts';

/** Content of a resource: text, or a file in base64. */
export type Contents =
  | { readonly mimeType: string; readonly text: string }
  | { readonly mimeType: string; readonly blob: string };

/** A part of the collection that clients can show and attach by its URI. */
export interface Resource {
  /** A URI, or a URI template that ends with its only variable. */
  readonly uri: string;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Set if it is the same for all URIs of the template. */
  readonly mimeType?: string;
  /** Lists possible values of the variable for completion, if they are names. */
  readonly names?: (context: Context) => Promise<readonly string[]>;
  /** Returns the content for a value of the variable, or undefined if it does not exist. */
  readonly read: (context: Context, name: string) => Promise<Contents | undefined>;
}

export const json = 'application/json';

/** Returns a value as JSON, shortened to the budget. */
export const jsonContents = (value: Json, { budget }: Context): Contents => ({
  mimeType: json,
  text: printJson(fitted(value, budget), 'strings'),
});
