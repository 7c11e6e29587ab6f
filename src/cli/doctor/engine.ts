import { stat } from 'node:fs/promises';
import { engineHome, installed, type Installation } from '../../backends/engine/process/install.ts';
import { tablesSchema } from '../../backends/engine/process/protocol.ts';
import { failed, failure, ok, skipped, warning, type Check, type Finding } from './check.ts';
import { run } from './run.ts';
import type { Subject } from './subject.ts';
import { messageOf } from '../../lib/error.ts';

/** What the engine lacks matters only where it is used. */
const ofEngine = (name: string, look: (subject: Subject) => Promise<Finding>): Check => ({
  name,
  look: async (subject) => {
    const finding = await look(subject).catch(failed);
    if (finding.state === 'ok' || (await subject.engineNeeded())) return finding;
    return skipped(`${finding.says} Working through Anki does not need it.`);
  },
});

const python = ofEngine('Python', async (subject) => ok(`${await subject.python()} is 3.10 or later.`));

const saysVersion = (command: string, args: readonly string[]): Promise<string | undefined> =>
  run(command, [...args, '--version']).then(
    (said) => said.trim(),
    () => undefined,
  );

const installer = ofEngine('installer', async (subject) => {
  if (await installed(subject.target)) return ok('The engine is installed; nothing has to be fetched.');
  const uv = await saysVersion('uv', []);
  if (uv !== undefined) return ok(`${uv} can install the engine.`);
  const interpreter = await subject.python().catch(() => undefined);
  if (interpreter === undefined) return skipped('Without Python there is nothing to install for.');
  const pip = await saysVersion(interpreter, ['-I', '-B', '-m', 'pip']);
  if (pip !== undefined) return ok(`${pip.replace(/ from .*/, '')} can install the engine.`);
  return failure(
    `There is no uv, and ${interpreter} has no pip: the engine cannot be installed.`,
    "Install uv (docs.astral.sh/uv), or your system's package for pip (python3-pip).",
  );
});

const engine = ofEngine('engine', async ({ target }) => {
  const home = engineHome(target);
  const found = await installed(target);
  if (found === undefined) {
    const half = await stat(home).catch(() => undefined);
    return warning(
      half ? `The engine in ${home} is not whole.` : `The engine is not in ${home} yet.`,
      '`ankiwright setup` installs it, and so does the first call: 10 MB to fetch, 31 MB on disk.',
    );
  }
  const fault = await faultOf(found);
  if (fault === undefined) return ok(`It starts, in ${home}.`);
  return failure(`The engine in ${home} ${fault}`, `Delete that folder, and run \`ankiwright setup\`.`);
});

/** Lets the engine describe itself, and start without a collection; undefined when it does both. */
async function faultOf({
  python: interpreter,
  host,
  folder,
  tables,
}: Installation): Promise<string | undefined> {
  const start = (...args: string[]) => run(interpreter, ['-I', '-S', '-B', host, folder, ...args]);
  try {
    const [described] = await Promise.all([start('describe'), start()]);
    const same = JSON.stringify(tablesSchema.parse(JSON.parse(described))) === JSON.stringify(tables);
    return same ? undefined : 'is another one than was installed there.';
  } catch (error) {
    return `does not start: ${messageOf(error)}.`;
  }
}

/** What working on a collection file needs. */
export const engineChecks: readonly Check[] = [python, installer, engine];
