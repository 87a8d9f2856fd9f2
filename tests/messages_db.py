"""Databases of Apple's Messages, invented: tables as macOS has them, bodies as typedstream."""

import plistlib
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

COLUMNS = (
    *("guid TEXT", "text TEXT", "attributedBody BLOB", "subject TEXT", "handle_id INTEGER DEFAULT 0", "date INTEGER"),
    *("date_delivered INTEGER", "is_from_me INTEGER DEFAULT 0", "account TEXT", "destination_caller_id TEXT"),
    *("cache_roomnames TEXT", "item_type INTEGER DEFAULT 0", "other_handle INTEGER DEFAULT 0", "group_title TEXT"),
    *("group_action_type INTEGER DEFAULT 0", "associated_message_guid TEXT", "is_audio_message INTEGER DEFAULT 0"),
    *("associated_message_type INTEGER DEFAULT 0", "balloon_bundle_id TEXT", "message_summary_info BLOB"),
)
"""Those that all versions have."""
NEWER = (
    *("thread_originator_guid TEXT", "date_edited INTEGER DEFAULT 0", "date_retracted INTEGER DEFAULT 0"),
    *("associated_message_emoji TEXT", "share_status INTEGER DEFAULT 0"),
)
"""Those that came with later ones."""


def apple(said: str, *, nanoseconds: bool = True) -> int:
    """Return a moment (UTC) as Messages writes it."""
    seconds = int((datetime.fromisoformat(said) - datetime(2001, 1, 1)).total_seconds())  # noqa: DTZ001 - UTC
    return seconds * 10**9 if nanoseconds else seconds


def typedstream(text: str, mention: str | None = None) -> bytes:
    """Return an attributed string as the app stores it; with `mention`, one of that address in all of it."""
    said = text.encode()
    length = bytes([len(said)]) if len(said) < 0x80 else b"\x81" + len(said).to_bytes(2, "little")
    name = b"__kIMMessagePartAttributeName"
    size = b"\x81" + len(text).to_bytes(2, "little")
    head = b"\x04\x0bstreamtyped\x81\xe8\x03\x84\x01@\x84\x84\x84\x12NSAttributedString\x00\x84\x84\x08NSObject\x00\x85"
    body = b"\x92\x84\x84\x84\x08NSString\x01\x94\x84\x01+" + length + said + b"\x86\x84\x02iI\x01" + size
    keys = b"\x92\x84\x84\x84\x0cNSDictionary\x00\x94\x84\x01i" + bytes([2 if mention else 1])
    keys += b"\x92\x84\x96\x96" + bytes([len(name)]) + name + b"\x86"
    keys += b"\x92\x84\x84\x84\x08NSNumber\x00\x84\x84\x07NSValue\x00\x94\x84\x01*\x84\x99\x99\x00\x86"
    if mention:
        key = b"__kIMMentionConfirmedMention"
        keys += b"\x92\x84\x96\x96" + bytes([len(key)]) + key + b"\x86"
        keys += b"\x92\x84\x96\x96" + bytes([len(mention)]) + mention.encode() + b"\x86"
    return head + body + keys + b"\x86\x86"


def summary(**said: Any) -> bytes:
    return plistlib.dumps(said, fmt=plistlib.FMT_BINARY)


def write(
    path: Path,
    messages: Sequence[Mapping[str, Any]],
    *,
    handles: Sequence[str] = ("+15550101", "bo@example.org", "+15550103"),
    chats: Sequence[tuple[str, str | None]] = (("+15550101", None), ("chat77", "Plaza")),
    attachments: Sequence[tuple[int, str | None, str, str]] = (),
    newer: bool = True,
    joins: bool = True,
) -> Path:
    """Write a database. `chat` of a message is the number of its chat, from 1 on; the second has all handles."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"CREATE TABLE message (ROWID INTEGER PRIMARY KEY, {', '.join(COLUMNS + (NEWER if newer else ()))})")
        db.execute("CREATE TABLE handle (ROWID INTEGER PRIMARY KEY, id TEXT, service TEXT)")
        db.executemany("INSERT INTO handle (id, service) VALUES (?, 'iMessage')", [(each,) for each in handles])
        if joins:
            _join(db, handles, chats, attachments)
        for message in messages:
            names = [name for name in message if name != "chat"]
            marks = ", ".join("?" * len(names))
            row = db.execute(f"INSERT INTO message ({', '.join(names)}) VALUES ({marks})", [message[n] for n in names])
            if joins and message.get("chat"):
                db.execute("INSERT INTO chat_message_join VALUES (?, ?)", (message["chat"], row.lastrowid))
        db.commit()
    return path


def _join(db: sqlite3.Connection, handles: Sequence[str], chats: Any, attachments: Any) -> None:
    db.execute("""CREATE TABLE chat (ROWID INTEGER PRIMARY KEY, guid TEXT, style INTEGER, chat_identifier TEXT,
                  display_name TEXT, room_name TEXT)""")
    db.execute("CREATE TABLE chat_message_join (chat_id INTEGER, message_id INTEGER)")
    db.execute("CREATE TABLE chat_handle_join (chat_id INTEGER, handle_id INTEGER)")
    db.execute("CREATE TABLE message_attachment_join (message_id INTEGER, attachment_id INTEGER)")
    db.execute("""CREATE TABLE attachment (ROWID INTEGER PRIMARY KEY, filename TEXT, transfer_name TEXT, mime_type TEXT,
                  total_bytes INTEGER)""")
    for number, (identifier, name) in enumerate(chats, 1):
        style = 43 if identifier.startswith("chat") else 45
        guid = f"iMessage;{'+' if style == 43 else '-'};{identifier}"
        db.execute("INSERT INTO chat VALUES (?, ?, ?, ?, ?, NULL)", (number, guid, style, identifier, name))
        members = range(1, len(handles) + 1) if style == 43 else [1]
        db.executemany("INSERT INTO chat_handle_join VALUES (?, ?)", [(number, each) for each in members])
    for number, (message, filename, name, mime) in enumerate(attachments, 1):
        db.execute("INSERT INTO attachment VALUES (?, ?, ?, ?, 1234)", (number, filename, name, mime))
        db.execute("INSERT INTO message_attachment_join VALUES (?, ?)", (message, number))
