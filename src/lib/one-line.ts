/** Returns foreign text as part of one line: without line breaks and without control or direction characters. */
export const inOneLine = (text: string): string => text.replaceAll(/[\s\p{C}]+/gu, ' ').trim();
