"""The one template of a file's headers, found by vote, and the expressions that match it exactly.

A template is narrower than a shape: whether fields are padded counts too, so a header that was pasted from another
phone's export into a message stays part of that message.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from egregora_core.sources.whatsapp.header import LONG_YEAR, PERIOD, SHORT_YEAR, Header, Shape, parse_header
from egregora_core.sources.whatsapp.mixed import KEPT, is_kin, is_pasted
from egregora_core.sources.whatsapp.words import MARKS, SPACES, digit_zero

_PADDED = 2
_MAJORITY = 0.6
_STRAY = 0.2
"""Up to this share of the other padding counts as pasted, not as the template's own."""
_NAMES = ("a", "b", "c", "h", "m", "s")
_WAYS = 6


@dataclass
class _Votes:
    """What the headers of one shape looked like."""

    count: int = 0
    padded: list[Counter[bool]] = field(default_factory=lambda: [Counter() for _ in _NAMES])
    zeros: set[str] = field(default_factory=lambda: {"0"})
    periods: Counter[str] = field(default_factory=Counter)
    raws: Counter[tuple[str, ...]] = field(default_factory=Counter)
    marks: bool = False
    plain_end: bool = True
    largest_year: int = 0


@dataclass(frozen=True)
class Template:
    """How each header of a file is written."""

    shape: Shape
    padded: tuple[bool | None, ...]
    """For each of the six fields whether it is padded to two digits; None where both or neither were seen."""
    zeros: frozenset[str]
    """The zeros of the digit sets in use."""
    marks: bool
    """Direction marks stand inside headers."""
    plain_end: bool
    """All headers end as the shape does: no mark, no other space."""
    raw_literals: tuple[str, ...] | None
    """The commonest way in which the shape's literals were written, where that allows the fast way to read them."""
    largest_year: int
    written: tuple[str, ...] = ()
    """What stands between the digits of headers, as it was written: the commonest ways."""

    def same_headers(self, other: "Template") -> bool:
        """Tell whether both match the same lines."""
        mine, theirs = ((x.shape, x.padded, x.zeros, x.marks) for x in (self, other))
        return mine == theirs

    def describe(self) -> str:
        """Return the template in CLDR's notation as far as the order of day and month is not in question."""
        pre, s1, s2, glue, t1, t2, tail, end = (text.replace(PERIOD, "a") for text in self.shape.literals)
        a, b, c = (
            _letter("xxy"[i] if self.shape.years[1] != SHORT_YEAR else "x", padded=self.padded[i]) for i in range(3)
        )
        if self.shape.years[0] != SHORT_YEAR:
            a, b, c = "y", _letter("M", padded=self.padded[1]), _letter("d", padded=self.padded[2])
        hour = _letter("h" if self.shape.twelve_hours else "H", padded=self.padded[3])
        time = f"{pre}{hour}{t1}mm{f'{t2}ss' if t2 else ''}"
        date = f"{a}{s1}{b}{s2}{c}"
        body = f"{time}{glue}{date}" if self.shape.time_first else f"{date}{glue}{time}"
        return f"{'[' if self.shape.bracket else ''}{body}{tail}{end}"

    def regex(self) -> str:
        """Return an expression for text, as Python's `re` and RE2 read it, with groups named like the fields.

        Group `p` (which may be empty) is the word for the part of the day.
        """
        mark, core = self._parts()
        return f"{mark}*{core}"

    def regex_bytes(self) -> bytes:
        """Return the same without groups, for UTF-8."""
        mark, core = self._parts()
        core = re.sub(r"\(\?P<\w+>", "(?:", core)
        # Most lines start with no mark: that way comes first.
        return _encode(f"(?:{core}|(?:{mark})+{core})")

    def _parts(self) -> tuple[str, str]:
        """Return what may stand before a header any number of times, and the header."""
        shape = self.shape
        pre, s1, s2, glue, t1, t2, tail, end = (self._literal(text) for text in shape.literals)
        a, b, c, h, m, s = (f"(?P<{name}>{self._field(i)})" for i, name in enumerate(_NAMES))
        time = [pre, h, t1, m, *((t2, s) if shape.seconds else ())]
        date = [a, s1, b, s2, c]
        mark = f"[{MARKS}]"
        body = [*time, glue, *date] if shape.time_first else [*date, glue, *time]
        core = (f"{mark}*" if self.marks else "").join([*body, tail, end])
        return mark, rf"\[{mark}*{core}" if shape.bracket else core

    def _literal(self, text: str) -> str:
        parts = []
        for char in text:
            if char == PERIOD:
                parts.append(r'(?P<p>[^0-9\[\]<>":\n]{1,60}?)')
            elif char == " ":
                parts.append(f"[{SPACES}]")
            else:
                parts.append(re.escape(char))
        return (f"[{MARKS}]*" if self.marks else "").join(parts)

    def _field(self, index: int) -> str:
        digit, nonzero = self._digits(0), self._digits(1)
        if index in (0, 2):
            length = self.shape.years[0 if index == 0 else 1]
            if length == LONG_YEAR:
                return f"{digit}{{3,4}}"
        padded = self.padded[index]
        if padded is None:
            return f"{digit}{{1,2}}"
        if padded:
            return f"{digit}{digit}"
        zero = "".join(sorted(self.zeros))
        return f"(?:{nonzero}{digit}?)" if index in range(len("dmy")) else f"(?:[{zero}]|{nonzero}{digit}?)"

    def _digits(self, least: int) -> str:
        return "[" + "".join(f"{chr(ord(z) + least)}-{chr(ord(z) + 9)}" for z in sorted(self.zeros)) + "]"


class Ballot:
    """The vote over the lines of a file. Feed it lines, then ask for the winners."""

    def __init__(self) -> None:
        self._votes: dict[Shape, _Votes] = {}
        self.first: list[Header] = []
        """The first headers, in order."""
        self.lines = 0

    def add(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.lines += 1
            header = parse_header(line)
            if header:
                if header.shape not in self._votes:
                    self._votes[header.shape] = _Votes()
                _count(self._votes[header.shape], header)
                if len(self.first) < KEPT:
                    self.first.append(header)

    @property
    def headers(self) -> int:
        return sum(votes.count for votes in self._votes.values())

    def winners(self) -> list[Template]:
        """Return the file's template, and each other one of its own.

        Those are all where none has 60 % of the headers (a concatenation), else those that only differ in the clock;
        never what was pasted into messages.
        """
        ranked = sorted(self._votes.items(), key=lambda item: -item[1].count)
        if len(ranked) > 1:
            first = self.first[0].shape
            ranked = [each for each in ranked if each[0] == first or not is_pasted(each[0], first, self.first)]
            main, votes = ranked[0]
            if votes.count >= _MAJORITY * sum(votes.count for _, votes in ranked):
                kin = (each for each in ranked[1:] if is_kin(each[0], main))
                ranked = [ranked[0], *(each for each in kin if not is_pasted(each[0], main, self.first))]
        return [_template(shape, votes) for shape, votes in ranked]


def _count(votes: _Votes, header: Header) -> None:
    votes.count += 1
    for index, text in enumerate(header.fields):
        if text and len(text) <= _PADDED and (len(text) == 1 or text[0] == "0"):
            votes.padded[index][len(text) == _PADDED] += 1
    votes.zeros |= digit_zero(header.raw)
    votes.periods[header.period] += 1
    inner = header.raw.lstrip(MARKS).removeprefix("[")
    votes.marks |= not (inner.isascii() or set(inner).isdisjoint(MARKS))
    votes.plain_end &= header.raw.endswith(header.shape.literals[-1])
    votes.raws[_raw_literals(header)] += 1
    years = [n for n, length in zip((0, 2), header.shape.years, strict=True) if length == LONG_YEAR]
    votes.largest_year = max(votes.largest_year, *(header.numbers()[n] for n in years), 0)


def _raw_literals(header: Header) -> tuple[str, ...]:
    """Return what stands between the digits as it was written."""
    return tuple(re.split(r"\d+", header.raw.lstrip(MARKS)))


def _template(shape: Shape, votes: _Votes) -> Template:
    plain_periods = set(votes.periods) <= {"", "am", "pm"}
    simple = votes.zeros == {"0"} and not votes.marks and plain_periods
    return Template(
        shape,
        tuple(_padding(seen) for seen in votes.padded),
        frozenset(votes.zeros),
        votes.marks,
        votes.plain_end,
        votes.raws.most_common(1)[0][0] if simple and votes.largest_year < BUDDHIST else None,
        votes.largest_year,
        tuple("0".join(raw) for raw, _ in votes.raws.most_common(_WAYS)),
    )


BUDDHIST = 2400
"""Years from here on are counted from the death of the Buddha, 543 years earlier."""


def _padding(seen: Counter[bool]) -> bool | None:
    total = seen.total()
    if not total:
        return None
    value, count = seen.most_common(1)[0]
    return value if count > (1 - _STRAY) * total else None


def _letter(letter: str, *, padded: bool | None) -> str:
    return letter * 2 if padded else letter


def _encode(pattern: str) -> bytes:
    """Return a pattern for UTF-8: as written, with classes of non-ASCII characters spelt out as alternatives."""
    parts = re.findall(r"\\.|\[(?:\\.|[^\]\\])*\]|[^\\\[]+", pattern, re.DOTALL)
    return b"".join(_class_bytes(part) if part.startswith("[") else part.encode() for part in parts)


def _class_bytes(text: str) -> bytes:
    if text.isascii():
        return text.encode()
    tails: dict[bytes, list[bytes]] = {}
    for char in _members(text[1:-1]):
        code = char.encode()
        tails.setdefault(code[:-1], []).append(code[-1:])
    options = [re.escape(head) + b"[" + b"".join(map(re.escape, ends)) + b"]" for head, ends in tails.items()]
    return b"(?:" + b"|".join(options) + b")"


def _members(text: str) -> Iterable[str]:
    for first, last in re.findall(r"(.)(?:-(.))?", text, re.DOTALL):
        yield from map(chr, range(ord(first), ord(last or first) + 1))
