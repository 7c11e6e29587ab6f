import { isList, type Json, printJson } from '../../lib/json.ts';
import type { Context } from '../../tools/workflow.ts';

/** What a resource holds: text, or the bytes of a file in base64. */
export type Contents =
  | { readonly mimeType: string; readonly text: string }
  | { readonly mimeType: string; readonly blob: string };

/** Something of the collection that a client can show and attach by its URI. */
export interface Resource {
  /** Its URI, or a template for many, with one variable at the end. */
  readonly uri: string;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Where all of them have the same. */
  readonly mimeType?: string;
  /** What the variable can stand for, where people know it by name. */
  readonly names?: (context: Context) => Promise<readonly string[]>;
  /** Reads the one of that name; undefined where there is none. */
  readonly read: (context: Context, name: string) => Promise<Contents | undefined>;
}

export const json = 'application/json';

/** JSON within the budget of the context: texts and lists are shortened until it fits, and say so. */
export function jsonContents(value: Json, { budget }: Context): Contents {
  let text = printJson(value, 'strings');
  for (let length = budget; Buffer.byteLength(text) > budget && length >= 1; length /= 2) {
    text = printJson(shortened(value, Math.floor(length)) ?? null, 'strings');
  }
  return { mimeType: json, text };
}

/** Texts of at most so many characters; the longer these, the more items of lists stay. */
function shortened(value: Json | undefined, length: number, depth = 0): Json | undefined {
  if (typeof value === 'string') {
    const left = value.length - length;
    return left > 0 ? `${value.slice(0, length).toWellFormed()}… (${left} more characters)` : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  const most = depth === 0 ? Infinity : Math.ceil(length / 20);
  if (isList(value)) {
    const kept = value.slice(0, most).map((item) => shortened(item, length, depth + 1) ?? null);
    return value.length > most ? [...kept, `… ${value.length - most} more`] : kept;
  }
  const members = Object.entries(value);
  const kept = members
    .slice(0, most)
    .map(([key, item]): [string, Json | undefined] => [key, shortened(item, length, depth + 1)]);
  const rest = members.length - kept.length;
  return { ...Object.fromEntries(kept), ...(rest > 0 && { '…': `${rest} more` }) };
}
