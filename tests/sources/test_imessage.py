"""iMessage: databases of several versions of macOS, and what imessage-exporter wrote as text."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from egregora_core.errors import ExportError
from egregora_core.exports import Export
from egregora_sources import imessage
from egregora_sources.imessage._typedstream import attributed_text
from hypothesis import given
from hypothesis import strategies as st
from messages_db import apple, summary, typedstream, write
from more_platforms import Read, Shelf, put, zipped
from mutations import damaged, read_or_refused
from support import needs_shared, shared_files


def say(n: int, text: str | None = None, handle: int = 1, **more: Any) -> dict[str, Any]:
    said = {"guid": f"G{n}", "text": text, "handle_id": handle, "date": apple(f"2024-05-01T10:{n:02}:00"), "chat": 2}
    return {**said, **more}


def me(n: int, text: str | None = None, **more: Any) -> dict[str, Any]:
    return say(n, text, 0, is_from_me=1, account="E:ana@example.org", destination_caller_id="+15550100", **more)


def react(n: int, kind: int, target: str, handle: int = 1, **more: Any) -> dict[str, Any]:
    return say(n, "Loved “x”", handle, associated_message_type=kind, associated_message_guid=target, **more)


EDITS = {"0": [{"d": 1.0, "t": typedstream("first")}, {"d": 2.0, "t": typedstream("second")}]}
MESSAGES = [
    me(1, "hello zanzibar"),
    say(2, None, attributedBody=typedstream("a body ☃")),
    say(3, "answer", 2, thread_originator_guid="G1"),
    say(4, None, date_edited=apple("2024-05-01T11:00:00"), message_summary_info=summary(ec=EDITS)),
    say(5, None, message_summary_info=summary(rp=[0]), date_retracted=apple("2024-05-01T11:00:00")),
    say(6, "\ufffclook", 2),
    say(7, "@Bo see", attributedBody=typedstream("@Bo see", "bo@example.org")),
    say(8, None, 1, item_type=1, group_action_type=0, other_handle=3),
    say(9, None, 1, item_type=1, group_action_type=1, other_handle=3),
    say(10, None, 2, item_type=2, group_title="Plaza"),
    say(11, None, 2, item_type=3, group_action_type=0),
    say(12, None, 2, item_type=6),
    say(13, "direct", 1, chat=1),
    say(14, "body", subject="Subject"),
    react(20, 2000, "p:0/G1", 2),
    react(21, 2001, "bp:G1", 1),
    react(22, 3001, "p:0/G1", 1),
    react(23, 2006, "p:0/G2", 2, associated_message_emoji="🎉"),
    react(24, 2003, "p:0/GONE", 2),
]
PICTURES = [(6, "~/Library/Messages/Attachments/a/b/IMG.heic", "IMG.heic", "image/heic"), (6, None, "lost.mov", "")]


def database(folder: Path, **how: Any) -> Path:
    return write(folder / "chat.db", MESSAGES, attachments=PICTURES, **how)


def test_messages_are_read_with_all_that_belongs_to_them(tmp_path: Path) -> None:
    """Bodies in typedstream, replies, edits, deletions, files, mentions, events and reactions; times are UTC."""
    read = Read(imessage, database(tmp_path))
    assert read.recognised.sure == "certain"
    rows = {row["msg_id"]: row for row in read.rows}
    assert [(rows[f"G{n}"]["kind"], rows[f"G{n}"]["event"], rows[f"G{n}"]["text"]) for n in range(1, 15)] == [
        ("text", None, "hello zanzibar"),
        ("text", None, "a body ☃"),
        ("text", None, "answer"),
        ("text", None, "second"),
        ("deleted", None, None),
        ("media", None, "look"),
        ("text", None, "@Bo see"),
        ("system", "add", None),
        ("system", "remove", None),
        ("system", "rename", "Plaza"),
        ("system", "leave", None),
        ("system", "call", None),
        ("text", None, "direct"),
        ("text", None, "Subject\nbody"),
    ]
    assert (rows["G1"]["author"], rows["G1"]["ts"]) == ("me", "2024-05-01 10:01:00")
    assert rows["G3"]["reply_to"] == rows["G3"]["thread_root"] == "G1"
    assert f"{rows['G4']['edited_at']:%H:%M}" == "11:00"
    assert rows["G6"]["media"] == [
        {"name": "IMG.heic", "url": None, "type": "image/heic", "size": 1234, "missing": None},
        {"name": "lost.mov", "url": None, "type": "video/quicktime", "size": 1234, "missing": True},
    ]
    assert rows["G7"]["mentions"] == ["bo@example.org"]
    assert [rows[f"G{n}"]["mentions"] for n in (8, 9, 11)] == [["+15550103"], ["+15550103"], ["bo@example.org"]]
    assert rows["G13"]["thread"] == "+15550101"
    assert read.report.left_out == {"earlier versions of messages": 1}


def test_reactions_stand_with_their_messages(tmp_path: Path) -> None:
    """One that was taken back is none; one to a message that is not there waits for it."""
    read = Read(imessage, database(tmp_path))
    found = {
        row["msg_id"]: [(one["emoji"], one["author"]) for one in row["reactions"]]
        for row in read.rows
        if row["reactions"]
    }
    assert found == {
        "G1": [("❤️", "bo@example.org")],
        "G2": [("🎉", "bo@example.org")],
        "GONE": [("😂", "bo@example.org")],
    }
    (orphan,) = [row for row in read.rows if row["update"]]
    assert (orphan["update"], orphan["kind"], orphan["thread"]) == ("react", "reaction", "chat77")


def test_chats_and_people(tmp_path: Path) -> None:
    """Chats are addresses or groups, whatever service; all handles are people, and the owner's addresses are theirs."""
    read = Read(imessage, database(tmp_path))
    assert {id_: (thread.title, thread.kind) for id_, thread in read.threads.items()} == {
        "+15550101": ("+15550101", "direct"),
        "chat77": ("Plaza", "group"),
    }
    assert read.people["me"].names == ["Me", "ana@example.org", "+15550100"]
    assert set(read.people) == {"me", "+15550101", "bo@example.org", "+15550103"}


def test_older_databases_lack_columns_and_count_in_seconds(tmp_path: Path) -> None:
    """Before macOS 10.13 times were seconds; edits, replies and emoji came later."""
    old = [{**say(1, "old"), "date": apple("2015-05-01T10:01:00", nanoseconds=False)}, react(2, 2000, "G1", 2)]
    (row,) = Read(imessage, write(tmp_path / "chat.db", old, newer=False)).rows
    assert (row["ts"], row["text"], row["reactions"][0]["emoji"]) == ("2015-05-01 10:01:00", "old", "❤️")


def test_a_database_without_chats_is_read_by_whom_it_is_with(tmp_path: Path) -> None:
    """What somebody copied of it may be messages and handles alone."""
    read = Read(imessage, write(tmp_path / "x.sqlite", [say(1, "a"), say(2, "b", 2)], joins=False))
    assert [(row["thread"], row["text"]) for row in read.rows] == [("+15550101", "a"), ("bo@example.org", "b")]


def test_messages_that_are_not_yet_in_the_file_are_read(tmp_path: Path) -> None:
    """While Messages is open, the newest ones are in a file beside it; neither file is touched."""
    live = tmp_path / "live"
    with closing(sqlite3.connect(write(live / "chat.db", [say(1, "in the file")]))) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(
            "INSERT INTO message (guid, text, handle_id, date) VALUES ('N', 'new', 1, ?)", (say(5)["date"],)
        )
        connection.commit()
        shutil.copytree(live, tmp_path / "Messages", ignore=shutil.ignore_patterns("*-shm"))
    folder = tmp_path / "Messages"
    before: dict[str, str | bytes] = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert "chat.db-wal" in before
    for export in (folder, folder / "chat.db", zipped(tmp_path / "copy.zip", before)):
        assert [row["text"] for row in Read(imessage, export).rows] == ["in the file", "new"]
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_of_a_folder_only_the_database_is_compared(tmp_path: Path) -> None:
    """Attachments are looked up by name: what they hold is never read."""
    database(tmp_path / "Messages")
    put(tmp_path, "Messages/Attachments/a/b/IMG.heic", b"picture")
    with Export(tmp_path / "Messages") as export:
        rows = list(imessage.read(export, object()).batches)  # type: ignore[arg-type]  # it needs no options
        assert export.opened == {".db"}
    assert [file["missing"] for row in rows if row.get("media") for file in row["media"]] == [False, True]


@pytest.mark.slow  # several whole commands
def test_a_newer_copy_adds_and_updates(tmp_path: Path) -> None:
    """In either order, the later state of each message stands, and nothing is there twice."""
    older = write(tmp_path / "a" / "chat.db", [say(1, "one"), say(2, "two")])
    edited = {**say(2, "two, edited"), "date_edited": apple("2024-05-01T12:00:00")}
    newer = write(tmp_path / "b" / "chat.db", [say(1, "one"), edited, say(3, "three"), react(4, 2000, "p:0/G1", 2)])
    for order in ([older, newer], [newer, older]):
        shelf = Shelf(tmp_path / order[0].parent.name)
        shelf.ingest(*order)
        assert [text for _, _, text, _ in shelf.messages()] == ["one", "two, edited", "three"]
        (tmp_path / order[0].parent.name / ".egregora/egregora.duckdb").unlink()


@pytest.mark.slow  # several whole commands
def test_no_address_gets_out(tmp_path: Path) -> None:
    """Neither of who writes, nor of the owner, nor the chat's name."""
    told = [*MESSAGES, say(30, "call +15550103, or bo@example.org or ana@example.org")]
    shelf = Shelf(tmp_path)
    shelf.run(write(tmp_path / "chat.db", told))
    said = str(shelf.query("SELECT s::VARCHAR FROM stage_privacy AS s"))
    assert not [name for name in ("5550", "example.org", "Plaza") if name in said]


def test_other_databases_are_none_of_it(tmp_path: Path) -> None:
    """WhatsApp's has a table of that name, too."""
    with closing(sqlite3.connect(tmp_path / "msgstore.db")) as db:
        db.execute("CREATE TABLE message (_id INTEGER, chat_row_id INTEGER, text_data TEXT)")
    assert imessage.recognise(Export(tmp_path / "msgstore.db")).sure == "no"


def test_a_broken_database_is_an_error_that_names_it(tmp_path: Path) -> None:
    """Cut off in its pages."""
    path = write(tmp_path / "chat.db", [say(n % 60, "x" * 900) for n in range(400)])
    path.write_bytes(path.read_bytes()[:-150_000])
    with pytest.raises(ExportError, match=r"chat\.db.*damaged"):
        list(imessage.read(Export(path), object()).batches)  # type: ignore[arg-type]  # it needs no options


# --- typedstream --------------------------------------------------------------------------------------------------


@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=400))
def test_texts_of_any_length_are_read(text: str) -> None:
    """Lengths from 128 on take two bytes more."""
    assert attributed_text(typedstream(text))[0] == text


@given(data=damaged(typedstream("hello " * 30, "bo@example.org")))
def test_damaged_streams_give_no_error(data: bytes) -> None:
    """What cannot be read has no text."""
    attributed_text(data)


# --- text ---------------------------------------------------------------------------------------------------------

TEXT = """May 17, 2022  5:29:42 PM
Me
Hello world

May 17, 2022  5:30:00 PM (Read by you after 1 hour, 49 seconds)
Sample Contact
two
lines
Tapbacks:
Loved by Me
🎉 by Sample Contact
    May 17, 2022  5:31:00 PM
    Me
    an answer

May 17, 2022  5:31:00 PM
Me
an answer
This message responded to an earlier message.

May 17, 2022  5:32:00 PM You renamed the conversation to Plaza

May 17, 2022 12:33:00 AM
Sample Contact
/Users/x/Library/Messages/Attachments/a/IMG_1.jpeg
caption

May 17, 2022  5:34:00 PM
Me
May 17, 2022  5:34:00 PM first
Edited 6 seconds later: second

May 17, 2022  5:35:00 PM
Me
You unsent a message.
"""


def test_text_exports_are_read(tmp_path: Path) -> None:
    """Replies stand twice and are read once; reactions, files, edits and notices are what they are."""
    read = Read(imessage, put(tmp_path, "Sample Contact.txt", TEXT))
    assert read.recognised.sure == "likely"
    assert not read.reading.zoned
    assert [(row["ts"][5:], row["author"], row["kind"], row["text"]) for row in read.rows] == [
        ("05-17 17:29:42", "Me", "text", "Hello world"),
        ("05-17 17:30:00", "Sample Contact", "text", "two\nlines"),
        ("05-17 17:31:00", "Me", "text", "an answer"),
        ("05-17 17:32:00", None, "system", "You renamed the conversation to Plaza"),
        ("05-17 00:33:00", "Sample Contact", "media", "caption"),
        ("05-17 17:34:00", "Me", "text", "second"),
        ("05-17 17:35:00", "Me", "deleted", None),
    ]
    assert [(one["emoji"], one["author"]) for one in read.rows[1]["reactions"]] == [
        ("❤️", "Me"),
        ("🎉", "Sample Contact"),
    ]
    assert read.rows[3]["event"] == "rename"
    assert read.rows[4]["media"][0]["name"] == "IMG_1.jpeg"
    assert read.rows[5]["edited"] is True
    assert read.report.left_out == {"which message replies answer": 1, "earlier versions of messages": 1}


@pytest.mark.parametrize(
    ("lines", "text", "media"),
    [
        ("https://books.example/a/page.html\nA page", "https://books.example/a/page.html\nA page", []),
        ("salad and/or bread, 5/6 p.m", "salad and/or bread, 5/6 p.m", []),
        ("Tom/Ida: see notes.txt", "Tom/Ida: see notes.txt", []),
        ("attachments/1/IMG 1.jpeg\nTranscription: hello", "Transcription: hello", ["IMG 1.jpeg"]),
        ("/Users/me/Library/Messages/Attachments/ab/IMG 2.HEIC", None, ["IMG 2.HEIC"]),
        ("~/Library/SMS/Attachments/ab/cd", None, ["cd"]),
        ("attachments/12/34", None, ["34"]),
        ("C:\\export\\attachments\\1.png", None, ["1.png"]),
        ("words\nSent with Confetti", "words", []),
        ("Sent with Love", "Sent with Love", []),
        ("This message was deleted from the conversation!\nwords", "words", []),
    ],
)
def test_a_line_is_a_file_where_it_is_a_path_alone(
    tmp_path: Path, lines: str, text: str | None, media: list[str]
) -> None:
    """Words with a stroke in them, and addresses of pages, are what somebody wrote; effects and marks are not."""
    (row,) = Read(imessage, put(tmp_path, "A.txt", f"May 17, 2022  5:29:42 PM\nMe\n{lines}\n\n")).rows
    assert (row["text"], [each["name"] for each in row.get("media") or []]) == (text, media)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Sticker from Me: attachments/2/puffy.heic (App: Memoji)", "puffy.heic"),
        ("Outline Sticker from Me: attachments/2/a b.heic", "a b.heic"),
        ("Sticker from Me: attachments/2/x.heic (Genmoji prompt: a cat: grey)", "x.heic"),
    ],
)
def test_stickers_in_texts(tmp_path: Path, line: str, name: str) -> None:
    """A sticker is one however it was made."""
    (row,) = Read(imessage, put(tmp_path, "A.txt", f"May 17, 2022  5:29:42 PM\nMe\n{line}\n\n")).rows
    assert (row["kind"], row["text"], row["media"][0]["name"]) == ("sticker", None, name)


def test_bodies_that_cannot_be_read_are_counted(tmp_path: Path) -> None:
    """A message of which the body is damaged stands without its text, and that is told."""
    cut = b"\x04\x0bstreamtyped\x81\xe8\x03"
    messages = [me(1, "hello zanzibar"), say(2, None, attributedBody=cut), say(3, "whole", attributedBody=cut)]
    read = Read(imessage, write(tmp_path / "chat.db", messages))
    assert [row["text"] for row in read.rows] == ["hello zanzibar", None, "whole"]
    assert read.report.left_out == {"texts that could not be read": 1}


def test_a_reply_below_its_message_is_none_of_its_lines(tmp_path: Path) -> None:
    """However many lines it has, of which only the first is indented; a part of the message may follow."""
    said = (
        "May 17, 2022  5:29:42 PM\nAna\nwhich one?\n    May 17, 2022  5:30:00 PM\n    Me\n    the first\nand the last\n"
        "Tapbacks:\nLoved by Ana\n\n    May 17, 2022  5:31:00 PM\n    Bo\n    neither\n\nsecond part\n\n\n"
        "May 17, 2022  5:30:00 PM\nMe\nthe first\nand the last\nThis message responded to an earlier message.\n\n"
    )
    found = Read(imessage, put(tmp_path, "Ana.txt", said))
    assert [(row["author"], row["text"], row["reactions"]) for row in found.rows] == [
        ("Ana", "which one?\nsecond part", None),
        ("Me", "the first\nand the last", None),
    ]


_TABLE = (
    "Chat Session,Message Date,Delivered Date,Read Date,Edited Date,Service,Type,Sender ID,Sender Name,Status,"
    "Replying to,Subject,Text,Reactions,Attachment,Attachment type\n"
    'Bo Quarrel,2023-10-21 09:00:00,,,,iMessage,Incoming,+15550100,Bo Quarrel,Read,,,"hi, ""you""\nthere",,,\n'
    "Bo Quarrel,2023-10-21 09:01:00,,,2023-10-21 09:05:00,SMS,Outgoing,,,Read,hi,,my answer,Loved,,\n"
    'Book Club,2023-10-21 09:02:00,,,,iMessage,Outgoing,,,Read,,A subject,,,"a, b.png | c.pdf",Image\n'
    "Book Club,2023-10-21 09:03:00,,,,iMessage,Notification,,,,,,Bo Quarrel left the conversation,,,\n"
)


@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_tables_of_imazing_are_read(tmp_path: Path, start: str) -> None:
    """Whose messages name nobody is the owner; people are told apart by their numbers."""
    found = Read(imessage, put(tmp_path, "Messages.csv", start + _TABLE.replace("\n", "\r\n")))
    assert [(row["thread"], row["author"], row["kind"], row["text"]) for row in found.rows] == [
        ("Bo Quarrel", "+15550100", "text", 'hi, "you"\nthere'),
        ("Bo Quarrel", "me", "text", "my answer"),
        ("Book Club", "me", "media", "A subject"),
        ("Book Club", None, "system", "Bo Quarrel left the conversation"),
    ]
    assert [each["name"] for each in found.rows[2]["media"]] == ["a, b.png", "c.pdf"]
    assert (found.rows[1]["edited_at"].minute, found.rows[3]["event"], found.reading.zoned) == (5, "leave", False)
    assert (found.called("+15550100"), found.recognised.sure) == ("Bo Quarrel", "certain")
    assert found.report.left_out == {"which message replies answer": 1, "reactions, as words": 1}


def test_tables_of_imazing_may_have_instants(tmp_path: Path) -> None:
    """Then all times are; the columns of WhatsApp are none of Messages."""
    head, line = _TABLE.partition("\n")[0], "Bo,2025-07-01T10:00:00.000Z,,,,iMessage,Incoming,+1,Bo,Read,,,hi,,,"
    found = Read(imessage, put(tmp_path, "a.csv", f"{head}\n{line}\n"))
    assert (found.reading.zoned, found.rows[0]["ts"]) == (True, "2025-07-01 10:00:00")
    with pytest.raises(ExportError, match="line 3 has no time"):
        Read(imessage, put(tmp_path, "b.csv", f"{head}\n{line}\n{line.replace('.000Z', '')}\n"))
    with Export(put(tmp_path, "c.csv", head.replace("Service,", "Sent Date,"))) as export:
        assert imessage.recognise(export).sure == "no"


def test_a_message_that_was_unsent_as_a_whole_is_one_of_its_author(tmp_path: Path) -> None:
    """The exporter tells of it in a line of its own, in which the owner is You."""
    text = "May 17, 2022  5:29:42 PM You unsent a message!\n\nMay 17, 2022  5:30:42 PM Bo unsent a message!\n\n"
    rows = Read(imessage, put(tmp_path, "A.txt", "May 17, 2022  5:28:42 PM\nMe\nhi\n\n" + text)).rows
    assert [(row["author"], row["kind"]) for row in rows] == [("Me", "text"), ("Me", "deleted"), ("Bo", "deleted")]


def test_a_folder_of_texts_is_a_chat_for_each(tmp_path: Path) -> None:
    """Other texts in it are left alone."""
    for name in ("A.txt", "B.txt"):
        put(tmp_path, f"out/{name}", TEXT)
    put(tmp_path, "out/notes.txt", "dear diary")
    read = Read(imessage, tmp_path / "out")
    assert sorted({row["thread"] for row in read.rows}) == ["A", "B"]


@needs_shared
@pytest.mark.parametrize("path", shared_files("imessage/*.db"), ids=lambda path: path.name)
def test_all_messages_of_samples_are_read(path: Path) -> None:
    """The list of the collection says 23: one of them is a reaction, which stands with its message."""
    rows = Read(imessage, path).rows
    assert len(rows) + sum(len(row["reactions"] or ()) for row in rows) == 23
    assert all(row["text"] for row in rows)


def test_a_description_of_a_table_that_is_no_text_is_refused(tmp_path: Path) -> None:
    """SQLite quotes it in its error, in bytes that are no text; nobody sees a traceback for that."""
    path = write(tmp_path / "chat.db", MESSAGES[:6])
    content = path.read_bytes().replace(b"CREATE TABLE message", b"CREATE T\x80BLE message")
    assert content != path.read_bytes()
    path.write_bytes(content)
    assert not read_or_refused(imessage, path)


@given(data=st.data())
def test_damaged_databases_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    """Truncated, overwritten in a page."""
    folder = tmp_path_factory.mktemp("damaged")
    path = write(folder / "chat.db", MESSAGES[:6])
    path.write_bytes(data.draw(damaged(path.read_bytes())))
    read_or_refused(imessage, path)


@given(content=damaged(TEXT.encode()))
def test_damaged_texts_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Truncated, overwritten, in another encoding."""
    path = tmp_path_factory.mktemp("damaged") / "x.txt"
    path.write_bytes(content)
    read_or_refused(imessage, path)
