"""Values of events, which anybody may have sent, beside core's `json_values`: what a number of them has to be."""

from datetime import datetime, timedelta
from typing import Any

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - UTC, as the host wants it: without a zone
_LAST = datetime(2262, 1, 1)  # noqa: DTZ001 - as above
_LARGEST = 1 << 62


def texts(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str) and each] if isinstance(value, list) else []


def count(value: Any) -> int | None:
    return value if type(value) is int and 0 <= value < _LARGEST else None


def moment(value: Any) -> datetime | None:
    """Return the time of milliseconds since 1970, UTC; null for what is none."""
    if type(value) is float and value.is_integer():
        value = int(value)
    if type(value) is not int or not 0 <= value < (_LAST - _EPOCH) // timedelta(milliseconds=1):
        return None
    return _EPOCH + timedelta(milliseconds=value)
