import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import type { ReadonlyDeep } from '../../contract/index.ts';
import { deleteWorkFolder, makeWorkFolder } from '../../lib/work-folder.ts';
import { isCompleteZip } from '../../lib/zip-end.ts';
import type { Scan } from './scan.ts';

/** Maximum number of backups to keep. */
export const maxKept = 10;
const partial = '.partial-';
/** Names of backups: with a number that grows with each backup, or as older versions named them. */
const numbered = /^(?:collection|decks)-(\d{6,})-/;
const unnumbered = /^(?:backup-.*\.colpkg|decks-.*)$/;

const operationSchema = z.object({
  at: z.string(),
  actions: z.array(z.string()),
  reason: z.string(),
  /** Ids of the affected notes; absent if they could not be listed. */
  notes: z.array(z.int()).optional(),
});

/** What a backup was made for, and what it contains. */
const descriptionSchema = z.object({
  made: z.string(),
  notes: z.int(),
  cards: z.int(),
  /** Exported decks. Absent if the backup contains the whole collection. */
  decks: z.array(z.string()).optional(),
  /** True if these are all decks with cards. */
  allDecks: z.boolean().optional(),
  /** Id of the options group of each exported deck and child deck. */
  options: z.record(z.string(), z.int()).optional(),
  /** Ids of the notes in exported decks. */
  noteIds: z.array(z.int()).optional(),
  /** Names and texts of the note types. */
  noteTypes: z
    .array(
      z.object({
        id: z.int(),
        name: z.string(),
        fields: z.array(z.string()),
        templates: z.array(z.object({ name: z.string(), Front: z.string(), Back: z.string() })),
        css: z.string(),
      }),
    )
    .optional(),
  /** Operations that this backup can undo. */
  operations: z.array(operationSchema),
});

export type Operation = ReadonlyDeep<z.infer<typeof operationSchema>>;
export type Description = ReadonlyDeep<z.infer<typeof descriptionSchema>>;

export interface Backup {
  readonly name: string;
  /** A .colpkg file, one .apkg file, or a folder of .apkg files. */
  readonly path: string;
  readonly files: readonly string[];
  readonly bytes: number;
  /** Undefined if it was made by an older version, or its description was lost. */
  readonly description: Description | undefined;
  /** False if a file is missing or was cut off. */
  readonly isComplete: boolean;
}

/** The backups of one collection: files in a folder next to it, with a description of each in a second folder. */
export class BackupFolder {
  readonly path: string;
  readonly #descriptions: string;

  constructor(path: string) {
    this.path = path;
    this.#descriptions = `${path}.info`;
  }

  /** Returns the folder next to the open collection, where Anki may write too. */
  static async of({ call }: Pick<Scan, 'call'>): Promise<BackupFolder> {
    return new BackupFolder(
      `${(await call('getMediaDirPath', {})).replace(/\.media$/, '')}.ankiwright-backups`,
    );
  }

  /**
   * Adds a backup. `write` writes it into an empty folder: one .colpkg file, or .apkg files. It gets its name
   * only after it was checked and synced to the disk, so that a crash leaves no incomplete backup. Of the older ones
   * the newest nine are kept, and the one named `kept`.
   */
  async add(
    kind: 'collection' | 'decks',
    description: Description,
    write: (folder: string) => Promise<void>,
    kept?: string,
  ): Promise<Backup> {
    await mkdir(this.path, { recursive: true });
    const staging = await makeWorkFolder(this.path, partial);
    try {
      await write(staging);
      const files = await readdir(staging);
      for (const file of files) await checkAndSync(join(staging, file));
      const [first] = files;
      if (first === undefined) throw new Error('Anki made no backup file');
      const name = `${kind}-${await this.#nextNumber()}-${new Date().toISOString().replaceAll(':', '.')}${kind === 'collection' ? '.colpkg' : ''}`;
      await this.describe(name, description);
      await rename(kind === 'collection' ? join(staging, first) : staging, join(this.path, name));
      await syncFolder(this.path);
      await this.#prune([name, kept]);
      return await this.#read(name, description);
    } finally {
      await deleteWorkFolder(staging);
    }
  }

  /** Returns the backups, newest first. */
  async list(): Promise<readonly Backup[]> {
    return Promise.all((await this.#names()).map((name) => this.#read(name)));
  }

  /** Saves the description of a backup in one step. */
  async describe(name: string, description: Description): Promise<void> {
    await mkdir(this.#descriptions, { recursive: true });
    const path = join(this.#descriptions, `${name}.json`);
    const unfinished = `${path}.partial`;
    try {
      const file = await open(unfinished, 'w');
      try {
        await file.writeFile(JSON.stringify(description));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(unfinished, path);
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    }
  }

  /** Returns the names of the backups, newest first. */
  async #names(): Promise<readonly string[]> {
    const names = await readdir(this.path).catch(() => []);
    return names.filter((name) => numbered.test(name) || unnumbered.test(name)).toSorted(newestFirst);
  }

  async #read(name: string, known?: Description): Promise<Backup> {
    const path = join(this.path, name);
    const isFolder = (await stat(path)).isDirectory();
    const inFolder = isFolder ? (await readdir(path)).filter((file) => file.endsWith('.apkg')) : [];
    const files = isFolder ? inFolder.map((file) => join(path, file)) : [path];
    const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
    const complete = await Promise.all(files.map(isCompleteZip));
    const description = known ?? (await this.#description(name));
    return {
      name,
      path: files.length === 1 ? (files[0] ?? path) : path,
      files,
      bytes: sizes.reduce((sum, size) => sum + size, 0),
      description,
      isComplete:
        complete.length > 0 && complete.every(Boolean) && files.length >= (description?.decks?.length ?? 0),
    };
  }

  async #description(name: string): Promise<Description | undefined> {
    try {
      const text = await readFile(join(this.#descriptions, `${name}.json`), 'utf8');
      return descriptionSchema.parse(JSON.parse(text));
    } catch {
      return undefined;
    }
  }

  async #nextNumber(): Promise<string> {
    const numbers = (await readdir(this.path)).map(numberOf);
    return String(Math.max(0, ...numbers) + 1).padStart(6, '0');
  }

  /** Deletes all but the newest ten backups. Incomplete ones are deleted first. */
  async #prune(kept: readonly (string | undefined)[]): Promise<void> {
    const names = await this.#names();
    const whole = new Set<string>();
    for (const name of names) if (await this.#isWhole(name)) whole.add(name);
    const best = [...names.filter((name) => whole.has(name)), ...names.filter((name) => !whole.has(name))];
    for (const name of best.slice(maxKept)) {
      if (kept.includes(name)) continue;
      await rm(join(this.path, name), { recursive: true, force: true });
    }
    await this.#pruneDescriptions();
  }

  /** Deletes descriptions whose backup is gone, or was never finished. Another process may be about to add one with the newest number. */
  async #pruneDescriptions(): Promise<void> {
    const names = await this.#names();
    const newest = Math.max(...names.map(numberOf));
    for (const file of await readdir(this.#descriptions)) {
      const name = file.replace(/\.json(?:\.partial)?$/, '');
      if (names.includes(name) ? file.endsWith('.json') : numberOf(name) >= newest) continue;
      await rm(join(this.#descriptions, file), { force: true });
    }
  }

  /** Returns true if nothing of a backup is missing. Only a folder needs its description for that, which may be long. */
  async #isWhole(name: string): Promise<boolean> {
    if (name.endsWith('.colpkg')) return isCompleteZip(join(this.path, name));
    return (await this.#read(name)).isComplete;
  }
}

const numberOf = (name: string): number => Number(numbered.exec(name)?.[1] ?? 0);

/** The number decides, because the clock may have been set back between two backups. */
const newestFirst = (a: string, b: string): number =>
  numberOf(b) - numberOf(a) || (basename(a) < basename(b) ? 1 : -1);

async function checkAndSync(path: string): Promise<void> {
  if (!(await isCompleteZip(path))) throw new Error(`the backup ${path} is incomplete`);
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Syncs the names in a folder to the disk. Windows cannot open a folder and needs no sync. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path).catch(() => undefined);
  await folder?.sync().catch(() => {});
  await folder?.close();
}
