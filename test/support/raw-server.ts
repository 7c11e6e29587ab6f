import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export interface Reply {
  readonly id?: number | string;
  readonly error?: { readonly code: number; readonly message: string };
  readonly result?: {
    readonly isError?: boolean;
    readonly content?: readonly { readonly text: string }[];
    readonly structuredContent?: { readonly result?: unknown };
  };
}

/** Memory in MB. */
export interface Memory {
  readonly rss: number;
  readonly heap: number;
}

const megabyte = 1024 * 1024;

// At SIGUSR2, collects garbage and prints the memory in use.
const probe = `process.on('SIGUSR2', () => {
  globalThis.gc();
  const { rss, heapUsed, external } = process.memoryUsage();
  process.stderr.write('memory ' + JSON.stringify({ rss, heap: heapUsed + external }) + '\\n');
});`;

/** Returns the resident memory of a process in MB, or 0 if it has ended. */
export function residentMb(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

export const isRunning = (pid: number): boolean => residentMb(pid) > 0;

/** The built server, with raw access to its stdin and stdout. It is killed at the end of the test. */
export class RawServer {
  readonly child: ChildProcessWithoutNullStreams;
  /** Lines of stdout. */
  readonly lines: string[] = [];
  stderr = '';
  readonly exit: Promise<number | null>;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #lastId = 0;

  constructor(...args: string[]) {
    const nodeOptions = ['--expose-gc', `--import=data:text/javascript,${encodeURIComponent(probe)}`];
    this.child = spawn(process.execPath, [...nodeOptions, main, ...args]);
    this.exit = once(this.child, 'exit').then(([code]) => (typeof code === 'number' ? code : null));
    this.child.stdin.on('error', () => {}); // the process may have ended
    this.child.stderr.on('data', (chunk) => (this.stderr += String(chunk)));
    let rest = '';
    this.child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#receive(line);
    });
    onTestFinished(() => void this.child.kill('SIGKILL'));
  }

  static async start(...args: string[]): Promise<RawServer> {
    const server = new RawServer(...args);
    const clientInfo = { name: 'test', version: '1' };
    await server.request('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo });
    server.send({ method: 'notifications/initialized' });
    return server;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Ids of its child processes, such as the engine's host. */
  get children(): number[] {
    const listed = readFileSync(`/proc/${this.pid}/task/${this.pid}/children`, 'utf8');
    return listed.split(' ').filter(Boolean).map(Number);
  }

  send(message: object | string | Buffer): boolean {
    const isRaw = typeof message === 'string' || Buffer.isBuffer(message);
    return this.child.stdin.write(isRaw ? message : `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  }

  /** Sends a request and returns its id with a promise of the reply. */
  sendRequest(method: string, params: object = {}): { id: number; reply: Promise<Reply> } {
    const id = ++this.#lastId;
    const reply = new Promise<Reply>((resolve) => this.#waiting.set(id, resolve));
    this.send({ id, method, params });
    return { id, reply };
  }

  request(method: string, params: object = {}): Promise<Reply> {
    return this.sendRequest(method, params).reply;
  }

  call(name: string, args: object = {}): Promise<Reply> {
    return this.request('tools/call', { name, arguments: args });
  }

  async memory(): Promise<Memory> {
    const start = this.stderr.length;
    this.child.kill('SIGUSR2');
    for (;;) {
      const found = /memory (\{.*\})\n/.exec(this.stderr.slice(start))?.[1];
      if (found !== undefined) {
        const { rss, heap }: Memory = JSON.parse(found);
        return { rss: rss / megabyte, heap: heap / megabyte };
      }
      await sleep(5);
    }
  }

  #receive(line: string): void {
    this.lines.push(line);
    const reply: Reply & { method?: string } = JSON.parse(line);
    if (reply.method !== undefined || typeof reply.id !== 'number') return;
    this.#waiting.get(reply.id)?.(reply);
    this.#waiting.delete(reply.id);
  }
}

export const textOf = ({ error, result }: Reply): string =>
  error?.message ?? result?.content?.map(({ text }) => text).join('\n') ?? '';

export const succeeded = ({ error, result }: Reply): boolean => !error && result?.isError !== true;
