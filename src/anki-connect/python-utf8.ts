/** Number of continuation bytes, and the range of the first of them, for a lead byte. */
function sequence(lead: number): { readonly length: number; readonly from: number; readonly to: number } {
  if (lead < 0x80) return { length: 0, from: 0, to: 0 };
  if (lead < 0xc2 || lead > 0xf4) return { length: -1, from: 0, to: 0 };
  const length = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
  const from = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const to = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  return { length, from, to };
}

/** Returns Python's error message for bytes that are not valid UTF-8, or undefined if they are valid. */
export function utf8ErrorOf(bytes: Buffer): string | undefined {
  for (let at = 0; at < bytes.length;) {
    const { length, from, to } = sequence(bytes[at] ?? 0);
    if (length < 0) return decodeError(bytes, at, 1, 'invalid start byte');
    for (let index = 1; index <= length; index++) {
      const byte = bytes[at + index];
      if (byte === undefined) return decodeError(bytes, at, bytes.length - at, 'unexpected end of data');
      const [low, high] = index === 1 ? [from, to] : [0x80, 0xbf];
      if (byte < low || byte > high) return decodeError(bytes, at, index, 'invalid continuation byte');
    }
    at += length + 1;
  }
  return undefined;
}

function decodeError(bytes: Buffer, at: number, count: number, reason: string): string {
  const where =
    count === 1
      ? `byte 0x${(bytes[at] ?? 0).toString(16).padStart(2, '0')} in position ${at}`
      : `bytes in position ${at}-${at + count - 1}`;
  return `'utf-8' codec can't decode ${where}: ${reason}`;
}
