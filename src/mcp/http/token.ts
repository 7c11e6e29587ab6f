import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UsageError } from '../../contract/errors.ts';
import { codeOf } from '../../lib/error.ts';

export interface Token {
  readonly secret: string;
  /** What the log says of it: where it is, or, if it is nowhere else, what it is. */
  readonly told: string;
}

/** As RFC 6750 has it; short ones could be guessed, and longer ones do not fit into a header. */
const usable = /^[\w.~+/-]{16,4096}=*$/;

const freshSecret = (): string => randomBytes(32).toString('base64url');

/** The token of a file, which is made if it is not there; without a file, one for this run. */
export function tokenFrom(file: string | undefined, log: (message: string) => void): Token {
  if (file === undefined) {
    const secret = freshSecret();
    return {
      secret,
      told: `clients have to send the header "Authorization: Bearer ${secret}" (a new token at each start; --token-file PATH keeps one)`,
    };
  }
  const path = resolve(file);
  const secret = read(path, log) ?? make(path);
  return { secret, told: `clients have to send the token in ${path}, as "Authorization: Bearer TOKEN"` };
}

function read(path: string, log: (message: string) => void): string | undefined {
  let secret: string;
  try {
    secret = readFileSync(path, 'utf8').trim();
    // Some systems hand out secrets in files that others can read: it is told, and not refused.
    if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) {
      log(`other users of this machine may read the token in ${path}: chmod 600 keeps it from them`);
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new UsageError(`--token-file ${path} cannot be read`, { cause: error });
  }
  if (usable.test(secret)) return secret;
  throw new UsageError(
    `--token-file ${path} holds no token: it takes 16 or more letters, digits and signs of -._~+/ on one line. Remove the file, and a good one is made`,
  );
}

function make(path: string): string {
  const secret = freshSecret();
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, `${secret}\n`, { flag: 'wx', mode: 0o600 });
    return secret;
  } catch (error) {
    throw new UsageError(`--token-file ${path} is not there, and cannot be made`, { cause: error });
  }
}
