import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { Engine } from '../../src/backends/engine/engine.ts';
import { newCollection, served } from '../support/served.ts';

const started: ReturnType<typeof served>[] = [];
const serve = (...args: string[]) => {
  const run = served(...args);
  started.push(run);
  return run;
};
afterEach(() => {
  for (const { child } of started.splice(0)) child.kill('SIGKILL');
});

const version = { action: 'version', version: 6 };

test.each(['SIGTERM', 'SIGINT'] as const)(
  'it says where it listens, and %s ends it within a second',
  async (signal) => {
    const collection = newCollection();
    const { child, said, exit, url, ask } = serve('--collection', collection, '--port', '0');
    expect(await url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await ask(version)).toBe('{"result": 6, "error": null}');
    const decks = Array.from({ length: 100 }, (_, index) =>
      // A request that was not yet let in when the end came has done nothing, which the count below shows.
      ask({ action: 'createDeck', params: { deck: `D${index}` } }).catch(() => ''),
    );
    await decks[0];
    const start = performance.now();
    child.kill(signal);
    expect(await exit).toBe(0);
    expect(performance.now() - start).toBeLessThan(1000);
    expect(said).toEqual({
      stdout: '',
      stderr: `ankiwright: Anki-Connect's API for ${collection} at ${await url}\n`,
    });
    const answered = (await Promise.all(decks)).filter((text) => /^\d{13}$/.test(text));
    const engine = new Engine({ collection, log: () => {} });
    expect(await engine.call('deckNames', {})).toHaveLength(answered.length + 1);
    await engine.close();
  },
);

test('a port that is taken is told in one line', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const { exit, said } = serve('--collection', newCollection(), '--port', String(port));
  expect(await exit).toBe(1);
  expect(said.stderr).toMatch(/^ankiwright: Port \d+ of 127\.0\.0\.1 is taken.*--port\.\n$/);
  other.close();
});

test('a collection that cannot be opened is told at once', async () => {
  const collection = newCollection();
  writeFileSync(collection, 'this is no database, '.repeat(100));
  const { said, url, ask } = serve('--collection', collection, '--port', '0');
  await url;
  expect(await ask(version)).toContain('is not an Anki collection');
  await expect
    .poll(() => said.stderr, { timeout: 10_000 })
    .toMatch(/\nankiwright: .* is not an Anki collection/);
});

test('the key is asked for, and appears nowhere', async () => {
  const key = 'correct-horse-battery';
  const { said, ask } = serve('--collection', newCollection(), '--port', '0', '--api-key', key);
  const refused = '{"result": null, "error": "valid api key must be provided"}';
  const texts = [
    await ask({ ...version, key }),
    await ask({ ...version, key: `${key}x` }),
    await ask({ action: 'multi', key, params: { actions: [version] } }),
    await ask({ action: 'requestPermission', key }),
    await ask({ ...version, key }, { headers: { Origin: 'https://evil.example' } }),
  ];
  expect(texts).toEqual([
    '{"result": 6, "error": null}',
    refused,
    `[${refused}]`,
    '{"permission": "granted", "requireApikey": true, "version": 6}',
    '',
  ]);
  expect(texts.join() + said.stdout + said.stderr).not.toContain(key);
  expect(said.stderr).toContain('--cors-origin');
});

test.each([
  [[], 'serve needs --collection PATH'],
  [['--collection', 'x', '--bind', '0.0.0.0'], '--api-key-file PATH, or --allow-unauthenticated'],
  [['--collection', 'x', '--read-only'], '--read-only has no effect on serve'],
  [['--collection', 'x', '--port', '70000'], '--port needs a port up to 65535'],
  [['--collection', 'x', '--config', '/none'], '--config /none cannot be read'],
])('%j is a usage error: one line, exit code 2', async (args, says) => {
  const { exit, said } = serve(...args);
  expect(await exit).toBe(2);
  expect(said.stderr).toContain(says);
  expect(said.stderr.trim().split('\n')).toHaveLength(1);
});
