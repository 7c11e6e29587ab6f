import { z } from 'zod';
import { overwrites } from '../../../contract/action.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import { limit as limitSchema, offset as offsetSchema } from '../../action-call.ts';
import { formatSize, maxResultBytes, sizeOf } from '../../size.ts';
import { workflow, type Context } from '../../workflow.ts';
import { joined } from '../../joined.ts';
import { readNotes, type Note, type Unread } from '../../reading.ts';
import { searchFor } from '../search.ts';
import { approveTarget, formatOf, writeExport } from './export-file.ts';
import { ExportTable, type ExportedNote } from './export-table.ts';

/** Number of notes that are read at the same time. */
const batchSize = 500;
/** Bytes of a result around its text. */
const frameBytes = 400;
const maxUnread = 20;

export const exportNotes = workflow({
  title: 'Export notes as a table',
  description:
    'Exports the notes that a search finds as CSV or TSV, with note type, deck, tags and header lines, so that importNotes and Anki read it again. With path (.csv, .tsv, .txt) into a file, else as text in pages. html: false strips markup.',
  annotations: overwrites,
  input: z.strictObject({
    query: z.string(),
    path: z.string().optional(),
    format: z.enum(['csv', 'tsv']).optional(),
    fields: z.array(z.string()).optional(),
    html: z.boolean().optional(),
    ids: z.boolean().optional(),
    limit: limitSchema.optional(),
    offset: offsetSchema.optional(),
  }),
  output: z.looseObject({
    notes: z.int(),
    bytes: z.int(),
    size: z.string(),
    noteTypes: z.record(z.string(), z.int()),
    path: z.string().optional(),
    text: z.string().optional(),
  }),
  async run(context, { query, path, format, fields, html = true, ids = false, limit, offset = 0 }) {
    const file = path === undefined ? undefined : formatOf(path);
    const target = path === undefined || !file ? undefined : await approveTarget(context, path, file.ending);
    const reading = joined(context);
    const { found, hint } = await searchFor(reading, 'findNotes', query);
    const wanted = found
      .toSorted((a, b) => a - b)
      .slice(offset, limit === undefined ? undefined : offset + limit);
    const remark = hint === undefined ? {} : { note: hint };
    const options = { format: file?.format ?? format ?? 'csv', isHtml: html, withIds: ids, fields } as const;
    const notes: ExportedNote[] = [];
    const unread: Unread[] = [];
    const bytes = limit === undefined ? context.budget : maxResultBytes;
    let length = 0;
    for (let start = 0; start < wanted.length; start += batchSize) {
      const batch = await readBatch(reading, wanted.slice(start, start + batchSize));
      notes.push(...batch.notes);
      unread.push(...batch.unread);
      context.progress?.(`read ${Math.min(start + batchSize, wanted.length)} of ${wanted.length} notes`);
      // More than fits into an answer is not needed.
      for (const { note } of batch.notes) length += sizeOf(note);
      if (!target && length > 10 * bytes) break;
    }
    const leftOut = unread.slice(0, maxUnread).map(({ id, reason }) => ({ id, reason }));
    const table = new ExportTable(
      notes.map(({ note }) => note),
      options,
    );
    const about = (kept: readonly ExportedNote[], size: number) => ({
      notes: kept.length,
      bytes: size,
      size: formatSize(size),
      noteTypes: countTypes(kept.map(({ note }) => note)),
      ...(leftOut.length > 0 && { leftOut, leftOutCount: unread.length }),
    });
    if (target) {
      const size = await writeExport(target, linesOf(table, notes));
      return { result: { path: target.path, ...about(notes, size) }, total: found.length, ...remark };
    }
    let text = table.head;
    let kept = 0;
    const available = bytes - frameBytes - sizeOf(about(notes, 0));
    let used = sizeOf(text);
    for (const each of notes) {
      const row = table.row(each);
      used += sizeOf(row) - 2;
      if (used > available) break;
      text += row;
      kept++;
    }
    const [first] = notes;
    if (first && kept === 0) throw new AnkiRefused(tooLong(first.note, offset));
    const last = notes[kept - 1]?.note.noteId;
    const next = last === undefined ? found.length : offset + wanted.indexOf(last) + 1;
    return {
      result: { ...about(notes.slice(0, kept), Buffer.byteLength(text)), text },
      total: found.length,
      ...remark,
      ...(next < found.length && kept > 0 && { nextOffset: next }),
    };
  },
});

const tooLong = ({ noteId }: Note, offset: number): string =>
  `Nothing was exported: the note ${noteId} is larger than a result may be. Pass path to write a file, fields to choose shorter ones, limit: 1 to get it anyway, or offset: ${offset + 1} to leave it out.`;

async function* linesOf(table: ExportTable, notes: readonly ExportedNote[]): AsyncGenerator<string> {
  yield table.head;
  for (const note of notes) yield table.row(note);
}

/** Reads notes and the decks of their first cards. */
async function readBatch(
  context: Context,
  ids: readonly number[],
): Promise<{ notes: ExportedNote[]; unread: Unread[] }> {
  const { notes, unread } = await readNotes(context, ids);
  const cards = notes.flatMap(({ cards: [first] }) => first ?? []);
  const decks = cards.length > 0 ? await context.call('getDecks', { cards }) : {};
  const deckOf = new Map(
    Object.entries(decks).flatMap(([deck, of]) => of.map((card) => [card, deck] as const)),
  );
  return { notes: notes.map((note) => ({ note, deck: deckOf.get(note.cards[0] ?? 0) ?? '' })), unread };
}

function countTypes(notes: readonly Note[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { modelName } of notes) counts.set(modelName, (counts.get(modelName) ?? 0) + 1);
  return Object.fromEntries([...counts].slice(0, 20));
}
