import { basename } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { messageOf } from '../../../lib/error.ts';
import type { NoteInput } from '../save-notes/save-input.ts';
import { fileName, splitTags, toFieldHtml } from './cells.ts';
import type { Layout } from './columns.ts';
import type { ImportSettings } from './header-lines.ts';
import type { MediaColumn } from './media-column.ts';
import type { Row } from './rows.ts';

/** A note of a row. */
export interface RowNote {
  readonly row: number;
  readonly note: NoteInput;
}

/** A row that becomes no note. */
export interface LeftOut {
  readonly row: number;
  readonly why: string;
}

export interface RowNotes {
  readonly notes: readonly RowNote[];
  readonly leftOut: readonly LeftOut[];
  /** Rows with fewer cells than columns; the missing cells count as empty. */
  readonly short: readonly number[];
}

interface Reading {
  /** Returns the layout of a row, or why it has none. */
  readonly layoutOf: (row: Row) => { readonly layout: Layout; readonly modelName?: string } | string;
  readonly width: number;
  readonly settings: ImportSettings;
  readonly isAnkiFile: boolean;
  readonly media: MediaColumn | undefined;
}

/** Turns rows into notes to save. */
export async function notesOf(rows: readonly Row[], reading: Reading): Promise<RowNotes> {
  const notes: RowNote[] = [];
  const leftOut: LeftOut[] = [];
  const short: number[] = [];
  const { width, layoutOf } = reading;
  for (const [index, row] of rows.entries()) {
    if (index % 500 === 0) await setImmediate(); // lets other calls run
    const { number, cells } = row;
    if (cells.slice(width).some((cell) => cell.trim() !== '')) {
      leftOut.push({ row: number, why: tooLong(cells.length, width) });
      continue;
    }
    const found = layoutOf(row);
    if (typeof found === 'string') {
      leftOut.push({ row: number, why: found });
      continue;
    }
    if (cells.length < width) short.push(number);
    try {
      notes.push({ row: number, note: await noteOf(row, found.layout, found.modelName, reading) });
    } catch (error) {
      leftOut.push({ row: number, why: messageOf(error) });
    }
  }
  return { notes, leftOut, short };
}

const tooLong = (cells: number, width: number): string =>
  `It has ${cells} cells, but there are ${width} columns. A cell that contains the separator must be in quotation marks.`;

async function noteOf(
  { cells, number }: Row,
  layout: Layout,
  modelName: string | undefined,
  { settings, isAnkiFile, media }: Reading,
): Promise<NoteInput> {
  const fields: Record<string, string> = {};
  const files: NonNullable<NoteInput['media']> = [];
  const markups: [field: string, markup: string][] = [];
  let { tags } = settings;
  let deckName: string | undefined;
  for (const [index, target] of layout.entries()) {
    const cell = cells[index] ?? '';
    if (target?.kind === 'tags') tags = [...tags, ...splitTags(cell, isAnkiFile)];
    else if (target?.kind === 'deck') deckName = cell.trim() || undefined;
    else if (target?.kind === 'field' && !target.isFile) {
      fields[target.field] = toFieldHtml(cell, settings.html);
    } else if (target?.kind === 'field') {
      const { field } = target;
      fields[field] ??= '';
      const name = fileName(cell);
      if (name === '' || !media) continue;
      const found = await media.find(name, number);
      if ('path' in found) files.push({ field, filename: basename(name), path: found.path });
      else markups.push([field, found.markup]);
    }
  }
  for (const [field, markup] of markups) {
    const text = fields[field] ?? '';
    fields[field] = text === '' ? markup : `${text}<br>${markup}`;
  }
  const hasTags = tags.length > 0 || layout.some((target) => target?.kind === 'tags');
  return {
    fields,
    ...(hasTags && { tags }),
    ...(deckName !== undefined && { deckName }),
    ...(modelName !== undefined && { modelName }),
    ...(files.length > 0 && { media: files }),
  };
}
