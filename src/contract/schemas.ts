import { z } from 'zod';

/** A note, card or deck id: epoch milliseconds. Never a string: the add-on inserts strings into SQL. */
export const id = z.int();

/** Ids whose results are returned in the same order, duplicates included. */
export const ids = z.array(id);

/** Ids as a set. Duplicates are dropped, because several writes of Anki fail on them. */
export const distinctIds = z.array(id).transform((list) => [...new Set(list)]);

export const deckName = z.string();

export const nothing = z.null();

/** Python skips invalid characters while decoding, so a data: URL would be stored as garbage. */
export const base64 = z
  .string()
  .refine((text) => {
    const bare = text.replaceAll(/\s/g, '');
    return bare.length % 4 === 0 && /^[\da-z+/]*=*$/i.test(bare);
  }, 'Not base64 (padded, without a data: prefix)')
  .describe('Base64');

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

/** The same with a full schema, for the most important tools. */
export const attachmentsInFull = { audio: attachmentList, video: attachmentList, picture: attachmentList };

export const noteFields = z.record(z.string(), z.string());

/** Fields as Anki returns them, with their position in the note type. */
export const fieldValues = z.record(z.string(), z.looseObject({ value: z.string(), order: z.int() }));

export const noteTags = z.array(z.string());

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
  tags: noteTags.optional(),
  options: duplicateOptions.optional(),
  ...attachmentsInFull,
});

/** One of many notes to add. */
export const noteOfMany = noteInput.extend(attachments);

/** A note to check: the same check with a short schema. */
export const noteQuestion = z.looseObject({}).pipe(noteInput).describe('As in addNote');
