import { stat } from 'node:fs/promises';
import { dirname, isAbsolute } from 'node:path';
import { findPython, installed } from '../backends/engine/process/install.ts';
import { UsageError } from '../contract/errors.ts';
import { messageOf } from '../lib/error.ts';
import { isLoopback } from '../lib/loopback.ts';
import { ankiFolder, collectionOf } from './anki-folder.ts';
import type { Config } from './config.ts';
import { serverOptions } from './mcp.ts';
import type { Program } from './program.ts';
import type { System } from './system.ts';

/** Throws an error that says why the server would not start with these options, or why each of its calls would fail. */
export async function checkStart(
  config: Config,
  program: Program,
  system: System,
  pythonTimeoutMs?: number,
): Promise<void> {
  serverOptions(config, program);
  if (config.collection === undefined) await checkDesktop(config, system);
  else await checkCollection(config.collection);
  if (config.python !== undefined || (config.collection !== undefined && !(await isEngineInstalled(config))))
    await findPython(config.python, pythonTimeoutMs);
}

const isEngineInstalled = async ({ 'engine-dir': engineDir }: Config): Promise<boolean> =>
  (await installed({ engineDir })) !== undefined;

async function checkDesktop({ url, profile, 'anki-base': base }: Config, system: System): Promise<void> {
  const { AnkiConnect } = await import('../backends/desktop/client.ts');
  try {
    void new AnkiConnect({ url });
  } catch (error) {
    throw new UsageError(messageOf(error), { cause: error });
  }
  // The profiles of an Anki on another computer are not known here.
  const isHere = base !== undefined || isLoopback(new URL(url).hostname);
  if (profile !== undefined && isHere) await collectionOf(base ?? ankiFolder(system), profile);
}

async function checkCollection(path: string): Promise<void> {
  if (!isAbsolute(path)) throw new UsageError(`--collection ${path} is not an absolute path`);
  const folder = await stat(dirname(path)).catch(() => undefined);
  if (!folder?.isDirectory())
    throw new UsageError(`the folder of the collection, ${dirname(path)}, does not exist`);
  const file = await stat(path).catch(() => undefined);
  if (file !== undefined && !file.isFile()) throw new UsageError(`--collection ${path} is not a file`);
}
