import type { JSONRPCRequest, Result } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { hold } from '../contract/backend.ts';
import { backendMeta } from './backend-meta.ts';
import { completePrompt, promptList, promptText } from './prompts/index.ts';
import { errorCode, RpcError } from './json-rpc/message.ts';
import { isPanelUri, readPanel } from './panels.ts';
import { getSkill, listSkills } from './skills/index.ts';
import { completeResource, readResource, resourceList, resourceTemplates } from './resources/index.ts';
import { contextOf, type Environment } from '../tools/context.ts';
import type { Context } from '../tools/workflow.ts';

export interface ReadOptions extends Environment {
  /** Names of the offered tools. */
  readonly names: ReadonlySet<string>;
  readonly signal: AbortSignal;
}

const resourceParams = z.object({ uri: z.string() });

const promptParams = z.object({ name: z.string(), arguments: z.record(z.string(), z.string()).optional() });

const completionParams = z.object({
  ref: z.discriminatedUnion('type', [
    z.object({ type: z.literal('ref/resource'), uri: z.string() }),
    z.object({ type: z.literal('ref/prompt'), name: z.string() }),
  ]),
  argument: z.object({ name: z.string(), value: z.string() }),
});

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
      const { uri } = resourceParams.parse(request.params);
      if (isPanelUri(uri)) return { contents: [await readPanel(uri)] };
      return withContext(async (context) => ({
        contents: [{ uri, ...(await readResource(uri, context)) }],
        _meta: backendMeta(context.backend),
      }));
    }
    case 'prompts/list':
      return { prompts: promptList };
    case 'prompts/get': {
      const { name, arguments: args = {} } = promptParams.parse(request.params);
      const { description, text } = promptText(name, args, options.names);
      return { description, messages: [{ role: 'user', content: { type: 'text', text } }] };
    }
    case 'skills/list':
      return listSkills();
    case 'skills/get':
      return getSkill(request.params?.['uri']);
    case 'completion/complete': {
      const { ref, argument } = completionParams.parse(request.params);
      const completion = await withContext((context) =>
        ref.type === 'ref/resource'
          ? completeResource(ref.uri, argument.value, context)
          : completePrompt(ref.name, argument.name, argument.value, context),
      );
      return { completion: { ...completion } };
    }
    default:
      throw new RpcError(errorCode.methodNotFound, 'Method not found');
  }
}
