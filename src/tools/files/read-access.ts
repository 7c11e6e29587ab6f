import { realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { echo } from '../../lib/cut.ts';
import { NotAllowed } from '../../contract/errors.ts';

/** What an assistant may read of this computer. */
export interface ReadPolicy {
  /** Allowed folders, including their subfolders. */
  readonly dirs: readonly string[];
  /** Paths outside these folders that the user confirmed, with the real path that the user saw. */
  readonly confirmed?: ReadonlyMap<string, string>;
}

export const isBelow = (path: string, folder: string): boolean => {
  const rest = relative(folder, path);
  return rest !== '' && rest !== '..' && !rest.startsWith(`..${sep}`) && !isAbsolute(rest);
};

const isWithin = (path: string, folder: string): boolean => path === folder || isBelow(path, folder);

/** A path that makes Windows contact another computer, or open a device. */
export const isRemotePath = (path: string): boolean => sep === '\\' && /^[\\/]{2}/.test(path);

/**
 * Returns the real path if the file or folder may be read without a question, otherwise undefined. A path that does not begin with
 * an allowed folder is not looked up, so that the result does not depend on whether it exists.
 */
export async function allowedPath(path: string, { dirs }: ReadPolicy): Promise<string | undefined> {
  const folders = await Promise.all(dirs.map((dir) => realpath(dir).catch(() => resolve(dir))));
  const isInside = [...dirs, ...folders].some((folder) => isWithin(resolve(path), resolve(folder)));
  if (!isAbsolute(path) || !isInside) return undefined;
  const real = await realpath(path);
  return folders.some((folder) => isWithin(real, folder)) ? real : undefined;
}

/** Returns the real path of a file that may be read: below an allowed folder, or confirmed. Throws NotAllowed. */
export async function readablePath(path: string, policy: ReadPolicy): Promise<string> {
  try {
    const allowed = await allowedPath(path, policy);
    if (allowed !== undefined) return allowed;
    const confirmed = policy.confirmed?.get(path);
    if (confirmed !== undefined) {
      if ((await realpath(path)) === confirmed) return confirmed;
      throw new NotAllowed(`${echo(path)} leads to another file than the user confirmed. It was not read.`);
    }
  } catch (error) {
    throw unreadable(path, error);
  }
  const { dirs } = policy;
  const scope = dirs.length > 0 ? `only files below ${dirs.join(', ')} are` : 'no file of this computer is';
  throw new NotAllowed(
    `${echo(path)} is not allowed: ${scope}. The user can allow a folder with the server option --allow-dir FOLDER, or confirm each path in a client that supports questions (MCP elicitation).`,
  );
}

/** Returns the error for a file that may be read but cannot be. */
export function unreadable(path: string, error: unknown): Error {
  if (error instanceof NotAllowed) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  const reason = code === 'ENOENT' ? 'the file does not exist' : code;
  return new NotAllowed(`${echo(path)} cannot be read (${reason}).`, { cause: error });
}
