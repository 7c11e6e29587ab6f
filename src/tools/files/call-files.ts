import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { echo } from '../../lib/cut.ts';
import type { ActionName, Params } from '../../contract/index.ts';
import type { Backend, CallOptions } from '../../contract/backend.ts';
import { NotAllowed } from '../../contract/errors.ts';
import { once } from '../../lib/once.ts';
import { mapCalls } from '../leaf-calls.ts';
import { mediaPaths } from '../media/media-parameter.ts';
import type { Risk } from '../safeguards/rule.ts';
import { shorten } from '../../lib/wording.ts';
import { formatSize } from '../size.ts';
import { ankiMachine } from './anki-machine.ts';
import { exportTarget, type ExportTarget } from './export-target.ts';
import { allowedPath, isRemotePath, readablePath, unreadable, type ReadPolicy } from './read-access.ts';

/** Actions by which Anki reads a file. */
const imports: ReadonlySet<string> = new Set(['importPackage', 'guiImportFile']);
/** Actions by which Anki writes a file, with the ending of its format. */
const exportEndings: ReadonlyMap<string, string> = new Map([['exportPackage', '.apkg']]);

/** Maximum number of files in one question. The safeguard lists as many, and these first. */
const maxAsked = 10;
/** Maximum length of a path in a question. */
const maxPathLength = 500;

/** An export of a deck. */
export interface DeckExport extends ExportTarget {
  readonly deck: string;
}

/** The files of a call, after all paths were checked. */
export interface CallFiles<N extends ActionName> {
  /** The parameters with the paths that Anki reads and writes. */
  readonly params: Params<N>;
  /** What the user must confirm. */
  readonly risks: readonly Risk[];
  /** Paths that the user is asked about. */
  readonly confirmed: ReadonlyMap<string, string>;
  /** Files on this computer that Anki is to import, as in the arguments. */
  readonly imported: readonly string[];
  readonly exported: readonly DeckExport[];
  /** Whether a package is merged into the collection. */
  readonly mergesPackage: boolean;
}

/** What a call may read. */
export interface Reader {
  readonly policy: ReadPolicy;
  /** Whether the user can be asked. */
  readonly canAsk: boolean;
}

/** Checks every path in the parameters of a call and of its batch. Throws NotAllowed; nothing was read or written then. */
export async function filesOf<N extends ActionName>(
  name: N,
  params: Params<N>,
  backend: Backend,
  { policy, canAsk }: Reader,
  options: CallOptions,
): Promise<CallFiles<N>> {
  const machine = once(() => ankiMachine(backend, options));
  const outside = new Map<string, string>();
  const remote = new Set<string>();
  const imported: string[] = [];
  const exported: DeckExport[] = [];
  let mergesPackage = false;

  const importPath = async (path: string): Promise<string> => {
    if (!(await machine()).isHere) {
      if (!canAsk) throw new NotAllowed(cannotCheck(path));
      remote.add(path);
      return path;
    }
    imported.push(path);
    if (canAsk) await addOutside(outside, path, policy);
    return outside.get(path) ?? readablePath(path, policy);
  };
  const changed = await mapCalls(name, params, async (action, each) => {
    if (canAsk) for (const path of await mediaPaths(action, each)) await addOutside(outside, path, policy);
    const { path } = each;
    if (action === 'importPackage') mergesPackage = true;
    if (imports.has(action)) return { ...each, path: await importPath(String(path)) };
    const ending = exportEndings.get(action);
    if (ending === undefined) return each;
    const target = await exportTarget(String(path), ending, await machine());
    if (exported.some((other) => other.path === target.path))
      throw new NotAllowed(`Two exports of one batch have the path ${target.path}. Nothing was exported.`);
    if (target.replaces !== undefined && !canAsk) throw new NotAllowed(cannotReplace(target));
    exported.push({ ...target, deck: String(each['deck']) });
    return { ...each, path: target.written };
  });
  return {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same parameters with other paths
    params: changed as Params<N>,
    risks: limited([...(await readRisks(outside, remote)), ...exported.flatMap(replaceRisk)]),
    confirmed: outside,
    imported,
    exported,
    mergesPackage,
  };
}

/** Returns the paths that the user must confirm, with their real paths; none if the user cannot be asked. */
export async function outsideOf(
  paths: readonly string[],
  { policy, canAsk }: Reader,
): Promise<ReadonlyMap<string, string>> {
  const outside = new Map<string, string>();
  if (canAsk) for (const path of paths) await addOutside(outside, path, policy);
  return outside;
}

async function addOutside(outside: Map<string, string>, path: string, policy: ReadPolicy): Promise<void> {
  if (outside.has(path)) return;
  if (!isAbsolute(path)) throw new NotAllowed(`${echo(path)} is not allowed: it is not an absolute path.`);
  // A file below an allowed folder that cannot be read is reported by the code that reads it.
  const allowed = await allowedPath(path, policy).catch(() => path);
  if (allowed !== undefined) return;
  const real = isRemotePath(path) ? path : await realpath(path).catch(() => resolve(path));
  outside.set(path, real);
}

/** Returns what the user must confirm about files that a workflow reads. */
export const outsideRisks = async (outside: ReadonlyMap<string, string>): Promise<readonly Risk[]> =>
  limited(await readRisks(outside, new Set()));

async function readRisks(
  outside: ReadonlyMap<string, string>,
  remote: ReadonlySet<string>,
): Promise<readonly Risk[]> {
  const paths = [...new Set(outside.values())];
  const isFolder = await Promise.all(
    paths.map(
      async (path) => !isRemotePath(path) && (await stat(path).catch(() => undefined))?.isDirectory(),
    ),
  );
  return [
    ...paths.map((path, index) => {
      const what = isFolder[index] ? 'media files in the folder' : 'the file';
      return `Read ${what} ${shown(path)}, which is outside the allowed folders`;
    }),
    ...[...remote].map((path) => `Let Anki read the file ${shown(path)} on its own computer`),
  ].map(fileRisk);
}

function limited(risks: readonly Risk[]): readonly Risk[] {
  if (risks.length <= maxAsked) return risks;
  throw new NotAllowed(
    `The user would have to confirm ${risks.length} files, and one question may have at most ${maxAsked}. Pass fewer files, or let the user allow their folder with the server option --allow-dir FOLDER. Nothing was read or written.`,
  );
}

function replaceRisk({ path, replaces, deck }: DeckExport): readonly Risk[] {
  if (replaces === undefined) return [];
  const what = `an export of the deck ${shorten(deck)}`;
  const sentence =
    replaces === 'unknown'
      ? `Write ${what} to ${shown(path)} on Anki's computer, and replace the file if it exists there`
      : `Replace the file ${shown(path)} (${formatSize(replaces)}) with ${what}`;
  return [fileRisk(sentence)];
}

const fileRisk = (sentence: string): Risk => ({ kind: 'files', of: [sentence], describe: () => sentence });

/** Returns a path in quotes. Throws NotAllowed if a question cannot show it completely. */
function shown(path: string): string {
  if (path.length <= maxPathLength && !/["\p{C}\p{Zl}\p{Zp}]/u.test(path)) return `"${path}"`;
  throw new NotAllowed(
    'A path is too long for a question to the user, or contains quotes or control characters. Nothing was read or written.',
  );
}

/** Checks that the files to import are regular files now, after the user was asked. */
export async function checkImports(paths: readonly string[], policy: ReadPolicy): Promise<void> {
  for (const path of paths) {
    const real = await readablePath(path, policy);
    const found = await stat(real).catch((error: unknown) => {
      throw unreadable(path, error);
    });
    if (!found.isFile()) throw new NotAllowed(`${path} is not a file. Nothing was imported.`);
  }
}

const cannotCheck = (path: string): string =>
  `${path} is not allowed: Anki runs on another computer, where --allow-dir does not apply, so the user has to confirm the path, and this client cannot ask (MCP elicitation). Nothing was imported.`;

const cannotReplace = ({ path, replaces }: ExportTarget): string =>
  replaces === 'unknown'
    ? `Nothing was exported: Anki runs on another computer, so it is unknown whether ${path} exists there. The user has to confirm the path, and cannot be asked.`
    : `Nothing was exported: ${path} exists, and the user cannot be asked whether to replace it. Choose a new file name.`;
