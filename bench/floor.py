"""Prints the CPU milliseconds of the same work done directly with the engine of the `anki` library, as JSON.

python floor.py FOLDER COLLECTION METHODS    FOLDER contains the library, METHODS is JSON of its method numbers
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
cards = [row[0] for row in query("select id from cards order by id limit 10000")]
wanted = json.dumps(cards)


def rows(sql, rest=""):
    return lambda: query(f"{sql} in (select value from json_each(?)) {rest}", wanted)


def due():
    term = f"cid:{','.join(map(str, cards))} is:due"
    call("search_cards", field(1, term.encode()))
    rows("select cid, ivl, max(id) from revlog where cid", "group by cid")()


def suspend():
    call("bury_or_suspend_cards", field(1, ids(cards)))
    call("restore_buried_and_suspended_cards", field(1, ids(cards)))


def render():
    for card in cards[:13]:
        request = b"\x08" + varint(card)
        call("get_card", request)
        call("render_existing_card", request)
        states = call("get_scheduling_states", request)
        call("describe_next_states", states)


print(
    json.dumps(
        {
            "cardsInfo": median(render),
            "areSuspended": median(rows("select id, queue from cards where id")),
            "getEaseFactors": median(rows("select id, factor from cards where id")),
            "getIntervals": median(rows("select cid, ivl, max(id) from revlog where cid", "group by cid")),
            "areDue": median(due),
            "getDecks": median(rows("select id, did from cards where id")),
            "suspend": median(suspend),
            "answerCards": median(lambda: call("grade_now", field(1, ids(cards[:1000])) + b"\x10\x02")),
        }
    )
)
