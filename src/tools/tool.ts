import { isActionName } from '../contract/index.ts';
import { InvalidArguments, parseArguments, parseBy, unknownTool } from './arguments.ts';
import type { Backend, CallOptions } from '../contract/backend.ts';
import { bounded, defaultBudget, takeBounds } from './bounded.ts';
import { mediaAnswer } from './media/media-answer.ts';
import { isDeep, type Json } from '../lib/json.ts';
import type { Answer, Context } from './workflow.ts';
import { inlineMedia } from './media/media-parameter.ts';
import { mediaPolicy, type MediaPolicy } from './media/media-policy.ts';
import type { Conversation, Safeguard } from './safeguards/safeguard.ts';
import { workflows } from './workflows/index.ts';

export interface ToolCall extends Conversation {
  readonly backend: Backend;
  /** The tools that are offered. */
  readonly names: ReadonlySet<string>;
  readonly name: string;
  readonly given: unknown;
  /** Where media files may be taken from; by default no folder. */
  readonly media?: MediaPolicy | undefined;
  /** Bytes that an answer may take, as JSON. */
  readonly maxResult?: number | undefined;
  /** What stands before calls that destroy something; by default nothing does. */
  readonly safeguard?: Safeguard | undefined;
}

/** What workflows and resources work with. */
export const contextOf = ({
  backend,
  media = mediaPolicy([], backend.capabilities),
  maxResult = defaultBudget,
  ...options
}: Pick<ToolCall, 'backend' | 'media' | 'maxResult' | keyof CallOptions>): Context => ({
  backend,
  budget: maxResult,
  media,
  signal: options.signal,
  call: (action, params) => backend.call(action, params, options),
});

/** Runs a tool: an action goes to the backend as it is, a workflow makes its own calls. */
export async function runTool({
  names,
  name,
  given,
  safeguard,
  ask,
  tell,
  ...options
}: ToolCall): Promise<Answer> {
  if (!names.has(name)) throw new InvalidArguments(unknownTool(name, names));
  if (isDeep(given)) {
    throw new InvalidArguments(
      `The arguments of ${name} are nested too deeply, and nothing was sent to Anki.`,
    );
  }
  const context = contextOf(options);
  const workflow = workflows[name];
  if (workflow) return workflow.run(context, parseBy(name, workflow.input, given));
  if (!isActionName(name)) throw new InvalidArguments(unknownTool(name, names));
  const { own, bounds } = takeBounds(name, given);
  const { backend, media, signal, budget } = context;
  const params = await inlineMedia(name, parseArguments(name, own, names), media, signal);
  await safeguard?.pass(backend, name, params, { ...options, ask, tell });
  const answer: Json = await backend.request(name, params, options);
  return name === 'retrieveMediaFile'
    ? mediaAnswer(context, params, answer)
    : bounded({ name, params, bounds, budget }, answer);
}
