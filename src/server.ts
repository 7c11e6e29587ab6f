import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import {
  CallToolRequestSchema,
  ListToolsRequestSchema,
  type CallToolResult,
} from '@modelcontextprotocol/sdk/types.js';
import type { jsonSchemaValidator, JsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/types.js';
import type { Backend } from './backend.ts';
import { instructions } from './instructions.ts';
import { printJson } from './json.ts';
import type { ManifestTool } from './manifest.ts';
import type { MediaPolicy } from './media-policy.ts';
import type { Conversation, Safeguard } from './safeguard.ts';
import type { Notice } from './safeguards/vault.ts';
import type { Result } from './workflow.ts';
import { offerResources, resourceCapabilities } from './server-resources.ts';

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
}

/** Offers the tools over MCP and hands their calls to the backend. */
export function createServer(options: ServerOptions): Server {
  const { tools, version } = options;
  const server = new Server(
    { name: 'ankiwright', title: 'Anki', version },
    { capabilities: { tools: {}, ...resourceCapabilities }, instructions, jsonSchemaValidator: validator },
  );
  const names = new Set(tools.map(({ name }) => name));
  const list = { tools: tools.map(toWire) };
  server.setRequestHandler(ListToolsRequestSchema, () => list);
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
    const { progressToken } = params._meta ?? {};
    let told = 0;
    const progress = (message: string) => {
      if (progressToken === undefined) return;
      const notice = { progressToken, progress: ++told, message };
      extra.sendNotification({ method: 'notifications/progress', params: notice }).catch(() => {}); // the client is gone
    };
    const { signal } = extra;
    const asks = server.getClientCapabilities()?.elicitation?.form !== undefined;
    const ask = asks ? (question: string) => agreed(server, question, signal) : undefined;
    return callTool(options, names, params, { signal, progress, ask });
  });
  offerResources(server, options, names);
  return server;
}

/** Answers MCP on stdin and stdout until the client goes. */
export async function serveStdio(server: Server): Promise<void> {
  await server.connect(new StdioServerTransport());
}

async function callTool(
  options: ServerOptions,
  names: ReadonlySet<string>,
  { name, arguments: given = {} }: { name: string; arguments?: unknown },
  call: Conversation,
): Promise<CallToolResult> {
  const notices: Notice[] = [];
  const tell = (notice: Notice): void => void notices.push(notice);
  try {
    // The contract is built when it is first needed: a client waits for the list, not for this.
    const { runTool } = await import('./tool.ts');
    const { backend, media, maxResult, safeguard } = options;
    const answer = await runTool({ backend, media, maxResult, safeguard, names, name, given, ...call, tell });
    return noticed(
      'result' in answer ? success(answer) : { content: answer.content.map((part) => ({ ...part })) },
      notices,
    );
  } catch (error) {
    return noticed(failure(error instanceof Error ? error.message : String(error)), notices);
  }
}

function success(answer: Result): CallToolResult {
  const text = printJson({ ...answer }, 'strings');
  return { content: [{ type: 'text', text }], structuredContent: JSON.parse(text) };
}

const failure = (message: string): CallToolResult => ({
  isError: true,
  content: [
    { type: 'text', text: message || 'Anki refused without a word of explanation (an empty error text).' },
  ],
});

/** Says besides what was done before the call, as a backup: the result itself stays as it is. */
function noticed(result: CallToolResult, notices: readonly Notice[]): CallToolResult {
  if (notices.length === 0) return result;
  const path = notices.find((notice) => notice.path !== undefined)?.path;
  return {
    ...result,
    ...(path !== undefined && { _meta: { 'ankiwright/backup': path } }),
    content: [...result.content, ...notices.map(({ text }) => ({ type: 'text' as const, text }))],
  };
}

/** People take their time. */
const patience = 600_000;

/** Asks the user, whose yes is all that is wanted: a form without fields. */
async function agreed(server: Server, message: string, signal: AbortSignal): Promise<boolean> {
  const requestedSchema = { type: 'object' as const, properties: {} };
  const answer = await server
    .elicitInput({ message, requestedSchema }, { signal, timeout: patience })
    .catch((cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause);
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
