import type { ActionName } from '../contract/index.ts';
import type { Json, JsonObject } from '../lib/json.ts';
import { parseAction } from './action-call.ts';
import type { Names } from './arguments.ts';
import { bounded } from './bounded.ts';
import { browserWarning } from './browser-check.ts';
import { contextOf, type Environment } from './context.ts';
import { requestPage } from './id-page.ts';
import { checkImports, filesOf } from './files/call-files.ts';
import { withReports } from './files/file-reports.ts';
import { inlineMedia } from './media/media-parameter.ts';
import { profileReport } from './profile-switch.ts';
import { mediaResult } from './media/media-result.ts';
import type { Conversation, Safeguard } from './safeguards/safeguard.ts';
import { runReported } from './summaries/index.ts';
import { summaryOf } from './summaries/summary.ts';
import type { ToolResult } from './workflow.ts';

/** A tool call with the safeguard that watches it. */
export interface GuardedCall extends Environment, Conversation {
  readonly name: string;
  readonly args: unknown;
  readonly safeguard: Safeguard;
}

/** Checks an action call and its files, sends it to the backend, and returns the result with what it changed. */
export async function runAction(
  action: ActionName,
  { args, safeguard, ask, notify, ...options }: GuardedCall,
  allowed: Names,
): Promise<ToolResult> {
  const sentences: string[] = [];
  const report = (sentence: string): void => void sentences.push(sentence);
  const callOptions = { ...options, strict: true, report };
  const conversation = { ...options, ask, notify };
  const check = safeguard.checkFor(options.backend, conversation);
  const context = contextOf(callOptions);
  const { backend, signal, budget } = context;
  const call = parseAction(action, args, allowed);
  const reader = { policy: context.media, canAsk: safeguard.canAsk(conversation) };
  const files = await filesOf(action, call.params, backend, reader, options);
  const media = { ...context.media, confirmed: files.confirmed };
  if (files.risks.length > 0) await check(action, call.params, files.risks);
  await checkImports(files.imported, media);
  const params = await inlineMedia(action, files.params, media, signal);
  await check(action, params);
  const send = (name: ActionName, sent: JsonObject): Promise<Json> =>
    withReports(files, backend, callOptions, () => runReported(backend, name, sent, callOptions));
  const asked = { ...call, params, budget };
  const { call: answered, response } = await requestPage(asked, send).catch((error: unknown) => {
    if (sentences.length > 0) notify?.({ text: summaryOf(sentences) });
    throw error;
  });
  const afterwards =
    action === 'loadProfile'
      ? await profileReport(context, params, response)
      : await browserWarning(context, action, params);
  if (afterwards !== undefined) report(afterwards);
  if (action === 'retrieveMediaFile') return mediaResult(context, params, response);
  const result = bounded(answered, response);
  return sentences.length > 0 ? { ...result, summary: summaryOf(sentences) } : result;
}
