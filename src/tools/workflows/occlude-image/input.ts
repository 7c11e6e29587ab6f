import { z } from 'zod';
import { id } from '../../../contract/schemas.ts';
import { tagList } from '../../../contract/tags.ts';
import { shapeKinds } from './field.ts';

const shape = z.strictObject({
  id: z.int().optional(),
  shape: z.enum(shapeKinds).optional(),
  at: z.array(z.number()).optional(),
  group: z.int().optional(),
  text: z.string().optional(),
});

export const input = z.strictObject({
  note: id.optional(),
  deck: z.string().optional(),
  picture: z.string().optional(),
  px: z.boolean().optional(),
  // The description has the members, because a schema of them would take twice the size.
  shapes: z
    .array(z.unknown().meta({ type: 'object' }).pipe(shape))
    .optional()
    .describe('{shape: rect|ellipse|polygon|text, at: percent [left, top, width, height], group, text, id}'),
  hideOne: z.boolean().optional(),
  header: z.string().optional(),
  backExtra: z.string().optional(),
  tags: tagList.optional(),
  dryRun: z.boolean().optional(),
  review: z.boolean().optional().describe('The user edits and saves'),
});

export type Input = z.output<typeof input>;

export const output = z.looseObject({
  outcome: z.string(),
  note: z.int().optional(),
  picture: z.looseObject({ filename: z.string() }).optional(),
  shapes: z.array(z.looseObject({ id: z.int(), shape: z.string(), at: z.array(z.number()) })),
  cards: z.array(z.looseObject({ group: z.int() })),
});
