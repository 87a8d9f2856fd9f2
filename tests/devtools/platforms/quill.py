"""A source that does all of it right, of a platform that has everything and does not exist.

An export is a file `*.quill`, or a folder or zip of such: JSON with people, and chats with their messages. Of this text
`test_source_mutants.py` makes sources that do one thing wrong.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from egregora_core.plugin import (
    ExportError,
    Person,
    Reading,
    ReadOptions,
    Recognised,
    Report,
    SourceSpec,
    Thread,
    hookimpl,
)

if TYPE_CHECKING:
    from egregora_core.plugin import Export

EGREGORA_API = 1

_SIGNATURE = '{"quill": 3'
_BATCH = 500
_KINDS = ("text", "media", "sticker", "call", "poll", "location", "contact", "deleted", "system")


@hookimpl
def register_sources() -> Sequence[SourceSpec]:
    return [SourceSpec("quill", f"{__name__}:recognise", f"{__name__}:read")]


def recognise(export: "Export") -> Recognised:
    """Say how surely an export is of this platform: by how its files begin."""
    if any(export.head(name, 64).startswith(_SIGNATURE) for name in export.find("*.quill")):
        return Recognised("certain", "the first words of its file")
    return Recognised("no")


def read(export: "Export", _options: ReadOptions) -> Reading:
    """Open an export; people are read at once, messages when the batches are asked for."""
    names = export.find("*.quill")
    people: dict[str, Person] = {}
    threads: dict[str, Thread] = {}
    left_out: dict[str, int] = {}
    made: list[datetime] = []
    for name in names:
        for person, file in export.items(name, "people"):
            where = f"{export.path}: {name}"
            id_ = _text(person, "id", where)
            people[id_] = Person(id_, [_text(person, "name", where)])
            made.append(_time(file, "made", where))
    return Reading(
        batches=_batches(export, names, threads, left_out),
        thread=None,
        zoned=True,
        threads=threads.values,
        people=people.values,
        report=lambda: Report(facts={"version": 3}, left_out=left_out),
        as_of=max(made, default=None),
    )


def _batches(
    export: "Export", names: Sequence[str], threads: dict[str, Thread], left_out: dict[str, int]
) -> Iterator[list[dict[str, Any]]]:
    rows: list[dict[str, Any]] = []
    for name in names:
        where = f"{export.path}: {name}"
        for message, chat in export.items(name, "chats.*.messages"):
            thread = _text(chat, "id", where)
            threads[thread] = Thread(thread, _text(chat, "title", where))
            kind = message.get("kind", "text") if isinstance(message, dict) else "no object"
            if kind not in _KINDS:
                left_out["messages of other kinds"] = left_out.get("messages of other kinds", 0) + 1
                continue
            rows.append(_row(message, thread, where))
            if len(rows) >= _BATCH:
                yield rows
                rows = []
    yield rows


def _row(message: dict[str, Any], thread: str, where: str) -> dict[str, Any]:
    kind = message.get("kind", "text")
    return {
        "thread": thread,
        "msg_id": _text(message, "id", where),
        "ts": _time(message, "at", where),
        "author": _text(message, "by", where, needed=kind != "system"),
        "text": _text(message, "text", where, needed=False),
        "kind": kind,
        "event": _text(message, "event", where, needed=False),
        "edited_at": _time(message, "edited", where) if "edited" in message else None,
        "reply_to": _text(message, "answers", where, needed=False),
        "thread_root": _text(message, "under", where, needed=False),
        "forwarded_from": _text(message, "from", where, needed=False),
        "mentions": [_text(each, "id", where) for each in _list(message, "about", where)],
        "reactions": [
            {"emoji": _text(each, "emoji", where), "author": _text(each, "by", where)}
            for each in _list(message, "reactions", where)
        ]
        or None,
        "media": [
            {"name": _text(each, "name", where), "missing": True} for each in _list(message, "files", where)
        ] or None,
        "data": json.dumps(message["data"]) if "data" in message else None,
    }  # fmt: skip


def _text(said: Any, key: str, where: str, *, needed: bool = True) -> Any:
    value = said.get(key) if isinstance(said, dict) else None
    if not isinstance(value, str) and (needed or value is not None):
        raise ExportError(f"{where}: a {key!r} is no text; export the chat again")
    return value


def _list(said: dict[str, Any], key: str, where: str) -> list[Any]:
    value = said.get(key, [])
    if not isinstance(value, list):
        raise ExportError(f"{where}: {key!r} is no list; export the chat again")
    return value


def _time(said: Any, key: str, where: str) -> datetime:
    text = _text(said, key, where)
    try:
        return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise ExportError(f"{where}: a time {key!r} is none; export the chat again") from None
