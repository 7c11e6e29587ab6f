import { splitTags } from './cells.ts';
import type { ImportInput } from './import-input.ts';
import type { RowSource } from './rows.ts';

const keys = [
  'separator',
  'html',
  'tags',
  'columns',
  'notetype',
  'deck',
  'if matches',
  'match scope',
  'notetype column',
  'deck column',
  'tags column',
  'guid column',
] as const;

type Key = (typeof keys)[number];

/** The lines "#key:value" at the start of a text, in which Anki says how to read it. */
export interface HeaderLines {
  readonly values: ReadonlyMap<Key, string>;
  readonly source: RowSource;
}

const isKey = (text: string): text is Key => keys.some((key) => key === text);

/** Separates the header lines from the rows. Without a known key, lines that begin with # are rows. */
export function readHeaderLines(text: string): HeaderLines {
  const values = new Map<Key, string>();
  let end = 0;
  let skipped = 0;
  while (text.startsWith('#', end)) {
    const [whole = '', line = ''] = /^(.*?)(?:\r\n|[\r\n]|$)/s.exec(lineAt(text, end)) ?? [];
    const colon = line.indexOf(':');
    const key = line.slice(1, Math.max(colon, 1)).trim().toLowerCase();
    // A tab may be the value.
    if (isKey(key)) values.set(key, line.slice(colon + 1).replace(/^ +| +$/g, ''));
    end += whole.length;
    skipped++;
  }
  if (values.size === 0) [end, skipped] = [0, 0];
  return { values, source: { body: Buffer.from(text.slice(end)), skipped, hasComments: values.size > 0 } };
}

/** Returns the line at a position, with its line break. */
function lineAt(text: string, start: number): string {
  const end = text.slice(start, start + maxLine).search(/[\r\n]/);
  return end < 0 ? text.slice(start, start + maxLine) : text.slice(start, start + end + 2);
}

/** Maximum characters of a header line. */
const maxLine = 100_000;

/** Returns the 1-based number of a column, or undefined. */
export function columnNumber({ values }: HeaderLines, key: Key): number | undefined {
  const number = Number(values.get(key) ?? 0);
  return Number.isInteger(number) && number > 0 ? number : undefined;
}

type DuplicateMode = NonNullable<ImportInput['onDuplicate']>;

const modes: ReadonlyMap<string, DuplicateMode> = new Map([
  ['update current', 'update'],
  ['keep current', 'skip'],
  ['keep both', 'add'],
]);

/** What the arguments leave open, the header lines decide. */
export function withDefaults(input: ImportInput, { values }: HeaderLines) {
  const {
    deckName = values.get('deck'),
    modelName = values.get('notetype'),
    html = values.get('html')?.toLowerCase() === 'true',
    onDuplicate = modes.get(values.get('if matches')?.toLowerCase() ?? '') ?? 'skip',
    tags = [],
  } = input;
  return {
    deckName,
    modelName,
    html,
    onDuplicate,
    tags: [...splitTags(values.get('tags') ?? '', true), ...tags],
  };
}

export type ImportSettings = ReturnType<typeof withDefaults>;
