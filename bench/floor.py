"""Prints the CPU milliseconds of the same work done directly with Anki's engine, as JSON. See engine.py."""

import json
import os
import sys
import time

sys.path[:0] = [os.path.dirname(__file__)]
from engine import call, field, ids, median, query, varint  # noqa: E402

cards = [row[0] for row in query("select id from cards order by id limit 10000")]
notes = [row[0] for row in query("select id from notes order by id limit 10000")]
(note_type,) = query("select mid from notes limit 1")[0]
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


def check_fields():
    for number in range(1000):
        fields = field(7, f"new {number}".encode()) + field(7, b"back")
        call("note_fields_check", b"\x18" + varint(note_type) + fields)


def replace_tags():
    for old, new in ((b"old", b"new"), (b"new", b"old")):
        call("find_and_replace_tag", field(1, ids(notes)) + field(2, old) + field(3, new))


def tree():
    call("deck_tree", b"\x08" + varint(int(time.time())))


def overview():
    tree()
    call("get_notetype_names_and_counts")
    call("all_tags")
    for search in (b"is:due", b"is:new", b"is:suspended", b"rated:1"):
        call("search_cards", field(1, search))


def reviews_by_day():
    query("select date(id / 1000 - 14400, 'unixepoch', 'localtime') as day, count() from revlog group by day order by day desc")


print(
    json.dumps(
        {
            "cardsInfo": median(render),
            "cardsInfoOfMany": median(render),
            "findNotes": median(lambda: call("search_notes", field(1, b"front:card*"))),
            "areSuspended": median(rows("select id, queue from cards where id")),
            "getEaseFactors": median(rows("select id, factor from cards where id")),
            "cardsModTime": median(rows("select id, mod from cards where id")),
            "getIntervals": median(rows("select cid, ivl, max(id) from revlog where cid", "group by cid")),
            "areDue": median(due),
            "getDecks": median(rows("select id, did from cards where id")),
            "suspend": median(suspend),
            "canAddNotes": median(check_fields),
            "replaceTags": median(replace_tags),
            "getDeckStats": median(tree),
            "overview": median(overview),
            "reviewsByDay": median(reviews_by_day, 3),
            "answerCards": median(lambda: call("grade_now", field(1, ids(cards[:1000])) + b"\x10\x02")),
        }
    )
)
