"""What happens to messages later, edits, deletions, reactions: the same in whatever order exports are read."""

import json
from collections.abc import Mapping, Sequence
from itertools import permutations, zip_longest
from pathlib import Path
from typing import Any

import pytest
from door import Desk, say
from egregora_core.errors import EgregoraError
from hypothesis import given, settings
from hypothesis import strategies as st

PEOPLE = [{"id": "U1", "names": ["Ana Kelemen"]}, {"id": "U2", "names": ["Bo Quarrel"]}]
DAY = "2024-06-0{}T00:00:00"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def _attrs(desk: Desk, msg_id: str = "1") -> dict[str, Any]:
    ((attrs,),) = desk.query(f"SELECT attrs FROM ir_messages WHERE msg_id = '{msg_id}'")
    found: dict[str, Any] = json.loads(attrs)
    return found


# --- one run through privacy, a chat for each statement about it ----------------------------------------------------

REPLIES = [
    say("a", minute=1, msg_id="<ana.kelemen@corp.example>", thread="A"),
    say("b", minute=2, msg_id="2", thread="A", reply_to="<ana.kelemen@corp.example>", thread_root="3"),
    say("c", minute=3, msg_id="3", thread="A", reply_to="99"),
    say("d", minute=4, msg_id="3", thread="B"),
]
REACTIONS = [
    {"emoji": "heart", "author": "U2", "count": 1, "ts": "2024-05-01T11:00:00"},
    {"emoji": "+1", "author": "U1"},
    {"emoji": "\U0001f44d", "count": 12},
    {"emoji": "party_kelemen"},
    {"emoji": "call 415 555 0134"},
]
POLL = {"question": "Who hosts?", "options": [{"text": "Bo Quarrel", "votes": 2}, {"text": "no\none"}]}
DATA = {
    "poll": {"question": "When?", "options": [{"text": "now", "votes": 2}]},
    "call": {"seconds": 61, "video": True},
    "location": {"latitude": 38.7, "longitude": -9, "name": "home"},
    "contact": {"name": "Bo", "phones": ["+351 912 345 678"]},
}


@pytest.fixture(scope="module")
def masked(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A workspace in which a run is over; to be read."""
    desk = Desk(tmp_path_factory.mktemp("masked"))
    others = [
        say("a", msg_id="1", reactions=REACTIONS, thread="reactions"),
        say(None, msg_id="1", kind="poll", data=json.dumps(POLL), thread="poll 1"),
        say("Ana lisas Bo gruppi", None, msg_id="1", kind="system", event="add", mentions=["U2"], thread="event"),
        say("a", "U2", 1, msg_id="2", thread="event"),
        say("Zebras gallop", None, msg_id="1", thread="nobody"),
        *(say(None, msg_id=kind, kind=kind, data=json.dumps(data), thread="data") for kind, data in DATA.items()),
    ]
    desk.run(desk.write([*REPLIES, *others], people=PEOPLE))
    return desk


def _after(masked: Desk, thread: str, columns: str) -> list[tuple[Any, ...]]:
    """Return what privacy left of a chat, `p`, and what was read, `m`."""
    return masked.query(f"""
        SELECT {columns} FROM stage_privacy AS p JOIN ir_messages AS m USING (event_id)
        WHERE m.attrs->>'thread' = '{thread}' ORDER BY m.ts, m.seq
    """)


# --- replies ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_reply_is_the_event_of_its_target(masked: Desk) -> None:
    """In the same chat, be the target before it, behind it or in no export; also after privacy."""
    columns = "event_id::VARCHAR, m.attrs->>'reply_to', m.attrs->>'thread_root'"
    rows = [*_after(masked, "A", columns), *_after(masked, "B", columns)]
    (first, *_), (_, reply, root), (third, dangling, _), (other, *_) = rows
    assert (reply, root) == (first, third)
    assert dangling not in {None, first, third, other}
    kept = _after(masked, "A", "p.msg_id, p.attrs->>'reply_to', p.attrs->>'thread_root'")
    assert kept[1] == (rows[1][0], first, third)
    assert "corp.example" not in str(masked.query("SELECT s::VARCHAR FROM stage_privacy AS s"))


@pytest.mark.slow  # several whole commands
def test_ids_may_be_given_row_by_row(desk: Desk) -> None:
    """Where a platform gives none, it derives from the message, and is the same in every export."""
    chat = [say("a", msg_id="1"), say("b", minute=1), say("b", minute=1), say("c", minute=2, msg_id="2")]
    desk.ingest(desk.write(chat, thread="T", people=PEOPLE))
    before = desk.query("SELECT event_id, msg_id FROM ir_messages ORDER BY ts, seq")
    desk.ingest(desk.write(chat[1:], thread="T", people=PEOPLE))
    assert desk.query("SELECT event_id, msg_id FROM ir_messages ORDER BY ts, seq") == before
    assert len({event for event, _ in before}) == len(before)
    assert [msg for _, msg in before][::3] == ["1", "2"]


def test_ids_that_come_late_are_ids(desk: Desk) -> None:
    """The first batches have none: what comes behind keeps what the platform gave."""
    chat = [say(str(n), minute=n) for n in range(4)] + [say("x", minute=9, msg_id="7")]
    desk.ingest(desk.write(chat, thread="T"))
    assert desk.query("SELECT msg_id FROM ir_messages WHERE text = 'x'") == [("7",)]


def test_an_id_that_occurs_twice_is_told(desk: Desk) -> None:
    """The last one counts, and nobody wonders where the other went."""
    desk.ingest(desk.write([say("a", msg_id="1"), say("b", minute=1, msg_id="1")], thread="T"))
    assert desk.query("SELECT text FROM ir_messages") == [("b",)]
    assert desk.notices == ["1 message has an id that a later one of the chat has, too: of each the last was kept"]


# --- an older export never overwrites a newer one -----------------------------------------------------------------


def _version(n: int, *, dated: bool) -> list[dict[str, Any]]:
    """Return the same two messages as an export of day `n` shows them."""
    edited = {"edited_at": DAY.format(n)} if n > 1 and dated else {"edited": n > 1}
    reactions = [{"emoji": "\U0001f44d", "count": n}]
    return [say(f"wording {n}", msg_id="1", **edited), say("hi", "U2", 1, msg_id="2", reactions=reactions)]


ORDERS = list(permutations([1, 2, 3]))
COMMANDS = (1, 2, 3, 1, 2, 1, 3)
"""The shortest row of exports in which each order occurs, with others between: a chat is in those of its own."""


@pytest.mark.slow  # many readings
def test_the_newest_export_counts_in_any_order(desk: Desk) -> None:
    """Of texts, edits and reactions: as of the export's date, and by when a message was edited.

    Each order is a chat of its own, and another one where edits have dates.
    """
    left = {(str(order), dated): list(order) for order in ORDERS for dated in (False, True)}
    for n in COMMANDS:
        read = [chat for chat, rest in left.items() if rest[:1] == [n]]
        for chat in read:
            left[chat].pop(0)
        said = [
            {**message, "thread": f"{order} {dated}"} for order, dated in read for message in _version(n, dated=dated)
        ]
        desk.ingest(desk.write(said, as_of=DAY.format(n), people=PEOPLE))
    assert not any(left.values())
    found = desk.query("""
        SELECT attrs->>'thread', list(text ORDER BY ts), last(attrs->>'$.reactions[0].count' ORDER BY ts),
            first(attrs->>'edited' ORDER BY ts), first(attrs->>'edited_at' IS NOT NULL ORDER BY ts)
        FROM ir_messages GROUP BY ALL ORDER BY ALL
    """)
    assert found == [(f"{order} {dated}", ["wording 3", "hi"], "3", "true", dated) for order, dated in sorted(left)]


@pytest.mark.slow  # several whole commands
def test_what_was_edited_back_is_not_brought_forth_again(desk: Desk) -> None:
    """The newest export says what the oldest said; the one between them is older all the same."""
    for n, text in ((1, "first"), (3, "first"), (2, "second")):
        desk.ingest(desk.write([say(text, msg_id="1")], thread="T", as_of=DAY.format(n)))
    assert desk.query("SELECT text FROM ir_messages") == [("first",)]


@pytest.mark.slow  # several whole commands
def test_an_older_export_still_tells_what_a_newer_did_not_hold(desk: Desk) -> None:
    """A newer export of other days says nothing about these messages."""
    old = [say("a", minute=1, msg_id="1")]
    desk.ingest(desk.write(old, thread="T", as_of=DAY.format(1)))
    desk.ingest(desk.write([say("z", minute=50, msg_id="9")], thread="T", as_of=DAY.format(3)))
    desk.ingest(desk.write([say("A", minute=1, msg_id="1")], thread="T", as_of=DAY.format(2)))
    assert desk.query("SELECT text FROM ir_messages ORDER BY ts") == [("A",), ("z",)]


# --- what was deleted on the platform -----------------------------------------------------------------------------


@pytest.mark.slow
def test_what_a_complete_export_lacks_was_deleted(desk: Desk) -> None:
    """Between its first and last message, in whatever order it is read; what is older or newer is not its business.

    Each order is a chat of its own, whose places are those of its exports among the four that are read.
    """
    chat = [say(str(n), minute=n, msg_id=str(n)) for n in range(6)]
    exports: list[dict[str, Any]] = [
        {"messages": chat, "as_of": DAY.format(1)},
        {"messages": [*chat[1:3], chat[4]], "as_of": DAY.format(2), "complete": True},
    ]
    orders = {"01": (0, 1), "10": (1, 2), "010": (0, 1, 2), "101": (1, 2, 3)}
    for place in range(4):
        export = exports[place % 2]
        read = [name for name, places in orders.items() if place in places]
        said = [{**message, "thread": name} for name in read for message in export["messages"]]
        desk.ingest(desk.write(**{**export, "messages": said}), force=frozenset({"ingestion"}))
    rows = [(str(n), None if n == 3 else str(n), "deleted" if n == 3 else "text") for n in range(6)]
    found = desk.query("SELECT attrs->>'thread', msg_id, text, attrs->>'kind' FROM ir_messages ORDER BY 1, ts")
    assert found == [(name, *row) for name in sorted(orders) for row in rows]


def test_deletions_are_told(desk: Desk) -> None:
    """Once."""
    chat = [say(str(n), minute=n, msg_id=str(n)) for n in range(3)]
    desk.ingest(desk.write(chat, thread="T", as_of=DAY.format(1)))
    desk.ingest(desk.write(chat[::2], thread="T", as_of=DAY.format(2), complete=True))
    assert desk.notices == ["1 message of earlier exports is gone from the platform: kept as deleted, without text"]
    desk.ingest(desk.write(chat[::2], thread="T", as_of=DAY.format(3), complete=True))
    assert desk.notices == []


# --- updates that are messages of their own -----------------------------------------------------------------------

BASE = say("first", msg_id="1")
EDIT = say("second", minute=5, msg_id="1", update="edit")
LATER = say("third", minute=7, msg_id="1", update="edit")
THUMB = say("\U0001f44d", "U2", 6, msg_id="1", update="react")
HEART = say(None, "U1", 8, msg_id="1", update="react", reactions=[{"emoji": "heart", "author": "U1"}])
GONE = say(None, minute=9, msg_id="1", update="delete")


Parts = Sequence[Sequence[dict[str, Any]]]


def _read_all(desk: Desk, chats: Mapping[str, Parts]) -> dict[str, tuple[Any, ...]]:
    """Read the first parts of all chats, the second ones, and so on; return what became of their message."""
    for parts in zip_longest(*chats.values(), fillvalue=None):
        read = {name: part for name, part in zip(chats, parts, strict=True) if part is not None}
        said = [
            {**message, **({"thread": name} if len(chats) > 1 else {})}
            for name, part in read.items()
            for message in [*part, say("end", minute=59, msg_id="end")]
        ]
        alone = {} if len(chats) > 1 else {"thread": next(iter(chats))}
        desk.ingest(desk.write(said, people=PEOPLE, **alone))
    rows = desk.query(
        "SELECT attrs->>'thread', text, author_raw, epoch_us(ts), attrs FROM ir_messages WHERE msg_id = '1'"
    )
    assert len(rows) == len(chats)
    return {name: (text, author, ts, json.loads(attrs)) for name, text, author, ts, attrs in rows}


ALL = [BASE, EDIT, LATER, THUMB, HEART]
WAYS: dict[str, Parts] = {
    "together": [ALL],
    "later": [[BASE], [EDIT, LATER, THUMB, HEART]],
    "before": [[LATER, HEART], [BASE, EDIT, THUMB]],
    "one by one": [[EDIT], [THUMB], [LATER], [HEART], [BASE]],
    "mixed": [[HEART], [BASE], [LATER], [EDIT], [THUMB]],
    "backwards": [ALL[::-1]],
}


@pytest.mark.slow  # several readings
@pytest.mark.parametrize("chats", [WAYS, {"mixed": WAYS["mixed"]}], ids=["exports of several chats", "of one"])
def test_updates_are_folded_wherever_their_message_stands(desk: Desk, chats: Mapping[str, Parts]) -> None:
    """In the same export, an earlier or a later one; the last edit counts, and all reactions."""
    for way, (text, author, ts, attrs) in _read_all(desk, chats).items():
        assert (text, author, attrs["kind"]) == ("third", "Ana Kelemen", "text"), way
        assert (attrs["edited_at"], attrs["edited"]) == ("2024-05-01T10:07:00.000000Z", True), way
        assert sorted(one["emoji"] for one in attrs["reactions"]) == ["heart", "\U0001f44d"], way
        assert "update" not in attrs, way
        assert ts == 1714557600000000, way
    counted = desk.query("SELECT attrs->>'thread', count(*) FROM ir_messages GROUP BY ALL ORDER BY ALL")
    assert counted == [(way, 2) for way in sorted(chats)]


@pytest.mark.slow  # several readings
@settings(max_examples=2, deadline=None)
@given(
    st.lists(st.tuples(st.permutations([BASE, EDIT, LATER, THUMB, GONE]), st.integers(1, 4)), min_size=8, max_size=8)
)
def test_any_order_of_any_parts_ends_the_same(
    tmp_path_factory: pytest.TempPathFactory, chats: list[tuple[list[dict[str, Any]], int]]
) -> None:
    """A property of the whole: what is known at the end does not depend on the way."""
    desk = Desk(tmp_path_factory.mktemp("w"))
    found = _read_all(desk, {str(n): [order[:cut], order[cut:]] for n, (order, cut) in enumerate(chats)})
    for n, (text, author, _, attrs) in found.items():
        assert (text, author, attrs["kind"]) == (None, "Ana Kelemen", "deleted"), chats[int(n)]
        assert [one["emoji"] for one in attrs["reactions"]] == ["\U0001f44d"], chats[int(n)]


def test_an_update_of_an_unknown_message_is_a_row(desk: Desk) -> None:
    """Under the id that the message will have, and marked as what it is."""
    updates = {"edit": EDIT, "react": THUMB, "delete": GONE}
    desk.ingest(desk.write([{**update, "thread": name} for name, update in updates.items()], people=PEOPLE))
    columns = "attrs->>'thread', attrs->>'kind', text, attrs->>'update'"
    assert desk.query(f"SELECT {columns} FROM ir_messages ORDER BY 1") == [
        ("delete", "deleted", None, "delete"),
        ("edit", "text", "second", "edit"),
        ("react", "reaction", None, "react"),
    ]
    before = desk.query("SELECT attrs->>'thread', event_id FROM ir_messages ORDER BY 1")
    desk.ingest(desk.write([{**BASE, "thread": name} for name in updates], people=PEOPLE))
    assert desk.query("SELECT attrs->>'thread', event_id FROM ir_messages ORDER BY 1") == before


@pytest.mark.slow  # several whole commands
def test_reading_updates_again_changes_nothing(desk: Desk) -> None:
    """Every row stays as it is, and so does who wrote it."""
    for part in ([BASE], ALL[1:]):
        desk.ingest(desk.write(part, thread="T", people=PEOPLE))
    before = desk.query("SELECT m::VARCHAR FROM ir_messages AS m")
    desk.ingest(desk.path / "2.door", force=frozenset({"ingestion"}))
    desk.ingest(desk.path / "1.door", force=frozenset({"ingestion"}))
    assert desk.query("SELECT m::VARCHAR FROM ir_messages AS m") == before


def test_what_is_exported_again_unchanged_is_not_written_again(desk: Desk) -> None:
    """With all that a message may hold beside its text, in an export with one more message."""
    told: list[dict[str, Any]] = [
        {"reactions": [{"emoji": "heart", "author": "U2"}, {"emoji": "+1", "count": 2}]},
        {"reactions": [{"emoji": "+1", "author": "U1", "ts": "2024-05-01T11:00:00"}], "reply_to": "0"},
        {"edited": True, "edited_at": "2024-05-01T11:00:00"},
        {"thread_root": "0"},
        {"media": [{"name": "a.jpg", "missing": True}], "kind": "media"},
        {"data": json.dumps({"seconds": 7}), "event": "call", "kind": "call"},
        {"mentions": ["U2"], "reactions": [{"emoji": "heart"}]},
    ]
    chat = [say(f"{n}", minute=n, msg_id=str(n), **more) for n, more in enumerate(told)]
    desk.ingest(desk.write(chat, thread="T", people=PEOPLE, as_of=DAY.format(1)))
    before = desk.query("SELECT m::VARCHAR FROM ir_messages AS m ORDER BY ts")
    more = [*chat, say("more", minute=30, msg_id="30")]
    desk.ingest(desk.write(more, thread="T", people=PEOPLE, as_of=DAY.format(2)))
    assert desk.query("SELECT m::VARCHAR FROM ir_messages AS m ORDER BY ts")[:-1] == before


def test_an_update_without_an_id_is_an_error(desk: Desk) -> None:
    """It says of which message it is, or it is a message."""
    with pytest.raises(EgregoraError, match="source 'door', column 'update'"):
        desk.ingest(desk.write([say("a", msg_id="1"), say("x", update="edit")], thread="T"))


# --- what a message holds beside its text -------------------------------------------------------------------------


def test_reactions_keep_their_emoji_and_lose_their_people(masked: Desk) -> None:
    """In letters or as a character; a time stays, a name in an emoji goes."""
    ((told,),) = _after(masked, "reactions", "p.attrs->'reactions'")
    (ana, bo) = (masked.called(person["names"][0]) for person in PEOPLE)
    one, two, three, four, five = json.loads(told)
    assert (one["emoji"], one["author"], one["count"], one["ts"]) == ("heart", bo, 1, "2024-05-01 11:00:00")
    assert (two["emoji"], two["author"], three["emoji"], three["count"]) == ("+1", ana, "\U0001f44d", 12)
    assert (four["emoji"], five["emoji"]) == ("[name]", "[name]")


def test_a_poll_is_told_without_names(masked: Desk) -> None:
    """Its question, options and votes are text after privacy, masked as any; its data is kept before it."""
    ((told, raw),) = _after(masked, "poll 1", "p.text, m.attrs->'data'")
    bo = masked.called("Bo Quarrel")
    assert told == f"POLL:\nWho hosts?\nOPTION: {bo} (2 votes)\nOPTION: no one (0 votes)"
    assert json.loads(raw) == POLL


def test_an_event_survives_privacy_whatever_the_language(masked: Desk) -> None:
    """The sentence is lost to `[name]`, what happened is not, nor whom it is about."""
    (event, mentions, _), (*_, bo) = _after(
        masked, "event", "p.attrs->>'event', p.attrs->>'$.mentions[0]', p.author_raw"
    )
    assert (event, mentions) == ("add", bo)


@pytest.mark.parametrize("column", ["event", "update", "kind"])
def test_closed_lists_are_closed(desk: Desk, column: str) -> None:
    """A word that nobody knows says nothing to anybody."""
    with pytest.raises(EgregoraError, match=f"column '{column}': 'create_group' is none of"):
        desk.ingest(desk.write([{**say("a", msg_id="1"), column: "create_group"}], thread="T"))


def test_an_author_whom_nobody_knows_is_no_system_line(masked: Desk) -> None:
    """What somebody wrote whose account is deleted is read as what people write."""
    assert _after(masked, "nobody", "p.text") == [("Zebras gallop",)]


def test_a_message_may_have_several_attachments(desk: Desk) -> None:
    """The first as ever, the others beside it; addresses are kept where the platform gives them."""
    media = [{"name": "a.jpg", "url": "https://x.example/a", "type": "image/jpeg", "size": 7}, {"name": "b.pdf"}]
    desk.ingest(desk.write([say(None, msg_id="1", kind="media", media=media)], thread="T"))
    attrs = _attrs(desk)
    assert (attrs["media"]["name"], [one["name"] for one in attrs["more_media"]]) == ("a.jpg", ["b.pdf"])
    assert desk.query("SELECT media_url, media_type FROM ir_messages") == [("https://x.example/a", "image/jpeg")]


def test_data_has_a_shape_for_each_kind(masked: Desk) -> None:
    """Stored as it is; after privacy only how long a call was is left of it."""
    found = {
        kind: (json.loads(raw), kept)
        for kind, raw, kept in _after(masked, "data", "m.msg_id, m.attrs->'data', p.attrs->>'data' IS NOT NULL")
    }
    assert found == {kind: (data, kind == "call") for kind, data in DATA.items()}


WRONG = {
    "no JSON": ("poll", "{", "no JSON"),
    "an unknown key": ("poll", '{"secret": 1}', "1 unknown keys"),
    "a wrong type": ("call", '{"seconds": "secret"}', r"call\.seconds is a str, expected int"),
    "a wrong item": ("contact", '{"phones": [1]}', r"contact\.phones\[\] is a int"),
    "another kind": ("text", "{}", "kind 'text' has no data"),
}


@pytest.mark.parametrize("what", WRONG)
def test_data_of_another_shape_is_an_error(desk: Desk, what: str) -> None:
    """It says where, and never what."""
    kind, data, said = WRONG[what]
    with pytest.raises(EgregoraError, match=f"source 'door', column 'data'.*{said}") as caught:
        desk.ingest(desk.write([say(None, msg_id="1", kind=kind, data=data)], thread="T"))
    assert "secret" not in str(caught.value)


@pytest.mark.slow  # several whole commands
def test_a_large_export_is_compared_in_parts(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many they are, each message meets its stored one once."""
    monkeypatch.setattr("egregora_core.ingestion._rewriting._PER_PART", 2)
    for day in (1, 2):
        chat = [say(f"{n} on day {day}", minute=n, msg_id=str(n), edited=day > 1) for n in range(9)]
        desk.ingest(desk.write(chat, thread="T", as_of=DAY.format(day)))
    assert desk.query("SELECT text FROM ir_messages ORDER BY ts") == [(f"{n} on day 2",) for n in range(9)]
