import { z } from 'zod';
import { action, deletes, overwrites, reads } from './action.ts';
import { base64, nothing, optionalOrEmpty, skipHash } from './schemas.ts';

/** Never empty: for an empty name the add-on would move the whole media folder to the trash. */
const filename = z.string().min(1);

export const storeMediaFile = action({
  title: 'Store media file',
  description:
    'Stores a file in the media folder, from data, path or url (the first one present). Returns the stored name, in lower case and cleaned: use that one. Null if skipHash matched.',
  annotations: { ...overwrites, openWorldHint: true },
  input: z.strictObject({
    filename,
    data: base64.optional(),
    path: z.string().optional().describe("Absolute, on Anki's machine"),
    url: z.string().optional(),
    skipHash: skipHash.optional().describe('MD5 of content to skip'),
    deleteExisting: z
      .boolean()
      .optional()
      .describe('Default true; false renames the new file if the name is taken'),
  }),
  output: z.string().nullable(),
});

export const retrieveMediaFile = action({
  title: 'Read media file',
  description:
    'Returns a media file in base64, or false if it is missing. Letter case counts: use the name that storeMediaFile returned.',
  annotations: reads,
  input: z.strictObject({ filename }),
  output: z.union([z.string(), z.literal(false)]),
});

export const getMediaFilesNames = action({
  title: 'List media files',
  description: 'Lists names in the media folder, unordered. Hidden files need a pattern such as .*',
  annotations: reads,
  input: z.strictObject({ pattern: optionalOrEmpty(z.string().describe('Glob, default *')) }),
  output: z.array(z.string()),
});

export const getMediaDirPath = action({
  title: 'Media folder',
  description: "Returns the absolute path of the media folder, on Anki's machine.",
  annotations: reads,
  input: z.strictObject({}),
  output: z.string(),
});

export const deleteMediaFile = action({
  title: 'Delete media file',
  description:
    'Moves a media file to the trash; notes keep their links to it. Null also for a missing name (letter case counts).',
  annotations: deletes,
  input: z.strictObject({ filename }),
  output: nothing,
});
