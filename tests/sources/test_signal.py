"""Signal: its own export, and what sigexport and sigtop wrote."""

import base64
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import egregora_sources
import pytest
from egregora_core.exports import Export
from egregora_core.ingestion import choose_source
from egregora_core.plugin.json_values import moment_of
from egregora_core.plugins import App
from egregora_sources import signal
from hypothesis import given, settings
from hypothesis import strategies as st
from more_platforms import Read, Shelf, put
from mutations import change, damaged, odd_values, places, read_or_refused, run_or_refused, several
from support import needs_shared, shared_files

# --- sigexport ----------------------------------------------------------------------------------------------------

MARKDOWN = """[2019-05-29, 15:04] Me: How is everyone?  
[2019-05-29, 15:10] Aya: We're great!  
(- Jim: 👍, Aya: ❤️ -)  
[2019-05-29, 15:20] Jim: 
>
> We're great!
>
I'm not.  
[2019-05-29, 15:21] Jim: ![photo.jpg](./media/2019-05-29T15-21_photo.jpg)  
[2023-01-02 15:04:05] Aya: above

below  

[2023-01-02 15:05:00] Aya: see [a.pdf](./media/a%20b.pdf)  [c.png](./media/c.png)  

[2023-01-02 15:06:00] Jim: (This message was deleted)

[2023-01-02 15:07:00] Jim: 

> quoted
> words

my words  

[2023-01-02 15:08:00] Aya: Missed video call  

[2023-01-02 15:09:00] Me: Outgoing voice call (accepted, 3m 4s)  

[2023-01-02 15:10:00] No-Sender:   

[2023-01-02 15:11:00] Jim:   
(( 🐧 ))

"""  # noqa: W291 - Markdown ends lines with blanks


BACKUP = """[Jan 02, 2023 15:04:04] *** Missed call
[Jan 02, 2023 15:04:05] *** <Ana Lima> sent file "a photo.jpg"
[Jan 02, 2023 15:04:05] *** <Ana Lima> sent file of type image/png
[Jan 02, 2023 15:04:05] <Ana Lima> two
lines (of mine) (Bo: 👍; Ida Kos: ❤️)
[Jan 02, 2023 15:04:06] <Bo> a call: (note: this)
[Jan 02, 2023 15:04:07] *** <Bo> sent file of type audio/aac (Ana Lima: 👍)
[Jan 02, 2023 15:04:08] *** Bo has left the group.
"""


@pytest.mark.parametrize("name", ["Ana Lima (_id3).txt", "renamed.txt"])
def test_texts_of_signalbackup_tools(tmp_path: Path, name: str) -> None:
    """Written like a log of IRC, and none: lines of a text go on, files belong to what was said with them."""
    path = put(tmp_path, name, BACKUP)
    with Export(path) as export:
        assert choose_source(App(plugins=[egregora_sources], discover=False), export).spec.name == "signal"
    read = Read(signal, path)
    assert not read.reading.zoned
    assert [(row["ts"][17:], row["author"], row["kind"], row["text"]) for row in read.rows] == [
        ("04", None, "call", "Missed call"),
        ("05", "Ana Lima", "media", "two\nlines (of mine)"),
        ("06", "Bo", "text", "a call: (note: this)"),
        ("07", "Bo", "media", None),
        ("08", None, "system", "Bo has left the group."),
    ]
    assert [(each["name"], each["type"]) for each in read.rows[1]["media"]] == [
        ("a photo.jpg", "image/jpeg"),
        (None, "image/png"),
    ]
    assert [(each["emoji"], each["author"]) for each in read.rows[1]["reactions"]] == [("👍", "Bo"), ("❤️", "Ida Kos")]
    assert [(each["emoji"], each["author"]) for each in read.rows[3]["reactions"]] == [("👍", "Ana Lima")]
    assert read.rows[4]["event"] == "leave"
    assert read.reading.thread == name.removesuffix(".txt").removesuffix(" (_id3)")


def test_markdown_is_read(tmp_path: Path) -> None:
    """Old and new ways of writing times, quotes, reactions, files, deletions, calls and stickers."""
    put(tmp_path, "out/Friends/media/c.png", b"x")
    read = Read(signal, put(tmp_path, "out/Friends/chat.md", MARKDOWN))
    assert read.recognised.sure == "certain"
    assert not read.reading.zoned
    assert read.reading.thread == "Friends"
    assert [(row["ts"], row["author"], row["kind"], row["text"]) for row in read.rows] == [
        ("2019-05-29 15:04:00", "Me", "text", "How is everyone?"),
        ("2019-05-29 15:10:00", "Aya", "text", "We're great!"),
        ("2019-05-29 15:20:00", "Jim", "text", "I'm not."),
        ("2019-05-29 15:21:00", "Jim", "media", None),
        ("2023-01-02 15:04:05", "Aya", "text", "above\n\nbelow"),
        ("2023-01-02 15:05:00", "Aya", "media", "see "),
        ("2023-01-02 15:06:00", "Jim", "deleted", None),
        ("2023-01-02 15:07:00", "Jim", "text", "my words"),
        ("2023-01-02 15:08:00", "Aya", "call", "Missed video call"),
        ("2023-01-02 15:09:00", "Me", "call", "Outgoing voice call (accepted, 3m 4s)"),
        ("2023-01-02 15:10:00", None, "system", None),
        ("2023-01-02 15:11:00", "Jim", "sticker", "🐧"),
    ]
    assert [(one["emoji"], one["author"]) for one in read.rows[1]["reactions"]] == [("👍", "Jim"), ("❤️", "Aya")]
    assert [(file["name"], file["missing"]) for file in read.rows[5]["media"]] == [
        ("a.pdf", True),
        ("Friends/media/c.png", False),
    ]
    assert [json.loads(read.rows[n]["data"]) for n in (8, 9)] == [
        {"missed": True, "video": True},
        {"missed": False, "video": False, "seconds": 184},
    ]
    assert read.report.left_out == {"quotes, which do not say of which message they are": 2}


LINES: list[dict[str, Any]] = [
    {"date": "2023-01-02T15:04:05.123000", "sender": "Aya", "body": "hello zanzibar  ", "quote": "", "sticker": "",
     "reactions": [["Jim", "👍"]], "attachments": []},
    {"date": "2023-01-02T15:05:00", "sender": "Me", "body": "see  ", "quote": "\n\n> hello\n\n", "sticker": None,
     "reactions": [], "attachments": [{"name": "a.jpg", "path": "media/a.jpg"}], "deleted": False, "call": False},
    {"date": "2023-01-02T15:06:00", "sender": "Jim", "body": "  ", "quote": "", "reactions": [], "attachments": [],
     "sticker": {"id": "1", "packId": "p", "packKey": "k", "emoji": "🐧"}},
    {"date": "2023-01-02T15:07:00", "sender": "Jim", "body": "x", "deleted": True},
    {"date": "2023-01-02T15:08:00", "sender": "Aya", "body": "Missed voice call  ", "call": True, "missed": True},
    {"date": "2023-01-02T15:09:00", "sender": "Aya", "body": "new  ", "edits": [{"date": "x", "body": "old"}]},
    {"date": "2023-01-02T15:10:00", "sender": "Aya", "body": "Missed call  ", "call": False},
]  # fmt: skip


def lines(messages: Any) -> str:
    return "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in messages)


def test_json_lines_are_read_rather_than_markdown(tmp_path: Path) -> None:
    """Both stand in a chat's folder and say the same; JSON says more."""
    put(tmp_path, "out/Friends/chat.md", MARKDOWN)
    put(tmp_path, "out/Aya/chat.md", MARKDOWN)
    put(tmp_path, "out/Aya/data.json", lines(LINES))
    read = Read(signal, put(tmp_path, "out/Friends/data.json", lines(LINES)))
    assert read.recognised.sure == "certain"
    assert sorted({row["thread"] for row in read.rows}) == ["Aya", "Friends"]
    found = [row for row in read.rows if row["thread"] == "Aya"]
    assert [(row["author"], row["kind"], row["text"], row["edited"]) for row in found] == [
        ("Aya", "text", "hello zanzibar", None),
        ("Me", "media", "see", None),
        ("Jim", "sticker", "🐧", None),
        ("Jim", "deleted", None, None),
        ("Aya", "call", "Missed voice call", None),
        ("Aya", "text", "new", True),
        ("Aya", "text", "Missed call", None),
    ]
    assert found[1]["media"][0]["missing"] is True


# --- sigtop -------------------------------------------------------------------------------------------------------

AYA, JIM = "aaaaaaaa-1111-4111-8111-111111111111", "bbbbbbbb-1111-4111-8111-111111111111"
SENT = 1_672_671_845_123


def desktop(n: int, body: str | None, sender: str | None = AYA, **more: Any) -> dict[str, Any]:
    head = {"id": f"local{n}", "conversationId": "conv1", "sent_at": SENT + n * 1000, "timestamp": SENT + n * 1000}
    who = {"type": "incoming", "sourceServiceId": sender} if sender else {"type": "outgoing", "sourceServiceId": "own"}
    return {**head, **who, "body": body, "attachments": [], "schemaVersion": 14, **more}


DESKTOP = [
    desktop(1, "hello zanzibar", source="+15550101"),
    desktop(2, "hi", None, quote={"id": SENT + 1000, "authorAci": AYA, "text": "hello"}),
    desktop(3, "and you", quote={"id": SENT + 2000, "author": "own", "text": "hi"}),
    desktop(4, "\ufffc look", bodyRanges=[{"start": 0, "length": 1, "mentionAci": JIM, "replacementText": "Jim"}]),
    desktop(5, "new", editHistory=[{"body": "new", "timestamp": SENT + 9000}, {"body": "old", "timestamp": SENT}]),
    desktop(6, None, attachments=[{"contentType": "image/jpeg", "fileName": "a.jpg", "size": 7, "path": "x/y"},
                                  {"contentType": "audio/aac", "size": 8}]),
    desktop(7, None, JIM, deletedForEveryone=True),
    desktop(8, None, type="call-history", callHistoryDetails={
        "wasIncoming": True, "wasVideoCall": True, "acceptedTime": SENT, "endedTime": SENT + 65_000}),
    desktop(9, None, type="group-v2-change", groupV2Change={
        "from": AYA, "details": [{"type": "member-add", "aci": JIM}]}),
    desktop(10, None, type="timer-notification"),
    desktop(11, None, contact=[{"name": {"displayName": "Eve Z"}, "number": [{"value": "+15550109"}]}]),
    desktop(12, None, sticker={"emoji": "🐧", "packId": "p"}),
    desktop(13, "liked", None, reactions=[{"emoji": "👍", "fromId": JIM, "timestamp": SENT + 20_000}]),
]  # fmt: skip


def test_messages_of_the_desktop_app_are_read(tmp_path: Path) -> None:
    """Ids are who sent what when, so replies find their messages; a file is a chat, called as it is."""
    read = Read(signal, put(tmp_path, "Friends (group).json", json.dumps(DESKTOP)))
    assert read.recognised.sure == "certain"
    assert read.threads["conv1"].title == "Friends"
    assert [(row["author"], row["kind"], row["event"], row["text"]) for row in read.rows] == [
        (AYA, "text", None, "hello zanzibar"),
        ("me", "text", None, "hi"),
        (AYA, "text", None, "and you"),
        (AYA, "text", None, "@Jim look"),
        (AYA, "text", None, "new"),
        (AYA, "media", None, None),
        (JIM, "deleted", None, None),
        (AYA, "call", None, None),
        (None, "system", "add", None),
        (None, "system", "settings", None),
        (AYA, "contact", None, None),
        (AYA, "sticker", None, "🐧"),
        ("me", "text", None, "liked"),
    ]
    ids = [row["msg_id"] for row in read.rows]
    assert [row["reply_to"] for row in read.rows[1:3]] == ids[:2]
    assert read.rows[3]["mentions"] == read.rows[8]["mentions"] == [JIM]
    assert f"{read.rows[4]['edited_at']:%S}" == "14"
    assert [(file["name"], file["missing"]) for file in read.rows[5]["media"]] == [("a.jpg", False), (None, True)]
    assert json.loads(read.rows[7]["data"]) == {"video": True, "missed": False, "seconds": 65}
    assert json.loads(read.rows[10]["data"])["phones"] == ["+15550109"]
    assert [(one["emoji"], one["author"]) for one in read.rows[12]["reactions"]] == [("👍", JIM)]


TEXT = """Conversation: Friends (group)

From: Aya (+15550101)
Type: incoming
Sent: Mon, 2 Jan 2023 15:04:05 +0100
Received: Mon, 2 Jan 2023 15:04:06 +0100
Reaction: 👍 from Jim

above

From: here it goes on

From: You
Type: outgoing
Sent: Mon, 2 Jan 2023 15:05:05 +0100
Attachment: a.jpg (image/jpeg, 77 bytes)
Attachment: no filename (audio/aac, 8 bytes)

> From: Aya (+15550101)
> Sent: Mon, 2 Jan 2023 15:04:05 +0100
>
> above

below

From: Aya (+15550101)
Type: incoming
Sent: Mon, 2 Jan 2023 15:06:05 +0100
Received: Mon, 2 Jan 2023 15:06:06 +0100
Edited: 2 versions

| Version: 2
| Sent: Mon, 2 Jan 2023 15:07:05 +0100
|
| new
|
| Version: 1
| Sent: Mon, 2 Jan 2023 15:06:05 +0100
|
| old

From: Aya (+15550101)
Type: call-history
Sent: Mon, 2 Jan 2023 15:08:05 +0100
Received: Mon, 2 Jan 2023 15:08:06 +0100

"""


def test_sigtop_text_is_read(tmp_path: Path) -> None:
    """Times have a zone, so they are instants; words that look like a field are words."""
    read = Read(signal, put(tmp_path, "Friends (group).txt", TEXT))
    assert read.recognised.sure == "certain"
    assert [(row["ts"][11:], row["author"], row["kind"], row["text"]) for row in read.rows] == [
        ("14:04:05", "+15550101", "text", "above\n\nFrom: here it goes on"),
        ("14:05:05", "me", "media", "below"),
        ("14:06:05", "+15550101", "text", "new"),
        ("14:08:05", "+15550101", "call", None),
    ]
    assert read.rows[0]["reactions"][0]["emoji"] == "👍"
    assert [(file["name"], file["size"]) for file in read.rows[1]["media"]] == [("a.jpg", 77), (None, 8)]
    assert read.rows[2]["edited"] is True
    assert read.people["+15550101"].names == ["Aya", "+15550101"]
    assert set(read.report.left_out.values()) == {1}


def test_sigtop_lines_are_read(tmp_path: Path) -> None:
    """A line for each message, with what there is beside the text in brackets."""
    said = (
        "2023-01-02 15:04 You: hello\nand more\n2023-01-02 15:05 Aya: [reply to You on 2023-01-02 15:04, edited] yes\n"
    )
    said += "2023-01-02 15:06 Aya: [2 attachments]\n2023-01-02 15:07 Aya: [call-history message]\n"
    said += "2023-01-02 15:08 Aya: [x] is a box\n"
    read = Read(signal, put(tmp_path, "Aya.txt", said))
    assert [(row["author"], row["kind"], row["text"], row["edited"]) for row in read.rows] == [
        ("Me", "text", "hello\nand more", None),
        ("Aya", "text", "yes", True),
        ("Aya", "media", None, None),
        ("Aya", "call", None, None),
        ("Aya", "text", "[x] is a box", None),
    ]


# --- Signal's own -------------------------------------------------------------------------------------------------


def code(id_: str) -> str:
    return base64.b64encode(UUID(id_).bytes).decode()


def item(n: int, author: str, **more: Any) -> dict[str, Any]:
    return {"chatItem": {"chatId": "10", "authorId": author, "dateSent": str(SENT + n * 1000), **more}}


def text(body: str, **more: Any) -> dict[str, Any]:
    return {"standardMessage": {"text": {"body": body}, **more}}


FRAMES = [
    {"version": "1", "backupTimeMs": str(SENT + 10**6), "mediaRootBackupKey": "x"},
    {"account": {"givenName": "Ana", "familyName": "Kelemen", "username": "ana.01"}},
    {"recipient": {"id": "1", "self": {}}},
    {"recipient": {"id": "2", "contact": {
        "aci": code(AYA), "e164": "15550101",
        "profileGivenName": "Aya", "systemGivenName": "Aya", "systemFamilyName": "Z"}}},
    {"recipient": {"id": "3", "contact": {"aci": code(JIM), "profileGivenName": "Jim"}}},
    {"recipient": {"id": "4", "group": {"masterKey": "KEY", "snapshot": {"title": {"title": "Plaza"}}}}},
    {"chat": {"id": "10", "recipientId": "4"}},
    item(1, "2", incoming={}, **text("hello zanzibar", reactions=[
        {"emoji": "👍", "authorId": "3", "sentTimestamp": str(SENT + 5000)}])),
    item(2, "1", outgoing={}, **text("hi", quote={"targetSentTimestamp": str(SENT + 1000), "authorId": "2"})),
    item(3, "2", revisions=[{"dateSent": str(SENT + 2500), **text("old")}], **text("new")),
    item(4, "2", standardMessage={"attachments": [{"pointer": {
        "contentType": "image/jpeg", "fileName": "a.jpg", "locatorInfo": {"size": 7, "localKey": "k"}}}]}),
    item(5, "2", remoteDeletedMessage={}),
    item(6, "2", stickerMessage={"sticker": {"emoji": "🐧"}}),
    item(7, "2", updateMessage={"individualCall": {
        "type": "VIDEO_CALL", "state": "ACCEPTED", "startedCallTimestamp": str(SENT)}}),
    item(8, "2", updateMessage={"groupChange": {"updates": [{"groupMemberAddedUpdate": {
        "updaterAci": code(AYA), "newMemberAci": code(JIM)}}]}}),
    item(9, "2", updateMessage={"groupChange": {"updates": [{"groupNameUpdate": {
        "updaterAci": code(AYA), "newGroupName": "Plaza"}}]}}),
    item(10, "2", poll={"question": "When?", "options": [{"option": "now", "votes": [{"voterId": "3"}]}]}),
    item(11, "2", contactMessage={"contact": {"name": {"givenName": "Eve"}, "number": [{"value": "+15550109"}]}}),
    item(12, "2", giftBadge={}),
]  # fmt: skip


def test_signals_own_export_is_read(tmp_path: Path) -> None:
    """People come before what they said; numbers are texts, ids bytes in base64."""
    put(tmp_path, "signal-export/metadata.json", '{"version": 1}')
    read = Read(signal, put(tmp_path, "signal-export/main.jsonl", lines(FRAMES)))
    assert read.recognised.sure == "certain"
    assert (read.threads["KEY"].title, read.threads["KEY"].kind) == ("Plaza", "group")
    assert read.people["me"].names == ["Me", "Ana Kelemen", "ana.01"]
    assert read.reading.as_of == moment_of(SENT + 10**6)
    assert read.people[AYA].names == ["Aya Z", "Aya", "+15550101"]
    assert [(row["author"], row["kind"], row["event"], row["text"]) for row in read.rows] == [
        (AYA, "text", None, "hello zanzibar"),
        ("me", "text", None, "hi"),
        (AYA, "text", None, "new"),
        (AYA, "media", None, None),
        (AYA, "deleted", None, None),
        (AYA, "sticker", None, "🐧"),
        (AYA, "call", None, None),
        (None, "system", "add", None),
        (None, "system", "rename", "Plaza"),
        (AYA, "poll", None, None),
        (AYA, "contact", None, None),
        (None, "system", "other", None),
    ]
    assert read.rows[1]["reply_to"] == read.rows[0]["msg_id"] == f"{SENT + 1000}:{AYA}"
    assert [(one["emoji"], one["author"]) for one in read.rows[0]["reactions"]] == [("👍", JIM)]
    assert read.rows[2]["msg_id"] == f"{SENT + 2500}:{AYA}"
    assert read.rows[2]["edited_at"] is not None
    assert read.rows[7]["mentions"] == [JIM]
    assert json.loads(read.rows[9]["data"])["options"] == [{"text": "now", "votes": 1}]
    assert read.report.left_out == {"earlier versions of messages": 1, "what messages of other kinds say": 1}


def _sigexport_line(number: int, sort: str) -> dict[str, Any]:
    line: dict[str, Any] = {"date": f"2024-05-01T10:{number // 60 % 60:02}:{number % 60:02}", "sender": "Aya"}
    line |= {"body": f"{number}", "reactions": [["Jim", "👍"]] if number % 3 == 0 else []}
    line["attachments"] = [{"name": "a.png", "path": ""}] if sort == "media" else []
    more: dict[str, dict[str, Any]]
    more = {"deleted": {"deleted": True}, "timeless": {"date": "?"}, "edited": {"edits": [{"body": "old"}]}}
    return line | more.get(sort, {"quote": ""})


def _frame(number: int, sort: str) -> dict[str, Any]:
    reactions = [{"emoji": "👍", "authorId": "3", "sentTimestamp": str(SENT)}] if number % 3 == 0 else []
    attachments = [{"pointer": {"fileName": "a.png"}}] if sort == "media" else []
    said = text(f"{number}", reactions=reactions, attachments=attachments)
    more: dict[str, dict[str, Any]] = {
        "deleted": {"remoteDeletedMessage": {}},
        "timeless": {"dateSent": "?"},
        "edited": {"revisions": [{"dateSent": str(SENT + number * 1000)}]},
    }
    return item(number, "2", **said | more.get(sort, {}))


@pytest.mark.parametrize(("name", "start", "make"), [
    ("main.jsonl", FRAMES[:7], _frame), ("data.json", [], _sigexport_line)
])  # fmt: skip
def test_unlike_messages_stay_where_they_are(tmp_path: Path, name: str, start: list[Any], make: Any) -> None:
    """Usual ones are put together by the thousand; others keep their places, and what is none is left out."""
    sorts = [{0: "deleted", 1: "timeless", 3: "media"}.get(n % 41, "text") for n in range(9000)]
    sorts[2:1000:41] = ["edited"] * len(sorts[2:1000:41])  # others have no such column
    frames = [make(number, sort) for number, sort in enumerate(sorts)]
    read = Read(signal, put(tmp_path, name, lines([*start, *frames])))

    kept = [(number, sort) for number, sort in enumerate(sorts) if sort != "timeless"]
    assert [(row["kind"], row["text"]) for row in read.rows] == [
        (
            "media" if sort == "media" else "deleted" if sort == "deleted" else "text",
            None if sort == "deleted" else f"{n}",
        )
        for n, sort in kept
    ]
    for row, (number, sort) in zip(read.rows, kept, strict=True):
        assert bool(row["reactions"]) == (number % 3 == 0 and sort != "deleted")
        assert bool(row["media"]) == (sort == "media")
        assert bool(row.get("edited") or row.get("edited_at")) == (sort == "edited")
        assert row.get("msg_id") in {None, f"{SENT + number * 1000}:{AYA}"}
    assert read.report.left_out["messages without a time"] == sorts.count("timeless")


# --- all ----------------------------------------------------------------------------------------------------------


def test_all_chats_of_a_folder_are_read(tmp_path: Path) -> None:
    """However many somebody has."""
    for n in range(230):
        put(tmp_path, f"export/Friend {n}/chat.md", f"[2024-05-01 10:00:00] Me: hello {n}  \n")
    assert len({row["thread"] for row in Read(signal, tmp_path / "export").rows}) == 230


@pytest.mark.slow  # several whole commands
def test_no_name_gets_out(tmp_path: Path) -> None:
    """Neither of who writes, nor of who is only known, nor a number."""
    frames = [
        *FRAMES,
        {"recipient": {"id": "9", "contact": {"profileGivenName": "Quentin", "profileFamilyName": "Lurker"}}},
    ]
    frames.append(item(30, "1", **text("ask Quentin Lurker or Aya Z or +15550101")))
    shelf = Shelf(tmp_path)
    shelf.run(put(tmp_path, "main.jsonl", lines(frames)))
    said = str(shelf.query("SELECT s::VARCHAR FROM stage_privacy AS s"))
    assert not [name for name in ("Kelemen", "Aya", "Lurker", "5550101", "Plaza") if name in said]


@pytest.mark.slow  # whole runs, again and again
@pytest.mark.parametrize(
    ("name", "content"),
    [("chat.md", MARKDOWN), ("data.json", lines(LINES)), ("x.json", json.dumps(DESKTOP)), ("main.jsonl", lines(FRAMES)),
     ("x.txt", TEXT)],
)  # fmt: skip
def test_reading_twice_and_in_parts_doubles_nothing(tmp_path: Path, name: str, content: str) -> None:
    """Of an export that has grown, only what is new is added."""
    (tmp_path / "a").mkdir()
    first = put(tmp_path / "a", name, content.replace("We're great!", "We are"))
    again = put(tmp_path / "b", f"a/{name}", content.replace("We're great!", "We are") + "\n")
    shelf = Shelf(tmp_path, "UTC")
    shelf.ingest(first)
    before = [(*said, json.loads(attrs)) for *said, attrs in shelf.messages()]
    shelf.ingest(again / name)
    assert [(*said, json.loads(attrs)) for *said, attrs in shelf.messages()] == before


def test_one_source_reads_each(tmp_path: Path) -> None:
    """None of WhatsApp's or another's is as sure of these."""
    app = App([egregora_sources], discover=False)
    kinds = {"chat.md": MARKDOWN, "data.json": lines(LINES), "x.json": json.dumps(DESKTOP), "main.jsonl": lines(FRAMES)}
    for name, content in {**kinds, "sigtop.txt": TEXT, "old.txt": MARKDOWN}.items():
        assert choose_source(app, Export(put(tmp_path, name, content))).spec.name == "signal"


@needs_shared
@pytest.mark.parametrize(
    ("path", "count"),
    list(zip([*shared_files("signal/*.txt"), *shared_files("synthetic/signal/*.md")], (2, 4), strict=False)),
    ids=str,
)
def test_all_messages_of_samples_are_read(path: Path, count: int) -> None:
    """As many as the list of the collection says."""
    assert len(Read(signal, path).rows) == count


@given(content=st.one_of(*(damaged(each.encode()) for each in (MARKDOWN, lines(LINES), lines(FRAMES), TEXT))))
def test_damaged_files_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Truncated, overwritten, in another encoding."""
    path = tmp_path_factory.mktemp("damaged") / "x.txt"
    path.write_bytes(content)
    read_or_refused(signal, path)


@given(messages=st.one_of(odd_values(DESKTOP), odd_values(FRAMES), odd_values(LINES)), as_lines=st.booleans())
def test_odd_values_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, messages: Any, *, as_lines: bool
) -> None:
    """No value, wherever it stands, gives another error than ours."""
    path = tmp_path_factory.mktemp("odd") / "x.json"
    path.write_text(
        lines(messages) if as_lines and isinstance(messages, list) else json.dumps(messages), errors="replace"
    )
    read_or_refused(signal, path)


def with_odd_values(messages: list[Any]) -> list[Any]:
    """Return each message once more for each value that it has: with another there, and without it."""
    found = list[Any]()
    for message in messages:
        for way in places(message):
            for odd in ("", None, 0, [], {}, ["x"], "9" * 13, DROPPED):
                copy = json.loads(json.dumps(message))
                change(copy, way, odd, "drop" if odd is DROPPED else "set")
                found.append(copy)
    return found


DROPPED = object()
UNLIKE = [
    item(13, "2", remoteDeletedMessage={}, **text("gone")),
    item(14, "2", standardMessage={"text": {"body": "hi Jim", "bodyRanges": [{"mentionAci": code(JIM)}]}}),
]
UNSAID = [LINES[0] | {"sender": "No-Sender"}, LINES[0] | {"body": "Missed voice call  "}]


@pytest.mark.slow  # tens of thousands of messages
@pytest.mark.parametrize(
    ("name", "head", "usual", "messages"),
    [
        ("main.jsonl", FRAMES[:7], item(99, "2", **text("usual")), [*FRAMES[7:12], *UNLIKE]),
        ("data.json", LINES[:1], LINES[0] | {"body": "usual"}, [*LINES, *UNSAID]),
    ],
)
def test_a_message_is_read_alike_whatever_stands_beside_it(
    tmp_path: Path, name: str, head: list[Any], usual: Any, messages: list[Any]
) -> None:
    """Beside what has no time, or among usual messages, which are looked at by column."""

    def read(place: str, *others: Any) -> Read:
        odd = [each for message in with_odd_values(messages) for each in (message, *others)]
        return Read(signal, put(tmp_path / place, f"Aya/{name}", "\n".join(map(json.dumps, [*head, *odd]))))

    one_by_one, by_column = read("one by one", {"date": None}), read("by column", *[usual] * 220)
    told = [{key: value for key, value in row.items() if value is not None} for row in one_by_one.rows]
    assert told == [
        {key: value for key, value in row.items() if value is not None}
        for row in by_column.rows
        if row["text"] != "usual"
    ]
    one_by_one.report.left_out.pop("messages without a time")
    by_column.report.left_out.pop("messages without a time")
    assert one_by_one.report.left_out == by_column.report.left_out


@pytest.mark.slow  # each example is a whole run of the app
@settings(max_examples=2)
@given(exports=several(st.one_of(odd_values(DESKTOP), odd_values(FRAMES), odd_values(LINES))))
def test_odd_values_go_through_a_run_or_are_refused(
    tmp_path_factory: pytest.TempPathFactory, exports: list[Any]
) -> None:
    """Whatever is let through can be stored, masked and published."""
    run_or_refused(signal, tmp_path_factory.mktemp("run"), "main.json", (lines(each) for each in exports))
