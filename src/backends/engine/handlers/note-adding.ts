import { randomBytes } from 'node:crypto';
import type * as contract from '../../../contract/note.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import type { Collection } from '../session/collection.ts';
import { refusalReasons } from './duplicate.ts';
import type { Handlers } from '../session/handler.ts';
import { noteReader, type Draft } from './note-draft.ts';
import { iterate, repr } from '../../../anki-connect/python.ts';
import type { Json } from '../../../lib/json.ts';

/** Returns each note as a draft that can be added, or the reason why it cannot. */
async function checkNotes(
  collection: Collection,
  notes: readonly Json[],
  isBatch = false,
): Promise<(Draft | AnkiRefused)[]> {
  const readNote = noteReader(collection);
  const results: (Draft | AnkiRefused)[] = [];
  for (const note of notes) {
    const result = readNote(note).catch((error: unknown) => {
      if (error instanceof AnkiRefused) return error;
      throw error;
    });
    results.push(await result);
  }
  const drafts = results.filter(isDraft);
  const reasons = (await refusalReasons(collection, drafts, isBatch)).values();
  return results.map((result) => {
    const reason = isDraft(result) ? reasons.next().value : undefined;
    return reason === undefined ? result : new AnkiRefused(reason);
  });
}

const isDraft = (result: Draft | AnkiRefused): result is Draft => !(result instanceof AnkiRefused);
const isRefused = (result: Draft | AnkiRefused): result is AnkiRefused => !isDraft(result);

async function canAddDetails(collection: Collection, notes: readonly Json[]) {
  const results = await checkNotes(collection, notes);
  return results.map((result) =>
    isDraft(result) ? { canAdd: true } : { canAdd: false, error: result.message },
  );
}

/** Random bytes that identify a note across collections. */
const guidBytes = 8;

/** Adds all notes in one undo step. */
async function addDrafts(collection: Collection, drafts: readonly Draft[]): Promise<number[]> {
  if (drafts.length === 0) return [];
  const bits = randomBytes(guidBytes * drafts.length); // one call for all: it takes longer than the rest of a note
  const requests = drafts.map(({ note, deckId }, index) => {
    const guid = bits.subarray(guidBytes * index, guidBytes * (index + 1)).toString('base64url');
    return { note: { ...note, guid }, deckId };
  });
  return (await collection.call('add_notes', { requests })).nids.map(Number);
}

export const noteAdding = {
  async addNote(collection, { note = null }) {
    collection.resetForAdding();
    const results = await checkNotes(collection, [note]);
    const refused = results.find(isRefused);
    if (refused) throw refused;
    const [id] = await addDrafts(collection, results.filter(isDraft));
    return Number(id);
  },

  async addNotes(collection, { notes }) {
    collection.resetForAdding();
    const results = await checkNotes(collection, iterate(notes), true);
    const refused = results.filter(isRefused).map(({ message }) => repr(message));
    if (refused.length > 0) throw new AnkiRefused(`[${refused.join(', ')}]`);
    return addDrafts(collection, results.filter(isDraft));
  },

  async canAddNote(collection, { note = null }) {
    return (await checkNotes(collection, [note])).every(isDraft);
  },

  async canAddNotes(collection, { notes }) {
    return (await checkNotes(collection, iterate(notes))).map(isDraft);
  },

  async canAddNoteWithErrorDetail(collection, { note = null }) {
    const [details] = await canAddDetails(collection, [note]);
    return { canAdd: true, ...details };
  },

  async canAddNotesWithErrorDetail(collection, { notes }) {
    return canAddDetails(collection, iterate(notes));
  },
} satisfies Handlers<Extract<keyof typeof contract, `${'add' | 'canAdd'}Note${string}`>>;
