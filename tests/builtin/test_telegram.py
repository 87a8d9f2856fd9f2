"""Telegram Desktop's `result.json`: what stands in it, in the forms that it had over the years."""

import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from door import Desk
from egregora_core.errors import EgregoraError, ExportError
from hypothesis import given
from hypothesis import strategies as st
from read_export import Read, moment, read_export

START = 1_714_557_600  # 2024-05-01 10:00 UTC; the exporting machine is two hours ahead
ANA, BO = {"from": "Ana Kelemen", "from_id": "user11"}, {"from": "Bo Quarrel", "from_id": "user12"}


def say(number: int, text: Any = "", **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "type": "message",
        "date": f"2024-05-01T12:{number:02}:00",
        "date_unixtime": str(START + 60 * number),
        **ANA,
        "text": text,
        "text_entities": [],
        **more,
    }


def tell(number: int, action: str, **more: Any) -> dict[str, Any]:
    message = {key: value for key, value in say(number).items() if not key.startswith("from")}
    return {**message, "type": "service", "actor": "Ana Kelemen", "actor_id": "user11", "action": action, **more}


def chat(messages: list[Any], **more: Any) -> dict[str, Any]:
    return {"name": "Plaza", "type": "private_group", "id": 77, **more, "messages": messages}


@pytest.fixture
def read(tmp_path: Path) -> Any:
    def read_it(content: Any, name: str = "result.json") -> Read:
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return read_export(path)

    return read_it


def test_a_message_is_a_row_with_the_ids_of_telegram(read: Any) -> None:
    """Times are instants; the chat, the author and the message are known by their ids."""
    found = read(chat([say(1, "hello"), say(2, "hi", **BO, edited="2024-05-01T12:30:00", reply_to_message_id=1)]))
    assert (found.source, found.sure, found.zoned) == ("telegram", "certain", True)
    assert found.rows == [
        {
            "thread": "chat77",
            "msg_id": "1",
            "ts": moment(2024, 5, 1, 10, 1),
            "author": "user11",
            "text": "hello",
            "kind": "text",
        },
        {
            "thread": "chat77",
            "msg_id": "2",
            "ts": moment(2024, 5, 1, 10, 2),
            "author": "user12",
            "text": "hi",
            "kind": "text",
            "reply_to": "1",
            "edited_at": moment(2024, 5, 1, 10, 30),
        },
    ]
    assert found.threads["chat77"].title == "Plaza"
    assert {id_: list(person.names) for id_, person in found.people.items()} == {
        "user11": ["Ana Kelemen"],
        "user12": ["Bo Quarrel"],
    }


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (
            say(1, ["see ", {"type": "bold", "text": "this"}, {"type": "plain", "text": " now"}]),
            {"text": "see this now"},
        ),
        (
            {**say(1), "text_entities": [{"type": "plain", "text": "only "}, {"type": "link", "text": "here.example"}]},
            {"text": "only here.example"},
        ),
        ({key: value for key, value in say(1, "old").items() if key != "text_entities"}, {"text": "old"}),
        ({**say(1), "text": {"type": "bold", "text": "one piece"}}, {"text": "one piece"}),
        (say(1, "\n  as written \n"), {"text": "\n  as written \n"}),
        (say(1, "<b>=1+1</b>\u202e"), {"text": "<b>=1+1</b>\u202e"}),
        (
            say(
                1,
                [
                    {"type": "mention_name", "text": "Zoe", "user_id": 9},
                    " and ",
                    {"type": "mention", "text": "@boquarrel"},
                ],
            ),
            {"text": "Zoe and @boquarrel", "mentions": ["user9", "@boquarrel"]},
        ),
        (say(1, via_bot="@gif"), {"mentions": ["@gif"]}),
        (say(1, "x", author="Cy Sign"), {"text": "x", "mentions": ["Cy Sign"]}),
        (
            say(1, "x", forwarded_from="Dee News", forwarded_from_id="channel5"),
            {"text": "x", "forwarded_from": "channel5"},
        ),
        (say(1, "x", forwarded_from="Dee News"), {"text": "x", "forwarded_from": "Dee News"}),
        (say(1, "x", saved_from="Dee News"), {"text": "x", "forwarded_from": "Dee News"}),
        (
            say(1, "x", photo="photos/a.jpg", photo_file_size=9, width=1, height=1),
            {
                "text": "x",
                "kind": "media",
                "media": [{"name": "photos/a.jpg", "type": "image/jpeg", "size": 9, "missing": False}],
            },
        ),
        (
            say(1, photo="(File not included. Change data exporting settings to download.)", width=1),
            {"kind": "media", "media": [{"type": "image/jpeg", "missing": True}]},
        ),
        (
            say(1, file="(File exceeds maximum size. …)", file_name="a.pdf", file_size=7, mime_type="application/pdf"),
            {"kind": "media", "media": [{"name": "a.pdf", "type": "application/pdf", "size": 7, "missing": True}]},
        ),
        (
            say(1, file="voice/1.ogg", media_type="voice_message", mime_type="audio/ogg", duration_seconds=3),
            {"kind": "media", "media": [{"name": "voice/1.ogg", "type": "audio/ogg", "missing": False}]},
        ),
        (
            say(1, file="stickers/1.webp", media_type="sticker", sticker_emoji="\U0001f642"),
            {
                "kind": "sticker",
                "text": "\U0001f642",
                "media": [{"name": "stickers/1.webp", "type": "image/webp", "missing": False}],
            },
        ),
        (
            say(1, photo="x.jpg", self_destruct_period_seconds=5),
            {"kind": "media", "media": [{"name": "x.jpg", "type": "image/jpeg", "missing": False}]},
        ),
        (
            say(1, location_information={"latitude": 1.5, "longitude": -2}, live_location_period_seconds=900),
            {"kind": "location", "data": {"latitude": 1.5, "longitude": -2, "live": True}},
        ),
        (
            say(1, place_name="Cafe", address="1 Road", location_information={"latitude": 1.5, "longitude": 2.5}),
            {"kind": "location", "data": {"latitude": 1.5, "longitude": 2.5, "name": "Cafe, 1 Road"}},
        ),
        (say(1, location_information=None), {"kind": "location", "data": {}}),
        (
            say(1, contact_information={"first_name": "Eve", "last_name": "Fox", "phone_number": "+1 555 0100"}),
            {"kind": "contact", "data": {"name": "Eve Fox", "phones": ["+1 555 0100"]}},
        ),
        (
            say(
                1, poll={"question": "when?", "closed": True, "answers": [{"text": "now", "voters": 2, "chosen": True}]}
            ),
            {
                "kind": "poll",
                "text": "when?",
                "data": {"question": "when?", "options": [{"text": "now", "votes": 2}], "closed": True},
            },
        ),
        (
            say(
                1,
                poll={"question": ["wh", {"type": "bold", "text": "o?"}], "answers": [{"text": ["I"], "voters": "x"}]},
            ),
            {"kind": "poll", "text": "who?", "data": {"question": "who?", "options": [{"text": "I"}]}},
        ),
        (say(1, game_title="Chess", game_description="play"), {"text": "Chess\nplay"}),
        (
            say(
                1,
                todo_list={
                    "title": "Buy",
                    "answers": [{"text": "milk", "id": 1}, {"text": [{"text": "tea"}], "id": 2}],
                },
            ),
            {"text": "Buy\nmilk\ntea"},
        ),
    ],
)
def test_what_a_message_holds_is_in_its_row(read: Any, message: dict[str, Any], said: dict[str, Any]) -> None:
    """Texts in pieces, files, polls, places, contacts; of what does not hold true of a shape, what does."""
    (row,) = read(chat([message])).rows
    given = {key: json.loads(value) if key == "data" else value for key, value in row.items()}
    assert given == {
        "thread": "chat77",
        "msg_id": "1",
        "ts": moment(2024, 5, 1, 10, 1),
        "author": "user11",
        "kind": "text",
        **said,
    }


@pytest.mark.parametrize(
    ("message", "event", "about", "text"),
    [
        (
            tell(1, "create_group", title="T", members=["Ana Kelemen", "Bo Quarrel", None]),
            "create",
            ["Bo Quarrel"],
            "T",
        ),
        (tell(1, "create_channel", title="T"), "create", [], "T"),
        (tell(1, "edit_group_title", title="New"), "rename", [], "New"),
        (tell(1, "edit_group_photo", photo="p.jpg", width=1, height=1), "picture", [], "photo"),
        (tell(1, "invite_members", members=["Bo Quarrel", "Cy Dee"]), "add", ["Bo Quarrel", "Cy Dee"], "added"),
        (tell(1, "invite_members", members=["Ana Kelemen"]), "join", [], "joined"),
        (tell(1, "remove_members", members=["Bo Quarrel"]), "remove", ["Bo Quarrel"], "removed"),
        (tell(1, "remove_members", members=["Ana Kelemen"]), "leave", [], "left"),
        (tell(1, "join_group_by_link", inviter="Bo Quarrel"), "join", ["Bo Quarrel"], "joined"),
        (tell(1, "join_group_by_request"), "join", [], "joined"),
        (tell(1, "pin_message", message_id=5), "pin", [], "pinned"),
        (tell(1, "migrate_to_supergroup"), "migrate", [], "supergroup"),
        (tell(1, "set_messages_ttl", period=86400), "settings", [], "86400"),
        (tell(1, "group_call_scheduled", schedule_date=5), "call", [], "scheduled"),
        (tell(1, "invite_to_group_call", members=["Bo Quarrel"]), "invite", ["Bo Quarrel"], "invited"),
        (tell(1, "topic_created", title="Books"), "topic", [], "Books"),
        (tell(1, "score_in_game", game_message_id=3, score=12), "other", [], "12"),
        (tell(1, "boost_apply", boosts=2), "other", [], "boost apply"),
        ({**tell(1, ""), "information_text": "said by the platform"}, "other", [], "said by the platform"),
    ],
)
def test_what_telegram_tells_is_a_system_line_with_its_event(
    read: Any, message: dict[str, Any], event: str, about: list[str], text: str
) -> None:
    """It has no author; who did it is the first of whom it is about."""
    (row,) = read(chat([message])).rows
    assert (row["kind"], row["event"], row["mentions"]) == ("system", event, ["user11", *about])
    assert "author" not in row
    assert text in row["text"]


@pytest.mark.parametrize(
    ("message", "event", "data"),
    [
        (tell(1, "phone_call", duration_seconds=12, discard_reason="hangup"), "call", {"seconds": 12, "missed": False}),
        (tell(1, "phone_call", discard_reason="missed"), "missed_call", {"missed": True}),
        (tell(1, "group_call", duration=60), "call", {"seconds": 60}),
    ],
)
def test_a_call_has_who_called_and_how_long(read: Any, message: dict[str, Any], event: str, data: Any) -> None:
    """A call is of the kind that all platforms have."""
    (row,) = read(chat([message])).rows
    assert (row["kind"], row["event"], row["author"], json.loads(row["data"])) == ("call", event, "user11", data)


def test_reactions_have_people_where_they_are_known(read: Any) -> None:
    """Of more than are named, the rest is counted; who reacted is known for one of the export's people."""
    reactions = [
        {
            "type": "emoji",
            "count": 3,
            "emoji": "\U0001f44d",
            "recent": [{"from": "Cy", "from_id": "user13", "date": "x"}],
        },
        {"type": "custom_emoji", "count": 1, "document_id": "7"},
        {"type": "paid", "count": 2},
        {"type": "emoji", "count": "many"},
        "nonsense",
    ]
    found = read(chat([say(1, "x", reactions=reactions)]))
    assert found.rows[0]["reactions"] == [
        {"emoji": "\U0001f44d", "author": "user13"},
        {"emoji": "\U0001f44d", "count": 2},
        {"emoji": "custom_emoji", "count": 1},
        {"emoji": "\u2b50", "count": 2},
        {"emoji": "custom_emoji"},
    ]
    assert list(found.people["user13"].names) == ["Cy"]


def test_a_topic_is_the_root_of_its_messages(read: Any) -> None:
    """What answers the beginning of a topic is in it and answers nobody; what answers that is in it, too."""
    found = read(
        chat(
            [
                tell(2, "topic_created", title="Books"),
                say(3, "in it", reply_to_message_id=2),
                say(4, "an answer", reply_to_message_id=3),
                say(5, "general"),
                say(6, "general answer", reply_to_message_id=5),
            ],
            type="private_supergroup",
        )
    )
    assert found.column("thread_root") == [None, "2", "2", None, None]
    assert found.column("reply_to") == [None, None, "3", None, "5"]


def test_an_account_has_its_chats_and_whom_its_owner_knows(read: Any) -> None:
    """Two chats of one title stay two, also where a user and a channel have one number; contacts are people."""
    found = read(
        {
            "about": "x",
            "personal_information": {"user_id": 11, "first_name": "Ana", "last_name": "Kelemen", "username": "@anakel"},
            "contacts": {
                "about": "x",
                "list": [
                    {"user_id": 21, "first_name": "Quentin", "last_name": "Lurker", "phone_number": "1", "date": "x"},
                    {"first_name": "No", "last_name": "Number", "date": "x"},
                    {"date": "2024-01-01T00:00:00"},
                ],
            },
            "frequent_contacts": {"list": [{"id": 5, "category": "people", "type": "user", "name": "Fay Often"}]},
            "sessions": {"about": "x", "list": [{"last_ip": "1.1.1.1"}, {}]},
            "profile_pictures": [{"date": "x", "photo": "p.jpg"}],
            "chats": {
                "about": "x",
                "list": [
                    chat([say(1, "one")], name="Bob", type="personal_chat", id=22),
                    chat([say(1, "two")], name="Bob", type="public_channel", id=22),
                    {"type": "saved_messages", "id": 11, "messages": [say(1, "three")]},
                ],
            },
            "left_chats": {"about": "x", "list": [chat([say(1, "four")], name=None)]},
        }
    )
    assert found.column("thread") == ["user22", "channel22", "user11", "chat77"]
    assert [each.title for each in found.threads.values()] == ["Bob", "Bob", "Saved Messages", None]
    assert [each.kind for each in found.threads.values()] == ["direct", "channel", "direct", "group"]
    names = {name for person in found.people.values() for name in person.names}
    assert {"Quentin Lurker", "No Number", "Fay Often", "@anakel", "Bob"} <= names
    assert found.report.left_out == {"sessions": 2, "profile pictures": 1}


def test_exports_before_2021_have_wall_clocks_and_numbers_for_people(read: Any) -> None:
    """A person and a chat are the same as in later exports, which say `user11` for the number 4294967307."""
    old = {"id": 1, "type": "message", "date": "2020-10-13T23:31:04", "edited": "1970-01-01T01:00:00", "text": "x"}
    found = read(chat([{**old, "from": "Ana", "from_id": (1 << 32) + 11}], type="personal_chat", id=(1 << 32) + 22))
    assert not found.zoned
    assert found.rows == [
        {
            "thread": "user22",
            "msg_id": "1",
            "ts": moment(2020, 10, 13, 23, 31, 4),
            "author": "user11",
            "text": "x",
            "kind": "text",
        }
    ]


def test_a_message_without_an_instant_among_others_is_placed_by_the_clock_of_these(read: Any) -> None:
    """How far the exporting machine's clock was from UTC is told by the message before."""
    late = {key: value for key, value in say(5, "b").items() if key != "date_unixtime"}
    assert read(chat([say(1, "a"), late])).column("ts")[1] == moment(2024, 5, 1, 10, 5)


@pytest.mark.parametrize("lacking", [1, 3])
def test_the_first_messages_may_lack_what_the_others_have(read: Any, lacking: int) -> None:
    """They are placed by the clock of the first one whose time is an instant."""
    messages = [say(number, f"{number}") for number in range(1, 6)]
    for message in messages[:lacking]:
        del message["date_unixtime"]
    found = read(chat(messages))
    assert found.zoned
    assert found.column("ts") == [moment(2024, 5, 1, 10, number) for number in range(1, 6)]


def test_messages_without_their_chat_are_read(read: Any) -> None:
    """Somebody cut them out, or a script made a list of them; the chat is called as the file."""
    found = read(
        [say(1, "hello"), say(2, "hi", **BO, reply_to_message_id=1), tell(3, "pin_message", message_id=1)], "plaza.json"
    )
    assert (found.source, found.sure, found.zoned) == ("telegram", "likely", True)
    assert [(row["thread"], row["msg_id"], row.get("author"), row["kind"]) for row in found.rows] == [
        ("plaza", "1", "user11", "text"),
        ("plaza", "2", "user12", "text"),
        ("plaza", "3", None, "system"),
    ]
    assert found.rows[1]["reply_to"] == "1"
    assert read("\ufeff\n" + json.dumps([say(1, "x" * 200_000), say(2, "y")]), "long.json").column("msg_id") == [
        "1",
        "2",
    ]


def test_what_no_row_says_is_counted(read: Any) -> None:
    """Nothing of an export goes without a word."""
    found = read(
        chat(
            [
                {"id": 1, "type": "unsupported"},
                {**say(2), "date": None, "date_unixtime": "soon"},
                "a text",
                say(3, [{"type": "text_link", "text": "here", "href": "https://example.org"}]),
                say(4, "x", reply_to_message_id=9, reply_to_peer_id="channel4"),
                say(5, "x", forwarded_from=None),
                say(6, "x", giveaway_information={"quantity": 3}, quick_new_field=None),
            ]
        )
    )
    assert len(found.rows) == 4
    assert found.report.left_out == {
        "messages that Telegram Desktop did not know": 1,
        "messages without a time": 1,
        "entries that are no messages": 1,
        "addresses behind words": 1,
        "answers to messages of other chats": 1,
        "forwards of which it is not known whose they are": 1,
        "giveaway information": 1,
    }


@pytest.mark.parametrize(
    ("unix", "clock"), [("5", "1970-01-01T02:00:05"), ("253402300798", "9999-12-31T23:59:58"), (10**30, "0001-01-01")]
)
def test_a_time_that_no_chat_has_is_none(read: Any, unix: Any, clock: str) -> None:
    """A message without another is counted, and one that was edited then was not."""
    odd = {**say(2), "date": clock, "date_unixtime": unix}
    found = read(chat([say(1), odd, say(3, edited=clock, edited_unixtime=unix)]))
    assert [(row["msg_id"], row.get("edited_at")) for row in found.rows] == [("1", None), ("3", None)]
    assert found.report.left_out["messages without a time"] == 1


def test_a_deleted_account_is_still_somebody(read: Any) -> None:
    """With an id it is one person; without, nobody, and what it wrote no line of the platform."""
    rows = read(
        chat([say(1, "a", **{"from": None, "from_id": "user404"}), say(2, "b", **{"from": None, "from_id": None})])
    ).rows
    assert [(row.get("author"), row["kind"]) for row in rows] == [("user404", "text"), (None, "text")]


def test_control_characters_are_read_as_telegram_writes_them(read: Any) -> None:
    r"""It has `\x0B`, which is no JSON; other readers stop there."""
    content = json.dumps(chat([say(1, "aVb"), say(2, "cV")])).replace("V", r"\x0B")
    assert read(content).column("text") == ["a\x0bb", "c\x0b"]


def test_keys_may_stand_in_any_order(read: Any) -> None:
    """Whoever formats an export anew sorts them: then a chat's name and kind stand behind its messages."""
    content = json.dumps(chat([say(1, "x")]), sort_keys=True)
    found = read(content)
    assert (found.rows[0]["thread"], found.threads["chat77"].title) == ("chat77", "Plaza")


def test_an_export_whose_first_message_is_long_is_recognised(read: Any) -> None:
    """Whatever the order of its keys."""
    content = {"id": 1, "messages": [{"date_unixtime": str(START), "text": "long " * 50_000, "type": "message"}]}
    assert read(content).source == "telegram"


def test_an_export_without_ids_is_read_by_its_names(tmp_path: Path) -> None:
    """As other programs cut them: the chat is what the user or the file says, a person their name."""
    path = tmp_path / "club.json"
    path.write_text(
        json.dumps({"messages": [{"type": "message", "date_unixtime": "1544006350", "from": "Ana", "text": "x"}]})
    )
    found = read_export(path)
    assert [(row["thread"], row["author"]) for row in found.rows] == [("club", "Ana")]
    assert read_export(path, thread="Book club").threads.keys() == {"Book club"}


@pytest.mark.parametrize("layout", ["folder", "zip", "renamed"])
def test_a_folder_or_zip_is_read_as_its_file(tmp_path: Path, layout: str) -> None:
    """With media beside, and whatever the file is called."""
    folder = tmp_path / "ChatExport_2024-05-01"
    (folder / "photos").mkdir(parents=True)
    (folder / "photos/a.jpg").write_bytes(b"\xff\xd8")
    (folder / "data.json").write_text('{"no": "chat"}')
    (folder / ("chat.json" if layout == "renamed" else "result.json")).write_text(json.dumps(chat([say(1, "x")])))
    path = folder
    if layout == "zip":
        path = Path(shutil.make_archive(str(tmp_path / "export"), "zip", folder))
    assert read_export(path).column("text") == ["x"]


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (json.dumps(chat([say(1, "x")]))[:-2], "in the middle"),
        (json.dumps(chat([say(1, "x")])).replace('"messages": [', '"messages": [,'), "no JSON there"),
        (json.dumps(chat([])).replace("[]", "[" * 100_000), "nested too deeply"),
    ],
    ids=["cut off", "no JSON", "nested"],
)
def test_a_damaged_export_is_refused_with_its_place(read: Any, content: str, place: str) -> None:
    """Nothing of it is kept, and nothing of what stands in it is told."""
    with pytest.raises(ExportError, match=f"result.json.*{place}.*after [0-9,]+ characters"):
        read(content)


def test_strange_values_are_read_as_far_as_they_make_sense(read: Any) -> None:
    """A null, a number or a list where something else is expected is no reason to refuse an export."""
    strange = [None, 7, -1, True, [], {}, "", "x", 1e400, [None], {"a": 1}, 1 << 70]
    keys = sorted({*say(1), "edited", "edited_unixtime", "reply_to_message_id", "reactions", "photo", "file", "poll"})
    keys += ["location_information", "contact_information", "forwarded_from", "via_bot", "file_size", "media_type"]
    keys += ["action", "members", "actor_id", "todo_list", "invoice_information", "duration_seconds"]
    messages = [{**say(1, "x"), key: value} for key in keys for value in strange]
    found = read(json.dumps(chat(messages)))
    assert len(found.rows) + sum(found.report.left_out.values()) >= len(messages)


@pytest.mark.slow  # several whole commands
def test_the_same_chat_exported_again_doubles_nothing(tmp_path: Path) -> None:
    """Overlapping, edited, renamed, in both orders; what is gone between the ends was deleted."""
    first = chat([say(1, "a"), say(2, "b"), say(3, "c")])
    later = chat([say(1, "a"), say(3, "c!", edited_unixtime=str(START + 999)), say(4, "d", **BO)], name="Square")
    for number, order in enumerate(((first, later), (later, first))):
        (tmp_path / str(number)).mkdir()
        desk = Desk(tmp_path / str(number))
        for place, content in enumerate(order):
            path = desk.path / f"result{place}.json"
            path.write_text(json.dumps(content))
            desk.ingest(path)
        rows = desk.query("SELECT msg_id, text, attrs->>'kind', attrs->>'thread' FROM ir_messages ORDER BY ts")
        assert rows == [
            ("1", "a", "text", "Square"),
            ("2", None, "deleted", "Square"),
            ("3", "c!", "text", "Square"),
            ("4", "d", "text", "Square"),
        ]


@pytest.mark.slow
def test_no_name_of_the_export_gets_out(tmp_path: Path) -> None:
    """Of writers, lurkers, reactors, members and contacts, in texts, system lines and attributes."""
    names = ["Roland Fitch", "Quentin Lurker", "Yvaine Reactor", "Ursula Member", "Tamsin Card", "@vorpalhandle"]
    group = chat(
        [
            {**say(1, f"ask {', '.join(names)}"), "from": "Roland Fitch"},
            say(
                2,
                ["ping ", {"type": "mention", "text": "@vorpalhandle"}],
                contact_information={"first_name": "Tamsin Card"},
            ),
            tell(3, "invite_members", actor="Roland Fitch", members=["Ursula Member"]),
            say(
                4,
                "x",
                reactions=[
                    {"type": "emoji", "emoji": "\U0001f44d", "recent": [{"from": "Yvaine Reactor", "from_id": "user5"}]}
                ],
                forwarded_from="Quentin Lurker",
            ),
        ],
        name="Plaza of Fitch",
    )
    account = {
        "contacts": {"about": "", "list": [{"user_id": 9, "first_name": "Quentin", "last_name": "Lurker"}]},
        "chats": {"about": "", "list": [group]},
    }
    desk = Desk(tmp_path)
    path = tmp_path / "result.json"
    path.write_text(json.dumps(account))
    desk.run(path)
    told = str(desk.query("SELECT s::VARCHAR FROM stage_privacy AS s"))
    told += "".join(page.read_text() for page in (tmp_path / "site").rglob("*.md"))
    words = {word for name in names for word in name.strip("@").split()}
    assert not [word for word in words if word in told]


@pytest.mark.slow  # whole runs, again and again
def test_halves_of_characters_and_nulls_are_no_error(tmp_path: Path) -> None:
    """Damaged JSON holds them in texts, names, titles and ids."""
    odd = "x\ud83d y\0z"
    messages = [
        say(1, odd, **{"from": odd}, reactions=[{"emoji": odd, "recent": [{"from": odd, "from_id": odd}]}]),
        {**say(2, [{"type": "mention", "text": odd}], photo=odd, forwarded_from=odd, via_bot=odd), "id": odd},
        tell(3, "invite_members", actor=odd, members=[odd], title=odd),
        say(4, contact_information={"first_name": odd}, poll={"question": odd}),
    ]
    desk = Desk(tmp_path)
    for number, content in enumerate((chat(messages, name=odd), {"name": odd, "messages": messages})):
        path = tmp_path / f"result{number}.json"
        path.write_text(json.dumps(content))
        desk.run(path)
    assert desk.query("SELECT count(*) FROM ir_messages") == [(8,)]


@given(st.randoms(use_true_random=False))
def test_a_damaged_export_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, dice: random.Random) -> None:
    """Whatever bytes are cut out, doubled or put in: rows, or an error of ours."""
    content = bytearray(json.dumps(chat([say(n, f"text {n}", reply_to_message_id=n - 1) for n in range(5)])).encode())
    for _ in range(dice.randrange(1, 4)):
        place = dice.randrange(len(content))
        content[place : place + dice.choice((0, 1, 40))] = dice.choice(
            (b"", b"[", b"}", b'"', b"\xff", b"\\", b"null", b"\0")
        )
    path = tmp_path_factory.getbasetemp() / "damaged.json"
    path.write_bytes(content)
    try:
        read_export(path)
    except EgregoraError as error:
        assert "text 1" not in str(error)  # noqa: PT017 - both ways are right


def test_an_export_whose_messages_are_all_left_out_says_why(tmp_path: Path) -> None:
    """Nobody has to guess what is wrong with messages that are plainly there."""
    file = tmp_path / "result.json"
    file.write_text(json.dumps({"type": "personal_chat", "messages": [{"id": 1, "type": "message", "text": "hello"}]}))
    with pytest.raises(ExportError, match=r"no message in it \(.*messages without a time \(1\)\)"):
        Desk(tmp_path / "workspace").ingest(file)
