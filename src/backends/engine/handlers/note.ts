import type * as contract from '../../../contract/note.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import type { Session } from '../session/session.ts';
import type { Handlers } from '../session/handler.ts';
import { inList, jsonList, valuesInOrder } from './id-list.ts';
import { noteAdding } from './note-adding.ts';
import { noteTag } from './note-tag.ts';
import { noteTypeById } from '../session/note-type.ts';
import { noteUpdate } from './note-update.ts';
import { oncePerKey } from './once-per-key.ts';
import { iterate } from '../../../anki-connect/python.ts';
import { idOrZero, ids, shortId, shortIds, type Id } from '../session/python.ts';
import { search } from '../session/search.ts';
import { fieldSeparator, splitTags } from './stored-note.ts';
import type { Json } from '../../../lib/json.ts';

/** The ids of a note's cards in the order of their templates, or null. */
const cardsOfNote = '(select group_concat(id) from (select id from cards where nid = n.id order by ord))';

async function describeNotes(collection: Session, noteIds: readonly Id[]) {
  if (noteIds.length === 0) return [];
  const rows = await collection.query(
    `select id, mid, mod, tags, flds, ${cardsOfNote} from notes n where id ${inList}`,
    jsonList(noteIds),
  );
  const notes = new Map(rows.map((row) => [Number(row[0]), row]));
  const noteTypeOf = oncePerKey((mid: Json | undefined) => noteTypeById(collection, mid));
  return Promise.all(
    noteIds.map(async (requestedId) => {
      const row = notes.get(Number(requestedId));
      if (!row) return {};
      const [noteId, mid, mod, tags, flds, cards] = row;
      const { name, flds: fields } = await noteTypeOf(mid);
      const values = String(flds).split(fieldSeparator);
      // The add-on's error for a note without cards is only the id.
      if (cards === null) throw new AnkiRefused(String(noteId));
      return {
        noteId: Number(noteId),
        profile: collection.profile,
        tags: splitTags(tags).filter(Boolean),
        fields: Object.fromEntries(
          fields.map((field, order) => [field.name, { value: values[order] ?? '', order }]),
        ),
        modelName: name,
        mod: Number(mod),
        cards: String(cards).split(',').map(Number),
      };
    }),
  );
}

export const note = {
  ...noteAdding,
  ...noteUpdate,
  ...noteTag,

  async findNotes(collection, { query }) {
    return (await search(collection, 'notes', query)).map(Number);
  },

  async notesInfo(collection, { notes, query }) {
    if (query !== undefined && query !== null)
      return describeNotes(collection, (await search(collection, 'notes', query)).map(shortId));
    if (notes === undefined || notes === null)
      throw new AnkiRefused('Must provide either "notes" or a "query"');
    return describeNotes(collection, shortIds(iterate(notes), idOrZero));
  },

  async notesModTime(collection, { notes }) {
    const wanted = shortIds(iterate(notes), idOrZero);
    const joinNotes = 'left join notes n on n.id = wanted.value';
    const [times = []] = await valuesInOrder(collection, wanted, joinNotes, 'n.mod');
    return wanted.map((noteId, index) => {
      const mod = times[index];
      return typeof mod === 'number' ? { noteId: Number(noteId), mod } : {};
    });
  },

  async deleteNotes(collection, { notes }) {
    await collection.call('remove_notes', { noteIds: ids(notes), cardIds: [] });
    return null;
  },

  async removeEmptyNotes(collection) {
    const { entries } = await collection.call('get_notetype_names_and_counts', {});
    await collection.asOneStep(async () => {
      for (const { id: ntid, useCount } of entries) {
        if (useCount === 0) await collection.call('remove_notetype', { ntid });
      }
    });
    await collection.reset();
    return null;
  },
} satisfies Handlers<keyof typeof contract>;
