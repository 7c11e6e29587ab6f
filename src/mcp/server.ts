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
import { hold, type Backend } from '../contract/backend.ts';
import { instructions } from './instructions.ts';
import { printJson } from '../lib/json.ts';
import type { ManifestTool } from '../tools/manifest.ts';
import type { MediaPolicy } from '../tools/media/media-policy.ts';
import { once } from '../lib/once.ts';
import type { Conversation, Safeguard } from '../tools/safeguards/safeguard.ts';
import type { Notice } from '../tools/safeguards/backups.ts';
import type { ToolResult } from '../tools/workflow.ts';
import { messageOf } from '../lib/error.ts';

export interface ServerOptions {
  readonly backend: Backend;
  /** The tools to offer, as tools/list shows them. */
  readonly tools: readonly ManifestTool[];
  readonly version: string;
  /** Where assistants may take media files from; by default no folder. */
  readonly media?: MediaPolicy;
  /** Bytes that an answer may take, as JSON. */
  readonly maxResult?: number;
  /** What stands before calls that destroy something; by default nothing does. */
  readonly safeguard?: Safeguard;
  /** Lets a call begin when its turn has come; by default at once. */
  readonly inTurn?: <T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T>;
}

const atOnce: NonNullable<ServerOptions['inTurn']> = (work) => work();

type Extra = Parameters<NonNullable<Server['fallbackRequestHandler']>>[1];

const capabilities = { tools: {}, resources: {}, prompts: {}, completions: {} };

/** Offers the tools over MCP and hands their calls to the backend. */
export function createServer(options: ServerOptions): Server {
  const { version } = options;
  const server = new Server(
    { name: 'ankiwright', title: 'Anki', version },
    { capabilities, instructions, jsonSchemaValidator: validator },
  );
  const offered = once(() => new Set(options.tools.map(({ name }) => name)));
  const list = once(() => ({ tools: options.tools.map(toWire) }));
  const call = (request: JSONRPCRequest, extra: Extra): Promise<CallToolResult> => {
    const { params } = callOf(request);
    const { progressToken } = params._meta ?? {};
    let told = 0;
    const progress = (message: string) => {
      if (progressToken === undefined) return;
      const notice = { progressToken, progress: ++told, message };
      extra.sendNotification({ method: 'notifications/progress', params: notice }).catch(() => {}); // the client is gone
    };
    const { signal, requestId: relatedRequestId } = extra;
    const asks = server.getClientCapabilities()?.elicitation?.form !== undefined;
    const ask = asks
      ? (question: string) => agreed(server, question, { signal, relatedRequestId })
      : undefined;
    return callTool(options, offered(), params, { signal, progress, ask });
  };
  // Handlers by method would need their schemas, and the code of resources, before a client has asked for any.
  server.fallbackRequestHandler = async (request, extra) => {
    if (request.method === 'tools/list') return list();
    if (request.method === 'tools/call') return call(request, extra);
    const { answerResource } = await import('./resources/answer.ts');
    const { backend, media, maxResult, inTurn = atOnce } = options;
    const { signal } = extra;
    const answer = () => answerResource(request, { backend, media, maxResult, names: offered(), signal });
    return inTurn(answer, signal);
  };
  return server;
}

/** Some clients send null for no arguments. */
function callOf({ params, ...request }: JSONRPCRequest) {
  const given = { ...params, arguments: params?.['arguments'] ?? undefined };
  const call = CallToolRequestSchema.safeParse({ ...request, params: given });
  if (call.success) return call.data;
  throw new McpError(ErrorCode.InvalidParams, 'tools/call needs a name, and arguments that are an object.');
}

async function callTool(
  options: ServerOptions,
  names: ReadonlySet<string>,
  { name, arguments: given = {} }: { name: string; arguments?: unknown },
  call: Conversation,
): Promise<CallToolResult> {
  const notices: Notice[] = [];
  const tell = (notice: Notice): void => void notices.push(notice);
  const { media, maxResult, safeguard, inTurn = atOnce } = options;
  let { backend } = options;
  const run = async (): Promise<ToolResult> => {
    // The contract is built when it is first needed: a client waits for the list, not for this.
    const { runTool } = await import('../tools/tool.ts');
    return hold(options.backend, (held) => {
      backend = held;
      return runTool({ backend, media, maxResult, safeguard, names, name, args: given, ...call, notify: tell });
    });
  };
  const result = await inTurn(run, call.signal).then(success, failure);
  return noticed(result, notices, backend);
}

function success(answer: ToolResult): CallToolResult {
  if (!('result' in answer)) return { content: answer.content.map((part) => ({ ...part })) };
  const text = printJson({ ...answer }, 'strings');
  return { content: [{ type: 'text', text }], structuredContent: JSON.parse(text) };
}

function failure(error: unknown): CallToolResult {
  const message = messageOf(error);
  const text = message || 'Anki refused without a word of explanation (an empty error text).';
  return { isError: true, content: [{ type: 'text', text }] };
}

/** Says besides where the call was carried out, and what was done before it, as a backup. */
function noticed(
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

/** People take their time. */
const patience = 600_000;

/** Asks the user, whose yes is all that is wanted: a form without fields. */
async function agreed(server: Server, message: string, options: RequestOptions): Promise<boolean> {
  const requestedSchema = { type: 'object' as const, properties: {} };
  const answer = await server
    .elicitInput({ message, requestedSchema }, { ...options, timeout: patience })
    .catch((cause: unknown) => {
      const why = messageOf(cause);
      throw new Error(`The user could not be asked, and so nothing was changed (${why}).`, { cause });
    });
  return answer.action === 'accept';
}

/** Only answers to questions of our own are ever checked with it, and those are parsed where they are used. */
const validator: jsonSchemaValidator = {
  getValidator:
    <T>(): JsonSchemaValidator<T> =>
    (input) =>
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the interface promises what the schema says
      ({ valid: true, data: input as T, errorMessage: undefined }),
};

const toWire = ({ inputSchema, outputSchema, ...tool }: ManifestTool) => ({
  ...tool,
  inputSchema: { ...inputSchema, type: 'object' as const },
  ...(outputSchema && { outputSchema: { ...outputSchema, type: 'object' as const } }),
  annotations: { ...tool.annotations },
});
