import { expect, onTestFinished, test } from 'vitest';
import { AnkiRefused } from '../../src/contract/errors.ts';
import { Assistant } from '../support/assistant.ts';
import { engine, Watched } from '../support/saving.ts';

/** Returns an assistant on an Anki with the profiles One and Two, which switches after `reads` more questions. */
async function withProfiles(reads: number) {
  let open = 'One';
  let left = Infinity;
  const desktop = new Watched(engine, async (name, params, sent) => {
    if (name === 'loadProfile') {
      const wanted = Object(params)['name'];
      if (!['One', 'Two'].includes(wanted)) return false;
      if (wanted !== open) left = reads;
      return true;
    }
    if (name === 'getActiveProfile') {
      if (--left === 0) open = 'Two';
      return open;
    }
    if (left === 1) throw new AnkiRefused('collection is not available');
    return sent();
  });
  const assistant = await Assistant.of(desktop);
  onTestFinished(() => assistant.close());
  return assistant;
}

test('loadProfile waits until Anki has opened the profile', async () => {
  const assistant = await withProfiles(3);
  const { result, summary } = await assistant.call('loadProfile', { name: 'Two' });
  expect(result).toBe(true);
  expect(summary).toBe('The profile "Two" is open.');
});

test('loadProfile says that the old profile is still open', async () => {
  const assistant = await withProfiles(Infinity);
  const { result, summary } = await assistant.call('loadProfile', { name: 'Two' });
  expect(result).toBe(true);
  expect(summary).toMatch(/^The profile "One" is still open, and calls still change it\. .*getActiveProfile/);
});

test('loadProfile names a missing profile, and waits for nothing if the profile is open already', async () => {
  const assistant = await withProfiles(Infinity);
  expect((await assistant.call('loadProfile', { name: 'Three' })).summary).toBe(
    'Anki has no profile "Three". getProfiles lists them.',
  );
  expect((await assistant.call('loadProfile', { name: 'One' })).summary).toBe('The profile "One" is open.');
});

test('on the engine, loadProfile names a missing profile', async () => {
  const assistant = await Assistant.of(engine);
  onTestFinished(() => assistant.close());
  expect(await assistant.call('loadProfile', { name: 'Three' })).toMatchObject({
    result: false,
    summary: expect.stringContaining('no profile "Three"'),
  });
});
