"""Discord, as DiscordChatExporter and Discord itself write it: who said what, when, to whom, and what happened."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from egregora_core.errors import DateOrderError, EgregoraError, ExportError
from hypothesis import given, settings
from hypothesis import strategies as st
from platforms import Desk, leaked, read, sure, survives, write, zipped

ANA = {"id": "101", "name": "ana.k", "discriminator": "0000", "nickname": "Ana Kelemen", "isBot": False}
BO = {"id": "102", "name": "bo", "discriminator": "1234", "nickname": "Bo Quarrel", "isBot": False}
CY = {"id": "103", "name": "cyprian", "discriminator": "0000", "nickname": "Cyprian Vale", "isBot": False}
HELPER = {"id": "104", "name": "helperbot", "discriminator": "4321", "nickname": "helperbot", "isBot": True}
_FIRST = 1_100_000_000_000_000_000


def said(content: Any, author: Any = ANA, minute: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "id": str(_FIRST + minute),
        "type": "Default",
        "timestamp": f"2023-05-01T10:{minute:02}:00.25+02:00",
        "timestampEdited": None,
        "callEndedTimestamp": None,
        "isPinned": False,
        "content": content,
        "author": author,
        "attachments": [],
        "embeds": [],
        "stickers": [],
        "reactions": [],
        "mentions": [],
        "inlineEmojis": [],
        **more,
    }


def channel(*messages: Any, id_: str = "55555", name: str = "garden", **more: Any) -> dict[str, Any]:
    return {
        "guild": {"id": "9", "name": "Allotment", "iconUrl": "https://cdn.discordapp.com/icon.png"},
        "channel": {"id": id_, "type": "GuildTextChat", "categoryId": "8", "category": "Text", "name": name},
        "dateRange": {"after": None, "before": None},
        "exportedAt": "2023-06-01T00:00:00+00:00",
        "messages": [*messages],
        "messageCount": len(messages),
        **more,
    }


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "workspace")


def test_messages_have_the_ids_times_and_people_of_discord(desk: Desk, tmp_path: Path) -> None:
    """Times are instants; people are who they are by id, and are called by their nickname."""
    desk.ingest(write(tmp_path / "x.json", channel(said("hello"), said("hi", BO, 1))))
    assert desk.query("SELECT msg_id, ts::VARCHAR, author_raw, text FROM ir_messages ORDER BY ts") == [
        (str(_FIRST), "2023-05-01 08:00:00.25+00", "Ana Kelemen", "hello"),
        (str(_FIRST + 1), "2023-05-01 08:01:00.25+00", "Bo Quarrel", "hi"),
    ]
    assert desk.query("SELECT name FROM known_names WHERE kind = 'person' ORDER BY name") == [
        ("Ana Kelemen",),
        ("Bo Quarrel",),
        ("ana.k",),
        ("bo",),
        ("bo#1234",),
    ]
    assert desk.rows("thread") == [("garden",), ("garden",)]


def test_a_reply_leads_to_its_message_and_a_forward_to_its_channel(desk: Desk, tmp_path: Path) -> None:
    """A reference within the channel is a reply; one that leads elsewhere says where a message came from."""
    reply = said("yes", BO, 1, type="Reply", reference={"messageId": str(_FIRST), "channelId": "55555", "guildId": "9"})
    reference = {"type": "Forward", "messageId": "77", "channelId": "55556", "guildId": "9"}
    forwarded = {"timestamp": "2023-01-01T00:00:00+00:00", "content": "from afar", "attachments": []}
    forward = said("", BO, 2, reference=reference, forwardedMessage=forwarded)
    crosspost = said("news", BO, 3, reference={"messageId": "78", "channelId": "55557", "guildId": "10"})
    desk.ingest(write(tmp_path / "x.json", channel(said("tea?"), reply, forward, crosspost)))
    first = desk.query("SELECT event_id::VARCHAR FROM ir_messages ORDER BY ts LIMIT 1")[0][0]
    assert desk.rows("text", "reply_to", "forwarded_from") == [
        ("tea?", None, None),
        ("yes", first, None),
        ("from afar", None, "55556"),
        ("news", None, "55557"),
    ]


@pytest.mark.parametrize(
    ("kind", "event", "mentions"),
    [
        ("RecipientAdd", "add", [BO]),
        ("RecipientRemove", "remove", [BO]),
        ("RecipientRemove", "leave", [ANA]),
        ("ChannelNameChange", "rename", []),
        ("ChannelIconChange", "picture", []),
        ("ChannelPinnedMessage", "pin", []),
        ("GuildMemberJoin", "join", []),
        ("ThreadCreated", "create", []),
        ("7", "join", []),
        ("8", "other", []),
        ("24", "other", []),
    ],
)
def test_what_happened_is_an_event_about_people(
    tmp_path: Path, kind: str, event: str, mentions: list[dict[str, Any]]
) -> None:
    """Nobody is the author of what the platform says; who did it comes first, then to whom."""
    message = said("something happened.", type=kind, mentions=mentions)
    (row,) = read("discord", write(tmp_path / "x.json", channel(message)))
    assert (row["kind"], row["event"], row["author"]) == ("system", event, None)
    assert row["mentions"] == list(dict.fromkeys(["101", *(each["id"] for each in mentions)]))


def test_a_pin_leads_to_the_pinned_message(tmp_path: Path) -> None:
    """The line says which message was pinned."""
    pin = said("Pinned a message.", minute=1, type="ChannelPinnedMessage", reference={"messageId": str(_FIRST)})
    rows = read("discord", write(tmp_path / "x.json", channel(said("rules"), pin)))
    assert rows[1]["reply_to"] == str(_FIRST)


def test_a_call_has_its_length(tmp_path: Path) -> None:
    """A call is somebody's, and lasted from its time to its end."""
    call = said("Started a call that lasted 2 minutes.", type="Call", callEndedTimestamp="2023-05-01T10:02:05+02:00")
    (row,) = read("discord", write(tmp_path / "x.json", channel(call)))
    assert (row["kind"], row["event"], row["author"]) == ("call", "call", "101")
    assert json.loads(row["data"]) == {"seconds": 124}


def test_reactions_say_who_as_far_as_the_export_does(tmp_path: Path) -> None:
    """Old versions only count; new ones list people, not always all."""
    thumb = {"id": "", "name": "👍", "code": "thumbsup", "isAnimated": False}
    own = {"id": "42", "name": "sprout", "code": "sprout", "isAnimated": True}
    message = said("look", reactions=[{"emoji": thumb, "count": 3, "users": [BO, CY]}, {"emoji": own, "count": 2}])
    (row,) = read("discord", write(tmp_path / "x.json", channel(message)))
    assert [(each["emoji"], each["author"], each["count"]) for each in row["reactions"]] == [
        ("👍", "102", None),
        ("👍", "103", None),
        ("👍", None, 1),
        (":sprout:", None, 2),
    ]


def test_attachments_and_stickers_are_media(tmp_path: Path) -> None:
    """All attachments of a message are there; a file that lies beside the export is not missing."""
    photo = {"id": "1", "url": "https://cdn.discordapp.com/a/cat.png", "fileName": "cat.png", "fileSizeBytes": 99}
    saved = {"id": "2", "url": "x.json_Files\\notes-1A2B.pdf", "fileName": "notes.pdf", "fileSizeBytes": 7}
    sticker = {"id": "3", "name": "Wave", "format": "Png", "sourceUrl": "https://cdn.discordapp.com/stickers/3.png"}
    messages = [said("", attachments=[photo, saved]), said("", minute=1, stickers=[sticker])]
    folder = {"x.json": channel(*messages), "x.json_Files/notes-1A2B.pdf": b"%PDF"}
    first, second = read("discord", write(tmp_path / "folder", folder))
    assert (first["kind"], first["text"], second["kind"]) == ("media", None, "sticker")
    assert [tuple(each.values()) for each in first["media"]] == [
        ("cat.png", "https://cdn.discordapp.com/a/cat.png", "image/png", 99, True),
        ("notes.pdf", None, "application/pdf", 7, False),
    ]
    assert second["media"][0]["name"] == "Wave"


def test_a_card_whose_text_is_nowhere_else_is_read(tmp_path: Path) -> None:
    """A bot speaks through cards; the preview of a link says nothing that a person said."""
    card = {
        "title": "Watering",
        "url": None,
        "description": "Row 3 is dry.",
        "author": {"name": "Sensor"},
        "fields": [{"name": "Litres", "value": "3", "isInline": True}],
        "footer": {"text": "since noon"},
        "images": [{"url": "https://example.org/row.png"}],
    }
    preview = {"title": "A site", "url": "https://example.org/", "description": "All about it."}
    messages = [said("", HELPER, embeds=[card]), said("see https://example.org", minute=1, embeds=[preview])]
    first, second = read("discord", write(tmp_path / "x.json", channel(*messages)))
    assert first["text"] == "Sensor\nWatering\nRow 3 is dry.\nLitres\n3\nsince noon"
    assert first["media"][0]["url"] == "https://example.org/row.png"
    assert (second["text"], second["media"]) == ("see https://example.org", None)


def test_a_poll_has_its_question_and_votes(tmp_path: Path) -> None:
    """Votes are told beside the answers, by their ids."""
    poll = {
        "question": "Tea or coffee?",
        "answers": [{"id": 1, "text": "Tea"}, {"id": 2, "text": "Coffee", "emoji": {"name": "☕"}}],
        "results": {"isFinalized": True, "answers": [{"id": 2, "count": 4}]},
    }
    (row,) = read("discord", write(tmp_path / "x.json", channel(said("", poll=poll))))
    assert (row["kind"], row["text"]) == ("poll", "Tea or coffee?")
    assert json.loads(row["data"]) == {
        "question": "Tea or coffee?",
        "options": [{"text": "Tea", "votes": None}, {"text": "Coffee", "votes": 4}],
        "closed": True,
    }


@pytest.mark.slow  # several whole commands
def test_an_edit_has_its_time_and_a_later_export_replaces_the_text(desk: Desk, tmp_path: Path) -> None:
    """In whatever order the exports are read, the last wording counts."""
    old = channel(said("frist"), exportedAt="2023-05-02T00:00:00+00:00")
    new = channel(said("first", timestampEdited="2023-05-01T10:05:00+02:00"))
    for exports in ([old, new], [new, old]):
        with_both = Desk(desk.path / str(exports.index(old)))
        with_both.ingest(*(write(tmp_path / f"{number}.json", each) for number, each in enumerate(exports)))
        assert with_both.rows("text", "edited_at") == [("first", "2023-05-01T08:05:00.000000Z")]


def test_parts_and_channels_of_a_folder_are_one_export(desk: Desk, tmp_path: Path) -> None:
    """A part continues its channel; a renamed channel stays one, by its id; a zip is as good as a folder."""
    files = {
        "Allotment - Text - garden [55555] [part 1].json": channel(said("one"), name="old name"),
        "Allotment - Text - garden [55555] [part 2].json": channel(said("two", BO, 1)),
        "deeper/Allotment - Text - shed [55556].json": channel(said("three", CY, 2), id_="55556", name="shed"),
        "notes.json": {"about": "nothing"},
    }
    folder = write(tmp_path / "folder", files)
    desk.ingest(folder)
    assert desk.rows("thread", "text") == [("garden", "one"), ("garden", "two"), ("shed", "three")]
    desk.ingest(zipped(folder))
    assert len(desk.rows("text")) == 3


def test_a_direct_message_is_a_chat_of_two(desk: Desk, tmp_path: Path) -> None:
    """What kind of chat it is, is known."""
    about = {"id": "5", "type": "DirectTextChat", "category": "Private", "name": "bo"}
    desk.ingest(write(tmp_path / "x.json", channel(said("psst"), channel=about)))
    assert desk.query("SELECT kind FROM known_names WHERE name = 'bo' AND kind = 'direct'") == [("direct",)]


def test_what_no_message_says_is_counted(desk: Desk, tmp_path: Path) -> None:
    """Pins, previews, buttons and messages without a time are told at the end."""
    button = {"type": "ActionRow", "components": [{"type": "Button", "label": "Join"}]}
    preview = {"title": "t", "url": "https://example.org"}
    messages = [
        said("a https://example.org", isPinned=True, embeds=[preview], components=[button]),
        {"type": "Default", "content": "lost", "author": ANA},
        "nonsense",
    ]
    desk.ingest(write(tmp_path / "x.json", channel(*messages)))
    assert "messages without a time (2)" in desk.told
    assert "marks of messages that are pinned (1)" in desk.told
    assert "previews of links (1)" in desk.told
    assert "buttons and menus (1)" in desk.told


def test_fewer_messages_than_claimed_are_told(desk: Desk, tmp_path: Path) -> None:
    """An export that was cut by hand says how many it had."""
    desk.ingest(write(tmp_path / "x.json", channel(said("a"), messageCount=6)))
    assert "6 messages, and holds 1" in desk.told


@pytest.mark.parametrize(
    "change",
    [
        {"id": None},
        {"id": 1100000000000000000},
        {"author": None},
        {"author": "Ana"},
        {"author": {"name": "Ana"}},
        {"content": None},
        {"content": 7},
        {"content": ["a"]},
        {"type": None},
        {"type": "SomethingNew"},
        {"timestamp": "2023-05-01 10:00:00"},
        {"timestamp": "0001-01-01T00:00:00+00:00"},
        {"timestamp": 5},
        {"attachments": None},
        {"attachments": {"a": 1}},
        {"reactions": [{"emoji": None, "count": -1}, 3]},
        {"reactions": [{"emoji": {"name": "x"}, "count": 10**30}]},
        {"mentions": ["101", None, {}]},
        {"reference": []},
        {"embeds": [{"fields": 3, "author": []}]},
        {"poll": {"question": {"text": "q"}, "answers": [{"poll_media": {"text": "a"}, "votes": "x"}]}},
    ],
)
def test_a_value_of_another_type_harms_nothing_else(tmp_path: Path, change: dict[str, Any]) -> None:
    """Versions differ, and files are edited: the message is there all the same."""
    assert len(read("discord", write(tmp_path / "x.json", channel({**said("hello"), **change})))) == 1


def test_an_export_with_its_users_behind_the_messages_is_read(desk: Desk, tmp_path: Path) -> None:
    """Where messages only have ids of people, the table at the end says what they are called."""
    message = {**said("hello"), "authorId": "101", "mentionIds": ["103"]}
    del message["author"], message["mentions"]
    desk.ingest(write(tmp_path / "x.json", channel(message, users=[ANA, CY])))
    assert desk.rows("author_raw") == [("Ana Kelemen",)]
    assert desk.query("SELECT count(*) FROM known_names WHERE name = 'Cyprian Vale'") == [(1,)]


def test_the_channel_may_stand_behind_the_messages(desk: Desk, tmp_path: Path) -> None:
    """Whoever saves JSON anew may order it anew."""
    whole = channel(*(said("x" * 500, minute=minute % 60, id=str(minute)) for minute in range(1000)))
    turned = {key: whole[key] for key in ("messages", "messageCount", "guild", "channel")}
    desk.ingest(write(tmp_path / "x.json", turned))
    assert desk.query("SELECT DISTINCT attrs->>'thread', count(*) FROM ir_messages GROUP BY ALL") == [("garden", 1000)]


# --- tables -------------------------------------------------------------------------------------------------------


def table(*records: tuple[str, ...], end: str = "\r\n", tail: str = "") -> str:
    """Return a CSV as the exporter writes it: all values between quotes but the header."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator=tail + end)
    writer.writerows(records)
    return f"AuthorID,Author,Date,Content,Attachments,Reactions{end}{out.getvalue()}"


ROW = ("102", "bo#1234", "2023-05-01T10:00:00.0000000+02:00", 'two\nlines, "quoted"', "", "")


@pytest.mark.parametrize("tail", ["", ","], ids=["today", "with a comma at the end of each line"])
def test_a_table_is_read(desk: Desk, tmp_path: Path, tail: str) -> None:
    """Its channel stands in the file's name; reactions are only counted."""
    media = "https://cdn.discordapp.com/a,b.png,https://cdn.discordapp.com/c.mp4"
    second = ("101", "ana.k", "2023-05-01T10:01:00Z", "", media, "👍 (3),sprout (1)")
    path = write(tmp_path / "Allotment - Text - garden [55555].csv", "\ufeff" + table(ROW, second, tail=tail))
    desk.ingest(path)
    assert desk.query("SELECT ts::VARCHAR, author_raw, text, attrs->>'thread' FROM ir_messages ORDER BY ts") == [
        ("2023-05-01 08:00:00+00", "bo", 'two\nlines, "quoted"', "garden"),
        ("2023-05-01 10:01:00+00", "ana.k", None, "garden"),
    ]
    row = read("discord", path)[1]
    assert [each["name"] for each in row["media"]] == ["a,b.png", "c.mp4"]
    assert [(each["emoji"], each["count"]) for each in row["reactions"]] == [("👍", 3), ("sprout", 1)]


@pytest.mark.parametrize(
    ("dates", "first"),
    [
        (["01-May-23 10:05 PM", "02-May-23 01:00 AM"], "2023-05-01 22:05"),
        (["31/05/2023 22:05", "01/06/2023 10:00"], "2023-05-31 22:05"),
        (["5/31/2023 10:05 PM", "6/1/2023 12:00 AM"], "2023-05-31 22:05"),
        (["01.05.2023 22:05", "02.05.2023 10:00"], "2023-05-01 22:05"),
        (["2023/05/01 22:05", "2023/05/02 10:00"], "2023-05-01 22:05"),
        (["2023-05-01 22:05", "2023-05-02 10:00"], "2023-05-01 22:05"),
        (["1682978700", "1682978701"], "2023-05-01 22:05"),
        (["1682978700000", "1682978701000"], "2023-05-01 22:05"),
    ],
)
def test_dates_of_older_tables_are_read(tmp_path: Path, dates: list[str], first: str) -> None:
    """They are as the exporting machine shows them, and as its user chose."""
    path = write(tmp_path / "x.csv", table(*((*ROW[:2], date, *ROW[3:]) for date in dates)))
    assert f"{read('discord', path)[0]['ts']:%Y-%m-%d %H:%M}" == first


def test_dates_that_nothing_decides_are_a_question(tmp_path: Path) -> None:
    """Whoever guesses puts messages into another month."""
    path = write(tmp_path / "x.csv", table((*ROW[:2], "05/06/2023 10:00", *ROW[3:])))
    with pytest.raises(DateOrderError, match="--date-order"):
        read("discord", path)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (table(ROW, ("102", "bo")), "line 4 ends"),
        (table(ROW, ("102", "bo", "yesterday", "x", "", "")), "line 4"),
        (table(("102", "bo", "yesterday", "x", "", "")), "format that is not known"),
        (table(ROW).encode() + b'"1","b","2023-05-01T10:00:00Z","\xff\xfe","",""\r\n', "no text"),
    ],
)
def test_a_damaged_table_says_where(tmp_path: Path, content: str | bytes, told: str) -> None:
    """The error names file and line, and quotes nothing."""
    with pytest.raises(ExportError, match=told) as caught:
        read("discord", write(tmp_path / "x.csv", content))
    assert "yesterday" not in str(caught.value)
    assert "x.csv" in str(caught.value)


def test_a_channel_that_is_there_twice_is_read_once(desk: Desk, tmp_path: Path) -> None:
    """JSON says more than a table of the same channel."""
    name = "Allotment - Text - garden [55555]"
    desk.ingest(write(tmp_path / "folder", {f"{name}.json": channel(said("one")), f"{name}.csv": table(ROW)}))
    assert desk.rows("text") == [("one",)]
    assert "tables of channels that are there in another format, too (1)" in desk.told


# --- the package that Discord sends -------------------------------------------------------------------------------

PACKAGE = {
    "account/user.json": {
        "id": "101",
        "username": "ana.k",
        "global_name": "Ana Kelemen",
        "relationships": [{"id": "103", "type": 1, "nickname": None, "user": {"id": "103", "username": "cyprian"}}],
    },
    "messages/index.json": {"55555": "garden", "55556": "Direct Message with bo#1234"},
    "messages/c55555/channel.json": {
        "id": "55555",
        "type": "GUILD_TEXT",
        "name": "garden",
        "guild": {"id": "9", "name": "Allotment"},
    },
    "messages/c55555/messages.json": [
        {"ID": _FIRST, "Timestamp": "2023-05-01 08:00:00", "Contents": "hello", "Attachments": ""},
        {
            "ID": _FIRST + 1,
            "Timestamp": "2023-05-01 08:01:00",
            "Contents": "",
            "Attachments": "https://cdn.discordapp.com/a/cat.png https://cdn.discordapp.com/a/dog.png",
        },
    ],
    "messages/c55556/channel.json": {"id": "55556", "type": "DM", "recipients": ["101", "102"]},
    "messages/c55556/messages.csv": "ID,Timestamp,Contents,Attachments\r\n"
    '1100000000000000007,2023-05-01 08:02:00.123000+00:00,"psst, you",\r\n',
}


def test_the_package_that_discord_sends_is_read(desk: Desk, tmp_path: Path) -> None:
    """All in it is its owner's; channels are called as its index calls them."""
    package = write(tmp_path / "package", PACKAGE)
    desk.ingest(package)
    assert desk.query(
        "SELECT ts::VARCHAR, author_raw, text, attrs->>'thread', attrs->>'kind' FROM ir_messages ORDER BY ts"
    ) == [
        ("2023-05-01 08:00:00+00", "Ana Kelemen", "hello", "garden", "text"),
        ("2023-05-01 08:01:00+00", "Ana Kelemen", None, "garden", "media"),
        ("2023-05-01 08:02:00.123+00", "Ana Kelemen", "psst, you", "Direct Message with bo#1234", "text"),
    ]
    assert desk.query("SELECT count(*) FROM known_names WHERE name = 'cyprian'") == [(1,)]
    assert desk.query("SELECT name FROM known_names WHERE kind = 'person' AND name LIKE 'bo%' ORDER BY 1") == [
        ("bo",),
        ("bo#1234",),
    ]
    desk.ingest(zipped(package))
    assert len(desk.rows("text")) == 3


def test_the_package_and_the_exporter_tell_of_the_same_messages(desk: Desk, tmp_path: Path) -> None:
    """Ids of messages, channels and people are Discord's in both."""
    desk.ingest(
        write(tmp_path / "package", PACKAGE), write(tmp_path / "x.json", channel(said("hello"), said("hi", BO, 9)))
    )
    assert desk.rows("thread", "text", "author_raw")[0] == ("garden", "hello", "Ana Kelemen")
    assert len(desk.rows("text")) == 4


# --- all of them --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("x.json", channel(said("x")), "certain"),
        ("no ending", channel(said("x")), "no"),
        ("x.csv", table(ROW), "certain"),
        ("x.json", {"messages": [said("x")]}, "likely"),
        ("x.json", {"messages": [{"sender_name": "Ana", "timestamp_ms": 1, "content": "x"}]}, "no"),
        ("x.json", {"guild": "none", "channel": "none"}, "no"),
        ("x.csv", "Date,User,Message\n", "no"),
        ("package", PACKAGE, "certain"),
        ("x.json", "", "no"),
    ],
)
def test_an_export_is_recognised_by_what_it_holds(tmp_path: Path, name: str, content: Any, found: str) -> None:
    """Neither a name nor an ending makes a chat."""
    assert sure("discord", write(tmp_path / name, content)) == found


@pytest.mark.slow  # several whole commands
def test_no_name_gets_out_after_privacy(desk: Desk, tmp_path: Path) -> None:
    """Neither of who writes nor of who only reacts, is mentioned, or asked a bot."""
    messages = [
        said("Cyprian Vale and bo#1234, says Bo Quarrel", mentions=[CY]),
        said("ok", HELPER, 1, reactions=[{"emoji": {"id": "", "name": "x"}, "count": 1, "users": [CY]}]),
        said("Added Cyprian Vale to the group.", BO, 2, type="RecipientAdd", mentions=[CY]),
        said("done", HELPER, 3, interaction={"id": "1", "name": "water", "user": CY}),
    ]
    desk.run(write(tmp_path / "x.json", channel(*messages)))
    assert leaked(desk) == set()
    assert desk.query("SELECT attrs->>'event' FROM stage_privacy WHERE attrs->>'event' IS NOT NULL") == [("add",)]


@pytest.mark.slow  # several whole commands
def test_reading_twice_or_in_part_doubles_nothing(desk: Desk, tmp_path: Path) -> None:
    """The same, an overlapping and an older export add only what is new."""
    messages = [said(f"number {minute}", minute=minute) for minute in range(6)]
    whole, early, late = channel(*messages), channel(*messages[:4]), channel(*messages[2:])
    for number, each in enumerate((late, whole, early, whole)):
        desk.ingest(write(tmp_path / f"{number}.json", each))
    assert len(desk.rows("text")) == 6


_DEEP = '{"guild":{"id":"1"},"channel":{"id":"5"},"messages":[{"id":"1","timestamp":"2023-05-01T00:00:00Z","embeds":'


@pytest.mark.parametrize(
    "content",
    [
        _DEEP + "[" * 100_000,
        json.dumps(channel(said("x")))[:-200],
        json.dumps(channel(said("x"))).encode("utf-16"),
        '{"guild":{},"channel":{},"messages":{"a":1}}',
        '{"guild":{},"channel":{},"messages":[1,null,"x",[],{}]}',
    ],
)
def test_hostile_files_are_errors_of_ours(tmp_path: Path, content: str | bytes) -> None:
    """Nothing else is raised, whatever a file holds."""
    survives("discord", write(tmp_path / "x.json", content))


_WHOLE = json.dumps(
    channel(
        said("hello", reactions=[{"emoji": {"name": "x"}, "count": 2, "users": [BO]}]),
        said("", BO, 1, type="Reply", reference={"messageId": "1"}, embeds=[{"title": "t", "fields": []}]),
    )
)


def _damage(data: st.DataObject, text: str) -> str:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    patch = data.draw(st.sampled_from(["", "null", '"x"', "[]", "{}", "1e999", "-1", "\x00", "\\ud800", '"', "}", "]"]))
    return text[:start] + patch + text[end:]


@given(data=st.data())
def test_damage_gives_rows_or_an_error_of_ours(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Any piece of an export replaced by another."""
    survives("discord", write(tmp_path_factory.mktemp("x") / "x.json", _damage(data, _WHOLE)))


@pytest.mark.slow  # the one before, longer
@settings(max_examples=150)
@given(data=st.data())
def test_much_damage_gives_rows_or_an_error_of_ours(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """As above, and of tables."""
    name, text = data.draw(st.sampled_from([("x.json", _WHOLE), ("x.csv", table(ROW, ROW, ROW))]))
    survives("discord", write(tmp_path_factory.mktemp("x") / name, _damage(data, text)))


def test_errors_quote_nothing(tmp_path: Path) -> None:
    """No text or name stands in an error."""
    text = json.dumps(channel(*(said("zanzibarically", minute=minute) for minute in range(9))))
    with pytest.raises(EgregoraError) as caught:
        read("discord", write(tmp_path / "x.json", text[: len(text) // 2]))
    assert "zanzibarically" not in str(caught.value)
    assert "Kelemen" not in str(caught.value)
