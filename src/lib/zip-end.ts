import { open } from 'node:fs/promises';

/** Size of the last record of a ZIP archive in bytes, and the maximum length of the comment that may follow it. */
const recordBytes = 22;
const maxComment = 0xffff;
const signature = 'PK\x05\x06';

/** Returns true if a file is a ZIP archive that ends where its last record says, so that nothing was cut off. */
export async function isCompleteZip(path: string): Promise<boolean> {
  const file = await open(path).catch(() => undefined);
  if (!file) return false;
  try {
    const { size } = await file.stat();
    const length = Math.min(size, recordBytes + maxComment);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    const at = buffer.lastIndexOf(signature);
    return (
      bytesRead === length &&
      at >= 0 &&
      at + recordBytes <= length &&
      at + recordBytes + buffer.readUInt16LE(at + 20) === length
    );
  } catch {
    return false;
  } finally {
    await file.close();
  }
}
