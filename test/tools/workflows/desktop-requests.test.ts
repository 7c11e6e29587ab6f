import { expect, onTestFinished, test } from 'vitest';
import { Assistant } from '../../support/assistant.ts';
import { temporaryEngine } from '../../support/collection.ts';
import { desktop } from '../../support/desktop.ts';
import { addNotes } from '../../support/guarded-server.ts';

const start = ['study', { action: 'start', deck: 'D' }] as const;
const reveal = ['study', { action: 'reveal' }] as const;

test.each([
  { most: 2, step: ['overview', {}] },
  { most: 4, step: ['insights', {}] },
  { most: 3, step: start },
  { most: 2, after: [start], step: reveal },
  { most: 2, after: [start, reveal], step: ['study', { action: 'rate', rating: 4 }] },
] as const)('on the desktop, $step takes at most $most requests', async ({ most, after = [], step }) => {
  const { engine, close } = temporaryEngine();
  onTestFinished(close);
  await addNotes(engine, 'D', ['one', 'two', '<img src="three.png">']);
  const { backend, requests, close: disconnect } = await desktop(engine);
  onTestFinished(disconnect);
  const assistant = await Assistant.of(backend);
  onTestFinished(() => assistant.close());
  for (const [tool, args] of after) await assistant.call(tool, args);
  const before = requests.length;
  expect((await assistant.call(step[0], step[1])).isError).toBe(false);
  expect(requests.length - before).toBeLessThanOrEqual(most);
});
