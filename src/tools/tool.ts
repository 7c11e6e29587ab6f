import { isActionName } from '../contract/index.ts';
import { parseAction } from './action-call.ts';
import { InvalidArguments, parseBy, unknownTool } from './arguments.ts';
import { together, typedCall, type Backend, type CallOptions } from '../contract/backend.ts';
import { browserWarning } from './browser-check.ts';
import { bounded, defaultBudget } from './bounded.ts';
import { mediaResult } from './media/media-result.ts';
import { isDeep, type Json } from '../lib/json.ts';
import type { Context, ToolResult, Workflow } from './workflow.ts';
import { checkImports, filesOf, outsideOf, outsideRisks } from './files/call-files.ts';
import { withReports } from './files/file-reports.ts';
import { inlineMedia } from './media/media-parameter.ts';
import { mediaPolicy, type MediaPolicy } from './media/media-policy.ts';
import { Safeguard, type Conversation } from './safeguards/safeguard.ts';
import { runReported } from './summaries/index.ts';
import { summaryOf } from './summaries/summary.ts';
import * as exported from './workflows/index.ts';

const workflows: Readonly<Record<string, Workflow>> = exported;

export interface ToolCall extends Conversation {
  readonly backend: Backend;
  /** Names of the tools that this server offers. */
  readonly names: ReadonlySet<string>;
  readonly name: string;
  readonly args: unknown;
  /** Sources that media files may be read from. By default no folder is allowed. */
  readonly media?: MediaPolicy | undefined;
  /** Maximum size of a result in bytes of JSON. */
  readonly maxResult?: number | undefined;
  /** Asks for confirmation and makes backups before destructive calls. */
  readonly safeguard?: Safeguard | undefined;
}

type ContextOptions = Pick<ToolCall, 'backend' | 'media' | 'maxResult' | 'session' | keyof CallOptions> &
  Partial<Pick<Context, 'approve' | 'check'>>;

/** Returns the context of workflows and resources. */
export const contextOf = ({
  backend,
  media = mediaPolicy([], backend.capabilities),
  maxResult = defaultBudget,
  session = new AbortController().signal,
  approve = async () => {},
  check = async () => {},
  ...options
}: ContextOptions): Context => {
  const context = { backend, session, approve, check, budget: maxResult, media, signal: options.signal };
  const contextFor = ({ call }: Pick<Backend, 'call'>): Context => ({
    ...context,
    call: (action, params) => call(action, params, options),
    asOneStep: (work) =>
      together(backend, (request) => work(contextFor({ call: typedCall({ request }) })), options),
  });
  return contextFor(backend);
};

/** Neither asks nor makes backups. */
const unguarded = new Safeguard({ confirm: 'never', backup: 'never' });

/** Runs a tool. Sends an action to the backend; a workflow makes its own calls. */
export async function runTool({
  names,
  name,
  args,
  safeguard = unguarded,
  ask,
  notify,
  ...options
}: ToolCall): Promise<ToolResult> {
  if (!names.has(name)) throw new InvalidArguments(unknownTool(name, names));
  if (isDeep(args)) {
    throw new InvalidArguments(`The arguments of ${name} are nested too deeply. Nothing was sent to Anki.`);
  }
  const sentences: string[] = [];
  const report = (sentence: string): void => void sentences.push(sentence);
  const callOptions = { ...options, strict: true, report };
  const conversation = { ...options, ask, notify };
  const check = safeguard.checkFor(options.backend, conversation);
  const context = contextOf(callOptions);
  const { backend, signal, budget } = context;
  const reader = { policy: context.media, canAsk: safeguard.canAsk(conversation) };
  const workflow = workflows[name];
  if (workflow) {
    const input = parseBy(name, workflow.input, args);
    const confirmed = await outsideOf(workflow.paths?.(input) ?? [], reader);
    const risks = outsideRisks(confirmed);
    if (risks.length > 0)
      await safeguard.approve(backend, { actions: [name], assess: async () => risks }, conversation);
    const approve: Context['approve'] = async (operation) => {
      await safeguard.approve(backend, operation, conversation);
    };
    return workflow.run(
      contextOf({ ...callOptions, media: { ...context.media, confirmed }, approve, check }),
      input,
    );
  }
  if (!isActionName(name)) throw new InvalidArguments(unknownTool(name, names));
  const call = parseAction(name, args, names);
  const files = await filesOf(name, call.params, backend, reader, options);
  const media = { ...context.media, confirmed: files.confirmed };
  if (files.risks.length > 0) await check(name, call.params, files.risks);
  await checkImports(files.imported, media);
  const params = await inlineMedia(name, files.params, media, signal);
  await check(name, params);
  const send = (): Promise<Json> => runReported(backend, name, params, callOptions);
  const response = await withReports(files, backend, callOptions, send).catch((error: unknown) => {
    if (sentences.length > 0) notify?.({ text: summaryOf(sentences) });
    throw error;
  });
  const warning = await browserWarning(context, name, params);
  if (warning !== undefined) report(warning);
  if (name === 'retrieveMediaFile') return mediaResult(context, params, response);
  const result = bounded({ ...call, budget }, response);
  return sentences.length > 0 ? { ...result, summary: summaryOf(sentences) } : result;
}
