"""Lines that would be headers, but not in the style of the file's: some are messages, some parts of messages.

A style is the file's own if most of its lines stand in order of time between the messages around them and are of people
who write, or if so many of them follow one another that nobody pastes as much (30 in order, or at the end of a text
more than all before). All others are parts of the messages that hold them: what people paste is older than the message
that it is pasted into.
"""

import re
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import product
from time import localtime

from egregora_core.plugin import DateOrder
from egregora_core.sources.whatsapp.header import LONG_YEAR, PERIOD, SHORT_YEAR, Header, Shape, full_year, period_words
from egregora_core.sources.whatsapp.template import BUDDHIST

_ORDERS: dict[DateOrder, tuple[int, int, int]] = {"DMY": (2, 1, 0), "MDY": (2, 0, 1), "YMD": (0, 1, 2)}
"""Places of year, month and day."""
_LONG = 30
"""So many lines in order of time are more than a paste."""
_NEAR = timedelta(days=1)
"""Between messages as near as that, what fits in time does so by no chance."""
_FIRST_YEAR = 2009
_KEPT = 2000
_MANY_AUTHORS = 10_000

Orders = tuple[DateOrder, DateOrder]
"""The order of the dates around, and that of the dates of a style."""


@dataclass(frozen=True)
class Stranger:
    """A line in another style: its header, what seems its author (or nothing), and where it stands in the text."""

    header: Header
    author: str
    place: int
    soft: bool = False
    """It stands behind a line end that ends no message."""


@dataclass(frozen=True)
class Run:
    """The strangers in one message, with the headers of that message and of the next one."""

    above: Header
    lines: Sequence[Stranger]
    below: Header | None


@dataclass
class _Fit:
    """How an author's lines stand in time: of so many, how many are in order, and how many by no chance."""

    lines: int = 0
    fit: int = 0
    near: int = 0


@dataclass
class Style:
    """What was seen of lines of one shape."""

    count: int = 0
    first: int = 0
    headers: list[Header] = field(default_factory=list)
    authors: dict[str, dict[Orders, _Fit]] = field(default_factory=dict)
    long: Counter[Orders] = field(default_factory=Counter)
    """Lines of runs that are long."""
    last: int = 0
    """Lines behind which no message follows."""

    def add(self, run: Run, lines: Sequence[Stranger]) -> None:
        if not self.count:
            self.first = lines[0].place
        self.count += len(lines)
        self.last += len(lines) if run.below is None else 0
        self.headers += [line.header for line in lines[: max(0, _KEPT - len(self.headers))]]
        for orders in _orders(run.above.shape, lines[0].header.shape):
            self._add(run, lines, orders)

    def _add(self, run: Run, lines: Sequence[Stranger], orders: Orders) -> None:
        above = moment(run.above, orders[0])
        below = moment(run.below, orders[0]) if run.below else None
        if run.above.shape.seconds != lines[0].header.shape.seconds:
            above, below = _minute(above), _minute(below)
        kin = is_kin(run.above.shape, lines[0].header.shape)
        latest, ordered = above, 0
        before: datetime | None = None
        for line in lines:
            when = moment(line.header, orders[1])
            if run.above.shape.seconds != line.header.shape.seconds:
                when = _minute(when)
            if when is None:
                continue
            fits = (latest is None or when >= latest) and (below is None or when <= below)
            latest = when if fits else latest
            ordered += before is None or when >= before
            before = when
            author = line.author if line.author in self.authors or len(self.authors) < _MANY_AUTHORS else ""
            seen = self.authors.setdefault(author, {}).setdefault(orders, _Fit())
            seen.lines += 1
            seen.fit += fits
            seen.near += bool(fits and (kin or (above and below and below - above <= _NEAR)))
        if ordered >= _LONG and ordered >= 0.9 * len(lines):
            self.long[orders] += len(lines)

    def is_own(self, known: Container[str], orders: Iterable[DateOrder]) -> bool:
        """Tell whether its lines are messages, whichever of the orders is that of the dates around them."""
        mains = self._mains(orders)
        return bool(mains) and all(
            any(self._is_own(known, both) for both in self._seen() if both[0] == order) for order in mains
        )

    def _seen(self) -> set[Orders]:
        return {orders for seen in self.authors.values() for orders in seen}

    def _is_own(self, known: Container[str], orders: Orders) -> bool:
        total, good = 0, 0
        repeated = sum(seen[orders].lines for seen in self.authors.values() if orders in seen)
        for author, fits in self.authors.items():
            seen = fits.get(orders, _Fit())
            writes = author and (author in known or 1 < seen.lines == seen.fit)
            good += seen.fit if writes else seen.near
            # What the app wrote has no author, and says nothing where it does not fit closely.
            total += seen.lines if author else seen.near
        return (good > 0 and 2 * good > total) or 2 * self.long[orders] > repeated

    def fits(self, orders: Iterable[DateOrder]) -> int:
        """Return how many lines at least stand in order of time."""
        counts: dict[DateOrder, int] = {}
        for both in self._seen():
            fit = sum(seen[both].fit for seen in self.authors.values() if both in seen)
            counts[both[0]] = max(counts.get(both[0], 0), fit)
        return min((count for order, count in counts.items() if order in orders), default=0)

    def is_in_time(self, orders: Iterable[DateOrder]) -> bool:
        """Tell whether most lines stand in order of time, whoever wrote them."""
        return 2 * self.fits(orders) > self.count

    def _mains(self, orders: Iterable[DateOrder]) -> set[DateOrder]:
        found = {both[0] for both in self._seen()}
        return found.intersection(orders) or found


@dataclass
class Strangers:
    """All lines of a text that would be headers in another style."""

    styles: dict[Shape, Style] = field(default_factory=dict)
    soft: Style = field(default_factory=Style)
    """Those behind line ends that end no message."""
    odd: list[int] = field(default_factory=list)
    """Where the first of the lines stands whose dates cannot be read beside the others."""
    odds: int = 0
    """How many there are."""

    def add_odd(self, places: Sequence[int]) -> None:
        self.odd = [*self.odd, *places][:1]
        self.odds += len(places)

    def add(self, run: Run) -> None:
        soft = [line for line in run.lines if line.soft]
        if soft:
            self.soft.add(run, soft)
        shapes: dict[Shape, list[Stranger]] = {}
        for line in run.lines:
            if not line.soft:
                shapes.setdefault(line.header.shape, []).append(line)
        for shape, lines in shapes.items():
            self.styles.setdefault(shape, Style()).add(run, lines)

    @property
    def count(self) -> int:
        return sum(style.count for style in self.styles.values())

    @property
    def all(self) -> int:
        """How many lines there are, behind whichever line ends."""
        return self.count + self.soft.count

    def told(self, orders: Iterable[DateOrder]) -> tuple[int, int]:
        """Return how many lines may be messages after all, and where the first of them stands.

        What line ends exclude and is not in order of time is none.
        """
        styles = list(self.styles.values())
        soft = self.soft.fits(orders)
        places = [*self.odd, *(style.first for style in [*styles, *([self.soft] if soft else [])])]
        return self.count + soft + self.odds, min(places, default=0)

    def own(self, known: Container[str], orders: Iterable[DateOrder], messages: int) -> list[Style]:
        """Return the styles whose lines are messages, like as many that are known."""
        orders, styles = tuple(orders), self.styles.values()
        more = sum(style.last for style in styles) > messages
        return [style for style in styles if (more and style.last) or style.is_own(known, orders)]


def is_kin(one: Shape, other: Shape) -> bool:
    """Tell whether two shapes differ in nothing but a clock of 12 or 24 hours, a comma, or the digits of the year."""
    plain = [tuple(re.sub(f"[{PERIOD},،]", "", text).strip() for text in shape.literals) for shape in (one, other)]
    return (one.bracket, one.time_first, plain[0]) == (other.bracket, other.time_first, plain[1])


def is_plausible(header: Header) -> bool:
    """Tell whether a header has a time of the years of WhatsApp, in any order."""
    found = (moment(header, order) for order in _ORDERS)
    return any(when and _FIRST_YEAR <= when.year <= localtime().tm_year + 1 for when in found)


def _orders(around: Shape, shape: Shape) -> Iterable[Orders]:
    """Return the orders in which the dates of two shapes can be; alike, where they are written alike."""
    ours, theirs = ([order for order in _ORDERS if _allows(each, order)] for each in (around, shape))
    both: list[Orders] = list(product(ours, theirs))
    return [pair for pair in both if pair[0] == pair[1] or around.years != shape.years]


def _allows(shape: Shape, order: DateOrder) -> bool:
    return LONG_YEAR not in shape.years or shape.years[_ORDERS[order][0] // 2] != SHORT_YEAR


def _minute(when: datetime | None) -> datetime | None:
    return when and when.replace(second=0)


def moment(header: Header, order: DateOrder) -> datetime | None:
    """Return a header's time if its date is in an order; None where that is none."""
    if not _allows(header.shape, order):
        return None
    numbers = header.numbers()
    year, month, day = (numbers[place] for place in _ORDERS[order])
    year = year - 543 if year >= BUDDHIST else full_year(year)
    hour, minute = (int(text) for text in header.fields[3:5])
    if header.period and hour <= 12:  # noqa: PLR2004 - a clock's hours
        hour = hour % 12 + 12 * (period_words()[header.period][hour % 12] == "p")
    try:
        return datetime(year, month, day, hour % 24 if hour == 24 else hour, minute, int(header.fields[5] or 0))  # noqa: DTZ001, PLR2004 - an export tells no zone
    except ValueError:
        return None
