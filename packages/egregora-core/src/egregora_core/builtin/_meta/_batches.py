"""The messages of a thread as batches: nearly all are a text or media, of which a row is made with no ado.

A download holds millions of messages of a few words each, so what is done for every one of them decides how long it
takes.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat
from operator import eq
from typing import Any

from msgspec import UNSET

from egregora_core.builtin._meta._message import Message, Talk, media_of
from egregora_core.builtin._meta._sentences import event_of
from egregora_core.builtin._meta._stamps import Stamps
from egregora_core.builtin._meta._wrong_bytes import right
from egregora_core.plugin import as_dict

_PIECE, _AROUND = 2_000_000, 240
"""Characters of a piece, and of a message beside its text."""
_EPOCH, _MILLISECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)
_FIRST, _LAST = 631_152_000_000, 7_258_118_400_000
"""From 1990 to 2200, in milliseconds."""
COLUMNS = ("thread", "msg_id", "ts", "author", "kind", "text", "reactions", "media")
"""What nearly all messages have at most: their rows are tuples of it."""


def batches(talk: Talk, stamps: Stamps, items: Iterable[list[Any]]) -> Iterator[list[Any]]:
    """Yield the messages of a file of a thread as rows, from lists of some of them at a time."""
    for some in in_reading_order(items):
        yield _rows(talk, stamps, some)


def pieces(items: Iterable[Any]) -> Iterator[list[Any]]:
    """Yield some messages at a time: many short ones, few long ones."""
    piece, size = list[Any](), 0
    for item in items:
        piece.append(item)
        text = as_dict(item).get("content")
        size += _AROUND + (len(text) if type(text) is str else 0)
        if size > _PIECE:
            yield piece
            piece, size = [], 0
    if piece:
        yield piece


def _rows(talk: Talk, stamps: Stamps, items: list[Any]) -> list[Any]:
    found = list[tuple[Any, ...]]()
    others: dict[int, dict[str, Any]] = {}
    for item in items:
        if (usual := _usual(talk, item)) is not None:
            found.append(usual)
        elif (row := talk.row(as_dict(item))) is not None:
            others[len(found)] = row
            found.append(((row["ts"] - _EPOCH) // _MILLISECOND,) * len(COLUMNS[2:]))
    if not found:
        return []
    sent, *columns = zip(*found, strict=True)
    ids = list(map(str, sent)) if stamps.are_new(sent) else list(map(stamps.id_of, sent))
    moments = [stamp * 1000 for stamp in sent]
    rows: list[Any] = list(zip(repeat(talk.thread), ids, moments, *columns, strict=False))
    for place, row in others.items():
        rows[place] = {**row, "msg_id": ids[place], "ts": moments[place]}
    return rows


def _usual(talk: Talk, item: Any) -> tuple[Any, ...] | None:
    """Return when a message was sent (milliseconds since 1970), and its values from the author on; None for others."""
    if type(item) is not Message or not item.is_usual():
        return None
    sent, name, text = item.timestamp_ms, item.sender_name, item.content
    author = talk.called.get(name) if type(name) is str else None
    if author is None or type(sent) is not int or not _FIRST <= sent < _LAST:
        return None
    if type(text) is str and text:
        text = text if text.isascii() else right(text)
        if event_of(text, author) is not None:  # type: ignore[arg-type]  # no text becomes none
            return None
    elif text:
        return None
    else:
        text = None
    reactions = None if item.reactions is UNSET else talk.reactions(item.reactions)
    media = talk.media(media_of(item)) if item.has_media() else None
    return sent, author, "media" if media else "text", text, reactions, media


def in_reading_order(of_the_file: Iterable[list[Any]]) -> Iterator[list[Any]]:
    """Yield messages as they come; where a file runs backwards, those that share a moment the other way round.

    Nearly always none share one, and a piece is as it should be.
    """
    rest, fresh, backwards = list[Any](), list[Any](), True  # as Meta writes them
    for piece in chain(of_the_file, [[]]):
        fresh += piece
        if piece and len(fresh) < len(rest):  # else thousands of one moment were looked through for each piece
            continue
        some, fresh = rest + fresh, []
        moments = _moments(some)
        end = len(some) - 1 if piece else len(some)  # what comes may share the moment of the last one
        while piece and end > 0 and moments[end - 1] == moments[end]:
            end -= 1
        rest = some[end:]
        last: list[Any] = moments[max(0, end - 1) : end + 1]
        if any(map(eq, moments[:end], moments[1:end])) or [type(each) for each in last] != [int, int]:
            some, backwards = _turned(some[:end], moments, backwards=backwards)
        else:
            some, backwards = some[:end], last[1] < last[0]
        if some:
            yield some


def _moments(items: list[Any]) -> list[Any]:
    """Return when messages were sent, as they say it."""
    found = [item.timestamp_ms if type(item) is Message else None for item in items]
    if set(map(type, found)) <= {int}:
        return found
    return [item.get("timestamp_ms", item.get("timestamp")) for item in map(as_dict, items)]


def _turned(items: list[Any], moments: list[Any], *, backwards: bool) -> tuple[list[Any], bool]:
    """Return messages with those that share a moment in order, and whether they ran backwards last.

    `moments` are theirs, and perhaps that of the message behind them.
    """
    done, start = list[Any](), 0
    for end in range(1, len(items) + 1):
        if end < len(items) and moments[end] == moments[start]:
            continue
        following = moments[end] if end < len(moments) else None
        if type(following) is int and type(moments[start]) is int:
            backwards = following < moments[start]
        done += reversed(items[start:end]) if backwards else items[start:end]
        start = end
    return done, backwards
