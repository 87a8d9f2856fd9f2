"""Rooms of Matrix: what each event is, and what it changes."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from egregora_core.errors import EgregoraError, ExportError
from egregora_core.exports import Export
from egregora_sources import matrix
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from more_platforms import Read, Shelf, damage, put, sample, zipped

ROOM, ANA, BO = "!room:example.org", "@ana:example.org", "@bo.q:example.org"


def event(number: int, content: dict[str, Any], kind: str = "m.room.message", **more: Any) -> dict[str, Any]:
    stamp = {"origin_server_ts": 1_700_000_000_000 + number * 1000, "event_id": f"$e{number}"}
    return {"type": kind, "sender": ANA, "room_id": ROOM, "content": content, **stamp, **more}


def text(number: int, body: str, **more: Any) -> dict[str, Any]:
    return event(number, {"msgtype": "m.text", "body": body, **more})


def element(*events: Any, **header: Any) -> str:
    return json.dumps(
        {"room_name": "Book Club", "room_creator": "Ana", "topic": "", **header, "messages": list(events)}
    )


def read(tmp_path: Path, *events: Any) -> Read:
    return Read(matrix, put(tmp_path, "export.json", element(*events)))


def row(tmp_path: Path, *events: Any) -> dict[str, Any]:
    """Return the last row, without what is null."""
    return {key: value for key, value in read(tmp_path, *events).rows[-1].items() if value is not None}


def relates(**relation: Any) -> dict[str, Any]:
    return {"m.relates_to": relation}


def test_a_room_and_its_people(tmp_path: Path) -> None:
    """A room is its id, called as it is now; people are ids, called as they are now, with former names and handles."""
    member = {"type": "m.room.member", "kind": "m.room.member", "sender": BO, "state_key": BO}
    found = read(
        tmp_path,
        event(1, {"name": "Old name"}, "m.room.name", state_key=""),
        event(2, {"membership": "join", "displayname": "Bo"}, **member),
        event(3, {"membership": "join", "displayname": "Bo Quarrel"}, **member),
        text(4, "hi", **{"m.mentions": {"user_ids": ["@quiet:example.org"]}}),
    )
    assert {id_: thread.title for id_, thread in found.threads.items()} == {ROOM: "Book Club"}
    assert list(found.people[BO].names) == ["Bo Quarrel", BO, "Bo", "bo.q"]
    assert "@quiet:example.org" in found.people
    assert [each["event"] for each in found.rows] == ["rename", "join", "join", None]
    assert found.reading.zoned
    assert found.rows[0]["ts"] == "2023-11-14 22:13:21"


def test_names_around_the_messages_are_known(tmp_path: Path) -> None:
    """Who made the room is called so where nothing else calls them; who exported it is masked."""
    export = element(event(1, {"creator": ANA}, "m.room.create", state_key=""), text(2, "hi"), exported_by="Zoë Moor")
    people = Read(matrix, put(tmp_path, "export.json", export)).people
    assert list(people[ANA].names) == ["Ana", ANA, "ana"]
    assert "Zoë Moor" in people


MESSAGES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "text": ({"msgtype": "m.text", "body": "x"}, {"kind": "text", "text": "x"}),
    "notice": ({"msgtype": "m.notice", "body": "x"}, {"kind": "text", "text": "x"}),
    "emote": ({"msgtype": "m.emote", "body": "waves"}, {"kind": "text", "text": "waves"}),
    "unknown kind": ({"msgtype": "org.example.new", "body": "x"}, {"kind": "text", "text": "x"}),
    "extensible": ({"m.text": [{"body": "x"}]}, {"kind": "text", "text": "x"}),
    "file": (
        {"msgtype": "m.file", "body": "a.pdf", "url": "mxc://e/1", "info": {"mimetype": "application/pdf", "size": 9}},
        {"kind": "media", "media": [{"name": "a.pdf", "url": "mxc://e/1", "type": "application/pdf", "size": 9}]},
    ),
    "encrypted file with a caption": (
        {"msgtype": "m.image", "body": "look", "filename": "a.png", "file": {"url": "mxc://e/2"}},
        {"kind": "media", "text": "look", "media": [{"name": "a.png", "url": "mxc://e/2", "type": "image/*"}]},
    ),
    "place": (
        {"msgtype": "m.location", "body": "here", "geo_uri": "geo:38.7,-9.1;u=35"},
        {"kind": "location", "text": "here", "data": {"live": False, "latitude": 38.7, "longitude": -9.1}},
    ),
    "reply": (
        {
            "msgtype": "m.text",
            "body": "> <@ana:e> a\n> b\n\nyes\n> no",
            **relates(**{"m.in_reply_to": {"event_id": "$a"}}),
        },
        {"kind": "text", "text": "yes\n> no", "reply_to": "$a"},
    ),
    "quotation of one's own": ({"msgtype": "m.text", "body": "> wise words"}, {"kind": "text", "text": "> wise words"}),
    "in a thread": (
        {
            "msgtype": "m.text",
            "body": "x",
            **relates(
                rel_type="m.thread", event_id="$root", is_falling_back=True, **{"m.in_reply_to": {"event_id": "$last"}}
            ),
        },
        {"kind": "text", "text": "x", "thread_root": "$root"},
    ),
    "mention": (
        {"msgtype": "m.text", "body": "Bo: x", "formatted_body": f'<a href="https://matrix.to/#/{BO}">Bo</a>: x'},
        {"kind": "text", "text": "Bo: x", "mentions": [BO]},
    ),
    "deleted": ({}, {"kind": "deleted"}),
}


@pytest.mark.parametrize("what", MESSAGES)
def test_messages(tmp_path: Path, what: str) -> None:
    """Each kind of message is a row that says what it says."""
    content, expected = MESSAGES[what]
    found = row(tmp_path, event(1, content))
    if "data" in found:
        found["data"] = json.loads(found["data"])
    for each in found.get("media", ()):
        for key in [key for key, value in each.items() if value is None]:
            del each[key]
    base = {"thread": ROOM, "msg_id": "$e1", "ts": "2023-11-14 22:13:21", "author": ANA}
    assert found == {**base, **expected}


STATES: dict[str, tuple[dict[str, Any], str, list[str]]] = {
    "join": ({"content": {"membership": "join"}, "sender": BO, "state_key": BO}, "join", [BO]),
    "leave": ({"content": {"membership": "leave"}, "sender": BO, "state_key": BO}, "leave", [BO]),
    "kick": ({"content": {"membership": "leave"}, "sender": ANA, "state_key": BO}, "remove", [ANA, BO]),
    "ban": ({"content": {"membership": "ban"}, "sender": ANA, "state_key": BO}, "ban", [ANA, BO]),
    "invite": ({"content": {"membership": "invite"}, "sender": ANA, "state_key": BO}, "invite", [ANA, BO]),
    "new name": (
        {
            "content": {"membership": "join", "displayname": "B"},
            "sender": BO,
            "state_key": BO,
            "unsigned": {"prev_content": {"membership": "join", "displayname": "Bo"}},
        },
        "rename",
        [BO],
    ),
}


@pytest.mark.parametrize("what", STATES)
def test_members_come_and_go(tmp_path: Path, what: str) -> None:
    """A membership is an event with whom it is about, and written by nobody."""
    more, kind, about = STATES[what]
    found = row(tmp_path, event(1, kind="m.room.member", **more))
    assert (found["kind"], found["event"], found["mentions"], found.get("author")) == ("system", kind, about, None)


def test_changes_of_messages_are_folded(tmp_path: Path) -> None:
    """Edits, reactions and redactions change their message; a reaction that is taken back leaves nothing."""
    shelf = Shelf(tmp_path)
    edit = {"msgtype": "m.text", "body": "* b", "m.new_content": {"msgtype": "m.text", "body": "b"}}
    export = element(
        text(1, "a"),
        text(2, "gone"),
        event(3, {**edit, **relates(rel_type="m.replace", event_id="$e1")}),
        event(4, relates(rel_type="m.annotation", event_id="$e1", key="👍"), "m.reaction", sender=BO),
        event(5, {}, "m.reaction", sender=BO),
        event(6, {}, "m.room.redaction", redacts="$e2"),
        event(7, {}, "m.room.redaction", redacts="$e4"),
        event(8, {"algorithm": "x"}, "m.room.encrypted"),
    )
    shelf.ingest(put(tmp_path, "export.json", export))
    (first, second) = shelf.query("SELECT text, attrs->>'kind' FROM ir_messages ORDER BY ts")
    assert (first, second) == (("b", "text"), (None, "deleted"))
    (attrs, _) = shelf.attrs()
    assert attrs["edited_at"] == "2023-11-14T22:13:23.000000Z"
    assert [each["emoji"] for each in attrs["reactions"]] == ["👍"]
    assert "reactions, edits and votes that were taken back (2)" in shelf.told
    assert "messages that are encrypted (1)" in shelf.told


def test_polls_have_their_votes(tmp_path: Path) -> None:
    """The last choice of each person counts; both spellings of the events are known."""
    start = {
        "org.matrix.msc3381.poll.start": {
            "question": {"org.matrix.msc1767.text": "Which?"},
            "answers": [
                {"id": "1", "org.matrix.msc1767.text": "Emma"},
                {"id": "2", "org.matrix.msc1767.text": "Persuasion"},
            ],
        }
    }
    about = relates(rel_type="m.reference", event_id="$e1")

    def vote(number: int, who: str, answer: str) -> dict[str, Any]:
        content = {"org.matrix.msc3381.poll.response": {"answers": [answer]}, **about}
        return event(number, content, "org.matrix.msc3381.poll.response", sender=who)

    end = event(5, about, "org.matrix.msc3381.poll.end")
    votes = (vote(2, ANA, "1"), vote(3, BO, "1"), vote(4, BO, "2"))
    found = row(tmp_path, event(1, start, "org.matrix.msc3381.poll.start"), *votes, end)
    options = [{"text": "Emma", "votes": 1}, {"text": "Persuasion", "votes": 1}]
    assert json.loads(found["data"]) == {"question": "Which?", "options": options, "closed": True}
    assert (found["kind"], found["text"]) == ("poll", "Which?")


@pytest.mark.parametrize("shape", ["chunk", "list", "lines", "zip"])
def test_events_are_found_wherever_they_stand(tmp_path: Path, shape: str) -> None:
    """In a server's answer, a bare list, JSON lines, and the zip that Element makes."""
    events = [text(1, "a"), text(2, "b")]
    if shape == "zip":
        path = zipped(
            tmp_path / "x.zip", {"matrix - Book Club/export.json": element(*events), "matrix/i.png": b"\x89PNG"}
        )
    else:
        content = {"chunk": json.dumps({"chunk": events, "start": "t1"}), "list": json.dumps(events)}
        lines = "".join(json.dumps(each) + "\n" for each in events)
        path = put(tmp_path, "events.json", content.get(shape, lines))
    found = Read(matrix, path)
    assert [each["text"] for each in found.rows] == ["a", "b"]
    assert found.recognised.sure in {"likely", "certain"}


def test_answers_to_sync_are_read_room_by_room(tmp_path: Path) -> None:
    """Events do not repeat there which room they are of; what stood before is taken for names alone."""
    before = [
        event(8, {"name": "Garden"}, "m.room.name", state_key=""),
        event(9, {"membership": "join", "displayname": "Ana Souza"}, "m.room.member", state_key=ANA),
    ]
    garden = {"state": {"events": [bare(each) for each in before]}, "timeline": {"events": [bare(text(1, "a")), 3]}}
    joined = {"!g:example.org": garden, "!k:example.org": {"timeline": {"events": [bare(text(2, "b"))]}}}
    rooms = {"leave": {"!l:example.org": {"timeline": {"events": [bare(text(3, "c"))]}}}, "join": joined}
    found = Read(matrix, put(tmp_path, "sync.json", json.dumps({"next_batch": "s1", "rooms": rooms})))
    assert {(each["thread"], each["text"]) for each in found.rows} == {
        ("!g:example.org", "a"),
        ("!k:example.org", "b"),
        ("!l:example.org", "c"),
    }
    assert found.report.left_out["events of rooms before what the export tells of them"] == 2
    assert found.report.left_out["entries that are no events"] == 1
    assert found.threads["!g:example.org"].title == "Garden"
    assert "Ana Souza" in found.people[ANA].names


def bare(told: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in told.items() if key != "room_id"}


def test_values_of_wrong_types_are_as_if_they_were_not_there(tmp_path: Path) -> None:
    """Anybody may send anything: what cannot be read is counted."""
    strange: list[Any] = [
        3,
        text(1, "x"),
        event(2, {"msgtype": [], "body": {"a": 1}}),
        event(3, {"body": "y"}, sender=7),
    ]
    strange += [{**text(4, "z"), "origin_server_ts": "soon"}, {**text(5, "w"), "content": "no"}]
    found = read(tmp_path, *strange)
    assert [each["text"] for each in found.rows] == ["x", "y", None]
    assert sum(found.report.left_out.values()) == 3


def test_what_is_no_room_is_refused(tmp_path: Path) -> None:
    """With a word on what to do."""
    path = put(tmp_path, "export.json", '{"room_name": "x", "messages": []}')
    assert matrix.recognise(Export(path)).sure == "no"
    with pytest.raises(ExportError, match="export the room as JSON in Element"):
        Read(matrix, path)


def test_the_sample_has_its_messages(tmp_path: Path) -> None:
    """11 events: an edit and a reaction are folded, one nobody could decrypt is counted."""
    shelf = Shelf(tmp_path)
    shelf.ingest(sample("synthetic/matrix") / "element_export.json")
    assert shelf.query("SELECT count(*) FROM ir_messages") == [(8,)]


@pytest.mark.slow  # several whole commands
def test_names_do_not_get_out(tmp_path: Path) -> None:
    """Neither names nor handles of anybody, be it that they never write."""
    shelf = Shelf(tmp_path)
    member = event(
        1, {"membership": "join", "displayname": "Kordelia"}, "m.room.member", state_key="@kord77:example.org"
    )
    shelf.run(put(tmp_path, "export.json", element(member, text(2, "ask Kordelia, or kord77, or @kord77:example.org"))))
    everything = str(shelf.query("SELECT s::VARCHAR FROM stage_privacy AS s")).casefold()
    assert "kord" not in everything


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_rooms_are_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    """Whatever happens to an export: rows, or an error that is ours."""
    events = [event(number, content) for number, (content, _) in enumerate(MESSAGES.values())]
    damaged = damage(data, element(*events).encode())
    with suppress(EgregoraError):
        Read(matrix, put(tmp_path, "export.json", damaged))
