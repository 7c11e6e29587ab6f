import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Origins } from '../anki-connect/origin.ts';
import { UsageError } from '../contract/errors.ts';
import { isLoopback } from '../lib/loopback.ts';
import { apiKey, type Config } from './config.ts';
import { optionTable } from './options.ts';

export interface ServeSettings {
  readonly host: string;
  readonly port: number;
  readonly apiKey: string | null;
  readonly origins: Origins;
}

/** Anki-Connect's own settings. Those that have no meaning for `serve` are ignored. */
const settingsFile = z.looseObject({
  webBindAddress: z.string().default('127.0.0.1'),
  webBindPort: z.int().min(0).max(65_535).default(8765),
  apiKey: z.string().nullable().default(null),
  webCorsOriginList: z.array(z.string()).default(['http://localhost']),
  webCorsOrigin: z.string().nullish(),
  ignoreOriginList: z.array(z.string()).default([]),
});

/** Returns the settings of `serve`, from its options and from the file of --config. */
export function serveSettings(config: Config): ServeSettings {
  if (config.collection === undefined) {
    throw new UsageError('serve needs --collection PATH: the collection file to work on');
  }
  refuseRestrictions(config);
  const file = readSettings(config.config);
  const host = config.bind ?? file.webBindAddress;
  const key = apiKey(config) ?? file.apiKey;
  if (!isLoopback(host) && !key && !config['allow-unauthenticated']) {
    throw new UsageError(
      `${host} can be reached from other machines, and everybody who reaches it could read and delete everything: set a key with --api-key-file PATH, or --allow-unauthenticated if something else protects the port`,
    );
  }
  const { webCorsOriginList, webCorsOrigin, ignoreOriginList } = file;
  const allowed = [
    ...webCorsOriginList,
    ...(webCorsOrigin ? [webCorsOrigin] : []),
    ...(config['cors-origin'] ?? []),
  ];
  const origins = { allowed, ignored: ignoreOriginList };
  return { host, port: config.port ?? file.webBindPort, apiKey: key, origins };
}

/** `serve` runs every action, so a restriction that it ignored would only seem to protect the collection. */
function refuseRestrictions(config: Config): void {
  const values = new Map<string, unknown>(Object.entries(config));
  const [name, option] = optionTable.find(([key, { restricts }]) => restricts && values.get(key)) ?? [];
  if (name === undefined) return;
  throw new UsageError(
    `serve runs every action and cannot apply --${name}: remove ${option?.env ?? 'the option'} from the environment of serve`,
  );
}

function readSettings(path: string | undefined): z.output<typeof settingsFile> {
  if (path === undefined) return settingsFile.parse({});
  let settings: unknown;
  try {
    settings = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    throw new UsageError(`--config ${path} cannot be read, or is not JSON`);
  }
  const parsed = settingsFile.safeParse(settings);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UsageError(`--config ${path}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
}
