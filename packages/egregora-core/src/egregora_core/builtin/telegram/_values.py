"""Values of JSON that are what they should be, or nothing."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

from egregora_core.builtin._export_values import plausible_micros

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND, _MICROSECOND = 1_000_000, timedelta(microseconds=1)
MOST = (1 << 31) - 1
"""The largest count that is kept."""


def instant_of(value: Any) -> int | None:
    """Return the time of seconds since 1970 in microseconds; None for what is none that a chat can have."""
    try:
        return plausible_micros(int(value) * _SECOND)
    except (TypeError, ValueError, OverflowError):
        return None


def clock_of(value: Any) -> int | None:
    """Return what a clock showed, in microseconds since it would have shown 1970; None for what is none of a chat."""
    try:
        return plausible_micros((datetime.fromisoformat(value).replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND)
    except (TypeError, ValueError):
        return None


def flat(value: Any) -> str:
    """Return a text that may be in pieces."""
    pieces = value if isinstance(value, list) else [value]
    texts = (piece.get("text") if isinstance(piece, dict) else piece for piece in pieces)
    return "".join(text for text in texts if isinstance(text, str))


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def whole(value: Any) -> int | None:
    return value if type(value) is int and 0 <= value <= MOST else None


def degrees(value: Any) -> float | None:
    return value if type(value) in (int, float) and math.isfinite(value) else None


def known(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def is_list(head: str) -> bool:
    """Tell whether a file is messages alone, without the chat around them."""
    return head.lstrip("\ufeff \t\r\n").startswith("[")
