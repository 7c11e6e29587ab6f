import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/**
 * Returns the CPU time of a process and its child processes in milliseconds (Linux only).
 * @param {number} pid @returns {number}
 */
export function cpuOf(pid) {
  const tasks = `/proc/${pid}/task`;
  const times = readdirSync(tasks).map((id) => {
    const own = Number(readFileSync(`${tasks}/${id}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
    const children = readFileSync(`${tasks}/${id}/children`, 'utf8').split(' ').filter(Boolean);
    return own + children.reduce((sum, child) => sum + cpuOf(Number(child)), 0);
  });
  return times.reduce((sum, ms) => sum + ms, 0);
}

/** Returns the resident memory of a process in MB (Linux only). @param {number | undefined} pid */
export function memoryOf(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024);
}

/** Returns the child processes of a process (Linux only). @param {number | undefined} pid */
export const childrenOf = (pid) =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);

/** A JSON-RPC client of a child process on stdin and stdout. */
export class RpcClient {
  #nextId = 1;
  #rest = '';
  /** @type {Map<number, (reply: { readonly result?: unknown; readonly error?: unknown }) => void>} */
  #waiting = new Map();

  /** @param {string[]} args */
  constructor(args) {
    this.child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.child.stdout.setEncoding('utf8').on('data', (/** @type {string} */ chunk) => {
      const lines = (this.#rest + chunk).split('\n');
      this.#rest = lines.pop() ?? '';
      for (const line of lines) {
        const reply = JSON.parse(line);
        this.#waiting.get(reply.id)?.(reply);
        this.#waiting.delete(reply.id);
      }
    });
  }

  /** @param {string} method @param {object} params @returns {Promise<any>} */
  request(method, params = {}) {
    const id = this.#nextId++;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    });
  }

  /** @param {object} capabilities */
  async initialize(capabilities = {}) {
    await this.request('initialize', {
      protocolVersion: '2025-11-25',
      capabilities,
      clientInfo: { name: 'bench', version: '1' },
    });
    this.child.stdin.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n');
  }

  /** Returns the complete result of a tool. @param {string} name @param {object} args @returns {Promise<any>} */
  async callTool(name, args = {}) {
    const { result } = await this.request('tools/call', { name, arguments: args });
    if (result.isError) throw new Error(`${name}: ${result.content[0].text}`);
    return result;
  }

  /** @param {string} name @param {object} args @returns {Promise<any>} */
  async call(name, args = {}) {
    const { structuredContent } = await this.callTool(name, args);
    return structuredContent.result;
  }

  /** Returns the resident memory in MB (Linux only). */
  memory() {
    return memoryOf(this.child.pid);
  }

  /** Returns the CPU time of the process and its child processes in milliseconds (Linux only). */
  cpu() {
    return this.child.pid === undefined ? NaN : cpuOf(this.child.pid);
  }

  async end() {
    const exit = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.stdin.end();
    await exit;
  }
}
