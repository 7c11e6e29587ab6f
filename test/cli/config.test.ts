import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readConfig, serverArguments } from '../../src/cli/config.ts';

test.each([
  [['--read-only'], ['--read-only']],
  [
    ['--collection', 'c.anki2'],
    ['--collection', resolve('c.anki2')],
  ],
  [
    ['--media-dir', '~/one', '--media-dir', '/two,three'],
    ['--media-dir', join(homedir(), 'one'), '--media-dir', resolve('/two,three')],
  ],
  [
    ['--toolsets', 'core,card', '--tools', 'sync'],
    ['--toolsets', 'core', '--toolsets', 'card', '--tools', 'sync'],
  ],
  [
    ['--profile', 'User 1', '--idle', '5'],
    ['--profile', 'User 1', '--idle', '5'],
  ],
  [
    ['--api-key', 'secret', '--api-key-file', 'key'],
    ['--api-key-file', resolve('key')],
  ],
  [['--name', 'cards', '--dry-run', '--print', '--json'], []],
  [['--url', '${ANKI_URL}'], []],
])('a client repeats of %j what says how the server is started', (typed, repeated) => {
  const args = serverArguments(['install', 'cursor', ...typed]);
  expect(new Set(args)).toEqual(new Set(repeated));
  expect(serverArguments(args)).toEqual(args);
  expect(readConfig(args, {})).toMatchObject({ command: 'mcp' });
});

test.each([['--http'], ['--port', '3141'], ['--cors-origin', 'https://x.org'], ['--token-file', 't']])(
  'what is for a server that listens, as %s, goes into no client',
  (...typed) => {
    expect(() => serverArguments(['install', 'cursor', ...typed])).toThrow(/is for a server that listens/);
  },
);
