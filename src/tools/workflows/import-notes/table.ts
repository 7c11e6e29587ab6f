import { InvalidArguments } from '../../arguments.ts';
import { fieldNames } from '../lint.ts';
import type { NoteType } from '../../reading.ts';
import type { HeaderLines } from './header-lines.ts';
import { isHeader } from './header-row.ts';
import type { ImportInput } from './import-input.ts';
import { readRows, type Row } from './rows.ts';
import {
  characterOf,
  detectSeparator,
  namedSeparator,
  separatorNames,
  type SeparatorName,
} from './separator.ts';

const maxRows = 20_000;
const maxColumns = 200;

export interface Table {
  readonly separator: SeparatorName;
  /** Undefined if it is unclear whether the first row holds names. */
  readonly hasHeader: boolean | undefined;
  /** Names of the columns; empty if they have none. */
  readonly names: readonly string[];
  readonly width: number;
  readonly firstRow: readonly string[];
  /** The rows without the header. */
  readonly rows: readonly Row[];
}

/** Reads the table of a text. Returns undefined if its separator is unclear. */
export async function readTable(
  { columns, header, ...input }: ImportInput,
  lines: HeaderLines,
  type: NoteType | undefined,
): Promise<Table | undefined> {
  const { source, values } = lines;
  const fields = type ? fieldNames(type) : [];
  const isNames = (cells: readonly string[]) => isHeader(cells, fields, columns);
  const named = input.separator ?? values.get('separator');
  const separator = named === undefined ? await detectSeparator(source, isNames) : knownSeparator(named);
  if (separator === undefined) return undefined;
  const rows: Row[] = [];
  for await (const row of readRows(source, characterOf(separator))) {
    if (rows.push(row) > maxRows + 1) throw new InvalidArguments(tooMany);
  }
  const [{ cells: firstRow } = { cells: [] }] = rows;
  const labels = await columnLabels(values.get('columns'), separator);
  const isAnkiFile = values.size > 0;
  const isNumbered = columns !== undefined && Object.keys(columns).every((key) => /^\d+$/.test(key));
  const hasHeader =
    header ??
    (labels ? false : isNames(firstRow) ? true : isAnkiFile ? false : isNumbered ? undefined : false);
  const names = labels ?? (hasHeader ? firstRow.map((name) => name.trim()) : []);
  const data = hasHeader ? rows.slice(1) : rows;
  if (data.length > maxRows) throw new InvalidArguments(tooMany);
  const width = names.length || usualWidth(data);
  if (width > maxColumns)
    throw new InvalidArguments(`The text has ${width} columns; at most ${maxColumns} are read.`);
  return { separator, hasHeader, names, width, firstRow, rows: data };
}

const tooMany = `The text has more than ${maxRows} rows. Split it into several files. Nothing was imported.`;

function knownSeparator(named: string): SeparatorName {
  const separator = namedSeparator(named);
  if (separator !== undefined) return separator;
  throw new InvalidArguments(
    `"${named.slice(0, 20)}" is no known separator. Pass one of: ${separatorNames.join(', ')}. Nothing was imported.`,
  );
}

async function columnLabels(
  line: string | undefined,
  separator: SeparatorName,
): Promise<readonly string[] | undefined> {
  if (line === undefined) return undefined;
  const source = { body: Buffer.from(line), skipped: 0, hasComments: false };
  for await (const { cells } of readRows(source, characterOf(separator))) return cells;
  return undefined;
}

/** Returns the most frequent number of cells. */
function usualWidth(rows: readonly Row[]): number {
  const counts = new Map<number, number>();
  for (const { cells } of rows) counts.set(cells.length, (counts.get(cells.length) ?? 0) + 1);
  const [[width] = [0]] = [...counts].toSorted(([, a], [, b]) => b - a);
  return width;
}
