import { access, constants, stat } from 'node:fs/promises';
import { z } from 'zod';
import { run } from './run.ts';

// SQLite would leave a -wal and a -shm file behind when it opens a collection for reading. As an immutable file it is
// read without locks and without them; and whether another program holds it, the system tells.
const script = `
import json, os, sys

START, LENGTH = 0x40000000, 512  # the bytes of a database that SQLite locks


def holder(file):
    if sys.platform == "win32":  # which does not tell who
        import msvcrt

        try:
            for mode in (msvcrt.LK_NBLCK, msvcrt.LK_UNLCK):
                os.lseek(file, START, os.SEEK_SET)
                msvcrt.locking(file, mode, LENGTH)
            return None
        except OSError:
            return 0
    import fcntl, struct

    if sys.platform == "darwin":
        lock = struct.pack("qqihh", START, LENGTH, 0, fcntl.F_WRLCK, 0)
        _, _, process, kind, _ = struct.unpack("qqihh", fcntl.fcntl(file, fcntl.F_GETLK, lock))
    else:
        lock = struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, START, LENGTH, 0)
        kind, _, _, _, process = struct.unpack("hhqqi4x", fcntl.fcntl(file, fcntl.F_GETLK, lock))
    return None if kind == fcntl.F_UNLCK else max(process, 0)


def contents(path):
    try:
        import pathlib, sqlite3

        address = pathlib.Path(path).as_uri() + "?mode=ro&immutable=1"
        database = sqlite3.connect(address, uri=True)
        tables = "select count(*) from sqlite_master where name in ('col', 'notes', 'cards', 'revlog')"
        if database.execute(tables).fetchone()[0] < 4:
            return {}
        schema, changed = database.execute("select ver, mod from col").fetchone()
        reviewed = database.execute("select max(id) from revlog").fetchone()[0]
        return {"schema": schema, "newest": max(changed, reviewed or 0)}
    except Exception as error:
        return {"problem": str(error)}


file = os.open(sys.argv[1], os.O_RDONLY)
held = holder(file)
print(json.dumps({"holder": held, **({} if held is not None else contents(sys.argv[1]))}))
`;

const probed = z.object({
  /** The process that has it open, 0 if the system does not tell which, null if there is none. */
  holder: z.int().nullable(),
  schema: z.int().optional(),
  /** When it was last changed or reviewed, in milliseconds; may be in the future, if a clock was wrong. */
  newest: z.number().optional(),
  problem: z.string().optional(),
});

/** What can be seen of a collection file without changing anything. Of one in use, only that it is. */
export type Probe = z.output<typeof probed> & {
  /** Whether the last program that had it open did not close it. */
  readonly unclean: boolean;
};

/** Looks at a file with Python; undefined if there is none that can be read. */
export async function probe(path: string, python: string): Promise<Probe | undefined> {
  try {
    await access(path, constants.R_OK);
    if (!(await stat(path)).isFile()) return undefined;
  } catch {
    return undefined;
  }
  const wal = await stat(`${path}-wal`).catch(() => undefined);
  const seen = await run(python, ['-I', '-S', '-B', '-c', script, path]);
  return { ...probed.parse(JSON.parse(seen)), unclean: (wal?.size ?? 0) > 0 };
}
