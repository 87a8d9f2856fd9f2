"""Messages by column: nearly all of most columns says nothing, and counting tells so quickly.

Messages come some at a time. A table costs what it costs, however few it holds: so it is made of many.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import compress, repeat
from typing import Any

import pyarrow as pa
from egregora_core.plugin import Row
from msgspec import UNSET

COLUMNS = ("thread", "msg_id", "ts", "author", "kind", "text", "reply_to", "reactions", "media")
"""What nearly all messages have at most, where each is known by an id: their rows are tuples of it."""
_SEVERAL, _LARGE = 512, 16
"""So many messages are looked at together; where fewer come at once, they are large."""
_MANY, _CHARACTERS = 4096, 2 << 20
"""So many of them, or of their texts' characters, are a table."""
_MOMENT = pa.timestamp("us")
_TYPES = {"edited": pa.bool_(), "edited_at": _MOMENT, "mentions": pa.list_(pa.string())}
"""Of columns that are no texts."""
_FIELDS = {
    "reactions": {"emoji": pa.string(), "author": pa.string(), "count": pa.int32(), "ts": _MOMENT},
    "media": {"name": pa.string(), "url": pa.string(), "type": pa.string(), "size": pa.int64(), "missing": pa.bool_()},
}
"""Of columns that are lists of objects."""


def filled(column: Sequence[Any]) -> list[int]:
    """Return the places at which a column holds something."""
    return [*compress(range(len(column)), column)]


def given(column: Sequence[Any]) -> list[int]:
    """Return the places at which the file has the key of a column, be it with nothing."""
    return (
        [place for place, value in enumerate(column) if value is not UNSET] if column.count(UNSET) < len(column) else []
    )


def without_text(*columns: Sequence[Any]) -> list[int]:
    """Return the places at which one of the columns holds no text."""
    if set().union(*(map(type, column) for column in columns)) == {str}:
        return []
    return [place for place, values in enumerate(zip(*columns, strict=True)) if set(map(type, values)) != {str}]


def of_shape(values: Sequence[Any], shape: type[Any]) -> Sequence[Any]:
    """Return objects of a class, an empty one in place of what is none."""
    if set(map(type, values)) == {shape}:
        return values
    return [value if type(value) is shape else shape() for value in values]


def several(batches: Iterator[tuple[list[Any], Any]]) -> Iterator[list[Any]]:
    """Yield the items of batches, more of them at a time."""
    items: list[Any] = []
    for batch, _ in batches:
        items += batch
        if len(items) >= _SEVERAL or 0 < len(batch) < _LARGE:
            yield items
            items = []
    if items:
        yield items


class Together:
    """Columns of messages, one piece behind the other, until they are a table."""

    def __init__(self, moments: Callable[[list[str]], pa.Array]) -> None:
        """Begin with nothing. The `ts` of messages are texts: `moments` makes of them what the column holds."""
        self._moments = moments
        self._columns: dict[str, list[Any]] = {}
        self._count = self._characters = 0

    def add(self, columns: dict[str, list[Any]], apart: Mapping[int, Row | None]) -> Iterator[Any]:
        """Take messages by column, but at some places rows, or nothing; yield a table where there is enough for one."""
        count = len(columns["ts"])
        for place, row in apart.items():
            for name in {**columns, **(row or {})}:
                columns.setdefault(name, [None] * count)[place] = row.get(name) if row else None
        for place in sorted((place for place, row in apart.items() if row is None), reverse=True):
            for values in columns.values():
                del values[place]
        count = len(columns["ts"])
        for name in {**self._columns, **columns}:
            values = columns.get(name) or [None] * count
            self._columns.setdefault(name, [None] * self._count).extend(values)
        self._count += count
        self._characters += sum(map(len, filter(None, columns["text"])))
        if self._count >= _MANY or self._characters >= _CHARACTERS:
            yield from self.table()

    def table(self) -> Iterator[Any]:
        """Yield what has come together, if anything has."""
        columns, self._columns = self._columns, {}
        if self._count:
            self._count = self._characters = 0
            moments = self._moments(columns["ts"])
            try:
                yield pa.table({**{name: _array(name, values) for name, values in columns.items()}, "ts": moments})
            except (pa.ArrowException, UnicodeError, OverflowError):  # what is damaged is the host's to judge
                columns["ts"] = moments.to_pylist()
                yield [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _array(name: str, values: list[Any]) -> pa.Array:
    if name not in _FIELDS:
        return pa.array(values, _TYPES.get(name, pa.string()))
    starts: list[int | None] = [None] * len(values)
    objects: list[Any] = []
    for place in filled(values):
        starts[place] = len(objects)
        objects += values[place]
    fields = [pa.array([*map(dict.get, objects, repeat(key))], kind) for key, kind in _FIELDS[name].items()]
    offsets = pa.array([*starts, len(objects)], pa.int32())
    return pa.ListArray.from_arrays(offsets, pa.StructArray.from_arrays(fields, [*_FIELDS[name]]))
