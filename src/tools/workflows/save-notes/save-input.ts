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
  tags: optionalOrEmpty(tagList),
  media: z.array(media).optional().describe('Appended to the field'),
});

export const saveInput = z.strictObject({
  notes: z.array(note).max(500),
  ...names,
  onDuplicate: z.enum(['skip', 'update', 'add']).optional(),
  markdown: z.boolean().optional(),
  createDecks: z.boolean().optional(),
  dryRun: z.boolean().optional(),
});

export type SaveInput = z.output<typeof saveInput>;
export type NoteInput = SaveInput['notes'][number];
export type MediaInput = z.output<typeof media>;

/** Outcome of one note. `id` is the saved or existing note, `why` explains an outcome that is not a success. */
const savedNote = z.looseObject({
  outcome: z.string(),
  id: z.int().optional(),
  why: z.string().optional(),
});

/** Number of notes by outcome, and the outcome of each note. */
export const saveOutput = z.looseObject({
  dryRun: z.string().optional(),
  created: z.int().optional(),
  updated: z.int().optional(),
  duplicate: z.int().optional(),
  notes: z.array(savedNote),
});
