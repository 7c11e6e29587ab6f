import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install } from '../../src/backends/engine/process/install.ts';
import { temporaryFolder } from './temporary-folder.ts';

const quoted = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;

/** Something to start as Python: a shell script. */
export function script(body: string): string {
  const path = join(temporaryFolder(), 'python');
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** A Python for the engine's host, whose process can be told from all others. */
export interface HostPython {
  readonly path: string;
  /** Signals the process that was started last; nothing if it has gone. */
  readonly signal: (name: NodeJS.Signals) => void;
  /** How many have been started. */
  readonly starts: () => number;
}

/** A prelude in Python: the superuser may write everywhere, but for a process that has given up that power. */
export const ordinaryUser = `import ctypes, sys
if sys.platform == 'linux':
    for power in (1, 2): ctypes.CDLL(None).prctl(24, power, 0, 0, 0)`;

export interface Preparation {
  /** Shell commands that come before. */
  readonly shell?: string;
  /** Runs in Python before; the process is then started anew as the host. */
  readonly prelude?: string;
  /** A program of test/support that runs the host within itself, with these arguments before the host's own. */
  readonly within?: readonly [name: string, ...args: string[]];
}

/** The Python that the engine runs on here, with something done to it first. */
export async function hostPython({ shell = '', prelude, within }: Preparation = {}): Promise<HostPython> {
  const { python } = await install({ log: () => {} });
  const words = [python, '-I', '-S'];
  if (prelude !== undefined)
    words.push('-c', `${prelude}\nimport os, sys\nos.execv(sys.executable, [sys.executable, *sys.argv[1:]])`);
  if (within) words.push(fileURLToPath(new URL(within[0], import.meta.url)), ...within.slice(1));
  const command = (prelude === undefined && !within ? [python] : words).map(quoted).join(' ');
  const started = join(temporaryFolder(), 'started');
  writeFileSync(started, '');
  const path = script(`${shell}\necho $$ >> ${quoted(started)}\nexec ${command} "$@"`);
  const ids = () => readFileSync(started, 'utf8').split('\n').filter(Boolean).map(Number);
  const signal = (name: NodeJS.Signals): void => {
    const id = ids().at(-1);
    try {
      if (id !== undefined) process.kill(id, name);
    } catch {
      // It has gone.
    }
  };
  return { path, signal, starts: () => ids().length };
}

/** A Python whose host fails as it is told to; see faulty-host.py. */
export async function faultyPython() {
  const plan = join(temporaryFolder(), 'plan');
  const python = await hostPython({ within: ['faulty-host.py', plan] });
  /** Has a fault happen after so many calls of the engine. */
  const next = (fault: string, after = 0): void => writeFileSync(plan, `${fault}|${after}`);
  /** Whether it has happened; if not, it will not. */
  const happened = (): boolean => {
    const pending = existsSync(plan);
    rmSync(plan, { force: true });
    return !pending;
  };
  return { ...python, next, happened };
}
