import { createHash } from 'node:crypto';
import { lstat, readFile, realpath, stat } from 'node:fs/promises';
import { constants } from 'node:os';
import { basename, dirname } from 'node:path';
import { AnkiRefused } from '../../../contract/errors.ts';
import { decodeBase64 } from './base64.ts';
import type { Collection } from '../session/collection.ts';
import { repr, truthy } from '../../../anki-connect/python.ts';
import { str, text } from '../session/python.ts';
import type { Json } from '../../../lib/json.ts';

type Value = Json | undefined;

/** A file to store, as it comes over the wire. */
export interface MediaFile {
  readonly filename?: Value;
  readonly data?: Value;
  readonly path?: Value;
  readonly url?: Value;
  readonly skipHash?: Value;
}

const hasCode = (error: unknown): error is NodeJS.ErrnoException => error instanceof Error && 'code' in error;

export const isMissing = (error: unknown): boolean => hasCode(error) && error.code === 'ENOENT';

/** Why the system refused, as Python words it. */
export function refusedRead(error: unknown, path: string): AnkiRefused {
  if (error instanceof AnkiRefused) return error;
  if (!hasCode(error)) return new AnkiRefused(`${path} cannot be read: ${String(error)}.`);
  const number =
    new Map<string, number>(Object.entries(constants.errno)).get(error.code ?? '') ?? error.errno;
  const words = /^\w+: (.*?)(?:, |$)/.exec(error.message)?.[1] ?? error.message;
  return new AnkiRefused(
    `[Errno ${number}] ${words.charAt(0).toUpperCase()}${words.slice(1)}: ${repr(path)}`,
  );
}

async function readPath(path: Value): Promise<Buffer> {
  // Python would take a number for an open file of Anki's own.
  if (typeof path !== 'string') throw new AnkiRefused(`"path" must be the path of a file, not ${str(path)}.`);
  try {
    // A device would be read without end.
    if ((await stat(path)).isFile()) return await readFile(path);
  } catch (error) {
    throw refusedRead(error, path);
  }
  throw new AnkiRefused(`${path} is not a file.`);
}

async function contentOf({ data, path, url }: MediaFile): Promise<Buffer> {
  if (truthy(data)) return decodeBase64(data);
  if (truthy(path)) return readPath(path);
  if (truthy(url)) return (await import('../process/download.ts')).download(str(url));
  throw new AnkiRefused('You must provide a "data", "path", or "url" field.');
}

/** The name Anki gives a file in the media folder, but for its capitals. */
export function cleanName(filename: Value): string {
  const given = text(filename);
  const name = given
    .slice(given.lastIndexOf('/') + 1)
    .normalize('NFC')
    .replaceAll(/[\][><:"?*^\\|\0\r\n]/g, '');
  if (name === '') throw new AnkiRefused(`"filename" is '${given}', which names no file.`);
  return name;
}

/** What stands in a file of the media folder: a link that leads out of it is not followed, a pipe not waited for. */
export async function readFileNamed(collection: Collection, name: string): Promise<Buffer> {
  const path = collection.mediaFile(name);
  if ((await lstat(path)).isSymbolicLink()) {
    const [file, folder] = await Promise.all([realpath(path), realpath(collection.place.media)]);
    if (dirname(file) !== folder) {
      throw new AnkiRefused(`${name} is a link out of the media folder, and such links are not followed.`);
    }
  }
  const found = await stat(path);
  if (!found.isFile() && !found.isDirectory()) throw new AnkiRefused(`${name} is not a file.`);
  return readFile(path);
}

/** Stores a file and answers its real name, or nothing where its content is what `skipHash` says to skip. */
export async function storeFile(
  collection: Collection,
  file: MediaFile,
  deleteExisting: boolean,
): Promise<string | undefined> {
  const desiredName = cleanName(file.filename);
  const data = await contentOf(file);
  const { skipHash = null } = file;
  if (skipHash !== null && createHash('md5').update(data).digest('hex') === skipHash) return undefined;
  // The file that gives way is the one of the name as given, although the stored name may come out otherwise.
  if (deleteExisting) await trashFile(collection, text(file.filename));
  await refuseLink(collection, desiredName.toLowerCase());
  return (await collection.call('add_media_file', { desiredName, data })).val;
}

/** Anki would write where a link leads, and wait for a pipe. */
async function refuseLink(collection: Collection, name: string): Promise<void> {
  const found = await lstat(collection.mediaFile(name)).catch(() => undefined);
  if (found && !found.isFile() && !found.isDirectory()) {
    throw new AnkiRefused(
      `${name} in the media folder is a link or a pipe, and nothing is stored there. Choose another name.`,
    );
  }
}

/** Moves a file to the trash. Anki itself would move a folder as well: for an empty name, that of all media. */
export async function trashFile(collection: Collection, name: string): Promise<void> {
  if (name !== basename(name) || name.includes('\0')) return;
  const found = await lstat(collection.mediaFile(name)).catch(() => undefined);
  if (found?.isDirectory()) {
    throw new AnkiRefused(
      `'${name}' names no file but a folder, and that would go to the trash with all in it.`,
    );
  }
  // Anki opens what it moves, and would wait for a pipe.
  if (found && !found.isFile() && !found.isSymbolicLink()) throw new AnkiRefused(`${name} is not a file.`);
  if (found) await collection.call('trash_media_files', { fnames: [name] });
}
