import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Origins } from '../anki-connect/origin.ts';
import { apiKey, type Config } from './config.ts';
import { UsageError } from '../contract/errors.ts';
import { isLoopback } from '../lib/listen.ts';

export interface ServeSettings {
  readonly host: string;
  readonly port: number;
  readonly apiKey: string | null;
  readonly origins: Origins;
}

/** Anki-Connect's own settings; those that mean nothing here are passed over. */
const file = z.looseObject({
  webBindAddress: z.string().default('127.0.0.1'),
  webBindPort: z.int().min(0).max(65_535).default(8765),
  apiKey: z.string().nullable().default(null),
  webCorsOriginList: z.array(z.string()).default(['http://localhost']),
  webCorsOrigin: z.string().nullish(),
  ignoreOriginList: z.array(z.string()).default([]),
});

/** What `serve` was told by its options and by a file. */
export function settingsOf(config: Config): ServeSettings {
  if (config.collection === undefined) {
    throw new UsageError('serve needs --collection PATH: the collection file to work on');
  }
  refuseToolOptions(config);
  const read = readFile(config.config);
  const host = config.bind ?? read.webBindAddress;
  const key = apiKey(config) ?? read.apiKey;
  if (!isLoopback(host) && !key && !config['allow-unauthenticated']) {
    throw new UsageError(
      `${host} can be reached from other machines, and whoever reaches it could read and delete everything: give --api-key-file PATH, or --allow-unauthenticated if something else keeps strangers out`,
    );
  }
  const { webCorsOriginList, webCorsOrigin, ignoreOriginList } = read;
  const allowed = [
    ...webCorsOriginList,
    ...(webCorsOrigin ? [webCorsOrigin] : []),
    ...(config['cors-origin'] ?? []),
  ];
  const origins = { allowed, ignored: ignoreOriginList };
  return { host, port: config.port ?? read.webBindPort, apiKey: key, origins };
}

/** They would look as if they guarded the collection. */
function refuseToolOptions(config: Config): void {
  const given = (['read-only', 'toolsets', 'tools', 'exclude-tools'] as const).find((name) => config[name]);
  if (given !== undefined) {
    throw new UsageError(`--${given} chooses the tools of MCP; serve answers every action`);
  }
}

function readFile(path: string | undefined): z.output<typeof file> {
  if (path === undefined) return file.parse({});
  let given: unknown;
  try {
    given = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    throw new UsageError(`--config ${path} cannot be read, or is not JSON`);
  }
  const parsed = file.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UsageError(`--config ${path}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
}
