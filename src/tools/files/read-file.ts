import { constants, type Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { NotAllowed } from '../../contract/errors.ts';
import { echo } from '../../lib/cut.ts';
import { readablePath, unreadable, type ReadPolicy } from './read-access.ts';

const isSame = (a: Stats, b: Stats): boolean => a.dev === b.dev && a.ino === b.ino;

/** Reads a regular file of at most `maxBytes` bytes that the policy allows. Throws NotAllowed. */
export async function readAllowedFile(path: string, policy: ReadPolicy, maxBytes: number): Promise<Buffer> {
  try {
    const real = await readablePath(path, policy);
    const before = await stat(real);
    if (!before.isFile()) throw new NotAllowed(`${echo(path)} is not a file.`);
    // The file may have been replaced since: these flags do not follow a link, and do not block on a pipe.
    const file = await open(
      real,
      constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0),
    );
    try {
      const opened = await file.stat();
      if (!opened.isFile() || !isSame(opened, before)) {
        throw new NotAllowed(`${echo(path)} is not allowed: it was replaced while it was read.`);
      }
      if (opened.size > maxBytes) throw new NotAllowed(`${echo(path)} is larger than ${maxBytes} bytes.`);
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw unreadable(path, error);
  }
}
