import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Engine } from '../../src/backends/engine/engine.ts';
import { readConfig } from '../../src/cli/config.ts';
import { openBackend } from '../../src/cli/open-backend.ts';
import { eventually } from '../support/eventually.ts';
import { hostPython } from '../support/host-python.ts';
import { startProgram } from '../support/recorded-program.ts';
import { newCollection } from '../support/served.ts';

const silent = (): void => {};

test('the engine starts before the first call, leaves the collection to others, and ends with stdin', async () => {
  const [collection, python] = [newCollection(), await hostPython()];
  const program = startProgram(['--collection', collection, '--python', python.path]);
  await program.initialize();
  await eventually(() => expect(python.runs()).toBe(true));
  expect(existsSync(collection)).toBe(false);
  const other = new Engine({ collection, log: silent });
  await other.call('createDeck', { deck: 'Others' });
  await other.close();
  expect(await program.call('deckNames')).toMatchObject({
    result: { structuredContent: { result: ['Default', 'Others'] } },
  });
  expect(python.starts()).toBe(1);
  await program.end();
  expect(python.runs()).toBe(false);
});

test('an engine that no call has used ends with stdin', async () => {
  const [collection, python] = [newCollection(), await hostPython()];
  const program = startProgram(['--collection', collection, '--python', python.path]);
  await program.initialize();
  await eventually(() => expect(python.runs()).toBe(true));
  await program.end();
  expect(await program.exit).toBe(0);
  expect(python.runs()).toBe(false);
  expect(existsSync(collection)).toBe(false);
});

test('a first call replaces an engine that has ended since it was started', async () => {
  const python = await hostPython();
  const engine = new Engine({ collection: newCollection(), python: python.path, log: silent });
  await engine.load();
  python.signal('SIGKILL');
  await eventually(() => expect(python.runs()).toBe(false));
  expect(await engine.call('deckNames', {})).toEqual(['Default']);
  expect(python.starts()).toBe(2);
  await engine.close();
});

test('nothing is installed and nothing is started in advance where no engine is installed', async () => {
  const [collection, python] = [newCollection(), await hostPython()];
  const log: string[] = [];
  const engineDir = `${collection}-engine`;
  const engine = new Engine({
    collection,
    python: python.path,
    engineDir,
    log: (message) => log.push(message),
  });
  await engine.load();
  expect([python.starts(), log, existsSync(engineDir)]).toEqual([0, [], false]);
  await engine.close();
});

test('neither the desktop nor a profile starts an engine in advance', async () => {
  const python = await hostPython();
  const url = ['--url', 'http://127.0.0.1:9'];
  for (const args of [url, [...url, '--profile', 'User 1', '--python', python.path]]) {
    const backend = openBackend(readConfig(args, {}), silent);
    await backend.load?.();
    await backend.close();
  }
  expect(python.starts()).toBe(0);
});
