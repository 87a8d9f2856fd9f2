"""Chats as signalbackup-tools writes them as text, out of a backup of the phone.

[Jan 02, 2023 15:04:05] *** <Ana> sent file "photo.jpg"
[Jan 02, 2023 15:04:05] <Ana> What was said. (Bo: 👍)
[Jan 02, 2023 15:05:00] *** Missed call
"""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from egregora_core.plugin import Row
from egregora_core.plugin.json_values import type_of

from egregora_sources._values import Counts

if TYPE_CHECKING:
    from egregora_core.plugin import Export

HEAD = re.compile(
    r"^\ufeff?\[([A-Z][a-z]{2}) (\d\d), (\d{4}) (\d\d:\d\d:\d\d)\] "
    r"(?:<(?P<who>.+?)> (?P<said>.*)|\*\*\* <(?P<sender>.+?)> sent file(?P<file> .*)?|\*\*\* (?P<told>.*))$"
)
MARKS = re.compile(r"^\[[^]]{21}\] (?:\*\*\* <.+?> sent file|<[^<>]* [^<>]*> )", re.MULTILINE)
"""What no log of IRC has: files, and names of two words."""
FILE_NAME = re.compile(r" \(_id\d+\)\.txt$")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_FILE = re.compile(r'^ (?:"(?P<name>.*?)"|of type (?P<type>\S+))(?P<rest> \(.*)?$')
_REACTIONS = re.compile(r"(?s)^(.*?) ?\(([^()]+: [^()]+)\)$")
_EVENTS = (
    ("left the group", "leave"), ("joined the group", "join"), ("added ", "add"), ("removed ", "remove"),
    ("group name is now", "rename"), ("disappearing message", "settings"), ("is on signal", "join"),
)  # fmt: skip


def rows(export: "Export", name: str, counts: Counts) -> Iterator[Row]:
    """Yield the messages of a file; a file and the words that were sent with it are one message."""
    row: dict[str, Any] | None = None
    for lines in export.lines(name):
        for line in lines:
            match = HEAD.match(line)
            ts = _moment(*match.groups()[:4]) if match else None
            if match is None or ts is None:
                if row is None:
                    counts.add("lines before the first message", bool(line.strip()))
                else:
                    row["text"] = f"{row['text'] or ''}\n{line}"
                continue
            found = _row(ts, match)
            if row and _is_of(row, found):
                row |= {"text": found["text"], "media": [*row["media"], *found.get("media", ())]}
                continue
            if row:
                yield _ended(row)
            row = found
    if row:
        yield _ended(row)


def _is_of(row: dict[str, Any], found: dict[str, Any]) -> bool:
    """Tell whether a line goes on from that of a file: of the same person and second."""
    waits = "media" in row and row["text"] is None
    return waits and (row["ts"], row["author"]) == (found["ts"], found["author"])


def _row(ts: datetime, match: "re.Match[str]") -> dict[str, Any]:
    if match["who"]:
        return {"ts": ts, "author": match["who"], "kind": "text", "text": match["said"] or None}
    if match["sender"]:
        file = _FILE.match(match["file"] or "")
        name, kind = (file["name"], file["type"]) if file else (None, None)
        row = {"ts": ts, "author": match["sender"], "kind": "media", "text": None}
        row["media"] = [{"name": name, "type": kind or type_of(name)}]
        return row | ({"reactions": _reactions(file["rest"].strip("() "))} if file and file["rest"] else {})
    told = match["told"]
    if re.search(r"(?i)\bcall(?:ed)?\b", told):
        data = json.dumps({"missed": "missed" in told.casefold()})
        return {"ts": ts, "author": None, "kind": "call", "text": told, "data": data}
    event = next((event for words, event in _EVENTS if words in told.casefold()), "other")
    return {"ts": ts, "author": None, "kind": "system", "event": event, "text": told or None}


def _ended(row: dict[str, Any]) -> dict[str, Any]:
    text = (row["text"] or "").rstrip("\n") or None
    found = _REACTIONS.match(text) if text and row["author"] else None
    if found and (reactions := _reactions(found[2])):
        return row | {"text": found[1] or None, "reactions": reactions}
    return row | {"text": text}


def _reactions(said: str) -> list[dict[str, Any]] | None:
    """Return reactions such as `Bo: 👍, Ana: ❤️`; None for what is none, so words of somebody."""
    found = []
    for one in re.split(r"[;,] ", said):
        name, colon, emoji = one.rpartition(": ")
        if not colon or not emoji or any(char.isascii() and char.isalnum() for char in emoji):
            return None
        found.append({"emoji": emoji.strip(), "author": name})
    return found


def _moment(month: str, day: str, year: str, clock: str) -> datetime | None:
    try:
        return datetime.fromisoformat(f"{year}-{_MONTHS.index(month) + 1:02}-{day} {clock}")
    except ValueError:
        return None
