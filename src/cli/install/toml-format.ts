import { parse, stringify, TomlDocument } from '@decimalturn/toml-patch';
import { isTable, Unparseable, type Format, type Spot } from './format.ts';

// toml-patch's own patch() drops blanks at the ends of lines, and comments above what it moves: so whole lines are
// exchanged here, and it only tells which ones.

/** TOML. An entry is written as a table of its own, at the end. */
export const toml: Format = {
  parse(text) {
    try {
      return plain(parse(text));
    } catch (error) {
      const line = error instanceof Error && 'line' in error ? `line ${String(error.line)}` : 'it';
      throw new Unparseable(`${line} is not TOML`, { cause: error });
    }
  },

  put(text, spot, entry) {
    const newline = /\r?\n/.exec(text)?.[0] ?? '\n';
    const own = toml.print(spot, entry).replaceAll('\n', newline);
    const spans = spansOf(text, spot);
    const [first, ...others] = spans;
    if (first === undefined) return appended(text, own, newline);
    if (!spans.every(({ isWhole }) => isWhole)) return appended(toml.take(text, spot), own, newline);
    const lines = linesOf(text);
    for (const span of others.toReversed()) cut(lines, span);
    const ending = /\r?\n$/.exec(lines[first.to - 1] ?? '')?.[0] ?? '';
    lines.splice(first.from - 1, first.to - first.from + 1, own + ending);
    return lines.join('');
  },

  take(text, spot) {
    const lines = linesOf(text);
    for (const span of spansOf(text, spot).toReversed()) cut(lines, span);
    return lines.join('');
  },

  print({ map, name }, entry) {
    const whole = stringify({ [map]: { [name]: entry } }, { inlineTableStart: 3, bracketSpacing: false });
    return whole.slice(whole.indexOf(`[${map}.${name}]`)).trimEnd();
  },
};

const plain = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(plain);
  if (!isTable(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
};

/** A text that does not end its last line goes on not to. */
function appended(text: string, table: string, newline: string): string {
  if (text === '') return table + newline;
  return text.endsWith('\n') ? text + newline + table + newline : text + newline + newline + table;
}

const linesOf = (text: string): string[] => text.split(/(?<=\n)/);

/** Lines, counted from 1. */
interface Span {
  readonly from: number;
  readonly to: number;
  /** Whether it is a table, and not a value in another one. */
  readonly isWhole: boolean;
}

interface Located {
  readonly loc: { readonly start: { readonly line: number }; readonly end: { readonly line: number } };
}

const valueAt = ({ loc }: Located): Span => ({ from: loc.start.line, to: loc.end.line, isWhole: false });

/** The lines that make up an entry: its tables up to their last values, or its values in other tables. */
function spansOf(text: string, { map, name }: Spot): readonly Span[] {
  const isIts = ([first, second]: readonly string[]): boolean => first === map && second === name;
  return new TomlDocument(text).cst.flatMap((block) => {
    if (!('key' in block)) return [];
    if (!('items' in block)) return isIts(block.key.value) ? [valueAt(block)] : [];
    const path = block.key.item.value;
    const values = block.items.flatMap((item) => ('key' in item ? [item] : []));
    if (!isIts(path)) return values.filter(({ key }) => isIts([...path, ...key.value])).map(valueAt);
    const from = block.loc.start.line;
    return [{ from, to: Math.max(from, ...values.map(({ loc }) => loc.end.line)), isWhole: true }];
  });
}

const isBlank = (line: string | undefined): boolean => line === undefined || line.trim() === '';

/** Takes lines out, with the blank one before them if another, or the end, comes after. */
function cut(lines: string[], { from, to }: Span): void {
  const isLast = to === lines.length;
  const blank = from > 1 && isBlank(lines[from - 2]) && isBlank(lines[to]) ? 1 : 0;
  const ended = lines[to - 1]?.endsWith('\n') ?? true;
  lines.splice(from - 1 - blank, to - from + 1 + blank);
  if (isLast && !ended) lines.push((lines.pop() ?? '').replace(/\r?\n$/, ''));
}
