"""Google Chat's Takeout: chats of a folder, a zip or a file, with dates in whatever language."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from babel.dates import format_date, format_time, get_datetime_format
from egregora_sources import google_chat
from egregora_sources.google_chat._dates import moment
from hypothesis import given, settings
from hypothesis import strategies as st
from more_platforms import Read, Shelf, put, zipped
from mutations import damaged, odd_values, read_or_refused, run_or_refused, several
from support import needs_shared, shared_files

ANA = {"name": "Ana Kelemen", "email": "ana@example.org", "user_type": "Human"}
BO = {"name": "Bo Quarrel", "email": "bo@example.org", "user_type": "Human"}


def say(n: int, text: str | None, creator: Any = ANA, topic: str = "", **more: Any) -> dict[str, Any]:
    said = {
        "creator": creator,
        "created_date": f"Friday, May 3, 2024 at 1:{n:02}:07 PM UTC",
        "text": text,
        "topic_id": topic or f"t{n}",
        "message_id": f"AAAA/{topic or f't{n}'}/{'m' if topic else 't'}{n}",
        **more,
    }
    return {key: value for key, value in said.items() if value is not None}


CHAT = [
    say(1, "hello zanzibar"),
    say(2, "hi", BO, "t1", quoted_message_metadata={"creator": {"name": "Ana Kelemen"}, "text": "hello zanzibar"}),
    say(3, "now", updated_date="Friday, May 3, 2024 at 2:00:00 PM UTC", previous_message_versions=[{"text": "then"}]),
    say(4, None, BO, attached_files=[{"original_name": "a.png", "export_name": "File-a.png"}]),
    say(5, "well", reactions=[{"emoji": {"unicode": "👍"}, "reactor_emails": ["bo@example.org", "cy@example.org"]}]),
    {"message_id": "AAAA/t6/t6", "message_state": "DELETED", "deleted_date": "Friday, May 3, 2024 at 3:00:00 PM UTC"},
    say(7, "@Bo Quarrel see", annotations=[{"start_index": 0, "length": 3, "user_mention_metadata": {"user": BO}}]),
    say(8, None, annotations=[{"gsuite_integration_metadata": {"call_data": {"call_status": "CALL_MISSED"}}}]),
    say(9, "doc", annotations=[{"drive_metadata": {"id": "D1", "title": "Plan.pdf"}}, {"format_metadata": {}}]),
]


def takeout(folder: Path, messages: Any = CHAT, group: Any = None) -> Path:
    """Write a Takeout of one chat as a folder."""
    home = "Takeout/Google Chat/Groups/Space AAAA"
    put(folder, f"{home}/messages.json", json.dumps({"messages": messages}))
    group = group or {"name": "Plaza", "members": [ANA, BO, {"name": "Quentin Lurker", "email": "q@example.org"}]}
    put(folder, f"{home}/group_info.json", json.dumps(group))
    return put(folder, f"{home}/File-a.png", b"\x89PNG")


def test_messages_are_read_with_all_that_belongs_to_them(tmp_path: Path) -> None:
    """Replies, topics, edits, files, reactions, deletions, mentions and calls; times are UTC."""
    read = Read(google_chat, takeout(tmp_path))
    assert read.recognised.sure == "certain"
    by_id = {row["msg_id"].rpartition("/")[2]: row for row in read.rows}
    assert [row["thread"] for row in read.rows] == ["AAAA"] * 9
    assert by_id["t1"]["ts"] == "2024-05-03 13:01:07"
    assert by_id["t1"]["thread_root"] is None
    assert by_id["m2"]["reply_to"] == by_id["m2"]["thread_root"] == "AAAA/t1/t1"
    assert (by_id["t3"]["text"], by_id["t3"]["edited_at"]) == ("now", datetime(2024, 5, 3, 14))  # noqa: DTZ001 - UTC
    assert by_id["t4"]["media"] == [
        {"name": "File-a.png", "url": None, "type": "image/png", "size": None, "missing": False}
    ]
    assert [(one["emoji"], one["author"]) for one in by_id["t5"]["reactions"]] == [
        ("👍", "bo@example.org"),
        ("👍", "cy@example.org"),
    ]
    assert (by_id["t6"]["update"], by_id["t6"]["author"]) == ("delete", None)
    assert by_id["t7"]["mentions"] == ["bo@example.org"]
    assert (by_id["t8"]["kind"], json.loads(by_id["t8"]["data"])) == ("call", {"missed": True})
    assert by_id["t9"]["media"][0]["name"] == "Plan.pdf"
    assert read.report.left_out == {"earlier versions of messages": 1}


def test_chats_and_people_have_names_and_ids(tmp_path: Path) -> None:
    """A chat is its id and called as the group; people are their addresses, who never write included."""
    read = Read(google_chat, takeout(tmp_path))
    assert (read.threads["AAAA"].title, read.threads["AAAA"].kind) == ("Plaza", "group")
    assert read.people["q@example.org"].names == ["Quentin Lurker", "q@example.org"]
    assert read.people["cy@example.org"].names == ["cy@example.org"]


@pytest.mark.slow  # several whole commands
def test_a_deleted_message_keeps_its_place_whichever_export_comes_first(tmp_path: Path) -> None:
    """Its own time is not in the export that has it deleted, but in an older one."""
    (tmp_path / "old").mkdir()
    old = takeout(tmp_path / "old", [*CHAT[:5], say(6, "oh no")])
    new = takeout(tmp_path / "new", CHAT)
    for order in ((old, new), (new, old)):
        shelf = Shelf(Path(str(tmp_path / f"desk {order[0].parent.name}")))
        shelf.ingest(*order)
        found = shelf.query(
            "SELECT strftime(ts AT TIME ZONE 'UTC', '%H:%M'), text FROM ir_messages WHERE attrs->>'kind' = 'deleted'"
        )
        assert found == [("13:06", None)]
        assert len(shelf.messages()) == 9


def test_a_zip_a_folder_and_a_file_are_the_same_chat(tmp_path: Path) -> None:
    """What is read of the chat's own file alone lacks its name, and whether files are there."""
    folder = takeout(tmp_path)
    files = {str(path.relative_to(tmp_path)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    packed = Read(google_chat, zipped(tmp_path / "takeout.zip", files))
    alone = Read(google_chat, folder / "Google Chat/Groups/Space AAAA/messages.json")
    assert packed.rows == Read(google_chat, folder).rows
    assert alone.threads["AAAA"].title == "Ana Kelemen, Bo Quarrel"
    assert [{**row, "media": None} for row in alone.rows] == [{**row, "media": None} for row in packed.rows]


@pytest.mark.slow  # several whole commands
def test_no_name_gets_out(tmp_path: Path) -> None:
    """Neither of who writes, nor of who is only a member, nor an address."""
    text = "ask Quentin Lurker or Bo Quarrel, or q@example.org"
    shelf = Shelf(tmp_path)
    shelf.run(takeout(tmp_path, [*CHAT, say(10, text)]))
    said = str(shelf.query("SELECT s::VARCHAR FROM stage_privacy AS s"))
    assert not [name for name in ("Kelemen", "Quarrel", "Lurker", "example.org", "Plaza") if name in said]


def test_messages_without_a_time_have_that_of_the_one_before(tmp_path: Path) -> None:
    """Where a time is written and not understood, the message is counted: a wrong time would be worse."""
    odd = [CHAT[0], {**say(2, "no time"), "created_date": "once upon a time"}, say(3, "x", created_date=None)]
    read = Read(google_chat, takeout(tmp_path, odd))
    assert [row["ts"] for row in read.rows] == ["2024-05-03 13:01:07"] * 2
    assert read.report.left_out == {"messages whose date is not understood": 1}


def test_a_quote_of_words_that_were_said_twice_is_of_neither(tmp_path: Path) -> None:
    """The export gives only its author and words."""
    quote = {"creator": {"name": "Ana Kelemen"}, "text": "same"}
    read = Read(
        google_chat, takeout(tmp_path, [say(1, "same"), say(2, "same"), say(3, "?", BO, quoted_message_metadata=quote)])
    )
    assert [row["reply_to"] for row in read.rows] == [None] * 3
    assert read.report.left_out == {"quotes of messages that are not told": 1}


LANGUAGES = (
    "en en_GB es es_419 fr fr_CA de de_AT it pt pt_PT nl sv da nb fi pl cs sk hu ro ru uk bg el tr he ar hi th ko ja"
)
LANGUAGES += " zh zh_Hant vi id hr lt cy eu"


@pytest.mark.parametrize("language", LANGUAGES.split())
@given(seconds=st.integers(0, 10**9))
def test_dates_are_read_in_every_language(language: str, seconds: int) -> None:
    """As CLDR writes a full date and a long time in it."""
    at = datetime(2005, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    day, time = format_date(at, "full", locale=language), format_time(at, "long", locale=language, tzinfo=UTC)
    said = str(get_datetime_format("full", locale=language)).replace("'", "").format(time, day)
    assert moment(said) == at.replace(tzinfo=None)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("Tuesday, January 2, 2024 at 3:04:05\u202fPM UTC", "2024-01-02T15:04:05"),
        ("Tuesday, January 2, 2024 at 12:04:05 AM UTC", "2024-01-02T00:04:05"),
        ("2015. február 15., vasárnap 21:54:36 UTC", "2015-02-15T21:54:36"),
        ("2023년 1월 2일 월요일 오후 3시 4분 5초 UTC", "2023-01-02T15:04:05"),
        ("วันจันทร์ที่ 2 มกราคม พ.ศ. 2566 เวลา 15:04:05 UTC", "2023-01-02T15:04:05"),
        ("2024-01-02T15:04:05Z", "2024-01-02T15:04:05"),
        ("Friday, Foo 29, 2026 at 3:00:29 AM UTC", None),
        ("Tuesday, February 30, 2024 at 3:04:05 PM UTC", None),
        ("1 2 3 4 5 6", None),
        ("9" * 500, None),
    ],
)
def test_dates_as_takeout_wrote_them(said: str, found: str | None) -> None:
    """Older ones with other words between, newer ones with blanks that nobody sees; None for what is no date."""
    assert moment(said) == (datetime.fromisoformat(found) if found else None)


@needs_shared
@pytest.mark.parametrize("path", shared_files("synthetic/google_chat/messages*.json"), ids=lambda path: path.name)
def test_all_messages_of_samples_are_read(path: Path) -> None:
    """Four in each, as the list of the collection says."""
    assert len(Read(google_chat, path).rows) == 4


@given(messages=odd_values(CHAT))
def test_odd_values_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, messages: Any) -> None:
    """No value, wherever it stands, gives another error than ours."""
    path = tmp_path_factory.mktemp("odd") / "messages.json"
    path.write_text(json.dumps({"messages": messages}))
    read_or_refused(google_chat, path)


@given(content=damaged(json.dumps({"messages": CHAT}).encode()))
def test_damaged_files_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Truncated, overwritten, in another encoding."""
    path = tmp_path_factory.mktemp("damaged") / "messages.json"
    path.write_bytes(content)
    read_or_refused(google_chat, path)


@pytest.mark.slow  # each example is a whole run of the app
@settings(max_examples=2)
@given(exports=several(odd_values(CHAT)))
def test_odd_values_go_through_a_run_or_are_refused(
    tmp_path_factory: pytest.TempPathFactory, exports: list[Any]
) -> None:
    """Whatever is let through can be stored, masked and published."""
    run_or_refused(
        google_chat,
        tmp_path_factory.mktemp("run"),
        "messages.json",
        (json.dumps({"messages": each}) for each in exports),
    )
