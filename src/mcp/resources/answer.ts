import {
  CompleteRequestSchema,
  ErrorCode,
  GetPromptRequestSchema,
  McpError,
  ReadResourceRequestSchema,
  type JSONRPCRequest,
  type ServerResult,
} from '@modelcontextprotocol/sdk/types.js';
import { hold } from '../../contract/backend.ts';
import { completePrompt, promptList, promptText } from '../prompts/prompts.ts';
import { completeResource, readResource, resourceList, resourceTemplates } from './resources.ts';
import { contextOf, type ToolCall } from '../../tools/tool.ts';
import type { Context } from '../../tools/workflow.ts';

export interface Reading extends Pick<ToolCall, 'backend' | 'media' | 'maxResult'> {
  /** The tools that are offered. */
  readonly names: ReadonlySet<string>;
  readonly signal: AbortSignal;
}

/** Answers what is asked of resources and prompts: what people pick, where tools are for the assistant. All of them only read. */
export async function answerResource(request: JSONRPCRequest, options: Reading): Promise<ServerResult> {
  const { backend, media, maxResult, signal } = options;
  const reading = <T>(read: (context: Context) => Promise<T>): Promise<T> =>
    hold(backend, (held) => read(contextOf({ backend: held, media, maxResult, signal })));

  switch (request.method) {
    case 'resources/list':
      return { resources: [...resourceList] };
    case 'resources/templates/list':
      return { resourceTemplates: [...resourceTemplates] };
    case 'resources/read': {
      const { uri } = ReadResourceRequestSchema.parse(request).params;
      return reading(async (context) => ({
        contents: [{ uri, ...(await readResource(uri, context)) }],
        _meta: { 'ankiwright/backend': { kind: context.backend.kind, place: context.backend.place } },
      }));
    }
    case 'prompts/list':
      return { prompts: promptList };
    case 'prompts/get': {
      const { name, arguments: given = {} } = GetPromptRequestSchema.parse(request).params;
      const { description, text } = promptText(name, given, options.names);
      return { description, messages: [{ role: 'user', content: { type: 'text', text } }] };
    }
    case 'completion/complete': {
      const { ref, argument } = CompleteRequestSchema.parse(request).params;
      const completion = await reading((context) =>
        ref.type === 'ref/resource'
          ? completeResource(ref.uri, argument.value, context)
          : completePrompt(ref.name, argument.name, argument.value, context),
      );
      return { completion: { ...completion } };
    }
    default:
      throw new McpError(ErrorCode.MethodNotFound, 'Method not found');
  }
}
