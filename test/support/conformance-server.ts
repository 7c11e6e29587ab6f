import { setTimeout as sleep } from 'node:timers/promises';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import {
  CallToolRequestSchema,
  CompleteRequestSchema,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  ReadResourceRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
  type CallToolResult,
  type ContentBlock,
  type ElicitRequestFormParams,
  type PromptMessage,
  type ReadResourceResult,
  type ServerNotification,
  type ServerRequest,
} from '@modelcontextprotocol/sdk/types.js';
import type { Enqueue } from '../../src/mcp/http/session-queue.ts';

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;
type Tool = (server: Server, args: Record<string, unknown>, extra: Extra) => Promise<CallToolResult>;

/** A picture of one red pixel and an empty sound. */
const image = {
  type: 'image' as const,
  mimeType: 'image/png',
  data: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
};
const audio = {
  type: 'audio' as const,
  mimeType: 'audio/wav',
  data: 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA=',
};
const text = (value: string) => ({ type: 'text' as const, text: value });
const resource = (uri: string, mimeType: string, value: string) => ({
  type: 'resource' as const,
  resource: { uri, mimeType, text: value },
});

const returns =
  (...content: ContentBlock[]): Tool =>
  async () => ({ content });

const elicits =
  (questionOf: (args: Record<string, unknown>) => ElicitRequestFormParams): Tool =>
  async (server, args, { signal, requestId }) => {
    const { action, content } = await server.elicitInput(questionOf(args), {
      signal,
      relatedRequestId: requestId,
    });
    const answer = `action=${action}, content=${JSON.stringify(content)}`;
    return { content: [text(`User response: ${answer}. Elicitation completed: ${answer}`)] };
  };

const titled = (...names: string[]) => names.map((title, index) => ({ const: `value${index + 1}`, title }));
const untitled = ['option1', 'option2', 'option3'];

/** Tools that the suite calls. */
const tools: Record<string, Tool> = {
  test_simple_text: returns(text('This is a simple text response for testing.')),
  test_image_content: returns(image),
  test_audio_content: returns(audio),
  test_embedded_resource: returns(
    resource('test://embedded-resource', 'text/plain', 'This is an embedded resource content.'),
  ),
  test_multiple_content_types: returns(
    text('Multiple content types test:'),
    image,
    resource('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}'),
  ),
  test_error_handling: async () => {
    throw new Error('This tool intentionally returns an error for testing');
  },
  test_tool_with_logging: async (_server, _args, { sendNotification }) => {
    for (const data of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
      await sendNotification({ method: 'notifications/message', params: { level: 'info', data } });
      await sleep(50);
    }
    return { content: [text('Logged.')] };
  },
  test_tool_with_progress: async (_server, _args, { sendNotification, _meta: { progressToken } = {} }) => {
    for (const progress of [0, 50, 100]) {
      const params = { progressToken: progressToken ?? 0, progress, total: 100 };
      if (progressToken !== undefined) await sendNotification({ method: 'notifications/progress', params });
      await sleep(50);
    }
    return { content: [text('Progressed.')] };
  },
  test_sampling: async (server, { prompt }, { signal, requestId }) => {
    const messages = [{ role: 'user' as const, content: text(String(prompt)) }];
    const options = { signal, relatedRequestId: requestId };
    const { content } = await server.createMessage({ messages, maxTokens: 100 }, options);
    return { content: [text(`LLM response: ${content.type === 'text' ? content.text : content.type}`)] };
  },
  test_elicitation: elicits(({ message }) => ({
    message: String(message),
    requestedSchema: {
      type: 'object',
      properties: {
        username: { type: 'string', description: "User's response" },
        email: { type: 'string', description: "User's email address" },
      },
      required: ['username', 'email'],
    },
  })),
  test_elicitation_sep1034_defaults: elicits(() => ({
    message: 'Defaults',
    requestedSchema: {
      type: 'object',
      properties: {
        name: { type: 'string', default: 'John Doe' },
        age: { type: 'integer', default: 30 },
        score: { type: 'number', default: 95.5 },
        status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
        verified: { type: 'boolean', default: true },
      },
    },
  })),
  test_elicitation_sep1330_enums: elicits(() => ({
    message: 'Choices',
    requestedSchema: {
      type: 'object',
      properties: {
        untitledSingle: { type: 'string', enum: untitled },
        titledSingle: { type: 'string', oneOf: titled('First', 'Second', 'Third') },
        legacyEnum: { type: 'string', enum: ['opt1', 'opt2'], enumNames: ['Option One', 'Option Two'] },
        untitledMulti: { type: 'array', items: { type: 'string', enum: untitled } },
        titledMulti: { type: 'array', items: { anyOf: titled('First', 'Second', 'Third') } },
      },
    },
  })),
  json_schema_2020_12_tool: returns(text('Listed.')),
  test_reconnection: returns(text('Streams are not resumed.')),
};

const inputSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object' as const,
  $defs: {
    address: { type: 'object', properties: { street: { type: 'string' }, city: { type: 'string' } } },
  },
  properties: { name: { type: 'string' }, address: { $ref: '#/$defs/address' } },
  additionalProperties: false,
};

const prompts: Record<string, (args: Record<string, string>) => PromptMessage['content'][]> = {
  test_simple_prompt: () => [text('This is a simple prompt for testing.')],
  test_prompt_with_arguments: ({ arg1, arg2 }) => [
    text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`),
  ],
  test_prompt_with_embedded_resource: ({ resourceUri = '' }) => [
    resource(resourceUri, 'text/plain', 'Embedded resource content for testing.'),
    text('Please process the embedded resource above.'),
  ],
  test_prompt_with_image: () => [image, text('Please analyze the image above.')],
};

function read(uri: string): ReadResourceResult['contents'][number] {
  if (uri === 'test://static-binary') return { uri, mimeType: 'image/png', blob: image.data };
  const [, id] = /^test:\/\/template\/([^/]+)\/data$/.exec(uri) ?? [];
  if (id === undefined) {
    return { uri, mimeType: 'text/plain', text: 'This is the content of the static text resource.' };
  }
  const data = { id, templateTest: true, data: `Data for ID: ${id}` };
  return { uri, mimeType: 'application/json', text: JSON.stringify(data) };
}

const described = (name: string) => ({ name, description: name });

/** Creates a server with the tools, resources and prompts that the conformance suite expects. */
export function conformanceServer({ enqueue }: { readonly enqueue: Enqueue }): Server {
  const capabilities = {
    tools: {},
    resources: { subscribe: true },
    prompts: {},
    logging: {},
    completions: {},
  };
  const server = new Server({ name: 'conformance', version: '1' }, { capabilities });
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: Object.keys(tools).map((name) => ({
      ...described(name),
      inputSchema: name.startsWith('json') ? inputSchema : { type: 'object' as const },
    })),
  }));
  server.setRequestHandler(CallToolRequestSchema, ({ params: { name, arguments: args = {} } }, extra) =>
    enqueue(async () => (await tools[name]?.(server, args, extra)) ?? { content: [] }, extra.signal).catch(
      (error: unknown) => ({ isError: true, content: [text(String(error))] }),
    ),
  );
  server.setRequestHandler(ListResourcesRequestSchema, () => ({
    resources: ['static-text', 'static-binary', 'watched-resource'].map((name) => ({
      ...described(name),
      uri: `test://${name}`,
    })),
  }));
  server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({
    resourceTemplates: [{ ...described('template'), uriTemplate: 'test://template/{id}/data' }],
  }));
  server.setRequestHandler(ReadResourceRequestSchema, ({ params: { uri } }) => ({ contents: [read(uri)] }));
  server.setRequestHandler(SubscribeRequestSchema, () => ({}));
  server.setRequestHandler(UnsubscribeRequestSchema, () => ({}));
  server.setRequestHandler(ListPromptsRequestSchema, () => ({
    prompts: Object.keys(prompts).map(described),
  }));
  server.setRequestHandler(GetPromptRequestSchema, ({ params: { name, arguments: args = {} } }) => ({
    messages: (prompts[name]?.(args) ?? []).map((content) => ({ role: 'user' as const, content })),
  }));
  server.setRequestHandler(CompleteRequestSchema, () => ({
    completion: { values: ['paris', 'park', 'party'] },
  }));
  return server;
}
