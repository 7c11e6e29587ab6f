import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { install } from '../../src/backends/engine/process/install.ts';
import { OutcomeUnknown } from '../../src/contract/errors.ts';
import { dist } from '../support/built-server.ts';
import { temporaryEngine } from '../support/collection.ts';
import { expectOutcome, note, outcomeOf, wordFor, writes } from '../support/countable-writes.ts';
import { faultyEngine } from '../support/faulty-engine.ts';
import { hostPython, script } from '../support/host-python.ts';
import { expectIntact } from '../support/database-check.ts';

const rubbish = [
  { fault: 'words', what: 'words' },
  { fault: 'noise', what: 'binary noise' },
  { fault: 'short', what: 'a frame that is too short' },
  { fault: 'endless', what: 'a frame that announces 4 GB' },
  { fault: 'stranger', what: 'an answer that nobody asked for' },
  { fault: 'odd status', what: 'an answer of no known kind' },
  { fault: 'odd result', what: 'a result that cannot be decoded' },
  { fault: 'odd refusal', what: 'a refusal that cannot be decoded' },
  { fault: 'half', what: 'half of the answer' },
  { fault: 'twice', what: 'the same answer twice' },
];

const ends: Readonly<Record<string, (child: ChildProcessWithoutNullStreams) => unknown>> = {
  SIGTERM: (child) => child.kill('SIGTERM'),
  SIGINT: (child) => child.kill('SIGINT'),
  'the end of stdin': (child) => child.stdin.end(),
};

beforeAll(() => install({ log: () => {} }));

// Being given up takes half a minute, in which the others go on.
describe.concurrent('Engine, its process held up, broken or talking rubbish', () => {
  test('stopped (SIGSTOP), with its pipe closed, or hanging at its start: given up after half a minute', async ({
    task,
  }) => {
    const stoppedInAWrite = async (when: 'before' | 'after') => {
      const { engine, close, next, add, times } = await faultyEngine();
      next(`stop ${when}`, 3);
      expect(await outcomeOf(add('held'))).toBeInstanceOf(OutcomeUnknown);
      expect(await times('held')).toBe(when === 'after' ? 1 : 0);
      await expectIntact(engine);
      await close();
    };
    const stoppedBeforeARead = async () => {
      const { engine, close, signal, starts } = await faultyEngine();
      signal('SIGSTOP');
      expect(await engine.call('deckNames', {})).toContain('Default');
      expect(starts()).toBe(2);
      await close();
    };
    const stoppedBeforeTheEnd = async () => {
      const { close, signal } = await faultyEngine();
      signal('SIGSTOP');
      await outcomeOf(close());
    };
    const stoppedWithoutACollection = async () => {
      const { close, signal } = await faultyEngine({ idle: 10 });
      await sleep(500);
      signal('SIGSTOP');
      await close();
    };
    const stoppedWhenIdle = async () => {
      const { close, signal, add, times } = await faultyEngine({ idle: 100 });
      signal('SIGSTOP');
      await sleep(1000); // it is being asked to let go of the collection
      await add('later');
      expect(await times('later')).toBe(1);
      await close();
    };
    const closedPipe = async () => {
      const { engine, close, next, add, times } = await faultyEngine();
      next('closed spoilt', 3);
      expect(await outcomeOf(add('closed'))).toBeInstanceOf(OutcomeUnknown);
      expect(await times('closed')).toBe(1);
      await expectIntact(engine);
      await close();
    };
    const hanging = async () => {
      const { engine, close } = temporaryEngine({ python: script('exec sleep 600') });
      await expect(engine.call('version', {})).rejects.toThrow(
        /could not be started .*no sign of life.*--python/,
      );
      await close();
    };
    const hangingBeforeTheEngineIsInstalled = async () => {
      const { engine, close } = temporaryEngine({
        python: script('exec sleep 600'),
        engineDir: join(tmpdir(), 'ankiwright-none'),
      });
      await expect(engine.call('version', {})).rejects.toThrow(/python does not answer.*--python/);
      await close();
    };
    await Promise.all([
      stoppedInAWrite('before'),
      stoppedInAWrite('after'),
      stoppedBeforeARead(),
      stoppedBeforeTheEnd(),
      stoppedWithoutACollection(),
      stoppedWhenIdle(),
      closedPipe(),
      hanging(),
      hangingBeforeTheEngineIsInstalled(),
    ]);
    task.meta.cases = 9;
  });

  test.for(Object.keys(ends))(
    'stopped, and the server ended: by %s, and the collection is free at once',
    async (way) => {
      const python = await hostPython();
      const { engine, folder, close } = temporaryEngine();
      const collection = join(folder, 'collection.anki2');
      const args = [join(dist, 'main.js'), '--collection', collection, '--python', python.path];
      const child = spawn(process.execPath, args);
      const exited = once(child, 'exit');
      const ask = async (message: object) => {
        const answered = once(child.stdout, 'data');
        child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
        return answered;
      };
      const add = (id: number, front: string) =>
        ask({ id, method: 'tools/call', params: { name: 'addNote', arguments: { note: note(front) } } });
      const clientInfo = { name: 'test', version: '1' };
      const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
      await ask({ id: 0, method: 'initialize', params });
      await add(1, 'before');
      python.signal('SIGSTOP');
      void add(2, 'held');
      await sleep(100);
      const start = performance.now();
      ends[way]?.(child);
      expect((await exited)[0]).toBe(0);
      expect(performance.now() - start).toBeLessThan(5000);
      expect(await engine.call('findNotes', { query: 'front:before' })).toHaveLength(1);
      await expectIntact(engine);
      await close();
    },
  );

  test.for(Object.entries(writes))(
    'a panic of the engine during a write: %s',
    async ([name, prepare], { task }) => {
      const { engine, folder, close, next, happened } = await faultyEngine();
      const other = temporaryEngine();
      let cases = 0;
      for (const when of ['before', 'after']) {
        for (const step of [0, 1, 3]) {
          const write = await prepare({ engine, other: other.engine, folder }, wordFor(name + when, step));
          next(`panic ${when}`, step);
          const said = await outcomeOf(write.act());
          if (!happened()) continue;
          if (said instanceof OutcomeUnknown && when === 'before')
            expect(String(said)).toMatch(/PanicException/);
          await expectOutcome(said, write);
          await expectIntact(engine);
          cases++;
        }
      }
      task.meta.cases = cases;
      await close();
      await other.close();
    },
  );

  test.for(rubbish)('rubbish in place of an answer: $what', async ({ fault }, { task }) => {
    const { engine, close, next, happened, add, times } = await faultyEngine();
    let cases = 0;
    for (let step = 0; step < 5; step++) {
      next(`${fault} spoilt`, step);
      const word = wordFor(fault, step);
      const said = await outcomeOf(add(word));
      if (!happened()) continue;
      if (fault !== 'twice') expect(said).toBeInstanceOf(OutcomeUnknown);
      await expectOutcome(said, { act: async () => {}, times: async () => [await times(word)] });
      await expectIntact(engine);
      cases++;
    }
    task.meta.cases = cases;
    await close();
  });
});
