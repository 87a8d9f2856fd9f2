"""What sources find in exports of any version: values of whatever type, made into what a row holds or into nothing.

An exporter changes what it writes over the years, and people edit files: a value of a type that nobody expects is no
reason to refuse a chat, and none to pass it on.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from os import SEEK_END
from typing import TYPE_CHECKING, Any

from egregora_core.plugin import Person
from egregora_core.plugin.json_values import text_of, type_of

if TYPE_CHECKING:
    from egregora_core.plugin import Export

_EDGE = 1 << 16
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)
FIRST_MICROS, LAST_MICROS = ((when - _EPOCH) // timedelta(microseconds=1) for when in (_EARLIEST, _LATEST))
_DEEPEST = 8
_DIGITS = re.compile(r"(\d+)")


def text_or_number(value: Any) -> str | None:
    """Return a text as it stands, a number as a text; None for what is empty or neither."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return text_of(value)


def whole(value: Any) -> int | None:
    """Return a whole number; None for what is none, or negative, or larger than a database holds."""
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 63
    return value if fits else None


def instant(value: Any) -> datetime | None:
    """Return the time that ISO 8601 gives, in UTC where it says no zone; None for what is none that a chat can have."""
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return _plausible(found if found.tzinfo else found.replace(tzinfo=UTC))


def instant_of_millis(value: Any) -> datetime | None:
    """Return the time that milliseconds since 1970 give, be they a text; None for what is none that a chat can have."""
    try:
        return _plausible(_EPOCH + timedelta(milliseconds=float(value) if isinstance(value, str) else value))
    except (TypeError, ValueError, OverflowError):
        return None


def plausible_micros(value: int) -> int | None:
    """Return microseconds since 1970, which Arrow takes as they are; None for those that no chat can have."""
    return value if FIRST_MICROS <= value < LAST_MICROS else None


def _plausible(when: datetime) -> datetime | None:
    return when if _EARLIEST <= when < _LATEST else None


def attachment(name: str | None, where: str | None, files: Collection[str], size: int | None = None) -> dict[str, Any]:
    """Return an item of the column `media`: `where` is an address, or a path inside of the export.

    `files` are the last parts of the names that the export holds.
    """
    if where is not None and where.startswith(("http://", "https://")):
        called = name or last_part(where.partition("?")[0])
        return {"name": called, "url": where, "type": type_of(called), "size": size, "missing": called not in files}
    inside = last_part(where) if where else None
    called = name or inside or ""
    kind = type_of(called) or (None if inside == called else type_of(inside))
    missing = (inside or called) not in files
    return {"name": called or None, "url": None, "type": kind, "size": size, "missing": missing}


def last_part(path: str) -> str:
    """Return the last part of a path of any system."""
    return path.replace("\\", "/").rpartition("/")[2]


def file_names(export: "Export") -> frozenset[str]:
    """Return the last parts of all names of an export."""
    return frozenset(last_part(name) for name in export.names)


def in_natural_order(name: str) -> list[Any]:
    """Return a key by which `part 10` comes behind `part 2`."""
    return [int(part) if part.isdecimal() else part for part in _DIGITS.split(name)]


def joined_text(parts: Sequence[str | None]) -> str | None:
    """Return the parts that are there, each on lines of its own."""
    return "\n".join(part for part in parts if part) or None


def with_more(text: str | None, more: str | None) -> str | None:
    """Return a text with what it does not say already below it."""
    return text if text and more and more in text else joined_text([text, more])


def texts_in(value: Any, keys: Collection[str], depth: int = 0) -> Iterator[str]:
    """Yield the texts that stand under some keys, however deep; what is nested too deeply is passed over."""
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        for key, each in value.items():
            if key in keys and isinstance(each, str) and each:
                yield each
            else:
                yield from texts_in(each, keys, depth + 1)
    elif isinstance(value, list):
        for each in value:
            yield from texts_in(each, keys, depth + 1)


class People:
    """Whom an export names, by id: what they are called now, and what else they are called."""

    def __init__(self) -> None:
        self._names: dict[str, dict[str, None]] = {}
        self._bots: set[str] = set()
        self._last: dict[str, tuple[Any, ...]] = {}

    def meet(self, who: str, *names: Any, bot: bool = False) -> str:
        """Remember somebody under names, the one that counts first; return the id."""
        if self._last.get(who) != names:
            self._last[who] = names
            known = self._names.pop(who, {})
            told = [name for name in map(text_or_number, names) if name]
            self._names[who] = dict.fromkeys([*told, *known])
        if bot:
            self._bots.add(who)
        return who

    def __call__(self) -> Iterator[Person]:
        for who, names in self._names.items():
            yield Person(who, [*names] or [who], bot=who in self._bots)


class LeftOut(Counter[str]):
    """What an export holds and no message says."""

    def skip(self, what: str, count: int = 1) -> None:
        if count:
            self[what] += count


def list_types() -> dict[str, Any]:
    """Return the Arrow types of the columns of a source that are lists."""
    import pyarrow as pa

    text, when = pa.string(), pa.timestamp("us")
    reaction = {"emoji": text, "author": text, "count": pa.int32(), "ts": when}
    media = {"name": text, "url": text, "type": text, "size": pa.int64(), "missing": pa.bool_()}
    return {
        "mentions": pa.list_(text),
        "reactions": pa.list_(pa.struct(list(reaction.items()))),
        "media": pa.list_(pa.struct(list(media.items()))),
    }


def values_before(head: str, array: str, keys: Collection[str]) -> dict[str, Any]:
    """Return values that stand in a JSON object before its large array, as far as the object's beginning has them."""
    start = re.search(rf'"{array}"\s*:', head)
    return _values(head[: start.start()] if start else head, keys, _first)


def values_beside(export: "Export", name: str, array: str, keys: Collection[str]) -> dict[str, Any]:
    """Return values that stand in a JSON object before or behind its large array, of which nothing is parsed.

    What the head does not hold is looked for in the last 64 KiB, for which all of a file in a zip has to pass by.
    """
    head = export.head(name)
    start = f'"{array}"' in head
    found = values_before(head, array, keys)
    missing = [key for key in keys if key not in found]
    if missing and start:
        tail = head if export.size(name) <= _EDGE else _tail(export, name)
        found |= _values(tail, missing, _last)
    return found


def _tail(export: "Export", name: str) -> str:
    before = now = b""
    with export.open(name, counted=False) as file:
        if file.seekable():
            file.seek(-_EDGE, SEEK_END)
        while data := file.read(_EDGE):
            before, now = now, data
    return (before + now).decode("utf-8", "replace")


def _values(text: str, keys: Collection[str], pick: Callable[[str, str], int]) -> dict[str, Any]:
    decoder, found = json.JSONDecoder(), {}
    for key in keys:
        at = pick(text, key)
        if at < 0:
            continue
        try:
            found[key] = decoder.raw_decode(text, at)[0]
        except (ValueError, RecursionError):
            continue
    return found


def _first(text: str, key: str) -> int:
    found = re.search(rf'(?<!\\)"{key}"\s*:\s*', text)
    return found.end() if found else -1


def _last(text: str, key: str) -> int:
    return max((found.end() for found in re.finditer(rf'(?<!\\)"{key}"\s*:\s*', text)), default=-1)


__all__ = [
    "FIRST_MICROS",
    "LAST_MICROS",
    "LeftOut",
    "People",
    "attachment",
    "file_names",
    "in_natural_order",
    "instant",
    "instant_of_millis",
    "joined_text",
    "last_part",
    "list_types",
    "plausible_micros",
    "text_or_number",
    "texts_in",
    "values_before",
    "values_beside",
    "whole",
    "with_more",
]
