import type { ActionName, Output, Input } from '../../contract/index.ts';
import type { Capabilities } from '../../contract/backend.ts';
import { inOneLine } from '../../lib/one-line.ts';

const idsPerSearch = 5000;

/** Looks at what a call is about to touch, by a few reads. */
export interface Survey {
  readonly capabilities: Capabilities;
  /** The way of a full sync that the user allowed. */
  readonly fullSync: 'upload' | 'download' | undefined;
  readonly call: <N extends ActionName>(name: N, params: Input<N>) => Promise<Output<N>>;
}

/** A term of Anki's search language that finds just this, whatever signs are in it. */
export const term = (prefix: string, text: string): string =>
  `"${prefix}${text.replace(/[\\"*_:]/g, String.raw`\$&`)}"`;

export const withIds = (prefix: 'cid:' | 'nid:', ids: readonly number[]): string[] =>
  Array.from(
    { length: Math.ceil(ids.length / idsPerSearch) },
    (_, part) => `${prefix}${ids.slice(part * idsPerSearch, (part + 1) * idsPerSearch).join(',')}`,
  );

export async function find(
  { call }: Survey,
  action: 'findCards' | 'findNotes',
  searches: readonly string[],
): Promise<number[]> {
  const found = await Promise.all(searches.map((query) => call(action, { query })));
  return [...new Set(found.flat())];
}

export const counted = (count: number, noun: string): string =>
  `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;

/** Words of others as a part of a question. */
export function shown(words: string, most = 60): string {
  const plain = inOneLine(words);
  return plain.length > most ? `${plain.slice(0, most).toWellFormed().trimEnd()}…` : plain;
}

/** The first few names, and how many more there are. */
export const listed = (names: readonly string[], most = 5): string =>
  [
    ...names.slice(0, most).map((name) => shown(name)),
    ...(names.length > most ? [`${names.length - most} more`] : []),
  ].join(', ');

export const reviewed = async (survey: Survey, searches: readonly string[]): Promise<string> => {
  const cards = await find(
    survey,
    'findCards',
    searches.map((search) => `(${search}) prop:reps>0`),
  );
  return `${cards.length > 0 ? cards.length.toLocaleString('en') : 'none'} of them reviewed`;
};

/** As in: with 412 cards, 37 of them reviewed. */
export async function withCards(survey: Survey, searches: readonly string[]): Promise<string> {
  const [cards, known] = await Promise.all([find(survey, 'findCards', searches), reviewed(survey, searches)]);
  return cards.length > 0 ? `with ${counted(cards.length, 'card')}, ${known}` : 'without cards';
}
