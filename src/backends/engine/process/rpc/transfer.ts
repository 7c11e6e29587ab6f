import { z } from 'zod';
import { int64, ints64, int, text, flag, empty, values } from './messages.ts';

const auth = z.object({ hkey: text, endpoint: text.optional(), ioTimeoutSecs: int.optional() });
/** What a media sync has done so far, in words. */
export const mediaProgress = z.object({ checked: text, added: text, removed: text });
const noteLog = z.array(z.object({ fields: z.array(text) }));
const importLog = z.object({
  log: z
    .object({
      new: noteLog,
      updated: noteLog,
      duplicate: noteLog,
      conflicting: noteLog,
      firstFieldMatch: noteLog,
      missingNotetype: noteLog,
      missingDeck: noteLog,
      emptyFirstField: noteLog,
    })
    .optional(),
});
/** Settings of a text file that is imported: what its header says, and guesses for the rest. */
const csvMetadata = z.object({
  delimiter: int,
  forceDelimiter: flag,
  deck: z.discriminatedUnion('case', [
    z.object({ case: z.literal('deckId'), value: int64 }),
    z.object({ case: z.literal('deckColumn'), value: int }),
    z.object({ case: z.literal('deckName'), value: text }),
  ]),
  notetype: z.discriminatedUnion('case', [
    z.object({
      case: z.literal('globalNotetype'),
      value: z.object({ id: int64, fieldColumns: z.array(int) }),
    }),
    z.object({ case: z.literal('notetypeColumn'), value: int }),
  ]),
  tagsColumn: int,
  preview: z.array(values),
  dupeResolution: int,
  matchScope: int,
});
const exportLimit = z.object({
  limit: z.discriminatedUnion('case', [
    z.object({ case: z.literal('wholeCollection'), value: empty }),
    z.object({ case: z.literal('deckId'), value: int64 }),
    z.object({ case: z.literal('noteIds'), value: z.object({ noteIds: ints64 }) }),
  ]),
});

/** Methods for import, export and sync. */
export const transferMethods = {
  import_anki_package: [
    z.object({
      packagePath: text,
      options: z.object({
        mergeNotetypes: flag,
        updateNotes: int,
        updateNotetypes: int,
        withScheduling: flag,
        withDeckConfigs: flag,
      }),
    }),
    importLog,
  ],
  get_csv_metadata: [z.object({ path: text }), csvMetadata],
  import_csv: [z.object({ path: text, metadata: csvMetadata }), importLog],
  export_anki_package: [
    z.object({
      outPath: text,
      options: z.object({ withScheduling: flag, withDeckConfigs: flag, withMedia: flag, legacy: flag }),
      limit: exportLimit,
    }),
    z.object({ val: int }),
  ],
  sync_login: [z.object({ username: text, password: text, endpoint: text.optional() }), auth],
  sync_collection: [
    z.object({ auth, syncMedia: flag }),
    z.object({ required: int, serverMessage: text, newEndpoint: text.optional(), serverMediaUsn: int }),
  ],
  full_upload_or_download: [z.object({ auth, upload: flag, serverUsn: int.optional() }), empty],
  sync_media: [auth, empty],
  media_sync_status: [empty, z.object({ active: flag, progress: mediaProgress.optional() })],
  abort_sync: [empty, empty],
  abort_media_sync: [empty, empty],
} as const;
