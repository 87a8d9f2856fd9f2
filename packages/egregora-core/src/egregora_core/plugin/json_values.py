"""Values of JSON that others wrote, for sources: what is not what it should be is as if it was not there.

An exporter changes what it writes over the years, and people edit files. Moments are UTC and naive, as columns hold
them.
"""

import mimetypes
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - columns hold UTC without saying so
_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_NUMBER = (int, float)
_LONGEST_NUMBER = 20
_TOO_LARGE = 10**_LONGEST_NUMBER
_YEARS = range(1971, 2200)


def text_of(value: Any) -> str | None:
    """Return a text that is one and not empty."""
    return value if isinstance(value, str) and value else None


def id_of(value: Any) -> str | None:
    """Return an id, be it written as a text or as a number; blanks around it are none of it."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.strip() or None if isinstance(value, str) else None


def dict_of(value: Any) -> dict[str, Any]:
    """Return an object; an empty one for what is none."""
    return value if isinstance(value, dict) else {}


def list_of(value: Any) -> list[Any]:
    """Return a list; an empty one for what is none."""
    return value if isinstance(value, list) else []


def dicts_of(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a list."""
    return [each for each in value if isinstance(each, dict)] if value and isinstance(value, list) else []


def int_of(value: Any) -> int | None:
    """Return a whole number, be it written as one, as a decimal or as a text."""
    if isinstance(value, str):
        return int(value) if len(value) < _LONGEST_NUMBER and value.strip().lstrip("+-").isdecimal() else None
    if isinstance(value, bool) or not isinstance(value, _NUMBER):
        return None
    return int(value) if abs(value) < _TOO_LARGE else None


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
    """Return the MIME type that the ending of a file's name tells."""
    return _type_of_ending(name.rpartition(".")[2].casefold()) if name and "." in name else None


@lru_cache(maxsize=1024)
def _type_of_ending(ending: str) -> str | None:
    return mimetypes.guess_type(f"x.{ending}")[0]


__all__ = [
    "dict_of",
    "dicts_of",
    "id_of",
    "int_of",
    "iso_moment_of",
    "list_of",
    "moment_of",
    "text_of",
    "type_of",
]
