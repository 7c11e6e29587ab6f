/** The command with which a client starts the server. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The environment variable for the key. Not an argument, because every process can read a command line. */
export const keyVariable = 'ANKI_CONNECT_API_KEY';

export interface RunningProgram {
  readonly execPath: string;
  /** Path of the program, with links resolved. */
  readonly main: string;
  readonly version: string;
  /** The package file that npx runs; undefined if it takes the package from the registry. */
  readonly source?: string | undefined;
  readonly platform: NodeJS.Platform;
  /** The server's options, with absolute paths. */
  readonly args: readonly string[];
  readonly apiKey: string | undefined;
}

/** Returns the command with which a client starts the program that is running now. */
export function launchOf({
  execPath,
  main,
  version,
  source,
  platform,
  args,
  apiKey,
}: RunningProgram): Launch {
  const env = apiKey === undefined ? {} : { [keyVariable]: apiKey };
  // A path in the cache of npx is not permanent.
  if (!/[\\/]_npx[\\/]/.test(main)) return { command: permanentPath(execPath), args: [main, ...args], env };
  const from = source === undefined ? [`ankiwright@${version}`] : ['--package', source, 'ankiwright'];
  const npx = ['npx', '-y', ...from, ...args];
  // On Windows, npx is a script that only a shell can start.
  const [command = '', ...rest] = platform === 'win32' ? ['cmd', '/c', ...npx] : npx;
  return { command, args: rest, env };
}

/** Replaces a path of Homebrew by the link to the newest version: an update removes the folder of the old version. */
const permanentPath = (execPath: string): string =>
  execPath.replace(/\/Cellar\/(node(?:@\d+)?)\/[^/]+\/bin\/node$/, '/opt/$1/bin/node');
