import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { codeOf, messageOf } from './error.ts';

/** Starts listening and returns the URL. `owner` names the program that usually has the port, for the error message. */
export async function listen(server: Server, host: string, port: number, owner: string): Promise<string> {
  try {
    server.listen({ host, port });
    await once(server, 'listening');
  } catch (error) {
    throw new Error(reasonFor(error, host, port, owner), { cause: error });
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a server on a port has an address of this kind
  const { address, family, port: actualPort } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${actualPort}`;
}

function reasonFor(error: unknown, host: string, port: number, owner: string): string {
  if (codeOf(error) === 'EADDRINUSE') {
    return `Port ${port} of ${host} is in use, probably by ${owner} or another server. Stop that program, or choose another --port.`;
  }
  return `Cannot listen on port ${port} of ${host}: ${messageOf(error)}`;
}

const responses: Readonly<Record<string, readonly [status: string, message: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request did not arrive in time.'],
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The headers are larger than 16 KB.'],
};

/** Answers a broken HTTP request with the message in this server's body format, and closes the connection. */
export function refuseSocket(
  { code = '' }: NodeJS.ErrnoException,
  socket: Socket,
  unreadable: string,
  bodyOf: (message: string) => string,
): void {
  if (code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const [status, message] = responses[code] ?? ['400 Bad Request', unreadable];
  const text = bodyOf(message);
  const head = `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${text.length}`;
  socket.write(`${head}\r\nConnection: close\r\n\r\n${text}`);
  socket.destroySoon();
}
