import { AnkiRefused } from '../contract/errors.ts';
import { echo } from '../lib/cut.ts';

/** All search terms that contain a name from the collection. A name alone may have a special meaning in Anki's searches. */

/** Ids of the decks by their full names, as deckNamesAndIds returns them. */
export type DeckIds = Readonly<Record<string, number>>;

/** Finds every card and note. */
export const everything = 'deck:*';

/** Returns true for names that people can write in a search. Only _ and * need an escape there. */
const isPlain = (name: string): boolean => /^[\p{L}\p{N}][\p{L}\p{N} :_*-]*$/u.test(name);

const quoted = (name: string): string => `"${name.replaceAll(/[_*]/g, String.raw`\$&`)}"`;

/** Escapes the characters that have a meaning in Anki's searches, so that they match literally. */
export const literal = (text: string): string => text.replaceAll(/[\\"*_:]/g, String.raw`\$&`);

/** Returns a regular expression for exactly this text. No character of it needs an escape in a search. */
const exactly = (text: string): string =>
  text.replaceAll(/[^\p{L}\p{N}]/gu, (character) => `\\x{${(character.codePointAt(0) ?? 0).toString(16)}}`);

/** Returns the names of child decks on all levels. Anki compares deck names without letter case. */
export const childDecks = (deck: string, names: readonly string[]): string[] =>
  names.filter((name) => name.toLowerCase().startsWith(`${deck.toLowerCase()}::`));

/** Returns a term for the cards in existing decks and in their child decks. For no deck, it finds nothing. */
export function inDecks(decks: readonly string[], all: DeckIds): string {
  const names = Object.keys(all);
  const wanted = new Set(decks.flatMap((deck) => [deck, ...childDecks(deck, names)]));
  const ids = names.filter((name) => wanted.has(name)).map((name) => all[name]);
  return `did:${ids.length > 0 ? ids.join(',') : 0}`;
}

/** Returns the same for one deck, as people write it: deck:"My deck". Names with a special meaning need the ids. */
export const inDeck = (deck: string, all: DeckIds): string =>
  isPlain(deck) && !/^(current|filtered)$/i.test(deck) ? `deck:${quoted(deck)}` : inDecks([deck], all);

/** Returns a term for the notes with this tag or one of its child tags. */
export const withTag = (tag: string): string =>
  isPlain(tag) && !/^(none$|re:|nc:)/i.test(tag) ? `tag:${quoted(tag)}` : `"tag:re:^${exactly(tag)}(::.*)?$"`;

/** Returns a term for the notes with any of these tags or their child tags. It takes as long as a search for one of them. */
export const withAnyTag = (tags: readonly string[]): string =>
  `"tag:re:^(${tags.map(exactly).join('|')})(::.*)?$"`;

/** Returns a term for the notes with exactly this tag. */
export const withExactTag = (tag: string): string => `"tag:re:^${exactly(tag)}$"`;

/** Search keys of Anki. A field with such a name needs another spelling. */
const keys = new Set(
  'added card cid deck did dupe due edited flag has has-cd introduced is mid nc nid note preset prop rated re resched sc tag w'.split(
    ' ',
  ),
);

/** Returns a term for the notes with a field of this name that matches a pattern. */
export function inField(name: string, pattern: string): string {
  // _ matches any one character, so that the name is not taken for a key.
  const field = keys.has(name.toLowerCase()) ? `_${literal(name.slice(1))}` : literal(name);
  return `"${field}:${pattern}"`;
}

/** Returns the forms in which a field may have a file name: as it is, as HTML, as URL. */
export const spellingsOf = (file: string): string[] => [
  ...new Set([file, file.replaceAll('&', '&amp;'), encodeURI(file.toWellFormed())]),
];

/** Returns a search for a file name in each form that a field may have. */
export const withFile = (name: string): string =>
  spellingsOf(name)
    .map((spelling) => `"${literal(spelling)}"`)
    .join(' or ');

/** Returns a term for the notes with any of these file names. It takes as long as a search for one of them. */
export const withAnyFile = (names: readonly string[]): string =>
  `"re:${names.flatMap(spellingsOf).map(exactly).join('|')}"`;

/** Returns the term by which Anki itself finds duplicates: notes of a type with this first field. */
export const sameFirstField = (noteTypeId: number, field: string): string =>
  `"dupe:${noteTypeId},${field.replaceAll(/[\\"]/g, String.raw`\$&`)}"`;

/** Returns a term for the notes of a type, or their cards. */
export const ofType = (name: string): string => `"note:${literal(name)}"`;

/** Returns a term for the cards whose deck has the preset of this name. Anki reads no escapes in it. */
export function ofPreset(name: string): string {
  if (!/["\\]/.test(name)) return `"preset:${name}"`;
  throw new AnkiRefused(
    `Nothing was changed: Anki's searches cannot find the cards of the preset "${echo(name)}", because its name contains a quotation mark or a backslash. Rename it in Anki, or with saveDeckConfig.`,
  );
}
