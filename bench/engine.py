"""Anki's engine without any server: python SCRIPT FOLDER COLLECTION METHODS

FOLDER contains the library, METHODS is JSON of its method numbers.
"""

import json
import sys
import time

folder, path, methods = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
sys.path[:0] = [folder]
from anki import _rsbridge  # noqa: E402

engine = _rsbridge.open_backend(b"\x0a\x02en")


def varint(number):
    parts = bytearray()
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    parts.append(number)
    return bytes(parts)


def field(number, payload):
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def ids(values):
    return b"".join(varint(value) for value in values)


def call(name, request=b""):
    return engine.command(*methods[name], request)


def query(sql, *args):
    request = {"kind": "query", "sql": sql, "args": args, "first_row_only": False}
    return json.loads(engine.db_command(json.dumps(request).encode()))


def median(work, times=7):
    durations = []
    for _ in range(times):
        start = time.process_time()
        work()
        durations.append((time.process_time() - start) * 1000)
    return sorted(durations)[times // 2]


stem = path[: -len(".anki2")]
call("open_collection", field(1, path.encode()) + field(2, f"{stem}.media".encode()) + field(3, f"{stem}.media.db2".encode()))
