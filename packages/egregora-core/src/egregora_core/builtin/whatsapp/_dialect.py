"""Cuts lines into date, clock and what was written, and reads the time of the first two.

A chat has many messages but few dates and few times of day, so each text is read once, wherever it stands: nothing here
needs to be fast but the cutting, which the engine does.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from egregora_core.builtin.whatsapp._characters import plain_period
from egregora_core.builtin.whatsapp._header import LONG_YEAR, SHORT_YEAR, Header, Shape, period_words
from egregora_core.builtin.whatsapp._template import Template
from egregora_core.plugin import DateOrder, literal

FIRST_YEAR = 2009
"""WhatsApp's first."""
ORDERS: tuple[DateOrder, ...] = ("DMY", "MDY", "YMD")
_BUDDHIST, _MINGUO, _CENTURY = 2400, 200, 100
"""Years from the first on are counted from the death of the Buddha; three digits below the second from the republic."""
_SOLAR_YEARS = range(1386, 1420)
"""Years of the Persian calendar in which WhatsApp exists."""
_SOLAR_EPOCH = date(621, 3, 20).toordinal()
"""The last day before the first one of its year 0."""
_MONTHS, _LONG_MONTHS = 12, 6
_NOON, _DAY, _HOUR = 12, 24, 60
_EPOCH = date(1970, 1, 1).toordinal()
_USUAL = 120
"""Characters of a line that hold its header, unless there are hundreds of marks before or in it."""
_SPLIT = "|"
"""Stands between the number of a style and its date; no header holds it."""


class Dialect(NamedTuple):
    """How the dates of a template are read."""

    order: DateOrder
    century: int = 2000
    """That of years of two digits."""


def day_of(numbers: Sequence[int], order: DateOrder, century: int = 2000) -> date | None:
    """Return the day that three numbers of a header are in an order, or None where there is no such day."""
    year, month, day = (numbers[order.index(part)] for part in "YMD")
    if year < _CENTURY:
        year += century
    elif year < _MINGUO:
        year += 1911
    elif year >= _BUDDHIST:
        year -= 543
    try:
        return solar_date(year, month, day) if year in _SOLAR_YEARS else date(year, month, day)
    except ValueError:
        return None


def solar_date(year: int, month: int, day: int) -> date:
    """Return a date of the Persian calendar in ours. Raises ValueError where there is none.

    Leap years are those of the 33-year cycle, which is exact from 1178 to 1633.
    """
    leaps, next_leaps = ((8 * each + 21) // 33 for each in (year, year + 1))
    length = 31 if month <= _LONG_MONTHS else 30 if month < _MONTHS or next_leaps > leaps else 29
    if not (1 <= month <= _MONTHS and 1 <= day <= length):
        raise ValueError(day)
    days = 365 * year + leaps + (month - 1) * 30 + min(month - 1, _LONG_MONTHS) + day
    return date.fromordinal(_SOLAR_EPOCH + days)


def clock_of(fields: Sequence[str | None], period: str) -> timedelta | None:
    """Return the time that hour, minute and second give, or None where there is none such.

    `period` is the plain word for the part of the day, or empty.
    """
    hours, minutes, seconds = [int(text or 0) for text in fields]
    if period and hours <= _NOON:  # an hour over 12 beside such a word is one of a 24-hour clock
        halves = period_words().get(period)
        if halves is None:
            return None
        hours = hours % _NOON + _NOON * (halves[hours % _NOON] == "p")
    valid = hours <= _DAY and minutes < _HOUR and seconds <= _HOUR  # a second 60 is one between two minutes
    return timedelta(hours=hours % _DAY, minutes=minutes, seconds=seconds) if valid else None


def allows(shape: Shape, order: DateOrder) -> bool:
    """Tell whether the year of a shape's dates can stand where an order has it."""
    return LONG_YEAR not in shape.years or shape.years[order.index("Y") // 2] != SHORT_YEAR


def moment(header: Header, order: DateOrder) -> datetime | None:
    """Return a header's time if its date is in an order; None where that is none."""
    day = day_of(header.numbers(), order) if allows(header.shape, order) else None
    clock = clock_of(header.fields[3:], header.period)
    # An export tells no zone.
    return datetime.combine(day, time()) + clock if day is not None and clock is not None else None


def numbers_of(text: str) -> tuple[int, tuple[int, ...]]:
    """Return the style of a date as `cut_sql` gives it, and its three numbers, in digits of any script."""
    style, text = of_style(text)
    return style, tuple(map(int, re.findall(r"\d+", text)))


def of_style(text: str) -> tuple[int, str]:
    """Return the number of a date's or a clock's style, and what was written."""
    style, split, text = text.rpartition(_SPLIT)
    return int(style) if split else 0, text


def cut_sql(templates: Sequence[Template]) -> str:
    """Return a SELECT over `lines(pos, l)` for `pos`, `date`, `clock` (the rest of the header) and `rest`.

    Of several templates it is the first that fits; date and clock then begin with its number.
    """
    header = literal(f"^(?:{'|'.join(template.in_parts() for template in templates)})")
    names = [f"{part}{n}" for n, each in enumerate(templates) for part in ("cd" if each.shape.time_first else "dc")]
    parts = f"{header}, [{', '.join(map(literal, names))}]"
    found = " OR ".join(f"h.d{style} <> ''" for style in range(len(templates)))
    # To look into whole texts takes longer.
    usual = f"SELECT pos, l, regexp_extract(left(l, {_USUAL}), {parts}) AS h FROM lines"
    each = f"SELECT pos, l, CASE WHEN {found} THEN h ELSE regexp_extract(l, {parts}) END AS h FROM ({usual})"
    return (
        f"SELECT pos, {_of_styles('d', len(templates))} AS date, {_of_styles('c', len(templates))} AS clock, "
        f"substr(l, length({' || '.join(f'h.{name}' for name in names)}) + 1) AS rest "
        f"FROM ({each})"
    )


def _of_styles(part: str, styles: int) -> str:
    """Return SQL for a part of a header, of whichever style it is; with the style's number, if there are several."""
    if styles == 1:
        return f"h.{part}0"
    cases = (f"WHEN h.d{style} <> '' THEN '{style}{_SPLIT}' || h.{part}{style}" for style in range(styles))
    return f"CASE {' '.join(cases)} END"


_NONE = -(1 << 62)
"""Stands for no time among microseconds."""


class Clock:
    """Reads lines that were cut: each date and each time of day once, however often it stands there."""

    def __init__(self, templates: Sequence[Template]) -> None:
        self._clocks = [re.compile(template.clock_regex()) for template in templates]
        self._time, self._day = cache(self._read_time), cache(self._read_day)
        self.dialects: Sequence[Dialect] = ()
        """How dates are read, as soon as it is known."""

    def unread(self, parts: pa.Table) -> set[str]:
        """Return the clocks that give no time."""
        return {text for text in parts["clock"].unique().to_pylist() if self._time(text) == _NONE}

    def times(self, parts: pa.Table) -> Any:
        """Return each line's time: numpy's, in microseconds."""
        return (_each(self._day, parts["date"]) + _each(self._time, parts["clock"])).astype("datetime64[us]")

    def _read_day(self, text: str) -> int:
        style, numbers = numbers_of(text)
        day = day_of(numbers, *self.dialects[style])
        return _NONE if day is None else (day.toordinal() - _EPOCH) * 86_400_000_000

    def _read_time(self, text: str) -> int:
        style, clock = of_style(text)
        match = self._clocks[style].fullmatch(clock)
        if match is None:
            return _NONE
        found = match.groupdict()
        since = clock_of([found["h"], found["m"], found.get("s")], plain_period(found.get("p") or ""))
        return _NONE if since is None else int(since.total_seconds()) * 1_000_000


def _each(read: Callable[[str], int], texts: pa.ChunkedArray) -> Any:
    """Return what each text says, as numpy's integers."""
    encoded = texts.combine_chunks().dictionary_encode()
    return np.array([read(text) for text in encoded.dictionary.to_pylist()], dtype=np.int64)[encoded.indices.to_numpy()]
