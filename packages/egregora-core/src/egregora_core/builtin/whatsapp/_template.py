"""The template of a file's headers, and the expressions that match it exactly.

A template is narrower than a shape: whether fields are padded counts too, so a header that was pasted from another
phone's export into a message stays part of that message.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from egregora_core.builtin.whatsapp._characters import MARKS, SPACES, digit_zero, encode
from egregora_core.builtin.whatsapp._header import LONG_YEAR, NAMES, PERIOD, SHORT_YEAR, Header, Shape

_PADDED = 2
_STRAY = 0.2
"""Up to this share of the other padding is not the template's own before it was looked at by itself."""
_WAYS = 6


@dataclass(frozen=True)
class Template:
    """How each header of a file is written."""

    shape: Shape
    paddings: str
    """For each of the six fields how its numbers below ten are written: padded to two digits (1), not (0), both or a
    year (2), or not seen (-)."""
    zeros: str
    """The zeros of the digit sets in use."""
    marks: bool
    """Direction marks stand inside headers."""
    plain_end: bool
    """All headers end as the shape does: no mark, no other space."""
    indented: bool = False
    """Spaces may stand before headers."""
    written: tuple[str, ...] = ()
    """What stands between the digits of headers, as it was written: the commonest ways."""

    @property
    def unseen(self) -> list[int]:
        """The fields of which no number below ten was seen so far; never a year."""
        return [index for index, way in enumerate(self.paddings) if way == "-"]

    def with_paddings(self, known: Mapping[int, str]) -> "Template":
        """Return the template with what is known of the fields that were not seen."""
        ways = (known.get(index, way) if way == "-" else way for index, way in enumerate(self.paddings))
        return replace(self, paddings="".join(ways))

    def describe(self) -> str:
        """Return the template in CLDR's notation as far as the order of day and month is not in question."""
        pre, s1, s2, glue, t1, t2, tail, end = (text.replace(PERIOD, "a") for text in self.shape.literals)
        first, last = self.shape.years
        letters = "yMd" if first != SHORT_YEAR else "xxy" if last != SHORT_YEAR else "xxx"
        letters += "h" if self.shape.twelve_hours else "H"
        a, b, c, hour = (letter + letter * (way == "1") for letter, way in zip(letters, self.paddings, strict=False))
        time = f"{pre}{hour}{t1}mm{f'{t2}ss' if t2 else ''}"
        date = f"{a}{s1}{b}{s2}{c}"
        body = f"{time}{glue}{date}" if self.shape.time_first else f"{date}{glue}{time}"
        return f"{'[' if self.shape.bracket else ''}{body}{tail}{end}"

    def regex_bytes(self) -> bytes:
        """Return an expression for headers in UTF-8."""
        # Most lines start with no mark: that way comes first.
        return encode(f"(?:{self._core()}|(?:{self._lead})+{self._core()})")

    def no_header(self, dates: Sequence[str] = (), clocks: Sequence[str] = ()) -> bytes:
        """Return an expression that fits where no header with one of these dates or clocks stands."""
        first, last = self._parts()
        firsts, lasts = (clocks, dates) if self.shape.time_first else (dates, clocks)
        before, behind = encode(f"{self._lead}*{first}{self._mark}"), encode(self._mark + last)
        refused = [_any_of(firsts) + behind] if firsts else []
        refused += [before + _any_of(lasts)] if lasts else []
        return b"(?!" + b"|".join(refused) + b")" if refused else b""

    def small_numbers(self, index: int) -> bytes:
        """Return an expression for headers, over UTF-8, with a number below ten in a field: a group."""
        return encode(f"[{MARKS}]*{self._core({index: f'([{self.zeros}]?{self._digits(0)})'})}")

    def in_parts(self) -> str:
        """Return an expression for text, in two groups: the parts with the date and with the clock, in their order.

        Python's `re` and RE2 read it.
        """
        first, last = self._parts()
        between = (self._mark, "") if self.shape.time_first else ("", self._mark)
        return f"({self._lead}*{first}{between[0]})({between[1]}{last})"

    def clock_regex(self) -> str:
        """Return an expression for the other part, with groups h, m, s and p: the word for the part of the day."""
        first, last = self._parts(named=True)
        return f"{self._lead}*{first}" if self.shape.time_first else self._mark + last

    @property
    def _lead(self) -> str:
        """What may stand before a header any number of times."""
        return f"[{MARKS}{SPACES}]" if self.indented else f"[{MARKS}]"

    @property
    def _mark(self) -> str:
        """What may stand between any two parts of a header."""
        return f"[{MARKS}]*" if self.marks else ""

    def _core(self, given: Mapping[int, str] | None = None) -> str:
        return self._mark.join(self._parts(given))

    def _parts(self, given: Mapping[int, str] | None = None, *, named: bool = False) -> tuple[str, str]:
        """Return expressions for the part of a header with the date and that with the clock, in their order.

        `given` are expressions for fields; where they are `named`, those of the clock are groups.
        """
        shape, fields = self.shape, {i: self._field(i) for i in range(6)} | dict(given or {})
        pre, s1, s2, glue, t1, t2, tail, end = (self._literal(text, named=named) for text in shape.literals)
        a, b, c, h, m, s = (f"(?P<{name}>{fields[i]})" if named else f"(?:{fields[i]})" for i, name in enumerate(NAMES))
        if self.plain_end:
            end = re.escape(shape.literals[-1])
        date, time = [a, s1, b, s2, c], [pre, h, t1, m, *((t2, s) if shape.seconds else ())]
        first, last = ([*time, glue], [*date, tail, end]) if shape.time_first else (date, [glue, *time, tail, end])
        bracket = rf"\[[{MARKS}]*" if shape.bracket else ""
        return bracket + self._mark.join(first), self._mark.join(last)

    def _literal(self, text: str, *, named: bool) -> str:
        signs = {PERIOD: f"({'?P<p>' if named else '?:'}{self._period})", " ": f"[{SPACES}]"}
        return self._mark.join(signs.get(char) or re.escape(char) for char in text)

    @property
    def _period(self) -> str:
        """The word for the part of the day; where nothing but a space ends it, a name follows: one word, or `p. m.`."""
        if self.shape.literals[-1] != " ":
            return r'[^0-9\[\]<>":\n]{1,60}?'
        letters = r'[^0-9.\[\]<>":\n ]{1,2}\.'
        return rf'{letters}[{SPACES}]{letters}|[^0-9\[\]<>":\n ]{{1,60}}?'

    def _field(self, index: int) -> str:
        digit, nonzero = self._digits(0), self._digits(1)
        if index in (0, 2) and self.shape.years[index // 2] == LONG_YEAR:
            return f"{digit}{{3,4}}"
        if self.paddings[index] in "-2":
            return f"{digit}{{1,2}}"
        if self.paddings[index] == "1":
            return f"{digit}{digit}"
        return f"(?:{nonzero}{digit}?)" if index in range(len("dmy")) else f"(?:[{self.zeros}]|{nonzero}{digit}?)"

    def _digits(self, least: int) -> str:
        return "[" + "".join(f"{chr(ord(z) + least)}-{chr(ord(z) + 9)}" for z in self.zeros) + "]"


def templates_of(opening: Sequence[Header], admitted: Iterable[Sequence[Header]] = ()) -> list[Template]:
    """Return how a file's headers are written: its first one, behind which alone others can be pasted, and more.

    `admitted` are the file's own as well, those of one shape together, though no template of the first matches them.
    """
    own = {header.shape: [each for each in opening if each.shape == header.shape] for header in opening[:1]}
    widened = set()
    for headers in admitted:
        shape = headers[0].shape
        if shape in own:
            widened.add(shape)
        own[shape] = [*own.get(shape, ()), *headers]
    return [_template(shape, headers, widened=shape in widened) for shape, headers in own.items()]


def _template(shape: Shape, headers: Sequence[Header], *, widened: bool) -> Template:
    """Return what headers of one shape have in common; `widened`: all ways in which they differ are the file's own."""
    small = [[x.fields[n] for x in headers if re.fullmatch("0?[0-9]", x.fields[n])] for n in range(len(NAMES))]
    padded = [padding(Counter(len(t) == _PADDED for t in texts), stray=0 if widened else _STRAY) for texts in small]
    raws = [header.raw.lstrip(MARKS + SPACES) for header in headers]
    indents = [set(header.raw.removesuffix(raw)) for header, raw in zip(headers, raws, strict=True)]
    # The year is long, or may be either of two fields; what is not there has no padding, either.
    years = [n for n, written in zip((0, 2), shape.years, strict=True) if written == LONG_YEAR][:1] or [0, 2]
    numbers = {*range(5 + shape.seconds)}.difference(years)
    return Template(
        shape,
        "".join("2" if way == "-" and n not in numbers else way for n, way in enumerate(padded)),
        "".join(sorted({"0"} | digit_zero("".join(raws)))),
        marks=any(not set(raw.removeprefix("[")).isdisjoint(MARKS) for raw in raws),
        plain_end=all(raw.endswith(shape.literals[-1]) for raw in raws),
        # Some of many may be pasted, as long as nobody looked at them by themselves.
        indented=sum(not indent.isdisjoint(SPACES) for indent in indents) > (0 if widened else len(headers) / 2),
        written=tuple(text for text, _ in Counter(re.sub(r"\d+", "0", raw) for raw in raws).most_common(_WAYS)),
    )


def _any_of(texts: Sequence[str]) -> bytes:
    return b"(?:" + b"|".join(re.escape(text.encode()) for text in texts) + b")"


def padding(seen: Counter[bool], stray: float = _STRAY) -> str:
    """Return how a field's numbers below ten are written (see `Template.paddings`), of which so many are padded."""
    total = seen.total()
    if not total:
        return "-"
    value, count = seen.most_common(1)[0]
    return "01"[value] if count > (1 - stray) * total or count == total else "2"
