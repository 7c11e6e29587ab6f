import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { Engine } from '../../src/backends/engine/engine.ts';
import type { EngineOptions } from '../../src/backends/engine/options.ts';
import { install } from '../../src/backends/engine/process/install.ts';
import { collectionClosed } from '../support/collection.ts';
import { note } from '../support/countable-writes.ts';
import { expectIntact } from '../support/database-check.ts';
import { hostPython } from '../support/host-python.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let sample: string;
let python: string;
const notesInSample = 500;

/** Backups that a user may restore, by name. Each has the notes `front:backup*` that it counts. */
const backups: Record<string, { path: string; notes: number }> = {};

const opening = (collection: string, options: Partial<EngineOptions> = {}) => {
  const logged: string[] = [];
  const engine = new Engine({ collection, log: (message) => logged.push(message), ...options });
  return { engine, logged };
};
const found = async (engine: Engine, query = ''): Promise<number> =>
  (await engine.call('findNotes', { query })).length;
const add = (engine: Engine, fronts: readonly string[]) =>
  engine.call('addNotes', { notes: fronts.map((front) => note(front)) });
const named = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, at) => `${name} ${at}`);

beforeAll(async () => {
  ({ python } = await install({ log: () => {} }));
  sample = join(temporaryFolder(), 'collection.anki2');
  const { engine } = opening(sample);
  await add(engine, named('front', notesInSample));
  await engine.close();
  const backupPath = join(temporaryFolder(), 'collection.anki2');
  const make = async (name: string, notes: number, from?: string) => {
    const path = join(temporaryFolder(), 'collection.anki2');
    if (from !== undefined) copyFileSync(from, path);
    const other = opening(path).engine;
    if (notes > 0) await add(other, named('backup', notes));
    else await other.call('deckNames', {});
    await other.close();
    backups[name] = { path, notes };
  };
  copyFileSync(sample, backupPath);
  backups['the state before the unsaved changes'] = { path: backupPath, notes: 0 };
  await make('a later state', 30, sample);
  await make('a smaller collection', 3);
  await make('a larger collection', 3000);
});

function copied(): string {
  const path = join(temporaryFolder(), 'collection.anki2');
  copyFileSync(sample, path);
  return path;
}

/** Checks a file with SQLite alone, without Anki. */
const integrityOf = (path: string): string =>
  execFileSync(
    python,
    [
      '-I',
      '-c',
      'import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.create_collation("unicase", lambda a, b: (a > b) - (a < b)); print(c.execute("pragma integrity_check").fetchone()[0])',
      path,
    ],
    { encoding: 'utf8' },
  ).trim();

const logsAside = (path: string): string[] =>
  readdirSync(dirname(path)).filter((name) => name.includes('-wal.unsaved-'));

/** Ways in which a backup is restored over the file of a running server. */
const ways: Record<string, (backup: string, path: string) => void> = {
  cp: (backup, path) => void execFileSync('cp', [backup, path]),
  'cp -p': (backup, path) => void execFileSync('cp', ['-p', backup, path]),
  mv: (backup, path) => {
    copyFileSync(backup, `${path}.restored`);
    renameSync(`${path}.restored`, path);
  },
};

/** What the server does next. */
const steps: Record<string, (engine: Engine) => Promise<unknown>> = {
  read: (engine) => found(engine),
  write: (engine) => add(engine, ['after']),
  'several writes': (engine) =>
    engine.together(async (inner) => {
      await inner.request('addNote', { note: note('after') });
      await inner.request('addTags', {
        notes: await inner.request('findNotes', { query: 'front:after' }),
        tags: 'x',
      });
    }),
  close: (engine) => engine.close(),
  'idle close': collectionClosed,
};

describe('Engine: a backup restored over the open collection', () => {
  test.each(Object.keys(ways))(
    '%s: the backup is used, undamaged, and the unsaved log is kept aside',
    async (way) => {
      for (const [name, backup] of Object.entries(backups)) {
        for (const unsaved of [0, 20]) {
          for (const [step, next] of Object.entries(steps)) {
            const which = `${name}, ${unsaved} unsaved, ${step}`;
            const path = copied();
            const { engine, logged } = opening(path, { idleMs: step === 'idle close' ? 150 : 60_000 });
            await found(engine);
            for (const front of named('mine', unsaved)) await add(engine, [front]);
            ways[way]?.(backup.path, path);
            await next(engine);
            const after = step.includes('write') ? 1 : 0;
            expect(
              logged.filter((line) => line.includes('by another program')),
              which,
            ).toHaveLength(1);
            expect(logsAside(path).length, which).toBe(unsaved > 0 && way !== 'mv' ? 1 : 0);
            await engine.close();
            expect(existsSync(`${path}-wal`), which).toBe(false);
            expect(integrityOf(path), which).toBe('ok');
            if (after === 0) expect(readFileSync(path).equals(readFileSync(backup.path)), which).toBe(true);
            expect(await found(engine, 'front:backup*'), which).toBe(backup.notes);
            expect(await found(engine, 'front:mine*'), which).toBe(0);
            expect(await found(engine, 'front:after'), which).toBe(after);
            await expectIntact(engine);
            await engine.close();
          }
        }
      }
    },
  );

  test('after the engine has written its log into the file several times, the same holds', async () => {
    for (const way of Object.values(ways)) {
      for (const [name, backup] of Object.entries(backups)) {
        const path = copied();
        const { engine } = opening(path);
        for (let at = 0; at < 6; at++) await add(engine, named(`mine ${at} ${'x'.repeat(3000)}`, 400));
        expect(await found(engine, 'front:mine*')).toBe(2400);
        way(backup.path, path);
        await add(engine, ['after']);
        await engine.close();
        expect(integrityOf(path), name).toBe('ok');
        expect(await found(engine, 'front:backup*'), name).toBe(backup.notes);
        expect(await found(engine, 'front:mine*'), name).toBe(0);
        expect(await found(engine, 'front:after'), name).toBe(1);
        await engine.close();
      }
    }
  });

  test('the result of the next call says what happened', async () => {
    const path = copied();
    const { engine } = opening(path);
    await add(engine, ['mine']);
    ways['cp']?.(backups['a smaller collection']?.path ?? '', path);
    const reported: string[] = [];
    const report = (sentence: string) => reported.push(sentence);
    await engine.call('findNotes', { query: '' }, { report });
    await engine.call('findNotes', { query: '' }, { report });
    expect(reported).toEqual([
      expect.stringMatching(/was overwritten by another program .*the log is kept as .*-wal\.unsaved-/),
    ]);
    await engine.close();
  });

  test('a copy that takes long is not opened before it is complete', async () => {
    const { path: backup = '' } = backups['a larger collection'] ?? {};
    const bytes = readFileSync(backup);
    for (const inPlace of [true, false]) {
      const path = copied();
      const { engine } = opening(path);
      await add(engine, ['mine']);
      if (!inPlace) rmSync(path);
      const file = openSync(path, 'w');
      const reads: Promise<unknown>[] = [];
      for (let at = 0; at < bytes.length; at += 100_000) {
        writeSync(file, bytes, at, Math.min(100_000, bytes.length - at), at);
        reads.push(found(engine));
        await sleep(50);
      }
      closeSync(file);
      expect(new Set(await Promise.all(reads))).toEqual(new Set([3000]));
      await engine.close();
      expect(readFileSync(path).equals(bytes)).toBe(true);
    }
  });

  test('a file emptied or cut off by another program is refused until it is restored', async () => {
    for (const length of [0, 50_000]) {
      const path = copied();
      const { engine } = opening(path);
      await add(engine, ['mine']);
      truncateSync(path, length);
      await expect(add(engine, ['x'])).rejects.toThrow(
        /is incomplete: .*Nothing was changed.*restore the file/,
      );
      copyFileSync(sample, path);
      await add(engine, ['after']);
      expect(await found(engine)).toBe(notesInSample + 1);
      await expectIntact(engine);
      await engine.close();
    }
  });

  test('other permissions, a second name, or a copy of the file change nothing: unsaved changes stay', async () => {
    const changes = [
      (path: string) => chmodSync(path, 0o600),
      (path: string) => linkSync(path, `${path}.link`),
      (path: string) => copyFileSync(path, `${path}.copy`),
    ];
    for (const change of changes) {
      const path = copied();
      const { engine, logged } = opening(path);
      await add(engine, named('mine', 40));
      change(path);
      await add(engine, ['after']);
      await engine.close();
      expect(logged).toEqual([]);
      expect(await found(engine, 'front:mine*')).toBe(40);
      expect(await found(engine, 'front:after')).toBe(1);
      await expectIntact(engine);
      await engine.close();
    }
  });

  test('during a call of several steps: the call stops, and the backup stays as it is', async () => {
    for (const way of Object.values(ways)) {
      const path = copied();
      const { engine } = opening(path);
      const { path: backup = '' } = backups['a smaller collection'] ?? {};
      const work = engine.together(async (inner) => {
        await inner.request('addNote', { note: note('mine') });
        way(backup, path);
        await inner.request('addNote', { note: note('mine too') });
      });
      await expect(work).rejects.toThrow(/overwritten by another program during this call/);
      expect(await found(engine)).toBe(3);
      await engine.close();
      expect(readFileSync(path).equals(readFileSync(backup))).toBe(true);
    }
  });

  test('after the engine was killed, its log is applied to its own file only', async () => {
    for (const [name, way] of Object.entries({ ...ways, nothing: (_backup: string, _path: string) => {} })) {
      const killed = await hostPython();
      const path = copied();
      const { engine } = opening(path, { python: killed.path });
      await add(engine, named('mine', 40));
      killed.signal('SIGKILL');
      await sleep(200);
      const { path: backup = '' } = backups['a smaller collection'] ?? {};
      way(backup, path);
      expect(await found(engine), name).toBe(name === 'nothing' ? notesInSample + 40 : 3);
      expect(logsAside(path)).toHaveLength(name === 'nothing' ? 0 : 1);
      await expectIntact(engine);
      await engine.close();
    }
  });
});
