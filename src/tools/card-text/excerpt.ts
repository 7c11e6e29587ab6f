/** Search keys whose values are not text of a field. */
const noText = new Set(
  'deck tag note card is prop flag nid cid did mid added edited rated introduced resched dupe preset has-cd re'.split(
    ' ',
  ),
);

const term = /-?(?:[^\s"()\\]|\\.)*"(?:\\.|[^"\\])*"|(?:[^\s"()\\]|\\.)+/gs;

/** The plain words that an Anki search looks for in fields, in small letters. */
export function wordsIn(query: string): string[] {
  return (query.match(term) ?? []).flatMap((given) => {
    if (given.startsWith('-') || /^(and|or)$/i.test(given)) return [];
    const whole = given.replace(/(?<!\\)"/g, '');
    const [, key = '', value = whole] = /^((?:[^:\\]|\\.)*?):(.*)$/s.exec(whole) ?? [];
    if (noText.has(key.toLowerCase()) || value.startsWith('re:')) return [];
    return value
      .split(/(?<!\\)[*_]/)
      .map((piece) => piece.replace(/\\(.)/gs, '$1').toLowerCase())
      .filter((piece) => piece !== '');
  });
}

/** Where the first of the words stands in a text; -1 if none does. */
export function placeOf(text: string, words: readonly string[]): number {
  const lower = text.toLowerCase();
  const places = words.map((word) => lower.indexOf(word)).filter((place) => place >= 0);
  return places.length > 0 ? Math.min(...places) : -1;
}

/** As much of a text as is allowed, from a little before the place on. */
export function excerpt(text: string, most: number, place = 0): string {
  if (text.length <= most) return text;
  const start = Math.max(0, Math.min(place - Math.floor(most / 3), text.length - most));
  // Half of a surrogate pair would not survive the way.
  const cut = text.slice(start, start + most).replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, '');
  return `${start > 0 ? '…' : ''}${cut}${start + most < text.length ? '…' : ''}`;
}
