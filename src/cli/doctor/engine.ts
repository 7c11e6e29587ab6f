import { stat } from 'node:fs/promises';
import { engineHome, installed, type Installation } from '../../backends/engine/process/install.ts';
import { tablesSchema } from '../../backends/engine/process/protocol.ts';
import { findingOf, failure, ok, skipped, warning, type Check, type Finding } from './check.ts';
import { run, runForJson } from './run.ts';
import type { Subject } from './subject.ts';
import { messageOf } from '../../lib/error.ts';

/** Returns a check that is skipped, instead of failing, while ankiwright works through Anki. */
const engineCheck = (name: string, examine: (subject: Subject) => Promise<Finding>): Check => ({
  name,
  examine: async (subject) => {
    const finding = await examine(subject).catch(findingOf);
    if (finding.state === 'ok' || (await subject.engineNeeded())) return finding;
    return skipped(`${finding.says} Working through Anki does not need it.`);
  },
});

const python = engineCheck('Python', async (subject) => ok(`${await subject.python()} is 3.10 or later.`));

/** Returns what a program prints for --version, or undefined if it cannot be run. */
const versionOf = (command: string, args: readonly string[]): Promise<string | undefined> =>
  run(command, [...args, '--version']).then(
    (output) => output.trim(),
    () => undefined,
  );

const installer = engineCheck('installer', async (subject) => {
  if (await installed(subject.target)) return ok('The engine is already installed.');
  const uv = await versionOf('uv', []);
  if (uv !== undefined) return ok(`${uv} can install the engine.`);
  const interpreter = await subject.python().catch(() => undefined);
  if (interpreter === undefined) return skipped('Without Python the engine cannot be installed.');
  const pip = await versionOf(interpreter, ['-I', '-B', '-m', 'pip']);
  if (pip !== undefined) return ok(`${pip.replace(/ from .*/, '')} can install the engine.`);
  return failure(
    `There is no uv, and ${interpreter} has no pip: the engine cannot be installed.`,
    "Install uv (docs.astral.sh/uv), or your system's package for pip (python3-pip).",
  );
});

const engine = engineCheck('engine', async ({ target, python: findInterpreter }) => {
  const home = engineHome(target);
  const isThere = (await stat(home).catch(() => undefined)) !== undefined;
  if (isThere && (await findInterpreter().catch(() => undefined)) === undefined)
    return skipped('Without Python the engine cannot be started.');
  const found = await installed(target);
  if (found === undefined) {
    return warning(
      isThere ? `The engine in ${home} is incomplete.` : `The engine is not installed in ${home} yet.`,
      '`ankiwright setup` or the first call installs it: a download of 10 MB, 31 MB on disk.',
    );
  }
  const problem = await problemOf(found);
  if (problem === undefined) return ok(`The engine in ${home} starts.`);
  return {
    ...failure(
      `The engine in ${home} ${problem}`,
      '`ankiwright doctor --fix` installs it again. Or delete that folder and run `ankiwright setup`.',
    ),
    fix: { kind: 'engine' },
  };
});

/** Starts the engine without a collection and compares its description. Returns undefined if both succeed. */
async function problemOf({
  python: interpreter,
  host,
  folder,
  tables,
}: Installation): Promise<string | undefined> {
  const args = ['-I', '-S', '-B', host, folder];
  try {
    const [described] = await Promise.all([
      runForJson(tablesSchema, interpreter, [...args, 'describe']),
      run(interpreter, args),
    ]);
    const isSame = JSON.stringify(described) === JSON.stringify(tables);
    return isSame ? undefined : 'is not the one that was installed there.';
  } catch (error) {
    return `does not start: ${messageOf(error)}.`;
  }
}

/** Checks of what the engine needs. */
export const engineChecks: readonly Check[] = [python, installer, engine];
