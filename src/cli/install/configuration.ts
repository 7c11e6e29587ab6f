import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import { basename, dirname } from 'node:path';
import { Refused } from './refused.ts';

/** The content of a client's configuration file; `bytes` is undefined if there is no file. */
export interface Configuration {
  readonly path: string;
  /** The text without its byte order mark. */
  readonly text: string;
  readonly bytes: Buffer | undefined;
}

const byteOrderMark = '\uFEFF';
const maxBytes = 64 * 1024 * 1024;
const maxBackups = 3;
const byHand = 'Or add the entry by hand: --print prints it.';

/** Reads a configuration file that may not exist. */
export function readConfiguration(path: string): Configuration {
  const bytes = bytesOf(path);
  if (bytes === undefined) return { path, text: '', bytes };
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return { path, bytes, text: text.startsWith(byteOrderMark) ? text.slice(1) : text };
  } catch {
    throw new Refused(`${path} is not UTF-8 text. Save it as UTF-8 in an editor and try again. ${byHand}`);
  }
}

function bytesOf(path: string): Buffer | undefined {
  try {
    const stats = fs.lstatSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return undefined;
    const { size } = fs.statSync(path);
    if (size > maxBytes)
      throw new Refused(
        `${path} is too large for a configuration file (${size} bytes, at most ${maxBytes}).`,
      );
    return fs.readFileSync(path);
  } catch (error) {
    throw toRefused(error, `${path} cannot be read`);
  }
}

/**
 * Replaces the file by a new text in one step. Keeps its byte order mark, mode and owner, follows links, and saves a backup
 * next to it. Returns undefined if another program changed the file since it was read.
 */
export function replaceConfiguration(
  configuration: Configuration,
  text: string,
): { backup: string | undefined } | undefined {
  const { path, bytes } = configuration;
  try {
    if (bytes === undefined) fs.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const target = bytes === undefined ? path : fs.realpathSync(path);
    const stats = bytes === undefined ? undefined : fs.statSync(target);
    for (const written of [target, dirname(target)]) refuseReadOnly(written);
    const hasMark = bytes?.subarray(0, 3).equals(Buffer.from(byteOrderMark));
    return exchange(configuration, target, stats, hasMark ? byteOrderMark + text : text);
  } catch (error) {
    throw toRefused(error, `${path} cannot be written`);
  }
}

function exchange({ path, bytes }: Configuration, target: string, stats: fs.Stats | undefined, text: string) {
  const draft = `${target}.${randomUUID()}.tmp`;
  try {
    writeNew(draft, text, stats);
    const current = bytesOf(path);
    if (current === undefined ? bytes !== undefined : !bytes?.equals(current)) return undefined;
    const backup = bytes && writeBackup(path, bytes, stats);
    fs.renameSync(draft, target);
    return { backup };
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

/** Creates a file with the mode and owner of another one. By default, only the user can read it: it may contain a key. */
function writeNew(path: string, content: string | Buffer, like: fs.Stats | undefined): void {
  const descriptor = fs.openSync(path, 'wx', 0o600);
  try {
    fs.writeFileSync(descriptor, content);
    if (like && fs.fstatSync(descriptor).uid !== like.uid) fs.fchownSync(descriptor, like.uid, like.gid);
    if (like) fs.fchmodSync(descriptor, like.mode & 0o7777);
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Writes a backup under a new number, removes those before the latest three, and returns its path. */
function writeBackup(path: string, bytes: Buffer, like: fs.Stats | undefined): string {
  const older = backupNumbers(path);
  const nameOf = (number: number): string => `${path}.backup-${number}`;
  const backup = nameOf(Math.max(0, ...older) + 1);
  writeNew(backup, bytes, like);
  const surplus = older.toSorted((a, b) => b - a).slice(maxBackups - 1);
  for (const number of surplus) fs.rmSync(nameOf(number), { force: true });
  return backup;
}

/** Returns the numbers of the backups next to a file. */
function backupNumbers(path: string): readonly number[] {
  const start = `${basename(path)}.backup-`;
  return fs
    .readdirSync(dirname(path), { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.startsWith(start))
    .map(({ name }) => name.slice(start.length))
    .filter((digits) => /^[1-9]\d{0,5}$/.test(digits))
    .map(Number);
}

/** Throws `Refused` if a file or folder is read-only. The system does not check this for administrators. */
function refuseReadOnly(path: string): void {
  const stats = fs.statSync(path, { throwIfNoEntry: false });
  if (stats === undefined || (stats.mode & 0o222) !== 0) return;
  throw new Refused(
    `${path} is read-only. Make it writable, or change the file that it is generated from. Nothing was changed. ${byHand}`,
  );
}

function toRefused(error: unknown, problem: string): unknown {
  if (!(error instanceof Error) || !('code' in error) || error instanceof Refused) return error;
  const message = `${problem} (${String(error.code)}). Check the file and its folder. Nothing was changed. ${byHand}`;
  return new Refused(message, {
    cause: error,
  });
}
