"""Chats as sigtop writes them as text: fields of each message, then its body; or a line for each.

From: Ana (+15550100)
Type: incoming
Sent: Mon, 2 Jan 2023 15:04:05 +0100

What was said.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from egregora_core.plugin import Row
from egregora_core.plugin.json_values import int_of

from egregora_sources._values import Counts, People
from egregora_sources.signal._ids import ME

if TYPE_CHECKING:
    from egregora_core.plugin import Export

FIRST = re.compile(r"^\ufeff?Conversation: .*\r?\n\r?\n(?:From: .*\r?\n)?Type: ")
SHORT = re.compile(r"^\ufeff?(\d{4}-\d\d-\d\d \d\d:\d\d) (.{1,200}?):(?: \[([^\]\n]*)\])?(?: |$)(.*)")
_FIELD = re.compile(r"^(From|Type|Sent|Received|Attachment|Reaction|Edited): (.*)$")
_NAMED = re.compile(r"^(.*?)(?: \((\+\d+|[0-9a-f-]{36})\))?$")
_FILE = re.compile(r"^(.*) \(([^,()]*), (\d+) bytes\)$")
_REACTION = re.compile(r"^(.+?) from (.+)$")
_DETAIL = re.compile(r"^(?:reply to .*|edited|\d+ attachments?)(?:, (?:reply to .*|edited|\d+ attachments?))*$")
_SYSTEM = re.compile(r"^(\S+) message$")
_MESSAGES = ("incoming", "outgoing")


def rows(export: "Export", name: str, people: People, counts: Counts) -> Iterator[Row]:
    """Yield the messages of a file with fields."""
    people.add(ME, "Me")
    lines = (line for some in export.lines(name) for line in some)
    block: list[str] = []
    next(islice(lines, 2, 2), None)  # what the chat is called
    waiting: list[str] = []
    for line in lines:
        waiting.append(line)
        if len(waiting) < 3:  # noqa: PLR2004 - a head is told by what follows
            continue
        if _begins(waiting, block):
            yield from _message(block, people, counts)
            block = []
        block.append(waiting.pop(0))
    yield from _message([*block, *waiting], people, counts)


def _begins(ahead: list[str], block: list[str]) -> bool:
    """Tell whether a message begins here: behind a blank line, its first fields in their order."""
    if block and block[-1].strip():
        return False
    first, second, third = ahead
    if first.startswith("From: "):
        return second.startswith("Type: ") and bool(_FIELD.match(third) or not third)
    return first.startswith("Type: ") and second.startswith(("Sent: ", "Received: "))


def _message(lines: list[str], people: People, counts: Counts) -> Iterator[Row]:
    fields: dict[str, list[str]] = {}
    place = 0
    while place < len(lines) and (field := _FIELD.match(lines[place])):
        fields.setdefault(field[1], []).append(field[2])
        place += 1
    ts = _moment(fields.get("Sent")) or _moment(fields.get("Received"))
    if ts is None:
        counts.add("messages without a time", bool(fields))
        return
    body = lines[place:]
    while body and not body[-1].strip():
        body.pop()
    row: dict[str, Any] = {"ts": ts, "author": _person(fields.get("From"), people), "kind": "text"}
    if "Edited" in fields:
        body, versions = _newest(body)
        counts.add("earlier versions of messages", max(0, versions - 1))
        row["edited"] = True
    row["text"] = _without_quote(body, counts) or None
    row["reactions"] = [each for said in fields.get("Reaction", []) if (each := _reaction(said))] or None
    if media := [_file(said) for said in fields.get("Attachment", [])]:
        row |= {"media": media, "kind": "media"}
    kind = fields.get("Type", ["unknown"])[0]
    if kind not in _MESSAGES:
        row |= _other(kind)
    yield row


def _other(kind: str) -> dict[str, Any]:
    if kind == "call-history":
        return {"kind": "call"}
    event = "settings" if "timer" in kind else "other"
    return {"kind": "system", "event": event, "author": None}


def _person(said: list[str] | None, people: People) -> str | None:
    if not said:
        return None
    if said[0] == "You":
        return ME
    name, id_ = _NAMED.match(said[0]).groups()  # type: ignore[union-attr]  # it matches anything
    return people.add(id_ or name, name, handle=id_ if id_ and id_.startswith("+") else None)


def _newest(body: list[str]) -> tuple[list[str], int]:
    """Return the newest version of an edited message, which stands first, and how many there are."""
    inner = [line[2:] if line.startswith("| ") else line[1:] for line in body if line.startswith("|")]
    starts = [place for place, line in enumerate(inner) if line.startswith("Version: ")]
    first = inner[starts[0] : starts[1] if len(starts) > 1 else None] if starts else inner
    while (first and _FIELD.match(first[0])) or (first and first[0].startswith("Version: ")):
        first = first[1:]
    while first and not first[-1].strip():
        first = first[:-1]
    return first, len(starts)


def _without_quote(body: list[str], counts: Counts) -> str:
    """Return the text, without what it quotes: which message that is of is only nearly told."""
    body = body[1:] if body and not body[0].strip() else body
    if body and body[0].startswith("> From: "):
        end = next((place for place, line in enumerate(body) if not line.startswith(">")), len(body))
        counts.add("quotes, which do not say of which message they are")
        body = body[end:]
        body = body[1:] if body and not body[0].strip() else body
    return "\n".join(body)


def _reaction(said: str) -> dict[str, Any] | None:
    match = _REACTION.match(said)
    return {"emoji": match[1], "author": match[2]} if match else None


def _file(said: str) -> dict[str, Any]:
    match = _FILE.match(said)
    if match is None:
        return {"name": said}
    name = None if match[1] == "no filename" else match[1]
    return {"name": name, "type": match[2] or None, "size": int_of(match[3])}


def _moment(said: list[str] | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(said[0]) if said else None
        return found.astimezone(UTC).replace(tzinfo=None) if found else None
    except (TypeError, ValueError, OverflowError):
        return None


def short_rows(export: "Export", name: str, counts: Counts) -> Iterator[Row]:
    """Yield the messages of a file with a line for each; further lines are a text's own."""
    row: dict[str, Any] | None = None
    for lines in export.lines(name):
        for line in lines:
            match = SHORT.match(line)
            ts = _wall(match[1]) if match else None
            if match is None or ts is None:
                if row is None:
                    counts.add("lines before the first message", bool(line.strip()))
                else:
                    row["text"] = f"{row['text'] or ''}\n{line}"
                continue
            if row:
                yield _ended(row)
            row = _short(ts, match)
    if row:
        yield _ended(row)


def _short(ts: datetime, match: "re.Match[str]") -> dict[str, Any]:
    detail, text = match[3], match[4]
    row: dict[str, Any] = {"ts": ts, "author": "Me" if match[2] == "You" else match[2], "kind": "text"}
    if detail and (system := _SYSTEM.match(detail)) and not text:
        return row | {"text": None, **_other(system[1])}
    if detail and not _DETAIL.match(detail):
        text = f"[{detail}] {text}" if text else f"[{detail}]"
    elif detail:
        row["edited"] = True if "edited" in detail.split(", ") else None
        if "attachment" in detail:
            row["kind"] = "media"
    return row | {"text": text or None}


def _ended(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"text": row["text"].rstrip("\n") or None if row["text"] else None}


def _wall(said: str) -> datetime | None:
    try:
        return datetime.fromisoformat(said)
    except ValueError:
        return None
