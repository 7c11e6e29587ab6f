import { expect, test } from 'vitest';
import { summaryOf } from '../../src/tools/summaries/summary.ts';
import { guardedServer } from '../support/guarded-server.ts';

test('the result of a window action on the engine says that there is no window', async () => {
  const { assistant } = await guardedServer(undefined);
  const { result, summary, text } = await assistant.call('guiAddCards');
  expect(result).toBe(0);
  expect(summary).toBe('The engine has no Add window: nobody sees the draft. Use addNote to add a note.');
  expect(text).toContain(summary);
});

test('the calls of a batch report together', async () => {
  const { assistant } = await guardedServer(undefined);
  const { summary } = await assistant.call('multi', {
    actions: [{ action: 'guiAddCards' }, { action: 'guiExitAnki' }, { action: 'guiAddCards' }],
  });
  expect(summary?.match(/no Add window/g)).toHaveLength(1);
  expect(summary).toContain('no window to close');
});

test('a summary has at most 2 KB and counts what it omits', () => {
  const summary = summaryOf(Array.from({ length: 500 }, (_, index) => `Imported the file number ${index}.`));
  expect(Buffer.byteLength(summary)).toBeLessThan(2_050);
  expect(summary).toMatch(/And \d{3} more\.$/);
});
