import { access, constants, open, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { addOn } from '../../backends/desktop/failure.ts';
import { failure, ok, skipped, warning, type Check, type Finding } from './check.ts';
import type { Probe } from './collection-probe.ts';
import { run } from './run.ts';

/** The schemas that the engine opens; it brings older ones up to the last. */
const schemas = { oldest: 11, newest: 18 };

const checkPath = "Check --collection; a collection's file is usually named collection.anki2.";
const restore = 'Restore a backup in Anki (File > Switch Profile > Open Backup).';

const collection: Check = {
  name: 'collection',
  look: async (subject) => {
    const path = await subject.collection();
    if (path === undefined) return skipped('Neither --collection nor --profile is given.');
    return (await judgeFile(path)) ?? judgeContents(path, await subject.probe());
  },
};

/** What is wrong with the file as a file. */
async function judgeFile(path: string): Promise<Finding | undefined> {
  const folder = dirname(path);
  const isFolder = (await stat(folder).catch(() => undefined))?.isDirectory();
  if (!isFolder) return failure(`There is no folder ${folder}.`, 'Check --collection, or make the folder.');
  const file = await stat(path).catch(() => undefined);
  if (!file || (file.isFile() && file.size === 0)) {
    return warning(
      `${path} is ${file ? 'empty' : 'not there'}: the first call makes a new collection.`,
      `If you meant one that exists: ${checkPath}`,
    );
  }
  if (!file.isFile()) return failure(`${path} is not a file.`, checkPath);
  const { R_OK, W_OK } = constants;
  if (await isBarred(path, R_OK)) return failure(`${path} cannot be read.`, `Change its permissions.`);
  if (await isBarred(path, W_OK)) return failure(`${path} cannot be written.`, `Change its permissions.`);
  if ((await head(path)) === 'SQLite format 3\0') return undefined;
  return failure(`${path} is not an SQLite file, and so no collection.`, checkPath);
}

const isBarred = (path: string, mode: number): Promise<boolean> =>
  access(path, mode).then(
    () => false,
    () => true,
  );

async function head(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(16), 0, 16, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await file.close();
  }
}

function judgeContents(path: string, seen: Probe | undefined): Finding {
  if (seen === undefined) return ok(`${path} is an SQLite file. Without Python no more can be seen.`);
  if (seen.holder !== null) return ok(`${path} is in use: see below.`);
  const { schema, problem, unclean } = seen;
  const left = unclean ? ' It was not closed; the next program that opens it takes in what was left.' : '';
  if (schema === undefined && unclean) return ok(`${path} is an SQLite file.${left}`);
  if (problem !== undefined) return failure(`${path} is damaged: ${problem}.`, restore);
  if (schema === undefined) return failure(`${path} is an SQLite file, but no Anki collection.`, checkPath);
  if (schema > schemas.newest) {
    return failure(`${path} was made by a newer Anki (schema ${schema}).`, 'Update ankiwright.');
  }
  if (schema < schemas.oldest) {
    return failure(`${path} was made by a very old Anki (schema ${schema}).`, 'Open it once in Anki 2.1.');
  }
  return ok(`${path} is a collection (schema ${schema}).${left}`);
}

const lock: Check = {
  name: 'lock',
  look: async (subject) => {
    const seen = await subject.probe();
    if (seen === undefined) return skipped('There is no collection file, or no Python to see it with.');
    if (seen.holder === null) return ok('No program has the collection open.');
    const { name, isOurs } = await programOf(seen.holder);
    const says = `${name} has the collection open.`;
    if (!(await subject.engineNeeded())) return ok(`${says} ankiwright works through Anki.`);
    if (isOurs) return warning(says, 'It lets go of it a minute after its last call (--idle).');
    return failure(
      says,
      subject.target.collection === undefined
        ? `If that is Anki, install ${addOn} in it, or close it.`
        : 'Close it, or leave out --collection to work through a running Anki.',
    );
  },
};

/** Who holds it. What a program was started with stays unsaid: it may hold secrets. */
async function programOf(id: number): Promise<{ name: string; isOurs: boolean }> {
  if (id === 0) return { name: 'Another program', isOurs: false };
  const ask = async (what: string): Promise<string> =>
    (await run('ps', ['-o', `${what}=`, '-p', String(id)])).trim();
  try {
    const [command, args] = await Promise.all([ask('comm'), ask('args')]);
    const isOurs = /\bhost\.py\b/.test(args);
    return { name: `${isOurs ? 'Another ankiwright' : basename(command)} (process ${id})`, isOurs };
  } catch {
    return { name: `Process ${id}`, isOurs: false };
  }
}

/** The collection file. */
export const collectionChecks: readonly Check[] = [collection, lock];
