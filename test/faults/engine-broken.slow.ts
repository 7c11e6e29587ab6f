import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { install } from '../../src/backends/engine/process/install.ts';
import { OutcomeUnknown } from '../../src/contract/errors.ts';
import { dist } from '../support/built-server.ts';
import { temporaryEngine } from '../support/collection.ts';
import { expectOutcome, note, outcomeOf, wordFor, writes } from '../support/countable-writes.ts';
import { faultyEngine, stepOfAddNote } from '../support/faulty-engine.ts';
import { hostPython, script } from '../support/host-python.ts';
import { expectIntact } from '../support/database-check.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const invalidReplies = [
  { fault: 'text', what: 'text' },
  { fault: 'random', what: 'random bytes' },
  { fault: 'short', what: 'a frame that is too short' },
  { fault: 'endless', what: 'a frame with a declared length of 4 GB' },
  { fault: 'unrequested', what: 'a reply without a request' },
  { fault: 'odd status', what: 'a reply with an unknown status' },
  { fault: 'odd result', what: 'a result that cannot be decoded' },
  { fault: 'odd refusal', what: 'an error that cannot be decoded' },
  { fault: 'half', what: 'half of the reply' },
  { fault: 'twice', what: 'the same reply twice' },
];

const ends: Readonly<Record<string, (child: ChildProcessWithoutNullStreams) => unknown>> = {
  SIGTERM: (child) => child.kill('SIGTERM'),
  SIGINT: (child) => child.kill('SIGINT'),
  'the end of stdin': (child) => child.stdin.end(),
};

beforeAll(() => install({ log: () => {} }));

// A stopped process is killed after 30 seconds. The other tests run at the same time.
describe.concurrent('Engine: process stopped, broken or with invalid replies', () => {
  test('stopped (SIGSTOP), with its pipe closed, or hanging at its start: killed after 30 seconds', async ({
    task,
  }) => {
    const stoppedInAWrite = async (when: 'before' | 'after') => {
      const { engine, close, next, add, times } = await faultyEngine();
      next(`stop ${when}`, stepOfAddNote);
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
      const { close, signal } = await faultyEngine({ idleMs: 10 });
      await sleep(500);
      signal('SIGSTOP');
      await close();
    };
    const stoppedWhenIdle = async () => {
      const { close, signal, add, times } = await faultyEngine({ idleMs: 100 });
      signal('SIGSTOP');
      await sleep(1000); // the engine is being asked to close the collection
      await add('later');
      expect(await times('later')).toBe(1);
      await close();
    };
    const closedPipe = async () => {
      const { engine, close, next, add, times } = await faultyEngine();
      next('closed corrupted', stepOfAddNote);
      expect(await outcomeOf(add('closed'))).toBeInstanceOf(OutcomeUnknown);
      expect(await times('closed')).toBe(1);
      await expectIntact(engine);
      await close();
    };
    const hanging = async () => {
      const { engine, close } = temporaryEngine({ python: script('exec sleep 600') });
      await expect(engine.call('version', {})).rejects.toThrow(/python does not respond.*--python/);
      await close();
    };
    const hangingBeforeTheEngineIsInstalled = async () => {
      const { engine, close } = temporaryEngine({
        python: script('exec sleep 600'),
        engineDir: temporaryFolder(),
      });
      await expect(engine.call('version', {})).rejects.toThrow(/python does not respond.*--python/);
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

  // A running write gets 30 seconds to finish; a read is not waited for.
  test.for(
    Object.keys(ends).flatMap((end) => [
      [end, 'read', 'at once'] as const,
      [end, 'write', 'after 30 seconds'] as const,
    ]),
  )('stopped while the server ends: after %s during a %s, the collection is free %s', async ([end, held]) => {
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
    const find = (id: number, query: string) =>
      ask({ id, method: 'tools/call', params: { name: 'findNotes', arguments: { query } } });
    const clientInfo = { name: 'test', version: '1' };
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
    await ask({ id: 0, method: 'initialize', params });
    await add(1, 'before');
    python.signal('SIGSTOP');
    if (held === 'write') void add(2, 'held');
    else void find(2, 'front:held');
    await sleep(100);
    const start = performance.now();
    ends[end]?.(child);
    expect((await exited)[0]).toBe(0);
    if (held === 'read') expect(performance.now() - start).toBeLessThan(5000);
    expect(await engine.call('findNotes', { query: 'front:before' })).toHaveLength(1);
    await expectIntact(engine);
    await close();
  });

  test.for(Object.entries(writes))(
    'the engine panics during a write: %s',
    async ([name, prepare], { task }) => {
      const { engine, folder, close, next, happened } = await faultyEngine();
      const other = temporaryEngine();
      let cases = 0;
      for (const when of ['before', 'after']) {
        for (const step of [0, 1, 3]) {
          const write = await prepare({ engine, other: other.engine, folder }, wordFor(name + when, step));
          next(`panic ${when}`, step);
          const outcome = await outcomeOf(write.act());
          if (!happened()) continue;
          if (outcome instanceof OutcomeUnknown && when === 'before')
            expect(String(outcome)).toMatch(/PanicException/);
          await expectOutcome(outcome, write);
          await expectIntact(engine);
          cases++;
        }
      }
      task.meta.cases = cases;
      await close();
      await other.close();
    },
  );

  test.for(invalidReplies)('an invalid reply: $what', async ({ fault }, { task }) => {
    let cases = 0;
    for (let step = 0; step < 5; step++) {
      // The first addNote of an engine makes this many calls until the note is written.
      const { engine, close, next, happened, add, times } = await faultyEngine();
      next(`${fault} corrupted`, step);
      const word = wordFor(fault, step);
      const outcome = await outcomeOf(add(word));
      expect(happened()).toBe(true);
      if (fault !== 'twice') expect(outcome).toBeInstanceOf(OutcomeUnknown);
      await expectOutcome(outcome, { act: async () => {}, times: async () => [await times(word)] });
      await expectIntact(engine);
      await close();
      cases++;
    }
    task.meta.cases = cases;
  });
});
