"""Dates that are spelt (`18 March 2022`), lack the year or count it by an era, made plain before anything reads them.

Hardly any phone writes so, which is why the reader knows numbers alone: where a file's headers do, they are respelt
with years, months and days as numbers while the text is read. Bodies keep what they say. Phones left out the current
year until 2017: as where months go back the next year has begun, only the first has to be known. It is what the user
says, else what a year, a media name, a day of the week or the file's own date tells.
"""

import re
from calendar import isleap
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache, partial
from typing import NamedTuple

from egregora_core.builtin.whatsapp._attachments import DATED_NAME, named_date
from egregora_core.builtin.whatsapp._characters import MARKS, SPACES, plain_period
from egregora_core.builtin.whatsapp._dialect import FIRST_YEAR, day_of
from egregora_core.builtin.whatsapp._phrases import cldr
from egregora_core.builtin.whatsapp._text import TextFile
from egregora_core.plugin import YearError

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
LEAP = 2016
"""A year that has all days."""
_LAST_YEAR = 2017
"""A file of a later date was copied since, and its date tells nothing."""
_LITTLE = 3
"""So many days back are no new year: phones reorder messages now and then."""
_NEARLY_A_YEAR = 350
_LEAP_DAY = (2, 29)


class Day(NamedTuple):
    """What a header says of its day."""

    month: int
    day: int
    year: int | None
    weekday: int | None
    """Monday is 0."""

    @property
    def of_year(self) -> int:
        """Its number in a year that has all days."""
        return date(LEAP, self.month, self.day).timetuple().tm_yday


@dataclass
class Walk:
    """Goes through the days in order, and counts the years."""

    turns: int = 0
    last: Day | None = None

    def turn(self, day: Day, given: int | None) -> int:
        """Return how many years after the first a day is; `given` where it says so itself."""
        step = day.of_year - self.last.of_year if self.last else 0
        if given is not None:
            self.turns = given
        elif step < -_LITTLE:
            self.turns += 1
        elif step > _NEARLY_A_YEAR and self.turns:
            return self.turns - 1
        self.last = day
        return self.turns


def first_year(text: TextFile, days: Iterable[tuple[Day, str]]) -> tuple[int, str]:
    """Return the year of a text's first day, and what tells it, by its days and the lines behind them.

    Raises YearError where nothing does.
    """
    seen = _Seen()
    for day, line in days:
        seen.add(day, line)
    if text.year is not None and not seen.allows(text.year):
        raise YearError(
            f"{text.where}: it has a 29 February, which there is not if its first date is of {text.year}; "
            "pass another --year YEAR"
        )
    for first, evidence in seen.first_years(text):
        if first is not None:
            return first, evidence
    raise YearError(f"{text.where}: its dates have no year, and nothing in it tells which; pass --year YEAR, the first")


@dataclass
class _Seen:
    """What dates without a year tell of it."""

    walk: Walk = field(default_factory=Walk)
    said: int | None = None
    """The first year, by dates that have one."""
    votes: Counter[int] = field(default_factory=Counter)
    """The first year, by names of media."""
    days: set[tuple[int, Day]] = field(default_factory=set)
    """Those that have none, and how many years after the first one they are."""

    def add(self, day: Day, line: str) -> None:
        turn = self.walk.turn(day, day.year - self.said if day.year and self.said else None)
        if day.year:
            self.said = self.said or day.year - turn
        else:
            self.days.add((turn, day))
        for name in DATED_NAME.finditer(line):
            named = named_date(name[1] or name[2])
            if named and abs(day._replace(month=named.month, day=named.day).of_year - day.of_year) <= 1:
                self.votes[named.year - turn] += 1

    def first_years(self, text: TextFile) -> Iterator[tuple[int | None, str]]:
        """Yield the year of a text's first date and what tells it, the surest first; None where that tells nothing."""
        yield text.year, "--year"
        yield self.said, "dates that have a year"
        yield max(filter(self.allows, self.votes), key=self.votes.__getitem__, default=None), "dates in media names"
        named = [(turn, day) for turn, day in self.days if day.weekday is not None]
        turns = {turn for turn, _ in named}
        firsts = range(FIRST_YEAR - min(turns), _LAST_YEAR + 1 - max(turns)) if turns else ()
        fits = [
            first
            for first in filter(self.allows, firsts)
            if all(date(first + turn, *day[:2]).weekday() == day.weekday for turn, day in named)
        ]
        yield (fits[0] if len(fits) == 1 else None), "days of the week"
        if text.written and text.written.year <= _LAST_YEAR and self.walk.last:
            # The last message is no later than its export.
            tomorrow = text.written + timedelta(days=1)
            before = self.walk.last[:2] > (tomorrow.month, tomorrow.day)
            first = tomorrow.year - before - self.walk.turns
            yield (first if self.allows(first) else None), "the file's date"

    def allows(self, first: int) -> bool:
        """Tell whether all days exist if the first date is of a year."""
        return all(isleap(first + turn) for turn, day in self.days if day[:2] == _LEAP_DAY)


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
