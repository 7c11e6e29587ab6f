import type { RpcResponse } from '../process/rpc.ts';
import { inOneLine } from '../../../lib/one-line.ts';

type Imported = RpcResponse<'import_csv' | 'import_anki_package'>;
type Logged = NonNullable<Imported['log']>['new'];

/** Maximum number of first fields to quote for each state. */
const maxQuoted = 3;
const maxQuotedLength = 40;

/** Counts of a text import by how it treats notes with the same first field, as `dupeResolution` of the engine. */
const sameFirstField = ['updated', 'left unchanged (same first field)', 'added again (same first field)'];

/** Returns the start of the first fields of some notes, in quotes. */
function quoted(notes: Logged): string {
  const names = notes.slice(0, maxQuoted).map(({ fields: [first = ''] }) => {
    const text = inOneLine(first);
    return `"${text.length > maxQuotedLength ? `${text.slice(0, maxQuotedLength).toWellFormed()}…` : text}"`;
  });
  return [...names, ...(notes.length > maxQuoted ? ['…'] : [])].join(', ');
}

/** Returns a sentence with the counts of an import by state, and the first fields of some notes that were not imported. */
export function describeImport({ log }: Imported, dupeResolution = 0): string {
  if (!log) return 'Imported no notes.';
  const matched = sameFirstField[dupeResolution] ?? 'with the same first field';
  const isUpdate = matched === 'updated';
  const states: [state: string, notes: Logged, isQuoted?: true][] = [
    ['new', log.new],
    ['updated', isUpdate ? [...log.updated, ...log.firstFieldMatch] : log.updated],
    ['already there', log.duplicate],
    [matched, isUpdate ? [] : log.firstFieldMatch],
    ['in conflict with the note type of an existing note: not imported', log.conflicting, true],
    ['with an empty first field: not imported', log.emptyFirstField],
    ['of an unknown note type: not imported', log.missingNotetype, true],
    ['for an unknown deck: not imported', log.missingDeck, true],
  ];
  const parts = states
    .filter(([, notes]) => notes.length > 0)
    .map(([state, notes, isQuoted]) => `${notes.length} ${state}${isQuoted ? ` (${quoted(notes)})` : ''}`);
  return `Imported: ${parts.join(', ') || 'no notes'}.`;
}
