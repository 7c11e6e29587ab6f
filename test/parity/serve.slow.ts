import { expect, test } from 'vitest';
import { parseJson, printJson } from '../../src/lib/json.ts';
import { play, scenarios } from './scenario.ts';
import { startApi } from '../support/api.ts';
import { temporaryEngine } from '../support/collection.ts';

test.each(scenarios)('$name', async (scenario) => {
  const { engine, close } = temporaryEngine({ profile: 'yanki-tests' });
  const api = await startApi(engine);
  try {
    const lines = await play(scenario, async (request) =>
      parseJson(await api.ask(printJson(request, 'digits'))),
    );
    expect(lines.join('\n')).toBe('');
  } finally {
    await api.close();
    await close();
  }
});
