"""The rows of some messages: nearly all are a text or media, which are looked at by column, not one by one.

A download holds millions of messages of a few words each, so what is done for every one of them decides how long it
takes. Whatever is anything else has its row made by itself (`Talk.row`).
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import repeat
from typing import Any

from msgspec import UNSET, UnsetType
from msgspec.structs import astuple

from egregora_core.builtin._meta._message import MEDIA, Message, Talk
from egregora_core.builtin._meta._sentences import places_of_sentences
from egregora_core.builtin._meta._stamps import Stamps
from egregora_core.builtin._meta._wrong_bytes import mended
from egregora_core.plugin import as_dict

COLUMNS = ("thread", "msg_id", "ts", "author", "kind", "text", "reactions", "media")
"""What nearly all messages have at most: their rows are tuples of it."""
_EPOCH, _MILLISECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)
_FIRST, _LAST = 631_152_000_000, 7_258_118_400_000
"""From 1990 to 2200, in milliseconds."""
_FIELDS = Message.__struct_fields__
_NOTHING = {"type": "Generic", "is_unsent": False, "isUnsent": False, "is_taken_down": False}
"""What some downloads say of every message, which makes it no other."""
_NO_MESSAGE = Message()
"""In place of what is no object: nobody sent it, so that it is looked at by itself."""


def rows_of(talk: Talk, stamps: Stamps, items: Sequence[Any]) -> list[Any]:
    """Return the rows of messages of a thread in their order: tuples of `COLUMNS`, or dicts."""
    if not items:
        return []
    messages = [item if type(item) is Message else _NO_MESSAGE for item in items]
    columns = dict(zip(_FIELDS, zip(*map(astuple, messages), strict=True), strict=True))
    names, sent, said, reacted = (columns.pop(name) for name in ("sender_name", "timestamp_ms", "content", "reactions"))
    bumped, listed = columns.pop("bumped_message_metadata"), _given([columns.pop(name) for name in MEDIA])
    authors = [talk.called.get(name) if type(name) is str else None for name in names]
    texts = [(text if text.isascii() else mended(text)) if type(text) is str and text else None for text in said]
    unusual = {place for name, column in columns.items() for place in _telling(column, _NOTHING.get(name, UNSET))}
    unusual.update(place for place in _telling(bumped) if texts[place] is None)
    if None in authors:
        unusual.update(place for place, author in enumerate(authors) if author is None)
    if set(map(type, sent)) != {int} or min(sent) < _FIRST or max(sent) >= _LAST:
        unusual.update(n for n, stamp in enumerate(sent) if type(stamp) is not int or not _FIRST <= stamp < _LAST)
    if set(map(type, said)) - {str, UnsetType}:
        unusual.update(place for place, text in enumerate(said) if text and type(text) is not str)
    unusual.update(places_of_sentences(texts, authors))
    apart = {place: talk.row(as_dict(items[place])) for place in sorted(unusual)}
    reactions: list[Any] = [None] * len(items)
    media: list[Any] = [None] * len(items)
    for place in {*_telling(reacted)} - unusual:
        reactions[place] = talk.reactions(reacted[place])
    for place in {place for column in listed for place in _telling(column)} - unusual:
        media[place] = talk.media([column[place] for column in listed])
    kinds = ["media" if files else "text" for files in media]
    return _in_time(talk.thread, stamps, sent, [authors, kinds, texts, reactions, media], apart)


def _given(columns: Iterable[Sequence[Any]]) -> list[Sequence[Any]]:
    """Return the columns that have a value anywhere: most have none."""
    return [column for column in columns if column.count(UNSET) < len(column)]


def _telling(column: Sequence[Any], nothing: Any = UNSET) -> list[int]:
    """Return the places at which a column has a value, and another one than says nothing."""
    silent = column.count(UNSET) + (0 if nothing is UNSET else column.count(nothing))
    if silent == len(column):  # nearly always, and counting is quick
        return []
    return [place for place, value in enumerate(column) if value is not UNSET and value != nothing]


def _in_time(
    thread: str, stamps: Stamps, sent: Sequence[Any], columns: list[list[Any]], others: dict[int, dict[str, Any] | None]
) -> list[Any]:
    """Return rows of columns, and others in their places; what has no time has no row."""
    when = list(sent)
    for place, row in others.items():
        when[place] = (row["ts"] - _EPOCH) // _MILLISECOND if row else None
    timed = [stamp for stamp in when if stamp is not None] if None in when else when
    if not timed:
        return []
    ids = list(map(str, timed) if stamps.are_new(timed) else map(stamps.id_of, timed))
    moments = [stamp * 1000 for stamp in timed]
    for place in (place for place, row in others.items() if row is None):
        ids.insert(place, None)
        moments.insert(place, 0)
    rows: list[Any] = list(zip(repeat(thread), ids, moments, *columns, strict=False))
    for place, row in others.items():
        rows[place] = row and {**row, "msg_id": ids[place], "ts": moments[place]}
    return rows if len(timed) == len(rows) else list(filter(None, rows))
