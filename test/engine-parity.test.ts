import { expect, test } from 'vitest';
import { temporaryEngine } from './support/collection.ts';
import { play, scenarios } from './parity/scenario.ts';
import { isActionName } from '../src/actions/index.ts';

test.each(scenarios)('$name', async (scenario) => {
  const { engine, close } = temporaryEngine({ profile: 'yanki-tests' });
  try {
    const lines = await play(
      scenario,
      async ({ action, params }) => {
        try {
          if (!isActionName(action)) throw new Error('unsupported action');
          return { result: (await engine.call(action, params ?? {})) ?? null, error: null };
        } catch (error) {
          return { result: null, error: error instanceof Error ? error.message : String(error) };
        }
      },
      false,
    );
    expect(lines.join('\n')).toBe('');
  } finally {
    await close();
  }
});
