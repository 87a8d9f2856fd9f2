"""Chats as sigexport writes them in JSON: one message a line, times as the clock on the wall showed them."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from egregora_core.plugin import Row
from egregora_core.plugin.json_values import dict_of, dicts_of, list_of, text_of

from egregora_sources._values import Counts
from egregora_sources.signal._markdown import CALL, NOBODY, Beside, call

if TYPE_CHECKING:
    from egregora_core.plugin import Export

_MARGIN = "  "
"""What sigexport puts behind each text, as Markdown ends a line."""


def rows(export: "Export", name: str, counts: Counts) -> Iterator[Row]:
    """Yield the messages of a file."""
    files = Beside(export, name)
    for item, _ in export.items(name):
        said = dict_of(item)
        ts = _moment(said.get("date"))
        if ts is None:
            counts.add("messages without a time")
            continue
        sender = text_of(said.get("sender"))
        yield {"ts": ts, "author": None if sender == NOBODY else sender, **_body(said, counts, files)}


def _body(said: dict[str, Any], counts: Counts, files: Beside) -> dict[str, Any]:
    if said.get("deleted") is True:
        return {"kind": "deleted", "text": None}
    text = (text_of(said.get("body")) or "").removesuffix(_MARGIN) or None
    counts.add("quotes, which do not say of which message they are", bool(text_of(said.get("quote"))))
    edits = list_of(said.get("edits"))
    counts.add("earlier versions of messages", len(edits))
    row: dict[str, Any] = {"text": text, "kind": "text", "edited": True if edits else None}
    row["reactions"] = [each for each in map(_reaction, list_of(said.get("reactions"))) if each] or None
    if media := [
        files.file(text_of(each.get("name")), text_of(each.get("path"))) for each in dicts_of(said.get("attachments"))
    ]:
        row |= {"media": media, "kind": "media"}
    if sticker := said.get("sticker"):
        label = text_of(sticker) or text_of(dict_of(sticker).get("emoji"))
        row |= {"kind": "sticker", "text": text or label}
    if said.get("call") is True or (text and "call" not in said and CALL.match(text)):
        row |= call(text or "")
    return row


def _reaction(value: Any) -> dict[str, Any] | None:
    pair = list_of(value) or [dict_of(value).get("name"), dict_of(value).get("emoji")]
    if len(pair) != 2 or not text_of(pair[1]):  # noqa: PLR2004 - who, and what
        return None
    return {"emoji": pair[1], "author": text_of(pair[0])}


def _moment(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return found.replace(tzinfo=None)  # it is a wall clock's, whatever was written behind it
