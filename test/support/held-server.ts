import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';

/** Starts a proxy for a sync server that holds the requests whose path contains a word until they are released. */
export async function heldServer(target: string, word: string) {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  let onReached = (): void => {};
  const reached = new Promise<void>((resolve) => (onReached = resolve));
  const server = createServer((request, response) => {
    const forward = async () => {
      if (request.url?.includes(word)) {
        onReached();
        await released;
      }
      const { method, headers, url = '/' } = request;
      const upstream = httpRequest(new URL(url, target), { method, headers }, (reply) => {
        response.writeHead(reply.statusCode ?? 500, reply.headers);
        reply.pipe(response);
      });
      upstream.on('error', () => response.destroy());
      request.pipe(upstream);
    };
    void forward();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a server on a port has an address
  const { port } = server.address() as AddressInfo;
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${port}/`, reached, release, close };
}
