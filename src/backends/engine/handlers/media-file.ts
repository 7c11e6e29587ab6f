import { createHash } from 'node:crypto';
import { lstat, readFile, realpath, stat } from 'node:fs/promises';
import { constants } from 'node:os';
import { basename, dirname } from 'node:path';
import { AnkiRefused } from '../../../contract/errors.ts';
import { decodeBase64 } from './base64.ts';
import type { Collection } from '../session/collection.ts';
import { repr, truthy, typeName } from '../../../anki-connect/python.ts';
import { str, text } from '../session/python.ts';
import type { Json } from '../../../lib/json.ts';

type Value = Json | undefined;

/** Unchecked parameters of a file to store. */
export interface MediaFile {
  readonly filename?: Value;
  readonly data?: Value;
  readonly path?: Value;
  readonly url?: Value;
  readonly skipHash?: Value;
}

const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'code' in error;

export const isMissing = (error: unknown): boolean => isSystemError(error) && error.code === 'ENOENT';

/** Returns the error of a failed read, with the message that Python gives it. */
export function readError(error: unknown, path: string): AnkiRefused {
  if (error instanceof AnkiRefused) return error;
  if (!isSystemError(error)) return new AnkiRefused(`Cannot read ${path}: ${String(error)}.`);
  const number =
    new Map<string, number>(Object.entries(constants.errno)).get(error.code ?? '') ?? error.errno;
  // Node has another message for EISDIR.
  const reason =
    error.code === 'EISDIR'
      ? 'is a directory'
      : (/^\w+: (.*?)(?:, |$)/.exec(error.message)?.[1] ?? error.message);
  return new AnkiRefused(
    `[Errno ${number}] ${reason.charAt(0).toUpperCase()}${reason.slice(1)}: ${repr(path)}`,
  );
}

async function readPath(path: Value): Promise<Buffer> {
  // Python would use a number as a descriptor of a file that Anki has open.
  if (typeof path !== 'string') throw new AnkiRefused(`"path" must be the path of a file, not ${str(path)}.`);
  try {
    const found = await stat(path);
    // Reading a device might never end. Reading a folder fails.
    if (found.isFile() || found.isDirectory()) return await readFile(path);
  } catch (error) {
    throw readError(error, path);
  }
  throw new AnkiRefused(`${path} is not a file.`);
}

async function loadContent({ data, path, url }: MediaFile): Promise<Buffer> {
  if (truthy(data)) return decodeBase64(data);
  if (truthy(path)) return readPath(path);
  if (truthy(url)) return (await import('../process/download.ts')).download(str(url));
  throw new AnkiRefused('You must provide a "data", "path", or "url" field.');
}

/** Returns the name that Anki gives a file in the media folder, but in the original letter case. */
export function cleanName(filename: Value): string {
  if (typeof filename !== 'string') {
    throw new AnkiRefused(`expected str, bytes or os.PathLike object, not ${typeName(filename)}`);
  }
  const path = text(filename);
  const name = path
    .slice(path.lastIndexOf('/') + 1)
    .normalize('NFC')
    .replaceAll(/[\][><:"?*^\\|\0\r\n]/g, '');
  if (name === '') throw new AnkiRefused(`"filename" is '${path}', which contains no file name.`);
  return name;
}

/** Reads a file in the media folder. Refuses links that lead out of the folder, and pipes, which could block forever. */
export async function readMediaFile(collection: Collection, name: string): Promise<Buffer> {
  const path = collection.mediaFile(name);
  if ((await lstat(path)).isSymbolicLink()) {
    const [file, folder] = await Promise.all([realpath(path), realpath(collection.place.media)]);
    if (dirname(file) !== folder) {
      throw new AnkiRefused(
        `${name} is a link to a file outside the media folder. Such links are not followed.`,
      );
    }
  }
  const found = await stat(path);
  if (!found.isFile() && !found.isDirectory()) throw new AnkiRefused(`${name} is not a file.`);
  return readFile(path);
}

/** Stores a file. Returns the stored name, or undefined if the content has the hash `skipHash`. */
export async function storeFile(
  collection: Collection,
  file: MediaFile,
  deleteExisting: boolean,
): Promise<string | undefined> {
  const desiredName = cleanName(file.filename);
  const data = await loadContent(file);
  const { skipHash = null } = file;
  if (skipHash !== null && createHash('md5').update(data).digest('hex') === skipHash) return undefined;
  // Deletes by the original name, although Anki may store the new file under another one.
  if (deleteExisting) await trashFile(collection, text(file.filename));
  await refuseLink(collection, desiredName.toLowerCase());
  return (await collection.call('add_media_file', { desiredName, data })).val;
}

/** Throws if the name belongs to a link or a pipe. Anki would write to the target of a link, and block on a pipe. */
async function refuseLink(collection: Collection, name: string): Promise<void> {
  const found = await lstat(collection.mediaFile(name)).catch(() => undefined);
  if (found && !found.isFile() && !found.isDirectory()) {
    throw new AnkiRefused(
      `Cannot store ${name}: in the media folder this is a link or a pipe. Choose another name.`,
    );
  }
}

/** Moves a file to the trash. Anki itself would also move a folder: for an empty name, the complete media folder. */
export async function trashFile(collection: Collection, name: string): Promise<void> {
  if (name !== basename(name) || name.includes('\0')) return;
  const found = await lstat(collection.mediaFile(name)).catch(() => undefined);
  if (found?.isDirectory()) {
    throw new AnkiRefused(
      `'${name}' is a folder, not a file: deleting it would delete all files in it. Pass the name of a file.`,
    );
  }
  // Anki opens the file before it moves it, and would block on a pipe.
  if (found && !found.isFile() && !found.isSymbolicLink()) throw new AnkiRefused(`${name} is not a file.`);
  if (found) await collection.call('trash_media_files', { fnames: [name] });
}
