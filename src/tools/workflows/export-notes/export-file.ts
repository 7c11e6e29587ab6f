import { createWriteStream } from 'node:fs';
import { lstat, rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { NotAllowed } from '../../../contract/errors.ts';
import { codeOf, messageOf } from '../../../lib/error.ts';
import { ankiMachine } from '../../files/anki-machine.ts';
import { exportTarget, type ExportTarget } from '../../files/export-target.ts';
import { formatSize } from '../../size.ts';
import type { Context } from '../../workflow.ts';
import type { Format } from './export-table.ts';

/** Endings of file names by format. Anki writes its own text exports as .txt. */
const endings: ReadonlyMap<string, Format> = new Map([
  ['.csv', 'csv'],
  ['.tsv', 'tsv'],
  ['.txt', 'tsv'],
]);

/** Returns the format that a path names. Throws NotAllowed for another ending. */
export function formatOf(path: string): { ending: string; format: Format } {
  for (const [ending, format] of endings) if (path.toLowerCase().endsWith(ending)) return { ending, format };
  throw new NotAllowed(`${path} does not end in ${[...endings.keys()].join(', ')}. Nothing was exported.`);
}

/** Checks the path of an export, and asks the user before a file is replaced. The file is on this computer. */
export async function approveTarget(context: Context, path: string, ending: string): Promise<ExportTarget> {
  const machine = await ankiMachine(context.backend, { ...(context.signal && { signal: context.signal }) });
  // This process writes the file itself, wherever Anki runs.
  const target = await exportTarget(path, ending, { ...machine, isHere: true });
  const { replaces } = target;
  if (replaces === undefined) return target;
  if (!context.canAsk) {
    throw new NotAllowed(
      `Nothing was exported: ${target.path} exists, and the user cannot be asked whether to replace it. Choose a new file name.`,
    );
  }
  const size = typeof replaces === 'number' ? formatSize(replaces) : replaces;
  const sentence = `Replace the file "${target.path}" (${size}) with an export of notes`;
  await context.approve({
    actions: ['exportNotes'],
    assess: async () => [{ kind: 'files', of: [sentence], describe: () => sentence }],
  });
  return target;
}

/** Writes a complete file under a new name, then renames it. */
export async function writeExport(
  { path, written, replaces }: ExportTarget,
  lines: AsyncIterable<string>,
): Promise<number> {
  try {
    await pipeline(Readable.from(lines), createWriteStream(written, { flags: 'wx' }));
    const { size } = await lstat(written);
    const existing = replaces === undefined && (await lstat(path).catch(() => undefined));
    if (existing) throw new Error('a file of that name was made meanwhile');
    await rename(written, path);
    return size;
  } catch (error) {
    await rm(written, { force: true }).catch(() => {});
    if (codeOf(error) === '') throw error;
    throw new NotAllowed(`${path} could not be written (${messageOf(error)}). Nothing was exported.`, {
      cause: error,
    });
  }
}
