import { expect, test } from 'vitest';
import { temporaryEngine } from '../support/collection.ts';
import { problemsOf } from '../support/database-check.ts';
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
    // insertReviews writes only the log: the check then completes the cards and reports it.
    expect(await problemsOf(engine)).toMatch(/^(Added last review time to \d+ cards?\.)?$/);
  } finally {
    await close();
  }
});
