import { expect, test } from 'vitest';
import { SessionQueue } from '../../../src/mcp/http/session-queue.ts';

/** Functions that record their start, and finish when the test calls `finish[index]`. */
function createWork(count: number) {
  const started: number[] = [];
  const finish: (() => void)[] = [];
  const work = Array.from({ length: count }, (_, index) => () => {
    started.push(index);
    return new Promise<number>((resolve) => (finish[index] = () => resolve(index)));
  });
  return { started, finish, work };
}

const nextTick = () => new Promise((resolve) => setImmediate(resolve));

test('runs maxRunning calls at the same time and the others in order', async () => {
  const { enqueue } = new SessionQueue({ maxRunning: 2, maxWaiting: 10 });
  const { started, finish, work } = createWork(5);
  const results = work.map((each) => enqueue(each));
  expect(started).toEqual([0, 1]);
  finish[1]?.();
  await nextTick();
  expect(started).toEqual([0, 1, 2]);
  finish[0]?.();
  finish[2]?.();
  await nextTick();
  expect(started).toEqual([0, 1, 2, 3, 4]);
  finish[3]?.();
  finish[4]?.();
  expect(await Promise.all(results)).toEqual([0, 1, 2, 3, 4]);
});

test('a call that fails starts the next one', async () => {
  const queue = new SessionQueue({ maxRunning: 1, maxWaiting: 1 });
  const failed = queue.enqueue(async () => Promise.reject(new Error('failed')));
  const next = queue.enqueue(async () => 'done');
  await expect(failed).rejects.toThrow('failed');
  expect(await next).toBe('done');
  expect(queue.busy).toBe(false);
});

test('a call cancelled while it waits never starts and frees its place', async () => {
  const queue = new SessionQueue({ maxRunning: 1, maxWaiting: 2 });
  const { started, finish, work } = createWork(3);
  const controller = new AbortController();
  const signals = [undefined, controller.signal, undefined];
  const [running, cancelled, waiting] = work.map((each, index) => queue.enqueue(each, signals[index]));
  controller.abort(new Error('cancelled'));
  await expect(cancelled).rejects.toThrow('cancelled');
  const added = queue.enqueue(async () => 'added');
  finish[0]?.();
  await running;
  await nextTick();
  finish[2]?.();
  await waiting;
  expect(started).toEqual([0, 2]);
  expect(await added).toBe('added');
  await expect(queue.enqueue(async () => 'late', controller.signal)).rejects.toThrow('cancelled');
  expect(queue.busy).toBe(false);
});

test('rejects a call without running it if the queue is full', async () => {
  const { enqueue } = new SessionQueue({ maxRunning: 1, maxWaiting: 1 });
  const { started, finish, work } = createWork(3);
  const [first, second, third] = work.map((each) => enqueue(each));
  await expect(third).rejects.toThrow(/^Nothing was done: 1 calls of this session are already waiting/);
  finish[0]?.();
  await first;
  await nextTick();
  finish[1]?.();
  await second;
  expect(started).toEqual([0, 1]);
});

test('a paused call gives its turn away, and gets the next one back before new calls', async () => {
  const queue = new SessionQueue({ maxRunning: 1, maxWaiting: 3 });
  const { started, finish, work } = createWork(4);
  const run = async (index: number): Promise<number | undefined> => work[index]?.();
  const paused = queue.enqueue(async (pause) => {
    await pause(() => run(0));
    return run(1);
  });
  const others = [2, 3].map((index) => queue.enqueue(() => run(index)));
  await nextTick();
  expect(started).toEqual([0, 2]);
  finish[0]?.();
  await nextTick();
  finish[2]?.();
  await nextTick();
  expect(started).toEqual([0, 2, 1]);
  finish[1]?.();
  await nextTick();
  finish[3]?.();
  expect(await Promise.all([paused, ...others])).toEqual([1, 2, 3]);
  expect(queue.busy).toBe(false);
});

test('a paused call that is cancelled or fails leaves no turn taken', async () => {
  const queue = new SessionQueue({ maxRunning: 1, maxWaiting: 3 });
  const controller = new AbortController();
  const failed = queue.enqueue((pause) => pause(async () => Promise.reject(new Error('failed'))));
  await expect(failed).rejects.toThrow('failed');
  const { finish, work } = createWork(2);
  const run = async (index: number): Promise<number | undefined> => work[index]?.();
  const cancelled = queue.enqueue((pause) => pause(() => run(0)), controller.signal);
  const running = queue.enqueue(() => run(1));
  await nextTick();
  finish[0]?.();
  await nextTick();
  controller.abort(new Error('cancelled'));
  await expect(cancelled).rejects.toThrow('cancelled');
  finish[1]?.();
  await running;
  expect(queue.busy).toBe(false);
});

test('paused calls count as waiting ones, but refuse no call that can run at once', async () => {
  const queue = new SessionQueue({ maxRunning: 1, maxWaiting: 2 });
  const { finish, work } = createWork(3);
  const run = async (index: number): Promise<number | undefined> => work[index]?.();
  const paused = [0, 1].map((index) => queue.enqueue((pause) => pause(() => run(index))));
  await nextTick();
  const running = queue.enqueue(() => run(2));
  await expect(queue.enqueue(async () => 'late')).rejects.toThrow(/^Nothing was done: 2 calls/);
  expect(queue.busy).toBe(true);
  for (const index of [2, 0, 1]) finish[index]?.();
  expect(await Promise.all([...paused, running])).toEqual([0, 1, 2]);
  expect(queue.busy).toBe(false);
});
