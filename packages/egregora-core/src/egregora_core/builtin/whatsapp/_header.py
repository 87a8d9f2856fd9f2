"""One line's header, taken apart: which digits are fields, and what stands between them.

Nothing is decided here. The same parts mean day or month, a year of this or that calendar, only once the whole file has
been looked at; and a line that looks like a header is one only if it has the file's template.
"""

import re
from dataclasses import dataclass
from functools import cache
from itertools import islice

from egregora_core.builtin.whatsapp._characters import MARKS, SPACES, plain, plain_period
from egregora_core.builtin.whatsapp._phrases import cldr, word_set

SHORT_YEAR, LONG_YEAR = 2, 4
"""How a year is written: in two digits or in all of them."""
PERIOD = "\x00"
"""Stands in a shape's literals where the word for the part of the day stood."""

_SEP = " ?[./\\-\u2010\u2011\u2013] ?|年|月| "
_GAP = r"[^\d\[\]<>\"=\n]"
_TIME_SEP = " ?(?:[:.]|h) ?|[^\\x00-\u02ff\\d]{1,12}|[^\\x00-\u02ff\\d]{1,12} | [^\\x00-\u02ff\\d]{1,12} "
DATE = rf"(?P<a>\d{{1,4}})(?P<s1>{_SEP})(?P<b>\d{{1,2}})(?P<s2>{_SEP})(?P<c>\d{{1,4}})"
_TIME = rf"(?P<h>\d{{1,2}})(?P<t1>{_TIME_SEP})(?P<m>\d{{1,2}})(?:(?P<t2>{_TIME_SEP}| min )(?P<s>\d{{1,2}}))?(?!\d)"
_DATE_FIRST = rf"(?P<pre>){DATE}(?P<glue>{_GAP}{{1,24}}?){_TIME}"
_TIME_FIRST = rf"(?P<pre>{_GAP}{{0,14}}?){_TIME}(?P<glue>{_GAP}{{1,24}}?){DATE}(?!\d)"
_LOST, _NAME_BEHIND = r"[-\u2013\u2014] | [-\u2013\u2014]", r"(?=[^\W\d_][^:]{0,60}: )(?!\S{1,40}- )"
_ENDS = (
    (True, rf"(?P<tail>{_GAP}{{0,24}})(?P<end>\] ?(?:- )?)"),
    (False, rf"(?P<tail>{_GAP}{{0,24}}?)(?P<end> [-\u2013\u2014] |: )"),
    # A space was lost; behind the other one stands a name, no zone of a time and no mark of another program.
    (False, rf"(?P<tail>{_GAP}{{0,24}}?)(?P<end>{_LOST}){_NAME_BEHIND}"),
    (False, r"(?P<tail> ?[^\W\d][^\d\s:]{0,6}(?: [^\d\s:]{1,4})?)(?P<end> )(?=[^:]{1,60}: )"),
    # Behind `AM` a name of two short words stands as the second word of `p. m.` does.
    (False, r"(?P<tail> ?[^\W\d][^\d\s:]{0,6})(?P<end> )(?=[^:]{1,60}: )"),
    (False, r"(?P<tail>)(?P<end> )(?=[^:]{1,60}: )"),
)
_FORMS = tuple(
    (bracket, time_first, re.compile(("\\[" if bracket else "") + body + end))
    for bracket, end in _ENDS
    for time_first, body in ((False, _DATE_FIRST), (True, _TIME_FIRST))
)
_QUICK = re.compile(rf"[{MARKS}{SPACES}]*\[?[{MARKS}{SPACES}]*(?:[^\W\d_][^\d\[\]<>:]{{0,13}})?\d")
_JOINTS = " ,،、()"
_LETTERS_BEFORE, _LETTERS_BETWEEN = 6, 14
_LENGTH = 110
NAMES = ("a", "b", "c", "h", "m", "s")
"""Of a header's fields: the date in the order written, hour, minute and second."""


@dataclass(frozen=True)
class Shape:
    """What the headers of one template have in common, in plain characters."""

    bracket: bool
    time_first: bool
    literals: tuple[str, ...]
    """pre, s1, s2, glue, t1, t2, tail, end; `t2` is empty where there are no seconds."""
    years: tuple[int, int]
    """How first and third date field are written, if they are the year."""

    @property
    def twelve_hours(self) -> bool:
        return any(PERIOD in text for text in self.literals)

    @property
    def seconds(self) -> bool:
        return bool(self.literals[5])


@dataclass(frozen=True)
class Header:
    """One line's header: its shape and what its fields said."""

    shape: Shape
    fields: tuple[str, ...]
    """a, b, c (the date, in the order written), hour, minute, second (or empty), in ASCII digits."""
    period: str
    """The word for the part of the day, plain, or empty."""
    raw: str
    """The header as written."""

    def numbers(self) -> tuple[int, ...]:
        """Return the date's fields as numbers."""
        return tuple(map(int, self.fields[:3]))


def parse_header(line: str) -> Header | None:
    """Return the header that a line starts with, or None."""
    if not _QUICK.match(line):
        return None
    start = plain(line[:_LENGTH])
    # Spaces before a header are none of its parts.
    indent = len(start) - len(start.lstrip(" "))
    for bracket, time_first, form in _FORMS:
        if start.startswith("[", indent) == bracket and (match := form.match(start, indent)):
            found = _header(match, _raw(line, match.end()), bracket=bracket, time_first=time_first)
            if found:
                return found
    return None


@cache
def period_words() -> dict[str, str]:
    """Return each word for a part of the day, plain, with its half of the day at hours 12, 1, … 11."""
    table, none = cldr("day_periods"), word_set("no_period")
    return {word: halves for halves, words in table.items() for word in words if word not in none}


def _header(match: re.Match[str], raw: str, *, bracket: bool, time_first: bool) -> Header | None:
    glue, glue_word = _split_period(match["glue"])
    tail, tail_word = _split_period(match["tail"])
    pre, pre_word = _split_period(match["pre"])
    unit = re.sub(r"[\s.()\x00]", "", tail).casefold()
    if (unit and unit not in word_set("header_tail")) or len(re.findall(r"[^\W\d_]", glue)) > _LETTERS_BETWEEN:
        return None
    if len(re.findall(r"[^\W\d_]", pre)) > _LETTERS_BEFORE or sum(map(bool, (glue_word, tail_word, pre_word))) > 1:
        return None
    literals = (pre, match["s1"], match["s2"], glue, match["t1"], match["t2"] or "", tail, match["end"])
    first, third = (LONG_YEAR if len(match[name]) > SHORT_YEAR else SHORT_YEAR for name in "ac")
    return Header(
        Shape(bracket, time_first, literals, (first, third)),
        tuple(match[name] or "" for name in NAMES),
        glue_word or tail_word or pre_word,
        raw,
    )


def _split_period(text: str) -> tuple[str, str]:
    """Return the literal with its day period replaced by a mark, and the period, plain."""
    if not re.search(r"[^\W\d_]", text):
        return text, ""
    words = period_words()
    parts = re.split(f"([{_JOINTS}]+)", text)
    for length in range(len(parts), 0, -1):
        for start in range(len(parts) - length + 1):
            word = plain_period("".join(parts[start : start + length]))
            edges = parts[start].strip(_JOINTS) and parts[start + length - 1].strip(_JOINTS)
            if edges and word in words:
                before, after = "".join(parts[:start]), "".join(parts[start + length :])
                return f"{before}{PERIOD}{after}", word
    return text, ""


def _raw(line: str, plain_length: int) -> str:
    """Return the part of the line that became the first `plain_length` plain characters."""
    ends = (end for end, char in enumerate(line, 1) if char not in MARKS)
    return line[: plain_length if line[:plain_length].isascii() else next(islice(ends, plain_length - 1, None))]
