import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { z } from 'zod';

const execute = promisify(execFile);

/** Runs a program without input and returns its output. If it fails, the error is the last line of its stderr. */
export async function run(command: string, args: readonly string[], timeoutMs = 4000): Promise<string> {
  const running = execute(command, args, {
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: 1 << 24,
    windowsHide: true,
  });
  running.child.stdin?.on('error', () => {}).end(); // the exit code reports an early end
  try {
    return (await running).stdout;
  } catch (error) {
    throw new Error(reason(error), { cause: error });
  }
}

/** Runs a program that prints JSON of this schema. The error never contains what it printed instead. */
export async function runForJson<S extends z.ZodType>(
  schema: S,
  command: string,
  args: readonly string[],
): Promise<z.output<S>> {
  const output = await run(command, args);
  try {
    return schema.parse(JSON.parse(output));
  } catch (error) {
    throw new Error(`${command} printed something else than was expected`, { cause: error });
  }
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('killed' in error && error.killed === true) return 'it did not respond in time';
  const stderr = 'stderr' in error ? String(error.stderr).trim() : '';
  if (stderr !== '') return stderr.split('\n').at(-1) ?? stderr;
  const code = 'signal' in error && error.signal ? error.signal : 'code' in error ? error.code : '';
  return `it ended with ${String(code)}`;
}
