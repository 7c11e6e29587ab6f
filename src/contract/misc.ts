import { z } from 'zod';
import { action, ensures, overwrites, reads } from './action.ts';
import { deckName, nothing } from './schemas.ts';

const packagePath = z.string().min(1).describe("Absolute, on Anki's machine");

export const requestPermission = action({
  title: 'Request permission',
  description:
    'Asks whether this client may use Anki-Connect and whether it needs an API key. Omit the parameters; Anki-Connect fills them in.',
  annotations: ensures,
  input: z.strictObject({ origin: z.string().optional(), allowed: z.boolean().optional() }),
  output: z.looseObject({
    permission: z.enum(['granted', 'denied']),
    requireApikey: z.boolean().optional(),
    version: z.int().optional(),
  }),
});

export const version = action({
  title: 'API version',
  description:
    'Returns the version of the Anki-Connect API, 6; not the release. apiReflect lists what this one supports.',
  annotations: reads,
  input: z.strictObject({}),
  output: z.int(),
});

export const apiReflect = action({
  title: 'Available actions',
  description: 'Lists the actions this Anki-Connect supports, or those of a list; unknown names are omitted.',
  annotations: reads,
  input: z.strictObject({
    scopes: z.array(z.enum(['actions'])),
    actions: z.array(z.string()).nullable().optional().describe('Default all'),
  }),
  output: z.looseObject({ scopes: z.array(z.string()), actions: z.array(z.string()).optional() }),
});

export const sync = action({
  title: 'Sync with AnkiWeb',
  description:
    'Syncs the collection, then its media in the background. An error if a full sync is due: only a person can choose its direction, in Anki.',
  annotations: { ...ensures, openWorldHint: true },
  slow: true,
  input: z.strictObject({}),
  output: nothing,
});

export const getProfiles = action({
  title: 'List profiles',
  description: 'Lists the names of all profiles.',
  annotations: reads,
  input: z.strictObject({}),
  output: z.array(z.string()),
});

export const getActiveProfile = action({
  title: 'Active profile',
  description: 'Returns the name of the open profile, null if none is open.',
  annotations: reads,
  input: z.strictObject({}),
  output: z.string().nullable(),
});

export const loadProfile = action({
  title: 'Switch profile',
  description:
    'Closes the open profile, which may sync it, and opens another; false for a missing profile. The summary says which one is open then; in multi, check with getActiveProfile.',
  annotations: ensures,
  input: z.strictObject({ name: z.string() }),
  output: z.boolean(),
});

export const multi = action({
  title: 'Batch actions',
  description:
    'Runs several actions in order and returns one reply each. Not a transaction: an error (reply {result: null, error}) stops nothing.',
  annotations: { ...overwrites, idempotentHint: false, openWorldHint: true },
  input: z.strictObject({
    actions: z.array(
      z.strictObject({
        action: z.string(),
        version: z.int().optional().describe('6: reply {result, error}; default 4: the bare result'),
        params: z.looseObject({}).optional(),
        key: z.string().optional().describe('API key'),
      }),
    ),
  }),
  output: z.array(z.unknown().meta({ type: 'object' })),
});

export const exportPackage = action({
  title: 'Export deck',
  description:
    'Writes a deck with its child decks and media to a new .apkg file. An existing file is replaced only if the user confirms it. false for a missing deck.',
  annotations: overwrites,
  slow: true,
  input: z.strictObject({
    deck: deckName,
    path: packagePath,
    includeSched: z.boolean().optional().describe('With scheduling and review history; default false'),
  }),
  output: z.boolean(),
});

export const importPackage = action({
  title: 'Import package',
  description:
    'Merges an .apkg file into the collection at once, without preview. Newer local changes stay; nothing is duplicated. The user must have allowed the folder, or confirms the path.',
  annotations: overwrites,
  slow: true,
  input: z.strictObject({ path: packagePath }),
  output: z.boolean(),
});

export const reloadCollection = action({
  title: 'Reload collection',
  description: 'Has no effect in current Anki, which never needs it.',
  annotations: reads,
  input: z.strictObject({}),
  output: nothing,
});
