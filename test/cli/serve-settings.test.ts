import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfig } from '../../src/cli/config.ts';
import { serveSettings } from '../../src/cli/serve-settings.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const settings = (...args: string[]) =>
  serveSettings(readConfig(['serve', '--collection', 'x', ...args], {}));

const file = (content: object) => {
  const path = join(temporaryFolder(), 'config.json');
  writeFileSync(path, JSON.stringify(content));
  return path;
};

test('without options it listens at Anki-Connect’s address', () => {
  expect(settings()).toEqual({
    host: '127.0.0.1',
    port: 8765,
    apiKey: null,
    origins: { allowed: ['http://localhost'], ignored: [] },
  });
});

test('settings are read from a file with Anki-Connect’s names, and options override them', () => {
  const path = file({
    apiKey: 'k',
    apiLogPath: null,
    webBacklog: 5,
    webBindAddress: '0.0.0.0',
    webBindPort: 1234,
    webCorsOrigin: 'https://a.example',
    webCorsOriginList: ['https://b.example'],
    ignoreOriginList: ['https://c.example'],
  });
  const allowed = ['https://b.example', 'https://a.example'];
  const origins = { allowed, ignored: ['https://c.example'] };
  expect(settings('--config', path)).toEqual({ host: '0.0.0.0', port: 1234, apiKey: 'k', origins });
  const options = [
    '--bind',
    '::1',
    '--port',
    '0',
    '--api-key',
    'other',
    '--cors-origin',
    'https://d.example',
  ];
  expect(settings('--config', path, ...options, '--cors-origin', 'https://e.example')).toEqual({
    host: '::1',
    port: 0,
    apiKey: 'other',
    origins: { ...origins, allowed: [...allowed, 'https://d.example', 'https://e.example'] },
  });
});

test.each(['0.0.0.0', '::', '192.168.1.7', 'example.org'])('listening at %s needs a key', (host) => {
  expect(() => settings('--bind', host)).toThrow('can be reached from other machines');
  expect(() => settings('--config', file({ webBindAddress: host, apiKey: '' }))).toThrow('--api-key-file');
  expect(settings('--bind', host, '--api-key', 'k').apiKey).toBe('k');
  expect(settings('--bind', host, '--allow-unauthenticated').apiKey).toBe(null);
});

test.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])('listening at %s needs no key', (host) => {
  expect(settings('--bind', host).host).toBe(host);
});

test.each([
  [{ webBindPort: 'x' }, 'webBindPort'],
  [{ webCorsOriginList: 'http://localhost' }, 'webCorsOriginList'],
  [[], 'expected object'],
])('the file %j is refused', (content, message) => {
  expect(() => settings('--config', file(content))).toThrow(message);
});

test.each([
  ['ANKIWRIGHT_READ_ONLY', '1', '--read-only'],
  ['ANKIWRIGHT_TOOLSETS', 'core', '--toolsets'],
  ['ANKIWRIGHT_TOOLS', 'deckNames', '--tools'],
  ['ANKIWRIGHT_EXCLUDE_TOOLS', 'deleteNotes', '--exclude-tools'],
])('serve does not start if %s restricts the tools', (variable, value, option) => {
  const config = readConfig(['serve', '--collection', 'x'], { [variable]: value });
  expect(() => serveSettings(config)).toThrow(`cannot apply ${option}: remove ${variable}`);
});

test('a restriction that is empty or off in the environment does not stop serve', () => {
  const environment = {
    ANKIWRIGHT_READ_ONLY: 'no',
    ANKIWRIGHT_TOOLS: '',
    ANKIWRIGHT_TOOLSETS: '${TOOLSETS}',
  };
  expect(serveSettings(readConfig(['serve', '--collection', 'x'], environment)).port).toBe(8765);
});
