import { onTestFinished } from 'vitest';
import type { Backend } from '../../src/contract/backend.ts';
import { isObject, type JsonObject } from '../../src/lib/json.ts';
import { runTool, type ToolCall } from '../../src/tools/tool.ts';
import { desktop } from './desktop.ts';
import { engine } from './saving.ts';

export interface Connection {
  readonly backend: Backend;
  /** Number of HTTP requests so far; undefined on the engine. */
  readonly requests: () => number | undefined;
}

/** Ways to reach the collection of the running test: directly, and over HTTP as on the desktop. */
export const bothBackends: readonly [string, () => Promise<Connection>][] = [
  ['the engine', async () => ({ backend: engine, requests: () => undefined })],
  [
    'the desktop',
    async () => {
      const { backend, requests, close } = await desktop(engine);
      onTestFinished(close);
      return { backend, requests: () => requests.length };
    },
  ],
];

/** Runs a tool and returns its result, an object. */
export async function resultOf(
  name: string,
  args: object,
  backend: Backend = engine,
  more: Partial<ToolCall> = {},
): Promise<JsonObject> {
  const answer = await runTool({ backend, names: new Set([name]), name, args, ...more });
  if (!('result' in answer) || !isObject(answer.result))
    throw new Error(`no result: ${JSON.stringify(answer)}`);
  return answer.result;
}
