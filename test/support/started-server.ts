import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { onTestFinished } from 'vitest';
import type { Json } from '../../src/lib/json.ts';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export interface Answer {
  readonly isError: boolean;
  readonly text: string;
  readonly result: Json | undefined;
}

/** The built server, started by the official client. It ends at the end of the test. */
export class StartedServer {
  readonly client = new Client({ name: 'test', version: '1' });
  /** Everything that it printed to stdout and stderr. */
  readonly output: string[] = [];
  readonly #transport: StdioClientTransport;

  private constructor(args: readonly string[]) {
    this.#transport = new StdioClientTransport({
      command: process.execPath,
      args: [main, ...args],
      stderr: 'pipe',
    });
    this.#transport.stderr?.on('data', (chunk) => this.output.push(String(chunk)));
    Object.assign(this.#transport, {
      onmessage: (message: unknown) => this.output.push(JSON.stringify(message)),
      onerror: ({ message }: Error) => this.output.push(message),
    });
  }

  static async start(...args: string[]): Promise<StartedServer> {
    const server = new StartedServer(args);
    await server.client.connect(server.#transport);
    onTestFinished(() => server.client.close());
    return server;
  }

  async call(name: string, args: Readonly<Record<string, unknown>> = {}, options = {}): Promise<Answer> {
    const reply = CallToolResultSchema.parse(
      await this.client.callTool({ name, arguments: { ...args } }, undefined, {
        timeout: 120_000,
        ...options,
      }),
    );
    const text = reply.content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
    const structured: { result?: Json } = reply.structuredContent ?? {};
    return { isError: reply.isError === true, text, result: structured.result };
  }

  get pid(): number {
    return this.#transport.pid ?? 0;
  }

  /** Peak memory of the process in MB. */
  get peak(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
  }
}
