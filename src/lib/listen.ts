import { once } from 'node:events';
import type { Server } from 'node:http';
import { isIPv4, type AddressInfo, type Socket } from 'node:net';
import { Unavailable } from '../contract/errors.ts';
import { codeOf, messageOf } from './error.ts';

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
  if (codeOf(error) === 'EADDRINUSE') {
    return `Port ${port} of ${host} is taken, by ${rival} perhaps, or by another server. End that, or choose another --port.`;
  }
  return `Cannot listen on port ${port} of ${host}: ${messageOf(error)}`;
}

/** Whether only this machine reaches a host, which may be that of a URL. */
export const isLoopback = (host: string): boolean =>
  ['localhost', '::1', '[::1]'].includes(host) || (isIPv4(host) && host.startsWith('127.'));

const faults: Readonly<Record<string, readonly [status: string, says: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request did not arrive in time.'],
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The headers are larger than 16 KB.'],
};

/** Answers what is not HTTP, in words of this server put into a body, and closes. */
export function refuseSocket(
  { code = '' }: NodeJS.ErrnoException,
  socket: Socket,
  unreadable: string,
  bodyOf: (says: string) => string,
): void {
  if (code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const [status, says] = faults[code] ?? ['400 Bad Request', unreadable];
  const text = bodyOf(says);
  const head = `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${text.length}`;
  socket.write(`${head}\r\nConnection: close\r\n\r\n${text}`);
  socket.destroySoon();
}
