import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install } from '../../src/backends/engine/process/install.ts';
import { temporaryFolder } from './temporary-folder.ts';

const quoted = (argument: string): string => `'${argument.replaceAll("'", String.raw`'\''`)}'`;

/** Writes a shell script that can be used as --python, and returns its path. */
export function script(body: string): string {
  const path = join(temporaryFolder(), 'python');
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** A Python for the engine's host process that reports its process ids. */
export interface HostPython {
  readonly path: string;
  /** Sends a signal to the process that was started last, if it still runs. */
  readonly signal: (name: NodeJS.Signals) => void;
  /** Returns how many processes were started. */
  readonly starts: () => number;
  /** Returns true if the process that was started last still runs. */
  readonly runs: () => boolean;
}

/** Python code that drops the superuser's right to ignore file permissions. */
export const ordinaryUser = `import ctypes, sys
if sys.platform == 'linux':
    for capability in (1, 2): ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)`;

export interface Preparation {
  /** Shell commands that run first. */
  readonly shell?: string;
  /** Python code that runs first, in the process that then becomes the host. */
  readonly prelude?: string;
  /** A program of test/support that runs the host inside its own process, and its arguments. */
  readonly within?: readonly [name: string, ...args: string[]];
}

/** Returns the Python that the engine uses on this computer, with a preparation. */
export async function hostPython({ shell = '', prelude, within }: Preparation = {}): Promise<HostPython> {
  const { python } = await install({ log: () => {} });
  const command = [python, '-I', '-S'];
  if (prelude !== undefined)
    command.push(
      '-c',
      `${prelude}\nimport os, sys\nos.execv(sys.executable, [sys.executable, *sys.argv[1:]])`,
    );
  if (within) command.push(fileURLToPath(new URL(within[0], import.meta.url)), ...within.slice(1));
  const shellCommand = (prelude === undefined && !within ? [python] : command).map(quoted).join(' ');
  const folder = temporaryFolder();
  const started = join(folder, 'started');
  writeFileSync(started, '');
  const path = script(`${shell}\necho $$ >> ${quoted(started)}\nexec ${shellCommand} "$@"`);
  const ids = () => readFileSync(started, 'utf8').split('\n').filter(Boolean).map(Number);
  /** Returns false if the process has ended. */
  const signal = (name: NodeJS.Signals | 0): boolean => {
    const id = ids().at(-1);
    try {
      return id !== undefined && process.kill(id, name);
    } catch {
      return false;
    }
  };
  return { path, signal, starts: () => ids().length, runs: () => signal(0) };
}

/** Returns a Python whose host process fails on demand; see faulty-host.py. */
export async function faultyPython() {
  const plan = join(temporaryFolder(), 'plan');
  const python = await hostPython({ within: ['faulty-host.py', plan] });
  /** Plans a fault after `after` calls of the engine. */
  const next = (fault: string, after = 0): void => writeFileSync(plan, `${fault}|${after}`);
  /** Returns true if the planned fault has happened, and cancels it otherwise. */
  const happened = (): boolean => {
    const pending = existsSync(plan);
    rmSync(plan, { force: true });
    return !pending;
  };
  return { ...python, next, happened };
}
