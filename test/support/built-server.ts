import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';

/** Path of the folder with the built program. */
export const dist = fileURLToPath(new URL('../../dist', import.meta.url));

/** Starts the built program with the official client. */
export async function builtServer(args: readonly string[], main = `${dist}/main.js`) {
  const client = new Client({ name: 'test', version: '1' });
  const transport = new StdioClientTransport({ command: process.execPath, args: [main, ...args] });
  await client.connect(transport);
  /** Calls a tool and returns the text of its result. */
  const call = async (name: string, args: Record<string, unknown> = {}) => {
    const result = CallToolResultSchema.parse(await client.callTool({ name, arguments: args }));
    const text = result.content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
    return { isError: result.isError === true, text };
  };
  return { call, pid: transport.pid ?? 0, close: () => client.close() };
}
