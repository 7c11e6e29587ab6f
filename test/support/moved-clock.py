"""Runs the host of Anki's engine in its own process, with a clock that can be moved. For 64-bit Linux.

python -I -S moved-clock.py FILE -I -S host.py FOLDER ...

FILE holds the offset of the clock in seconds, as eight bytes. The engine's library is loaded first. Then its
reference to the system's clock_gettime is replaced by a function of this program.
"""

import ctypes
import mmap
import struct
import sys

with open(sys.argv[1], "r+b") as file:
    offset = mmap.mmap(file.fileno(), 8)
sys.argv = sys.argv[4:]
sys.path[:0] = [sys.argv[1]]

from anki import _rsbridge  # noqa: E402

libc = ctypes.CDLL(None, use_errno=True)
Clock = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_void_p)
REALTIME = 0
PAGE = mmap.PAGESIZE


@Clock
def clock(kind, place):
    outcome = libc.clock_gettime(kind, ctypes.c_void_p(place))
    if kind == REALTIME:
        seconds = ctypes.c_int64.from_address(place)
        seconds.value += struct.unpack("<q", offset[:8])[0]
    return outcome


def numbers(address, form):
    return struct.unpack(form, ctypes.string_at(address, struct.calcsize(form)))


def point_to(function, name, path):
    """Replaces the address of a function in the relocation table of the library at this path."""
    with open("/proc/self/maps") as maps:
        base = min(int(line.split("-")[0], 16) for line in maps if line.rstrip().endswith(path))
    headers, size, count = base + numbers(base + 32, "<Q")[0], *numbers(base + 54, "<HH")
    segments = [numbers(headers + at * size, "<IIQQ") for at in range(count)]
    at = next(base + address for kind, _, _, address in segments if kind == 2)
    dynamic = {}
    while (entry := numbers(at, "<QQ"))[0]:
        dynamic[entry[0]] = entry[1]
        at += 16
    strings, symbols = (dynamic[tag] + (base if dynamic[tag] < base else 0) for tag in (5, 6))
    done = 0
    for table, length in ((23, 2), (7, 8)):
        start = dynamic.get(table, 0) + (base if dynamic.get(table, 0) < base else 0)
        for entry in range(start, start + dynamic.get(length, 0), 24):
            place, info = numbers(entry, "<QQ")
            symbol = numbers(symbols + (info >> 32) * 24, "<I")[0]
            if info >> 32 and ctypes.string_at(strings + symbol) == name:
                slot = base + place
                if libc.mprotect(ctypes.c_void_p(slot & -PAGE), ctypes.c_size_t(2 * PAGE), 3):
                    raise OSError(ctypes.get_errno(), "mprotect")
                ctypes.c_void_p.from_address(slot).value = ctypes.cast(function, ctypes.c_void_p).value
                done += 1
    if not done:
        raise LookupError(name)


point_to(clock, b"clock_gettime", _rsbridge.__file__)

with open(sys.argv[0], encoding="utf-8") as file:
    exec(compile(file.read(), sys.argv[0], "exec"), {"__name__": "__main__"})
