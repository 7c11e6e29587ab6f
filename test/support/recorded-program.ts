import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** Starts the built program and records its complete output. */
export function startProgram(
  programArgs: readonly string[],
  environment: Readonly<Record<string, string>> = {},
) {
  const child = spawn(process.execPath, [main, ...programArgs], { env: { ...process.env, ...environment } });
  const output = { stdout: '', stderr: '' };
  let parsed = 0;
  let id = 0;
  const waiting = new Map<number, (reply: unknown) => void>();
  child.stdin.on('error', () => {}); // the process may have ended
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
  child.stdout.on('data', (chunk: Buffer) => {
    output.stdout += chunk.toString();
    if (id === 0) return; // a command without MCP
    for (let end = output.stdout.indexOf('\n', parsed); end >= 0; end = output.stdout.indexOf('\n', parsed)) {
      const message: unknown = JSON.parse(output.stdout.slice(parsed, end));
      parsed = end + 1;
      if (typeof message === 'object' && message !== null && 'id' in message)
        waiting.get(Number(message.id))?.(message);
    }
  });
  const exit = once(child, 'close').then(([code]) => Number(code));
  /** Sends a request and returns its reply, or undefined if the process ends before. */
  const request = (method: string, params: object = {}): Promise<unknown> => {
    const requestId = ++id;
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: requestId, method, params })}\n`);
    return new Promise((resolve) => {
      waiting.set(requestId, resolve);
      void exit.then(() => resolve(undefined));
    });
  };
  const call = (name: string, args: object = {}) => request('tools/call', { name, arguments: args });
  const initialize = async () => {
    const clientInfo = { name: 'test', version: '1' };
    await request('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo });
    child.stdin.write('{"jsonrpc": "2.0", "method": "notifications/initialized"}\n');
  };
  const end = async () => {
    child.stdin.end();
    await exit;
  };
  return { output, exit, request, call, initialize, end };
}
