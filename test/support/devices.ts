import { onTestFinished } from 'vitest';
import { Engine } from '../../src/backends/engine/engine.ts';
import type { EngineOptions } from '../../src/backends/engine/options.ts';
import type { SyncOptions } from '../../src/backends/engine/session/account.ts';
import type { SyncTimes } from '../../src/backends/engine/session/account.ts';
import { temporaryEngine } from './collection.ts';
import { addNotes } from './guarded-server.ts';
import { heldServer } from './held-server.ts';
import { password, startSyncServer, user } from './sync-server.ts';
import { temporaryFolder } from './temporary-folder.ts';

const never = 1e9;
/** With these times, nothing is synced without being asked but before the first call. */
const onlyAtFirst: SyncTimes = {
  stale: never,
  wait: never,
  quiet: never,
  atMost: never,
  last: 60_000,
  retry: never,
  maxRetry: never,
};

const retryAtOnce = { retry: 1, maxRetry: 1 };
/** Times for a sync right after each change. */
export const afterChanges: Partial<SyncTimes> = { quiet: 1, atMost: 1, ...retryAtOnce };
/** Times for a sync before each call, unless changes wait for theirs. */
export const beforeCalls: Partial<SyncTimes> = { stale: 0, ...retryAtOnce };

/** Creates a collection that syncs with this server at these times, until the test ends. */
export function device(
  url: string,
  times?: Partial<SyncTimes>,
  sync: SyncOptions = {},
  options: Partial<EngineOptions> = {},
) {
  const logged: string[] = [];
  const account = { url, user, password, tokenFile: `${temporaryFolder()}/token.json` };
  const temporary = temporaryEngine({
    sync: { ...account, auto: times && { ...onlyAtFirst, ...times }, ...sync },
    importsAtOnce: true,
    log: (message) => logged.push(message),
    ...options,
  });
  onTestFinished(temporary.close);
  return { ...temporary, logged };
}

/**
 * Starts Anki's sync server with two collections of the same content: ours, which syncs at these times through a relay that
 * can hold requests, and that of a phone.
 */
export async function twoDevices(times: Partial<SyncTimes>) {
  const server = await startSyncServer();
  onTestFinished(server.close);
  const phone = device(server.url, undefined, { full: 'upload' });
  await addNotes(phone.engine, 'D', ['first']);
  await phone.engine.call('sync', {});
  const relay = await heldServer(server.url);
  onTestFinished(relay.close);
  const here = device(relay.url, times, { full: 'download-if-empty' });
  return { server, relay, phone: phone.engine, here: here.engine, folder: here.folder, logged: here.logged };
}

/** Replaces the collection on the server by that of an engine, as a person does after a change of a note type. */
export async function upload(engine: Engine, url: string): Promise<void> {
  await engine.close();
  const tokenFile = `${temporaryFolder()}/token.json`;
  const sync = { url, user, password, tokenFile, full: 'upload' } as const;
  const again = new Engine({ collection: engine.place, log: () => {}, sync });
  await again.call('sync', {});
  await again.close();
}

/** Returns the first fields of all notes, in alphabetical order. */
export async function frontsOf(engine: Engine): Promise<string[]> {
  const notes = await engine.call('notesInfo', { query: '' });
  return notes.flatMap(({ fields }) => fields?.['Front']?.value ?? []).toSorted();
}

/** Syncs, and returns the same. */
export async function syncedFronts(engine: Engine): Promise<string[]> {
  await engine.call('sync', {});
  return frontsOf(engine);
}
