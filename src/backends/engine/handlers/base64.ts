import { AnkiRefused } from '../../../contract/errors.ts';
import { typeName } from '../../../anki-connect/python.ts';
import type { Json } from '../../../lib/json.ts';

/** Decodes base64 as Python does: foreign signs are skipped, and what follows a completed padding is not read. */
export function decodeBase64(given: Json | undefined): Buffer {
  if (typeof given !== 'string') {
    throw new AnkiRefused(`argument should be a bytes-like object or ASCII string, not '${typeName(given)}'`);
  }
  if (/[^\0-\x7f]/.test(given)) throw new AnkiRefused('string argument should contain only ASCII characters');
  let signs = '';
  for (const [, data = '', padding = ''] of given.replaceAll(/[^\w+/=]|_/g, '').matchAll(/([^=]*)(=*)/g)) {
    signs += data;
    const over = signs.length % 4;
    if (over >= 2 && over + padding.length >= 4) return Buffer.from(signs, 'base64');
  }
  if (signs.length % 4 === 1) {
    throw new AnkiRefused(
      `Invalid base64-encoded string: number of data characters (${signs.length}) cannot be 1 more than a multiple of 4`,
    );
  }
  if (signs.length % 4 > 0) throw new AnkiRefused('Incorrect padding');
  return Buffer.from(signs, 'base64');
}
