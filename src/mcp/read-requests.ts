import {
  CompleteRequestSchema,
  ErrorCode,
  GetPromptRequestSchema,
  McpError,
  ReadResourceRequestSchema,
  type JSONRPCRequest,
  type Result,
} from '@modelcontextprotocol/sdk/types.js';
import { hold } from '../contract/backend.ts';
import { completePrompt, promptList, promptText } from './prompts/index.ts';
import { getSkill, listSkills } from './skills/index.ts';
import { completeResource, readResource, resourceList, resourceTemplates } from './resources/index.ts';
import { contextOf, type Environment } from '../tools/context.ts';
import type { Context } from '../tools/workflow.ts';

export interface ReadOptions extends Environment {
  /** Names of the offered tools. */
  readonly names: ReadonlySet<string>;
  readonly signal: AbortSignal;
}

/** Handles requests for resources, prompts, skills and completions. All of them only read. */
export async function handleReadRequest(request: JSONRPCRequest, options: ReadOptions): Promise<Result> {
  const { backend, media, maxResult, signal } = options;
  const withContext = <T>(read: (context: Context) => Promise<T>): Promise<T> =>
    hold(backend, (heldBackend) => read(contextOf({ backend: heldBackend, media, maxResult, signal })));

  switch (request.method) {
    case 'resources/list':
      return { resources: [...resourceList] };
    case 'resources/templates/list':
      return { resourceTemplates: [...resourceTemplates] };
    case 'resources/read': {
      const { uri } = ReadResourceRequestSchema.parse(request).params;
      return withContext(async (context) => ({
        contents: [{ uri, ...(await readResource(uri, context)) }],
        _meta: { 'ankiwright/backend': { kind: context.backend.kind, place: context.backend.place } },
      }));
    }
    case 'prompts/list':
      return { prompts: promptList };
    case 'prompts/get': {
      const { name, arguments: args = {} } = GetPromptRequestSchema.parse(request).params;
      const { description, text } = promptText(name, args, options.names);
      return { description, messages: [{ role: 'user', content: { type: 'text', text } }] };
    }
    case 'skills/list':
      return listSkills();
    case 'skills/get':
      return getSkill(request.params?.['uri']);
    case 'completion/complete': {
      const { ref, argument } = CompleteRequestSchema.parse(request).params;
      const completion = await withContext((context) =>
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
