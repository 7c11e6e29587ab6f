import { access, constants, open, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { addOn } from '../../backends/desktop/failure.ts';
import { failure, ok, skipped, warning, type Check, type Finding } from './check.ts';
import type { Probe } from './collection-probe.ts';
import { run } from './run.ts';

/** Versions of the collection's schema that the engine opens. */
const schemas = { oldest: 11, newest: 18 };

const checkPath = 'Check --collection. The file of a collection is usually named collection.anki2.';
const restoreBackup = 'Restore a backup in Anki (File > Switch Profile > Open Backup).';

const collection: Check = {
  name: 'collection',
  examine: async (subject) => {
    const path = await subject.collection();
    if (path === undefined) return skipped('There is no --collection and no --profile.');
    return (await fileProblem(path)) ?? examineContents(path, await subject.probe());
  },
};

/** Returns what is wrong with the file, without regard to its contents. */
async function fileProblem(path: string): Promise<Finding | undefined> {
  const folder = dirname(path);
  const isFolder = (await stat(folder).catch(() => undefined))?.isDirectory();
  if (!isFolder)
    return failure(`The folder ${folder} does not exist.`, 'Check --collection, or create the folder.');
  const file = await stat(path).catch(() => undefined);
  if (!file || (file.isFile() && file.size === 0)) {
    return warning(
      `${path} ${file ? 'is empty' : 'does not exist'}: the first call creates a new collection.`,
      `If you expected an existing collection: ${checkPath}`,
    );
  }
  if (!file.isFile()) return failure(`${path} is not a file.`, checkPath);
  const { R_OK, W_OK } = constants;
  if (await isDenied(path, R_OK)) return failure(`${path} cannot be read.`, 'Change its permissions.');
  if (await isDenied(path, W_OK)) return failure(`${path} cannot be written.`, 'Change its permissions.');
  if ((await firstBytes(path)) === 'SQLite format 3\0') return undefined;
  return failure(`${path} is not an SQLite file, so it is not a collection.`, checkPath);
}

const isDenied = (path: string, mode: number): Promise<boolean> =>
  access(path, mode).then(
    () => false,
    () => true,
  );

async function firstBytes(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(16), 0, 16, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await file.close();
  }
}

function examineContents(path: string, probe: Probe | undefined): Finding {
  if (probe === undefined)
    return ok(`${path} is an SQLite file. Its contents were not checked: that needs Python.`);
  if (probe.holder !== null) return ok(`${path} is in use: see the check "lock".`);
  const { schema, problem, unclean } = probe;
  const note = unclean
    ? ' It was not closed properly; the next program that opens it recovers the last changes.'
    : '';
  if (schema === undefined && unclean) return ok(`${path} is an SQLite file.${note}`);
  if (problem !== undefined) return failure(`${path} is damaged: ${problem}.`, restoreBackup);
  if (schema === undefined)
    return failure(`${path} is an SQLite file, but not an Anki collection.`, checkPath);
  if (schema > schemas.newest) {
    return failure(`${path} was written by a newer Anki (schema ${schema}).`, 'Update ankiwright.');
  }
  if (schema < schemas.oldest) {
    return failure(`${path} was written by a very old Anki (schema ${schema}).`, 'Open it once in Anki 2.1.');
  }
  return ok(`${path} is a collection (schema ${schema}).${note}`);
}

const lock: Check = {
  name: 'lock',
  examine: async (subject) => {
    const probe = await subject.probe();
    if (probe === undefined) return skipped('There is no collection file, or no Python to check it.');
    if (probe.holder === null) return ok('No program has the collection open.');
    const { name, isOurs } = await programOf(probe.holder);
    const says = `${name} has the collection open.`;
    if (!(await subject.engineNeeded())) return ok(`${says} ankiwright works through Anki.`);
    if (isOurs) return warning(says, 'It closes the collection a minute after its last call (--idle).');
    return failure(
      says,
      subject.target.collection === undefined
        ? `If that is Anki, install ${addOn} in it, or close it.`
        : 'Close it, or remove --collection to work through a running Anki.',
    );
  },
};

/** Returns the name of a process, without its arguments, which may contain secrets. */
async function programOf(id: number): Promise<{ name: string; isOurs: boolean }> {
  if (id === 0) return { name: 'Another program', isOurs: false };
  const column = async (name: string): Promise<string> =>
    (await run('ps', ['-o', `${name}=`, '-p', String(id)])).trim();
  try {
    const [command, args] = await Promise.all([column('comm'), column('args')]);
    const isOurs = /\bhost\.py\b/.test(args);
    return { name: `${isOurs ? 'Another ankiwright' : basename(command)} (process ${id})`, isOurs };
  } catch {
    return { name: `Process ${id}`, isOurs: false };
  }
}

/** Checks of the collection file. */
export const collectionChecks: readonly Check[] = [collection, lock];
