import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw, type InputType, type ZlibOptions } from 'node:zlib';
import { codeOf, messageOf } from './error.ts';

/** A body has more than the allowed bytes. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

/** Encodings that a request may ask for in Accept-Encoding. */
export const acceptedEncodings = 'gzip, deflate, br';

type Decode = (data: InputType, options: ZlibOptions) => Promise<Buffer>;

const decodeGzip: Decode = promisify(gunzip);
const decodeZlib: Decode = promisify(inflate);
const decodeRaw: Decode = promisify(inflateRaw);

/** Servers send deflate with and without the zlib header, which begins with the method 8. */
const decodeDeflate: Decode = async (data, options) => {
  try {
    return await decodeZlib(data, options);
  } catch (error) {
    if (codeOf(error) === 'Z_DATA_ERROR') return decodeRaw(data, options);
    throw error;
  }
};

const decoders = new Map<string, Decode>([
  ['gzip', decodeGzip],
  ['x-gzip', decodeGzip],
  ['deflate', decodeDeflate],
  ['br', promisify(brotliDecompress)],
]);

/** Maximum number of encodings of one body. */
const maxEncodings = 3;

/** Reads a body. Throws BodyTooLarge as soon as it has more than `maxBytes`. */
export async function collect(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxBytes: number,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > maxBytes) throw new BodyTooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

/**
 * Reads the body of a response and removes its Content-Encoding. Unknown encodings stay.
 * Throws BodyTooLarge if the body is larger than `maxBytes` before or after decoding.
 */
export async function readDecoded(
  body: AsyncIterable<Uint8Array>,
  encoding: string | readonly string[] | undefined,
  maxBytes: number,
): Promise<Buffer> {
  const encodings = [encoding ?? []].flat().join(',').toLowerCase().split(',');
  const names = encodings.map((name) => name.trim()).filter((name) => decoders.has(name));
  let bytes = await collect(body, maxBytes);
  if (names.length > maxEncodings) throw new Error(`the body has ${names.length} encodings`);
  for (const name of names.toReversed()) {
    if (bytes.length === 0) break;
    try {
      bytes = (await decoders.get(name)?.(bytes, { maxOutputLength: maxBytes })) ?? bytes;
    } catch (error) {
      if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE') throw new BodyTooLarge();
      throw new Error(`its encoding ${name} cannot be decoded: ${messageOf(error)}`, { cause: error });
    }
  }
  return bytes;
}
