import { own } from '../lib/json.ts';
import { cleanText } from './card-text/html.ts';
import type { Note } from './reading.ts';

/** Returns a text as Anki stores it. */
const asStored = (html: string): string => cleanText(html).normalize('NFC');

/** Returns one level of a tag as Anki stores it: without quotes and control characters, and never empty. */
const storedLevel = (level: string): string => level.replaceAll(/[\0-\x1f\x7f"]/g, '').trim() || 'blank';

/** Returns a tag without spaces as Anki stores it. */
export const storedTag = (tag: string): string =>
  tag.normalize('NFC').split('::').map(storedLevel).join('::');

/** Returns tags in a form that is equal for tags that Anki stores as the same. Spaces separate tags. */
const storedTags = (tags: readonly string[]): Set<string> =>
  new Set(
    tags
      .flatMap((tag) => tag.split(/[ \u3000]/))
      .filter(Boolean)
      .map((tag) => storedTag(tag).toLowerCase()),
  );

/** Returns true if Anki stores both lists as the same tags. */
export function sameTags(one: readonly string[], other: readonly string[]): boolean {
  const [left, right] = [storedTags(one), storedTags(other)];
  return left.size === right.size && [...left].every((tag) => right.has(tag));
}

/** Returns the names of fields whose content differs from that of the note. */
export const differingFields = (
  note: Pick<Note, 'fields'>,
  fields: Readonly<Record<string, string>>,
): string[] =>
  Object.keys(fields).filter(
    (name) => asStored(own(note.fields, name)?.value ?? '') !== asStored(own(fields, name) ?? ''),
  );
