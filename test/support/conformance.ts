import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const packageJson = createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/package.json');
const suite = join(dirname(packageJson), 'dist/index.js');

/** Starts a proxy that adds the token to each request, because the suite cannot send it. */
export async function relay(url: string, token: string) {
  const server = createServer((request, response) => {
    const { method = '', headers } = request;
    const upstream = httpRequest(
      url,
      { method, headers: { ...headers, authorization: `Bearer ${token}` } },
      (reply) => {
        response.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(response);
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

export interface ConformanceResult {
  readonly code: number | null;
  /** Complete output of the suite. */
  readonly output: string;
  /** Number of passed and failed checks by scenario. */
  readonly scenarios: ReadonlyMap<string, { readonly passed: number; readonly failed: number }>;
}

/** Runs all scenarios of the official conformance suite against a server. */
export async function conformance(url: string, ...args: string[]): Promise<ConformanceResult> {
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
