import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { base64, id, noteFields, optionalOrEmpty } from '../../../contract/schemas.ts';
import { tagList } from '../../../contract/tags.ts';

const media = z.strictObject({
  field: z.string(),
  filename: z.string().min(1),
  data: base64.optional(),
  path: z.string().optional(),
  url: z.string().optional(),
});

const names = { deckName: z.string().optional(), modelName: z.string().optional() };

const note = z.strictObject({
  id: id.optional().describe('Updates this note'),
  ...names,
  fields: noteFields.optional(),
  tags: optionalOrEmpty(tagList.describe('All tags: replaces those of a note with id')),
  addTags: tagList.optional().describe('Keeps the others'),
  media: z.array(media).optional().describe('Appended to the field'),
});

export const saveInput = z.strictObject({
  notes: z.array(note).max(500),
  ...names,
  tags: tagList.optional().describe('Added to every note'),
  onDuplicate: z.enum(['skip', 'update', 'add']).optional().describe('Default skip'),
  duplicateScope: z
    .enum(['type', 'deck', 'all'])
    .optional()
    .describe('Same first field: in the note type (default), in type and deck, in all types'),
  markdown: z.boolean().optional().describe('Default false: HTML'),
  createDecks: z.boolean().optional(),
  suspend: z.boolean().optional().describe('New cards. Default false'),
  mediaFolder: z.string().optional().describe('For relative media paths'),
  dryRun: z.boolean().optional(),
  review: z.boolean().optional().describe('The user approves first'),
});

export type SaveInput = z.output<typeof saveInput>;
export type NoteInput = SaveInput['notes'][number];
export type MediaInput = z.output<typeof media>;
export type DuplicateScope = NonNullable<SaveInput['duplicateScope']>;

/** Returns the path of a media file. A relative one is relative to `mediaFolder`. */
export const mediaPath = (path: string, { mediaFolder }: Pick<SaveInput, 'mediaFolder'>): string =>
  mediaFolder === undefined || isAbsolute(path) ? path : join(mediaFolder, path);

/** A note whose outcome is not the ordinary one, or several with the same outcome. */
const deviatingNote = z.looseObject({
  /** Position in the `notes` argument; `at` has those of several notes. */
  index: z.int().optional(),
  first: z.string().optional().describe('First field as text'),
  outcome: z
    .string()
    .describe('unknown: sent, but not confirmed. unverified: saved, but Anki has other content'),
  id: z.int().optional().describe('The saved or existing note'),
  deckName: z.string().optional().describe('Of the existing note'),
  modelName: z.string().optional(),
  sameAs: z.int().optional().describe('Index of the other note of the call'),
  why: z.string().optional(),
  warnings: z.array(z.string()).optional(),
  stored: z.record(z.string(), z.string()).optional().describe('Fields that differ from what was sent'),
});

const count = z.int().optional();

/** Number of notes by outcome, the ids of the created notes in order, and the notes that deviate. */
export const saveOutput = z.looseObject({
  dryRun: z.string().optional(),
  created: count,
  cards: count.describe('Cards of the created notes'),
  suspended: count.describe('Suspended cards of the created notes'),
  updated: count,
  unchanged: count,
  alreadyThere: count,
  twiceInCall: count,
  invalid: count,
  createdIds: z.array(z.int()).optional(),
  notes: z.array(deviatingNote).describe('Without created and updated notes that are as sent'),
});
