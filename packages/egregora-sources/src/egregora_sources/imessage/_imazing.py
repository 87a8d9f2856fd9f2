"""The tables that iMazing writes of Messages: a line for each message, times as the clock on the wall showed them.

    Chat Session,Message Date,Delivered Date,Read Date,Service,Type,Sender ID,Sender Name,…,Text,Attachment,…

One's own messages name nobody: they are those of type `Outgoing`.
"""

import csv
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from egregora_core.plugin import ExportError, Row

from egregora_sources._values import Counts, People, type_of

if TYPE_CHECKING:
    from egregora_core.plugin import Export

_COLUMNS = ("Chat Session", "Message Date", "Service", "Type", "Text")
_HEADER = re.compile(r'\W*Chat Session"?[,;]"?Message Date"?[,;]')
ME = "me"
_LARGEST = 64 << 20
_OUTGOING, _NOTIFICATION = "outgoing", "notification"
_EVENTS = (
    ("left the conversation", "leave"), ("named the conversation", "rename"), ("added ", "add"),
    ("removed ", "remove"), ("group photo", "picture"),
)  # fmt: skip
_COUNTED = {"Replying to": "which message replies answer", "Reactions": "reactions, as words"}
_SUBJECT = "Subject"


def is_table(head: str) -> bool:
    """Tell whether a file has the columns that iMazing gives Messages: those of WhatsApp have no `Service`."""
    first = head.lstrip("\ufeff").partition("\n")[0]
    return bool(_HEADER.match(first)) and all(column in first for column in _COLUMNS)


def is_zoned(export: "Export", name: str) -> bool:
    """Tell whether a table gives times with a zone, as its first message has it."""
    first = next(_lines(export, name), None)
    return first is not None and (when := _moment(first[1].get("Message Date"))) is not None and when.tzinfo is not None


def rows(export: "Export", name: str, people: People, counts: Counts, *, zoned: bool) -> Iterator[Row]:
    """Yield the messages of a table, each with its chat. Raises ExportError for a time that is none of its others'."""
    people.add(ME, "Me")
    for number, line in _lines(export, name):
        when = _moment(line.get("Message Date"))
        if when is None or (when.tzinfo is not None) != zoned:
            raise ExportError(
                f"{export.path}: {name}: line {number} has no time of the others' format; export it again"
            )
        kind = (line.get("Type") or "").casefold()
        text = "\n".join(each for each in (line.get(_SUBJECT), line.get("Text")) if each) or None
        row: dict[str, Any] = {"thread": line.get("Chat Session") or export.title, "ts": _utc(when), "text": text}
        row["author"] = ME if kind == _OUTGOING else _sender(line, people)
        edited = _moment(line.get("Edited Date"))
        row["edited_at"] = _utc(edited) if edited and (edited.tzinfo is not None) == zoned else None
        media = [each for each in (line.get("Attachment") or "").split(" | ") if each]
        row["media"] = [{"name": each, "type": type_of(each)} for each in media] or None
        row["kind"] = "media" if media else "text"
        if kind == _NOTIFICATION:
            event = next((event for words, event in _EVENTS if words in (text or "")), "other")
            row |= {"kind": "system", "event": event, "author": None}
        for column, what in _COUNTED.items():
            counts.add(what, bool(line.get(column)))
        yield row


def _lines(export: "Export", name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the lines of a table, each with its number."""
    csv.field_size_limit(_LARGEST)
    texts = (f"{line}\n" for some in export.lines(name) for line in some)
    delimiter = ";" if export.head(name, 100).count(";") else ","
    reader = csv.DictReader(texts, delimiter=delimiter)
    try:
        for line in reader:
            if any(line.get(column) for column in _COLUMNS):
                yield reader.line_num, line
    except csv.Error:
        raise ExportError(f"{export.path}: {name}: line {reader.line_num + 1} is no CSV; export it again") from None


def _sender(line: dict[str, Any], people: People) -> str | None:
    name, id_ = line.get("Sender Name"), line.get("Sender ID")
    return people.add(id_ or name or line.get("Chat Session") or "unknown", name or None, handle=id_ or None)


def _moment(said: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat((said or "").strip())
    except ValueError:
        return None


def _utc(when: datetime) -> datetime:
    return when if when.tzinfo is None else when.astimezone(UTC).replace(tzinfo=None)
