import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';

export interface ZipEntry {
  readonly name: string;
  readonly data: Buffer;
  /** Unix file type and permissions. */
  readonly mode?: number;
  /** Declared uncompressed size. */
  readonly claimed?: number;
}

const unix = 3 << 8;
const inUtf8 = 1 << 11;
const deflated = 8;

function header({ name, data, claimed = data.length }: ZipEntry, packed: Buffer): Buffer {
  const head = Buffer.alloc(26);
  head.writeUInt16LE(20, 0);
  head.writeUInt16LE(inUtf8, 2);
  head.writeUInt16LE(deflated, 4);
  head.writeUInt32LE(crc32(data), 10);
  head.writeUInt32LE(packed.length, 14);
  head.writeUInt32LE(claimed, 18);
  head.writeUInt16LE(Buffer.byteLength(name), 22);
  return head;
}

/** Returns an archive of these entries without checking their names and sizes. */
export function zip(entries: readonly ZipEntry[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const packed = deflateRawSync(entry.data);
    const head = header(entry, packed);
    const name = Buffer.from(entry.name);
    const file = Buffer.concat([Buffer.from('PK\x03\x04'), head, name, packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(((entry.mode ?? 0o100644) << 16) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    const made = Buffer.alloc(2);
    made.writeUInt16LE(unix | 20);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02'), made, head, tail, name]));
    files.push(file);
    offset += file.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(list.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...files, list, Buffer.from('PK\x05\x06'), end]);
}

/** Returns the entries of an archive. */
export function unzip(archive: Buffer): ZipEntry[] {
  const end = archive.lastIndexOf('PK\x05\x06');
  const count = archive.readUInt16LE(end + 10);
  let at = archive.readUInt32LE(end + 16);
  return Array.from({ length: count }, () => {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((place) =>
      archive.readUInt16LE(at + place),
    );
    const isPacked = archive.readUInt16LE(at + 10) === deflated;
    const size = archive.readUInt32LE(at + 20);
    const file = archive.readUInt32LE(at + 42);
    const name = archive.toString('utf8', at + 46, at + 46 + (nameLength ?? 0));
    const start = file + 30 + archive.readUInt16LE(file + 26) + archive.readUInt16LE(file + 28);
    const packed = archive.subarray(start, start + size);
    at += 46 + (nameLength ?? 0) + (extraLength ?? 0) + (commentLength ?? 0);
    return { name, data: isPacked ? inflateRawSync(packed) : packed };
  });
}
