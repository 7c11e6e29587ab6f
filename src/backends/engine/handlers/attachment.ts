import { AnkiRefused } from '../../../contract/errors.ts';
import type { Collection } from '../session/collection.ts';
import { storeFile } from './media-file.ts';
import { isObject, type Json } from '../../../lib/json.ts';
import { iterate, truthy } from '../../../anki-connect/python.ts';
import { member, notSubscriptable } from '../session/python.ts';

/** Members of a note that carry files, in the order in which they are added to its fields, with the markup of a file. */
const markupOf: Readonly<Record<string, (name: string) => string>> = {
  audio: (name) => `[sound:${name}]`,
  video: (name) => `[sound:${name}]`,
  picture: (name) => `<img src="${name}">`,
};

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

async function attachFile(
  collection: Collection,
  attachment: Json,
  toMarkup: (name: string) => string,
  append: (fields: Json | undefined, text: string) => void,
): Promise<void> {
  if (!isObject(attachment)) throw notSubscriptable(attachment);
  try {
    const filename = member(attachment, 'filename');
    const { fields, deleteExisting } = attachment;
    const stored = await storeFile(collection, { ...attachment, filename }, truthy(deleteExisting));
    if (stored !== undefined && Array.isArray(fields)) append(fields, toMarkup(stored));
  } catch (error) {
    // As in Anki-Connect, a failed attachment does not fail the call: the message is appended to the fields.
    if (!(error instanceof AnkiRefused)) throw error;
    append(member(attachment, 'fields'), escapeHtml(error.message));
  }
}

/** Stores a note's attachments and appends their markup to the fields they name. Field names are case-sensitive. */
export async function attachFiles(
  collection: Collection,
  note: { readonly [key: string]: Json | undefined },
  names: readonly string[],
  values: string[],
): Promise<void> {
  const append = (fields: Json | undefined, text: string): void => {
    for (const field of iterate(fields)) {
      const index = names.findIndex((name) => name === field);
      if (index >= 0) values[index] = `${values[index] ?? ''}${text}`;
    }
  };
  for (const [kind, toMarkup] of Object.entries(markupOf)) {
    const value = note[kind] ?? null;
    const attachments: readonly Json[] = Array.isArray(value) ? value : [value];
    for (const attachment of attachments)
      if (attachment !== null) await attachFile(collection, attachment, toMarkup, append);
  }
}
