import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engine } from '../../../../src/backends/engine/engine.ts';
import { resultOf } from '../../../support/both-backends.ts';
import { collectionWithHistory, engineOn, turnOn, withHost } from '../../../support/review-history.ts';

let engine: Engine;
beforeAll(async () => {
  const path = await collectionWithHistory({ reviewed: 19_000, unseen: 1000 });
  await withHost(path, (host) => turnOn(host));
  engine = engineOn(path);
});
afterAll(() => engine.close());

test('20,000 cards are simulated over a year with several scenarios, within the limits of a result', async () => {
  const scenarios = [{ newPerDay: 40 }, { retention: 0.95 }, { daysOff: 14 }];
  const result = await resultOf('fsrs', { action: 'simulate', deck: 'Default', scenarios }, engine);
  expect(result).toMatchObject({ days: 365, simulated: { cards: 20_000, new: 1000 } });
  expect(JSON.stringify(result).length).toBeLessThan(5000);
});
