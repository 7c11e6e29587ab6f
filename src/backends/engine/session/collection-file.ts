import { closeSync, openSync, readSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Unreachable } from '../../../contract/errors.ts';

/** What another program did to a collection file that we have open. */
export type Change = 'missing' | 'replaced' | 'overwritten';

/** Bytes of SQLite's header, and offsets in it. */
const headerBytes = 100;
const pageSizeAt = 16;
const counterAt = 24;
const pageCountAt = 28;
const countValidForAt = 92;

interface Version {
  /** Device and inode. */
  readonly id: string;
  readonly size: number;
  readonly modified: bigint;
  readonly isFile: boolean;
}

interface Known extends Version {
  /** SQLite's change counter. */
  readonly counter: number;
}

/** Milliseconds after the last write for which another program may still be writing, between two looks, and until we give up. */
const settleMs = { recent: 2000, look: 100, giveUp: 10_000 };

/**
 * A collection file that the engine has open or had open. Notices when another program replaces or overwrites it:
 * SQLite's lock does not prevent that. Reads synchronously, because a check before each call takes microseconds.
 */
export class CollectionFile {
  readonly path: string;
  /** The file as we left it. */
  #known: Known | undefined;
  /** The write-ahead log of the open collection, and its identity. */
  #log: { readonly path: string; readonly id: string | undefined } | undefined;
  /** Kept until the file is closed, so that no later call of ours hides it. */
  #foreign: 'replaced' | 'overwritten' | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /** Returns what another program did since our last call. A file that we have closed can only be missing. */
  change(): Change | undefined {
    const known = this.#known;
    if (!known) return undefined;
    const now = versionAt(this.path);
    if (!now) return 'missing';
    if (this.#log && now.id !== known.id) this.#foreign = 'replaced';
    else if (this.#log && !isSame(now, known)) this.#foreign = 'overwritten';
    return this.#foreign;
  }

  /** Call it when the engine has opened the file. */
  opened(): void {
    const path = `${realpathSync(this.path)}-wal`;
    this.#log = { path, id: versionAt(path)?.id };
    this.#foreign = undefined;
    this.#known = knownAt(this.path);
  }

  /** Call it when the engine has closed the file, which applies and deletes the log. */
  closed(): void {
    this.#log = undefined;
    this.#known = knownAt(this.path) ?? this.#known;
  }

  /** Call it after each call of ours, which may have written the file. `replaces`: the call put another file there. */
  written(replaces = false): void {
    const known = this.#known;
    const now = this.#log && !this.#foreign && versionAt(this.path);
    if (!known || !now || isSame(now, known)) return;
    if (replaces) {
      this.opened();
      return;
    }
    const counter = counterOf(headerOf(this.path, now));
    // The engine never decreases SQLite's change counter: then it was another program, which `change` will report.
    if (now.id === known.id && counter >= known.counter) this.#known = { ...now, counter };
  }

  /** Call it when the engine no longer has the file. Moves a log away that does not belong to the file in its place. Returns its new path. */
  setLogAside(): string | undefined {
    const log = this.#log;
    this.#log = undefined;
    this.#foreign = undefined;
    const found = log && versionAt(log.path);
    if (!log || !found || (log.id !== undefined && found.id !== log.id)) return undefined;
    if (found.size === 0) {
      rmSync(log.path, { force: true });
      return undefined;
    }
    const aside = `${log.path}.unsaved-${new Date().toISOString().replaceAll(':', '.')}`;
    renameSync(log.path, aside);
    return aside;
  }

  /** Waits while another program writes the file that we are about to open again. Throws Unreachable. */
  async settled(): Promise<void> {
    const known = this.#known;
    let last = versionAt(this.path);
    if (!known || !last || isSame(last, known)) return;
    const giveUp = Date.now() + settleMs.giveUp;
    let isStable = Date.now() - Number(last.modified / 1_000_000n) > settleMs.recent;
    while (!isStable || !isComplete(this.path, last)) {
      if (Date.now() > giveUp) throw new Unreachable(unfinished(this.path));
      await sleep(settleMs.look);
      const now = versionAt(this.path);
      if (!now) return;
      isStable = isSame(now, last);
      last = now;
    }
  }
}

const unfinished = (path: string): string =>
  `The collection ${path} is incomplete: another program is writing it, or has stopped before its end. Nothing was changed. Try again when it is done, or restore the file.`;

const isSame = (one: Version, other: Version): boolean =>
  one.id === other.id && one.size === other.size && one.modified === other.modified;

function versionAt(path: string): Version | undefined {
  try {
    const found = statSync(path, { bigint: true });
    return {
      id: `${found.dev} ${found.ino}`,
      size: Number(found.size),
      modified: found.mtimeNs,
      isFile: found.isFile(),
    };
  } catch {
    return undefined;
  }
}

function knownAt(path: string): Known | undefined {
  const version = versionAt(path);
  return version && { ...version, counter: counterOf(headerOf(path, version)) };
}

/** Returns SQLite's header; no bytes if there is no file, because a pipe would block. */
function headerOf(path: string, { isFile }: Version): Buffer {
  const header = Buffer.alloc(headerBytes);
  if (!isFile) return header.subarray(0, 0);
  try {
    const file = openSync(path, 'r');
    try {
      return header.subarray(0, readSync(file, header, 0, headerBytes, 0));
    } finally {
      closeSync(file);
    }
  } catch {
    return header.subarray(0, 0);
  }
}

const counterOf = (header: Buffer): number =>
  header.length < headerBytes ? -1 : header.readUInt32BE(counterAt);

/** Returns false for an empty file, and for one that is shorter than its SQLite header says. */
function isComplete(path: string, version: Version): boolean {
  if (!version.isFile) return true; // opening it reports what it is
  if (version.size === 0) return false;
  const header = headerOf(path, version);
  if (header.length < headerBytes || !header.toString('latin1').startsWith('SQLite format 3\0')) return true;
  if (counterOf(header) !== header.readUInt32BE(countValidForAt)) return true; // the page count is not maintained
  const pageSize = header.readUInt16BE(pageSizeAt);
  return version.size >= (pageSize === 1 ? 65_536 : pageSize) * header.readUInt32BE(pageCountAt);
}
