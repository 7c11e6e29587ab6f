import { readRows, type RowSource } from './rows.ts';

export const separatorNames = ['comma', 'tab', 'semicolon', 'pipe', 'colon', 'space'] as const;

export type SeparatorName = (typeof separatorNames)[number];

const characters: Readonly<Record<SeparatorName, string>> = {
  comma: ',',
  tab: '\t',
  semicolon: ';',
  pipe: '|',
  colon: ':',
  space: ' ',
};

export const characterOf = (name: SeparatorName): string => characters[name];

/** Returns the separator that Anki's header line names, as a word or as the character. */
export const namedSeparator = (value: string): SeparatorName | undefined =>
  separatorNames.find(
    (name) =>
      name === value.toLowerCase() || characters[name] === value || (name === 'tab' && value === '\\t'),
  );

/** Separators that are looked for. Colons and spaces are too frequent in texts. */
const candidates = ['tab', 'comma', 'semicolon', 'pipe'] as const;

const sampleRows = 200;
/** Share of rows that must have the same number of cells, if no separator fits all rows. */
const mostRows = 0.9;

interface Fit {
  readonly name: SeparatorName;
  readonly first: readonly string[];
  /** Most frequent number of cells, and the share of rows that have it. */
  readonly cells: number;
  readonly share: number;
}

async function fitOf(name: SeparatorName, source: RowSource): Promise<Fit> {
  const counts = new Map<number, number>();
  let first: readonly string[] | undefined;
  let rows = 0;
  try {
    for await (const { cells } of readRows(source, characters[name])) {
      first ??= cells;
      counts.set(cells.length, (counts.get(cells.length) ?? 0) + 1);
      if (++rows === sampleRows) break;
    }
  } catch {
    // With this separator the text has a quotation mark that is not closed.
    return { name, first: [], cells: 0, share: 0 };
  }
  const [[cells, count] = [0, 0]] = [...counts].toSorted(([, a], [, b]) => b - a);
  return { name, first: first ?? [], cells, share: rows > 0 ? count / rows : 0 };
}

/** Returns the separator of a text, or undefined if several or none fit. A text without any has one column: 'tab' reads it. */
export async function detectSeparator(
  source: RowSource,
  isHeader: (cells: readonly string[]) => boolean,
): Promise<SeparatorName | undefined> {
  const fits: Fit[] = [];
  for (const name of candidates) fits.push(await fitOf(name, source));
  if (fits.every(({ cells, share }) => cells === 1 && share === 1)) return 'tab';
  const withHeader = fits.filter(({ cells, first }) => cells > 0 && first.length > 1 && isHeader(first));
  if (withHeader.length === 1) return withHeader[0]?.name;
  const several = fits.filter(({ cells }) => cells > 1);
  const complete = several.filter(({ share }) => share === 1);
  const likely = complete.length > 0 ? complete : several.filter(({ share }) => share >= mostRows);
  const [only, ...others] = likely;
  if (only && others.length === 0) return only.name;
  // People do not type tabs within a text.
  return complete.find(({ name }) => name === 'tab')?.name;
}
