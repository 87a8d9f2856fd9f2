"""When a message of a page was edited, which the page shows as a clock did, in a format that nothing names.

Of the same message it is known when it was sent, to the millisecond: a format fits, and a clock is so far from UTC, if
what is shown of that is it.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from egregora_core.builtin.discord._exporter_csv import Clock

_CLOCKS = (Clock(zoned=False, order=None), *(Clock(zoned=False, order=order) for order in ("MDY", "DMY", "YMD")))
_ZONED = Clock(zoned=True, order=None)
_QUARTER = timedelta(minutes=15)
"""What all offsets from UTC are multiples of."""
_FARTHEST, _CUT = timedelta(hours=14), timedelta(minutes=1)
_LONGEST = timedelta(days=1)
"""So much later the clock is still as far from UTC, but for two nights of a year."""


def edited_at(sent: datetime, shown: Iterable[str], edited: str) -> datetime | None:
    """Return when a message was edited, in UTC; None where that cannot be known, or was more than a day later.

    `sent` is when it was sent, in UTC; `shown` are the ways in which the page says so.
    """
    if (exact := _ZONED.read(_plain(edited))) is not None:
        return exact.astimezone(UTC)
    found = {when for when in _fitting(sent, [*shown], _plain(edited)) if sent - _CUT < when < sent + _LONGEST}
    return max(found.pop(), sent) if len(found) == 1 else None


def _fitting(sent: datetime, shown: list[str], edited: str) -> Iterator[datetime]:
    for clock in _CLOCKS:
        later = clock.read(edited)
        if later is None:
            continue
        for text in shown:
            then = clock.read(_plain(text))
            if then is None:
                continue
            offset = round((then.replace(tzinfo=UTC) - sent) / _QUARTER) * _QUARTER
            if abs(offset) <= _FARTHEST and timedelta() <= sent + offset - then.replace(tzinfo=UTC) < _CUT:
                yield later.replace(tzinfo=UTC) - offset


def _plain(text: str) -> str:
    return " ".join(text.split())
