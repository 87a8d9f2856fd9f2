"""Chats as sigexport writes them in Markdown: `[2024-01-02 03:04:05] Name: text`, with marks around the text.

    [2019-05-29, 15:10] Aya: We're great!
    (- Jim: 👍 -)

Two blanks that it puts behind each text are taken away; the marks become what they stand for.
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

HEAD = re.compile(r"^\ufeff?\[(\d{4}-\d\d-\d\d),? (\d\d:\d\d(?::\d\d)?)\] ([^\n]*?):(?: |$)")
NOBODY = "No-Sender"
_FILE = re.compile(r"(!?)\[([^\]\n]*)\]\((\.{1,2}/[^)\n]*)\) *$")
_REACTIONS = re.compile(r"(?:^|\n)\(- (.+?) -\) *$")
_STICKER = re.compile(r"(?:^|\n)\(\( (.*?) \)\) *$")
_DELETED = "(This message was deleted)"
_MARGIN = "  "
CALL = re.compile(
    r"^(?:(?:Incoming|Outgoing) (?:(?:voice|video|group|direct) )?call(?: \([^)\n]+\))?|Missed (?:voice |video )?call)$"
)
_LENGTH = re.compile(r"\b(?:(\d+)m )?(\d+)s\b")


def rows(export: "Export", name: str, counts: Counts) -> Iterator[Row]:
    """Yield the messages of a file."""
    block: list[str] = []
    files = Beside(export, name)
    for lines in export.lines(name):
        for line in lines:
            if HEAD.match(line):
                if block:
                    yield from _message(block, counts, files)
                block = []
            block.append(line)
    if block:
        yield from _message(block, counts, files)


class Beside:
    """The files that came with a chat, as sigexport links them; not known where only the chat was given."""

    def __init__(self, export: "Export", chat: str) -> None:
        self._folder = chat[: chat.rfind("/") + 1]
        self._names = None if export.is_file else frozenset(export.names)

    def file(self, name: str | None, link: str | None) -> dict[str, Any]:
        """Return an attachment, called by its path where it is there."""
        plain = (link or "").removeprefix("./").replace("%20", " ")
        said = {"name": name or plain.rpartition("/")[2] or None, "type": type_of(plain) or type_of(name)}
        if self._names is None or not plain or plain.startswith("../"):
            return said
        there = next(
            (each for each in (self._folder + plain, self._folder + (link or "")) if each in self._names), None
        )
        return said | {"missing": there is None, "name": there or said["name"]}


def _message(lines: list[str], counts: Counts, files: Beside) -> Iterator[Row]:
    head = HEAD.match(lines[0])
    ts = _moment(head[1], head[2]) if head else None
    if head is None or ts is None:
        counts.add("lines before the first message", sum(1 for line in lines if line.strip()))
        return
    said = "\n".join([lines[0][head.end() :], *lines[1:]])
    author = None if head[3] == NOBODY else head[3].strip() or None
    yield {"ts": ts, "author": author, **_body(said, counts, files)}


def _body(said: str, counts: Counts, files: Beside) -> dict[str, Any]:
    """Return what a message says, from its Markdown."""
    said = _without_quote(said.rstrip("\n"), counts)
    media: list[dict[str, Any]] = []
    reactions: list[dict[str, Any]] = []
    row: dict[str, Any] = {"kind": "text"}
    while True:  # they stand in this order, each at the end of what is left
        if file := _FILE.search(said):
            said = said[: file.start()]
            if "exported_stickers/" in file[3]:
                row["kind"] = "sticker"
            media.insert(0, files.file(file[2] or None, file[3]))
        elif mark := _STICKER.search(said):
            said, row["kind"] = said[: mark.start()], "sticker"
            row["text"] = mark[1] or None
        elif (mark := _REACTIONS.search(said)) and (found := _reactions(mark[1])):
            said, reactions = said[: mark.start()], found + reactions
        else:
            break
    text = said.rstrip("\n").removesuffix(_MARGIN)
    if text.strip() == _DELETED:
        return {"kind": "deleted", "text": None}
    if text or row["kind"] != "sticker":
        row["text"] = text or None
    if media:
        row |= {"media": media, "kind": "sticker" if row["kind"] == "sticker" else "media"}
    elif CALL.match(text):
        row |= call(text)
    return row | {"reactions": reactions or None}


def call(text: str) -> dict[str, Any]:
    """Return a call by the words that sigexport has for it."""
    data: dict[str, Any] = {"missed": text.startswith("Missed") or "unanswered" in text, "video": "video" in text}
    if length := _LENGTH.search(text):
        data["seconds"] = int(length[1] or 0) * 60 + int(length[2])
    return {"kind": "call", "data": json.dumps(data)}


def _without_quote(said: str, counts: Counts) -> str:
    """Take away the quote with which a reply begins: which message it is of is not told."""
    lines = said.split("\n")
    start = next((place for place, line in enumerate(lines) if line.strip()), 0)
    if start == 0 or not lines[start].startswith(">"):
        return said
    end = next((place for place in range(start, len(lines)) if not lines[place].startswith(">")), len(lines))
    end = next((place for place in range(end, len(lines)) if lines[place].strip()), len(lines))
    counts.add("quotes, which do not say of which message they are")
    return "\n".join(lines[end:])


def _reactions(said: str) -> list[dict[str, Any]]:
    """Return reactions such as `Jim: 👍, Aya: ❤️`; empty for what is none, so the text of somebody."""
    found = []
    for one in said.split(", "):
        name, colon, emoji = one.rpartition(": ")
        if not colon or not emoji or len(emoji) > 32 or any(char.isascii() and char.isalpha() for char in emoji):  # noqa: PLR2004 - longer than any
            return []
        found.append({"emoji": emoji.strip(), "author": name})
    return found


def _moment(day: str, clock: str) -> datetime | None:
    try:
        return datetime.fromisoformat(f"{day} {clock}")
    except ValueError:
        return None
