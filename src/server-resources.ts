import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CompleteRequestSchema,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ReadResourceRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import type { ToolCall } from './tool.ts';
import type { Context } from './workflow.ts';

/** What the server must declare. */
export const resourceCapabilities = { resources: {}, prompts: {}, completions: {} };

/** Offers resources and prompts: what people pick, where tools are for the assistant. All of them only read. */
export function offerResources(
  server: Server,
  { backend, media, maxResult }: Pick<ToolCall, 'backend' | 'media' | 'maxResult'>,
  tools: ReadonlySet<string>,
): void {
  const contextFor = async (signal: AbortSignal): Promise<Context> =>
    (await import('./tool.ts')).contextOf({ backend, media, maxResult, signal });

  server.setRequestHandler(ListResourcesRequestSchema, async () => ({
    resources: (await import('./resources.ts')).resourceList,
  }));
  server.setRequestHandler(ListResourceTemplatesRequestSchema, async () => ({
    resourceTemplates: (await import('./resources.ts')).resourceTemplates,
  }));
  server.setRequestHandler(ReadResourceRequestSchema, async ({ params: { uri } }, { signal }) => {
    const { readResource } = await import('./resources.ts');
    return { contents: [{ uri, ...(await readResource(uri, await contextFor(signal))) }] };
  });
  server.setRequestHandler(ListPromptsRequestSchema, async () => ({
    prompts: (await import('./prompts.ts')).promptList,
  }));
  server.setRequestHandler(GetPromptRequestSchema, async ({ params }) => {
    const { promptText } = await import('./prompts.ts');
    const { description, text } = promptText(params.name, params.arguments ?? {}, tools);
    return { description, messages: [{ role: 'user', content: { type: 'text', text } }] };
  });
  server.setRequestHandler(CompleteRequestSchema, async ({ params: { ref, argument } }, { signal }) => {
    const context = await contextFor(signal);
    if (ref.type === 'ref/resource') {
      const { completeResource } = await import('./resources.ts');
      return { completion: { ...(await completeResource(ref.uri, argument.value, context)) } };
    }
    const { completePrompt } = await import('./prompts.ts');
    return { completion: { ...(await completePrompt(ref.name, argument.name, argument.value, context)) } };
  });
}
