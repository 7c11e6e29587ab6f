import { echo } from '../../../lib/cut.ts';
import { excerpt } from '../../card-text/excerpt.ts';
import { bareText } from '../../card-text/html.ts';
import { sizeOf } from '../../size.ts';
import type { Data } from '../../workflow.ts';
import { fieldNames } from '../lint.ts';
import { toRanges } from '../save-notes/save-report.ts';
import type { importOutput } from './import-input.ts';
import type { LeftOut } from './row-notes.ts';
import type { SavedRow } from './saving-rows.ts';

type Report = Data<typeof importOutput>;

/** How a text was read. */
export type ReadingReport = {
  readonly separator: string;
  readonly header: boolean | string;
  readonly html: boolean;
  readonly columns: readonly string[];
};

export interface Imported {
  readonly isDryRun: boolean;
  readonly rowCount: number;
  readonly reading: ReadingReport;
  /** The rows that became notes. */
  readonly rows: readonly SavedRow[];
  readonly leftOut: readonly LeftOut[];
  readonly short: readonly number[];
  readonly missing: ReadonlyMap<string, readonly number[]>;
  readonly newDecks: readonly string[];
}

const frameBytes = 20;
const maxShown = 60;
const previewRows = 3;
/** Maximum number of duplicates that are listed. */
const maxDuplicates = 20;
/** Numbers of items of each list, and characters of a reason, that are tried until the answer fits. */
const forms = [
  [1000, 400],
  [200, 400],
  [50, 200],
  [10, 200],
  [3, 100],
  [0, 0],
] as const;

const firstFieldOf = ({ type, allFields }: SavedRow['draft']): string =>
  excerpt(bareText(allFields[(type && fieldNames(type)[0]) ?? ''] ?? ''), maxShown);

/** Returns rows with the same reason as one entry, the most frequent first. */
function byReason(rows: readonly LeftOut[]) {
  const groups = new Map<string, number[]>();
  for (const { row, why } of rows) {
    const group = groups.get(why);
    if (group) group.push(row);
    else groups.set(why, [row]);
  }
  return [...groups].toSorted(([, a], [, b]) => b.length - a.length);
}

/** Returns the totals, then the rows that were not created, as many as the budget allows. */
export function reportImport(imported: Imported, budget: number): Report {
  const { isDryRun, rowCount, reading, rows: saved, missing, short, newDecks } = imported;
  const of = (...outcomes: readonly string[]) =>
    saved.filter(({ draft }) => outcomes.includes(draft.outcome ?? 'failed'));
  const [there, twice] = [of('alreadyThere'), of('twiceInCall')];
  const leftOut = [
    ...imported.leftOut,
    ...of('invalid').map(({ row, draft }) => ({ row, why: draft.why ?? '' })),
  ].toSorted((a, b) => a.row - b.row);
  const uncertain = of('failed', 'unknown', 'unverified').map(({ row, draft }) => ({
    row,
    why: `${draft.outcome}: ${draft.why ?? ''}`,
  }));
  const warnings = [
    ...short.map((row) => ({ row, why: 'fewer cells than columns: the missing ones count as empty' })),
    ...saved.flatMap(({ row, draft }) => draft.warnings.map((why) => ({ row, why }))),
  ];
  const rowOf = new Map(saved.map(({ row, draft }) => [draft, row]));
  const positive = (counts: Readonly<Record<string, number>>) =>
    Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
  const totals = {
    ...(isDryRun && { dryRun: 'Nothing was changed. This is what the import would do.' }),
    rows: rowCount,
    created: of('created').length,
    ...positive({
      updated: of('updated').length,
      unchanged: of('unchanged').length,
      alreadyThere: there.length,
      twiceInFile: twice.length,
      leftOut: leftOut.length,
      failed: of('failed').length,
      unknown: of('unknown').length,
      unverified: of('unverified').length,
      missingMedia: missing.size,
    }),
    ...(newDecks.length > 0 && { decksMade: newDecks.slice(0, 20).map((deck) => echo(deck)) }),
    reading,
  };
  const build = (length: number, characters: number): Report => {
    const duplicates = Math.min(length, maxDuplicates);
    const grouped = (rows: readonly LeftOut[]) =>
      byReason(rows)
        .slice(0, length)
        .map(([why, numbers]) => ({ rows: echo(toRanges(numbers), 400), why: echo(why, characters) }));
    const lists = {
      ...(isDryRun && { preview: previewOf(saved) }),
      leftOutRows: grouped(leftOut),
      uncertainRows: grouped(uncertain),
      missingFiles: [...missing]
        .slice(0, length)
        .map(([file, rows]) => ({ file: echo(file), rows: echo(toRanges(rows), 400) })),
      alreadyThereRows: there.slice(0, duplicates).map(({ row, draft }) => ({
        row,
        first: firstFieldOf(draft),
        ...(draft.id !== undefined && { id: draft.id }),
      })),
      twiceInFileRows: twice.slice(0, duplicates).map(({ row, draft }) => ({
        row,
        first: firstFieldOf(draft),
        sameAs: draft.twin && rowOf.get(draft.twin),
      })),
      warnings: grouped(warnings),
    };
    const kept = Object.entries(lists).filter(([, list]) => list.length > 0);
    const isCut = [there, twice].some((list) => list.length > duplicates) || missing.size > length;
    return {
      ...totals,
      ...Object.fromEntries(kept),
      ...((isCut || characters < 400) && { cut: 'Not all rows are listed. The totals count all.' }),
    };
  };
  for (const [length, characters] of forms) {
    const report = build(length, characters);
    if (sizeOf(report) <= budget - frameBytes) return report;
  }
  const { reading: _, decksMade: _decks, ...counts } = totals;
  return counts;
}

/** Returns the first notes as they would be saved, shortened. */
function previewOf(saved: readonly SavedRow[]) {
  return saved
    .filter(({ draft }) => draft.outcome !== 'invalid')
    .slice(0, previewRows)
    .map(({ row, draft: { type, deck, tags, target, ...draft } }) => ({
      row,
      outcome: draft.outcome ?? 'failed',
      ...(type && { noteType: type.name }),
      ...(deck !== undefined && !target && { deck: echo(deck) }),
      fields: Object.fromEntries(
        Object.entries(draft.fields)
          .slice(0, 20)
          .map(([name, html]) => [name, excerpt(html, maxShown)]),
      ),
      ...(tags && tags.length > 0 && { tags: tags.slice(0, 10).map((tag) => echo(tag, maxShown)) }),
    }));
}
