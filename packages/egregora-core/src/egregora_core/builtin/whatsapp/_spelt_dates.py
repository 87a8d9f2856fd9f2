"""Dates that are spelt (`18 March 2022`), lack the year or count it by an era, made plain before anything reads them.

Hardly any phone writes so, which is why the reader knows numbers alone: where a file's headers do, they are respelt
with years, months and days as numbers while the text is read. Bodies keep what they say.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial

from egregora_core.builtin.whatsapp._characters import MARKS, SPACES, plain_period
from egregora_core.builtin.whatsapp._dialect import day_of
from egregora_core.builtin.whatsapp._phrases import cldr
from egregora_core.builtin.whatsapp._text import TextFile
from egregora_core.builtin.whatsapp._yearless import LEAP, Day, Walk, first_year

_ERAS = {"R": 2018, "令和": 2018, "H": 1988, "平成": 1988, "S": 1925, "昭和": 1925}
"""The year before an era's first."""

_S = f"[{SPACES}]"
_OTHERS = rf"[^\W\d_]{{2,15}}[.,]{{0,2}}{_S}[^\[\]\n]{{4,40}}?\d{{1,2}}[:.]\d{{2}}[:.]\d{{2}}[^\[\]:\n]{{0,12}} [-–—] "
"""Weekday, date, seconds and a dash: Element's logs, no export of WhatsApp's; iPhones write seconds in brackets."""
_START = rf"^(?P<pre>[{MARKS}]*\[?[{MARKS}]*)(?!{_OTHERS})"
_WEEKDAY = rf"(?P<weekday>(?:[^\W\d_][^\d\[\]{SPACES},.<>:]{{1,15}}[.,]{{0,2}}{_S}+)?)"
_TIME = r"\d{1,2}(?:[:.]| ?h ?)\d{2}(?:[:.]\d{2})?"
_AFTER = rf"(?=[^\d\[\]<>\n]{{1,24}}{_TIME}(?!\d)[^\d\[\]<>:\n]{{0,24}}(?:\]| [-–—] |: ))"
_CLOCK = rf"(?P<time>{_TIME}(?:{_S}?[^\W\d_][^\d\[\]<>:,\n]{{0,9}})?,?{_S}(?:[^\W\d_]{{2,4}}{_S})?)"
_END = r"(?=\]| [-–—] |: )"
_MONTH = rf"(?P<month>[^\W\d_][^\d{SPACES},/\-]{{1,19}}?)\.?"
_DAY, _YEAR = r"(?P<day>\d{1,2})(?:st|nd|rd|th|er|[.ºª])?", r"(?P<year>\d{4}|\d{2})(?!\d)"
_OF, _OF_YEAR = (rf"(?:{_S}(?:de|{of}){_S}|[,./-]?{_S}?)" for of in ("of", "del"))
_DATES = (
    _DAY + _OF + _MONTH + _OF_YEAR + _YEAR,
    _MONTH + _S + _DAY + rf",?{_S}" + _YEAR,
    _YEAR + rf"(?:{_S}|-|\.{_S}?)" + _MONTH + rf"(?:{_S}|-)" + _DAY,
)
SPELT_HEADERS = tuple(
    re.compile(start + when + end, re.MULTILINE)
    for when in _DATES
    for start, end in ((_START + _WEEKDAY, _AFTER), (_START + _CLOCK + _WEEKDAY, _END))
)
_ERA = rf"(?P<era>{'|'.join(_ERAS)}){_S}?(?P<year>\d{{1,2}}|元)"
_SEP = rf"{_S}?[./\-年月]{_S}?"
_OF_AN_ERA = (
    re.compile(rf"{_START}{_ERA}(?={_SEP}\d{{1,2}}{_SEP}\d{{1,2}}(?!\d))", re.MULTILINE),
    re.compile(rf"{_START}(?P<before>\d{{1,2}}{_SEP}\d{{1,2}}{_SEP}){_ERA}(?!\d)", re.MULTILINE),
)
_NO_LETTER = rf"(?=[{SPACES},./\-])"
_YEAR_AT_MOST = rf"(?:{_OF_YEAR}(?P<year>\d{{4}}))?"
YEARLESS_HEADERS = tuple(
    re.compile(_START + _WEEKDAY + when + _YEAR_AT_MOST + _AFTER, re.MULTILINE)
    for when in (
        _DAY + _OF + _MONTH + _NO_LETTER,
        _MONTH + _S + _DAY,
        rf"(?P<month>\d{{1,2}})[月월]{_S}?(?P<day>\d{{1,2}})[日일]",
    )
)
_QUICK = re.compile(r".{0,60}?[^\W\d_].{0,60}?\d", re.DOTALL)
_FORMS = ((*_OF_AN_ERA, *SPELT_HEADERS), YEARLESS_HEADERS)


@dataclass(frozen=True)
class Spelling:
    """How the dates of a text are spelt, and what makes them plain: for each reading of it from its start anew."""

    form: re.Pattern[str]
    weekday: bool
    """A day of the week stands before them."""
    first: int = LEAP
    """The year of the first one, where they have none."""
    evidence: str = ""
    """What tells that year."""

    def __call__(self) -> Callable[[str], str]:
        if self.form in _OF_AN_ERA:
            return partial(self.form.sub, _in_our_era)
        walk = Walk()

        def plain(match: re.Match[str]) -> str:
            day = self._day(match)
            if day is None:
                return match[0]
            turn = walk.turn(day, None if day.year is None else day.year - self.first)
            found = day_of((self.first + turn, day.month, day.day), "YMD")
            return f"{match['pre']}{match.groupdict().get('time') or ''}{found}" if found else match[0]

        return partial(self.form.sub, plain)

    def is_of(self, text: TextFile) -> bool:
        """Tell whether a text has a date without a year."""
        return any(day.year is None for day, _ in self._days(text))

    def settled(self, text: TextFile) -> "Spelling":
        """Return the same with the year that a text's first date has. Raises YearError where nothing tells."""
        if self.form not in YEARLESS_HEADERS:
            return self
        first, evidence = first_year(text, self._days(text))
        return replace(self, first=first, evidence=evidence)

    def _day(self, match: re.Match[str]) -> Day | None:
        return _day(match) if bool(match["weekday"]) == self.weekday else None

    def _days(self, text: TextFile) -> Iterator[tuple[Day, str]]:
        """Yield the day of each header, and the rest of its line."""
        for chunk in text.chunks():
            whole = chunk.decode("utf-8", "replace")
            for match in self.form.finditer(whole):
                if day := self._day(match):
                    yield day, whole[match.end() :].partition("\n")[0]


def spellings(lines: Sequence[str], headers: int) -> list[Spelling]:
    """Return the ways, first with a year and then without, in which more lines spell a date than have it in numbers."""
    found = []
    for forms in _FORMS:
        votes = Counter(way for line in lines if _QUICK.match(line) for way in _ways(line, forms))
        found += [Spelling(*way) for way, count in votes.most_common(1) if count > headers]
    return found


def _ways(line: str, forms: Iterable[re.Pattern[str]]) -> list[tuple[re.Pattern[str], bool]]:
    """Return the first of some forms that a line begins with, and whether it names the day of the week."""
    matches = (match for form in forms if (match := form.match(line)))
    fits = (match for match in matches if match.re in _OF_AN_ERA or _day(match))
    return [(match.re, bool(match.groupdict().get("weekday"))) for match in fits][:1]


def _in_our_era(match: re.Match[str]) -> str:
    year = 1 if match["year"] == "元" else int(match["year"])
    return f"{match['pre']}{match.groupdict().get('before') or ''}{_ERAS[match['era']] + year}"


def _day(match: re.Match[str]) -> Day | None:
    """Return the day that a header names, None where it is none."""
    name, year = match["month"], int(match["year"]) if match["year"] else None
    month = int(name) if name.isdecimal() else _numbers("months").get(plain_period(name), 0)
    weekday = _numbers("weekdays").get(plain_period(match["weekday"].strip(SPACES)).rstrip(","))
    found = Day(month, int(match["day"]), year, weekday)
    return found if day_of((LEAP if year is None else year, month, found.day), "YMD") else None


@cache
def _numbers(what: str) -> dict[str, int]:
    """Return the numbers of months, or of days of the week, by their names in any language."""
    return {name: int(number) for number, names in cldr(what).items() for name in names}
