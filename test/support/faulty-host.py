"""Runs the host of Anki's engine in its own process, and causes a fault that a file describes.

python -I -S faulty-host.py FILE -I -S host.py FOLDER ...

FILE holds a fault and the number of engine calls before it, for example "panic after|3".
"""

import os
import re
import signal
import struct
import sys
import threading

plan = sys.argv[1]
sys.argv = sys.argv[4:]
sys.path[:0] = [sys.argv[1]]

from anki import _rsbridge  # noqa: E402

calls = 0
corruption = None


def due():
    """Returns the fault for this call, once. Calls that are answered out of order do not count."""
    global calls
    if threading.current_thread() is threading.main_thread() or not os.path.exists(plan):
        return ""
    with open(plan) as file:
        fault, after = file.read().split("|")
    calls += 1
    if calls <= int(after):
        return ""
    os.remove(plan)
    return fault


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def stop():
    """Stops this thread at once. A signal to the process could be delivered to another thread later."""
    signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)


class Engine:
    def __init__(self, engine):
        self.engine = engine
        self.db_command = engine.db_command
        self.happen = {"death": die, "stop": stop, "panic": self.panic}

    def panic(self):
        """Sends a call without a value that the engine assumes to exist."""
        with open(os.path.join(sys.argv[1], "anki", "_backend_generated.py"), encoding="utf-8") as file:
            found = re.search(r"def get_cloze_field_ords_raw\b.*?_run_command\((\d+), (\d+)", file.read(), re.S)
        self.engine.command(int(found[1]), int(found[2]), b"")

    def command(self, service, method, payload):
        global corruption
        fault, _, when = due().rpartition(" ")
        if when == "before":
            self.happen[fault]()
        answer = self.engine.command(service, method, payload)
        if when == "after":
            self.happen[fault]()
        if when == "corrupted":
            corruption = fault
        return answer


def corrupted(fault, frame):
    """Returns the bytes that are sent instead of a reply."""
    head, payload = frame[:9], frame[9:]
    size, id, status = struct.unpack("<IIB", head)
    if fault == "half":
        return frame[: len(frame) // 2]
    return {
        "text": b"Traceback (most recent call last):\n" * 20,
        "random": bytes((at * 7919 + 13) % 251 for at in range(5000)),
        "short": struct.pack("<I", 3) + b"abc",
        "endless": struct.pack("<I", 0xFFFFFFFF) + frame,
        "unrequested": struct.pack("<IIB", size, (id + 12345) % (1 << 32), status) + payload,
        "odd status": struct.pack("<IIB", size, id, 77) + payload,
        "odd result": struct.pack("<IIB", 25, id, 0) + b"\xff" * 20,
        "odd refusal": struct.pack("<IIB", 25, id, 1) + b"\xff" * 20,
        "twice": frame + frame,
    }[fault]


class Pipe:
    def __init__(self, pipe):
        self.pipe = pipe
        self.flush = pipe.flush

    def write(self, frame):
        global corruption
        fault, corruption = corruption, None
        if fault == "closed":
            os.close(self.pipe.fileno())
        elif fault is None:
            self.pipe.write(frame)
        else:
            self.pipe.write(corrupted(fault, frame))
            self.pipe.flush()
            if fault == "half":
                die()


open_backend = _rsbridge.open_backend
fdopen = os.fdopen
_rsbridge.open_backend = lambda init: Engine(open_backend(init))
os.fdopen = lambda *args: Pipe(fdopen(*args))

with open(sys.argv[0], encoding="utf-8") as file:
    exec(compile(file.read(), sys.argv[0], "exec"), {"__name__": "__main__"})
