import { z } from 'zod';
import { base64, id, noteFields, noteTags } from '../../../contract/schemas.ts';

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
  tags: noteTags.optional(),
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
export type GivenNote = SaveInput['notes'][number];
export type GivenMedia = z.output<typeof media>;
