import { AnkiRefused } from '../../contract/errors.ts';
import type { Risk } from './rule.ts';
import { find, withIds } from '../search-ids.ts';
import { readNotesById, type Note } from '../reading.ts';
import { type Scan } from './scan.ts';

/** Maximum number of notes whose texts are compared; of more notes, or damaged ones, the modification times. */
const maxRead = 10_000;

/** Reads notes; undefined if one of them is damaged, so that Anki refuses the call. */
async function textsOf(scan: Scan, notes: readonly number[]): Promise<ReadonlyMap<number, Note> | undefined> {
  try {
    return await readNotesById(scan, notes);
  } catch (error) {
    if (error instanceof AnkiRefused) return undefined;
    throw error;
  }
}

async function stateOfNotes(scan: Scan, notes: readonly number[]): Promise<string[]> {
  const read = notes.length > maxRead ? undefined : await textsOf(scan, notes);
  if (!read) {
    const times = await scan.call('notesModTime', { notes });
    return times.map(({ noteId, mod }) => `note ${noteId} ${mod}`);
  }
  return notes.map((id) => {
    const { fields = {}, tags = [], modelName = '' } = read.get(id) ?? {};
    const texts = Object.values(fields).map(({ value }) => value);
    return `note ${id} ${JSON.stringify([modelName, texts, tags])}`;
  });
}

/** Returns what the risks concern, as the collection is now. An entry that is new or different needs the user's agreement. */
export async function stateOf(risks: readonly Risk[], scan: Scan): Promise<ReadonlySet<string>> {
  const searches = [...new Set(risks.flatMap((risk) => risk.searches ?? []))];
  const [cards, notes] = await Promise.all([
    find(scan, 'findCards', searches),
    find(scan, 'findNotes', searches),
  ]);
  const [reviewed, texts] = await Promise.all([
    find(
      scan,
      'findCards',
      withIds('cid:', cards).map((ids) => `${ids} prop:reps>0`),
    ),
    stateOfNotes(scan, notes),
  ]);
  return new Set([
    ...risks.flatMap(({ kind, of }) => of.map((each) => `${kind} ${each}`)),
    ...cards.map((id) => `card ${id}`),
    ...reviewed.map((id) => `reviewed ${id}`),
    ...texts,
  ]);
}
