/** A search that finds all cards and notes. */
export const everything = 'deck:*';

/** Escapes the characters that have a meaning in Anki's searches, so that they match literally. */
export const literal = (text: string): string => text.replaceAll(/[\\"*_:]/g, String.raw`\$&`);

/** Returns a term that matches exactly `text` after the prefix: term('deck:', 'My deck') is "deck:My deck" in quotes. */
export const term = (prefix: string, text: string): string => `"${prefix}${literal(text)}"`;

/** Returns a term as people write it, key:"value". Colons of the value need no escape there. */
export const keyed = (key: 'deck' | 'tag', value: string): string =>
  `${key}:"${value.replaceAll(/["*_\\]/g, String.raw`\$&`)}"`;

/** Returns the term by which Anki itself finds duplicates: notes of a type with this first field. */
export const sameFirstField = (noteTypeId: number, field: string): string =>
  `"dupe:${noteTypeId},${field.replaceAll(/[\\"]/g, String.raw`\$&`)}"`;
