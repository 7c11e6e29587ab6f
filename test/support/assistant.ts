import { readFileSync } from 'node:fs';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';
import type { Backend } from '../../src/contract/backend.ts';
import type { ManifestTool } from '../../src/tools/manifest-tool.ts';
import { createServer, type ServerOptions } from '../../src/mcp/server.ts';
import type { Json } from '../../src/lib/json.ts';

const manifest: { tools: ManifestTool[] } = JSON.parse(
  readFileSync(new URL('../../tools.manifest.json', import.meta.url), 'utf8'),
);

export interface CallResult {
  readonly isError: boolean;
  /** All text blocks, joined by line breaks. */
  readonly text: string;
  readonly result: Json | undefined;
  /** What the call did, in sentences. */
  readonly summary: string | undefined;
  readonly content: readonly {
    readonly type: string;
    readonly text?: string | undefined;
    readonly mimeType?: string | undefined;
    readonly data?: string | undefined;
  }[];
}

/** An MCP client connected to a server in this process. */
export class Assistant {
  readonly client: Client;

  private constructor(client: Client) {
    this.client = client;
  }

  static async of(
    backend: Backend,
    options: Partial<ServerOptions> = {},
    client?: Client,
  ): Promise<Assistant> {
    const [clientTransport, serverTransport] = InMemoryTransport.createLinkedPair();
    const server = createServer({ backend, tools: manifest.tools, version: 'test', ...options });
    await server.connect(serverTransport);
    const assistant = new Assistant(client ?? new Client({ name: 'test', version: '1' }));
    await assistant.client.connect(clientTransport);
    return assistant;
  }

  async call(name: string, args: Readonly<Record<string, unknown>> = {}, options = {}): Promise<CallResult> {
    const reply = CallToolResultSchema.parse(
      await this.client.callTool({ name, arguments: args }, undefined, { timeout: 60_000, ...options }),
    );
    const text = reply.content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
    const structured: { result?: Json; summary?: string } = reply.structuredContent ?? {};
    const { result, summary } = structured;
    return { isError: reply.isError === true, text, result, summary, content: reply.content };
  }

  async close(): Promise<void> {
    await this.client.close();
  }
}
