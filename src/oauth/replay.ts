import { IncomingMessage } from 'node:http';
import type { Addresses } from './addresses.ts';

/** The request headers that oidc-provider reads. */
const kept = ['accept', 'authorization', 'content-type', 'cookie', 'origin'] as const;

/** A request for oidc-provider. The path is below the public URL. */
export interface Replayed {
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
}

/**
 * Returns a request for oidc-provider, which builds addresses from its headers: host and protocol are those of the public URL,
 * and no header of a proxy or an attacker is passed on.
 */
export function replayed(
  request: IncomingMessage,
  addresses: Addresses,
  { path, body = '', contentType }: Replayed,
): IncomingMessage {
  const replay = new IncomingMessage(request.socket);
  const { protocol, host } = new URL(addresses.issuer);
  for (const name of kept) {
    const value = request.headers[name];
    if (value !== undefined) replay.headers[name] = value;
  }
  replay.headers.host = host;
  replay.headers['x-forwarded-proto'] = protocol.slice(0, -1);
  replay.headers['content-length'] = String(Buffer.byteLength(body));
  if (contentType !== undefined) replay.headers['content-type'] = contentType;
  replay.method = request.method ?? 'GET';
  replay.url = path;
  Object.assign(replay, { originalUrl: addresses.prefix + path });
  if (body !== '') replay.push(body);
  replay.push(null);
  replay.complete = true; // otherwise its end would close the connection
  return replay;
}
