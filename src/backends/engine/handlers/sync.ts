import { mkdir, readdir, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallOptions } from '../../../contract/backend.ts';
import { AnkiRefused } from '../../../contract/errors.ts';
import { messageOf } from '../../../lib/error.ts';
import { deleteWorkFolder, makeWorkFolder } from '../../../lib/work-folder.ts';
import { inOneLine } from '../../../lib/one-line.ts';
import type { Auth, FullSync } from '../session/account.ts';
import type { SyncCall, Synced } from '../session/auto-sync.ts';
import type { Collection } from '../session/collection.ts';
import type { Session } from '../session/session.ts';
import { EngineError, isLoginRefused } from '../process/engine-error.ts';
import { plain, withProgress } from '../process/progress.ts';
import type { HandlerCall, Handlers } from '../session/handler.ts';
import type { RpcResponse } from '../process/rpc.ts';

type Direction = 'upload' | 'download';

type BackingUp = Pick<HandlerCall, 'backUp' | 'report'>;

/** The engine's `required` value if the collection here has no cards. */
const localIsEmpty = 3;

/** Possible directions of a full sync by the engine's `required` value, and the reason. */
const fullSyncs: Readonly<Record<number, { directions: readonly Direction[]; reason: string }>> = {
  2: {
    directions: ['upload', 'download'],
    reason: 'The collection here and the one on the server can no longer be merged.',
  },
  [localIsEmpty]: {
    directions: ['download'],
    reason: 'The collection here has no cards, but the one on the server has some.',
  },
  4: {
    directions: ['upload'],
    reason: 'The collection on the server has no cards, but the one here has some.',
  },
};

const effects: Readonly<Record<Direction, string>> = {
  upload: '--sync-full upload (deletes the collection on the server)',
  download: '--sync-full download (replaces the collection here)',
};

/** Merges the changes of both sides. Logs in again if the token is no longer valid. */
async function mergeChanges(collection: Session): Promise<RpcResponse<'sync_collection'>> {
  const { account } = collection;
  const attempt = (auth: Auth) => collection.call('sync_collection', { auth, syncMedia: true });
  const auth = await account.auth(collection);
  try {
    return await attempt(auth);
  } catch (error) {
    if (!isLoginRefused(error)) throw error;
    await account.forget();
    return attempt(await account.auth(collection));
  }
}

/** Carries out a full sync. The permission ends with the attempt, but not if no backup could be made before it. */
async function replaceCollection(
  collection: Session,
  direction: Direction,
  serverUsn: number,
  call: BackingUp,
): Promise<void> {
  const { account } = collection;
  const isDownload = direction === 'download';
  const backup = isDownload && account.backsUp ? await saveReplaced(collection, call) : undefined;
  const auth = await account.auth(collection);
  if (account.full === direction) account.full = undefined;
  await collection.call('full_upload_or_download', { auth, upload: !isDownload, serverUsn });
  const kept =
    backup === undefined ? 'No backup of it was made (--backup never)' : `It is saved as ${backup}`;
  const done = isDownload
    ? `The collection here was replaced by the one on the server. ${kept}.`
    : 'The collection on the server was replaced by the one here.';
  account.log(done);
  call.report?.(done);
}

/** Saves the collection that a full download replaces, in the folder where Anki's own backups are. Returns the path. */
async function saveReplaced({ place }: Session, { backUp }: BackingUp): Promise<string> {
  let partial: string | undefined;
  try {
    const folder = join(dirname(place.path), 'backups');
    await mkdir(folder, { recursive: true });
    partial = await makeWorkFolder(folder, '.partial-');
    const isMade = await backUp(partial);
    const [name] = await readdir(partial);
    if (!isMade || name === undefined) throw new Error('Anki made no backup file');
    const path = await unusedPath(join(folder, name));
    await rename(join(partial, name), path);
    return path;
  } catch (error) {
    throw new AnkiRefused(
      `A full sync would replace the collection here, but no backup of it could be made (${messageOf(error)}). The collection here was not replaced. Solve this problem and sync again. With --backup never, a full download loses the collection here.`,
    );
  } finally {
    if (partial !== undefined) await deleteWorkFolder(partial);
  }
}

/** Returns the path, or a similar one if a file has it already: Anki's names differ by the second. */
async function unusedPath(path: string): Promise<string> {
  const exists = await stat(path).then(
    () => true,
    () => false,
  );
  return exists ? unusedPath(path.replace(/(\.colpkg)?$/, '-2$1')) : path;
}

/** Waits until the engine has synced the media in the background. */
async function waitForMedia(collection: Collection, { signal, progress }: CallOptions): Promise<void> {
  const partial = 'The collection was synced, but not all of its media';
  let last = '';
  try {
    for (;;) {
      const status = await collection.call('media_sync_status', {});
      if (!status.active) break;
      if (signal?.aborted) await collection.call('abort_media_sync', {});
      const { checked = '', added = '', removed = '' } = status.progress ?? {};
      const message = checked === '' ? last : plain(`Media: ${checked}, ${added}, ${removed}`);
      if (message !== last) progress?.(message);
      last = message;
      await sleep(100);
    }
  } catch (error) {
    throw error instanceof EngineError ? new AnkiRefused(`${partial}: ${error.message}`) : error;
  }
  if (signal?.aborted) throw new AnkiRefused(`sync was cancelled. ${partial}.`);
}

/** Returns the direction of the required full sync. Only a person may choose it, because it replaces a collection. */
function fullSyncDirection(
  full: FullSync | undefined,
  { required, serverMessage }: RpcResponse<'sync_collection'>,
): Direction | undefined {
  const fullSync = fullSyncs[required];
  if (!fullSync) return undefined;
  if (full === 'download-if-empty' && required === localIsEmpty) return 'download';
  const allowed = fullSync.directions.find((direction) => direction === full);
  if (allowed) return allowed;
  const options = fullSync.directions.map((direction) => effects[direction]).join(' or ');
  throw new AnkiRefused(
    `${fullSync.reason} A full sync is required, in which one replaces the other. Nothing was changed. A person must choose: sync in Anki, or close this server and run "ankiwright sync" once with ${options}. ${serverMessage}`.trim(),
  );
}

/** Syncs the collection without its media. Returns the message of the server, and whether a full sync was carried out. */
function syncCollection(
  collection: Session,
  full: FullSync | undefined,
  call: BackingUp & Pick<SyncCall, 'onDownload'>,
): Promise<{ message: string; isReplaced: boolean }> {
  const { account } = collection;
  return masked(collection, async () => {
    const reply = await mergeChanges(collection);
    if (reply.newEndpoint) await account.setEndpoint(reply.newEndpoint);
    const direction = fullSyncDirection(full, reply);
    if (direction === 'download') call.onDownload?.();
    if (direction) await replaceCollection(collection, direction, reply.serverMediaUsn, call);
    account.synced();
    const message = inOneLine(account.mask(reply.serverMessage));
    if (message !== '') account.log(`the sync server says: ${message}`);
    return { message, isReplaced: direction !== undefined };
  });
}

async function syncAll(collection: Session, call: HandlerCall): Promise<void> {
  const { full } = collection.account;
  const { message } = await call.observeSync(() => syncCollection(collection, full, call));
  await collection.reset();
  await call.afterwards(() => masked(collection, () => waitForMedia(collection, call)));
  if (message !== '') call.progress?.(message);
}

/** Syncs without being asked. Replaces no collection, except an empty one here if that is allowed. */
export async function syncUnasked(
  collection: Session,
  { backUp, ...call }: SyncCall & Pick<HandlerCall, 'backUp'>,
): Promise<Synced> {
  const { account } = collection;
  const full = account.full === 'download-if-empty' ? account.full : undefined;
  const { message, isReplaced } = await withProgress(collection, 'sync', call, () =>
    syncCollection(collection, full, { ...call, backUp }),
  );
  if (isReplaced) await collection.reset();
  else await collection.resume(); // a card that is being answered stays
  return { message, media: masked(collection, () => waitForMedia(collection, call)) };
}

/** Runs work without the password and the token in its errors. */
async function masked<T>({ account }: Session, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AnkiRefused)) throw error;
    if (error instanceof EngineError) throw new EngineError(account.mask(error.original), error.kind);
    throw new AnkiRefused(account.mask(error.message));
  }
}

export const sync = {
  async sync(collection, _params, call) {
    if (call.strict) collection.account.require();
    await syncAll(collection, call);
    return null;
  },
} satisfies Handlers<'sync'>;
