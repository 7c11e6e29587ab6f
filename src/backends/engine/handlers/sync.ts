import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AnkiRefused } from '../../../contract/errors.ts';
import { inOneLine } from '../../../lib/one-line.ts';
import type { Account, Auth, SyncOptions } from '../session/account.ts';
import type { Collection } from '../session/collection.ts';
import type { Session } from '../session/session.ts';
import { EngineError } from '../process/engine-error.ts';
import type { Call, Handlers } from '../session/handler.ts';
import type { Response } from '../process/rpc.ts';

type Way = NonNullable<SyncOptions['full']>;

/** What the engine says is required beyond a normal sync: the ways of a full one, and why there are no others. */
const fullSyncs: Readonly<Record<number, { ways: readonly Way[]; because: string }>> = {
  2: {
    ways: ['upload', 'download'],
    because: 'The collection here and the one on the server can no longer be merged.',
  },
  3: { ways: ['download'], because: 'The collection here has no cards, the one on the server has.' },
  4: { ways: ['upload'], because: 'The collection on the server has no cards, the one here has.' },
};

const effects: Readonly<Record<Way, string>> = {
  upload: '--sync-full upload (what is on the server is lost)',
  download: '--sync-full download (what is here is lost, but for a backup)',
};

const isKind = (error: unknown, kind: string): boolean => error instanceof EngineError && error.kind === kind;

/** Syncs all that can be merged, with a new login if the token is no longer valid. */
async function merge(collection: Session): Promise<Response<'sync_collection'>> {
  const { account } = collection;
  const attempt = (auth: Auth) => collection.call('sync_collection', { auth, syncMedia: true });
  const auth = await account.auth(collection);
  try {
    return await attempt(auth);
  } catch (error) {
    if (!isKind(error, 'SYNC_AUTH_ERROR')) throw error;
    await account.forget();
    return attempt(await account.auth(collection));
  }
}

async function replace(collection: Session, way: Way, serverUsn: number): Promise<void> {
  if (way === 'download') {
    const backupFolder = join(dirname(collection.place.path), 'backups');
    await mkdir(backupFolder, { recursive: true });
    await collection.call('create_backup', { backupFolder, force: true, waitForCompletion: true });
  }
  const auth = await collection.account.auth(collection);
  await collection.call('full_upload_or_download', { auth, upload: way === 'upload', serverUsn });
}

/** The engine syncs media in the background: waits until that is done. */
async function mediaDone(collection: Collection, signal: AbortSignal | undefined): Promise<void> {
  const half = 'The collection was synced, but not all of its media';
  try {
    while ((await collection.call('media_sync_status', {})).active) await sleep(100);
  } catch (error) {
    throw error instanceof EngineError ? new AnkiRefused(`${half}: ${error.message}`) : error;
  }
  if (signal?.aborted) throw new AnkiRefused(`sync was cancelled. ${half}.`);
}

/** Which way the due full sync goes: only a person can say so, since it replaces a whole collection. */
function chosenWay(
  full: Account['full'],
  { required, serverMessage }: Response<'sync_collection'>,
): Way | undefined {
  const due = fullSyncs[required];
  if (!due) return undefined;
  if (full && due.ways.includes(full)) return full;
  const ways = due.ways.map((way) => effects[way]).join(' or ');
  throw new AnkiRefused(
    `${due.because} One has to replace the other, and nothing was done yet: a full sync has to be asked for by a person, in Anki, or by starting this server for once with ${ways}. ${serverMessage}`.trim(),
  );
}

async function syncAll(collection: Session, call: Call): Promise<void> {
  const { account } = collection;
  const reply = await merge(collection);
  if (reply.newEndpoint) await account.moved(reply.newEndpoint);
  const way = chosenWay(account.full, reply);
  if (way) await replace(collection, way, reply.serverMediaUsn);
  account.full = undefined;
  await collection.reset();
  await mediaDone(collection, call.signal);
  const message = inOneLine(account.mask(reply.serverMessage));
  if (message === '') return;
  call.progress?.(message);
  account.log(`the sync server says: ${message}`);
}

export const sync = {
  async sync(collection, _params, call) {
    try {
      await syncAll(collection, call);
      return null;
    } catch (error) {
      if (!(error instanceof AnkiRefused)) throw error;
      const words = collection.account.mask(error.message);
      throw words === error.message ? error : new AnkiRefused(words);
    }
  },
} satisfies Handlers<'sync'>;
