import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Backend } from '../../contract/backend.ts';
import { isLoopback } from '../../lib/listen.ts';
import { counted, find, term, type Survey } from './survey.ts';

/** A line for the result of a call, and the file or folder that it is about. */
export interface Notice {
  readonly text: string;
  readonly path?: string;
}

const kept = 10;
const mostCards = 20_000;
const ours = /^(backup-.*\.colpkg|decks-.*)$/;

const found = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

const without = (why: string): Notice => ({ text: `No backup was made: ${why}.` });

/** Backups from before the first change: of the whole collection by the engine, of decks by the desktop. */
export class Vault {
  readonly #backend: Backend;
  readonly #decks = new Set<string>();
  #whole = false;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Whether everything is kept already. */
  get full(): boolean {
    return this.#whole;
  }

  /** Keeps the cards that the searches find, if they are not kept yet. */
  keep(searches: readonly string[], survey: Survey): Promise<Notice | undefined> {
    const turn = this.#turn.then(async () => {
      if (this.#whole) return undefined;
      return survey.capabilities.hasBackup ? this.#keepAll(survey) : this.#keepDecks(searches, survey);
    });
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #keepAll(survey: Survey): Promise<Notice> {
    const folder = await folderFor(survey);
    await mkdir(folder, { recursive: true });
    if (!(await this.#backend.backup?.(folder))) throw new Error('Anki made none');
    const path = await prune(folder);
    this.#whole = true;
    return { text: `Backup: ${path}`, path };
  }

  async #keepDecks(searches: readonly string[], survey: Survey): Promise<Notice | undefined> {
    const { call } = survey;
    const place = await folderFor(survey);
    if (!isLoopback(new URL(this.#backend.place).hostname) || !(await found(dirname(place))))
      return without('Anki runs on another machine');
    const cards = await find(survey, 'findCards', searches);
    if (cards.length === 0) return without('no card is concerned, and only decks can be exported');
    const names = cards.length > mostCards ? [] : Object.keys(await call('getDecks', { cards }));
    const decks = names.filter((name) => !this.#holds(name) && !names.some((other) => isBelow(name, other)));
    if (cards.length <= mostCards && decks.length === 0) return undefined;
    const all = await find(
      survey,
      'findCards',
      decks.map((name) => term('deck:', name)),
    );
    const count = Math.max(cards.length, all.length);
    if (count > mostCards) {
      return without(
        `the decks concerned hold ${counted(count, 'card')}, more than ${mostCards.toLocaleString('en')}`,
      );
    }
    const folder = join(place, `decks-${new Date().toISOString().replaceAll(':', '.')}`);
    const paths = await exported(decks, folder, survey).catch(async (error: unknown) => {
      await rm(folder, { recursive: true, force: true });
      throw error;
    });
    for (const name of decks) this.#decks.add(name);
    await prune(place);
    const path = paths.length === 1 ? (paths[0] ?? folder) : folder;
    return { text: `Backup: ${path}`, path };
  }

  #holds(name: string): boolean {
    return [...this.#decks].some((deck) => name === deck || isBelow(name, deck));
  }
}

const isBelow = (name: string, deck: string): boolean => name.startsWith(`${deck}::`);

/** Beside the collection and its media folder, where Anki may write too. */
async function folderFor({ call }: Survey): Promise<string> {
  return `${(await call('getMediaDirPath', {})).replace(/\.media$/, '')}.ankiwright-backups`;
}

async function exported(
  decks: readonly string[],
  folder: string,
  { call }: Survey,
): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const paths: string[] = [];
  for (const [index, deck] of decks.entries()) {
    const name = deck.replaceAll(/[^\p{L}\p{N} -]+/gu, '_').slice(0, 60);
    const path = join(folder, `${index + 1} ${name}.apkg`);
    if (!(await call('exportPackage', { deck, path, includeSched: true })) || !(await found(path))) {
      throw new Error(`the deck ${deck} could not be exported to ${path}`);
    }
    paths.push(path);
  }
  return paths;
}

/** Leaves the newest of the backups that were made here, and tells the newest of all. */
async function prune(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => ours.test(name));
  const dated = await Promise.all(
    names.map(async (name) => ({ path: join(folder, name), made: (await stat(join(folder, name))).mtimeMs })),
  );
  const [newest, ...older] = dated.toSorted((one, other) => other.made - one.made);
  if (!newest) throw new Error(`there is none in ${folder}`);
  for (const { path } of older.slice(kept - 1)) await rm(path, { recursive: true, force: true });
  return newest.path;
}
