import { AnkiRefused } from '../../../contract/errors.ts';
import { typeName } from '../../../anki-connect/python.ts';
import type { Json } from '../../../lib/json.ts';

/** Decodes base64 as Python does: skips other characters, and ignores everything after a complete padding. */
export function decodeBase64(value: Json | undefined): Buffer {
  if (typeof value !== 'string') {
    throw new AnkiRefused(`argument should be a bytes-like object or ASCII string, not '${typeName(value)}'`);
  }
  if (/[^\0-\x7f]/.test(value)) throw new AnkiRefused('string argument should contain only ASCII characters');
  let characters = '';
  for (const [, data = '', padding = ''] of value.replaceAll(/[^\w+/=]|_/g, '').matchAll(/([^=]*)(=*)/g)) {
    characters += data;
    const remainder = characters.length % 4;
    if (remainder >= 2 && remainder + padding.length >= 4) return Buffer.from(characters, 'base64');
  }
  if (characters.length % 4 === 1) {
    throw new AnkiRefused(
      `Invalid base64-encoded string: number of data characters (${characters.length}) cannot be 1 more than a multiple of 4`,
    );
  }
  if (characters.length % 4 > 0) throw new AnkiRefused('Incorrect padding');
  return Buffer.from(characters, 'base64');
}
