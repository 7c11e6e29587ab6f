import { randomBytes } from 'node:crypto';
import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, join, posix, resolve, win32 } from 'node:path';
import { NotAllowed } from '../../contract/errors.ts';
import { codeOf } from '../../lib/error.ts';
import type { AnkiMachine } from './anki-machine.ts';
import { isOwnFile } from './own-files.ts';
import { isRemotePath } from './read-access.ts';

/** A file that an export writes. */
export interface ExportTarget {
  /** Real path of the file. */
  readonly path: string;
  /** The path that Anki writes. On this computer it is a new name next to `path`, renamed when the file is complete. */
  readonly written: string;
  /** Size in bytes of the file that is replaced, 'unknown' on another computer, or undefined for a new file. */
  readonly replaces: number | 'unknown' | undefined;
}

const refuse = (path: string, reason: string): never => {
  throw new NotAllowed(`${path} ${reason} Nothing was exported.`);
};

/** Throws NotAllowed for a path that no export may have on any computer. */
function checkName(path: string, ending: string): void {
  if (!path.toLowerCase().endsWith(ending))
    refuse(path, `does not end in ${ending}, the format of this export.`);
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(path)) refuse(path, 'contains control characters.');
  if (isRemotePath(path)) refuse(path, 'is a path on another computer or a device.');
}

function checkVisible(path: string): void {
  if (path.split(/[\\/]/).some((part) => part.startsWith('.')))
    refuse(path, 'is in a hidden folder or is a hidden file (a part of the path begins with a dot).');
}

/** Checks the path of an export. Throws NotAllowed if no file may be written there. */
export async function exportTarget(
  path: string,
  ending: string,
  machine: AnkiMachine,
): Promise<ExportTarget> {
  checkName(path, ending);
  if (!machine.isHere) return remoteTarget(path, machine);
  if (!posix.isAbsolute(path) && !win32.isAbsolute(path)) refuse(path, 'is not an absolute path.');
  const folder = await realpath(dirname(resolve(path))).catch((error: unknown) =>
    refuse(path, `cannot be written: its folder cannot be opened (${codeOf(error)}).`),
  );
  const real = join(folder, basename(path));
  checkVisible(real);
  if (await isOwnFile(real, machine)) {
    refuse(path, "belongs to the collection's own files (collection, logs, media and backups).");
  }
  const existing = await lstat(real).catch((error: unknown) =>
    codeOf(error) === 'ENOENT' ? undefined : refuse(path, `cannot be written (${codeOf(error)}).`),
  );
  if (existing && !existing.isFile()) refuse(path, 'exists and is not a regular file.');
  const written = join(folder, `ankiwright-${randomBytes(6).toString('hex')}${ending}`);
  return { path: real, written, replaces: existing?.size };
}

/** Checks a path on a computer whose files we cannot see, as far as its text allows. */
function remoteTarget(path: string, { mediaFolder }: AnkiMachine): ExportTarget {
  const system = posix.isAbsolute(mediaFolder) ? posix : win32;
  if (!system.isAbsolute(path)) refuse(path, 'is not an absolute path.');
  const target = system.normalize(path);
  checkVisible(target);
  if (target.toLowerCase().startsWith(system.normalize(mediaFolder).toLowerCase()))
    refuse(path, 'is in the media folder.');
  return { path: target, written: target, replaces: 'unknown' };
}
