import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UsageError } from '../../contract/errors.ts';
import { codeOf } from '../../lib/error.ts';

export interface Token {
  readonly secret: string;
  /** How clients authenticate, for the log: names the token file, or contains the token if there is no file. */
  readonly usage: string;
}

/** Syntax of RFC 6750. Shorter tokens could be guessed; longer ones do not fit into a header. */
const tokenPattern = /^[\w.~+/-]{16,4096}=*$/;

const newSecret = (): string => randomBytes(32).toString('base64url');

/** Reads the token from a file, and creates the file if it does not exist. Without a file, returns a new token. */
export function tokenFrom(file: string | undefined, log: (message: string) => void): Token {
  if (file === undefined) {
    const secret = newSecret();
    return {
      secret,
      usage: `clients must send the header "Authorization: Bearer ${secret}" (a new token at each start; use --token-file PATH to keep one)`,
    };
  }
  const path = resolve(file);
  const secret = readToken(path, log) ?? createToken(path);
  return { secret, usage: `clients must send the token in ${path} as "Authorization: Bearer TOKEN"` };
}

function readToken(path: string, log: (message: string) => void): string | undefined {
  let secret: string;
  try {
    secret = readFileSync(path, 'utf8').trim();
    // A warning and no error: some systems provide secrets in files that others can read.
    if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) {
      log(`other users of this machine may be able to read the token in ${path}: run chmod 600 on it`);
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new UsageError(`--token-file ${path} cannot be read`, { cause: error });
  }
  if (tokenPattern.test(secret)) return secret;
  throw new UsageError(
    `--token-file ${path} contains no valid token: a token has 16 to 4096 letters, digits or the characters -._~+/ on one line. Delete the file to have a token created`,
  );
}

function createToken(path: string): string {
  const secret = newSecret();
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    // wx also fails for a dangling symbolic link, so that nobody can redirect the token.
    writeFileSync(path, `${secret}\n`, { flag: 'wx', mode: 0o600 });
    return secret;
  } catch (error) {
    throw new UsageError(`--token-file ${path} does not exist and cannot be created`, { cause: error });
  }
}
