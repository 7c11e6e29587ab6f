import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { Engine } from '../../src/backends/engine/engine.ts';
import { newCollection, startServe } from '../support/served.ts';

const version = { action: 'version', version: 6 };

test.each(['SIGTERM', 'SIGINT'] as const)(
  'prints its URL, and stops on %s after the running request',
  async (signal) => {
    const collection = newCollection();
    const { child, output, exit, url, ask } = startServe('--collection', collection, '--port', '0');
    expect(await url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await ask(version)).toBe('{"result": 6, "error": null}');
    const decks = Array.from({ length: 100 }, (_, index) =>
      // A request without a reply had no effect: the number of decks below shows it.
      ask({ action: 'createDeck', params: { deck: `D${index}` } }).catch(() => ''),
    );
    await decks[0];
    child.kill(signal);
    expect(await exit).toBe(0);
    expect(output).toEqual({
      stdout: '',
      stderr: `ankiwright: Anki-Connect's API for ${collection} at ${await url}\n`,
    });
    const answered = (await Promise.all(decks)).filter((text) => /^\d{13}$/.test(text));
    const engine = new Engine({ collection, log: () => {} });
    expect(await engine.call('deckNames', {})).toHaveLength(answered.length + 1);
    await engine.close();
  },
);

test('a port in use is reported in one line', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const { exit, output } = startServe('--collection', newCollection(), '--port', String(port));
  expect(await exit).toBe(1);
  expect(output.stderr).toMatch(/^ankiwright: Port \d+ of 127\.0\.0\.1 is in use.*--port\.\n$/);
  other.close();
});

test('a collection that cannot be opened is reported in replies and in the log', async () => {
  const collection = newCollection();
  writeFileSync(collection, 'this is not a database, '.repeat(100));
  const { output, url, ask } = startServe('--collection', collection, '--port', '0');
  await url;
  expect(await ask(version)).toContain('is not an Anki collection');
  await expect.poll(() => output.stderr).toMatch(/\nankiwright: .* is not an Anki collection/);
});

test('the API key is required, and is never printed', async () => {
  const key = 'correct-horse-battery';
  const { output, ask } = startServe('--collection', newCollection(), '--port', '0', '--api-key', key);
  const refused = '{"result": null, "error": "valid api key must be provided"}';
  const texts = [
    await ask({ ...version, key }),
    await ask({ ...version, key: `${key}x` }),
    await ask({ action: 'multi', key, params: { actions: [version] } }),
    await ask({ action: 'requestPermission', key }),
    await ask({ ...version, key }, { Origin: 'https://evil.example' }),
  ];
  expect(texts).toEqual([
    '{"result": 6, "error": null}',
    refused,
    `[${refused}]`,
    '{"permission": "granted", "requireApikey": true, "version": 6}',
    '',
  ]);
  await expect.poll(() => output.stderr).toContain('--cors-origin');
  expect(texts.join() + output.stdout + output.stderr).not.toContain(key);
});

test.each([
  [[], 'serve needs --collection PATH'],
  [['--collection', 'x', '--bind', '0.0.0.0'], '--api-key-file PATH, or --allow-unauthenticated'],
  [['--collection', 'x', '--read-only'], '--read-only has no effect on serve'],
  [['--collection', 'x', '--port', '70000'], '--port needs a port up to 65535'],
  [['--collection', 'x', '--config', '/none'], '--config /none cannot be read'],
])('with %j prints one line and exits with code 2', async (args, message) => {
  const { exit, output } = startServe(...args);
  expect(await exit).toBe(2);
  expect(output.stderr).toContain(message);
  expect(output.stderr.trim().split('\n')).toHaveLength(1);
});
