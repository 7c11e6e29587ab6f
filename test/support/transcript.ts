import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** The built program, and every byte that it says. */
export function transcript(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [main, ...args], { env: { ...process.env, ...environment } });
  const said = { stdout: '', stderr: '' };
  let read = 0;
  let id = 0;
  const waiting = new Map<number, (reply: unknown) => void>();
  child.stdin.on('error', () => {}); // it may have ended
  child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()));
  child.stdout.on('data', (chunk: Buffer) => {
    said.stdout += chunk.toString();
    if (id === 0) return; // a command that speaks no protocol
    for (let end = said.stdout.indexOf('\n', read); end >= 0; end = said.stdout.indexOf('\n', read)) {
      const message: unknown = JSON.parse(said.stdout.slice(read, end));
      read = end + 1;
      if (typeof message === 'object' && message !== null && 'id' in message)
        waiting.get(Number(message.id))?.(message);
    }
  });
  const exit = once(child, 'close').then(([code]) => Number(code));
  /** Sends a request, and waits for the answer to it, whatever that is. */
  const ask = (method: string, params: object = {}): Promise<unknown> => {
    const asked = ++id;
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: asked, method, params })}\n`);
    return new Promise((resolve) => {
      waiting.set(asked, resolve);
      void exit.then(() => resolve(undefined));
    });
  };
  const call = (name: string, given: object = {}) => ask('tools/call', { name, arguments: given });
  const initialize = async () => {
    const clientInfo = { name: 'test', version: '1' };
    await ask('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo });
    child.stdin.write('{"jsonrpc": "2.0", "method": "notifications/initialized"}\n');
  };
  const end = async () => {
    child.stdin.end();
    await exit;
  };
  return { said, exit, ask, call, initialize, end };
}
