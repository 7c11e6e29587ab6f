import type { CallToolResult, JSONRPCRequest, Result } from '@modelcontextprotocol/sdk/types.js';
import { hold, type Backend, type Pause } from '../contract/backend.ts';
import { backendMeta, newSyncProblems, type SyncProblemOf } from './backend-meta.ts';
import { SessionQueue, type Enqueue } from './http/session-queue.ts';
import { Handshake } from './handshake.ts';
import { instructionsFor } from './instructions.ts';
import { Connection, type RequestContext } from './json-rpc/connection.ts';
import { errorCode, isMembers, RpcError } from './json-rpc/message.ts';
import { printJson, printPlainJson } from '../lib/json.ts';
import type { ManifestTool } from '../tools/manifest-tool.ts';
import type { ToolCall } from '../tools/tool.ts';
import type { MediaPolicy } from '../tools/media/media-policy.ts';
import { once } from '../lib/once.ts';
import { panelHandle } from '../contract/panels/index.ts';
import { panelMeta, toolsFor } from './panels.ts';
import type { Conversation, Safeguard } from '../tools/safeguards/safeguard.ts';
import type { Notice } from '../tools/safeguards/backups.ts';
import type { ToolResult } from '../tools/workflow.ts';
import { cutToBytes } from '../lib/cut.ts';
import { messageOf } from '../lib/error.ts';

export interface ServerOptions {
  readonly backend: Backend;
  /** Offered tools. */
  readonly tools: readonly ManifestTool[];
  /** Tools that runAction and multi may run. Default: the offered ones. */
  readonly allowed?: readonly ManifestTool[];
  /** True if `tools` are not all tools. */
  readonly isRestricted?: boolean;
  /** Whether calls can reach Anki's engine, maybe only while Anki is closed. Default: whether the backend is an engine. */
  readonly hasEngine?: boolean;
  /** Whether the backend syncs without being asked. */
  readonly syncsUnasked?: boolean;
  readonly version: string;
  /** Folders from which media files may be read. Default: none. */
  readonly media?: MediaPolicy;
  /** Maximum size of a result in bytes of JSON. */
  readonly maxResult?: number;
  /** Confirmation and backups before destructive calls. Default: neither. */
  readonly safeguard?: Safeguard;
  /** Runs a call when the session's queue allows it. Default: immediately. */
  readonly enqueue?: Enqueue;
}

const runNow: Enqueue = (work) => work((wait) => wait());

/** Limits of the questions of one session. Further calls that ask are refused. */
const questionLimits = { maxRunning: 10, maxWaiting: 1000 };

/** Milliseconds that the user has to answer a question. */
const questionTimeoutMs = 600_000;

/** Creates an MCP server for the tools, resources, prompts and skills of a backend. */
export function createServer(options: ServerOptions, onInitialized = () => {}): Connection {
  const handshake = new Handshake({ version: options.version, instructions: instructions(options) });
  const session = new AbortController();
  const questions = new SessionQueue(questionLimits);
  const syncProblemOf = newSyncProblems();
  const tools = once(() => toolsFor(options.tools, handshake.hasPanels));
  const offered = once(() => new Set(tools().map(({ name }) => name)));
  // The model must not reach tools for panels through another tool.
  const allowed = once(() => {
    const forModel = toolsFor(options.allowed ?? options.tools, false);
    return new Map(forModel.map((tool) => [tool.name, tool]));
  });
  const toolList = once(() => ({ tools: tools().map(toWire) }));

  const handleCall = (request: JSONRPCRequest, context: RequestContext): Promise<CallToolResult> => {
    const { name, args, progressToken } = parseCall(request);
    let sent = 0;
    const progress = (message: string) => {
      if (progressToken === undefined) return;
      const params = { progressToken, progress: ++sent, message };
      context.notify('notifications/progress', params).catch(() => {}); // the client has disconnected
    };
    const { signal } = context;
    const ask = handshake.canAsk
      ? (question: string) => questions.enqueue(() => askUser(context, question), signal)
      : undefined;
    const reach = { names: offered(), allowed: allowed(), hasPanels: handshake.hasPanels };
    const conversation = { signal, progress, ask, session: session.signal };
    return callTool(options, reach, { name, args }, conversation, syncProblemOf);
  };

  const handleRequest = async (request: JSONRPCRequest, context: RequestContext): Promise<Result> => {
    if (request.method === 'initialize') return handshake.initialize(request);
    if (request.method === 'ping') return {};
    if (request.method === 'tools/list') return toolList();
    if (request.method === 'tools/call') return handleCall(request, context);
    const { handleReadRequest } = await import('./read-requests.ts');
    const { backend, media, maxResult, enqueue = runNow } = options;
    const { signal } = context;
    const handle = () => handleReadRequest(request, { backend, media, maxResult, names: offered(), signal });
    return enqueue(handle, signal).catch((error: unknown) => {
      if (error instanceof Error) error.message = cutToBytes(error.message, maxErrorBytes(options));
      throw error;
    });
  };

  return new Connection({
    request: handleRequest,
    notification: ({ method }) => {
      if (method === 'notifications/initialized') onInitialized();
    },
    closed: () => session.abort(),
  });
}

function instructions({
  isRestricted,
  backend,
  hasEngine = backend.kind === 'engine',
  syncsUnasked = false,
  ...options
}: ServerOptions): string {
  if (!isRestricted) return instructionsFor({ hasEngine, syncsUnasked });
  const { tools, allowed = tools } = options;
  const names = new Set(tools.map(({ name }) => name));
  return instructionsFor({ hasEngine, syncsUnasked, names, reachesMore: allowed.length > tools.length });
}

/** Parses a tools/call request. Some clients send null if there are no arguments. */
function parseCall({ params = {} }: JSONRPCRequest) {
  const { name, _meta } = params;
  const args = params['arguments'] ?? {};
  if (typeof name === 'string' && isMembers(args)) return { name, args, progressToken: _meta?.progressToken };
  throw new RpcError(
    errorCode.invalidParams,
    'tools/call needs a name (string) and arguments (object or null).',
  );
}

async function callTool(
  options: ServerOptions,
  reach: Pick<ToolCall, 'names' | 'allowed' | 'hasPanels'>,
  { name, args }: Pick<ToolCall, 'name' | 'args'>,
  { ask, ...conversation }: Conversation,
  syncProblemOf: SyncProblemOf,
): Promise<CallToolResult> {
  const notices: Notice[] = [];
  const notify = (notice: Notice): void => void notices.push(notice);
  const { media, maxResult, safeguard, enqueue = runNow } = options;
  let { backend } = options;
  const run = async (pauseTurn: Pause): Promise<ToolResult> => {
    // Loaded at the first call, so that the contract does not delay tools/list.
    const { runTool } = await import('../tools/tool.ts');
    return hold(options.backend, (heldBackend, pauseHold) => {
      backend = heldBackend;
      // The user may take minutes to answer: other calls go on.
      const pausedAsk = ask && ((question: string) => pauseHold(() => pauseTurn(() => ask(question))));
      const call = { ...reach, backend, media, maxResult, safeguard, name, args, notify };
      return runTool({ ...call, ...conversation, ask: pausedAsk });
    });
  };
  const result = await enqueue(run, conversation.signal).then(toCallResult, (error: unknown) =>
    toErrorResult(error, maxErrorBytes(options)),
  );
  const syncProblem = syncProblemOf(backend);
  if (syncProblem !== undefined) notify({ text: syncProblem });
  return withNotices(result, notices, backend);
}

function toCallResult(result: ToolResult): CallToolResult {
  if ('view' in result) return { content: [forPanel], structuredContent: { ...result.view } };
  const content = (result.content ?? []).map((part) => ({ ...part }));
  if (!('result' in result)) return { content };
  const { content: _, panel, ...json } = result;
  const plain = printPlainJson(json);
  const text = plain ?? printJson(json, 'strings');
  return {
    content: [{ type: 'text', text }, ...content],
    structuredContent: plain === undefined ? JSON.parse(text) : json,
    ...(panel && { _meta: { [panelHandle]: panel } }),
  };
}

/** The text of a result whose data only a panel reads. */
const forPanel = { type: 'text' as const, text: 'The panel shows this.' };

/** Returns the maximum size of an error message in bytes. It may repeat what was sent, or have a reason for each note. */
const maxErrorBytes = ({ maxResult = Infinity }: ServerOptions): number => Math.min(maxResult, 4_000) - 100;

function toErrorResult(error: unknown, maxBytes: number): CallToolResult {
  const message =
    messageOf(error) || 'Anki refused the call and gave no reason (its error message is empty).';
  const text = cutToBytes(message, maxBytes);
  return { isError: true, content: [{ type: 'text', text }] };
}

/** Adds the notices, such as the place of a backup, and the backend that ran the call. */
function withNotices(result: CallToolResult, notices: readonly Notice[], backend: Backend): CallToolResult {
  const path = notices.find((notice) => notice.path !== undefined)?.path;
  return {
    ...result,
    content: [...result.content, ...notices.map(({ text }) => ({ type: 'text' as const, text }))],
    _meta: {
      ...result._meta,
      ...backendMeta(backend),
      ...(path !== undefined && { 'ankiwright/backup': path }),
    },
  };
}

/** Asks the user for confirmation, by a form without fields. Returns true if the user accepts. */
async function askUser(context: RequestContext, message: string): Promise<boolean> {
  const requestedSchema = { type: 'object', properties: {} };
  const params = { mode: 'form', message, requestedSchema };
  const { action } = await context
    .request('elicitation/create', params, questionTimeoutMs)
    .catch((cause: unknown) => {
      throw new Error(`Nothing was changed: the user could not be asked (${messageOf(cause)}).`, { cause });
    });
  return action === 'accept';
}

const toWire = ({ ui, inputSchema, outputSchema, ...tool }: ManifestTool) => ({
  name: tool.name,
  title: tool.title,
  description: tool.description,
  inputSchema: { ...inputSchema, type: 'object' as const },
  ...(outputSchema && { outputSchema: { ...outputSchema, type: 'object' as const } }),
  annotations: { ...tool.annotations },
  ...(ui && { _meta: panelMeta(ui) }),
});
