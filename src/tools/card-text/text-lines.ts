/** Levels of a list that are shown by indentation. */
const maxIndent = 10;

/** Lines of text. A line is kept in pieces: joining it at each change would take quadratic time. */
export class TextLines {
  readonly #lines: string[] = [];
  #pieces: string[] = [];
  #isBullet = false;

  /** True if the line is empty, or contains only the bullet of a list item. */
  get isStart(): boolean {
    return this.#pieces.length === 0 || this.#isBullet;
  }

  get endsWithSpace(): boolean {
    return this.#pieces.at(-1)?.endsWith(' ') ?? true;
  }

  toString(): string {
    return [...this.#lines, this.#trimmed()].join('\n');
  }

  append(piece: string): void {
    if (piece === '') return;
    this.#pieces.push(piece);
    this.#isBullet = false;
  }

  /** Starts a list item at this depth of lists, from 1. */
  bullet(depth: number, marker: string): void {
    const isFirst = this.#pieces.length === 0;
    this.append(`${'  '.repeat(Math.min(Math.max(0, depth - 1), maxIndent))}${marker} `);
    this.#isBullet = isFirst;
  }

  /** Removes spaces from the end of the line. */
  trimEnd(): void {
    for (let last = this.#pieces.pop(); last !== undefined; last = this.#pieces.pop()) {
      const trimmed = last.trimEnd();
      if (trimmed === '') continue;
      this.#pieces.push(trimmed);
      return;
    }
  }

  break(): void {
    this.#lines.push(this.#trimmed());
    this.#pieces = [];
    this.#isBullet = false;
  }

  #trimmed(): string {
    return this.#pieces.join('').trimEnd();
  }
}
