import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';

/** The folder of the built program. */
export const dist = fileURLToPath(new URL('../../dist', import.meta.url));

/** The built program, as the official client starts it. */
export async function builtServer(args: readonly string[], main = `${dist}/main.js`) {
  const client = new Client({ name: 'test', version: '1' });
  const transport = new StdioClientTransport({ command: process.execPath, args: [main, ...args] });
  await client.connect(transport);
  /** The answer as text, which tells whether it is an error. */
  const call = async (name: string, given: Record<string, unknown> = {}) => {
    const answer = CallToolResultSchema.parse(await client.callTool({ name, arguments: given }));
    const text = answer.content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
    return { isError: answer.isError === true, text };
  };
  return { call, pid: transport.pid ?? 0, close: () => client.close() };
}
