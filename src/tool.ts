import type { Json } from './action.ts';
import { isActionName } from './actions/index.ts';
import { InvalidArguments, parseArguments, parseBy, unknownTool } from './arguments.ts';
import type { Backend, CallOptions } from './backend.ts';
import type { Answer, Context } from './workflow.ts';
import { workflows } from './workflows/index.ts';

export interface ToolCall extends CallOptions {
  readonly backend: Backend;
  /** The tools that are offered. */
  readonly names: ReadonlySet<string>;
  readonly name: string;
  readonly given: unknown;
}

const budget = 16_000;

/** Runs a tool: an action goes to the backend as it is, a workflow makes its own calls. */
export async function runTool({ backend, names, name, given, ...options }: ToolCall): Promise<Answer> {
  if (!names.has(name)) throw new InvalidArguments(unknownTool(name, names));
  const workflow = workflows[name];
  if (workflow) {
    const context: Context = {
      backend,
      budget,
      call: (action, params) => backend.call(action, params, options),
    };
    return workflow.run(context, parseBy(name, workflow.input, given));
  }
  if (!isActionName(name)) throw new InvalidArguments(unknownTool(name, names));
  const result: Json = await backend.call(name, parseArguments(name, given, names), options);
  return { result };
}
