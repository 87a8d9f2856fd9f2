"""When the lines of a file were said: stamps, dates that stand between them, and midnights that nothing tells of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import pyarrow as pa
import pyarrow.compute as pc
from egregora_core.plugin import DateOrder

from egregora_sources.irc._dates import EPOCH, Spelt, days, spelt

Frames = Mapping[int, tuple[int, int]]
"""By a line's number: the day (since 1970) and the second of it that it tells."""

_DAY = 86_400
_MICRO = 1_000_000
_NOON = 12
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
        if "epoch" in have:
            seconds = pc.cast(_part(stamps, "epoch"), pa.int64())
        elif "date" in have:
            seconds = pc.add(pc.multiply(self._dated(_part(stamps, "date"), frames), _DAY), _seconds(stamps, have))
        else:
            time = _seconds(stamps, have) if "time" in have else _midnight(stamps, frames)
            seconds = self._by_day(time, frames)
        times = pc.multiply(seconds, _MICRO)
        if "fraction" in have:
            times = pc.add(times, _fraction(stamps))
        if "zone" in have:
            times = pc.subtract(times, pc.multiply(pc.fill_null(_mapped(_part(stamps, "zone"), _offset), 0), _MICRO))
        carried = pc.fill_null_backward(pc.fill_null_forward(_after(self.last, times)))[1:]
        if len(carried):
            self.last = carried[-1].as_py()
        return carried

    def _by_day(self, seconds: pa.Array, frames: Frames) -> pa.Array:
        seconds = _put(seconds, {place: second for place, (_, second) in frames.items()})
        day, filled = self._counted("day", seconds, {place: day for place, (day, _) in frames.items()})
        return pc.if_else(seconds.is_valid(), pc.add(pc.multiply(day, _DAY), filled), None)

    def _counted(self, unit: str, values: pa.Array, told: Mapping[int, int]) -> tuple[pa.Array, pa.Array]:
        """Return the day (or year) of each line, and its second (day of the year), of the line before where it has none.

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


def _seconds(stamps: pa.StructArray, have: set[str]) -> pa.Array:
    """Return seconds since midnight."""
    text = _part(stamps, "time")
    short = pc.less_equal(pc.utf8_length(text), len("12:00"))
    whole = pc.binary_join_element_wise(pc.utf8_lpad(text, len("12:00"), "0"), ":00", "")
    text = pc.if_else(short, whole, pc.utf8_lpad(text, len("12:00:00"), "0"))
    hour, minute, second = (
        pc.cast(pc.utf8_slice_codeunits(text, start, start + 2), pa.int64()) for start in (0, 3, 6)
    )
    if "half" in have:
        half = pc.utf8_lower(_part(stamps, "half"))
        twelve = pc.subtract(hour, pc.multiply(pc.divide(hour, _NOON), _NOON))
        afternoon = pc.if_else(pc.equal(half, "pm"), _NOON, 0)
        hour = pc.if_else(half.is_valid(), pc.add(twelve, afternoon), hour)
    found = pc.add(pc.add(pc.multiply(hour, 3600), pc.multiply(minute, 60)), second)
    return pc.if_else(pc.less_equal(found, _DAY), found, None)


def _midnight(stamps: pa.StructArray, frames: Frames) -> pa.Array:
    """Return zeros: a log without times is of the beginning of its days."""
    zeros = pa.array([0] * len(stamps), pa.int64())
    return zeros if not frames else _put(zeros, {})


def _fraction(stamps: pa.StructArray) -> pa.Array:
    digits = pc.utf8_rpad(pc.utf8_slice_codeunits(_part(stamps, "fraction"), 1, 7), 6, "0")
    return pc.fill_null(pc.cast(digits, pa.int64()), 0)


def _offset(text: str) -> int:
    """Return the seconds east of UTC."""
    if text[0] not in "+-":
        return 0
    digits = text[1:].replace(":", "")
    return (int(digits[:2]) * 3600 + int(digits[2:]) * 60) * (-1 if text[0] == "-" else 1)


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
