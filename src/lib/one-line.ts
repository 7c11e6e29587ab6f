/** Words of others as a part of a line: they begin no line of their own, and hide or turn nothing of it. */
export const inOneLine = (words: string): string => words.replaceAll(/[\s\p{C}]+/gu, ' ').trim();
