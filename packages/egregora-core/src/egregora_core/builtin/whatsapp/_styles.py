"""Lines that would be headers, but not in the style of the file's: some are messages, some parts of messages.

Every line is looked at, most by bytes alone. A style is the file's own if most of its lines stand in order of time
between the messages around them and are of people who write, or if so many of them follow one another that nobody
pastes as much (30 in order, or at the end of a text more than all before). All others are parts of the messages that
hold them: what people paste is older than the message that it is pasted into.
"""

import re
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise, product
from time import localtime

from egregora_core.builtin.whatsapp._blocks import WIDTH, Block
from egregora_core.builtin.whatsapp._characters import MARKS, SPACES, trimmed
from egregora_core.builtin.whatsapp._dialect import FIRST_YEAR, ORDERS, allows, moment
from egregora_core.builtin.whatsapp._header import PERIOD, Header, Shape, parse_header
from egregora_core.builtin.whatsapp._spelt_dates import SPELT_HEADERS, YEARLESS_HEADERS
from egregora_core.plugin import DateOrder

_LONG = 30
"""So many lines in order of time are more than a paste."""
_NEAR = timedelta(days=1)
"""Between messages as near as that, what fits in time does so by no chance."""
_KEPT = 2000
_MANY_AUTHORS = 10_000
_MOST = 5000
"""So many lines of one message are enough to tell what they are."""
_LONGEST_AUTHOR = 100
_WEEKDAY = re.compile(rf"^[^\W\d_]{{2,12}}[.,]{{0,2}}[{SPACES}]+(?=\d)")
_AUTHOR = re.compile(r"[^:]{1,60}:(?: |$)")
_AUTHOR_BEHIND = re.compile(rf"(?:\]| [-\u2013\u2014]|[-\u2013\u2014] ) ?{_AUTHOR.pattern}")

Orders = tuple[DateOrder, DateOrder]
"""The order of the dates around, and that of the dates of a style."""


@dataclass(frozen=True)
class OtherLine:
    """A line in another style: its header, what seems its author (or nothing), and where it stands in the text."""

    header: Header | None
    """None: its date cannot be read beside the others."""
    author: str
    place: int
    inner: bool = False
    """It stands behind a line end that ends no message."""


@dataclass(frozen=True)
class Run:
    """The others in one message, with the headers of that message and of the next one."""

    above: Header
    lines: Sequence[OtherLine]
    below: Header | None


@dataclass
class Style:
    """What was seen of lines of one shape, for each pair of orders of dates."""

    count: int = 0
    first: int = 0
    last: int = 0
    """Lines behind which no message follows."""
    headers: list[Header] = field(default_factory=list)
    """Of those that have one."""
    seen: dict[Orders, dict[str, Counter[str]]] = field(default_factory=dict)
    """Of each author the `lines` that have a time, those that `fit` in order of time, and those `near`: no chance."""
    long: Counter[Orders] = field(default_factory=Counter)
    """Lines of runs that are long."""

    def add(self, run: Run, lines: Sequence[OtherLine]) -> None:
        if not self.count:
            self.first = lines[0].place
        self.count += len(lines)
        self.last += len(lines) if run.below is None else 0
        headers = [line.header for line in lines if line.header is not None]
        self.headers += headers[: max(0, _KEPT - len(self.headers))]
        for orders in _orders(run.above.shape, headers[0].shape) if headers else ():
            self._add(run, lines, orders, headers[0].shape)

    def _add(self, run: Run, lines: Sequence[OtherLine], orders: Orders, shape: Shape) -> None:
        to_minute = run.above.shape.seconds != shape.seconds
        above = _moment(run.above, orders[0], to_minute=to_minute)
        below = _moment(run.below, orders[0], to_minute=to_minute) if run.below else None
        close = _is_kin(run.above.shape, shape) or (above and below and below - above <= _NEAR)
        times = [(line, _moment(line.header, orders[1], to_minute=to_minute)) for line in lines if line.header]
        timed = [(line, when) for line, when in times if when is not None]
        latest = above
        for line, when in timed:
            fits = (latest is None or when >= latest) and (below is None or when <= below)
            latest = when if fits else latest
            seen = self.seen.setdefault(orders, {})
            author = line.author if line.author in seen or len(seen) < _MANY_AUTHORS else ""
            seen.setdefault(author, Counter()).update(lines=1, fit=fits, near=bool(fits and close))
        ordered = sum(then >= when for (_, when), (_, then) in pairwise(timed)) + bool(timed)
        if ordered >= _LONG and ordered >= 0.9 * len(lines):
            self.long[orders] += len(lines)

    def is_own(self, known: Container[str], orders: Iterable[DateOrder]) -> bool:
        """Tell whether its lines are messages, whichever of the orders is that of the dates around them."""
        mains = {both[0] for both in self.seen}
        mains = mains.intersection(orders) or mains
        own = {both[0] for both in self.seen if both[0] in mains and self._is_own(known, both)}
        return bool(mains) and own == mains

    def _is_own(self, known: Container[str], orders: Orders) -> bool:
        total = good = repeated = 0
        for author, seen in self.seen[orders].items():
            writes = author and (author in known or 1 < seen["lines"] == seen["fit"])
            good += seen["fit" if writes else "near"]
            # What the app wrote has no author, and says nothing where it does not fit closely.
            total += seen["lines" if author else "near"]
            repeated += seen["lines"]
        return 2 * good > total > 0 or 2 * self.long[orders] > repeated

    def fits(self, orders: Iterable[DateOrder]) -> int:
        """Return how many lines at least stand in order of time."""
        fit = ((main, sum(seen["fit"] for seen in authors.values())) for (main, _), authors in self.seen.items())
        most = dict(sorted(fit))  # of each order the largest
        return min((most[order] for order in orders if order in most), default=0)


@dataclass
class OtherStyles:
    """All lines of a text that would be headers in another style."""

    styles: dict[Shape, Style] = field(default_factory=dict)
    inner: Style = field(default_factory=Style)
    """Those behind line ends that end no message."""
    unread: Style = field(default_factory=Style)
    """Those whose dates cannot be read beside the others."""

    def add(self, runs: Iterable[Run], begin: int) -> None:
        """Take note of runs from a place of the text on."""
        for run in runs:
            kinds: dict[int, tuple[Style, list[OtherLine]]] = {}
            for line in run.lines if run.lines[0].place >= begin else ():
                shaped = self.styles.setdefault(line.header.shape, Style()) if line.header and not line.inner else None
                style = shaped or (self.inner if line.header else self.unread)
                kinds.setdefault(id(style), (style, []))[1].append(line)
            for style, lines in kinds.values():
                style.add(run, lines)

    @property
    def count(self) -> int:
        return sum(style.count for style in self.styles.values())

    @property
    def all(self) -> int:
        """How many lines there are, behind whichever line ends."""
        return self.count + self.inner.count

    def told(self, orders: Iterable[DateOrder]) -> tuple[int, int]:
        """Return how many lines may be messages after all, and where the first of them stands.

        What line ends exclude and is not in order of time is none.
        """
        inner = self.inner.fits(orders)
        styles = (*self.styles.values(), self.unread, *([self.inner] if inner else []))
        places = (style.first for style in styles if style.count)
        return self.count + inner + self.unread.count, min(places, default=0)

    def own(self, known: Container[str], orders: Iterable[DateOrder], messages: int) -> list[Style]:
        """Return the styles whose lines are messages, like as many that are known."""
        orders, styles = tuple(orders), self.styles.values()
        more = sum(style.last for style in styles) > messages
        return [style for style in styles if (more and style.last) or style.is_own(known, orders)]


def _is_kin(one: Shape, other: Shape) -> bool:
    """Tell whether two shapes differ in nothing but a clock of 12 or 24 hours, a comma, or the digits of the year."""
    plain = [tuple(re.sub(f"[{PERIOD},،]", "", text).strip() for text in shape.literals) for shape in (one, other)]
    return (one.bracket, one.time_first, plain[0]) == (other.bracket, other.time_first, plain[1])


def _orders(around: Shape, shape: Shape) -> Iterable[Orders]:
    """Return the orders in which the dates of two shapes can be; alike, where they are written alike."""
    both = product(ORDERS, ORDERS) if around.years != shape.years else zip(ORDERS, ORDERS, strict=True)
    return [(ours, theirs) for ours, theirs in both if allows(around, ours) and allows(shape, theirs)]


def _moment(header: Header, order: DateOrder, *, to_minute: bool) -> datetime | None:
    when = moment(header, order)
    return when.replace(second=0) if when and to_minute else when


# --- the search -----------------------------------------------------------------------------------------------------


def runs_in(block: Block) -> list[Run]:
    """Return the others of a block by message."""
    data, runs = block.data, list[Run]()
    above: Header | None = None
    begin, end, lines = 0, -1, list[OtherLine]()

    def close() -> None:
        if above is not None and lines:
            below = data[end + 1 : end + 1 + WIDTH] if end < len(data) else block.below
            runs.append(Run(above, tuple(lines), parse_header(_text(below))))

    for match in _candidates(block.newline).finditer(data):
        place = match.start()
        if place > end:
            close()
            begin, lines = data.rfind(b"\n", 0, place) + 1, []
            end = data.find(b"\n", place) % (len(data) + 1)
            above = parse_header(_text(data[begin : begin + WIDTH]))
        if len(lines) < _MOST and (found := _other_line(block, match)):
            lines.append(found)
    close()
    return runs


def _is_unread(line: str) -> bool:
    """Tell whether a line begins with a date that is spelt, stands behind a weekday, or does not exist."""
    line = line.lstrip(MARKS + SPACES)
    dated = _WEEKDAY.sub("", line, count=1)
    if header := parse_header(dated):
        return bool(_AUTHOR.match(dated, len(header.raw)))
    return bool(_AUTHOR_BEHIND.search(line)) and any(form.match(line) for form in (*SPELT_HEADERS, *YEARLESS_HEADERS))


def _other_line(block: Block, match: re.Match[bytes]) -> OtherLine | None:
    place, inner = (block.start or 0) + match.end(), block.raw[match.start() : match.start() + 1] == b"\r"
    line = _text(block.data[match.end() : match.end() + WIDTH].split(block.newline, 1)[0])
    header = parse_header(line)
    moments = (moment(header, order) for order in ORDERS) if header else ()
    if header is None or not any(when and FIRST_YEAR <= when.year <= localtime().tm_year + 1 for when in moments):
        return None if inner or not _is_unread(line) else OtherLine(None, "", place)
    author, colon, _ = line[len(header.raw) :].partition(":")
    author = trimmed(author) if colon and len(author) <= _LONGEST_AUTHOR else ""
    return OtherLine(header, author, place, inner)


def _text(data: bytes) -> str:
    return data.split(b"\n", 1)[0].decode("utf-8", "replace")


@cache
def _candidates(newline: bytes) -> re.Pattern[bytes]:
    """Return an expression for the breaks before lines that may start with a header: few others pass."""
    n = re.escape(newline) + rb"\n"
    # Three numbers, the first two of them close together; or, early in the line, what may be a digit of another set.
    numbers = rb"[^0-9%b]{0,40}[0-9]{1,4}(?: ?[^0-9A-Za-z %b]{1,24} ?|[ h]| h )[0-9]{1,4}[^0-9%b]{1,60}[0-9]"
    numbers %= (n, n, n)
    spelt = rb"[^0-9%b]{0,20}[0-9]{1,2}[^0-9%b]{1,30}[0-9]{1,4}[^0-9%b]{1,24}[0-9]{2}" % (n, n, n)
    others = rb"[^%b]{0,16}?[\xd9\xdb\xdf\xe0\xe1\xea\xef\xf0]" % n
    return re.compile(re.escape(newline) + rb"(?=" + numbers + rb"|" + spelt + rb"|" + others + rb")")
