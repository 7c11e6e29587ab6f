"""Hosts Anki's engine: passes frames between a pipe and the engine, and contains no other logic.

python -I -S host.py FOLDER            run: read requests from stdin and write replies to stdout, until stdin ends
python -I -S host.py FOLDER describe   print the engine's methods and message descriptors as JSON

A request is length:u32 id:u32 kind:u8 service:u16 method:u16 payload
A reply is   length:u32 id:u32 status:u8 payload
"""

import os
import queue
import struct
import sys
import threading

sys.path[:0] = [sys.argv[1]]
COMMAND, IMMEDIATE, SQL = range(3)
RESULT, REFUSED, BROKEN = range(3)


def describe():
    import ast
    import base64
    import json
    import re

    folder = os.path.join(sys.argv[1], "anki")
    with open(os.path.join(folder, "_backend_generated.py"), encoding="utf-8") as file:
        calls = re.findall(r"def (\w+)_raw\b.*?_run_command\((\d+), (\d+)", file.read(), re.S)
    descriptors = []
    for name in sorted(os.listdir(folder)):
        if name.endswith("_pb2.py"):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                literal = re.search(r"AddSerializedFile\((b'.*')\)$", file.read(), re.M)
            if literal:
                descriptors.append(base64.b64encode(ast.literal_eval(literal[1])).decode())
    print(json.dumps({"methods": {name: [int(s), int(m)] for name, s, m in calls}, "descriptors": descriptors}))


def handle(request, engine, write):
    id, kind, service, method = request[0:4]
    try:
        if kind == SQL:
            write(id, RESULT, engine.db_command(request[4]))
        else:
            write(id, RESULT, engine.command(service, method, request[4]))
    except BaseException as error:
        detail = error.args[0] if error.args else ""
        if isinstance(detail, bytes):
            write(id, REFUSED, detail)
        else:
            write(id, BROKEN, f"{type(error).__name__}: {detail}".encode("utf-8", "replace"))


def run():
    pipe = os.fdopen(os.dup(1), "wb", 1 << 16)
    os.dup2(2, 1)  # output of print() must not get between the frames
    lock = threading.Lock()
    waiting = queue.SimpleQueue()

    def write(id, status, payload):
        with lock:
            pipe.write(struct.pack("<IIB", len(payload) + 5, id, status) + payload)
            # Replies to calls that were sent together are written together.
            if waiting.empty() or threading.current_thread() is threading.main_thread():
                pipe.flush()

    from anki import _rsbridge

    # BackendInit.preferred_langs = ["en"]: without a language, texts lack the isolation characters of the desktop's texts.
    engine = _rsbridge.open_backend(b"\x0a\x02en")
    threading.stack_size(64 << 20)  # deeply nested searches recurse

    def work():
        while True:
            handle(waiting.get(), engine, write)

    threading.Thread(target=work, daemon=True).start()
    stdin = sys.stdin.buffer
    while len(head := stdin.read(4)) == 4:
        frame = stdin.read(struct.unpack("<I", head)[0])
        request = struct.unpack_from("<IBHH", frame) + (frame[9:],)
        if request[1] == IMMEDIATE:
            handle(request, engine, write)
        else:
            waiting.put(request)
    os._exit(0)


describe() if sys.argv[2:] == ["describe"] else run()
