import { expect, test } from 'vitest';
import { Turns } from '../../../src/mcp/http/turns.ts';

/** Work that ends when it is told, and tells when it begins. */
function works(count: number) {
  const begun: number[] = [];
  const end: (() => void)[] = [];
  const work = Array.from({ length: count }, (_, index) => () => {
    begun.push(index);
    return new Promise<number>((resolve) => (end[index] = () => resolve(index)));
  });
  return { begun, end, work };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('so many are under way, and the others follow in their order', async () => {
  const { inTurn } = new Turns({ underWay: 2, waiting: 10 });
  const { begun, end, work } = works(5);
  const answers = work.map((each) => inTurn(each));
  expect(begun).toEqual([0, 1]);
  end[1]?.();
  await settled();
  expect(begun).toEqual([0, 1, 2]);
  end[0]?.();
  end[2]?.();
  await settled();
  expect(begun).toEqual([0, 1, 2, 3, 4]);
  end[3]?.();
  end[4]?.();
  expect(await Promise.all(answers)).toEqual([0, 1, 2, 3, 4]);
});

test('work that fails gives its turn on', async () => {
  const turns = new Turns({ underWay: 1, waiting: 1 });
  const failed = turns.inTurn(async () => Promise.reject(new Error('no')));
  const next = turns.inTurn(async () => 'yes');
  await expect(failed).rejects.toThrow('no');
  expect(await next).toBe('yes');
  expect(turns.busy).toBe(false);
});

test('what is cancelled while it waits never begins, and makes room', async () => {
  const turns = new Turns({ underWay: 1, waiting: 2 });
  const { begun, end, work } = works(3);
  const controller = new AbortController();
  const signals = [undefined, controller.signal, undefined];
  const [running, cancelled, waiting] = work.map((each, index) => turns.inTurn(each, signals[index]));
  controller.abort(new Error('no longer wanted'));
  await expect(cancelled).rejects.toThrow('no longer wanted');
  const more = turns.inTurn(async () => 'room');
  end[0]?.();
  await running;
  await settled();
  end[2]?.();
  await waiting;
  expect(begun).toEqual([0, 2]);
  expect(await more).toBe('room');
  await expect(turns.inTurn(async () => 'late', controller.signal)).rejects.toThrow('no longer wanted');
  expect(turns.busy).toBe(false);
});

test('what finds the queue full is told so, and has done nothing', async () => {
  const { inTurn } = new Turns({ underWay: 1, waiting: 1 });
  const { begun, end, work } = works(3);
  const [first, second, third] = work.map((each) => inTurn(each));
  await expect(third).rejects.toThrow(/^1 calls of this session are waiting already: nothing was done/);
  end[0]?.();
  await first;
  await settled();
  end[1]?.();
  await second;
  expect(begun).toEqual([0, 1]);
});
