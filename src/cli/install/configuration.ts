import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { Refused } from './refused.ts';

/** A client's configuration file as it was found; without bytes if it is not there. */
export interface Configuration {
  readonly path: string;
  /** Its text without a byte order mark. */
  readonly text: string;
  readonly bytes: Buffer | undefined;
}

const mark = '\uFEFF';
const largest = 64 * 1024 * 1024;
const byHand = 'Or add the entry by hand: --print shows it.';

/** Reads a configuration that may be missing. */
export function read(path: string): Configuration {
  const bytes = bytesOf(path);
  if (bytes === undefined) return { path, text: '', bytes };
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return { path, bytes, text: text.startsWith(mark) ? text.slice(1) : text };
  } catch {
    throw new Refused(`${path} is not UTF-8 text: save it as that in an editor, and try again. ${byHand}`);
  }
}

function bytesOf(path: string): Buffer | undefined {
  try {
    const found = fs.lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined) return undefined;
    const { size } = fs.statSync(path);
    if (size > largest) throw new Refused(`${path} is too large for a configuration (${size} bytes).`);
    return fs.readFileSync(path);
  } catch (error) {
    throw refusal(error, `${path} cannot be read`);
  }
}

/**
 * Writes a new text in place of the one that was found, all of it or nothing, with the same marks, mode and owner, and
 * through links. What was there is kept beside it, which is told. Undefined if another program wrote in the meantime.
 */
export function replace(found: Configuration, text: string): { backup: string | undefined } | undefined {
  const { path, bytes } = found;
  try {
    if (bytes === undefined) fs.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const target = bytes === undefined ? path : fs.realpathSync(path);
    const original = bytes === undefined ? undefined : fs.statSync(target);
    for (const place of [target, dirname(target)]) refuseReadOnly(place);
    const marked = bytes?.subarray(0, 3).equals(Buffer.from(mark)) ? mark + text : text;
    return exchange(found, target, original, marked);
  } catch (error) {
    throw refusal(error, `${path} cannot be written`);
  }
}

function exchange(
  { path, bytes }: Configuration,
  target: string,
  original: fs.Stats | undefined,
  text: string,
) {
  const draft = `${target}.${randomUUID()}.tmp`;
  try {
    write(draft, text, original);
    const now = bytesOf(path);
    if (now === undefined ? bytes !== undefined : !bytes?.equals(now)) return undefined;
    const backup = bytes && keep(path, bytes, original);
    fs.renameSync(draft, target);
    return { backup };
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

/** A new file is for its user alone: it may hold a key. */
function write(path: string, content: string | Buffer, like: fs.Stats | undefined): void {
  const file = fs.openSync(path, 'wx', 0o600);
  try {
    fs.writeFileSync(file, content);
    if (like && fs.fstatSync(file).uid !== like.uid) fs.fchownSync(file, like.uid, like.gid);
    if (like) fs.fchmodSync(file, like.mode & 0o7777);
    fs.fsyncSync(file);
  } finally {
    fs.closeSync(file);
  }
}

/** Keeps what was there, under a name that is free. */
function keep(path: string, bytes: Buffer, like: fs.Stats | undefined): string {
  for (let number = 1; number < 1000; number++) {
    const backup = `${path}.backup-${number}`;
    if (fs.existsSync(backup)) continue;
    write(backup, bytes, like);
    return backup;
  }
  throw new Refused(`${path} has 999 backups beside it: remove those that are not needed, and try again.`);
}

/** The administrator's rights would let us write what is meant to stay. */
function refuseReadOnly(path: string): void {
  const found = fs.statSync(path, { throwIfNoEntry: false });
  if (found === undefined || (found.mode & 0o222) !== 0) return;
  throw new Refused(
    `${path} is read-only: allow it to be written, or change it where it is made from. Nothing was changed. ${byHand}`,
  );
}

function refusal(error: unknown, what: string): unknown {
  if (!(error instanceof Error) || !('code' in error) || error instanceof Refused) return error;
  const cause = `${what} (${String(error.code)})`;
  return new Refused(`${cause}: look at it and at its folder. Nothing was changed. ${byHand}`, {
    cause: error,
  });
}
