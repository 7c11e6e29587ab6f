import { z } from 'zod';
import { tagList } from './tags.ts';

/** A note, card or deck id: epoch milliseconds. Never a string: the add-on inserts strings into SQL. */
export const id = z.int();

/** Ids whose results are returned in the same order, duplicates included. */
export const ids = z.array(id);

/** Ids as a set. Duplicates are dropped, because several writes of Anki fail on them. */
export const distinctIds = z.array(id).transform((list) => [...new Set(list)]);

export const deckName = z.string();

export const nothing = z.null();

/** Removes what does not belong to standard base64: line breaks, a `data:` prefix, the URL-safe alphabet, missing padding. */
function standardBase64(text: string): string {
  const bare = text
    .replace(/^\s*data:[^,]{0,200},/i, '')
    .replaceAll(/\s/g, '')
    .replaceAll('-', '+')
    .replaceAll('_', '/');
  return bare.padEnd(Math.ceil(bare.length / 4) * 4, '=');
}

/** Python skips invalid characters while decoding, so that other text would be stored as garbage. */
export const base64 = z
  .string()
  .transform(standardBase64)
  .refine((text) => /^[\da-z+/]*={0,2}$/i.test(text), 'Not base64')
  .describe('Base64');

const meaningful = new WeakMap<z.core.$ZodType, string>();

/**
 * An optional member in which an empty list or text has a meaning of its own; in others it counts as absent, because
 * some clients send every member. It has none if the member `unless` has a value.
 */
export const optionalOrEmpty = <S extends z.ZodType>(schema: S, unless = ''): z.ZodOptional<S> => {
  const optional = schema.optional();
  meaningful.set(optional, unless);
  return optional;
};

/** Returns true if an empty value of this member of an object is meant. */
export function isMeantWhenEmpty(schema: z.core.$ZodType, siblings: object): boolean {
  const unless = meaningful.get(schema);
  if (unless === undefined) return false;
  const other: unknown = Object.entries(siblings).find(([name]) => name === unless)?.[1];
  return other === undefined || other === null || (Array.isArray(other) && other.length === 0);
}

/** Hex MD5; the add-on compares in lower case only. */
export const skipHash = z.string();

const attachment = z
  .strictObject({
    filename: z.string().min(1),
    data: base64.optional(),
    path: z.string().optional(),
    url: z.string().optional(),
    skipHash: skipHash.optional(),
    deleteExisting: z.boolean().optional(),
    fields: z.array(z.string()).optional(),
  })
  // Without a source the add-on reports success and writes its error text into the fields.
  .refine(({ data, path, url }) => Boolean(data || path || url), 'Needs data, path or url');

/** Also accepts a single item. The schema does not say so: that would double the longest schemas, and many clients fail on $ref. */
const listOf = <S extends z.ZodType>(schema: S) =>
  z.preprocess(
    (value: z.input<S> | z.input<S>[]) => (Array.isArray(value) ? value : [value]),
    z.array(schema),
  );

const attachmentList = listOf(attachment).optional();

/** The same check with a short schema. */
const asInAddNote = listOf(z.looseObject({}).pipe(attachment)).optional().describe('As in addNote');

/** Members of a note with media files. */
export const attachments = { audio: asInAddNote, video: asInAddNote, picture: asInAddNote };

/** The same with one full schema, for the most important tools. */
const asPicture = listOf(z.looseObject({}).pipe(attachment)).optional().describe('As picture');
export const attachmentsInFull = { audio: asPicture, video: asPicture, picture: attachmentList };

export const noteFields = z.record(z.string(), z.string());

/** Fields as Anki returns them, with their position in the note type. */
export const fieldValues = z.record(z.string(), z.looseObject({ value: z.string(), order: z.int() }));

export const duplicateOptions = z.strictObject({
  allowDuplicate: z.boolean().optional(),
  duplicateScope: z.enum(['deck', 'collection']).optional(),
  duplicateScopeOptions: z
    .strictObject({
      deckName: deckName.optional().describe('Instead of the target deck'),
      checkChildren: z.boolean().optional(),
      checkAllModels: z.boolean().optional(),
    })
    .optional(),
});

/** A note to add. */
export const noteInput = z.strictObject({
  deckName,
  modelName: z.string(),
  fields: noteFields,
  tags: tagList.optional(),
  options: duplicateOptions.optional(),
  ...attachmentsInFull,
});

/** One of many notes to add. */
export const noteOfMany = noteInput.extend(attachments);

/** A note to check: the same check with a short schema. */
export const noteQuestion = z.looseObject({}).pipe(noteInput).describe('As in addNote');
