import type * as contract from '../../../contract/note.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import type { Collection } from '../session/collection.ts';
import { refusals } from './duplicate.ts';
import type { Handlers } from '../session/handler.ts';
import { drafting, type Draft } from './note-draft.ts';
import { iterate, repr } from '../../../anki-connect/python.ts';
import type { Json } from '../../../lib/json.ts';

/** Each note as a draft that may be added, or why it may not. */
async function checked(
  collection: Collection,
  notes: readonly Json[],
  together = false,
): Promise<(Draft | AnkiRefused)[]> {
  const draft = drafting(collection);
  const results: (Draft | AnkiRefused)[] = [];
  for (const note of notes) {
    const result = draft(note).catch((error: unknown) => {
      if (error instanceof AnkiRefused) return error;
      throw error;
    });
    results.push(await result);
  }
  const drafts = results.filter(isDraft);
  const reasons = (await refusals(collection, drafts, together)).values();
  return results.map((result) => {
    const reason = isDraft(result) ? reasons.next().value : undefined;
    return reason === undefined ? result : new AnkiRefused(reason);
  });
}

const isDraft = (result: Draft | AnkiRefused): result is Draft => !(result instanceof AnkiRefused);
const isRefused = (result: Draft | AnkiRefused): result is AnkiRefused => !isDraft(result);

async function verdicts(collection: Collection, notes: readonly Json[]) {
  const results = await checked(collection, notes);
  return results.map((result) =>
    isDraft(result) ? { canAdd: true } : { canAdd: false, error: result.message },
  );
}

/** Adds all, in one step of the undo list. */
async function add(collection: Collection, drafts: Draft[]): Promise<number[]> {
  if (drafts.length === 0) return [];
  return (await collection.call('add_notes', { requests: drafts })).nids.map(Number);
}

export const noteAdding = {
  async addNote(collection, { note = null }) {
    await collection.reset();
    const results = await checked(collection, [note]);
    const refused = results.find(isRefused);
    if (refused) throw refused;
    const [id] = await add(collection, results.filter(isDraft));
    return Number(id);
  },

  async addNotes(collection, { notes }) {
    await collection.reset();
    const results = await checked(collection, iterate(notes), true);
    const refused = results.filter(isRefused).map(({ message }) => repr(message));
    if (refused.length > 0) throw new AnkiRefused(`[${refused.join(', ')}]`);
    return add(collection, results.filter(isDraft));
  },

  async canAddNote(collection, { note = null }) {
    return (await checked(collection, [note])).every(isDraft);
  },

  async canAddNotes(collection, { notes }) {
    return (await checked(collection, iterate(notes))).map(isDraft);
  },

  async canAddNoteWithErrorDetail(collection, { note = null }) {
    const [verdict] = await verdicts(collection, [note]);
    return { canAdd: true, ...verdict };
  },

  async canAddNotesWithErrorDetail(collection, { notes }) {
    return verdicts(collection, iterate(notes));
  },
} satisfies Handlers<Extract<keyof typeof contract, `${'add' | 'canAdd'}Note${string}`>>;
