import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Backend } from '../../contract/backend.ts';
import { isLoopback } from '../../lib/listen.ts';
import { countOf, find, type Scan } from './scan.ts';
import { term } from '../search-terms.ts';

/** A line to add to the result of a call, and the file or folder it mentions. */
export interface Notice {
  readonly text: string;
  readonly path?: string;
}

/** Maximum number of backups to keep. */
const maxKept = 10;
/** Maximum number of cards to export. */
const maxCards = 20_000;
const backupName = /^(backup-.*\.colpkg|decks-.*)$/;

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

const noBackup = (reason: string): Notice => ({ text: `No backup was made: ${reason}.` });

/** Makes backups before the first change of a run: of the whole collection on the engine, of decks on the desktop. */
export class Backups {
  readonly #backend: Backend;
  readonly #decks = new Set<string>();
  #isComplete = false;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** True if a backup contains the whole collection. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Backs up the cards that the searches find, unless a backup of this run contains them. */
  ensure(searches: readonly string[], scan: Scan): Promise<Notice | undefined> {
    const result = this.#queue.then(async () => {
      if (this.#isComplete) return undefined;
      return scan.capabilities.hasBackup ? this.#backUpAll(scan) : this.#backUpDecks(searches, scan);
    });
    this.#queue = result.catch(() => {});
    return result;
  }

  async #backUpAll(scan: Scan): Promise<Notice> {
    const folder = await folderFor(scan);
    await mkdir(folder, { recursive: true });
    if (!(await this.#backend.backup?.(folder))) throw new Error('Anki made no backup file');
    const path = await prune(folder);
    this.#isComplete = true;
    return { text: `Backup: ${path}`, path };
  }

  async #backUpDecks(searches: readonly string[], scan: Scan): Promise<Notice | undefined> {
    const { call } = scan;
    const place = await folderFor(scan);
    if (!isLoopback(new URL(this.#backend.place).hostname) || !(await exists(dirname(place))))
      return noBackup('Anki runs on another machine');
    const cards = await find(scan, 'findCards', searches);
    if (cards.length === 0) return noBackup('no card is affected, and only decks can be exported');
    const names = cards.length > maxCards ? [] : Object.keys(await call('getDecks', { cards }));
    const decks = names.filter(
      (name) => !this.#contains(name) && !names.some((other) => isBelow(name, other)),
    );
    if (cards.length <= maxCards && decks.length === 0) return undefined;
    const all = await find(
      scan,
      'findCards',
      decks.map((name) => term('deck:', name)),
    );
    const count = Math.max(cards.length, all.length);
    if (count > maxCards) {
      return noBackup(
        `the affected decks contain ${countOf(count, 'card')}, more than ${maxCards.toLocaleString('en')}`,
      );
    }
    const folder = join(place, `decks-${new Date().toISOString().replaceAll(':', '.')}`);
    const paths = await exportDecks(decks, folder, scan).catch(async (error: unknown) => {
      await rm(folder, { recursive: true, force: true });
      throw error;
    });
    for (const name of decks) this.#decks.add(name);
    await prune(place);
    const path = paths.length === 1 ? (paths[0] ?? folder) : folder;
    return { text: `Backup: ${path}`, path };
  }

  #contains(name: string): boolean {
    return [...this.#decks].some((deck) => name === deck || isBelow(name, deck));
  }
}

const isBelow = (name: string, deck: string): boolean => name.startsWith(`${deck}::`);

/** Returns the backup folder next to the collection, where Anki may write too. */
async function folderFor({ call }: Scan): Promise<string> {
  return `${(await call('getMediaDirPath', {})).replace(/\.media$/, '')}.ankiwright-backups`;
}

async function exportDecks(
  decks: readonly string[],
  folder: string,
  { call }: Scan,
): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const paths: string[] = [];
  for (const [index, deck] of decks.entries()) {
    const name = deck.replaceAll(/[^\p{L}\p{N} -]+/gu, '_').slice(0, 60);
    const path = join(folder, `${index + 1} ${name}.apkg`);
    if (!(await call('exportPackage', { deck, path, includeSched: true })) || !(await exists(path))) {
      throw new Error(`the deck ${deck} could not be exported to ${path}`);
    }
    paths.push(path);
  }
  return paths;
}

/** Deletes all but the newest ten backups and returns the path of the newest. */
async function prune(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => backupName.test(name));
  const dated = await Promise.all(
    names.map(async (name) => ({ path: join(folder, name), made: (await stat(join(folder, name))).mtimeMs })),
  );
  const [newest, ...older] = dated.toSorted((a, b) => b.made - a.made);
  if (!newest) throw new Error(`there is no backup in ${folder}`);
  for (const { path } of older.slice(maxKept - 1)) await rm(path, { recursive: true, force: true });
  return newest.path;
}
