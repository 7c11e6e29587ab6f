import { parse, stringify, TomlDocument } from '@decimalturn/toml-patch';
import { isTable, Unparseable, type EntryLocation, type Format } from './format.ts';

// toml-patch's own patch() loses spaces at line ends, and comments above moved tables. So we replace whole lines, and use
// toml-patch only to find them.

/** TOML. A new entry is written as a separate table at the end of the file. */
export const toml: Format = {
  parse(text) {
    try {
      return withoutPrototypes(parse(text));
    } catch (error) {
      const line = error instanceof Error && 'line' in error ? `line ${String(error.line)}` : 'it';
      throw new Unparseable(`${line} is not TOML`, { cause: error });
    }
  },

  setEntry(text, location, entry) {
    const newline = /\r?\n/.exec(text)?.[0] ?? '\n';
    const table = toml.printEntry(location, entry).replaceAll('\n', newline);
    const spans = spansOf(text, location);
    const [first, ...others] = spans;
    if (first === undefined) return append(text, table, newline);
    if (!spans.every((span) => span.isTable)) return append(toml.removeEntry(text, location), table, newline);
    const lines = linesOf(text);
    for (const span of others.toReversed()) removeLines(lines, span);
    const ending = /\r?\n$/.exec(lines[first.to - 1] ?? '')?.[0] ?? '';
    lines.splice(first.from - 1, first.to - first.from + 1, table + ending);
    return lines.join('');
  },

  removeEntry(text, location) {
    const lines = linesOf(text);
    for (const span of spansOf(text, location).toReversed()) removeLines(lines, span);
    return lines.join('');
  },

  printEntry({ map, name }, entry) {
    const text = stringify({ [map]: { [name]: entry } }, { inlineTableStart: 3, bracketSpacing: false });
    return text.slice(text.indexOf(`[${map}.${name}]`)).trimEnd();
  },
};

/** Returns a copy made of ordinary objects and arrays, which compare as equal to JSON. */
const withoutPrototypes = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutPrototypes);
  if (!isTable(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutPrototypes(item)]));
};

/** Returns the text with a table at its end. The last line has a line break only if it had one before. */
function append(text: string, table: string, newline: string): string {
  if (text === '') return table + newline;
  return text.endsWith('\n') ? text + newline + table + newline : text + newline + newline + table;
}

const linesOf = (text: string): string[] => text.split(/(?<=\n)/);

/** A range of lines, counted from 1, both ends included. */
interface Span {
  readonly from: number;
  readonly to: number;
  /** The range is a table, not a value in another table. */
  readonly isTable: boolean;
}

interface Located {
  readonly loc: { readonly start: { readonly line: number }; readonly end: { readonly line: number } };
}

const spanOfValue = ({ loc }: Located): Span => ({ from: loc.start.line, to: loc.end.line, isTable: false });

/** Returns the lines of an entry: its tables up to their last values, or its values in other tables. */
function spansOf(text: string, { map, name }: EntryLocation): readonly Span[] {
  const isOfEntry = ([first, second]: readonly string[]): boolean => first === map && second === name;
  return new TomlDocument(text).cst.flatMap((block) => {
    if (!('key' in block)) return [];
    if (!('items' in block)) return isOfEntry(block.key.value) ? [spanOfValue(block)] : [];
    const path = block.key.item.value;
    const values = block.items.flatMap((item) => ('key' in item ? [item] : []));
    if (!isOfEntry(path))
      return values.filter(({ key }) => isOfEntry([...path, ...key.value])).map(spanOfValue);
    const from = block.loc.start.line;
    return [{ from, to: Math.max(from, ...values.map(({ loc }) => loc.end.line)), isTable: true }];
  });
}

const isBlank = (line: string | undefined): boolean => line === undefined || line.trim() === '';

/** Removes lines, and the blank line before them if a blank line or the end of the file follows. */
function removeLines(lines: string[], { from, to }: Span): void {
  const isLast = to === lines.length;
  const blank = from > 1 && isBlank(lines[from - 2]) && isBlank(lines[to]) ? 1 : 0;
  const hasLineBreak = lines[to - 1]?.endsWith('\n') ?? true;
  lines.splice(from - 1 - blank, to - from + 1 + blank);
  if (isLast && !hasLineBreak) lines.push((lines.pop() ?? '').replace(/\r?\n$/, ''));
}
