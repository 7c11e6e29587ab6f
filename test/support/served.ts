import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { temporaryFolder } from './temporary-folder.ts';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** Returns the path of a collection that does not exist yet, in an empty folder. */
export const newCollection = (): string => join(temporaryFolder(), 'collection.anki2');

const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

/** Starts the built program as `serve`. It is killed after the last test of the file. */
export function startServe(...args: string[]) {
  const child = spawn(process.execPath, [main, 'serve', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (output.stdout += String(chunk)));
  const exit = once(child, 'close').then(([code]) => Number(code));
  const url = new Promise<string>((resolve, reject) => {
    child.stderr.on('data', (chunk) => {
      output.stderr += String(chunk);
      const [found] = / at (http:\S+)\n/.exec(output.stderr)?.slice(1) ?? [];
      if (found !== undefined) resolve(found);
    });
    void exit.then(() => reject(new Error(`serve has ended: ${output.stderr}`)));
  });
  url.catch(() => {}); // tests of a failing start do not read it
  const ask = async (request: object, headers: Record<string, string> = {}): Promise<string> =>
    post(await url, JSON.stringify(request), headers);
  return { child, output, exit, url, ask };
}

/** Sends a request on a separate connection and returns the response body. Rejects if the connection breaks. */
const post = (url: string, body: string, headers: Record<string, string>): Promise<string> =>
  new Promise((resolve, reject) => {
    const options = {
      method: 'POST',
      agent: false,
      headers: { ...headers, 'Content-Length': Buffer.byteLength(body) },
    };
    const request = httpRequest(url, options, (response) => void text(response).then(resolve, reject));
    request.on('error', reject).end(body);
  });
