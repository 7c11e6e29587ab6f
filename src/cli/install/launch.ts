/** How a client starts the server. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The variable that the key travels in: every process can read a command line. */
export const keyVariable = 'ANKI_CONNECT_API_KEY';

export interface Running {
  readonly execPath: string;
  /** The real path of the program. */
  readonly main: string;
  readonly version: string;
  readonly platform: NodeJS.Platform;
  /** The server's options, as a client has to repeat them. */
  readonly args: readonly string[];
  readonly apiKey: string | undefined;
}

/** How a client starts the program that is running now. */
export function launchOf({ execPath, main, version, platform, args, apiKey }: Running): Launch {
  const env = apiKey === undefined ? {} : { [keyVariable]: apiKey };
  // npx empties its cache at times, and fills it again.
  if (!/[\\/]_npx[\\/]/.test(main)) return { command: lasting(execPath), args: [main, ...args], env };
  const npx = ['npx', '-y', `ankiwright@${version}`, ...args];
  // npx is a script on Windows, which only a shell can start.
  const [command = '', ...rest] = platform === 'win32' ? ['cmd', '/c', ...npx] : npx;
  return { command, args: rest, env };
}

/** Homebrew removes a version's folder when it brings the next one, and keeps a link to the newest. */
const lasting = (execPath: string): string =>
  execPath.replace(/\/Cellar\/(node(?:@\d+)?)\/[^/]+\/bin\/node$/, '/opt/$1/bin/node');
