/** Minimum letters of a word with a typo: shorter words are often different words. */
const minLetters = 5;
/** Maximum letters of a word, and words of a text, that are searched for typos. */
const maxLetters = 40;
export const maxWords = 30;
/** Maximum number of words with the same variant that a word is compared with. */
const maxCandidates = 20;

/** Scripts in which another letter usually is a typo, not another word. */
const alphabetic = /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]+$/u;

/** Returns true if a word has a wrong, missing, additional or exchanged letter, but not the first one. */
export function isTypo(a: string, b: string): boolean {
  if (a === b || a[0] !== b[0] || Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  const rest = (text: string, skipped: number) => text.slice(start + skipped);
  if (a.length !== b.length)
    return a.length > b.length ? rest(a, 1) === rest(b, 0) : rest(a, 0) === rest(b, 1);
  const isExchanged = a[start] === b[start + 1] && a[start + 1] === b[start] && rest(a, 2) === rest(b, 2);
  return isExchanged || rest(a, 1) === rest(b, 1);
}

/** A text that has the same other words as those with the same `rest`. */
interface Occurrence {
  readonly text: number;
  readonly word: string;
}

/** Texts with the same other words. Most have none, so that variants are listed only from the second text on. */
interface Block {
  readonly first: Occurrence;
  byVariant: Map<string, Occurrence[]> | undefined;
}

/**
 * Finds texts that differ in one word by a typo. A text is compared only with those that have the same other words, and a
 * word only with those that are equal after one letter of each was left out, so that the work grows with the number of texts.
 */
export class TypoIndex {
  readonly #words = new Map<string, number>();
  readonly #blocks = new Map<string, Block>();

  /** Adds a text with its sorted words. Returns the numbers of earlier texts that differ from it by a typo. */
  add(text: number, words: readonly string[]): number[] {
    if (words.length > maxWords) return [];
    const numbers = words.map((word) => this.#numberOf(word));
    const found: number[] = [];
    for (const [at, word] of words.entries()) {
      if (word.length < minLetters || word.length > maxLetters || !alphabetic.test(word)) continue;
      const rest = numbers.toSpliced(at, 1).toSorted((a, b) => a - b);
      found.push(...this.#addWord({ text, word }, rest.join()));
    }
    return [...new Set(found)];
  }

  #addWord(occurrence: Occurrence, rest: string): number[] {
    const block = this.#blocks.get(rest);
    if (!block) {
      this.#blocks.set(rest, { first: occurrence, byVariant: undefined });
      return [];
    }
    if (!block.byVariant) {
      block.byVariant = new Map();
      addTo(block.byVariant, block.first);
    }
    return addTo(block.byVariant, occurrence);
  }

  #numberOf(word: string): number {
    const number = this.#words.get(word) ?? this.#words.size;
    this.#words.set(word, number);
    return number;
  }
}

/** Adds a word to a block. Returns the texts whose word differs from it by a typo. */
function addTo(byVariant: Map<string, Occurrence[]>, occurrence: Occurrence): number[] {
  const found: number[] = [];
  for (const variant of variantsOf(occurrence.word)) {
    const others = byVariant.get(variant) ?? [];
    for (const { text, word } of others) if (isTypo(word, occurrence.word)) found.push(text);
    if (others.length < maxCandidates) byVariant.set(variant, [...others, occurrence]);
  }
  return found;
}

/** Returns a word, and the word without each of its letters but the first. */
function variantsOf(word: string): Set<string> {
  const variants = new Set([word]);
  for (let at = 1; at < word.length; at++) variants.add(word.slice(0, at) + word.slice(at + 1));
  return variants;
}
