import { dirname, join, resolve } from 'node:path';
import { UsageError } from '../contract/errors.ts';
import { readSecret, type Config } from './config.ts';

export interface OAuthSettings {
  readonly publicUrl: string;
  readonly ownerPassword: string;
  readonly grantsFile: string;
}

const minPassword = 12;

/** Returns the settings of OAuth, or undefined without --public-url. `token` is that of --token-file. */
export function oauthSettings(config: Config, token: string | undefined): OAuthSettings | undefined {
  const publicUrl = config['public-url'];
  if (publicUrl === undefined) return undefined;
  const ownerPassword = passwordIn(config['owner-password-file']) ?? token;
  if (ownerPassword === undefined) {
    throw new UsageError(
      '--public-url needs --owner-password-file PATH, the password with which you allow clients, or --token-file PATH, whose token is then the password',
    );
  }
  return { publicUrl, ownerPassword, grantsFile: grantsFile(config) };
}

/** Returns the path of the grants file: by default next to the token file, or next to the password file. */
export function grantsFile(config: Config): string {
  const file = config['token-file'] ?? config['owner-password-file'];
  if (config['grants-file'] !== undefined) return resolve(config['grants-file']);
  if (file !== undefined) return join(dirname(resolve(file)), 'grants.json');
  throw new UsageError(
    'grants needs --grants-file PATH, or the --token-file or --owner-password-file of the server',
  );
}

function passwordIn(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  const password = readSecret(file, '--owner-password-file');
  if (password.length >= minPassword) return password;
  throw new UsageError(
    `the password in --owner-password-file ${file} has less than ${minPassword} characters: everybody on the internet can try to guess it`,
  );
}
