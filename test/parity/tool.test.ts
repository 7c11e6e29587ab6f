import { afterAll, expect, test } from 'vitest';
import { actions, isActionName } from '../../src/contract/index.ts';
import type { Engine } from '../../src/backends/engine/engine.ts';
import { refusal, reply } from '../../src/anki-connect/envelope.ts';
import { Assistant } from '../support/assistant.ts';
import { temporaryEngine } from '../support/collection.ts';
import { differences } from './differences.ts';
import { play, scenarios, type Send } from './scenario.ts';
import type { Json } from '../../src/lib/json.ts';

const steps = { throughTools: 0, keptFromAssistants: 0 };

/** Every step goes through tools/call, unless the contract keeps assistants from it: then it must say so, and is sent as Anki-Connect's other clients would. */
const sendBy = (assistant: Assistant, engine: Engine, otherwise: readonly number[]): Send => {
  let step = 0;
  return async ({ action, version, params }) => {
    step++;
    const args = isRecord(params) ? params : {};
    if (isActionName(action) && version > 4 && !hasOldChildren(action, args) && !otherwise.includes(step)) {
      const fits = actions[action].input.safeParse(args).success;
      const answer = fits || !hasChildren(action) ? await assistant.call(action, args) : undefined;
      if (fits) {
        steps.throughTools++;
        return answer?.isError ? refusal(answer.text) : { result: answer?.result ?? null, error: null };
      }
      steps.keptFromAssistants++;
      if (answer) expect(answer.text).toMatch(/nothing was sent to Anki/);
    }
    try {
      if (!isActionName(action)) return refusal('unsupported action');
      return reply(await engine.call(action, args), version);
    } catch (error) {
      return refusal(error);
    }
  };
};

const isRecord = (value: Json | undefined): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const hasChildren = (action: string): boolean => action === 'multi';

/** The server asks for version 6 in each child of a batch. */
const hasOldChildren = (action: string, { actions: children }: Record<string, Json>): boolean =>
  hasChildren(action) &&
  Array.isArray(children) &&
  children.some((child) => !isRecord(child) || child['version'] !== 6);

test.each(scenarios)('$name', async (scenario) => {
  const { engine, close } = temporaryEngine({ profile: 'yanki-tests' });
  const assistant = await Assistant.of(engine);
  try {
    expect(
      (await play(scenario, sendBy(assistant, engine, differences[scenario.name]?.steps ?? []), false)).join(
        '\n',
      ),
    ).toBe('');
  } finally {
    await assistant.close();
    await close();
  }
});

afterAll(() => {
  expect(steps.throughTools).toBeGreaterThan(4 * steps.keptFromAssistants);
});
