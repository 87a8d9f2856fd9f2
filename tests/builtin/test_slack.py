"""Slack's exports, in the layouts and with the messages that it, and slackdump, write."""

import json
import random
import re
import shutil
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from door import Desk
from egregora_core.errors import EgregoraError, ExportError
from hypothesis import given
from hypothesis import strategies as st
from read_export import Read, read_export
from read_export import moment as exactly

USERS: list[dict[str, Any]] = [
    {
        "id": "U1",
        "name": "anakel",
        "real_name": "Ana Kelemen",
        "profile": {"display_name": "ana", "real_name": "Ana Kelemen"},
    },
    {"id": "U2", "name": "boq", "deleted": True, "profile": {"display_name": "", "real_name": "Bo Quarrel"}},
    {"id": "U3", "name": "helper", "is_bot": True, "real_name": "Helper", "profile": {}},
    {"id": "U9", "name": "qlurk", "real_name": "Quentin Lurker", "profile": None},
]
CHANNELS: list[dict[str, Any]] = [
    {"id": "C1", "name": "general", "members": ["U1", "U2"], "topic": {"value": "about all"}, "purpose": {"value": ""}},
    {"id": "C2", "name": "random", "members": ["U1"]},
]


def say(number: int, text: Any = "hello", **more: Any) -> dict[str, Any]:
    return {"type": "message", "user": "U1", "text": text, "ts": stamp(number), **more}


def stamp(number: int) -> str:
    return f"17053{number:05}.000{number % 1000:03}"


def moment(number: int) -> datetime:
    seconds, _, micro = stamp(number).partition(".")
    return datetime.fromtimestamp(int(seconds), UTC).replace(tzinfo=None, microsecond=int(micro))


def write(folder: Path, files: Mapping[str, Any]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return folder


def workspace(folder: Path, *messages: Any, **more: Any) -> Path:
    files = {"users.json": USERS, "channels.json": CHANNELS, "general/2024-01-15.json": list(messages), **more}
    return write(folder, files)


@pytest.fixture
def read(tmp_path: Path) -> Any:
    def read_it(*messages: Any, **more: Any) -> Read:
        return read_export(workspace(tmp_path / "export", *messages, **more))

    return read_it


def test_a_message_is_a_row_with_the_ids_of_slack(read: Any) -> None:
    """Its timestamp is its id; the channel and people have theirs, and who never writes is known."""
    found = read(say(1), say(2, "hi", user="U2", edited={"user": "U2", "ts": stamp(9)}))
    assert (found.source, found.sure, found.zoned, found.complete) == ("slack", "certain", True, True)
    first = {"thread": "C1", "msg_id": stamp(1), "ts": moment(1), "author": "U1", "text": "hello", "kind": "text"}
    second = {**first, "msg_id": stamp(2), "ts": moment(2), "author": "U2", "text": "hi"}
    assert found.rows == [first, {**second, "edited_at": moment(9), "edited": True}]
    assert found.threads["C1"].title == "general"
    assert {id_: list(person.names) for id_, person in found.people.items()} == {
        "U1": ["ana", "Ana Kelemen", "anakel"],
        "U2": ["Bo Quarrel", "boq"],
        "U3": ["Helper", "helper"],
        "U9": ["Quentin Lurker", "qlurk"],
        "USLACKBOT": ["Slackbot"],
    }
    assert found.people["U3"].bot
    assert found.report.left_out == {"topics and purposes of channels": 1}


@pytest.mark.parametrize(
    ("written", "read_as", "mentions"),
    [
        (
            "<@U1> and <@U2|x>: <@U404>, <@U405|gone>",
            "@ana and @Bo Quarrel: @U404, @gone",
            ["U1", "U2", "U404", "U405"],
        ),
        ("see <#C1|general>, <#C2>, <#C9|far>, <#C8>", "see #general, #random, #far, #C8", None),
        (
            "<!here> <!channel|x> <!everyone> <!subteam^S1|@team> <!subteam^S2>",
            "@here @channel @everyone @team @S2",
            None,
        ),
        ("<!date^1392734382^{date_num}|2014-02-18>", "2014-02-18", None),
        (
            "<https://a.example/x> <https://a.example/|a.example> <https://a.example/x|here>",
            "https://a.example/x https://a.example/ here (https://a.example/x)",
            None,
        ),
        ("<mailto:a@b.example|a@b.example> <tel:+15550100|call>", "a@b.example call (+15550100)", None),
        ("1 &lt; 2 &amp;&amp; 3 &gt; 2, &amp;lt; stays &quot;", "1 < 2 && 3 > 2, &lt; stays &quot;", None),
        ("=1+1 <script> \u202e a < b", "=1+1 script \u202e a < b", None),
        ("  two\n\nlines ", "  two\n\nlines ", None),
        (None, None, None),
    ],
)
def test_marks_are_read_as_people_see_them(read: Any, written: Any, read_as: Any, mentions: Any) -> None:
    """Mentions by the present name, channels, commands, addresses, and the three entities that Slack has."""
    (row,) = read(say(1, written)).rows
    assert (row.get("text"), row.get("mentions")) == (read_as, mentions)


def test_threads_have_their_root(read: Any) -> None:
    """An answer points to the first message, also where it was shown in the channel; that has no root."""
    found = read(
        say(1, thread_ts=stamp(1), reply_count=2),
        say(2, thread_ts=stamp(1)),
        say(3, thread_ts=stamp(1), subtype="thread_broadcast"),
        say(4, thread_ts=None),
    )
    assert found.column("thread_root") == [None, stamp(1), stamp(1), None]
    assert found.column("reply_to") == [None, stamp(1), stamp(1), None]
    assert found.column("kind") == ["text"] * 4


@pytest.mark.parametrize(
    ("subtype", "event"),
    [
        ("channel_join", "join"),
        ("group_join", "join"),
        ("channel_leave", "leave"),
        ("channel_topic", "topic"),
        ("channel_purpose", "topic"),
        ("channel_name", "rename"),
        ("channel_archive", "settings"),
        ("pinned_item", "pin"),
        ("bot_add", "add"),
        ("bot_remove", "remove"),
        ("channel_convert_to_private", "settings"),
        ("reminder_add", "other"),
    ],
)
def test_what_slack_tells_is_a_system_line_with_its_event(read: Any, subtype: str, event: str) -> None:
    """It has no author; who it is about is mentioned, the inviter behind."""
    (row,) = read(say(1, "<@U1> has done it", subtype=subtype, inviter="U2")).rows
    assert (row["kind"], row["event"], row["mentions"]) == ("system", event, ["U1", "U2"])
    assert (row.get("author"), row["text"]) == (None, "@ana has done it")


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (say(1, subtype="me_message"), {"author": "U1", "text": "hello"}),
        (
            say(
                1,
                subtype="file_share",
                files=[
                    {"name": "a.pdf", "mimetype": "application/pdf", "size": 5, "url_private": "https://f.example/a"}
                ],
            ),
            {
                "kind": "media",
                "media": [{"name": "a.pdf", "type": "application/pdf", "size": 5, "url": "https://f.example/a"}],
            },
        ),
        (
            say(1, "", files=[{"id": "F1", "mode": "tombstone"}, {"title": "b"}]),
            {"kind": "media", "text": None, "media": [{"missing": True}, {"name": "b"}]},
        ),
        (
            say(1, file={"name": "old.txt", "initial_comment": {"comment": "see &amp; read"}}),
            {"kind": "media", "text": "hello\nsee & read", "media": [{"name": "old.txt"}]},
        ),
        (
            {
                "type": "message",
                "subtype": "file_comment",
                "ts": stamp(1),
                "text": "<@U2> commented",
                "comment": {"user": "U2", "comment": "x"},
            },
            {"author": "U2", "text": "@Bo Quarrel commented", "mentions": ["U2"]},
        ),
        (
            {
                "type": "message",
                "subtype": "bot_message",
                "ts": stamp(1),
                "text": "done",
                "bot_id": "B1",
                "username": "deploy",
            },
            {"author": "B1/deploy", "text": "done"},
        ),
        (
            {
                "type": "message",
                "ts": stamp(1),
                "text": "done",
                "bot_id": "B1",
                "bot_profile": {"name": "Deploy"},
                "username": "Deploy",
            },
            {"author": "B1", "text": "done"},
        ),
        (
            {"type": "message", "subtype": "bot_message", "ts": stamp(1), "text": "done", "username": "old hook"},
            {"author": "old hook", "text": "done"},
        ),
        ({"type": "message", "ts": stamp(1), "text": "nobody"}, {"author": None, "text": "nobody"}),
        (
            say(1, "This message was deleted.", user="USLACKBOT", subtype="tombstone", hidden=True),
            {"kind": "deleted", "author": None, "text": None},
        ),
        (
            say(
                1,
                "A huddle started",
                user="USLACKBOT",
                subtype="huddle_thread",
                room={"date_start": 100, "date_end": 160},
            ),
            {
                "kind": "call",
                "event": "call",
                "author": "USLACKBOT",
                "text": "A huddle started",
                "data": '{"seconds": 60}',
            },
        ),
        (
            say(
                1,
                reactions=[
                    {"name": "heart", "users": ["U2", "U404"], "count": 3},
                    {"name": "+1", "count": 2},
                    {"name": None},
                ],
            ),
            {
                "reactions": [
                    {"emoji": "heart", "author": "U2"},
                    {"emoji": "heart", "author": "U404"},
                    {"emoji": "heart", "count": 1},
                    {"emoji": "+1", "count": 2},
                ]
            },
        ),
        (
            say(
                1,
                "",
                attachments=[
                    {
                        "pretext": "New:",
                        "title": "T",
                        "text": "<@U2> did",
                        "fields": [{"title": "Who", "value": "me"}],
                        "fallback": "f",
                    }
                ],
            ),
            {"text": "New:\nT\n@Bo Quarrel did\nWho: me", "mentions": ["U2"]},
        ),
        (say(1, "", attachments=[{"fallback": "only this"}]), {"text": "only this"}),
        (say(1, "look: T", attachments=[{"title": "T"}]), {"text": "look: T"}),
        (
            say(1, "see", attachments=[{"is_share": True, "author_id": "U2", "author_name": "Bo", "text": "shared"}]),
            {"text": "see\nshared", "forwarded_from": "U2"},
        ),
        (
            say(
                1,
                "typed *bold*",
                blocks=[
                    {
                        "type": "rich_text",
                        "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "other"}]}],
                    }
                ],
            ),
            {"text": "typed *bold*"},
        ),
        (
            say(
                1,
                "",
                blocks=[
                    {
                        "type": "rich_text",
                        "elements": [
                            {
                                "type": "rich_text_section",
                                "elements": [
                                    {"type": "text", "text": "hi "},
                                    {"type": "user", "user_id": "U2"},
                                    {"type": "text", "text": " in "},
                                    {"type": "channel", "channel_id": "C2"},
                                    {"type": "emoji", "name": "wave"},
                                    {"type": "link", "url": "https://a.example/x", "text": "here"},
                                ],
                            }
                        ],
                    }
                ],
            ),
            {"text": "hi @Bo Quarrel in #random:wave:here (https://a.example/x)", "mentions": ["U2"]},
        ),
        (
            say(
                1,
                "Build 7",
                blocks=[
                    {"type": "header", "text": {"type": "plain_text", "text": "Build 7"}},
                    {
                        "type": "section",
                        "text": {"type": "mrkdwn", "text": "took <https://a.example/x|5 min>"},
                        "fields": [{"type": "mrkdwn", "text": "*ok*"}],
                    },
                    {"type": "context", "elements": [{"type": "mrkdwn", "text": "by &lt;ci&gt;"}]},
                    {"type": "divider"},
                ],
            ),
            {"text": "Build 7\ntook 5 min (https://a.example/x)\n*ok*\nby <ci>"},
        ),
        (say(1, "new thing", subtype="subtype_of_tomorrow"), {"author": "U1", "text": "new thing"}),
        (
            {**say(1), "ts": 1705300001.25},
            {"msg_id": "1705300001.250000", "ts": exactly(2024, 1, 15, 6, 26, 41, 250000)},
        ),
    ],
)
def test_what_a_message_holds_is_in_its_row(read: Any, message: dict[str, Any], said: dict[str, Any]) -> None:
    """Files, bots, attachments, blocks, reactions, huddles: with nothing said twice."""
    (row,) = read(message).rows
    expected = {
        "thread": "C1",
        "msg_id": stamp(1),
        "ts": moment(1),
        "author": "U1",
        "text": "hello",
        "kind": "text",
        **said,
    }
    assert row == {key: value for key, value in expected.items() if value is not None}


def test_edits_and_deletions_of_exports_with_all_of_them_change_messages(tmp_path: Path) -> None:
    """They are messages of their own there, about another by its timestamp."""
    changed = {"type": "message", "subtype": "message_changed", "ts": stamp(5), "hidden": True}
    deleted = {"type": "message", "subtype": "message_deleted", "ts": stamp(6), "deleted_ts": stamp(2), "hidden": True}
    edited = {
        **changed,
        "message": say(1, "after", edited={"user": "U1", "ts": stamp(5)}),
        "original": say(1, "before"),
    }
    desk = Desk(tmp_path)
    desk.ingest(workspace(tmp_path / "export", say(1, "before"), say(2, "gone"), say(3, "stays"), edited, deleted))
    rows = desk.query("SELECT text, attrs->>'kind', attrs->>'edited' FROM ir_messages ORDER BY ts")
    assert rows == [("after", "text", "true"), (None, "deleted", None), ("stays", "text", None)]


def test_what_no_row_says_is_counted(read: Any) -> None:
    """Nothing of an export goes without a word."""
    found = read(
        say(1, "https://a.example", attachments=[{"from_url": "https://a.example", "title": "A"}]),
        {**say(2), "ts": None},
        {"type": "message", "subtype": "message_replied", "ts": stamp(3)},
        {"type": "message", "subtype": "message_changed", "ts": stamp(4)},
        "a text",
        **{"integration_logs.json": [{"user_id": "U1"}, {}], "canvases.json": [{"id": "F1"}]},
    )
    assert len(found.rows) == 1
    assert found.report.left_out == {
        "previews of links": 1,
        "messages without a time": 1,
        "marks that a message was answered": 1,
        "changes of messages that are not named": 1,
        "entries that are no messages": 1,
        "entries of the log of integrations": 2,
        "canvases": 1,
        "topics and purposes of channels": 1,
    }


@pytest.mark.parametrize("odd", ["0.5", "99999999999.000100", "0000000001.000100", 5, 1.5])
def test_a_time_that_no_chat_has_is_none(read: Any, odd: Any) -> None:
    """A message without another is counted, whatever stands beside it; an edit is one whose time is not known."""
    found = read(say(1), {**say(2), "ts": odd}, say(3, edited={"user": "U1", "ts": odd}))
    assert [(row["ts"], row.get("edited"), row.get("edited_at")) for row in found.rows] == [
        (moment(1), None, None),
        (moment(3), True, None),
    ]
    assert found.report.left_out["messages without a time"] == 1


def test_direct_messages_and_groups_are_called_after_their_people(read: Any) -> None:
    """Their folders are called after an id, or after handles."""
    found = read(
        say(1),
        **{
            "dms.json": [{"id": "D1", "members": ["U1", "U2"]}],
            "mpims.json": [{"id": "G1", "name": "mpdm-anakel--boq--qlurk-1", "members": ["U1", "U2", "U9"]}],
            "groups.json": [{"id": "G2", "name": "secret", "members": ["U1"]}],
            "D1/2024-01-15.json": [say(2)],
            "mpdm-anakel--boq--qlurk-1/2024-01-15.json": [say(3)],
            "secret/2024-01-16.json": [say(4)],
        },
    )
    assert dict(zip(found.column("msg_id"), found.column("thread"), strict=True)) == {
        stamp(1): "C1",
        stamp(2): "D1",
        stamp(3): "G1",
        stamp(4): "G2",
    }
    told = {id_: (each.title, each.kind) for id_, each in found.threads.items()}
    assert told["D1"] == ("ana, Bo Quarrel", "direct")
    assert told["G1"] == ("ana, Bo Quarrel, Quentin Lurker", "group")
    assert told["G2"] == ("secret", "group")


def test_an_organisation_has_its_workspaces_in_folders(tmp_path: Path) -> None:
    """Two workspaces may have a channel of one name; people stand in one list for all."""
    files = {
        "org_users.json": USERS,
        "dms.json": [{"id": "D1", "members": ["U1", "U2"]}],
        "D1/2024-01-15.json": [say(1)],
        "teams/north/channels.json": [{"id": "C1", "name": "general"}],
        "teams/north/general/2024-01-15.json": [say(2)],
        "teams/south/channels.json": [{"id": "C2", "name": "general"}],
        "teams/south/general/2024-01-15.json": [say(3)],
    }
    found = read_export(write(tmp_path / "org", files))
    assert found.column("thread") == ["D1", "C1", "C2"]
    assert found.people["U9"].names[0] == "Quentin Lurker"


@pytest.mark.parametrize("order", [("name", "messages", "channel_id"), ("channel_id", "name", "messages")])
@pytest.mark.parametrize("alone", [True, False])
def test_a_dump_of_slackdump_has_answers_inside_of_messages(
    tmp_path: Path, order: tuple[str, ...], *, alone: bool
) -> None:
    """The channel's name and id stand before or behind its messages, and in the file's name."""
    said = {
        "channel_id": "C0123456",
        "name": "general",
        "messages": [say(1, thread_ts=stamp(1), slackdump_thread_replies=[say(2, "answer", thread_ts=stamp(1))])],
    }
    folder = write(tmp_path / "dump", {"C0123456.json": {key: said[key] for key in order}, "users.json": USERS})
    found = read_export(folder / "C0123456.json" if alone else folder)
    assert found.column("thread") == ["C0123456"] * 2
    assert found.column("thread_root") == [None, stamp(1)]
    assert not found.complete
    if alone or order[0] == "name":
        assert found.threads["C0123456"].title == "general"


@pytest.mark.parametrize("key", ["replies", "thread_replies"])
def test_answers_that_scripts_put_inside_of_messages_are_read(read: Any, key: str) -> None:
    """Answers are messages wherever they stand; Slack's own list of who answered, and when, is none."""
    parent = say(
        1, thread_ts=stamp(1), **{key: [say(2, "answer", thread_ts=stamp(1)), {"user": "U0BO", "ts": stamp(3)}]}
    )
    found = read(parent, say(3, "alone", thread_ts=stamp(1)))
    assert [(row["text"], row.get("reply_to")) for row in found.rows] == [
        ("hello", None),
        ("answer", stamp(1)),
        ("alone", stamp(1)),
    ]


@pytest.mark.parametrize("key", ["channel_info", "channelInfo", "channel", "conversation"])
def test_a_file_that_tells_of_its_channel_first_is_of_that_channel(tmp_path: Path, key: str) -> None:
    """As exporters other than Slack's write it: an object with the channel, then its messages."""
    about = {"id": "C0123456", "name": "garden", "topic": {"value": "leeks"}}
    path = write(tmp_path / "x", {"garden.json": {key: about, "messages": [say(1)]}}) / "garden.json"
    found = read_export(path)
    assert (found.source, found.column("thread")) == ("slack", ["C0123456"])
    assert found.threads["C0123456"].title == "garden"


def test_uploads_beside_the_messages_are_not_missing(read: Any) -> None:
    """Slackdump keeps files in a folder for each."""
    found = read(say(1, files=[{"id": "F1", "name": "a.txt"}]), **{"__uploads/F1/a.txt": "x"})
    assert found.rows[0]["media"] == [{"name": "__uploads/F1/a.txt", "missing": False}]


def test_a_file_of_one_day_is_read_and_says_what_it_lacks(tmp_path: Path) -> None:
    """The folder that it lies in is the channel; people are known as far as messages describe them."""
    profile = {"real_name": "Ana Kelemen", "display_name": "ana", "name": "anakel"}
    folder = write(tmp_path, {"general/2024-01-15.json": [say(1, user_profile=profile), say(2, user="U2")]})
    found = read_export(folder / "general/2024-01-15.json")
    assert found.threads.keys() == {"general"}
    assert list(found.people["U1"].names) == ["ana", "Ana Kelemen", "anakel"]
    assert not found.complete
    assert "zip or folder" in found.report.notices[0]
    assert read_export(folder / "general/2024-01-15.json", thread="plaza").threads.keys() == {"plaza"}


def test_a_file_whose_first_message_is_long_is_recognised(tmp_path: Path) -> None:
    """Its timestamp stands behind the text, and far from the beginning."""
    path = write(tmp_path, {"2024-01-15.json": [say(1, "long " * 50_000)]}) / "2024-01-15.json"
    assert read_export(path).sure == "certain"


@pytest.mark.parametrize(("content", "what"), [(USERS, "people"), (CHANNELS, "channels")])
def test_a_list_alone_is_told_for_what_it_is(tmp_path: Path, content: Any, what: str) -> None:
    """Nobody has to guess why there is no message in it."""
    with pytest.raises(ExportError, match=f"list of {what}, without messages; give the zip or folder"):
        read_export(write(tmp_path, {"list.json": content}) / "list.json")


def test_a_zip_whose_names_are_not_marked_as_utf8_finds_its_channels(tmp_path: Path) -> None:
    """Slack's zips are so: Python reads the names as those of an old PC."""
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("channels.json", json.dumps([{"id": "C7", "name": "général"}]))
        archive.writestr("général/2024-01-15.json", json.dumps([say(1)]))
        archive.writestr("naïve/2024-01-15.json", json.dumps([say(2)]))
    content = bytearray(path.read_bytes())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.find(signature)
        while place >= 0:
            content[place + flags + 1] &= ~8
            place = content.find(signature, place + 1)
    path.write_bytes(content)
    assert read_export(path).column("thread") == ["C7", "naïve"]


def test_a_folder_unpacked_on_a_mac_finds_its_channels(tmp_path: Path) -> None:
    """There letters and their accents are two characters."""
    files = {
        "channels.json": [{"id": "C7", "name": "g\u00e9n\u00e9ral"}],
        "ge\u0301ne\u0301ral/2024-01-15.json": [say(1)],
    }
    assert read_export(write(tmp_path, files)).column("thread") == ["C7"]


@pytest.mark.parametrize("packed", [False, True])
def test_folders_and_zips_of_a_folder_are_read_alike(tmp_path: Path, *, packed: bool) -> None:
    """Whether the export is at the top or in a folder of its own."""
    outer = tmp_path / "outer"
    workspace(outer / "My workspace Slack export", say(1), say(2))
    path = Path(shutil.make_archive(str(tmp_path / "packed"), "zip", outer)) if packed else outer
    found = read_export(path)
    assert found.column("thread") == ["C1", "C1"]
    assert found.column("msg_id") == [stamp(1), stamp(2)]


@pytest.mark.slow  # several whole commands
def test_the_same_workspace_exported_again_doubles_nothing(tmp_path: Path) -> None:
    """Renamed channels and people, edits, messages that are gone: in both orders."""
    renamed: list[Any] = [{**USERS[0], "profile": {"display_name": "ana k"}}, *USERS[1:]]
    plaza: list[Any] = [{**CHANNELS[0], "name": "plaza"}]
    for number in range(2):
        folder = tmp_path / str(number)
        first = workspace(folder / "a", say(1), say(2, "gone"), say(3, "c"))
        later = write(
            folder / "b",
            {
                "users.json": renamed,
                "channels.json": plaza,
                "plaza/2024-01-15.json": [say(1), say(3, "c!", edited={"ts": stamp(9)}), say(4, "d")],
            },
        )
        desk = Desk(folder)
        desk.ingest(*((first, later) if number else (later, first)))
        rows = desk.query("SELECT text, attrs->>'kind', attrs->>'thread', author_raw FROM ir_messages ORDER BY ts")
        assert rows == [
            ("hello", "text", "plaza", "ana k"),
            (None, "deleted", "plaza", "ana k"),
            ("c!", "text", "plaza", "ana k"),
            ("d", "text", "plaza", "ana k"),
        ]


@pytest.mark.slow
def test_no_name_of_the_export_gets_out(tmp_path: Path) -> None:
    """Of writers, lurkers, bots and those who react, in texts, system lines and attributes."""
    names = ["Ana Kelemen", "anakel", "Bo Quarrel", "Quentin Lurker", "qlurk", "Vorpal Deploy"]
    bot = {
        "type": "message",
        "subtype": "bot_message",
        "ts": stamp(5),
        "text": "done",
        "bot_id": "B1",
        "username": "Vorpal Deploy",
    }
    path = workspace(
        tmp_path / "export",
        say(
            1,
            f"ask {', '.join(names)} or <@U9>",
            reactions=[{"name": "heart", "users": ["U9"]}, {"name": "wave::skin-tone-3"}],
        ),
        say(2, "<@U9> has joined the channel", subtype="channel_join", user="U9", inviter="U2"),
        say(3, "x", attachments=[{"is_share": True, "author_id": "U2", "text": "by Quentin Lurker"}]),
        bot,
    )
    desk = Desk(tmp_path)
    desk.run(path)
    told = str(desk.query("SELECT s::VARCHAR FROM stage_privacy AS s"))
    told += "".join(page.read_text() for page in (tmp_path / "site").rglob("*.md"))
    words = {word for name in names for word in name.split()}
    assert not words & set(re.findall(r"\w+", told))
    assert not [
        word for word in words if len(word) > 2 and word in told
    ]  # a pseudonym may begin with the letters of Bo
    assert all(f'"emoji":"{emoji}"' in told for emoji in ("heart", "wave::skin-tone-3"))


def test_strange_values_are_read_as_far_as_they_make_sense(read: Any) -> None:
    """A null, a number or a list where something else is expected is no reason to refuse an export."""
    strange = [
        None,
        7,
        -1,
        True,
        [],
        {},
        "",
        "x",
        1e400,
        [None],
        {"a": 1},
        [{"type": "x", "elements": [{"text": 1}]}],
        1 << 70,
    ]
    keys = ["type", "user", "text", "ts", "subtype", "thread_ts", "edited", "reactions", "files", "file", "attachments"]
    keys += [
        "blocks",
        "bot_id",
        "username",
        "bot_profile",
        "user_profile",
        "comment",
        "room",
        "slackdump_thread_replies",
    ]
    messages = [{**say(1, "x"), key: value} for key in keys for value in strange]
    messages += [
        {**say(1), "subtype": "message_changed", "message": {"ts": stamp(1), key: value}}
        for key in keys
        for value in strange
    ]
    found = read(*messages, **{"dms.json": [{"id": value, "name": value, "members": value} for value in strange]})
    assert found.rows


_EXTRAS: list[dict[str, Any]] = [
    {},
    {"ts": "1705300000"},
    {"ts": "1705300000.5"},
    {"ts": 1705300000.25},
    {"ts": "170530000.0001000"},
    {"ts": "no time"},
    {"text": "to <@U2> &amp; <@U9>"},
    {"thread_ts": stamp(50)},
    {"edited": {"ts": stamp(51)}},
    {"edited": {}},
    {"reactions": [{"name": "heart", "users": ["U2"], "count": 2}]},
    {"files": [{"id": "F1", "name": "a.png"}]},
    {"files": [{"id": "F1", "name": "a.png", "initial_comment": {"comment": "look"}}]},
    {"blocks": [{"type": "rich_text", "elements": []}]},
    {"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "more"}}]},
    {"attachments": [{"text": "attached"}]},
    {"subtype": "channel_join"},
]


@given(st.lists(st.sampled_from(_EXTRAS), max_size=8))
def test_a_message_is_read_alike_whatever_stands_beside_it(
    tmp_path_factory: pytest.TempPathFactory, extras: list[dict[str, Any]]
) -> None:
    """What nearly all messages are is read many at once; each comes out as when it is the only one."""
    path = tmp_path_factory.getbasetemp() / "alike"
    messages = [{**say(n), **extra} for n, extra in enumerate(extras)]
    alone = [row for message in messages for row in read_export(workspace(path, message)).rows]
    assert read_export(workspace(path, *messages)).rows == alone


@given(st.randoms(use_true_random=False))
def test_a_damaged_export_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, dice: random.Random) -> None:
    """Whatever bytes are cut out, doubled or put in: rows, or an error of ours."""
    content = bytearray(json.dumps([say(n, f"text {n}", thread_ts=stamp(n - 1)) for n in range(1, 6)]).encode())
    for _ in range(dice.randrange(1, 4)):
        place = dice.randrange(len(content))
        content[place : place + dice.choice((0, 1, 40))] = dice.choice(
            (b"", b"[", b"}", b'"', b"\xff", b"\\", b"null", b"\0")
        )
    path = tmp_path_factory.getbasetemp() / "2024-01-15.json"
    path.write_bytes(content)
    try:
        read_export(path)
    except EgregoraError as error:
        assert "text 1" not in str(error)  # noqa: PT017 - both ways are right
