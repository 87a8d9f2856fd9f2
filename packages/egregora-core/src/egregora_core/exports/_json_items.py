"""JSON in bounded pieces: the items of arrays, some at a time, wherever in a file the arrays stand.

What is done here is to find where items are, and to have no more of the file in memory than the items at hand. Values
beside the way are passed over piece by piece.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

from egregora_core.exports._json_text import JsonText

_ANY = "*"
WAY = ""
"""Under this key the scalars say on which of several ways they were met."""
Batches = Iterator[tuple[list[Any], dict[str, Any]]]


def batches_at(file: BinaryIO, at: str, where: str, shape: type[Any] | None = None) -> Batches:
    """Yield the items at ways (see `Export.batches`). Raises ExportError for what is no JSON, with its position."""
    text = JsonText(file, where, shape)
    ways = [_Way(way, [part for part in way.split(".") if part]) for way in at.split("|")]
    try:
        if all(way.rest for way in ways):
            yield from _walk(text, ways, {} if len(ways) == 1 else {WAY: ""})
        else:
            yield from _values(text, {})
    except RecursionError:
        raise text.broken("it is nested too deeply") from None


def _values(text: JsonText, scalars: dict[str, Any]) -> Batches:
    while text.peek():
        if text.char == b"[":
            yield from _items(text, scalars)
        else:
            yield [text.item()], scalars
            for values in text.lines():
                yield values, scalars


class _Way(NamedTuple):
    """A way to arrays, and what is left of it."""

    name: str
    rest: list[str]


def _walk(text: JsonText, ways: list[_Way], scalars: dict[str, Any]) -> Batches:
    """Yield what is on the ways, from a value that begins here."""
    if arrived := next((way for way in ways if not way.rest), None):
        if WAY in scalars:
            scalars[WAY] = arrived.name
        if text.peek() == b"[":
            yield from _items(text, scalars)
        elif text.char == b"{":
            yield [text.item()], scalars
        else:
            text.skip()
    elif text.peek() == b"{":
        mine = dict(scalars)
        for key in text.members():
            on = [_Way(way.name, way.rest[1:]) for way in ways if way.rest[0] in (key, _ANY)]
            if on and text.peek() in (b"{", b"["):
                yield from _walk(text, on, mine)
            else:
                _take(text, mine, key)
    elif text.char == b"[" and (on := [_Way(way.name, way.rest[1:]) for way in ways if way.rest[0] == _ANY]):
        for _ in text.elements():
            yield from _walk(text, on, scalars)
    else:
        text.skip()


def _take(text: JsonText, scalars: dict[str, Any], key: str) -> None:
    """Pass a value; keep it if it is a scalar."""
    if text.peek() in (b"{", b"["):
        text.skip()
    else:
        scalars[key] = text.value()


def _items(text: JsonText, scalars: dict[str, Any]) -> Batches:
    border, alone = None, 0
    for _ in text.elements():
        border = border or text.border()
        while border and text.passed >= alone:
            found, failed = text.together(border)
            alone = text.passed + failed
            if found:
                yield found, scalars
        yield [text.item()], scalars
