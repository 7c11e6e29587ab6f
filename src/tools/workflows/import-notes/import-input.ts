import { z } from 'zod';
import { tagList } from '../../../contract/tags.ts';

export const importInput = z.strictObject({
  path: z.string().optional(),
  text: z.string().optional(),
  deckName: z.string().optional(),
  modelName: z.string().optional(),
  separator: z.string().optional(),
  header: z.boolean().optional(),
  columns: z
    .record(z.string(), z.string())
    .optional()
    .describe('Column name or number → field, tags, deck, media:FIELD (file names), "" (none)'),
  mediaFolder: z.string().optional(),
  html: z.boolean().optional(),
  tags: tagList.optional(),
  onDuplicate: z.enum(['skip', 'update', 'add']).optional(),
  createDecks: z.boolean().optional(),
  dryRun: z.boolean().optional(),
  review: z.boolean().optional(),
});

export type ImportInput = z.output<typeof importInput>;

const count = z.int().optional();
const rowsWith = z.array(z.looseObject({ rows: z.string(), why: z.string() })).optional();

export const importOutput = z.looseObject({
  nothingImported: z.array(z.string()).optional(),
  dryRun: z.string().optional(),
  rows: z.int(),
  created: count,
  updated: count,
  unchanged: count,
  alreadyThere: count,
  twiceInFile: count,
  leftOut: count,
  missingMedia: count,
  leftOutRows: rowsWith,
});
