import { z } from 'zod';
import {
  int64,
  ints64,
  int,
  text,
  bytes,
  flag,
  empty,
  json,
  value,
  values,
  opChanges,
  changed,
  created,
  noteMessage,
} from './messages.ts';

const nid = z.object({ nid: int64 });
const ntid = z.object({ ntid: int64 });
const newNote = z.object({ note: noteMessage, deckId: int64 });
const tagsOfNotes = z.object({ noteIds: ints64, tags: text });

/** Methods for note types, notes, media and tags. */
export const noteMethods = {
  add_image_occlusion_notetype: [empty, opChanges],
  add_notetype_legacy: [json, created],
  update_notetype_legacy: [z.object({ json: bytes, skipChecks: flag }), opChanges],
  add_or_update_notetype: [z.object({ json: bytes, preserveUsnAndMtime: flag, skipChecks: flag }), ntid],
  get_notetype_legacy: [ntid, json],
  get_stock_notetype_legacy: [z.object({ kind: int }), json],
  get_notetype_names: [empty, z.object({ entries: z.array(z.object({ id: int64, name: text })) })],
  get_notetype_names_and_counts: [
    empty,
    z.object({ entries: z.array(z.object({ id: int64, name: text, useCount: int })) }),
  ],
  get_notetype_id_by_name: [value, ntid],
  remove_notetype: [ntid, opChanges],
  add_notes: [z.object({ requests: z.array(newNote) }), z.object({ nids: ints64 })],
  update_notes: [z.object({ notes: z.array(noteMessage), skipUndoEntry: flag }), opChanges],
  get_note: [nid, noteMessage],
  remove_notes: [z.object({ noteIds: ints64, cardIds: ints64 }), changed],
  note_fields_check: [noteMessage, z.object({ state: int })],
  strip_html: [z.object({ text, mode: int }), value],
  add_media_file: [z.object({ desiredName: text, data: bytes }), value],
  trash_media_files: [z.object({ fnames: z.array(text) }), empty],
  all_tags: [empty, values],
  clear_unused_tags: [empty, changed],
  add_note_tags: [tagsOfNotes, changed],
  remove_note_tags: [tagsOfNotes, changed],
  find_and_replace_tag: [
    z.object({ noteIds: ints64, search: text, replacement: text, regex: flag, matchCase: flag }),
    changed,
  ],
} as const;
