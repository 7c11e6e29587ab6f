import { echo } from '../../../lib/cut.ts';
import { nearest } from '../../../lib/nearest.ts';
import type { Context } from '../../workflow.ts';
import type { NoteType } from '../../reading.ts';
import type { CollectionFacts } from '../save-notes/save-draft.ts';
import { typesNamed } from '../save-notes/save-lookup.ts';
import type { Row } from './rows.ts';

/** Maximum number of note types in a column. */
const maxTypes = 100;

/** The note types of a table: one for all rows, or those that a column names. */
export class NoteTypes {
  /** The type of all rows, or of rows whose cell is empty. */
  readonly common: NoteType | undefined;
  /** 1-based number of the column with names of types. */
  readonly column: number | undefined;
  readonly #facts: CollectionFacts;

  constructor(common: NoteType | undefined, column: number | undefined, facts: CollectionFacts) {
    this.common = common;
    this.column = column;
    this.#facts = facts;
    if (common) facts.types.set(common.name.toLowerCase(), common);
  }

  /** Reads the types that the column names. */
  async read(context: Context, rows: readonly Row[]): Promise<void> {
    const names = new Set(rows.map((row) => this.#nameIn(row)).filter(Boolean));
    for (const [name, type] of await typesNamed(context, [...names].slice(0, maxTypes)))
      this.#facts.types.set(name, type);
  }

  /** Returns the type of a row, or why it has none. */
  of(row: Row): NoteType | string {
    const name = this.#nameIn(row);
    return (name === '' ? this.common : this.#facts.types.get(name.toLowerCase())) ?? this.problem(name);
  }

  /** Says that a note type is missing or does not exist. */
  problem(name: string): string {
    const { typeNames } = this.#facts;
    const similar = nearest(name, typeNames);
    const known =
      similar === undefined ? `Known: ${echo(typeNames.join(', '), 500)}.` : `Did you mean "${similar}"?`;
    return name === ''
      ? `Pass modelName, the note type. ${known}`
      : `Note type "${echo(name)}" does not exist. ${known}`;
  }

  #nameIn({ cells }: Row): string {
    return this.column === undefined ? '' : (cells[this.column - 1] ?? '').trim();
  }
}
