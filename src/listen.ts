import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Unavailable } from './errors.ts';

/** Lets a server listen, and tells its URL. The rival is who may have taken the port. */
export async function listen(server: Server, host: string, port: number, rival: string): Promise<string> {
  try {
    server.listen({ host, port });
    await once(server, 'listening');
  } catch (error) {
    throw new Unavailable(whyNot(error, host, port, rival), { cause: error });
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a server on a port has an address of this kind
  const { address, family, port: taken } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`;
}

function whyNot(error: unknown, host: string, port: number, rival: string): string {
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    return `Port ${port} of ${host} is taken, by ${rival} perhaps, or by another server. End that, or choose another --port.`;
  }
  return `Cannot listen on port ${port} of ${host}: ${error instanceof Error ? error.message : String(error)}`;
}
