"""Runs the host of Anki's engine and counts its calls in a file: python counting-host.py FILE -I -S host.py FOLDER ..."""

import sys

count = sys.argv[1]
sys.argv = sys.argv[4:]
sys.path[:0] = [sys.argv[1]]

from anki import _rsbridge  # noqa: E402

calls = 0


class Engine:
    def __init__(self, engine):
        self.engine = engine

    def counted(self, work, *request):
        global calls
        calls += 1
        with open(count, "w") as file:
            file.write(str(calls))
        return work(*request)

    def command(self, *request):
        return self.counted(self.engine.command, *request)

    def db_command(self, *request):
        return self.counted(self.engine.db_command, *request)


open_backend = _rsbridge.open_backend
_rsbridge.open_backend = lambda init: Engine(open_backend(init))

with open(sys.argv[0]) as file:
    exec(compile(file.read(), sys.argv[0], "exec"))
