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

const file = (text: string, mode = 0o600): string => {
  const path = join(folder, 'token');
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
};

test('without a file, each start has another token, ready to be sent', () => {
  const first = tokenFrom(undefined, log);
  expect(Buffer.from(first.secret, 'base64url')).toHaveLength(32);
  expect(first.told).toContain(`"Authorization: Bearer ${first.secret}"`);
  expect(tokenFrom(undefined, log).secret).not.toBe(first.secret);
  expect(lines).toEqual([]);
});

test('a file that is not there is made for its owner alone, and kept', () => {
  const path = join(folder, 'new', 'token');
  const { secret, told } = tokenFrom(path, log);
  expect(readFileSync(path, 'utf8')).toBe(`${secret}\n`);
  expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, 'new')).mode & 0o777).toBe(0o700);
  expect(told).toContain(path);
  expect(told).not.toContain(secret);
  expect(tokenFrom(path, log)).toEqual({ secret, told });
  expect(lines).toEqual([]);
});

test('spaces and line breaks around it do not count', () => {
  expect(tokenFrom(file('\n  0123456789abcdef== \r\n'), log).secret).toBe('0123456789abcdef==');
});

test.each([0o640, 0o604, 0o644])('others may read it: the log tells (%o)', (mode) => {
  const path = file('0123456789abcdef', mode);
  expect(tokenFrom(path, log).secret).toBe('0123456789abcdef');
  expect(lines).toEqual([
    `other users of this machine may read the token in ${path}: chmod 600 keeps it from them`,
  ]);
});

test.each([
  ['nothing', ''],
  ['15 signs', '0123456789abcde'],
  ['two lines', '0123456789abcdef\n0123456789abcdef'],
  ['a space within', '01234567 89abcdef'],
  ['signs that no header holds', '0123456789abcdefé'],
  ['more than a header holds', 'x'.repeat(5000)],
])('a file of %s is no token, and is not told', (_, text) => {
  const path = file(text);
  let message = '';
  try {
    tokenFrom(path, log);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    message = String(error);
  }
  expect(message).toContain(`--token-file ${path} holds no token`);
  expect(message + lines.join()).not.toContain('0123');
});

test('what cannot be read or made is told with its path', () => {
  mkdirSync(join(folder, 'inner'));
  expect(() => tokenFrom(join(folder, 'inner'), log)).toThrow(/inner cannot be read$/);
  expect(() => tokenFrom(join(file('x'), 'token'), log)).toThrow(/cannot be (read|made)$/);
  // A link that points nowhere is not followed: the token would be made where somebody else wants it.
  symlinkSync(join(folder, 'elsewhere'), join(folder, 'link'));
  expect(() => tokenFrom(join(folder, 'link'), log)).toThrow(/is not there, and cannot be made$/);
});
