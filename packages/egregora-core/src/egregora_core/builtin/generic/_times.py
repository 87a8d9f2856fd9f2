"""Times of any writing, as Arrow timestamps: ISO 8601 with or without a zone, Unix time of any precision, or a format.

Everything is done by the column; where something is no time, halving the column finds the row.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

_NUMBER = r"^-?\d+(?:\.\d+)?$"
_ZONE = r"\d{2}:\d{2}.*(?:Z|[+-]\d{2}(?::?\d{2})?)$"
_LARGEST_OF = ((10**11, 1_000_000), (10**14, 1_000), (10**17, 1))
"""Below each, what makes microseconds of Unix time: of seconds, of milliseconds, of microseconds."""
_FIRST, _LAST = 631_152_000_000_000, 7_258_118_400_000_000
"""From 1990 to 2200, in microseconds: what lies beyond is no time of a chat."""


class NoTimeError(Exception):
    """A value of a column is no time."""

    def __init__(self, row: int, why: str) -> None:
        super().__init__(row, why)
        self.row, self.why = row, why


@dataclass(frozen=True)
class Times:
    """Times of a column in microseconds: UTC, or a wall clock's where they are not `zoned`; None: it has none."""

    values: "pa.Array"
    zoned: bool | None


def times(column: "pa.Array", form: str) -> Times:
    """Read a column. Raises NoTimeError, with the first row that is none, or is in a zone where others are not."""
    import pyarrow as pa
    import pyarrow.types as kinds

    kind = column.type
    if kinds.is_null(kind):
        return Times(pa.nulls(len(column), pa.timestamp("us")), None)
    if kinds.is_timestamp(kind):
        utc = column.cast(pa.timestamp("us", kind.tz), safe=False)
        return _plausible(Times(utc.cast(pa.timestamp("us")), kind.tz is not None))
    if kinds.is_date(kind):
        return _plausible(Times(column.cast(pa.timestamp("us"), safe=False), zoned=False))
    if kinds.is_integer(kind) or kinds.is_floating(kind) or kinds.is_decimal(kind):
        return _plausible(Times(_of_numbers(column), zoned=True))
    if kinds.is_string(kind) or kinds.is_large_string(kind):
        return _plausible(_of_texts(column.cast(pa.string()), form))
    raise NoTimeError(0, f"its type is {kind}")


def _of_numbers(column: "pa.Array") -> "pa.Array":
    """Return Unix times as timestamps; how large they are tells what they count."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = pa.int64() if pa.types.is_integer(column.type) else pa.float64()
    values = column.cast(kind, safe=False)
    size = pc.abs(values)
    found = pc.divide(values, pa.scalar(1_000, kind))  # nanoseconds
    for largest, factor in reversed(_LARGEST_OF):
        is_small = pc.less(size, pa.scalar(largest, pa.int64()).cast(kind, safe=False))
        small = pc.if_else(is_small, values, pa.scalar(0, kind))
        found = pc.if_else(is_small, pc.multiply(small, pa.scalar(factor, kind)), found)
    if kind == pa.float64():
        found = pc.if_else(pc.less(pc.abs(found), pa.scalar(1e18)), pc.round(found), pa.scalar(0.0)).cast(pa.int64())
    return found.cast(pa.timestamp("us"))


def _of_texts(column: "pa.Array", form: str) -> Times:
    import pyarrow as pa
    import pyarrow.compute as pc

    if not form and column.null_count < len(column) and (quick := _of_iso(column)) is not None:
        return quick
    texts = pc.utf8_trim_whitespace(column)
    texts = pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)
    if texts.null_count == len(texts):
        return Times(pa.nulls(len(texts), pa.timestamp("us")), None)
    if form:
        return Times(_each(texts, lambda part: pc.strptime(part, form, "us"), "is not written as ts_format says"), None)
    if (quick := _of_iso(texts)) is not None:
        return quick
    if _all(pc.match_substring_regex(texts, _NUMBER)):
        exact = _all(pc.match_substring_regex(texts, r"^-?\d{1,19}$"))
        kind = pa.int64() if exact else pa.float64()
        return Times(_of_numbers(_each(texts, lambda part: part.cast(kind), "is no number")), zoned=True)
    for pattern, by in (
        (r"^(\d{4})/(\d{2})/(\d{2})", r"\1-\2-\3"),
        (r"\s*(?:UTC|GMT)$", "Z"),
        (r"\s+([+-]\d{2}:?\d{2})$", r"\1"),
        (r"(:\d{2})[.,](\d{1,6})\d*", r"\1.\2"),
    ):
        texts = pc.replace_substring_regex(texts, pattern, by)
    zoned = pc.match_substring_regex(texts, _ZONE)
    first = zoned.drop_null()[0].as_py()
    if not _all(pc.equal(zoned, pa.scalar(first))):
        row = pc.index(pc.fill_null(zoned, first), pa.scalar(not first)).as_py()
        raise NoTimeError(row, "says its zone, and others do not" if not first else "says no zone, and others do")
    kind = pa.timestamp("us", "UTC") if first else pa.timestamp("us")
    found = _each(texts, lambda part: part.cast(kind), "is neither ISO 8601 nor Unix time: see [generic] ts_format")
    return Times(found.cast(pa.timestamp("us")), zoned=first)


def _of_iso(texts: "pa.Array") -> Times | None:
    """Return times that are all as Arrow knows them: with a zone each, or none; None for others."""
    import pyarrow as pa

    for kind in (pa.timestamp("us", "UTC"), pa.timestamp("us")):
        try:
            return Times(texts.cast(kind).cast(pa.timestamp("us")), zoned=kind.tz is not None)
        except pa.ArrowException:
            continue
    return None


def _all(mask: Any) -> bool:
    import pyarrow.compute as pc

    return bool(pc.all(mask, skip_nulls=True).as_py())


def _each(column: "pa.Array", read: Callable[["pa.Array"], "pa.Array"], why: str) -> "pa.Array":
    """Return what reading a column gives. Raises NoTimeError, with the first row that cannot be read."""
    import pyarrow as pa

    try:
        return read(column)
    except pa.ArrowException:
        low, high = 0, len(column)
        while high - low > 1:
            middle = (low + high) // 2
            try:
                read(column[low:middle])
                low = middle
            except pa.ArrowException:
                high = middle
        raise NoTimeError(low, why) from None


def _plausible(found: Times) -> Times:
    import pyarrow as pa
    import pyarrow.compute as pc

    micros = found.values.cast(pa.int64())
    odd = pc.or_(pc.less(micros, _FIRST), pc.greater_equal(micros, _LAST))
    if pc.any(odd).as_py():
        row = pc.index(pc.fill_null(odd, fill_value=False), pa.scalar(value=True)).as_py()
        raise NoTimeError(row, "is before 1990 or after 2200")
    return found
