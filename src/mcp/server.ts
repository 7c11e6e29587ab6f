import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { RequestOptions } from '@modelcontextprotocol/sdk/shared/protocol.js';
import {
  CallToolRequestSchema,
  ErrorCode,
  McpError,
  type CallToolResult,
  type JSONRPCRequest,
} from '@modelcontextprotocol/sdk/types.js';
import type { jsonSchemaValidator, JsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/types.js';
import { hold, type Backend, type Pause } from '../contract/backend.ts';
import { SessionQueue, type Enqueue } from './http/session-queue.ts';
import { instructionsFor } from './instructions.ts';
import { printJson } from '../lib/json.ts';
import type { ManifestTool } from '../tools/manifest.ts';
import type { ToolCall } from '../tools/tool.ts';
import type { MediaPolicy } from '../tools/media/media-policy.ts';
import { once } from '../lib/once.ts';
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

type Extra = Parameters<NonNullable<Server['fallbackRequestHandler']>>[1];

const capabilities = {
  tools: {},
  resources: {},
  prompts: {},
  completions: {},
  extensions: { 'io.modelcontextprotocol/skills': {} },
};

/** Creates an MCP server for the tools, resources, prompts and skills of a backend. */
export function createServer(options: ServerOptions): Server {
  const { version } = options;
  const server = new Server(
    { name: 'ankiwright', title: 'Anki', version },
    {
      capabilities,
      instructions: instructions(options),
      jsonSchemaValidator: validator,
    },
  );
  const session = new AbortController();
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the SDK's server is no EventTarget
  server.onclose = () => session.abort();
  const questions = new SessionQueue(questionLimits);
  const offered = once(() => new Set(options.tools.map(({ name }) => name)));
  const allowed = once(() => new Map((options.allowed ?? options.tools).map((tool) => [tool.name, tool])));
  const toolList = once(() => ({ tools: options.tools.map(toWire) }));
  const handleCall = (request: JSONRPCRequest, extra: Extra): Promise<CallToolResult> => {
    const { params } = parseCall(request);
    const { progressToken } = params._meta ?? {};
    let sent = 0;
    const progress = (message: string) => {
      if (progressToken === undefined) return;
      const notification = { progressToken, progress: ++sent, message };
      extra.sendNotification({ method: 'notifications/progress', params: notification }).catch(() => {}); // the client has disconnected
    };
    const { signal, requestId: relatedRequestId } = extra;
    const canAsk = server.getClientCapabilities()?.elicitation?.form !== undefined;
    const ask = canAsk
      ? (question: string) =>
          questions.enqueue(() => askUser(server, question, { signal, relatedRequestId }), signal)
      : undefined;
    return callTool(options, { names: offered(), allowed: allowed() }, params, {
      signal,
      progress,
      ask,
      session: session.signal,
    });
  };
  // One handler for all methods: setRequestHandler would load the request schemas and the code for resources at start.
  server.fallbackRequestHandler = async (request, extra) => {
    if (request.method === 'tools/list') return toolList();
    if (request.method === 'tools/call') return handleCall(request, extra);
    const { handleReadRequest } = await import('./read-requests.ts');
    const { backend, media, maxResult, enqueue = runNow } = options;
    const { signal } = extra;
    const handle = () => handleReadRequest(request, { backend, media, maxResult, names: offered(), signal });
    return enqueue(handle, signal).catch((error: unknown) => {
      if (error instanceof Error) error.message = cutToBytes(error.message, maxErrorBytes(options));
      throw error;
    });
  };
  return server;
}

function instructions({
  isRestricted,
  backend,
  hasEngine = backend.kind === 'engine',
  ...options
}: ServerOptions): string {
  if (!isRestricted) return instructionsFor({ hasEngine });
  const { tools, allowed = tools } = options;
  const names = new Set(tools.map(({ name }) => name));
  return instructionsFor({ hasEngine, names, reachesMore: allowed.length > tools.length });
}

/** Parses a tools/call request. Some clients send null if there are no arguments. */
function parseCall({ params, ...request }: JSONRPCRequest) {
  const withoutNull = { ...params, arguments: params?.['arguments'] ?? undefined };
  const parsed = CallToolRequestSchema.safeParse({ ...request, params: withoutNull });
  if (parsed.success) return parsed.data;
  throw new McpError(
    ErrorCode.InvalidParams,
    'tools/call needs a name (string) and arguments (object or null).',
  );
}

async function callTool(
  options: ServerOptions,
  tools: Pick<ToolCall, 'names' | 'allowed'>,
  { name, arguments: args = {} }: { name: string; arguments?: unknown },
  { ask, ...conversation }: Conversation,
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
      const call = { ...tools, backend, media, maxResult, safeguard, name, args, notify };
      return runTool({ ...call, ...conversation, ask: pausedAsk });
    });
  };
  const result = await enqueue(run, conversation.signal).then(toCallResult, (error: unknown) =>
    toErrorResult(error, maxErrorBytes(options)),
  );
  return withNotices(result, notices, backend);
}

function toCallResult(result: ToolResult): CallToolResult {
  const content = (result.content ?? []).map((part) => ({ ...part }));
  if (!('result' in result)) return { content };
  const { content: _, ...json } = result;
  const text = printJson(json, 'strings');
  return { content: [{ type: 'text', text }, ...content], structuredContent: JSON.parse(text) };
}

/** Returns the maximum size of an error message in bytes. It may repeat what was sent, or have a reason for each note. */
const maxErrorBytes = ({ maxResult = Infinity }: ServerOptions): number => Math.min(maxResult, 4_000) - 100;

function toErrorResult(error: unknown, maxBytes: number): CallToolResult {
  const message =
    messageOf(error) || 'Anki refused the call and gave no reason (its error message is empty).';
  const text = cutToBytes(message, maxBytes);
  return { isError: true, content: [{ type: 'text', text }] };
}

/** Adds the notices, such as the place of a backup, and the backend that ran the call. */
function withNotices(
  result: CallToolResult,
  notices: readonly Notice[],
  { kind, place }: Backend,
): CallToolResult {
  const path = notices.find((notice) => notice.path !== undefined)?.path;
  return {
    ...result,
    content: [...result.content, ...notices.map(({ text }) => ({ type: 'text' as const, text }))],
    _meta: {
      'ankiwright/backend': { kind, place },
      ...(path !== undefined && { 'ankiwright/backup': path }),
    },
  };
}

/** Milliseconds that the user has to answer a question. */
const questionTimeoutMs = 600_000;

/** Asks the user for confirmation, by a form without fields. Returns true if the user accepts. */
async function askUser(server: Server, message: string, options: RequestOptions): Promise<boolean> {
  const requestedSchema = { type: 'object' as const, properties: {} };
  const { action } = await server
    .elicitInput({ message, requestedSchema }, { ...options, timeout: questionTimeoutMs })
    .catch((cause: unknown) => {
      throw new Error(`Nothing was changed: the user could not be asked (${messageOf(cause)}).`, { cause });
    });
  return action === 'accept';
}

/** Accepts everything: the SDK uses it only for the answers to our questions, of which we read only `action`. */
const validator: jsonSchemaValidator = {
  getValidator:
    <T>(): JsonSchemaValidator<T> =>
    (input) =>
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the interface requires the type of the schema
      ({ valid: true, data: input as T, errorMessage: undefined }),
};

const toWire = ({ name, title, description, inputSchema, outputSchema, annotations }: ManifestTool) => ({
  name,
  title,
  description,
  inputSchema: { ...inputSchema, type: 'object' as const },
  ...(outputSchema && { outputSchema: { ...outputSchema, type: 'object' as const } }),
  annotations: { ...annotations },
});
