"""Several templates in one file: which are its own, and which were pasted into its messages.

A phone writes all of an export alike, so a second template is either another export's (two joined, or a clock that was
set otherwise) or part of a message. What was pasted is older than the message that holds it, after which time goes on.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import product

from egregora_core.sources.whatsapp.header import LONG_YEAR, PERIOD, Header, Shape, full_year, period_words

KEPT = 4000
"""So many headers are remembered, in order, to tell."""
_PASTED = 0.9
_ORDERS = ((2, 1, 0), (2, 0, 1), (0, 1, 2))
"""Places of year, month and day."""


def is_kin(one: Shape, other: Shape) -> bool:
    """Tell whether two shapes differ in nothing but the clock, of 12 or of 24 hours."""
    plain = [tuple(text.replace(PERIOD, "").strip() for text in shape.literals) for shape in (one, other)]
    same = (one.bracket, one.time_first, one.years) == (other.bracket, other.time_first, other.years)
    return same and plain[0] == plain[1] and one.twelve_hours != other.twelve_hours


def is_pasted(shape: Shape, main: Shape, headers: Sequence[Header]) -> bool:
    """Tell whether what has a shape interrupts what has the main one with times from before."""
    inside = within = 0
    before: Header | None = None
    for header in headers:
        if header.shape == main:
            inside, before = inside + within, header
            within = 0
        elif header.shape == shape and before is not None and _is_older(header, before):
            within += 1
    count = sum(header.shape == shape for header in headers)
    return count > 0 and inside >= _PASTED * count


def _is_older(header: Header, than: Header) -> bool:
    """Tell whether a header's time is before another's, whatever the order of their dates is."""
    one, other = ([_moment(each, places) for places in _ORDERS] for each in (header, than))
    pairs = zip(one, other, strict=True) if header.shape.years == than.shape.years else product(one, other)
    known = [first < second for first, second in pairs if first is not None and second is not None]
    return bool(known) and all(known)


def _moment(header: Header, places: tuple[int, int, int]) -> datetime | None:
    """Return a header's time with year, month and day at those places of its date; None where that is none."""
    years = header.shape.years
    if LONG_YEAR in years and years[places[0] // 2] != LONG_YEAR:
        return None
    numbers = header.numbers()
    year, month, day = (numbers[place] for place in places)
    hour, minute = (int(text) for text in header.fields[3:5])
    if header.period:
        hour = hour % 12 + 12 * (period_words()[header.period][hour % 12] == "p")
    try:
        return datetime(full_year(year), month, day, hour, minute)  # noqa: DTZ001 - an export tells no zone
    except ValueError:
        return None
