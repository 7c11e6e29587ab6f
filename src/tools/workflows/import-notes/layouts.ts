import type { NoteType } from '../../reading.ts';
import { describeLayout, layoutFor, UnclearColumns, type Layout } from './columns.ts';
import type { HeaderLines } from './header-lines.ts';
import type { ImportInput } from './import-input.ts';
import type { Table } from './table.ts';

/** The layouts of the note types of a table, each made once. */
export class Layouts {
  readonly #table: Table;
  readonly #lines: HeaderLines;
  readonly #columns: ImportInput['columns'];
  readonly #made = new Map<NoteType, Layout | string>();

  constructor(table: Table, lines: HeaderLines, { columns }: ImportInput) {
    this.#table = table;
    this.#lines = lines;
    this.#columns = columns;
  }

  /** Returns what the columns become in notes of a type, or why that is unclear. */
  of(type: NoteType): Layout | string {
    const made = this.#made.get(type) ?? this.#make(type);
    this.#made.set(type, made);
    return made;
  }

  /** Describes how the table is read, with the layout of the first note type. */
  describe() {
    const layout = [...this.#made.values()].find((each) => typeof each !== 'string');
    return {
      separator: this.#table.separator,
      header: this.#table.hasHeader ?? 'unclear',
      columns: describeLayout(layout ?? [], this.#table),
    };
  }

  #make(type: NoteType): Layout | string {
    try {
      return layoutFor(type, this.#table, this.#lines, this.#columns);
    } catch (error) {
      if (error instanceof UnclearColumns) return error.message;
      throw error;
    }
  }
}
