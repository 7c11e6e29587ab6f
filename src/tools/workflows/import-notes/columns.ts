import { echo } from '../../../lib/cut.ts';
import { exactName } from '../../../lib/exact-name.ts';
import { nearest } from '../../../lib/nearest.ts';
import { fieldNames } from '../lint.ts';
import type { NoteType } from '../../reading.ts';
import { fold } from './header-row.ts';
import { columnNumber, type HeaderLines } from './header-lines.ts';
import type { Table } from './table.ts';

/** What a column becomes. */
export type Target =
  | { readonly kind: 'field'; readonly field: string; readonly isFile: boolean }
  | { readonly kind: 'tags' | 'deck' | 'noteType' | 'guid' };

type Columns = Readonly<Record<string, string>>;

/** What each column becomes; undefined if it is ignored. */
export type Layout = readonly (Target | undefined)[];

/** Says why the columns cannot be mapped, and what to pass. */
export class UnclearColumns extends Error {
  override readonly name = 'UnclearColumns';
}

/** Returns what each column becomes in notes of a type. Throws UnclearColumns. */
export function layoutFor(type: NoteType, table: Table, lines: HeaderLines, columns?: Columns): Layout {
  const fields = fieldNames(type);
  const targets: (Target | undefined)[] = Array.from({ length: table.width });
  const settled = new Set<number>();
  const settle = (index: number, target: Target | undefined): void => {
    targets[index] = target;
    settled.add(index);
  };
  for (const [key, kind] of [
    ['tags column', 'tags'],
    ['deck column', 'deck'],
    ['notetype column', 'noteType'],
    ['guid column', 'guid'],
  ] as const) {
    const number = columnNumber(lines, key);
    if (number !== undefined && number <= table.width) settle(number - 1, { kind });
  }
  for (const [key, value] of Object.entries(columns ?? {}))
    settle(indexOf(key, table), targetOf(value, type));
  const isTaken = (field: string) =>
    targets.some((each) => each?.kind === 'field' && each.field === field && !each.isFile);
  const open = targets.flatMap((_, index) => (settled.has(index) ? [] : [index]));
  for (const index of open) {
    const name = fold(table.names[index] ?? '');
    const field = fields.find((each) => fold(each) === name);
    if (field !== undefined && !isTaken(field)) settle(index, { kind: 'field', field, isFile: false });
    else if ((name === 'tags' || name === 'deck') && !targets.some((each) => each?.kind === name))
      settle(index, { kind: name });
  }
  // Anki itself fills the fields in order, if its header lines name the note type.
  const isAnkis = lines.values.has('notetype') || lines.values.has('notetype column');
  if (isAnkis && !columns && !targets.some((each) => each?.kind === 'field')) {
    const free = open.filter((index) => !settled.has(index));
    for (const [at, field] of fields.entries()) {
      const index = free[at];
      if (index !== undefined) settle(index, { kind: 'field', field, isFile: false });
    }
  }
  checkFields(targets, type, table);
  return targets;
}

function indexOf(key: string, { names, width }: Table): number {
  const found = names.flatMap((name, index) => (fold(name) === fold(key) ? [index] : []));
  const [index, ...others] = found;
  if (others.length > 0)
    throw new UnclearColumns(`Several columns are named "${echo(key)}": pass their numbers in columns.`);
  if (index !== undefined) return index;
  const number = Number(key);
  if (Number.isInteger(number) && number >= 1 && number <= width) return number - 1;
  const similar = nearest(key, names);
  throw new UnclearColumns(
    `columns: there is no column "${echo(key)}"${similar === undefined ? '' : `; did you mean "${similar}"?`} (${width} columns).`,
  );
}

function targetOf(value: string, type: NoteType): Target | undefined {
  const names = fieldNames(type);
  const name = value.trim();
  if (name === '') return undefined;
  const field = exactName(name, names);
  if (field !== undefined) return { kind: 'field', field, isFile: false };
  const kind = name.toLowerCase();
  if (kind === 'tags' || kind === 'deck') return { kind };
  const file = /^media:/i.test(name) ? exactName(name.slice('media:'.length).trim(), names) : undefined;
  if (file !== undefined) return { kind: 'field', field: file, isFile: true };
  const similar = nearest(name.replace(/^media:/i, ''), names);
  throw new UnclearColumns(
    `columns: ${type.name} has no field "${echo(name)}". ${similar === undefined ? `Its fields: ${echo(names.join(', '))}.` : `Did you mean "${similar}"?`}`,
  );
}

function checkFields(targets: Layout, type: NoteType, table: Table): void {
  const texts = targets.flatMap((each) => (each?.kind === 'field' && !each.isFile ? [each.field] : []));
  const twice = texts.find((field, index) => texts.indexOf(field) !== index);
  if (twice !== undefined)
    throw new UnclearColumns(
      `Two columns would become the field "${twice}". Pass "" in columns for one of them.`,
    );
  const fields = fieldNames(type);
  const [first = ''] = fields;
  if (targets.some((each) => each?.kind === 'field' && each.field === first)) return;
  const { names, firstRow, width } = table;
  const shown = firstRow
    .slice(0, 10)
    .map((cell, index) => `${index + 1} "${echo(names[index] ?? cell, 40)}"`);
  const keys = Array.from(
    { length: Math.min(width, fields.length, 5) },
    (_, index) => names[index] ?? index + 1,
  );
  const example = Object.fromEntries(keys.map((key, index) => [String(key).slice(0, 40), fields[index]]));
  const header =
    names.length > 0
      ? ''
      : ' Pass header: true if the first row holds names, or header: false if it is a note.';
  throw new UnclearColumns(
    `It is unclear which column becomes "${first}", the first field of ${type.name}. Columns: ${shown.join(', ')}. Pass columns, for example ${JSON.stringify(example)}.${header}`,
  );
}

/** Describes a layout: "word → Front". */
export function describeLayout(layout: Layout, { names }: Table): string[] {
  const shown = layout.slice(0, maxShown).map((target, index) => {
    const column = echo(names[index] || `column ${index + 1}`, 60);
    const kind = target?.kind === 'field' ? `${target.isFile ? 'media:' : ''}${target.field}` : target?.kind;
    return `${column} → ${kind ?? 'ignored'}`;
  });
  return layout.length > maxShown ? [...shown, `${layout.length - maxShown} more`] : shown;
}

const maxShown = 40;
