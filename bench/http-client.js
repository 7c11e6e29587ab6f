import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';

/** Starts a server that writes its address to stderr, and keeps connections to it open. @param {readonly string[]} args */
export async function startServer(args) {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  /** @type {string} */
  const url = await new Promise((resolve) => {
    child.stderr.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      const address = /http:\S+:\d+(?:\/mcp)?/.exec(text)?.[0];
      if (address !== undefined) resolve(address);
    });
  });
  const agent = new Agent({ keepAlive: true });
  /**
   * Sends JSON and returns the response with its text.
   * @param {object} message @param {Record<string, string>} more Headers.
   * @returns {Promise<{ headers: import('node:http').IncomingHttpHeaders, text: string }>}
   */
  const post = (message, more = {}) =>
    new Promise((resolve, reject) => {
      const body = JSON.stringify(message);
      const headers = { ...more, 'Content-Length': Buffer.byteLength(body) };
      const outgoing = request(url, { method: 'POST', agent, headers }, (reply) => {
        let text = '';
        reply.setEncoding('utf8').on('data', (/** @type {string} */ chunk) => (text += chunk));
        reply.on('end', () => resolve({ headers: reply.headers, text }));
      });
      outgoing.on('error', reject).end(body);
    });
  const end = async () => {
    agent.destroy();
    child.kill();
    await once(child, 'exit');
  };
  return { url, pid: child.pid ?? 0, post, end };
}
