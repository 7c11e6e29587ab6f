import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** What a program prints. It gets no input, and some seconds; when it fails, the last line it said is the error. */
export async function run(command: string, args: readonly string[], timeout = 4000): Promise<string> {
  const running = execute(command, args, {
    timeout,
    killSignal: 'SIGKILL',
    maxBuffer: 1 << 24,
    windowsHide: true,
  });
  running.child.stdin?.on('error', () => {}).end(); // its end tells
  try {
    return (await running).stdout;
  } catch (error) {
    throw new Error(reason(error), { cause: error });
  }
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('killed' in error && error.killed === true) return 'it gave no answer in time';
  const said = 'stderr' in error ? String(error.stderr).trim() : '';
  if (said !== '') return said.split('\n').at(-1) ?? said;
  const code = 'signal' in error && error.signal ? error.signal : 'code' in error ? error.code : '';
  return `it ended with ${String(code)}`;
}
