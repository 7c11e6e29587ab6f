import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { onTestFinished } from 'vitest';

interface Passed {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** Starts a proxy in front of a port until the test ends. It may change the path and the headers of a request. */
export async function startProxy(
  target: number,
  port: number,
  change: (passed: Passed) => Passed,
): Promise<void> {
  const proxy = createServer((incoming, outgoing) => {
    const { method, url: path = '', headers } = incoming;
    const passed = change({ path, headers: { ...headers } });
    const forwarded = httpRequest({ port: target, method, ...passed }, (reply) => {
      outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(outgoing);
    });
    incoming.pipe(forwarded);
  }).listen(port, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(() => void proxy.close());
}
