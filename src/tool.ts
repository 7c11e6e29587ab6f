import type { Json } from './action.ts';
import { isActionName } from './actions/index.ts';
import { InvalidArguments, parseArguments, parseBy, unknownTool } from './arguments.ts';
import type { Backend, CallOptions } from './backend.ts';
import type { Answer, Context } from './workflow.ts';
import { inlineMedia } from './media-parameter.ts';
import { mediaPolicy, type MediaPolicy } from './media-policy.ts';
import { workflows } from './workflows/index.ts';

export interface ToolCall extends CallOptions {
  readonly backend: Backend;
  /** The tools that are offered. */
  readonly names: ReadonlySet<string>;
  readonly name: string;
  readonly given: unknown;
  /** Where media files may be taken from; by default no folder. */
  readonly media?: MediaPolicy | undefined;
}

const budget = 16_000;

/** Runs a tool: an action goes to the backend as it is, a workflow makes its own calls. */
export async function runTool(toolCall: ToolCall): Promise<Answer> {
  const { backend, names, name, given, media = mediaPolicy([], backend.kind), ...options } = toolCall;
  if (!names.has(name)) throw new InvalidArguments(unknownTool(name, names));
  const workflow = workflows[name];
  if (workflow) {
    const context: Context = {
      backend,
      budget,
      media,
      signal: options.signal,
      call: (action, params) => backend.call(action, params, options),
    };
    return workflow.run(context, parseBy(name, workflow.input, given));
  }
  if (!isActionName(name)) throw new InvalidArguments(unknownTool(name, names));
  const params = await inlineMedia(name, parseArguments(name, given, names), media, options.signal);
  const result: Json = await backend.call(name, params, options);
  return { result };
}
