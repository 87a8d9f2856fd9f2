"""Values of JSON that others wrote: what is not what it should be is as if it was not there."""

import mimetypes
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from egregora_core.plugin import Person

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - columns hold UTC without saying so
_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_LONGEST_NUMBER = 20
_YEARS = range(1971, 2200)
FIRST_MILLIS, LAST_MILLIS = 31_536_000_000, 7_258_118_400_000
"""The same, in milliseconds since 1970."""


def text_of(value: Any) -> str | None:
    """Return a text that is one and not empty."""
    return value if isinstance(value, str) and value else None


def id_of(value: Any) -> str | None:
    """Return an id, be it written as a text or as a number."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return text_of(value)


def dict_of(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def list_of(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def dicts_of(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a list."""
    return [each for each in value if isinstance(each, dict)] if value and isinstance(value, list) else []


def int_of(value: Any) -> int | None:
    """Return a whole number, be it written as one, as a decimal or as a text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        return int(value) if len(value) < _LONGEST_NUMBER and value.strip().lstrip("+-").isdecimal() else None
    return int(value) if isinstance(value, int | float) and abs(value) < 10**_LONGEST_NUMBER else None


def moment_of(value: Any, unit: Literal["s", "ms", "us", "ns"] = "ms") -> datetime | None:
    """Return the moment (UTC, naive) of a number since 1970; None for what no message can have."""
    number = int_of(value)
    if number is None:
        return None
    try:
        found = _EPOCH + timedelta(microseconds=number * 10**6 // _PER_SECOND[unit])
    except OverflowError:
        return None
    return found if found.year in _YEARS else None


def micros_of(value: Any) -> Any:
    """Return the moment (UTC) of milliseconds since 1970, in microseconds where that is quick: Arrow takes both."""
    return value * 1000 if type(value) is int and FIRST_MILLIS <= value < LAST_MILLIS else moment_of(value)


def iso_moment_of(value: Any) -> datetime | None:
    """Return the moment (UTC, naive) of a text in ISO 8601; one without a zone is taken for UTC."""
    try:
        found = datetime.fromisoformat(value)
        if found.tzinfo is not None:
            found = (found if found.tzinfo is UTC else found.astimezone(UTC)).replace(tzinfo=None)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if found.year in _YEARS else None


def type_of(name: str | None) -> str | None:
    """Return the MIME type that a file's name tells."""
    return mimetypes.guess_type(name)[0] if name else None


class Counts(dict[str, int]):
    """How much there was of what no message says."""

    def add(self, what: str, count: int = 1) -> None:
        if count:
            self[what] = self.get(what, 0) + count


class People:
    """The people whom an export names, by id: names in the order in which they were met, then handles."""

    def __init__(self) -> None:
        self._names: dict[str, dict[str, None]] = {}
        self._handles: dict[str, str] = {}
        self._bots: set[str] = set()

    def add(self, id_: str | None, *names: str | None, handle: str | None = None, bot: bool = False) -> str | None:
        """Note somebody, and what they are called; return the id."""
        if id_ is None:
            return None
        known = self._names.setdefault(id_, {})
        for name in names:
            if name and name.strip():
                known[name] = None
        if handle and handle.strip():
            self._handles[id_] = handle
        if bot:
            self._bots.add(id_)
        return id_

    def name(self, id_: str) -> str | None:
        """Return what somebody is called."""
        return next(iter(self._names.get(id_, ())), None) or self._handles.get(id_)

    def all(self) -> list[Person]:
        """Return those who have names, as `Reading.people` wants them."""
        named = {
            id_: list(dict.fromkeys([*names, *([self._handles[id_]] if id_ in self._handles else [])]))
            for id_, names in self._names.items()
        }
        return [Person(id_, names, id_ in self._bots) for id_, names in named.items() if names]
