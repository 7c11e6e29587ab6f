import { AnkiRefused } from '../../../contract/errors.ts';
import type { Collection } from '../session/collection.ts';
import { storeFile } from './media-file.ts';
import { isObject, type Json } from '../../../lib/json.ts';
import { iterate, truthy } from '../../../anki-connect/python.ts';
import { member } from '../session/python.ts';

/** The members of a note that carry files, in the order in which they go into its fields. */
const markup: Readonly<Record<string, (name: string) => string>> = {
  audio: (name) => `[sound:${name}]`,
  video: (name) => `[sound:${name}]`,
  picture: (name) => `<img src="${name}">`,
};

const escapeHtml = (message: string): string =>
  message.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

async function attachOne(
  collection: Collection,
  given: Json,
  show: (name: string) => string,
  append: (fields: Json | undefined, text: string) => void,
): Promise<void> {
  // Python's words for taking a member of a text.
  if (typeof given === 'string') throw new AnkiRefused("string indices must be integers, not 'str'");
  if (!isObject(given))
    throw new AnkiRefused('An attachment must be an object, with filename, data and fields.');
  try {
    const filename = member(given, 'filename');
    const { fields = [], deleteExisting } = given;
    const stored = await storeFile(collection, { ...given, filename }, truthy(deleteExisting));
    if (stored !== undefined) append(fields, show(stored));
  } catch (error) {
    // The call goes on: what went wrong is told in the fields.
    if (!(error instanceof AnkiRefused)) throw error;
    append(member(given, 'fields'), escapeHtml(error.message));
  }
}

/** Stores the files a note brings along, and appends what shows them to the fields they name, in exactly their case. */
export async function attach(
  collection: Collection,
  note: { readonly [key: string]: Json | undefined },
  names: readonly string[],
  values: string[],
): Promise<void> {
  const append = (fields: Json | undefined, text: string): void => {
    for (const field of iterate(fields)) {
      const place = names.findIndex((name) => name === field);
      if (place >= 0) values[place] = `${values[place] ?? ''}${text}`;
    }
  };
  for (const [kind, show] of Object.entries(markup)) {
    const given = note[kind] ?? null;
    const list: readonly Json[] = Array.isArray(given) ? given : [given];
    for (const one of list) if (one !== null) await attachOne(collection, one, show, append);
  }
}
