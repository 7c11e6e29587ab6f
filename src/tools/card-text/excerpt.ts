/** Search keys whose values are not text of a field. */
const keysWithoutText = new Set(
  'deck tag note card is prop flag nid cid did mid added edited rated introduced resched dupe preset has-cd re'.split(
    ' ',
  ),
);

const searchTerm = /-?(?:[^\s"()\\]|\\.)*"(?:\\.|[^"\\])*"|(?:[^\s"()\\]|\\.)+/gs;

/** Maximum characters of a search that are examined, and maximum number of its words. */
const limits = { characters: 2_000, words: 20 };

/** Returns the plain words that an Anki search looks for in fields, in lower case. */
export function wordsIn(query: string): string[] {
  const words = (query.slice(0, limits.characters).match(searchTerm) ?? []).flatMap((term) => {
    if (term.startsWith('-') || /^(and|or)$/i.test(term)) return [];
    const unquoted = term.replace(/(?<!\\)"/g, '');
    const [, key = '', value = unquoted] = /^((?:[^:\\]|\\.)*?):(.*)$/s.exec(unquoted) ?? [];
    if (keysWithoutText.has(key.toLowerCase()) || value.startsWith('re:')) return [];
    return value
      .split(/(?<!\\)[*_]/)
      .map((word) => word.replace(/\\(.)/gs, '$1').toLowerCase())
      .filter((word) => word !== '');
  });
  return words.slice(0, limits.words);
}

/** Returns the position of the first of the words in a text, or -1. */
export function findWord(text: string, words: readonly string[]): number {
  const lower = text.toLowerCase();
  const positions = words.map((word) => lower.indexOf(word)).filter((position) => position >= 0);
  return positions.length > 0 ? Math.min(...positions) : -1;
}

/** Returns at most `length` characters of a text, starting a little before `position`. */
export function excerpt(text: string, length: number, position = 0): string {
  if (text.length <= length) return text;
  const start = Math.max(0, Math.min(position - Math.floor(length / 3), text.length - length));
  // Half of a surrogate pair is not valid UTF-8.
  const cut = text.slice(start, start + length).replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, '');
  return `${start > 0 ? '…' : ''}${cut}${start + length < text.length ? '…' : ''}`;
}
