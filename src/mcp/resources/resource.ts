import { isList, type Json, printJson } from '../../lib/json.ts';
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

/** Returns a value as JSON. Shortens strings and lists until it fits into the budget; they then say how much is missing. */
export function jsonContents(value: Json, { budget }: Context): Contents {
  let text = printJson(value, 'strings');
  for (let length = budget; Buffer.byteLength(text) > budget && length >= 1; length /= 2) {
    text = printJson(shortened(value, Math.floor(length)) ?? null, 'strings');
  }
  return { mimeType: json, text };
}

/** Cuts strings to `length` characters, and lists to a number of items in proportion to it. */
function shortened(value: Json | undefined, length: number, depth = 0): Json | undefined {
  if (typeof value === 'string') {
    const rest = value.length - length;
    return rest > 0 ? `${value.slice(0, length).toWellFormed()}… (${rest} more characters)` : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  const maxItems = depth === 0 ? Infinity : Math.ceil(length / 20);
  if (isList(value)) {
    const kept = value.slice(0, maxItems).map((item) => shortened(item, length, depth + 1) ?? null);
    return value.length > maxItems ? [...kept, `… ${value.length - maxItems} more`] : kept;
  }
  const entries = Object.entries(value);
  const kept = entries
    .slice(0, maxItems)
    .map(([key, item]): [string, Json | undefined] => [key, shortened(item, length, depth + 1)]);
  const rest = entries.length - kept.length;
  return { ...Object.fromEntries(kept), ...(rest > 0 && { '…': `${rest} more` }) };
}
