import { execFile, spawn } from 'node:child_process';
import { access, chmod, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { Unreachable } from '../../../contract/errors.ts';
import { tablesSchema, type Tables } from './protocol.ts';

const version = '26.9.3';

// SHA-256 of the wheels: macOS arm64 and x86_64, Linux aarch64 and x86_64 (glibc 2.35 or later), Windows x86_64 and arm64.
const hashes = [
  '99e7d706ff21c7feeb81b94c87e5539e91167fec8d4c5da387e17fe010df6062',
  'a55f3fe495e39aa208982b0bf5f08f0bab13f4a55f4003c7ef83fc3009f7f257',
  'd994c996dcb5a619049291d829500f5bb0bbae5fe36058f1d43daadd59b5b804',
  '7b3dcb6c9e06e8087ed66bb70f35356e5c60686f51e3bde25f6328433072132f',
  '0ef53cf0da16df057041e412aaad0bf049f036867bb5d8185add1de159099800',
  '7b4cb3b75154f44e603292eccb61af3725dca7f19d7b49d95be7fd0d599097a2',
];

/** An engine that is ready to start. */
export interface Installation {
  /** Path of the Python interpreter. */
  readonly python: string;
  /** Path of host.py. */
  readonly host: string;
  /** Folder of the unpacked wheel. */
  readonly folder: string;
  /** Methods and messages of the installed engine. */
  readonly tables: Tables;
}

/** The engine's Python and folder. */
interface EngineLocation {
  /** Python to use; by default the first suitable one on the PATH. */
  readonly python?: string | undefined;
  /** Folder of the engine; by default the user's cache folder. */
  readonly engineDir?: string | undefined;
}

export interface InstallOptions extends EngineLocation {
  /** Receives progress messages of slow steps. */
  readonly log: (message: string) => void;
}

const run = promisify(execFile);

/** Milliseconds that a Python may take for a small script. */
const startTimeoutMs = 30_000;

const hostFile = fileURLToPath(new URL('./host.py', import.meta.url));
const readySchema = z.object({ python: z.string(), tables: tablesSchema });
type Ready = z.infer<typeof readySchema>;

/** Returns the installed engine. Otherwise installs the pinned wheel with uv or pip: 10 MB download, 31 MB on disk. Throws Unreachable. */
export async function install(options: InstallOptions): Promise<Installation> {
  const home = engineHome(options);
  const ready = await installed(options);
  if (ready) {
    if (options.python === undefined) await remember(ready);
    return ready;
  }

  const parent = dirname(home);
  const python = await findPython(options.python);
  options.log(`installing Anki's engine ${version} into ${home} (once, about 10 MB)`);
  const draft = await makeDraft(parent);
  try {
    await downloadWheel(python, draft);
    const wheel = join(draft, 'wheel');
    const tables = await describe(python, wheel);
    await writeFile(join(draft, 'ready.json'), JSON.stringify({ python, tables }));
    await chmod(draft, 0o755); // other users may use the same installation
    // Another process may have finished first and may already use it.
    if (!(await installed(options))) {
      await rm(home, { recursive: true, force: true });
      await rename(draft, home).catch(async (error: unknown) => {
        if (!(await installed(options))) throw error;
      });
    }
    return { python, host: hostFile, folder: join(home, 'wheel'), tables };
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Returns the engine's folder, whether or not it exists. */
export const engineHome = ({ engineDir = cacheFolder() }: EngineLocation): string =>
  join(engineDir, `anki-${version}`);

/** Returns the engine if it is installed. Changes nothing. */
export async function installed({ python, engineDir }: EngineLocation): Promise<Installation | undefined> {
  const home = engineHome({ engineDir });
  try {
    const ready = await readReady(join(home, 'ready.json'));
    const interpreter = python ?? (await pythonAt(ready.python));
    return { python: interpreter, tables: ready.tables, host: hostFile, folder: join(home, 'wheel') };
  } catch {
    return undefined; // missing or incomplete: it is installed again
  }
}

/** The description that was read last, and the version of its file. */
let lastRead: { readonly version: string; readonly ready: Ready } | undefined;

/** Reads the description of an installation. Parses it again only if the file is another one. */
async function readReady(file: string): Promise<Ready> {
  const { dev, ino, size, mtimeNs } = await stat(file, { bigint: true });
  const version = [file, dev, ino, size, mtimeNs].join(' ');
  if (lastRead?.version === version) return lastRead.ready;
  const ready = readySchema.parse(JSON.parse(await readFile(file, 'utf8')));
  lastRead = { version, ready };
  return ready;
}

/** Returns this Python, or another one if it was moved or removed: the engine runs with every Python from 3.10 on. */
const pythonAt = (path: string): Promise<string> =>
  access(path).then(
    () => path,
    () => findPython(undefined),
  );

/** Stores which Python runs the engine, so that the next start does not look for it. Failing that, the next start looks again. */
export async function remember({ python, folder, tables }: Installation): Promise<void> {
  const file = join(dirname(folder), 'ready.json');
  try {
    if ((await readReady(file)).python === python) return;
    const draft = `${file}.${process.pid}`;
    await writeFile(draft, JSON.stringify({ python, tables }));
    await rename(draft, file);
  } catch {
    // for example a folder that only an administrator may write
  }
}

async function makeDraft(parent: string): Promise<string> {
  try {
    await mkdir(parent, { recursive: true });
    return await mkdtemp(join(parent, 'draft-'));
  } catch (error) {
    throw new Unreachable(
      `Anki's engine cannot be stored in ${parent} (${String(error)}). Make this folder writable, or set another one in the server's settings (--engine-dir PATH).`,
    );
  }
}

async function describe(python: string, wheel: string): Promise<Tables> {
  try {
    const limits = { maxBuffer: 1 << 24, timeout: startTimeoutMs, killSignal: 'SIGKILL' } as const;
    const { stdout } = await run(python, ['-I', '-S', hostFile, wheel, 'describe'], limits);
    return tablesSchema.parse(JSON.parse(stdout));
  } catch (error) {
    throw new Unreachable(
      `Anki's engine was downloaded, but ${python} cannot read it (${reasonOf(error)}). Set another Python in the server's settings (--python PATH), and try again.`,
    );
  }
}

/** Returns why a program failed, without what it printed to stdout. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error) || !('stderr' in error))
    return 'its description of the engine is not readable';
  return String(error.stderr).trim().split('\n').at(-1) || 'it ended without a message';
}

async function downloadWheel(python: string, draft: string): Promise<void> {
  const requirements = join(draft, 'requirements.txt');
  await writeFile(
    requirements,
    [`anki==${version}`, ...hashes.map((hash) => `--hash=sha256:${hash}`)].join(' \\\n  '),
  );
  const options = ['--no-deps', '--require-hashes', '--target', join(draft, 'wheel'), '-r', requirements];
  const installers: [string, string[]][] = [
    ['uv', ['pip', 'install', '--python', python, '--only-binary', ':all:', ...options]],
    [
      python,
      [
        '-m',
        'pip',
        'install',
        '--disable-pip-version-check',
        '--no-input',
        '--only-binary=:all:',
        ...options,
      ],
    ],
  ];
  const failures: string[] = [];
  for (const [command, args] of installers) {
    const failure = await attempt(command, args);
    if (failure === undefined) return;
    failures.push(`${command}: ${failure}`);
  }
  throw new Unreachable(
    `Anki's engine (PyPI package anki ${version}) could not be installed with uv or pip. It needs network access once, and a wheel for this system: macOS 12 or later, Windows, or Linux with glibc 2.35 or later, on x86_64 or arm64. Their output: ${failures.join(' | ')}`,
  );
}

/** Runs an installer. Returns undefined if it succeeded, otherwise the end of its output. */
function attempt(command: string, args: string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
    let output = '';
    const append = (chunk: Buffer) => (output = (output + chunk.toString()).slice(-1500));
    child.stdout.on('data', append);
    child.stderr.on('data', append);
    child.once('error', (error) =>
      resolve('code' in error && error.code === 'ENOENT' ? 'not found' : error.message),
    );
    child.once('close', (code) => resolve(code === 0 ? undefined : output.trim() || `exit code ${code}`));
  });
}

/** Returns a Python that can run the engine. Throws Unreachable. */
export async function findPython(wanted: string | undefined, timeoutMs = startTimeoutMs): Promise<string> {
  const found: string[] = [];
  for (const candidate of wanted === undefined ? ['python3', 'python', 'py'] : [wanted]) {
    try {
      const script = 'import sys; print("%d.%d" % sys.version_info[:2]); print(sys.executable)';
      const limits = { timeout: timeoutMs, killSignal: 'SIGKILL' } as const;
      const { stdout } = await run(candidate, ['-I', '-S', '-B', '-c', script], limits);
      const [, release, path] = /^(\d{1,3}\.\d{1,3})\r?\n([^\r\n]+)\s*$/.exec(stdout) ?? [];
      const [major = 0, minor = 0] = (release ?? '').split('.').map(Number);
      if (path !== undefined && isAbsolute(path) && major === 3 && minor >= 10) return path;
      found.push(release === undefined ? `${candidate} is not Python` : `${candidate} is Python ${release}`);
    } catch (error) {
      const timedOut = error instanceof Error && 'killed' in error && error.killed === true;
      found.push(`${candidate} ${timedOut ? 'does not respond' : 'cannot be run'}`);
    }
  }
  const uv = await run('uv', ['--no-cache', 'python', 'find', '>=3.10'], { timeout: timeoutMs }).catch(
    () => undefined,
  );
  if (wanted === undefined && uv) return uv.stdout.trim();
  throw new Unreachable(
    `Working on a collection file needs Python 3.10 or later (${found.join('; ')}). Install it from python.org or your package manager, or set its path in the server's settings (--python PATH), and try again.`,
  );
}

/** Returns the user's cache folder for this program. */
export function cacheFolder(): string {
  if (process.platform === 'win32') return join(process.env['LOCALAPPDATA'] ?? homedir(), 'ankiwright');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'ankiwright');
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'ankiwright');
}
