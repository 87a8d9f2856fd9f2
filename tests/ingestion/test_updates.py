"""What happens to messages later, edits, deletions, reactions: the same in whatever order exports are read."""

import json
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from door import Desk, say
from egregora_core.errors import EgregoraError
from hypothesis import HealthCheck, given, settings
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


def _event(desk: Desk, msg_id: str) -> str:
    ((event,),) = desk.query(f"SELECT event_id::VARCHAR FROM ir_messages WHERE msg_id = '{msg_id}'")
    return str(event)


# --- replies ------------------------------------------------------------------------------------------------------


def test_a_reply_is_the_event_of_its_target(desk: Desk) -> None:
    """In the same chat, be the target before it, behind it or in no export; also after privacy."""
    chat = [
        say("a", minute=1, msg_id="<ana.kelemen@corp.example>", thread="A"),
        say("b", minute=2, msg_id="2", thread="A", reply_to="<ana.kelemen@corp.example>", thread_root="3"),
        say("c", minute=3, msg_id="3", thread="A", reply_to="99"),
        say("d", minute=4, msg_id="3", thread="B"),
    ]
    desk.run(desk.write(chat, people=PEOPLE))
    rows = desk.query(
        "SELECT event_id::VARCHAR, attrs->>'reply_to', attrs->>'thread_root' FROM ir_messages ORDER BY ts"
    )
    (first, *_), (_, reply, root), (third, dangling, _), (other, *_) = rows
    assert (reply, root) == (first, third)
    assert dangling not in {None, first, third, other}
    kept = desk.query("SELECT msg_id, attrs->>'reply_to', attrs->>'thread_root' FROM stage_privacy ORDER BY ts")
    assert kept[1] == (rows[1][0], first, third)
    assert "corp.example" not in str(desk.query("SELECT s::VARCHAR FROM stage_privacy AS s"))


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


def _version(n: int, *, dated: bool) -> dict[str, Any]:
    """The same two messages as an export of day `n` shows them."""
    edited = {"edited_at": DAY.format(n)} if n > 1 and dated else {"edited": n > 1}
    reactions = [{"emoji": "\U0001f44d", "count": n}]
    return {
        "messages": [say(f"wording {n}", msg_id="1", **edited), say("hi", "U2", 1, msg_id="2", reactions=reactions)],
        "as_of": DAY.format(n),
    }


@pytest.mark.slow  # whole runs, again and again
@pytest.mark.parametrize("dated", [False, True], ids=["undated", "dated"])
@pytest.mark.parametrize("order", list(permutations([1, 2, 3])))
def test_the_newest_export_counts_in_any_order(desk: Desk, order: tuple[int, ...], *, dated: bool) -> None:
    """Of texts, edits and reactions: as of the export's date, and by when a message was edited."""
    for n in order:
        desk.ingest(desk.write(**_version(n, dated=dated), thread="T", people=PEOPLE))
    assert desk.query("SELECT text FROM ir_messages ORDER BY ts") == [("wording 3",), ("hi",)]
    assert _attrs(desk, "2")["reactions"][0]["count"] == 3
    assert (_attrs(desk)["edited"], "edited_at" in _attrs(desk)) == (True, dated)


def test_what_was_edited_back_is_not_brought_forth_again(desk: Desk) -> None:
    """The newest export says what the oldest said; the one between them is older all the same."""
    for n, text in ((1, "first"), (3, "first"), (2, "second")):
        desk.ingest(desk.write([say(text, msg_id="1")], thread="T", as_of=DAY.format(n)))
    assert desk.query("SELECT text FROM ir_messages") == [("first",)]


def test_an_older_export_still_tells_what_a_newer_did_not_hold(desk: Desk) -> None:
    """A newer export of other days says nothing about these messages."""
    old = [say("a", minute=1, msg_id="1")]
    desk.ingest(desk.write(old, thread="T", as_of=DAY.format(1)))
    desk.ingest(desk.write([say("z", minute=50, msg_id="9")], thread="T", as_of=DAY.format(3)))
    desk.ingest(desk.write([say("A", minute=1, msg_id="1")], thread="T", as_of=DAY.format(2)))
    assert desk.query("SELECT text FROM ir_messages ORDER BY ts") == [("A",), ("z",)]


# --- what was deleted on the platform -----------------------------------------------------------------------------


@pytest.mark.parametrize("order", [(0, 1), (1, 0), (0, 1, 0), (1, 0, 1)])
def test_what_a_complete_export_lacks_was_deleted(desk: Desk, order: tuple[int, ...]) -> None:
    """Between its first and last message, in whatever order it is read; what is older or newer is not its business."""
    chat = [say(str(n), minute=n, msg_id=str(n)) for n in range(6)]
    exports: list[dict[str, Any]] = [
        {"messages": chat, "as_of": DAY.format(1)},
        {"messages": [*chat[1:3], chat[4]], "as_of": DAY.format(2), "complete": True},
    ]
    for n in order:
        desk.ingest(desk.write(**exports[n], thread="T"), force=frozenset({"ingestion"}))
    rows = desk.query("SELECT msg_id, text, attrs->>'kind' FROM ir_messages ORDER BY ts")
    assert rows == [(str(n), None if n == 3 else str(n), "deleted" if n == 3 else "text") for n in range(6)]


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


def _read_all(desk: Desk, parts: list[list[dict[str, Any]]]) -> tuple[Any, ...]:
    for part in parts:
        desk.ingest(desk.write([*part, say("end", minute=59, msg_id="end")], thread="T", people=PEOPLE))
    ((text, author, ts, attrs),) = desk.query(
        "SELECT text, author_raw, epoch_us(ts), attrs FROM ir_messages WHERE msg_id = '1'"
    )
    found = {key: value for key, value in json.loads(attrs).items() if key != "src_file"}
    return text, author, ts, found


ALL = [BASE, EDIT, LATER, THUMB, HEART]


@pytest.mark.slow  # whole runs, again and again
@pytest.mark.parametrize(
    "parts",
    [
        [ALL],
        [[BASE], [EDIT, LATER, THUMB, HEART]],
        [[LATER, HEART], [BASE, EDIT, THUMB]],
        [[EDIT], [THUMB], [LATER], [HEART], [BASE]],
        [[HEART], [BASE], [LATER], [EDIT], [THUMB]],
        [ALL[::-1]],
    ],
    ids=["together", "later", "before", "one by one", "mixed", "backwards"],
)
def test_updates_are_folded_wherever_their_message_stands(desk: Desk, parts: list[list[dict[str, Any]]]) -> None:
    """In the same export, an earlier or a later one; the last edit counts, and all reactions."""
    text, author, ts, attrs = _read_all(desk, parts)
    assert (text, author, attrs["kind"]) == ("third", "Ana Kelemen", "text")
    assert (attrs["edited_at"], attrs["edited"]) == ("2024-05-01T10:07:00.000000Z", True)
    assert sorted(one["emoji"] for one in attrs["reactions"]) == ["heart", "\U0001f44d"]
    assert "update" not in attrs
    assert desk.query("SELECT count(*) FROM ir_messages") == [(2,)]
    assert ts == 1714557600000000


@pytest.mark.slow  # whole runs, again and again
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations([BASE, EDIT, LATER, THUMB, GONE]), st.integers(1, 4))
def test_any_order_of_any_parts_ends_the_same(
    tmp_path_factory: pytest.TempPathFactory, order: list[dict[str, Any]], cut: int
) -> None:
    """A property of the whole: what is known at the end does not depend on the way."""
    desk = Desk(tmp_path_factory.mktemp("w"))
    text, author, _, attrs = _read_all(desk, [order[:cut], order[cut:]])
    assert (text, author, attrs["kind"]) == (None, "Ana Kelemen", "deleted")
    assert [one["emoji"] for one in attrs["reactions"]] == ["\U0001f44d"]


@pytest.mark.parametrize(
    ("update", "kind", "text"), [(EDIT, "text", "second"), (THUMB, "reaction", None), (GONE, "deleted", None)]
)
def test_an_update_of_an_unknown_message_is_a_row(
    desk: Desk, update: dict[str, Any], kind: str, text: str | None
) -> None:
    """Under the id that the message will have, and marked as what it is."""
    desk.ingest(desk.write([update], thread="T", people=PEOPLE))
    assert desk.query("SELECT attrs->>'kind', text, attrs->>'update' FROM ir_messages") == [
        (kind, text, update["update"])
    ]
    before = _event(desk, "1")
    desk.ingest(desk.write([BASE], thread="T", people=PEOPLE))
    assert (_event(desk, "1"), desk.query("SELECT count(*) FROM ir_messages")) == (before, [(1,)])


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


def test_reactions_keep_their_emoji_and_lose_their_people(desk: Desk) -> None:
    """In letters or as a character; a time stays, a name in an emoji goes."""
    reactions = [
        {"emoji": "heart", "author": "U2", "count": 1, "ts": "2024-05-01T11:00:00"},
        {"emoji": "+1", "author": "U1"},
        {"emoji": "\U0001f44d", "count": 12},
        {"emoji": "party_kelemen"},
        {"emoji": "call 415 555 0134"},
    ]
    desk.run(desk.write([say("a", msg_id="1", reactions=reactions)], thread="T", people=PEOPLE))
    ((told,),) = desk.query("SELECT attrs->'reactions' FROM stage_privacy")
    (ana, bo) = (desk.called(person["names"][0]) for person in PEOPLE)
    one, two, three, four, five = json.loads(told)
    assert (one["emoji"], one["author"], one["count"], one["ts"]) == ("heart", bo, 1, "2024-05-01 11:00:00")
    assert (two["emoji"], two["author"], three["emoji"], three["count"]) == ("+1", ana, "\U0001f44d", 12)
    assert (four["emoji"], five["emoji"]) == ("[name]", "[name]")


def test_a_poll_is_told_without_names(desk: Desk) -> None:
    """Its question, options and votes are text after privacy, masked as any; its data is kept before it."""
    data = {"question": "Who hosts?", "options": [{"text": "Bo Quarrel", "votes": 2}, {"text": "no\none"}]}
    desk.run(desk.write([say(None, msg_id="1", kind="poll", data=json.dumps(data))], thread="T", people=PEOPLE))
    ((told, raw),) = desk.query(
        "SELECT p.text, m.attrs->'data' FROM stage_privacy p JOIN ir_messages m USING (event_id)"
    )
    bo = desk.called("Bo Quarrel")
    assert told == f"POLL:\nWho hosts?\nOPTION: {bo} (2 votes)\nOPTION: no one (0 votes)"
    assert json.loads(raw) == data


def test_an_event_survives_privacy_whatever_the_language(desk: Desk) -> None:
    """The sentence is lost to `[name]`, what happened is not, nor whom it is about."""
    line = say("Ana lisas Bo gruppi", None, msg_id="1", kind="system", event="add", mentions=["U2"])
    desk.run(desk.write([line, say("a", "U2", 1, msg_id="2")], thread="T", people=PEOPLE))
    ((event, mentions, bo),) = desk.query("""
        SELECT max(attrs->>'event'), max(attrs->>'$.mentions[0]'), max(author_raw) FROM stage_privacy
    """)
    assert (event, mentions) == ("add", bo)


@pytest.mark.parametrize("column", ["event", "update", "kind"])
def test_closed_lists_are_closed(desk: Desk, column: str) -> None:
    """A word that nobody knows says nothing to anybody."""
    with pytest.raises(EgregoraError, match=f"column '{column}': 'create_group' is none of"):
        desk.ingest(desk.write([{**say("a", msg_id="1"), column: "create_group"}], thread="T"))


def test_an_author_whom_nobody_knows_is_no_system_line(desk: Desk) -> None:
    """What somebody wrote whose account is deleted is read as what people write."""
    desk.run(desk.write([say("Zebras gallop", None, msg_id="1")], thread="T", people=PEOPLE))
    assert desk.query("SELECT text FROM stage_privacy") == [("Zebras gallop",)]


def test_a_message_may_have_several_attachments(desk: Desk) -> None:
    """The first as ever, the others beside it; addresses are kept where the platform gives them."""
    media = [{"name": "a.jpg", "url": "https://x.example/a", "type": "image/jpeg", "size": 7}, {"name": "b.pdf"}]
    desk.ingest(desk.write([say(None, msg_id="1", kind="media", media=media)], thread="T"))
    attrs = _attrs(desk)
    assert (attrs["media"]["name"], [one["name"] for one in attrs["more_media"]]) == ("a.jpg", ["b.pdf"])
    assert desk.query("SELECT media_url, media_type FROM ir_messages") == [("https://x.example/a", "image/jpeg")]


DATA = {
    "poll": {"question": "When?", "options": [{"text": "now", "votes": 2}]},
    "call": {"seconds": 61, "video": True},
    "location": {"latitude": 38.7, "longitude": -9, "name": "home"},
    "contact": {"name": "Bo", "phones": ["+351 912 345 678"]},
}


@pytest.mark.slow  # whole runs, again and again
@pytest.mark.parametrize("kind", DATA)
def test_data_has_a_shape_for_each_kind(desk: Desk, kind: str) -> None:
    """Stored as it is; after privacy only how long a call was is left of it."""
    desk.run(desk.write([say(None, msg_id="1", kind=kind, data=json.dumps(DATA[kind]))], thread="T", people=PEOPLE))
    assert _attrs(desk)["data"] == DATA[kind]
    ((kept,),) = desk.query("SELECT attrs->>'data' FROM stage_privacy")
    assert (kept is not None) == (kind == "call")


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


def test_a_large_export_is_compared_in_parts(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many they are, each message meets its stored one once."""
    monkeypatch.setattr("egregora_core.ingestion._rewriting._PER_PART", 2)
    for day in (1, 2):
        chat = [say(f"{n} on day {day}", minute=n, msg_id=str(n), edited=day > 1) for n in range(9)]
        desk.ingest(desk.write(chat, thread="T", as_of=DAY.format(day)))
    assert desk.query("SELECT text FROM ir_messages ORDER BY ts") == [(f"{n} on day 2",) for n in range(9)]
