import { expect, test } from 'vitest';
import { temporaryEngine } from '../support/collection.ts';
import { play, scenarios } from './scenario.ts';
import { isActionName } from '../../src/contract/index.ts';
import { noSuchAction } from '../../src/contract/errors.ts';
import { refusal, reply } from '../../src/anki-connect/envelope.ts';

test.each(scenarios)('$name', async (scenario) => {
  const { engine, close } = temporaryEngine({ profile: 'yanki-tests' });
  try {
    const lines = await play(scenario, async ({ action, version, params }) => {
      try {
        if (!isActionName(action)) throw new Error(noSuchAction);
        return reply(await engine.request(action, params ?? {}), version);
      } catch (error) {
        return refusal(error);
      }
    });
    expect(lines.join('\n')).toBe('');
    const messages: string[] = [];
    await engine.call('guiCheckDatabase', {}, { progress: (message) => messages.push(message) });
    // insertReviews writes only the log: the check then completes the cards and reports it.
    expect(messages.filter((message) => !message.startsWith('Added last review time'))).toEqual([]);
  } finally {
    await close();
  }
});
