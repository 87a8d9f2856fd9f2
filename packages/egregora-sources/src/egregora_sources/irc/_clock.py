"""When the lines of a file were said: stamps, dates that stand between them, and midnights that nothing tells of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from egregora_core.plugin import DateOrder

from egregora_sources.irc._dates import EPOCH, Spelt, days, spelt

Frames = Mapping[int, tuple[int, int]]
"""By a line's number: the day (since 1970) and the second of it that it tells."""

_DAY = 86_400
_MICRO = 1_000_000
_TIME = (
    r"^(?P<clock>\d{1,2}:\d\d(?::\d\d)?)(?P<fraction>[.,]\d+)?(?: ?(?P<half>[AaPp][Mm]))?"
    r"(?: ?(?P<zone>Z|[+-]\d\d:?\d\d))?$"
)
_HALF = {"day": _DAY // 2, "year": 200}
"""So far back and the next day, or year, has begun: less is a clock that was put right, or lines that came late."""
_PER_MONTH = 31


@dataclass
class Clock:
    """The time of one file's lines, carried from one batch to the next."""

    day: int | None
    """Days since 1970 of the first line, where its stamp does not say it."""
    year: int | None = None
    """That of the first line, where dates have none."""
    order: DateOrder | None = None
    second: int = 0
    of_year: int = 0
    last: int | None = None

    def times(self, stamps: pa.StructArray, frames: Frames) -> pa.Array:
        """Return when each line was said, microseconds since 1970.

        `stamps` are the parts of what stands before each line, null where nothing does: such a line is of the time of
        the one before it. `frames` are days and seconds that some lines tell.
        """
        have = {field.name for field in stamps.type}
        micros = 0
        if "epoch" in have:
            seconds = pc.cast(_part(stamps, "epoch"), pa.int64())
        elif "date" in have:
            second, micros = _of_day(_part(stamps, "time"))
            dates = _part(stamps, "date")
            if "year" in have:
                dates = pc.binary_join_element_wise(dates, _part(stamps, "year"), " ")
            seconds = pc.add(pc.multiply(self._dated(dates, frames), _DAY), second)
        elif "time" in have:
            second, micros = _of_day(_part(stamps, "time"))
            seconds = self._by_day(second, frames)
        else:  # all lines are of the beginning of their days
            days_alone = {place: (day, 0) for place, (day, _) in frames.items()}
            seconds = self._by_day(pa.array([0] * len(stamps), pa.int64()), days_alone)
        times = pc.add(pc.multiply(seconds, _MICRO), micros)
        carried = pc.fill_null_backward(pc.fill_null_forward(_after(self.last, times)))[1:]
        if len(carried):
            self.last = carried[-1].as_py()
        return carried

    def _by_day(self, seconds: pa.Array, frames: Frames) -> pa.Array:
        seconds = _put(seconds, {place: second for place, (_, second) in frames.items()})
        day, filled = self._counted("day", seconds, {place: day for place, (day, _) in frames.items()})
        return pc.if_else(seconds.is_valid(), pc.add(pc.multiply(day, _DAY), filled), None)

    def _counted(self, unit: str, values: pa.Array, told: Mapping[int, int]) -> tuple[pa.Array, pa.Array]:
        """Return the day (or year) of each line, and its second (day of the year): the last one where it has none.

        Where the latter falls far, the next one has begun; `told` are days (years) that some lines tell.
        """
        before, start = (self.second, self.day) if unit == "day" else (self.of_year, self.year)
        filled = pc.fill_null_forward(_after(before, values))
        fell = pc.fill_null(pc.less(pc.pairwise_diff(filled), -_HALF[unit]), fill_value=False)
        falls = pc.cumulative_sum(pc.cast(fell, pa.int64()))
        base = _put(pa.nulls(len(filled), pa.int64()), {0: start, **{place + 1: day for place, day in told.items()}})
        since = pc.fill_null_forward(pc.if_else(base.is_valid(), falls, None))
        counted = pc.add(pc.fill_null_forward(base), pc.subtract(falls, since))
        if unit == "day":
            self.second, self.day = filled[-1].as_py(), counted[-1].as_py()
        else:
            self.of_year, self.year = filled[-1].as_py(), counted[-1].as_py()
        return counted[1:], filled[1:]

    def _dated(self, dates: pa.Array, frames: Frames) -> pa.Array:
        """Return the day of each line whose stamp has a date."""
        found = {text: spelt(text, self.order) for text in pc.unique(dates).drop_null().to_pylist()}
        if not any(date is not None and date.year is None for date in found.values()):
            return _mapped(dates, lambda text: days(found[text]))
        place = _mapped(dates, lambda text: _place_in_year(found[text]))
        told = {at: EPOCH + timedelta(day) for at, (day, _) in frames.items()}
        places = {at: date.month * _PER_MONTH + date.day for at, date in told.items()}
        year, _ = self._counted("year", _put(place, places), {at: date.year for at, date in told.items()})
        both = pc.binary_join_element_wise(pc.cast(year, pa.string()), dates, "\t")
        return _mapped(both, lambda text: days(found[text.partition("\t")[2]], int(text.partition("\t")[0])))


def _place_in_year(date: Spelt | None) -> int | None:
    return None if date is None else date.month * _PER_MONTH + date.day


def _part(stamps: pa.StructArray, name: str) -> pa.Array:
    """Return a part of the stamps, null where a line has no stamp, or none of this part."""
    part = pc.struct_field(stamps, name)
    return pc.if_else(pc.equal(part, ""), None, part)


def _of_day(times: pa.Array) -> tuple[pa.Array, Any]:
    """Return the second of the day of times of a clock, and the microseconds to be added to it."""
    if not pc.any(pc.match_substring_regex(times, "[^0-9:]")).as_py():
        return _second(times), 0
    parts = pc.extract_regex(times, _TIME)
    second, half = _second(_part(parts, "clock")), pc.utf8_lower(_part(parts, "half"))
    twelve = pc.subtract(second, pc.multiply(pc.divide(second, _DAY // 2), _DAY // 2))
    afternoon = pc.add(twelve, pc.if_else(pc.equal(half, "pm"), _DAY // 2, 0))
    second = pc.if_else(half.is_valid(), afternoon, second)
    digits = pc.utf8_rpad(pc.utf8_slice_codeunits(_part(parts, "fraction"), 1, 7), 6, "0")
    east = pc.fill_null(_mapped(_part(parts, "zone"), _offset), 0)
    return second, pc.subtract(pc.fill_null(pc.cast(digits, pa.int64()), 0), pc.multiply(east, _MICRO))


def _second(clock: pa.Array) -> pa.Array:
    """Return the second of the day of `9:05` or `19:05:12`; null for what is none."""
    short = pc.less_equal(pc.utf8_length(clock), len("12:00"))
    if pc.any(short).as_py():
        whole = pc.binary_join_element_wise(pc.utf8_lpad(clock, len("12:00"), "0"), ":00", "")
        clock = pc.if_else(short, whole, clock)
    if pc.any(pc.less(pc.utf8_length(clock), len("12:00:00"))).as_py():
        clock = pc.utf8_lpad(clock, len("12:00:00"), "0")
    clock = pc.if_else(pc.match_substring_regex(clock, r"^\d\d:[0-5]\d:[0-6]\d$"), clock, None)
    hour, minute, second = (
        pc.cast(pc.utf8_slice_codeunits(clock, start, start + 2), pa.int64()) for start in (0, 3, 6)
    )
    found = pc.add(pc.add(pc.multiply(hour, 3600), pc.multiply(minute, 60)), second)
    return pc.if_else(pc.less_equal(found, _DAY), found, None)


def _offset(text: str) -> int:
    """Return the seconds east of UTC."""
    if text == "Z":
        return 0
    digits = text[1:].replace(":", "")
    return (int(digits[:2]) * 3600 + int(digits[2:]) * 60) * (-1 if text[0] == "-" else 1)


def has_zone(times: pa.Array) -> bool:
    """Tell whether times of a clock say how far from UTC it is."""
    return bool(pc.any(pc.match_substring_regex(times, r"\d ?(?:Z|[+-]\d\d:?\d\d)$")).as_py())


def _mapped(texts: pa.Array, value: Callable[[str], int | None]) -> pa.Array:
    """Return a number for each text, asked once for each different one."""
    coded = texts.dictionary_encode()
    values = pa.array([value(text) for text in coded.dictionary.to_pylist()], pa.int64())
    return values.take(coded.indices)


def _after(first: int | None, values: pa.Array) -> pa.Array:
    return pa.concat_arrays([pa.array([first], pa.int64()), values.cast(pa.int64())])


def _put(values: pa.Array, at: Mapping[int, int | None]) -> pa.Array:
    """Return the values with others at some places."""
    places = sorted(at)
    mask = pc.is_in(pa.array(range(len(values)), pa.int64()), pa.array(places, pa.int64()))
    return pc.replace_with_mask(values, mask, pa.array([at[place] for place in places], values.type))
