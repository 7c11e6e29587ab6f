import { chmodSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { engineHome, findPython } from '../../../src/backends/engine/process/install.ts';
import { anki } from './anki.ts';
import { copiedEngine } from './copied-engine.ts';
import { examined, newFolder } from './examined.ts';

/** Writes a program that is a shell script, and returns its path. */
function script(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

const python3 = 'echo 3.12; echo "$0"';

function withPath(folder: string): void {
  vi.stubEnv('PATH', folder);
  onTestFinished(() => void vi.unstubAllEnvs());
}

const collection = (): string => join(newFolder(), 'collection.anki2');

test('a complete engine starts and leaves no files', async () => {
  const { engineDir, home } = await copiedEngine();
  const { of, wrong } = await examined({ collection: collection(), engineDir }, undefined, engineDir);
  expect(wrong).toEqual(['collection: warning']);
  expect(of('engine').says).toBe(`The engine in ${home} starts.`);
  expect(of('installer').says).toMatch(/already installed/);
  expect(of('Python').says).toBe(`${await findPython(undefined)} is 3.10 or later.`);
});

test('a missing engine is not a failure, because the first call installs it', async () => {
  const engineDir = newFolder();
  const { ok, of, wrong } = await examined({ collection: collection(), engineDir }, undefined, engineDir);
  expect(ok).toBe(true);
  expect(wrong).toEqual(['engine: warning', 'collection: warning']);
  expect(of('engine').says).toBe(`The engine is not installed in ${engineHome({ engineDir })} yet.`);
  expect(of('engine').next).toMatch(/`ankiwright setup` or the first call installs it.*10 MB/);
  expect(of('installer').says).toMatch(/^(uv|pip) \S+.* can install the engine\.$/);
});

test.each<[string, (engine: { home: string; wheel: string }) => void, string, RegExp]>([
  ['an interrupted installation', ({ home }) => rmSync(join(home, 'ready.json')), 'warning', /is incomplete/],
  [
    'a truncated library',
    ({ wheel }) => {
      const library = readdirSync(wheel).find((name) => /^_rsbridge\.(so|pyd|.*\.so)$/.test(name)) ?? '';
      truncateSync(join(wheel, library), 1_000_000);
    },
    'failure',
    /does not start: .+/,
  ],
  ['no library', ({ wheel }) => rmSync(wheel, { recursive: true }), 'failure', /does not start: .*anki/],
  [
    'the tables of another version',
    ({ home }) => {
      const path = join(home, 'ready.json');
      writeFileSync(path, readFileSync(path, 'utf8').replace('"open_collection":[', '"opened_collection":['));
    },
    'failure',
    /is not the one that was installed there/,
  ],
])('a damaged engine is reported: %s', async (_name, damage, state, says) => {
  const engine = await copiedEngine();
  damage(engine);
  const { engineDir } = engine;
  const { of } = await examined({ collection: collection(), engineDir }, undefined, engineDir);
  expect(of('engine').state).toBe(state);
  expect(of('engine').says).toMatch(says);
  expect(of('engine').next).toMatch(/`ankiwright setup`/);
});

test('a Python that is missing, too old, or does not respond is reported', async () => {
  const folder = newFolder();
  const judge = async (python: string, says: RegExp): Promise<void> => {
    const target = { collection: collection(), python, engineDir: folder };
    const { ok, of } = await examined(target, undefined, folder);
    expect(ok).toBe(false);
    expect(of('Python')).toMatchObject({ state: 'failure', says: expect.stringMatching(says) });
    expect(of('Python').next).toMatch(/python\.org.*--python PATH/);
    expect(of('installer').says).toMatch(/Without Python/);
    expect(of('lock').state).toBe('skipped');
  };
  await judge(join(folder, 'nowhere'), /needs Python 3\.10 or later \(.*nowhere cannot be run\)\.$/);
  await judge(script(folder, 'old', 'echo 3.8; echo old'), /old is Python 3\.8/);
  await judge(script(folder, 'silent', 'exec sleep 60'), /silent does not respond/);
});

test('with an installed engine and a wrong --python, only Python fails', async () => {
  const { engineDir } = await copiedEngine();
  const target = { collection: collection(), python: '/nowhere', engineDir };
  const { of, checks } = await examined(target, undefined, engineDir);
  expect(checks.filter(({ state }) => state === 'failure').map(({ name }) => name)).toEqual(['Python']);
  expect(of('Python').says).toContain('/nowhere cannot be run');
  expect(of('engine')).toEqual({
    name: 'engine',
    state: 'skipped',
    says: 'Without Python the engine cannot be started.',
  });
});

test('without Python on the PATH, only the engine fails', async () => {
  withPath(newFolder());
  const engineDir = newFolder();
  const { of } = await examined({ collection: collection(), engineDir });
  expect(of('Python').says).toMatch(/python3 cannot be run; python cannot be run; py cannot be run/);
  const { of: withoutNeed, ok } = await examined({ url: (await anki()).url, engineDir });
  expect(ok).toBe(true);
  expect(withoutNeed('Python').state).toBe('skipped');
  expect(withoutNeed('Python').says).toMatch(/Working through Anki does not need it\.$/);
});

test('the available installer of the engine is reported', async () => {
  const folder = newFolder();
  const python = script(folder, 'python-without-pip', `case "$*" in *pip*) exit 1;; esac\n${python3}`);
  withPath(folder);
  const target = { collection: collection(), python, engineDir: newFolder() };
  const none = await examined(target, undefined, folder);
  expect(none.of('installer').state).toBe('failure');
  expect(none.of('installer').says).toMatch(/no uv, and .*python-without-pip has no pip/);
  expect(none.of('installer').next).toMatch(/python3-pip/);
  script(folder, 'uv', 'echo uv 0.9.9');
  const { of } = await examined(target, undefined, folder);
  expect(of('installer')).toMatchObject({ state: 'ok', says: 'uv 0.9.9 can install the engine.' });
});
