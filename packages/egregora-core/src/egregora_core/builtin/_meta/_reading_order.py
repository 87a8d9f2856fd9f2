"""Messages in reading order, some at a time: downloads have the newest first, also of those that share a moment."""

from collections.abc import Iterable, Iterator
from itertools import chain
from operator import eq
from typing import Any

from egregora_core.builtin._meta._message import Message
from egregora_core.plugin import as_dict

_PIECE, _AROUND = 2_000_000, 240
"""Characters of a piece, and of a message beside its text."""


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
