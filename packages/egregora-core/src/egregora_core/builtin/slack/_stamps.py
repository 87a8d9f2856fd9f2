"""Timestamps as Slack writes them, `1705300000.000100`: the time of a message, and its id."""

import re
from collections.abc import Sequence
from typing import Any

from egregora_core.builtin._export_values import FIRST_MICROS, LAST_MICROS, plausible_micros

_STAMP = re.compile(r"([0-9]{1,11})(?:\.([0-9]{1,9}))?\Z")
_LENGTH, _POINT, _DIGITS = len("1705300000.000100"), len("1705300000"), len("000100")


def moments_of(stamps: Sequence[Any]) -> list[int] | None:
    """Return the times of timestamps that are all written as always; None where one is not, or no chat can have it."""
    if set(map(type, stamps)) != {str} or set(map(len, stamps)) != {_LENGTH}:
        return [] if not stamps else None
    text = "".join(stamps)
    digits, size = text.replace(".", ""), _LENGTH - 1
    if text[_POINT::_LENGTH] != "." * len(stamps) or len(digits) != size * len(stamps):
        return None
    if not (digits.isascii() and digits.isdecimal()):
        return None
    moments = [int(digits[start : start + size]) for start in range(0, len(digits), size)]
    return moments if min(moments) >= FIRST_MICROS and max(moments) < LAST_MICROS else None


def moment_of(value: Any) -> tuple[str | None, int | None]:
    """Return a timestamp, and its time."""
    stamp = stamp_of(value)
    return stamp, instant_of(stamp)


def stamp_of(value: Any) -> str | None:
    """Return a timestamp as Slack writes it, which is the id of a message, too."""
    if type(value) is float:
        value = f"{value:.6f}"
    value = str(value) if type(value) is int else value
    return value if isinstance(value, str) and _STAMP.match(value) else None


def instant_of(stamp: str | None) -> int | None:
    """Return the time of a timestamp in microseconds since 1970; None for one that no chat can have."""
    if stamp is None:
        return None
    seconds, _, fraction = stamp.partition(".")
    if len(fraction) != _DIGITS:
        fraction = f"{fraction}000000"[:_DIGITS]
    return plausible_micros(int(seconds + fraction))
