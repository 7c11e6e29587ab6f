import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Backend } from '../../contract/backend.ts';
import { isLoopback } from '../../lib/loopback.ts';
import { BackupFolder, maxKept, type Backup, type Description, type Operation } from './backup-folder.ts';
import { contains, optionsGroups, readState, wasChanged, type State } from './backup-state.ts';
import { exportDecks } from './export-decks.ts';
import { countOf, shorten } from '../../lib/wording.ts';
import { find } from '../search-ids.ts';
import { type Scan } from './scan.ts';
import { everything, inDecks } from '../search-terms.ts';

/** A line to add to the result of a call, and the file or folder it mentions. */
export interface Notice {
  readonly text: string;
  readonly path?: string;
}

/** What is about to lose something. */
export interface Loss {
  /** Names of the actions. */
  readonly actions: readonly string[];
  /** What they do, for people. */
  readonly reason: string;
  /** Searches that find the affected cards; empty if they are unknown. */
  readonly searches: readonly string[];
  /** For restoring a backup: makes another one in any case, and keeps the one that is restored. */
  readonly restore?: Restoring | undefined;
}

export interface Restoring {
  /** Name of the backup to restore. */
  readonly backup: string;
  /** Ids of the notes to restore; undefined for all. */
  readonly notes: readonly number[] | undefined;
}

/** Maximum number of cards to export. */
const maxCards = 20_000;
/** Maximum number of affected notes to list in a backup's description. */
const maxListed = 20_000;
const maxReason = 300;
/** Maximum number of operations in one description. */
const maxOperations = 100;

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

const noBackup = (reason: string): Notice => ({ text: `No backup was made: ${reason}.` });

/** A backup of this run, and the state of everything in it. */
interface Made {
  readonly backup: Backup;
  description: Description;
  readonly state: State;
}

/** Makes a backup before something is lost, unless a backup of this run contains it: of the whole collection on the engine, of decks on the desktop. */
export class Backups {
  readonly #backend: Backend;
  /** Backups of this run by their folder, newest first: each collection has its own folder. */
  readonly #made = new Map<string, readonly Made[]>();
  #queue: Promise<unknown> = Promise.resolve();

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Makes a backup if none of this run contains all that is lost in its present state. */
  ensure(loss: Loss, scan: Scan): Promise<Notice | undefined> {
    const result = this.#queue.then(() => this.#ensure(loss, scan));
    this.#queue = result.catch(() => {});
    return result;
  }

  async #ensure(loss: Loss, scan: Scan): Promise<Notice | undefined> {
    const folder = await BackupFolder.of(scan);
    return scan.capabilities.hasBackup
      ? this.#backUpAll(folder, loss, scan)
      : this.#backUpDecks(folder, loss, scan);
  }

  async #backUpAll(folder: BackupFolder, loss: Loss, scan: Scan): Promise<Notice | undefined> {
    const searches = loss.searches.length > 0 ? loss.searches : [everything];
    const operation = await operationOf(loss, scan);
    if (!loss.restore && (await this.#isContained(folder, operation, searches, scan))) return undefined;
    const { state, isSettled } = await settledState([everything], scan);
    const description = describe(operation, state);
    const backup = await folder.add(
      'collection',
      description,
      async (path) => {
        if (!(await this.#backend.backup?.(path))) throw new Error('Anki made no backup file');
      },
      loss.restore?.backup,
    );
    // A backup of the whole collection replaces the older ones of this run.
    this.#made.set(folder.path, isSettled && state ? [{ backup, description, state }] : []);
    return noticeOf(backup);
  }

  async #backUpDecks(folder: BackupFolder, loss: Loss, scan: Scan): Promise<Notice | undefined> {
    if (!isLoopback(new URL(this.#backend.place).hostname) || !(await exists(dirname(folder.path))))
      return noBackup('Anki runs on another machine');
    const cards = await find(scan, 'findCards', loss.searches);
    if (cards.length === 0) return noBackup('no card is affected, and only decks can be exported');
    if (cards.length > maxCards) return tooMany(cards.length);
    const names = Object.keys(await scan.call('getDecks', { cards }));
    const decks = names.filter((name) => !names.some((other) => isBelow(name, other)));
    const searches = decks.length > 0 ? [inDecks(decks, await scan.call('deckNamesAndIds', {}))] : [];
    const operation = await operationOf(loss, scan);
    if (!loss.restore && (await this.#isContained(folder, operation, loss.searches, scan))) return undefined;
    const all = await find(scan, 'findCards', searches);
    if (all.length > maxCards) return tooMany(all.length);
    const { state, isSettled } = await settledState(searches, scan);
    const description = {
      ...describe(operation, state),
      decks,
      allDecks: loss.searches.includes(everything),
      options: Object.fromEntries(optionsGroups(state)),
      noteIds: [...(state?.notes.keys() ?? [])],
    };
    const backup = await folder.add(
      'decks',
      description,
      (path) => exportDecks(decks, path, scan),
      loss.restore?.backup,
    );
    const older = this.#made.get(folder.path) ?? [];
    if (isSettled && state)
      this.#made.set(folder.path, [{ backup, description, state }, ...older].slice(0, maxKept));
    return noticeOf(backup);
  }

  /** Returns true if a backup of this run contains what the searches find as it is now. Adds the operation to its description. */
  async #isContained(
    folder: BackupFolder,
    operation: Operation,
    searches: readonly string[],
    scan: Scan,
  ): Promise<boolean> {
    const all = this.#made.get(folder.path) ?? [];
    if (all.length === 0) return false;
    const state = await readState(searches, scan);
    for (const made of all) {
      const { backup, description, state: saved } = made;
      if (!state || !contains(saved, state) || description.operations.length >= maxOperations) continue;
      if (!(await exists(backup.path))) continue;
      made.description = { ...description, operations: [...description.operations, operation] };
      await folder.describe(backup.name, made.description);
      return true;
    }
    // A backup follows: settledState would read this second's changes twice.
    if (state && wasChanged(state, currentSecond(), currentSecond())) await nextSecond();
    return false;
  }
}

const noticeOf = ({ path }: Backup): Notice => ({ text: `Backup: ${path}`, path });

const tooMany = (count: number): Notice =>
  noBackup(
    `the affected decks contain ${countOf(count, 'card')}, more than ${maxCards.toLocaleString('en')}`,
  );

const isBelow = (name: string, deck: string): boolean => name.startsWith(`${deck}::`);

const describe = (operation: Operation, state: State | undefined): Description => ({
  made: operation.at,
  notes: state?.notes.size ?? 0,
  cards: state?.cards.size ?? 0,
  noteTypes: state?.typeTexts,
  operations: [operation],
});

async function operationOf({ actions, reason, searches, restore }: Loss, scan: Scan): Promise<Operation> {
  const isUnknown = searches.length === 0 || searches.includes(everything);
  const found = restore || isUnknown ? restore?.notes : await find(scan, 'findNotes', searches);
  const notes = found && found.length <= maxListed ? found : undefined;
  return {
    at: new Date().toISOString(),
    actions: [...new Set(actions)],
    reason: shorten(reason, maxReason),
    ...(notes && { notes }),
  };
}

/** Returns the state, read in a later second than its last change, so that each later change has another time. */
async function settledState(
  searches: readonly string[],
  scan: Scan,
): Promise<{ readonly state: State | undefined; readonly isSettled: boolean }> {
  const read = async () => {
    const from = currentSecond();
    const state = await readState(searches, scan);
    return { state, isSettled: state !== undefined && !wasChanged(state, from, currentSecond()) };
  };
  const first = await read();
  if (first.isSettled || first.state === undefined) return first;
  await nextSecond();
  return read();
}

const currentSecond = (): number => Math.floor(Date.now() / 1000);

const nextSecond = (): Promise<void> => sleep(1000 - (Date.now() % 1000));
