import { adds } from '../../../contract/action.ts';
import { workflow } from '../../workflow.ts';
import { joined } from '../../joined.ts';
import { reviewNotes } from '../review/review-notes.ts';
import { lookUp, typesNamed } from '../save-notes/save-lookup.ts';
import { columnNumber, readHeaderLines, withDefaults, type ImportSettings } from './header-lines.ts';
import { importInput, importOutput, type ImportInput } from './import-input.ts';
import { reportImport } from './import-report.ts';
import { Layouts } from './layouts.ts';
import { MediaColumn } from './media-column.ts';
import { NoteTypes } from './note-types.ts';
import { notesOf } from './row-notes.ts';
import type { Row } from './rows.ts';
import { saveRows, type SavedRows } from './saving-rows.ts';
import { readSource } from './source.ts';
import { readTable, type Table } from './table.ts';
import { unclearTable, unclearText } from './unclear.ts';

export const importNotes = workflow({
  title: 'Import notes from a table',
  description:
    "Imports CSV, TSV or text (path or text), up to 20,000 rows, also with Anki's #separator: lines. Cells are text unless html. If the mapping is unclear, nothing is imported and the answer says what to pass; dryRun shows it.",
  annotations: { ...adds, destructiveHint: true },
  input: importInput,
  output: importOutput,
  ui: { panel: 'review' },
  paths: ({ path, mediaFolder }) => [path, mediaFolder].filter((each) => each !== undefined),
  async run(context, input) {
    const { budget } = context;
    const lines = readHeaderLines(await readSource(context, input));
    const settings = withDefaults(input, lines);
    const { modelName } = settings;
    const reading = joined(context);
    const [facts, [named]] = await Promise.all([
      lookUp(reading, { notes: [] }),
      typesNamed(reading, modelName === undefined ? [] : [modelName]),
    ]);
    const types = new NoteTypes(named?.[1], columnNumber(lines, 'notetype column'), facts);
    const table = await readTable(input, lines, types.common);
    const typeProblems = (types.common ?? types.column) ? [] : [types.problem(modelName ?? '')];
    if (!table) return { result: unclearText(typeProblems, lines.source, budget) };
    await types.read(reading, table.rows);
    const layouts = new Layouts(table, lines, input);
    const problems = [...typeProblems, ...problemsOf(table, types, layouts, input, settings)];
    if (problems.length > 0) return { result: unclearTable(problems, table, layouts, budget) };
    const media = hasFiles(input) ? await MediaColumn.open(context, input.mediaFolder) : undefined;
    const layoutOf = (row: Row) => {
      const type = types.of(row);
      const layout = typeof type === 'string' ? type : layouts.of(type);
      return typeof type === 'string' || typeof layout === 'string'
        ? String(layout)
        : { layout, modelName: type.name };
    };
    const isAnkiFile = lines.values.size > 0;
    const { notes, ...skipped } = await notesOf(table.rows, {
      layoutOf,
      width: table.width,
      settings,
      isAnkiFile,
      media,
    });
    const { deckName, onDuplicate, html } = settings;
    const { createDecks, dryRun } = input;
    const describe = (saved: SavedRows, isDryRun: boolean, bytes: number) =>
      reportImport(
        {
          ...saved,
          ...skipped,
          isDryRun,
          rowCount: table.rows.length,
          reading: { ...layouts.describe(), html },
          missing: media?.missing ?? new Map(),
        },
        bytes,
      );
    const within = media?.within(context) ?? context;
    if (input.review) {
      const proposal = {
        notes: notes.map(({ note }) => note),
        labels: notes.map(({ row }) => `row ${row}`),
        settings: { deckName, onDuplicate, createDecks },
        isVerbatim: true,
      };
      return reviewNotes(within, proposal, ({ drafts, isDryRun, newDecks }, bytes) => {
        const rows = drafts.map((draft, index) => ({ row: notes[index]?.row ?? 0, draft }));
        return describe({ rows, newDecks }, isDryRun, bytes);
      });
    }
    const saved = await saveRows(
      within,
      notes,
      { deckName, onDuplicate, createDecks, dryRun, isVerbatim: true },
      // Equal reasons are one entry of the answer, so each is complete.
      { ...facts, listed: undefined },
    );
    return { result: describe(saved, dryRun === true, budget) };
  },
});

const hasFiles = ({ columns }: ImportInput): boolean =>
  Object.values(columns ?? {}).some((value) => /^\s*media:/i.test(value));

/** Returns what is unclear about the table, apart from its note type. */
function problemsOf(
  table: Table,
  types: NoteTypes,
  layouts: Layouts,
  input: ImportInput,
  { deckName }: ImportSettings,
): string[] {
  const [first] = table.rows;
  const type = types.common ?? (first && types.of(first));
  const layout = type && typeof type !== 'string' ? layouts.of(type) : undefined;
  const hasDeck = typeof layout !== 'object' || layout.some((target) => target?.kind === 'deck');
  return [
    ...(table.hasHeader === undefined ? [unclearHeader] : []),
    ...(typeof layout === 'string' ? [layout] : []),
    ...(deckName === undefined && !hasDeck ? ['Pass deckName, the deck for the notes.'] : []),
    ...(input.mediaFolder !== undefined && !hasFiles(input) ? [unusedFolder] : []),
  ];
}

const unclearHeader =
  'It is unclear whether the first row holds names. Pass header: true if it does, or header: false if it is a note.';

const unusedFolder =
  'mediaFolder needs a column of file names: pass "media:FIELD" for that column in columns.';
