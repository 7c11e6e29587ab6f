import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const entry = createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/package.json');
const suite = join(dirname(entry), 'dist/index.js');

/** Hands requests on as they are, but for the token, which the suite cannot send. */
export async function relay(url: string, token: string) {
  const server = createServer((request, response) => {
    const { method = '', headers } = request;
    const upstream = httpRequest(
      url,
      { method, headers: { ...headers, authorization: `Bearer ${token}` } },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    upstream.on('error', () => response.destroy());
    response.on('close', () => upstream.destroy());
    request.pipe(upstream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const close = async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  return { url: `http://127.0.0.1:${port}/mcp`, close };
}

export interface Verdict {
  readonly code: number | null;
  /** All that the suite has printed. */
  readonly output: string;
  /** Of each scenario, how many checks were passed and failed. */
  readonly scenarios: ReadonlyMap<string, { readonly passed: number; readonly failed: number }>;
}

/** Runs all scenarios of the official suite against a server. */
export async function conformance(url: string, ...args: string[]): Promise<Verdict> {
  const child = spawn(process.execPath, [suite, 'server', '--url', url, '--suite', 'all', ...args], {
    cwd: tmpdir(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => (output += stripVTControlCharacters(chunk)));
  }
  const [code]: (number | null)[] = await once(child, 'close');
  const lines = output.matchAll(/^[✓✗] (\S+): (\d+) passed, (\d+) failed$/gm);
  const scenarios = new Map(
    [...lines].map(([, name = '', passed, failed]) => [
      name,
      { passed: Number(passed), failed: Number(failed) },
    ]),
  );
  return { code: code ?? null, output, scenarios };
}
