"""The messages of a thread as batches: nearly all are plain, and go by the column; the others by the row.

A download holds millions of messages of a few words each, so what is done for every one of them decides how long it
takes.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain
from operator import eq
from typing import Any

from egregora_core.builtin._export_values import list_types
from egregora_core.builtin._meta._message import BESIDE, SIMPLE, Talk
from egregora_core.builtin._meta._sentences import event_of
from egregora_core.builtin._meta._stamps import Stamps
from egregora_core.builtin._meta._wrong_bytes import right

_PIECE, _AROUND = 2_000_000, 240
"""Characters of a piece, and of a message beside its text."""
_EPOCH, _MILLISECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)
_FIRST, _LAST = 631_152_000_000, 7_258_118_400_000
"""From 1990 to 2200, in milliseconds."""
_RARE = ("event", "data", "forwarded_from", "mentions", "reactions", "media")


def batches(talk: Talk, stamps: Stamps, items: Iterable[Any]) -> Iterator[Any]:
    """Yield the messages of a file of a thread, as tables or, where their texts are damaged, as rows."""
    for piece in in_reading_order(pieces(items)):
        columns = _columns(talk, piece)
        if columns["ts"]:
            yield _table(talk.thread, columns, stamps)


def pieces(items: Iterable[Any]) -> Iterator[list[Any]]:
    """Yield some messages at a time: many short ones, few long ones."""
    piece, size = list[Any](), 0
    for item in items:
        piece.append(item)
        text = item.get("content") if type(item) is dict else None
        size += _AROUND + (len(text) if type(text) is str else 0)
        if size > _PIECE:
            yield piece
            piece, size = [], 0
    if piece:
        yield piece


def _columns(talk: Talk, items: list[Any]) -> dict[str, list[Any]]:
    """Return the values of all messages by column; `ts` are milliseconds since 1970."""
    stamps, authors, texts = list[int](), list[str | None](), list[str | None]()
    rare: dict[str, dict[int, Any]] = {name: {} for name in ("kind", *_RARE)}
    called = talk.called
    for item in items:
        if type(item) is dict and item.keys() <= SIMPLE:
            stamp, text, name = item.get("timestamp_ms"), item.get("content"), item.get("sender_name")
            author = called.get(name) if type(name) is str else None
            if type(stamp) is int and _FIRST <= stamp < _LAST and author is not None and _is_plain(text):
                text = text if text is None or text.isascii() else right(text)
                if text is None or event_of(text, author) is None:
                    if not BESIDE.isdisjoint(item):
                        for column, value in talk.beside(item):
                            rare[column][len(stamps)] = value
                    stamps.append(stamp)
                    authors.append(author)
                    texts.append(text)
                    continue
        if (row := talk.row(item)) is not None:
            for name, values in rare.items():
                if row.get(name) is not None:
                    values[len(stamps)] = row[name]
            stamps.append((row["ts"] - _EPOCH) // _MILLISECOND)
            authors.append(row["author"])
            texts.append(row["text"])
    kinds = rare.pop("kind")
    places = range(len(stamps))
    return {
        "ts": stamps,
        "author": authors,
        "text": texts,
        "kind": [kinds.get(place, "text") for place in places],
        **{name: [values.get(place) for place in places] for name, values in rare.items() if values},
    }


def _is_plain(text: Any) -> bool:
    return text is None or (type(text) is str and text != "")


def _table(thread: str, columns: dict[str, list[Any]], stamps: Stamps) -> Any:
    import pyarrow as pa

    sent = columns["ts"]
    ids = None if stamps.are_new(sent) else [stamps.id_of(stamp) for stamp in sent]
    try:
        kinds = list_types()
        moments = pa.array(sent, pa.int64())
        made = {
            name: pa.array(values, kinds.get(name, pa.string())) for name, values in columns.items() if name != "ts"
        }
        made["ts"] = moments.cast(pa.timestamp("ms")).cast(pa.timestamp("us"))
        made["msg_id"] = moments.cast(pa.string()) if ids is None else pa.array(ids, pa.string())
        made["thread"] = pa.repeat(pa.scalar(thread), len(sent))
        return pa.table(made)
    except (pa.ArrowException, UnicodeEncodeError):  # halves of characters, which the host mends row by row
        columns["ts"] = [_EPOCH + stamp * _MILLISECOND for stamp in sent]
        columns["msg_id"] = [str(stamp) for stamp in sent] if ids is None else ids
        return [
            {"thread": thread, **dict(zip(columns, row, strict=True))} for row in zip(*columns.values(), strict=True)
        ]


def in_reading_order(of_the_file: Iterable[list[Any]]) -> Iterator[list[Any]]:
    """Yield messages as they come; where a file runs backwards, those that share a moment the other way round.

    Nearly always none share one, and a piece is as it should be.
    """
    rest, backwards = list[Any](), True  # as Meta writes them
    for piece in chain(of_the_file, [[]]):
        some = rest + piece
        moments = [each.get("timestamp_ms", each.get("timestamp")) if type(each) is dict else None for each in some]
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
