/** Position of a match: its first character, and the one after it. */
interface Position {
  readonly start: number;
  readonly end: number;
}

/** Searches a text from left to right. No part is searched twice for the same expression, even if it is not found. */
export class Finder {
  readonly #text: string;
  readonly #next = new Map<RegExp, Position | undefined>();

  constructor(text: string) {
    this.#text = text;
  }

  /** Returns the first match at or after `from`, which must not decrease. The expression must be global. */
  next(expression: RegExp, from: number): Position | undefined {
    const known = this.#next.get(expression);
    if (known ? known.start >= from : this.#next.has(expression)) return known;
    expression.lastIndex = from;
    const match = expression.exec(this.#text);
    const found = match ? { start: match.index, end: expression.lastIndex } : undefined;
    this.#next.set(expression, found);
    return found;
  }
}

/** A part of a text between two delimiters. */
export interface Part extends Position {
  readonly opening: RegExpExecArray;
  readonly body: string;
}

/** Global expressions for both delimiters. `closing` may depend on the opening one. */
export interface Delimiters {
  readonly opening: RegExp;
  readonly closing: RegExp | ((opening: string) => RegExp);
}

/** Returns the parts between delimiters. Takes linear time, unlike `open.*?close`, which searches again for each opening. */
export function* delimited(text: string, { opening, closing }: Delimiters): Generator<Part> {
  const finder = new Finder(text);
  const openings = new RegExp(opening);
  for (let found = openings.exec(text); found; found = openings.exec(text)) {
    const bodyStart = openings.lastIndex;
    const end = finder.next(typeof closing === 'function' ? closing(found[0]) : closing, bodyStart);
    if (!end) continue;
    yield { start: found.index, end: end.end, opening: found, body: text.slice(bodyStart, end.start) };
    openings.lastIndex = end.end;
  }
}

/** Replaces each part between delimiters. `replace` gets the part with its delimiters, too. */
export function replaceDelimited(
  text: string,
  delimiters: Delimiters,
  replace: (part: Part, complete: string) => string,
): string {
  let replaced = '';
  let cursor = 0;
  for (const part of delimited(text, delimiters)) {
    replaced += text.slice(cursor, part.start) + replace(part, text.slice(part.start, part.end));
    cursor = part.end;
  }
  return replaced + text.slice(cursor);
}
