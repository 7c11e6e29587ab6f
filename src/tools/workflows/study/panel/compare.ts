import type { AnswerPart, Comparison } from '../../../../contract/panels/card.ts';
import type { AnswerToType } from '../../../card-text/card-side.ts';
import { plainText } from '../../../card-text/plain-text.ts';

/** Maximum characters that are compared one by one: in the worst case the time grows with the third power. */
const maxCompared = 300;

/** Compares a typed answer with the expected one, character by character. */
export function compareAnswer(typedText: string, { html, ignoresAccents }: AnswerToType): Comparison {
  const [typed, expected] = [oneLine(typedText), oneLine(plainText(html))];
  const [left, right] = [characters(typed), characters(expected)];
  const key = ignoresAccents ? withoutMarks : (character: string) => character;
  const [leftKeys, rightKeys] = [left.map(key), right.map(key)];
  const isShort = Math.max(left.length, right.length) <= maxCompared;
  const blocks = isShort ? commonBlocks(leftKeys, rightKeys) : [];
  const typedParts: AnswerPart[] = [];
  const expectedParts: AnswerPart[] = [];
  let [i, j] = [0, 0];
  for (const { left: a, right: b, length } of [
    ...blocks,
    { left: left.length, right: right.length, length: 0 },
  ]) {
    push(typedParts, 'bad', left.slice(i, a));
    push(expectedParts, 'missed', right.slice(j, b));
    // Hyphens show where characters are missing.
    if (i === a && typed !== '') push(typedParts, 'missed', '-'.repeat(b - j));
    push(typedParts, 'good', left.slice(a, a + length));
    push(expectedParts, 'good', right.slice(b, b + length));
    [i, j] = [a + length, b + length];
  }
  const isCorrect = leftKeys.join('') === rightKeys.join('');
  return { isCorrect, typed, expected, typedParts, expectedParts };
}

function push(parts: AnswerPart[], kind: AnswerPart['kind'], text: string | readonly string[]): void {
  const joined = typeof text === 'string' ? text : text.join('');
  if (joined !== '') parts.push({ kind, text: joined });
}

/** Characters with the combining marks that follow them, so that a mark is never shown alone. */
const characters = (text: string): string[] => text.match(/\P{M}\p{M}*|\p{M}+/gu) ?? [];

const withoutMarks = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '');

const oneLine = (text: string): string => text.normalize('NFC').replace(/\s+/g, ' ').trim();

interface Block {
  readonly left: number;
  readonly right: number;
  readonly length: number;
}

/** Returns equal parts in their order: the longest one, and those before and after it. */
function commonBlocks(left: readonly string[], right: readonly string[]): Block[] {
  const blocks: Block[] = [];
  const open = [{ leftFrom: 0, leftTo: left.length, rightFrom: 0, rightTo: right.length }];
  for (let area = open.pop(); area; area = open.pop()) {
    const block = longestBlock(left, right, area);
    if (block.length === 0) continue;
    blocks.push(block);
    open.push(
      { ...area, leftTo: block.left, rightTo: block.right },
      { ...area, leftFrom: block.left + block.length, rightFrom: block.right + block.length },
    );
  }
  return blocks.toSorted((a, b) => a.left - b.left);
}

interface Area {
  readonly leftFrom: number;
  readonly leftTo: number;
  readonly rightFrom: number;
  readonly rightTo: number;
}

/** Returns the first of the longest equal parts in an area. */
function longestBlock(left: readonly string[], right: readonly string[], area: Area): Block {
  const { leftFrom, leftTo, rightFrom, rightTo } = area;
  let best: Block = { left: leftFrom, right: rightFrom, length: 0 };
  /** Length of the equal part that ends before each position on the right. */
  let lengths = new Map<number, number>();
  for (let i = leftFrom; i < leftTo; i++) {
    const next = new Map<number, number>();
    for (let j = rightFrom; j < rightTo; j++) {
      if (left[i] !== right[j]) continue;
      const length = (lengths.get(j - 1) ?? 0) + 1;
      next.set(j, length);
      if (length > best.length) best = { left: i - length + 1, right: j - length + 1, length };
    }
    lengths = next;
  }
  return best;
}
