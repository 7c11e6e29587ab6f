import { whenNeeded, type Backend } from '../contract/backend.ts';
import { apiKey, syncPassword, syncsUnasked, type Config } from './config.ts';
import type { EngineOptions } from '../backends/engine/options.ts';
import { refuseOtherExtension } from './new-collection.ts';
import type { CommandName } from './options.ts';
import { thisSystem } from './system.ts';

/** Opens the backend that the options choose. Its code is loaded by the first call, so that the start does not wait for it. */
export function openBackend(config: Config, log: (message: string) => void): Backend {
  const { collection, profile, url } = config;
  if (collection !== undefined) {
    const openEngine = engineOf(config, log);
    refuseOtherExtension(collection);
    const whenInUse = inUse[config.command];
    return whenNeeded('engine', collection, () => openEngine(collection, { whenInUse }));
  }
  const openDesktop = desktopOf(config);
  if (profile === undefined) return whenNeeded('anki-connect', url, openDesktop);
  const openEngine = engineOf(config, log);
  return whenNeeded('anki-connect', url, async () => {
    const { Profile } = await import('../backends/profile.ts');
    const { ankiFolder, collectionOf } = await import('./anki-folder.ts');
    const folder = config['anki-base'] ?? ankiFolder(thisSystem());
    const whenInUse = collectionInUse(profile, url);
    return new Profile({
      profile,
      desktop: await openDesktop(),
      engine: async (onOpen) => openEngine(await collectionOf(folder, profile), { whenInUse, onOpen }),
    });
  });
}

// Files with secrets are read at the start, so that an unreadable one ends the program with a usage error.

function desktopOf(config: Config): () => Promise<Backend> {
  const key = apiKey(config);
  return async () => {
    const { AnkiConnect } = await import('../backends/desktop/client.ts');
    const timeoutMs = config.timeout === undefined ? undefined : config.timeout * 1000;
    return new AnkiConnect({ url: config.url, apiKey: key, timeoutMs });
  };
}

function engineOf(config: Config, log: (message: string) => void) {
  const options = engineOptions(config, log);
  return async (collection: string, more: Partial<EngineOptions> = {}): Promise<Backend> => {
    const { Engine } = await import('../backends/engine/engine.ts');
    return new Engine({ ...options, collection, ...more });
  };
}

const engineOptions = (
  config: Config,
  log: (message: string) => void,
): Omit<EngineOptions, 'collection'> => ({
  profile: config.profile,
  mustExist: config['read-only'],
  python: config.python,
  engineDir: config['engine-dir'],
  ...idleTimes(config),
  sync: {
    url: config['sync-url'],
    user: config['sync-user'],
    password: syncPassword(config, process.env),
    tokenFile: config['sync-token-file'],
    full: config['sync-full'],
    backup: config.backup !== 'never',
    auto: syncsUnasked(config) ? {} : undefined,
  },
  importsAtOnce: config.command !== 'serve', // an MCP client has no dialog with an Import button
  log,
});

/** Returns how long the collection stays open without a call. With --profile shorter, as the user may start Anki at any time. */
function idleTimes({ idle, collection }: Config): Pick<EngineOptions, 'idleMs' | 'undoIdleMs'> {
  if (idle !== undefined) return { idleMs: idle * 1000, undoIdleMs: idle * 1000 };
  return collection === undefined
    ? { idleMs: 10_000, undoIdleMs: 60_000 }
    : { idleMs: 60_000, undoIdleMs: 600_000 };
}

/** Advice for commands that cannot work through a running Anki. */
const inUse: Readonly<Partial<Record<CommandName, string>>> = {
  serve: 'Close it there: the next request opens it here.',
  sync: 'Close it there, and try again.',
};

const collectionInUse = (profile: string, url: string): string =>
  `If Anki has the profile "${profile}" open, the Anki-Connect add-on is missing or does not listen at ${url}: install it (Tools > Add-ons > Get Add-ons, code 2055492159), or close Anki.`;
