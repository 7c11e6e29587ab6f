import { startWebServer } from './web-server.ts';

export interface SyncReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Returns a zstd frame with one uncompressed block. */
function framed(text: string): Buffer {
  const data = Buffer.from(text);
  const isSmall = data.length < 256;
  const size = Buffer.alloc(isSmall ? 1 : 2);
  if (isSmall) size.writeUInt8(data.length);
  else size.writeUInt16LE(data.length - 256);
  const block = Buffer.alloc(3);
  block.writeUIntLE((data.length << 3) | 1, 0, 3);
  return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, isSmall ? 0x20 : 0x60]), size, block, data]);
}

/** Starts a sync server whose replies depend on the requested method. */
export async function hostileSync(reply: (method: string) => SyncReply) {
  const { url, close } = await startWebServer((request, response) => {
    request.resume().on('end', () => {
      const { status, headers = {}, body } = reply((request.url ?? '').split('/').at(-1) ?? '');
      response.writeHead(status, { 'anki-original-size': String(Buffer.byteLength(body)), ...headers });
      response.end(status === 200 ? framed(body) : body);
    });
  });
  return { url: `${url}/`, close };
}
