import { expect, test } from 'vitest';
import { temporaryEngine } from '../support/collection.ts';
import { play, scenarios } from './scenario.ts';
import { isActionName } from '../../src/contract/index.ts';
import { refusal, reply } from '../../src/anki-connect/envelope.ts';

test.each(scenarios)('$name', async (scenario) => {
  const { engine, close } = temporaryEngine({ profile: 'yanki-tests' });
  try {
    const lines = await play(
      scenario,
      async ({ action, version, params }) => {
        try {
          if (!isActionName(action)) throw new Error('unsupported action');
          return reply(await engine.request(action, params ?? {}), version);
        } catch (error) {
          return refusal(error);
        }
      },
      false,
    );
    expect(lines.join('\n')).toBe('');
    const found: string[] = [];
    await engine.call('guiCheckDatabase', {}, { progress: (message) => found.push(message) });
    // insertReviews writes the log only: Anki then completes the cards, and says so.
    expect(found.filter((message) => !message.startsWith('Added last review time'))).toEqual([]);
  } finally {
    await close();
  }
});
