"""Prints what can be seen of a collection file without changing it, as JSON.

SQLite would leave a -wal and a -shm file behind when it opens a collection for reading. Opened as an immutable file, the
collection is read without locks and without these files. Whether another program has it open is asked from the system.
"""

import json
import os
import sys

# The range of bytes that SQLite locks in a database.
LOCK_START, LOCK_LENGTH = 0x40000000, 512


def holder(file):
    """Returns the id of the process that has the file open, 0 if the system does not report which, None if there is none."""
    if sys.platform == "win32":  # Windows reports that the range is locked, but not by which process
        import msvcrt

        try:
            for mode in (msvcrt.LK_NBLCK, msvcrt.LK_UNLCK):
                os.lseek(file, LOCK_START, os.SEEK_SET)
                msvcrt.locking(file, mode, LOCK_LENGTH)
            return None
        except OSError:
            return 0
    import fcntl
    import struct

    if sys.platform == "darwin":
        lock = struct.pack("qqihh", LOCK_START, LOCK_LENGTH, 0, fcntl.F_WRLCK, 0)
        _, _, process, kind, _ = struct.unpack("qqihh", fcntl.fcntl(file, fcntl.F_GETLK, lock))
    else:
        lock = struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, LOCK_START, LOCK_LENGTH, 0)
        kind, _, _, _, process = struct.unpack("hhqqi4x", fcntl.fcntl(file, fcntl.F_GETLK, lock))
    return None if kind == fcntl.F_UNLCK else max(process, 0)


def contents(path):
    """Returns the schema version and the time of the last change, {} if the file is no collection, or the problem."""
    try:
        import pathlib
        import sqlite3

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
process = holder(file)
print(json.dumps({"holder": process, **({} if process is not None else contents(sys.argv[1]))}))
