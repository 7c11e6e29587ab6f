import { open } from 'node:fs/promises';
import type { CallOptions } from '../../../contract/backend.ts';
import { inOneLine } from '../../../lib/one-line.ts';
import type { RpcResponse } from '../process/rpc.ts';
import { deckName } from '../session/deck-name.ts';
import { noteTypeById, noteTypeNames } from '../session/note-type.ts';
import type { Session } from '../session/session.ts';
import { describeImport } from './import-log.ts';

type Metadata = RpcResponse<'get_csv_metadata'>;

/** Maximum size of the header in bytes. */
const maxHeader = 64 * 1024;
const maxRows = 3;
const maxColumns = 8;
const maxCell = 40;

/** Names of the engine's separators. */
const separators = ['Tab', 'Pipe', 'Semicolon', 'Colon', 'Comma', 'Space'];

/** Imports a text file whose header names the separator and the note type. Of other files it reports a preview. */
export async function importText(collection: Session, path: string, { report }: CallOptions): Promise<void> {
  const header = await readHeader(path);
  const metadata = await collection.call('get_csv_metadata', { path });
  const missing = await missingLines(collection, header, metadata);
  if (missing.length > 0) {
    for (const sentence of await preview(collection, path, metadata, missing)) report?.(sentence);
    return;
  }
  // The engine would use the settings of the last import.
  const dupeResolution = header.has('if matches') ? metadata.dupeResolution : 0;
  const matchScope = header.has('match scope') ? metadata.matchScope : 0;
  await collection.reset();
  const imported = await collection.call('import_csv', {
    path,
    metadata: { ...metadata, dupeResolution, matchScope },
  });
  collection.noteTypes.clear();
  report?.(describeImport(imported, dupeResolution));
  report?.(`Target: ${await target(collection, metadata)}.`);
}

/** Reads the lines "#key:value" at the start of a file, as the engine does. */
async function readHeader(path: string): Promise<ReadonlyMap<string, string>> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(maxHeader), 0, maxHeader, 0);
    const lines = buffer
      .toString('utf8', 0, bytesRead)
      .replace(/^\uFEFF/, '')
      .split(/\r?\n/);
    const end = lines.findIndex((line) => !line.startsWith('#'));
    return new Map(
      lines.slice(0, end < 0 ? lines.length : end).map((line) => {
        const [key = '', ...value] = line.slice(1).split(':');
        return [key.trim().toLowerCase(), value.join(':').trim()];
      }),
    );
  } finally {
    await file.close();
  }
}

/** Returns what the header lacks, so that the engine would guess it. */
async function missingLines(
  collection: Session,
  header: ReadonlyMap<string, string>,
  { forceDelimiter, notetype }: Metadata,
): Promise<readonly string[]> {
  const missing = forceDelimiter ? [] : ['no #separator line with a known separator'];
  if (notetype.case === 'notetypeColumn') return missing;
  const wanted = header.get('notetype');
  if (!wanted) return [...missing, 'no #notetype line'];
  const types = await noteTypeNames(collection);
  const isFound = types.some(
    ({ id, name }) =>
      id === notetype.value.id && (String(id) === wanted || name.toLowerCase() === wanted.toLowerCase()),
  );
  return isFound
    ? missing
    : [...missing, `an unknown note type in its #notetype line (${inOneLine(wanted)})`];
}

/** Returns the note type and deck of an import, such as "note type Basic, deck Words". */
async function target(collection: Session, { notetype, deck }: Metadata): Promise<string> {
  const type =
    notetype.case === 'notetypeColumn'
      ? `note types of column ${notetype.value}`
      : `note type ${(await noteTypeById(collection, Number(notetype.value.id))).name}`;
  if (deck.case === 'deckColumn') return `${type}, decks of column ${deck.value}`;
  return `${type}, deck ${deck.case === 'deckName' ? deck.value : await deckName(collection, deck.value)}`;
}

/** Returns which field each column would become, such as "column 1: Front". */
async function columns(collection: Session, { notetype, tagsColumn }: Metadata): Promise<readonly string[]> {
  const tags = tagsColumn > 0 ? [`column ${tagsColumn}: tags`] : [];
  if (notetype.case === 'notetypeColumn') return tags;
  const { flds } = await noteTypeById(collection, Number(notetype.value.id));
  const { fieldColumns } = notetype.value;
  const fields = flds.flatMap(({ name }, index) => {
    const column = fieldColumns[index] ?? 0;
    return column > 0 ? [`column ${column}: ${name}`] : [];
  });
  return [...fields.slice(0, maxColumns), ...tags];
}

const cell = (text: string): string => {
  const line = inOneLine(text);
  return line.length > maxCell ? `${line.slice(0, maxCell).toWellFormed()}…` : line;
};

/** Returns sentences about what the engine would guess, and how to import the file. */
async function preview(
  collection: Session,
  path: string,
  metadata: Metadata,
  missing: readonly string[],
): Promise<readonly string[]> {
  const separator = separators[metadata.delimiter] ?? 'Tab';
  const guess = [await target(collection, metadata), ...(await columns(collection, metadata))].join(', ');
  const rows = metadata.preview
    .slice(0, maxRows)
    .map(({ vals }) => JSON.stringify(vals.slice(0, maxColumns).map(cell)));
  return [
    `Nothing was imported: ${inOneLine(path)} has ${missing.join(' and ')}, so Anki would guess.`,
    `The guess: separator ${separator}, ${guess}.`,
    `First rows: ${rows.join(', ') || 'none'}.`,
    `To import the file, add lines at its top, with the separator that it really has (${separators.join(', ')}): "#separator:Comma", "#notetype:Basic" (or "#notetype column:1") and "#deck:Default". Remove a row of column names, and call guiImportFile again. Or use the tool importNotes: it maps columns to fields, and dryRun shows what it would do.`,
  ];
}
