import { tmpdir } from 'node:os';
import { afterAll, expect, test } from 'vitest';
import { actions, isActionName, type ActionName } from '../../src/contract/index.ts';
import type { Engine } from '../../src/backends/engine/engine.ts';
import { noSuchAction } from '../../src/contract/errors.ts';
import { mediaPolicy } from '../../src/tools/media/media-policy.ts';
import { refusal, reply } from '../../src/anki-connect/envelope.ts';
import { Assistant } from '../support/assistant.ts';
import { temporaryEngine } from '../support/collection.ts';
import { normalize } from '../../src/tools/normalize.ts';
import { differences } from './differences.ts';
import { play, scenarios, type Send } from './scenario.ts';
import { isObject, type Json, type JsonObject } from '../../src/lib/json.ts';

/** Number of steps sent through tools/call, and of those that the schemas refuse. */
const steps = { throughTools: 0, refusedBySchema: 0 };

/**
 * Sends every step through tools/call. If the input schema refuses a step, checks that the tool refuses it too, and then
 * sends it as other clients of Anki-Connect do.
 */
const sendBy = (assistant: Assistant, engine: Engine, excludedSteps: readonly number[]): Send => {
  let step = 0;
  return async ({ action, version, params }) => {
    step++;
    const args = isObject(params) ? params : {};
    if (
      isActionName(action) &&
      version > 4 &&
      !hasOldChildren(action, args) &&
      !excludedSteps.includes(step)
    ) {
      const isValid = actions[action].input.safeParse(args).success;
      const result =
        isValid || (!hasChildren(action) && !isRepaired(action, args))
          ? await assistant.call(action, args)
          : undefined;
      if (isValid) {
        steps.throughTools++;
        return result?.isError
          ? refusal(result.content[0]?.text ?? '')
          : { result: result?.result ?? null, error: null };
      }
      steps.refusedBySchema++;
      if (result) expect(result.text).toMatch(/Nothing was sent to Anki/);
    }
    try {
      if (!isActionName(action)) return refusal(noSuchAction);
      return reply(await engine.call(action, args), version);
    } catch (error) {
      return refusal(error);
    }
  };
};

/** Returns true if the server understands arguments that are not in the schema's form, such as digits for a number. */
const isRepaired = (action: ActionName, args: JsonObject): boolean => {
  const { input } = actions[action];
  return input.safeParse(normalize(input, args)).success;
};

const hasChildren = (action: string): boolean => action === 'multi';

/** Returns true if a child of a batch lacks version 6, which the server requires. */
const hasOldChildren = (action: string, { actions: children }: JsonObject): boolean =>
  hasChildren(action) &&
  Array.isArray(children) &&
  children.some((child: Json) => !isObject(child) || child['version'] !== 6);

test.each(scenarios)('$name', async (scenario) => {
  const { engine, close } = temporaryEngine({ profile: 'yanki-tests' });
  const media = mediaPolicy([tmpdir()], engine.capabilities);
  const assistant = await Assistant.of(engine, { media });
  try {
    expect(
      (await play(scenario, sendBy(assistant, engine, differences[scenario.name]?.steps ?? []))).join('\n'),
    ).toBe('');
  } finally {
    await assistant.close();
    await close();
  }
});

afterAll(() => {
  expect(steps.throughTools).toBeGreaterThan(4 * steps.refusedBySchema);
});
