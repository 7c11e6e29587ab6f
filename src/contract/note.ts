import { z } from 'zod';
import { action, adds, deletes, ensures, overwrites, reads } from './action.ts';
import {
  attachments,
  distinctIds,
  fieldValues,
  id,
  ids,
  noteFields,
  noteInput,
  noteOfMany,
  noteQuestion,
  nothing,
  optionalOrEmpty,
} from './schemas.ts';
import { tagLine, tagList } from './tags.ts';

/** Attachments can be downloaded from any web address. */
const downloads = { openWorldHint: true };

export const addNote = action({
  title: 'Add note',
  description:
    'Adds a note to an existing deck and returns its id. Field values are HTML; unknown field names are ignored. A failed attachment is not an error: its error text is written into the fields it names (exact case).',
  annotations: { ...adds, ...downloads },
  input: z.strictObject({ note: noteInput }),
  output: id,
});

export const addNotes = action({
  title: 'Add notes',
  description:
    'Adds all notes or none, and returns their ids in order. Errors do not say which note failed: canAddNotesWithErrorDetail does. See addNote.',
  annotations: { ...adds, ...downloads },
  input: z.strictObject({ notes: z.array(noteOfMany) }),
  output: ids,
});

export const canAddNote = action({
  title: 'Can add note?',
  description: 'Returns whether addNote would accept this note. Attachments are stored anyway.',
  annotations: { ...ensures, ...downloads },
  input: z.strictObject({ note: noteQuestion }),
  output: z.boolean(),
});

export const canAddNotes = action({
  title: 'Can add notes?',
  description:
    'Returns for each note whether addNote would accept it. Duplicates within the list are not detected; attachments are stored anyway.',
  annotations: { ...ensures, ...downloads },
  input: z.strictObject({ notes: z.array(noteQuestion) }),
  output: z.array(z.boolean()),
});

const verdict = z.looseObject({ canAdd: z.boolean(), error: z.string().optional() });

export const canAddNoteWithErrorDetail = action({
  title: 'Why not add note?',
  description:
    'Returns whether addNote would accept this note, and if not, why. Attachments are stored anyway.',
  annotations: { ...ensures, ...downloads },
  input: z.strictObject({ note: noteQuestion }),
  output: verdict,
});

export const canAddNotesWithErrorDetail = action({
  title: 'Why not add notes?',
  description:
    'Returns for each note whether addNote would accept it, and if not, why. Duplicates within the list are not detected; attachments are stored anyway.',
  annotations: { ...ensures, ...downloads },
  input: z.strictObject({ notes: z.array(noteQuestion) }),
  output: z.array(verdict),
});

export const updateNoteFields = action({
  title: 'Update note fields',
  description:
    "Sets the named fields (exact case, others are ignored) and appends attachments. The change is lost if the note is open in Anki's browser.",
  // Every call appends the attachments again.
  annotations: { ...overwrites, ...downloads, idempotentHint: false },
  input: z.strictObject({ note: z.strictObject({ id, fields: noteFields, ...attachments }) }),
  output: nothing,
});

export const updateNote = action({
  title: 'Update note',
  description:
    "Sets the named fields (exact case) and/or replaces all tags. Field changes are lost if the note is open in Anki's browser.",
  annotations: { ...overwrites, ...downloads, idempotentHint: false },
  input: z.strictObject({
    note: z
      .strictObject({
        id,
        fields: optionalOrEmpty(noteFields),
        tags: optionalOrEmpty(tagList),
        ...attachments,
      })
      // The add-on drops them silently.
      .refine(
        ({ fields, audio, video, picture }) => fields !== undefined || !(audio || video || picture),
        'Attachments need fields, if only {}',
      ),
  }),
  output: nothing,
});

export const updateNoteModel = action({
  title: 'Change note type',
  description:
    'Gives a note another type, fields and tags. Fields not named are emptied, and without tags all tags are removed. Cards of templates the new type lacks remain and break cardsInfo.',
  annotations: overwrites,
  input: z.strictObject({
    note: z.strictObject({ id, modelName: z.string(), fields: noteFields, tags: optionalOrEmpty(tagList) }),
  }),
  output: nothing,
});

export const updateNoteTags = action({
  title: 'Replace note tags',
  description: 'Replaces all tags of a note; addTags keeps the others.',
  annotations: overwrites,
  input: z.strictObject({ note: id, tags: tagList }),
  output: nothing,
});

export const getNoteTags = action({
  title: 'Tags of note',
  description: 'Lists the tags of a note.',
  annotations: reads,
  input: z.strictObject({ note: id }),
  output: z.array(z.string()),
});

export const addTags = action({
  title: 'Add tags',
  description: 'Adds tags to notes; missing notes are ignored.',
  annotations: ensures,
  input: z.strictObject({
    notes: distinctIds,
    tags: tagLine,
    add: z.boolean().optional().describe('False removes'),
  }),
  output: nothing,
});

export const removeTags = action({
  title: 'Remove tags',
  description: 'Removes tags from notes, together with their child tags (tag::child), in any letter case.',
  annotations: deletes,
  input: z.strictObject({ notes: distinctIds, tags: tagLine }),
  output: nothing,
});

export const getTags = action({
  title: 'List tags',
  description: 'Lists all tags, unordered, including some that no note has.',
  annotations: reads,
  input: z.strictObject({}),
  output: z.array(z.string()),
});

export const clearUnusedTags = action({
  title: 'Clear unused tags',
  description: 'Removes tags that no note has from the list of tags.',
  annotations: deletes,
  input: z.strictObject({}),
  output: nothing,
});

export const replaceTags = action({
  title: 'Replace tag',
  description:
    'Replaces a tag in the notes that have it; child tags (tag::child) stay. An empty new tag removes the old one.',
  annotations: overwrites,
  input: z.strictObject({ notes: distinctIds, tag_to_replace: z.string(), replace_with_tag: z.string() }),
  output: nothing,
});

export const replaceTagsInAllNotes = action({
  title: 'Replace tag everywhere',
  description: 'Like replaceTags, in all notes of the collection.',
  annotations: overwrites,
  slow: true,
  input: z.strictObject({ tag_to_replace: z.string(), replace_with_tag: z.string() }),
  output: nothing,
});

export const findNotes = action({
  title: 'Find notes',
  description:
    'Returns the ids of the notes that match an Anki search, unordered. No query finds nothing, an empty one finds everything.',
  annotations: reads,
  input: z.strictObject({
    query: optionalOrEmpty(z.string().describe('e.g. deck:"My deck" front:*dog* -tag:x')),
  }),
  output: ids,
});

export const notesInfo = action({
  title: 'Note details',
  description:
    'Returns fields, tags, type and card ids of notes, by ids or by a search; {} for a missing note. A note without cards fails the call.',
  annotations: reads,
  input: z.strictObject({
    notes: optionalOrEmpty(ids),
    query: optionalOrEmpty(z.string().describe('Overrides notes'), 'notes'),
  }),
  output: z.array(
    z
      .looseObject({
        noteId: id,
        profile: z.string(),
        tags: z.array(z.string()),
        fields: fieldValues,
        modelName: z.string(),
        mod: z.int(),
        cards: ids,
      })
      .partial(),
  ),
});

export const notesModTime = action({
  title: 'Note modification times',
  description: 'Returns when each note was last changed (epoch seconds); {} for a missing note.',
  annotations: reads,
  input: z.strictObject({ notes: ids }),
  output: z.array(z.looseObject({ noteId: id, mod: z.int() }).partial()),
});

export const deleteNotes = action({
  title: 'Delete notes',
  description: 'Deletes notes with all their cards; missing ones are ignored.',
  annotations: deletes,
  input: z.strictObject({ notes: distinctIds }),
  output: nothing,
});

export const removeEmptyNotes = action({
  title: 'Delete unused types',
  description:
    'Despite its name deletes no notes, but every note type without notes, stock ones too. The next sync must be a full one.',
  annotations: deletes,
  input: z.strictObject({}),
  output: nothing,
});
