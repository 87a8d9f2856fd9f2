"""Timestamps as Slack writes them, `1705300000.000100`: the time of a message, and its id."""

import re
from typing import Any

_STAMP = re.compile(r"([0-9]{1,11})(?:\.([0-9]{1,9}))?\Z")
_LENGTH, _DIGITS = len("1705300000.000100"), 6


def moment_of(value: Any) -> tuple[str | None, int | None]:
    """Return a timestamp, and its time: quickly where it is written as always."""
    if type(value) is str and len(value) == _LENGTH and value[_LENGTH - _DIGITS - 1] == ".":
        digits = value[: _LENGTH - _DIGITS - 1] + value[_LENGTH - _DIGITS :]
        if digits.isascii() and digits.isdecimal():
            return value, int(digits)
    stamp = stamp_of(value)
    return stamp, instant_of(stamp)


def stamp_of(value: Any) -> str | None:
    """Return a timestamp as Slack writes it, which is the id of a message, too."""
    if type(value) is float:
        value = f"{value:.6f}"
    value = str(value) if type(value) is int else value
    return value if isinstance(value, str) and _STAMP.match(value) else None


def instant_of(stamp: str | None) -> int | None:
    """Return the time of a timestamp in microseconds since 1970, which Arrow takes for one as it is."""
    if stamp is None:
        return None
    seconds, _, fraction = stamp.partition(".")
    if len(fraction) != _DIGITS:
        fraction = f"{fraction}000000"[:_DIGITS]
    return int(seconds + fraction)
