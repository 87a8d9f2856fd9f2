"""What imessage-exporter writes as text: a file for each chat, times as the clock on the wall showed them.

    May 17, 2022  5:29:42 PM (Read by you after 1 hour, 49 seconds)
    Sample Contact
    Hello world

Replies stand twice: indented under the message that they answer, and where they were sent.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from egregora_core.plugin import Row

from egregora_sources._values import Counts, type_of

if TYPE_CHECKING:
    from egregora_core.plugin import Export

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_STAMP = rf"({'|'.join(_MONTHS)})\w* (\d{{1,2}}), (\d{{4}}) {{1,2}}(\d{{1,2}}):(\d\d):(\d\d) ([AP])M"
_HEAD = re.compile(rf"^{_STAMP}(?: \((?:Read|Delivered) by .*\))?$")
_NOTICE = re.compile(rf"^{_STAMP} (\S.*)$")
_INSIDE = re.compile(rf"^ +{_STAMP}(?: \(.*\))?$")
FIRST = re.compile(rf"^{_STAMP}(?: \(Read by .*\))?\r?\n\S.*\r?\n|^{_STAMP} \S.* (?:the conversation|the group)")
"""How such a file begins."""
_FILE = re.compile(
    r"^(?:Attachment missing!|(?:~|\.{1,2})?/(?:[^/\s][^/]*/)+[^/]+|[A-Za-z]:\\.*\\[^\\]+|"
    r"attachments[/\\].*[/\\][^/\\]+)$"
)
"""Where the exporter, or the phone, keeps a file: words may have a stroke between them, too."""
_PATH = re.compile(r"/|\\")
_REACTIONS = re.compile(r"^(?:Tapbacks|Reactions):$")
_REACTION = re.compile(r"^\s*(.{1,40}?) by (.+)$")
_STICKER = re.compile(r"^\s*Sticker from (.+?): ")
_STICKER_SENT = re.compile(r"^(?:\w+ )?Sticker from .+?: (.+?)(?: \((?:App|Genmoji prompt): .*\))?$")
_EFFECT = re.compile(
    r"^Sent with (?:Confetti|Echo|Fireworks|Balloons|Heart|Lasers|Shooting Start?|Sparkles|Spotlight|Slam|Loud|Gentle|"
    r"Invisible Ink)$"
)
_MARK = "This message was deleted from the conversation!"
_WHOLLY_UNSENT = " unsent a message!"
_EMOJI = {
    "Loved": "❤️", "Liked": "👍", "Disliked": "👎", "Laughed": "😂", "Emphasized": "‼️", "Questioned": "❓",
    "Love": "❤️", "Like": "👍", "Dislike": "👎", "Laugh": "😂", "Emphasize": "‼️", "Question": "❓",
}  # fmt: skip
_EDITED = re.compile(r"^Edited .{1,60}? later: (.*)$")
_REPLY = "This message responded to an earlier message."
_UNSENT = re.compile(r"^\S.* (?:unsent (?:a|this) message(?: part)?.*|deleted a message\.)$")
_EVENTS = (
    ("renamed the conversation to ", "rename"), ("named the conversation ", "rename"), ("added ", "add"),
    ("removed ", "remove"), ("left the conversation", "leave"), ("changed the group photo", "picture"),
    ("removed the group photo", "picture"), ("chat background", "settings"),
)  # fmt: skip


def rows(export: "Export", name: str, counts: Counts) -> Iterator[Row]:
    """Yield the messages of a file."""
    block: list[str] = []
    blank = True
    for lines in export.lines(name):
        for line in lines:
            if blank and (_HEAD.match(line) or _NOTICE.match(line)):
                if block:
                    yield from _message(block, counts)
                block = []
            block.append(line)
            blank = not line.strip()
    if block:
        yield from _message(block, counts)


def _message(lines: list[str], counts: Counts) -> Iterator[Row]:
    """Yield the row of a block of lines, the first of which is a time."""
    head = _HEAD.match(lines[0])
    notice = None if head else _NOTICE.match(lines[0])
    if head is None and notice is None:
        counts.add("lines before the first message", sum(1 for line in lines if line.strip()))
        return
    ts = _moment(*(head or notice).groups()[:7])  # type: ignore[union-attr]  # one of them is there
    if ts is None:
        counts.add("messages without a time")
    elif notice and notice[8].endswith(_WHOLLY_UNSENT):
        who = notice[8].removesuffix(_WHOLLY_UNSENT)
        yield {"ts": ts, "author": "Me" if who == "You" else who, "kind": "deleted", "text": None}
    elif notice:
        said = notice[8]
        event = next((event for words, event in _EVENTS if words in said), "other")
        yield {
            "ts": ts,
            "author": None,
            "kind": "system",
            "event": event,
            "text": "\n".join([said, *lines[1:]]).rstrip(),
        }
    else:
        author, body = (lines[1] if len(lines) > 1 else "").strip(), lines[2:]
        yield {"ts": ts, "author": author or "unknown", **_body(_without_replies(body), counts)}


def _without_replies(lines: list[str]) -> list[str]:
    """Leave out the replies that stand indented: each is a message by itself, too.

    Of a reply of several lines only the first is indented; a blank line ends it.
    """
    kept, inside, blank = [], False, False
    for line in lines:
        goes_on = not blank or not line.strip() or line.startswith("    ")
        inside = bool(_INSIDE.match(line)) or (inside and goes_on)
        blank = not line.strip()
        kept += [] if inside else [line]
    return kept


def _body(lines: list[str], counts: Counts) -> dict[str, Any]:
    row: dict[str, Any] = {"kind": "text"}
    lines, reactions = _reactions(lines)
    if _REPLY in lines:
        counts.add("which message replies answer")
        lines = [line for line in lines if line != _REPLY]
    lines = _unmarked(lines, counts)
    media = [_file(line) for line in lines if _FILE.match(line)]
    stickers = [_file(sent[1]) for line in lines if (sent := _STICKER_SENT.match(line))]
    lines = [line for line in lines if not _STICKER_SENT.match(line)]
    said = "\n".join(line for line in lines if not _FILE.match(line)).strip("\n")
    first, *later = said.split("\n")
    edits = [place for place, line in enumerate(later) if _EDITED.match(line)]
    if edits and _NOTICE.match(first):
        counts.add("earlier versions of messages", len(edits))
        newest = later[edits[-1] :]
        said, row["edited"] = "\n".join([_EDITED.sub(r"\1", newest[0]), *newest[1:]]), True
    if _UNSENT.match(said) and not media:
        said, row["kind"] = "", "deleted"
    if media or stickers:
        row |= {"media": media + stickers, "kind": "media" if media else "sticker"}
    return row | {"text": said or None, "reactions": reactions or None}


def _unmarked(lines: list[str], counts: Counts) -> list[str]:
    """Leave out what the exporter says of a message: with which effect it was sent, that it was put away."""
    if _MARK in lines:
        counts.add("marks of messages that were deleted from the conversation")
        lines = [line for line in lines if line != _MARK]
    said = [line for line in lines if not _EFFECT.match(line)]
    if not any(line.strip() for line in said):
        return lines
    counts.add("effects with which messages were sent", len(lines) - len(said))
    return said


def _reactions(lines: list[str]) -> tuple[list[str], list[dict[str, Any]]]:
    start = next((place for place, line in enumerate(lines) if _REACTIONS.match(line)), None)
    if start is None:
        return lines, []
    found, end = [], start + 1
    for line in lines[start + 1 :]:
        if sticker := _STICKER.match(line):
            found.append({"emoji": "sticker", "author": sticker[1]})
        elif match := _REACTION.match(line):
            found.append({"emoji": _EMOJI.get(match[1], match[1]), "author": match[2].strip()})
        elif line.strip():
            break
        end += 1
    return [*lines[:start], *lines[end:]], found


def _file(line: str) -> dict[str, Any]:
    if line == "Attachment missing!":
        return {"name": None, "missing": True}
    name = _PATH.split(line)[-1]
    return {"name": name, "type": type_of(name)}


def _moment(*parts: str) -> datetime | None:
    month, day, year, hour, minute, second, half = parts
    clock = int(hour) % 12 + (12 if half == "P" else 0)
    try:
        return datetime(int(year), _MONTHS.index(month) + 1, int(day), clock, int(minute), int(second))  # noqa: DTZ001 - a wall clock
    except ValueError:
        return None
