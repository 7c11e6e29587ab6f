import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { Engine } from '../../src/backends/engine/engine.ts';
import type { EngineOptions } from '../../src/backends/engine/options.ts';
import { install } from '../../src/backends/engine/process/install.ts';
import { AnkiRefused, Unreachable } from '../../src/contract/errors.ts';
import { note } from '../support/countable-writes.ts';
import { hostPython } from '../support/host-python.ts';
import { expectIntact } from '../support/database-check.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const notesInSample = 500;
let sample: string;
let python: string;

const opening = (collection: string, options: Partial<EngineOptions> = {}): Engine =>
  new Engine({ collection, log: () => {}, ...options });
const add = (engine: Engine, front: string): Promise<number> => engine.call('addNote', { note: note(front) });
const found = async (engine: Engine, query = ''): Promise<number> =>
  (await engine.call('findNotes', { query })).length;
const mediaOf = (collection: string): string => collection.replace(/\.anki2$/, '.media');

beforeAll(async () => {
  sample = join(temporaryFolder(), 'collection.anki2');
  const engine = opening(sample);
  const notes = Array.from({ length: notesInSample }, (_, at) => note(`front ${at}`));
  await engine.call('addNotes', { notes });
  await engine.close();
  ({ python } = await install({ log: () => {} }));
});

/** Copies the sample into an empty folder and returns its path. */
function copied(): string {
  const path = join(temporaryFolder(), 'collection.anki2');
  copyFileSync(sample, path);
  return path;
}

const sql = (path: string, statement: string): void => {
  const code = 'import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit()';
  execFileSync(python, ['-I', '-c', code, path, statement]);
};

/** Expects that reads and writes report why the collection cannot be opened, and that the file is not changed. */
async function expectRefused(collection: string, message: RegExp): Promise<void> {
  const engine = opening(collection);
  const before = statSync(collection).isFile() ? readFileSync(collection) : undefined;
  for (const call of [() => found(engine), () => add(engine, 'x'), () => found(engine)]) {
    const failure = await call().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Unreachable);
    expect(String(failure)).toMatch(message);
  }
  await engine.close();
  if (before) expect(readFileSync(collection).equals(before)).toBe(true);
}

describe('Engine: collection file damaged, moved or in use', () => {
  test('truncated: refused, or opened without problems', async ({ task }) => {
    const size = statSync(sample).size;
    const pages = fc.sample(fc.integer({ min: 1, max: size / 4096 - 1 }), { numRuns: 10, seed: 6 });
    const lengths = [2, 50, 99, 100, 512, 4095, size / 2, size - 4096, ...pages.map((page) => page * 4096)];
    for (const length of lengths) {
      const path = copied();
      truncateSync(path, Math.floor(length));
      await expectRefused(path, /could not be opened.*restore a backup|is not an Anki collection/s);
    }
    const path = copied();
    truncateSync(path, 0);
    const engine = opening(path);
    expect(await found(engine)).toBe(0);
    await expectIntact(engine);
    await engine.close();
    task.meta.cases = lengths.length + 1;
  });

  test('with flipped bits: refused, repaired, or reported as damaged', async ({ task }) => {
    const size = statSync(sample).size;
    const places = (bytes: number) =>
      fc.array(fc.integer({ min: 0, max: bytes * 8 - 1 }), { minLength: 1, maxLength: 64 });
    const damages = fc.sample(fc.oneof(places(100), places(8192), places(size)), { numRuns: 60, seed: 6 });
    let damaged = 0;
    for (const bits of damages) {
      const path = copied();
      const bytes = readFileSync(path);
      for (const bit of bits) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      writeFileSync(path, bytes);
      const engine = opening(path);
      const calls = [
        () => found(engine),
        () => engine.call('notesInfo', { query: '' }),
        () => add(engine, 'x'),
        () => engine.call('guiCheckDatabase', {}),
      ];
      for (const call of calls) {
        const failure = await call().catch((error: unknown) => error);
        if (!(failure instanceof Error)) continue;
        damaged++;
        expect(failure instanceof AnkiRefused || failure instanceof Unreachable, String(failure)).toBe(true);
        expect(failure.message).not.toBe('');
      }
      await engine.close();
    }
    expect(damaged).toBeGreaterThan(damages.length);
    task.meta.cases = damages.length;
  });

  test('with the write-ahead log of a killed process, complete or truncated: each complete transaction is applied', async ({
    task,
  }) => {
    const killed = await hostPython();
    const path = copied();
    const engine = opening(path, { python: killed.path });
    const fronts = Array.from({ length: 60 }, (_, at) => `logged ${at}`);
    for (const front of fronts) await add(engine, front);
    killed.signal('SIGKILL');
    await sleep(200);
    const log = readFileSync(`${path}-wal`);
    const lengths = fc.sample(fc.integer({ min: 0, max: log.length }), { numRuns: 16, seed: 6 });
    for (const length of [log.length, 0, 31, ...lengths]) {
      const copy = join(temporaryFolder(), 'collection.anki2');
      copyFileSync(path, copy);
      writeFileSync(`${copy}-wal`, log.subarray(0, length));
      const again = opening(copy);
      const notes = await again.call('notesInfo', { query: 'front:logged*' });
      const first = notes.map(({ fields }) => fields?.['Front']?.value);
      expect(first).toEqual(fronts.slice(0, first.length));
      if (length === log.length) expect(first).toHaveLength(fronts.length);
      await expectIntact(again);
      expect(await found(again)).toBe(notesInSample + first.length);
      await again.close();
    }
    expect(await found(engine, 'front:logged*')).toBe(fronts.length);
    await engine.close();
    task.meta.cases = lengths.length + 3;
  });

  test('deleted, moved or replaced while it is open: nothing is written to the old file', async ({
    task,
  }) => {
    const away = (path: string) => join(dirname(path), 'away.anki2');
    const putBack = (path: string) => renameSync(away(path), path);
    const other = copied();
    const others = opening(other);
    await add(others, 'other');
    await others.close();
    const message = /does not exist any more: it was moved or deleted.*Put it back/s;
    const cases = [
      { change: (path: string) => renameSync(path, away(path)), message, repair: putBack, expected: 'mine' },
      {
        change: (path: string) => rmSync(path),
        message,
        repair: (path: string) => copyFileSync(other, path),
        expected: 'other',
      },
      {
        change: (path: string) => {
          renameSync(path, away(path));
          writeFileSync(path, 'no collection at all, '.repeat(100));
        },
        message: /is not an Anki collection/,
        repair: putBack,
        expected: 'mine',
      },
      {
        change: (path: string) => {
          renameSync(path, away(path));
          mkdirSync(path);
        },
        message: /could not be opened/,
        repair: (path: string) => {
          rmSync(path, { recursive: true });
          putBack(path);
        },
        expected: 'mine',
      },
      {
        change: (path: string) => renameSync(dirname(path), `${dirname(path)}-away`),
        message,
        repair: (path: string) => renameSync(`${dirname(path)}-away`, dirname(path)),
        expected: 'mine',
      },
      {
        change: (path: string) => {
          renameSync(path, away(path));
          copyFileSync(other, path);
        },
        message: undefined,
        repair: () => {},
        expected: 'other',
      },
    ];
    for (const { change, message, repair, expected } of cases) {
      for (const before of [0, 1, 40]) {
        const path = copied();
        const engine = opening(path);
        await found(engine);
        for (let at = 0; at < before; at++) await add(engine, `mine ${at}`);
        change(path);
        if (message) await expect(add(engine, 'after')).rejects.toThrow(message);
        if (message) await expect(found(engine)).rejects.toThrow(message);
        repair(path);
        await add(engine, 'after');
        expect(await found(engine, 'front:mine*')).toBe(expected === 'mine' ? before : 0);
        expect(await found(engine, 'front:other')).toBe(expected === 'other' ? 1 : 0);
        expect(await found(engine, 'front:after')).toBe(1);
        await expectIntact(engine);
        await engine.close();
        if (!existsSync(away(path))) continue;
        const moved = opening(away(path));
        expect(await found(moved, 'front:mine*')).toBe(before);
        await expectIntact(moved);
        await moved.close();
      }
    }
    task.meta.cases = cases.length * 3;
  });

  test('something else in its place: refused (a folder, a pipe, a device, a circular link, another kind of file)', async ({
    task,
  }) => {
    const places: ((path: string) => string | void)[] = [
      (path) => mkdirSync(path),
      (path) => void execFileSync('mkfifo', [path]),
      (path) => symlinkSync(path, path),
      () => '/dev/null',
      () => '/dev/zero',
      (path) => writeFileSync(path, 'text '.repeat(1000)),
      (path) => writeFileSync(path, Buffer.from('PK\x03\x04'.padEnd(3000, '\0'))),
      (path) => {
        copyFileSync(sample, path);
        sql(path, 'update col set ver = 99');
      },
      (path) => {
        copyFileSync(sample, path);
        sql(path, 'update col set ver = 1');
      },
    ];
    for (const put of places) {
      const path = join(temporaryFolder(), 'collection.anki2');
      const collection = put(path) ?? path;
      const engine = opening(collection);
      await expect(add(engine, 'x')).rejects.toBeInstanceOf(Unreachable);
      await expect(found(engine)).rejects.toThrow(/could not be opened|not an Anki collection|newer Anki/);
      await engine.close();
      if (collection !== path) continue;
      rmSync(path, { recursive: true });
      copyFileSync(sample, path);
      expect(await found(engine)).toBe(notesInSample);
      await engine.close();
    }
    task.meta.cases = places.length;
  });

  test('opened through a link: locked like the collection itself', async () => {
    const path = copied();
    const link = join(temporaryFolder(), 'collection.anki2');
    symlinkSync(path, link);
    const byLink = opening(link);
    await add(byLink, 'by link');
    const byPath = opening(path);
    await expect(add(byPath, 'by path')).rejects.toThrow(/is open in another program/);
    await byLink.close();
    expect(await found(byPath, '"front:by link"')).toBe(1);
    await expectIntact(byPath);
    await byPath.close();
  });

  test('open in a program that is killed: free at once', async () => {
    const holder = await hostPython();
    const path = copied();
    const first = opening(path, { python: holder.path });
    await add(first, 'first');
    const second = opening(path);
    for (let at = 0; at < 20; at++)
      await expect(add(second, 'x')).rejects.toThrow(/is open in another program/);
    holder.signal('SIGSTOP');
    await expect(add(second, 'x')).rejects.toThrow(/is open in another program/);
    holder.signal('SIGKILL');
    await sleep(200);
    await add(second, 'second');
    await expect(add(first, 'x')).rejects.toThrow(/stopped during|is open in another program/);
    await second.close();
    expect(await found(first, 'front:first or front:second')).toBe(2);
    expect(await found(first, 'front:x')).toBe(0);
    await expectIntact(first);
    await first.close();
  });

  test('locked by another program with SQLite: reported, and works after the lock is released', async ({
    task,
  }) => {
    const locks = ['begin exclusive', 'begin immediate', 'begin'];
    const code = `import sqlite3, sys
c = sqlite3.connect(sys.argv[1], isolation_level=None)
c.execute(sys.argv[2])
c.execute('select ver from col').fetchone()
print('locked', flush=True)
sys.stdin.read()`;
    for (const lock of locks) {
      const path = copied();
      const holder = spawn(python, ['-I', '-c', code, path, lock]);
      await once(holder.stdout, 'data');
      const engine = opening(path);
      await expect(add(engine, 'x')).rejects.toThrow(/is open in another program/);
      holder.stdin.end();
      await once(holder, 'exit');
      await add(engine, 'free');
      expect(await found(engine)).toBe(notesInSample + 1);
      await expectIntact(engine);
      await engine.close();
    }
    task.meta.cases = locks.length;
  });

  test('a file in place of the media folder, or no media folder: reported, or created again', async ({
    task,
  }) => {
    const path = copied();
    writeFileSync(mediaOf(path), 'in the way');
    const engine = opening(path);
    for (let at = 0; at < 2; at++)
      await expect(add(engine, 'x')).rejects.toThrow(
        /media cannot be created.*Move any file of that name away/s,
      );
    rmSync(mediaOf(path));
    await add(engine, 'media');
    const store = () => engine.call('storeMediaFile', { filename: 'a.txt', data: 'aGk=' });
    await store();
    rmSync(mediaOf(path), { recursive: true });
    expect(await engine.call('getMediaFilesNames', {})).toEqual([]);
    expect(await store()).toBe('a.txt');
    rmSync(mediaOf(path), { recursive: true });
    writeFileSync(mediaOf(path), 'in the way again');
    await expect(store()).rejects.toThrow(/./);
    await expect(engine.call('getMediaFilesNames', {})).rejects.toThrow(/./);
    await expect(engine.call('retrieveMediaFile', { filename: 'a.txt' })).rejects.toThrow(/./);
    expect(await found(engine, 'front:media')).toBe(1);
    await expectIntact(engine);
    await engine.close();
    task.meta.cases = 3;
  });
});
