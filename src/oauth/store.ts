import {
  closeSync,
  fchownSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  watchFile,
  writeFileSync,
} from 'node:fs';
import { codeOf, messageOf } from '../lib/error.ts';
import { stampOf, underLock } from './lock.ts';
import { file, noRows, prune, type Rows } from './rows.ts';

/** Milliseconds between two looks at the file while no request comes. */
const watchMs = 1000;

/** The grants file: clients, grants and hashed tokens. Several processes may read and change it. */
export class Store {
  readonly path: string;
  readonly #listeners: ((grant: string) => void)[] = [];
  #rows = noRows();
  #stamp = '';
  #changes: Promise<unknown> = Promise.resolve();

  constructor(path: string) {
    this.path = path;
    this.rows();
  }

  /** Returns the content of the file, which another process may have changed. Do not modify it: use `change`. */
  rows(): Rows {
    const stamp = stampOf(this.path);
    if (stamp !== this.#stamp) this.#accept(this.#read(), stamp);
    return this.#rows;
  }

  /** Applies a change to the file. The file is either the old or the new one, also after a power failure. */
  change<T>(apply: (rows: Rows) => T): Promise<T> {
    const changed = this.#changes.then(() =>
      underLock(`${this.path}.lock`, () => {
        const rows = structuredClone(this.rows());
        const result = apply(rows);
        prune(rows);
        this.#write(rows);
        this.#accept(rows, stampOf(this.path));
        return result;
      }),
    );
    this.#changes = changed.catch(() => {}); // the caller receives the error
    return changed;
  }

  /** Calls a function with the key of each grant that ends, also if another process ends it. */
  onEnd(listener: (grant: string) => void): void {
    this.#listeners.push(listener);
  }

  /** Looks at the file from time to time, so that a revoked grant loses its open streams, too. */
  watch(log: (message: string) => void): void {
    watchFile(this.path, { interval: watchMs, persistent: false }, () => {
      try {
        this.rows();
      } catch (error) {
        log(messageOf(error));
      }
    });
  }

  #accept(rows: Rows, stamp: string): void {
    const ended = Object.keys(this.#rows.Grant).filter((grant) => !(grant in rows.Grant));
    this.#rows = rows;
    this.#stamp = stamp;
    for (const grant of ended) for (const listener of this.#listeners) listener(grant);
  }

  #read(): Rows {
    try {
      return file.parse(JSON.parse(readFileSync(this.path, 'utf8')));
    } catch (cause) {
      if (codeOf(cause) === 'ENOENT') return noRows();
      if (codeOf(cause) !== '') throw cause;
      throw new Error(
        `The grants file ${this.path} contains something else than grants. Restore it from a copy, or delete it and let all clients log in again.`,
        { cause },
      );
    }
  }

  #write(rows: Rows): void {
    const draft = `${this.path}.draft`;
    rmSync(draft, { force: true });
    const descriptor = openSync(draft, 'wx', 0o600);
    try {
      this.#keepOwner(descriptor);
      writeFileSync(descriptor, JSON.stringify(rows));
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(draft, this.path);
  }

  /** Root may run the command, but the file must stay readable for the user of the server. */
  #keepOwner(descriptor: number): void {
    if (process.getuid?.() !== 0) return;
    const stats = statSync(this.path, { throwIfNoEntry: false });
    if (stats !== undefined) fchownSync(descriptor, stats.uid, stats.gid);
  }
}
