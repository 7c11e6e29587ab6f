import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';

/** Starts a proxy for a sync server that records the paths of requests, and can cut them off or hold those that contain a word until they are released. */
export async function heldServer(target: string, word?: string) {
  const paths: string[] = [];
  const state = { word, isDown: false };
  let release = (): void => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  let onReached = (): void => {};
  const reached = new Promise<void>((resolve) => (onReached = resolve));
  const server = createServer((request, response) => {
    const forward = async () => {
      paths.push(request.url ?? '');
      if (state.isDown) return request.destroy();
      if (state.word !== undefined && request.url?.includes(state.word)) {
        onReached();
        await released;
      }
      if (state.isDown || request.destroyed) return request.destroy();
      const { method, headers, url = '/' } = request;
      const upstream = httpRequest(new URL(url, target), { method, headers, agent: false }, (reply) => {
        response.writeHead(reply.statusCode ?? 500, reply.headers);
        reply.pipe(response);
      });
      upstream.on('error', () => response.destroy());
      return request.pipe(upstream);
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
  return { url: `http://127.0.0.1:${port}/`, state, paths, reached, release, close };
}
