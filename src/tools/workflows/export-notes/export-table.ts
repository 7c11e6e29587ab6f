import { toText } from '../../card-text/text.ts';
import type { Note } from '../../reading.ts';

export const formats = {
  csv: { name: 'Comma', separator: ',' },
  tsv: { name: 'Tab', separator: '\t' },
} as const;

export type Format = keyof typeof formats;

/** A note with the deck of its first card. */
export interface ExportedNote {
  readonly note: Note;
  readonly deck: string;
}

export interface TableOptions {
  readonly format: Format;
  readonly isHtml: boolean;
  readonly withIds: boolean;
  /** Names of the chosen fields; undefined for all. */
  readonly fields: readonly string[] | undefined;
}

/** Columns before the fields. */
const metaColumns = ['notetype', 'deck', 'tags'] as const;

const fieldsOf = ({ fields }: Note): string[] =>
  Object.entries(fields)
    .toSorted(([, a], [, b]) => a.order - b.order)
    .map(([name]) => name);

/** Notes as rows of a text that Anki and importNotes read again. */
export class ExportTable {
  /** The lines "#key:value" and a line break. */
  readonly head: string;
  readonly #options: TableOptions;
  /** Names of the field columns of each note type. */
  readonly #fields: ReadonlyMap<string, readonly string[]>;
  readonly #width: number;

  /** `notes` has at least one note of each type. */
  constructor(notes: readonly Note[], options: TableOptions) {
    this.#options = options;
    const chosen = options.fields?.map((name) => name.toLowerCase());
    this.#fields = new Map(
      notes.map((note) => [
        note.modelName,
        fieldsOf(note).filter((name) => chosen?.includes(name.toLowerCase()) ?? true),
      ]),
    );
    this.#width = Math.max(0, ...[...this.#fields.values()].map((names) => names.length));
    const { name } = formats[options.format];
    const [only, ...others] = [...this.#fields.values()];
    // Without names, the columns fill the fields of each type in order.
    const labels = Array.from({ length: this.#width }, (_, index) =>
      others.length === 0 ? (only?.[index] ?? '') : '',
    );
    const columns = [...metaColumns, ...labels, ...(options.withIds ? ['id'] : [])];
    this.head = [
      `#separator:${name}`,
      `#html:${options.isHtml}`,
      ...metaColumns.map((key, index) => `#${key} column:${index + 1}`),
      `#columns:${this.#line(columns)}`,
      '',
    ].join('\n');
  }

  /** Returns the row of a note, with its line break. */
  row({ note, deck }: ExportedNote): string {
    const { isHtml, withIds } = this.#options;
    const names = this.#fields.get(note.modelName) ?? [];
    const values = Array.from({ length: this.#width }, (_, index) => {
      const html = note.fields[names[index] ?? '']?.value ?? '';
      return isHtml ? html : toText(html);
    });
    const id = withIds ? [String(note.noteId)] : [];
    return `${this.#line([note.modelName, deck, note.tags.join(' '), ...values, ...id])}\n`;
  }

  #line(cells: readonly string[]): string {
    const { separator } = formats[this.#options.format];
    return cells.map((cell) => quoted(cell, separator)).join(separator);
  }
}

/** Quotes a cell that would be read as something else. A row that begins with # would be a comment. */
const quoted = (cell: string, separator: string): string =>
  cell.includes(separator) || /["\r\n]|^#|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
