import type * as contract from '../../../contract/note.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import type { Session } from '../session/session.ts';
import type { Handlers } from '../session/handler.ts';
import { iterate, truthy } from '../../../anki-connect/python.ts';
import { id, ids, shortId, shortIds, text } from '../session/python.ts';
import { inList, jsonList } from './id-list.ts';
import { loadNote, loadNotes, saveNotes, splitTags } from './stored-note.ts';
import type { Json } from '../../../lib/json.ts';

/** Replaces all tags of a note. */
export async function setTags(
  collection: Session,
  noteId: Json | undefined,
  value: Json | undefined,
): Promise<void> {
  const tags = typeof value === 'string' ? [value] : value;
  if (!Array.isArray(tags) || tags.some((tag) => typeof tag !== 'string')) {
    throw new AnkiRefused('Must provide tags as a list of strings');
  }
  const note = await loadNote(collection, noteId);
  await collection.reset();
  await saveNotes(collection, [{ ...note, tags: tags.map(text) }]);
}

/** Replaces a tag in the notes that have it. */
async function replaceTag(
  collection: Session,
  rows: readonly (readonly Json[])[],
  from: Json | undefined,
  to: Json | undefined,
): Promise<void> {
  const oldTag = text(from).toLowerCase();
  const isOld = (tag: string): boolean => tag !== '' && tag.toLowerCase() === oldTag;
  const spellings = new Set<string>();
  const found = rows.filter(([, tags]) => {
    const old = splitTags(tags).filter(isOld);
    for (const tag of old) spellings.add(tag);
    return old.length > 0;
  });
  const noteIds = found.map(([noteId]) => id(noteId));
  if (noteIds.length === 0) return collection.reset();
  const newTag = text(to);
  if (/[ \u3000]/.test(newTag)) await replaceInNotes(collection, noteIds, isOld, newTag);
  else {
    await collection.call('find_and_replace_tag', {
      noteIds,
      search: `^(?:${[...spellings].map(literal).join('|')})$`,
      replacement: newTag.replaceAll('$', '$$$$'), // $ would refer to a group
      regex: true,
      matchCase: true,
    });
  }
  await collection.reset();
}

/** Returns a pattern for the engine that matches only this text. */
const literal = (value: string): string => value.replaceAll(/[\\.+*?()|[\]{}^$#&~-]/g, String.raw`\$&`);

/** The same for what the engine's own method refuses: a replacement of several tags. */
async function replaceInNotes(
  collection: Session,
  noteIds: readonly bigint[],
  isOld: (tag: string) => boolean,
  newTag: string,
): Promise<void> {
  const notes = await loadNotes(collection, noteIds.map(shortId));
  for (const note of notes) note.tags = [...note.tags.filter((tag) => !isOld(tag)), newTag];
  await saveNotes(collection, notes);
}

export const noteTag = {
  async getNoteTags(collection, { note }) {
    return (await loadNote(collection, note)).tags;
  },

  async updateNoteTags(collection, { note, tags }) {
    await setTags(collection, note, tags);
    return null;
  },

  async addTags(collection, { notes, tags, add = true }) {
    await collection.reset();
    const request = { noteIds: ids(notes), tags: text(tags ?? '') };
    await collection.call(truthy(add) ? 'add_note_tags' : 'remove_note_tags', request);
    return null;
  },

  async removeTags(collection, { notes, tags }) {
    await collection.reset();
    await collection.call('remove_note_tags', { noteIds: ids(notes), tags: text(tags ?? '') });
    return null;
  },

  async getTags(collection) {
    return (await collection.call('all_tags', {})).vals;
  },

  async clearUnusedTags(collection) {
    await collection.call('clear_unused_tags', {});
    return null;
  },

  async replaceTags(collection, { notes, tag_to_replace: from, replace_with_tag: to }) {
    const wanted = jsonList(shortIds(iterate(notes), id));
    const rows = await collection.query(`select id, tags from notes where id ${inList}`, wanted);
    await replaceTag(collection, rows, from, to);
    return null;
  },

  async replaceTagsInAllNotes(collection, { tag_to_replace: from, replace_with_tag: to }) {
    await replaceTag(collection, await collection.query('select id, tags from notes'), from, to);
    return null;
  },
} satisfies Partial<Handlers<keyof typeof contract>>;
