"""Hangouts' Takeout: conversations in both layouts, with events of all kinds."""

import json
from pathlib import Path
from typing import Any

import pytest
from egregora_sources import hangouts
from hypothesis import given, settings
from more_platforms import Read, Shelf, put, zipped
from mutations import damaged, odd_values, read_or_refused, run_or_refused, several


def who(id_: str) -> dict[str, str]:
    return {"gaia_id": id_, "chat_id": id_}


def event(n: int, kind: str, sender: str = "101", **more: Any) -> dict[str, Any]:
    head = {"conversation_id": {"id": "C1"}, "sender_id": who(sender), "timestamp": str(1400000000000001 + n * 10**6)}
    return {**head, "event_id": f"e{n}", "event_type": kind, **more}


def message(n: int, *segments: dict[str, Any], sender: str = "101", attachment: Any = None) -> dict[str, Any]:
    content = {"segment": list(segments)} | ({"attachment": attachment} if attachment else {})
    return event(n, "REGULAR_CHAT_MESSAGE", sender, chat_message={"message_content": content})


def text(said: str) -> dict[str, Any]:
    return {"type": "TEXT", "text": said}


LINK = {"type": "LINK", "text": "http://a.example", "link_data": {"link_target": "http://a.example/b"}}
PHOTO = {
    "embed_item": {
        "type": ["PLUS_PHOTO"],
        "plus_photo": {
            "url": "https://p.example/1",
            "original_content_url": "https://l.example/a/IMG%201.jpg",
            "media_type": "PHOTO",
        },
    }
}
PLACE = {
    "embed_item": {
        "type": ["PLACE_V2"],
        "place_v2": {"name": "Home", "geo": {"geo_coordinates_v2": {"latitude": 1.5, "longitude": 2}}},
    }
}
EVENTS = [
    message(1, text("hello zanzibar"), {"type": "LINE_BREAK"}, LINK),
    message(2, sender="102", attachment=[PHOTO, {"embed_item": {"type": ["X"]}}]),
    event(3, "ADD_USER", membership_change={"type": "JOIN", "participant_id": [who("103")]}),
    event(4, "REMOVE_USER", "103", membership_change={"type": "LEAVE", "participant_id": [who("103")]}),
    event(5, "RENAME_CONVERSATION", conversation_rename={"new_name": "Plaza", "old_name": "Yard"}),
    event(6, "HANGOUT_EVENT", hangout_event={"event_type": "START_HANGOUT", "media_type": "AUDIO_VIDEO"}),
    event(
        7,
        "HANGOUT_EVENT",
        hangout_event={"event_type": "END_HANGOUT", "hangout_duration_secs": "125", "media_type": "AUDIO_VIDEO"},
    ),
    message(8, attachment=[PLACE]),
    event(9, "OTR_MODIFICATION", otr_modification={"new_otr_status": "ON_THE_RECORD"}),
    event(10, "OBSERVED_EVENT"),
]
ABOUT = {
    "id": {"id": "C1"},
    "type": "GROUP",
    "name": "Plaza",
    "self_conversation_state": {"self_read_state": {"participant_id": who("101")}},
    "participant_data": [
        {"id": who("101"), "fallback_name": "Ana Kelemen"},
        {"id": who("102"), "fallback_name": "Bo Quarrel", "phone_number": {"e164": "+15550100"}},
        {"id": who("103")},
        {"id": who("104"), "fallback_name": "Quentin Lurker"},
    ],
}
NEW = {"conversations": [{"conversation": {"conversation_id": {"id": "C1"}, "conversation": ABOUT}, "events": EVENTS}]}
STATE = {"conversation_id": {"id": "C1"}, "conversation": ABOUT, "event": EVENTS}
OLD = {"continuation_end_timestamp": "0", "conversation_state": [{"conversation_state": STATE, "response_header": {}}]}


def test_events_become_messages_and_what_happened(tmp_path: Path) -> None:
    """Texts of segments, pictures, places and calls; who came, left and renamed; times to the microsecond, in UTC."""
    read = Read(hangouts, put(tmp_path, "Hangouts.json", json.dumps(NEW)))
    assert read.recognised.sure == "certain"
    assert [(row["kind"], row["event"], row["author"], row["text"]) for row in read.rows] == [
        ("text", None, "101", "hello zanzibar\nhttp://a.example"),
        ("media", None, "102", None),
        ("system", "add", None, None),
        ("system", "leave", None, None),
        ("system", "rename", None, "Plaza"),
        ("system", "call", None, None),
        ("call", None, "101", None),
        ("location", None, "101", None),
        ("system", "settings", None, None),
        ("system", "other", None, None),
    ]
    assert read.rows[0]["ts"] == "2014-05-13 16:53:21"
    assert read.rows[1]["media"] == [
        {"name": "IMG 1.jpg", "url": "https://p.example/1", "type": "image/jpeg", "size": None, "missing": None}
    ]
    assert [row["mentions"] for row in read.rows[2:4]] == [["103"], ["103"]]
    assert json.loads(read.rows[6]["data"]) == {"seconds": 125, "video": True}
    assert json.loads(read.rows[7]["data"]) == {"latitude": 1.5, "longitude": 2.0, "name": "Home"}
    assert read.report.left_out == {"attachments of other kinds": 1, "what events of other kinds say": 1}


def test_the_old_layout_says_the_same(tmp_path: Path) -> None:
    """Before 2018 each conversation stood in a state of its own."""
    old = Read(hangouts, put(tmp_path, "old.json", json.dumps(OLD)))
    new = Read(hangouts, put(tmp_path, "new.json", json.dumps(NEW)))
    assert old.rows == new.rows
    assert old.people == new.people
    assert old.threads == new.threads


def test_people_and_conversations_have_ids_and_names(tmp_path: Path) -> None:
    """One without a name is called by who takes part, whoever exported left out."""
    direct = json.loads(json.dumps(NEW))
    direct["conversations"][0]["conversation"]["conversation"] |= {"type": "STICKY_ONE_TO_ONE", "name": None}
    read = Read(hangouts, put(tmp_path, "Hangouts.json", json.dumps(direct)))
    assert read.people["102"].names == ["Bo Quarrel", "+15550100"]
    assert "103" not in read.people
    assert (read.threads["C1"].title, read.threads["C1"].kind) == ("Bo Quarrel, Quentin Lurker", "direct")


def test_a_takeout_is_walked_and_read_twice_adds_nothing(tmp_path: Path) -> None:
    """As a zip, beside other things; a later one with more adds what is new."""
    packed = zipped(
        tmp_path / "takeout.zip", {"Takeout/Hangouts/Hangouts.json": json.dumps(NEW), "Takeout/x.html": "x"}
    )
    more = json.loads(json.dumps(NEW))
    more["conversations"][0]["events"].append(message(20, text("more")))
    shelf = Shelf(tmp_path)
    shelf.ingest(packed)
    shelf.ingest(put(tmp_path, "Hangouts.json", json.dumps(more)), packed)
    assert len(shelf.messages()) == 11


@pytest.mark.slow  # several whole commands
def test_no_name_gets_out(tmp_path: Path) -> None:
    """Neither of who writes, nor of who only takes part, nor the conversation's."""
    told = json.loads(json.dumps(NEW))
    told["conversations"][0]["events"].append(message(20, text("ask Quentin Lurker or Bo Quarrel (+15550100)")))
    shelf = Shelf(tmp_path)
    shelf.run(put(tmp_path, "Hangouts.json", json.dumps(told)))
    said = str(shelf.query("SELECT s::VARCHAR FROM stage_privacy AS s"))
    assert not [name for name in ("Kelemen", "Quarrel", "Lurker", "5550100", "Plaza") if name in said]


@pytest.mark.parametrize("content", ["{}", "[]", '{"conversations": []}', '{"conversations": [{"id": 1}]}', ""])
def test_other_json_is_none_of_it(tmp_path: Path, content: str) -> None:
    """Skype's export has conversations, too."""
    assert Read(hangouts, put(tmp_path, "Hangouts.json", content)).recognised.sure == "no"


@given(export=odd_values(NEW))
def test_odd_values_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, export: Any) -> None:
    """No value, wherever it stands, gives another error than ours."""
    path = tmp_path_factory.mktemp("odd") / "Hangouts.json"
    path.write_text(json.dumps(export))
    read_or_refused(hangouts, path)


@given(content=damaged(json.dumps(OLD).encode()))
def test_damaged_files_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Truncated, overwritten, in another encoding."""
    path = tmp_path_factory.mktemp("damaged") / "Hangouts.json"
    path.write_bytes(content)
    read_or_refused(hangouts, path)


@pytest.mark.slow  # each example is a whole run of the app
@settings(max_examples=2)
@given(exports=several(odd_values(NEW)))
def test_odd_values_go_through_a_run_or_are_refused(
    tmp_path_factory: pytest.TempPathFactory, exports: list[Any]
) -> None:
    """Whatever is let through can be stored, masked and published."""
    run_or_refused(hangouts, tmp_path_factory.mktemp("run"), "Hangouts.json", (json.dumps(each) for each in exports))
