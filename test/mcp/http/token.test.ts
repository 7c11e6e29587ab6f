import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { UsageError } from '../../../src/contract/errors.ts';
import { tokenFrom } from '../../../src/mcp/http/token.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

let folder: string;
let lines: string[];
const log = (line: string) => void lines.push(line);

beforeEach(() => {
  folder = temporaryFolder();
  lines = [];
});

const tokenFile = (text: string, mode = 0o600): string => {
  const path = join(folder, 'token');
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
};

test('without a file, creates a new token at each start and prints it', () => {
  const first = tokenFrom(undefined, log);
  expect(Buffer.from(first.secret, 'base64url')).toHaveLength(32);
  expect(first.usage).toContain(`"Authorization: Bearer ${first.secret}"`);
  expect(tokenFrom(undefined, log).secret).not.toBe(first.secret);
  expect(lines).toEqual([]);
});

test('creates a missing file, readable only by its owner, and reads it at the next start', () => {
  const path = join(folder, 'new', 'token');
  const { secret, usage } = tokenFrom(path, log);
  expect(readFileSync(path, 'utf8')).toBe(`${secret}\n`);
  expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, 'new')).mode & 0o777).toBe(0o700);
  expect(usage).toContain(path);
  expect(usage).not.toContain(secret);
  expect(tokenFrom(path, log)).toEqual({ secret, usage });
  expect(lines).toEqual([]);
});

test('ignores spaces and line breaks around the token', () => {
  expect(tokenFrom(tokenFile('\n  0123456789abcdef== \r\n'), log).secret).toBe('0123456789abcdef==');
});

test.each([0o640, 0o604, 0o644])('warns if other users may read the file (mode %o)', (mode) => {
  const path = tokenFile('0123456789abcdef', mode);
  expect(tokenFrom(path, log).secret).toBe('0123456789abcdef');
  expect(lines).toEqual([
    `other users of this machine may be able to read the token in ${path}: run chmod 600 on it`,
  ]);
});

test.each([
  ['no characters', ''],
  ['15 characters', '0123456789abcde'],
  ['two lines', '0123456789abcdef\n0123456789abcdef'],
  ['a token with a space', '01234567 89abcdef'],
  ['characters that no header can contain', '0123456789abcdefé'],
  ['more characters than a header can contain', 'x'.repeat(5000)],
])('refuses a file with %s and does not print its content', (_, text) => {
  const path = tokenFile(text);
  let message = '';
  try {
    tokenFrom(path, log);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    message = String(error);
  }
  expect(message).toContain(`--token-file ${path} contains no valid token`);
  expect(message + lines.join()).not.toContain('0123');
});

test('names the path of a file that cannot be read or created', () => {
  mkdirSync(join(folder, 'inner'));
  expect(() => tokenFrom(join(folder, 'inner'), log)).toThrow(/inner cannot be read$/);
  expect(() => tokenFrom(join(tokenFile('x'), 'token'), log)).toThrow(/cannot be (read|created)$/);
  // A dangling link is not followed: otherwise another user could choose where the token is created.
  symlinkSync(join(folder, 'elsewhere'), join(folder, 'link'));
  expect(() => tokenFrom(join(folder, 'link'), log)).toThrow(/does not exist and cannot be created$/);
});
