"""Dates without a year (`18 Jul`), made plain before anything reads them.

Phones left out the current year until 2017: as where months go back the next one has begun, only the first has to be
known. It is what the user says, else what a year, a media name, a day of the week or the file's own date tells.
"""

import re
from calendar import isleap
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from egregora_core.builtin.whatsapp._attachments import DATED_NAME, named_date
from egregora_core.builtin.whatsapp._dialect import FIRST_YEAR
from egregora_core.builtin.whatsapp._spelt_dates import YEARLESS_HEADERS, month_of, weekday_of
from egregora_core.builtin.whatsapp._text import TextFile
from egregora_core.plugin import YearError

_LAST_YEAR = 2017
"""A file of a later date was copied since, and its date tells nothing."""
_LITTLE = 3
"""So many days back are no new year: phones reorder messages now and then."""
_NEARLY_A_YEAR = 350
_LEAP_DAY = (2, 29)
_LEAP = 2016
"""A year that has all days."""


@dataclass(frozen=True)
class Yearless:
    """What makes dates without a year plain: for each reading of a text from its start anew."""

    form: re.Pattern[str]
    first: int = _LEAP
    """The year of the first date."""
    evidence: str = ""

    def __call__(self) -> Callable[[str], str]:
        walk = _Walk()

        def plain(match: re.Match[str]) -> str:
            found = _fields(match)
            if found is None:
                return match[0]
            year = self.first + walk.turn(found, int(match["year"]) - self.first if match["year"] else None)
            try:
                return f"{match['pre']}{date(year, *found).isoformat()}"
            except ValueError:
                return match[0]

        return lambda text: self.form.sub(plain, text)

    def is_of(self, text: TextFile) -> bool:
        """Tell whether a text has a header without a year."""
        return any(match["year"] is None and _fields(match) for match, _ in _lines(text, self.form))

    def settled(self, text: TextFile) -> "Yearless":
        """Return the same with the year that a text's first date has. Raises YearError where nothing tells."""
        seen = self._seen(text)
        if text.year is not None and not seen.allows(text.year):
            raise YearError(
                f"{text.where}: it has a 29 February, which there is not if its first date is of {text.year}; "
                "pass another --year YEAR"
            )
        for first, evidence in seen.first_years(text):
            if first is not None:
                return replace(self, first=first, evidence=evidence)
        raise YearError(
            f"{text.where}: its dates have no year, and nothing in it tells which; pass --year YEAR, the first"
        )

    def _seen(self, text: TextFile) -> "_Seen":
        """Return what a text tells of its years."""
        seen = _Seen()
        for match, line in _lines(text, self.form):
            day = _fields(match)
            if day is None:
                continue
            turn = seen.walk.turn(day, int(match["year"]) - seen.said if match["year"] and seen.said else None)
            if match["year"] and seen.said is None:
                seen.said = int(match["year"]) - turn
            if day == _LEAP_DAY and not match["year"]:
                seen.leaps.add(turn)
            if not match["year"] and (weekday := weekday_of(match)) is not None:
                seen.add_weekday(day, turn, weekday)
            for name in DATED_NAME.finditer(line):
                named = named_date(name[1] or name[2])
                if named and abs(_day_of_year((named.month, named.day)) - _day_of_year(day)) <= 1:
                    seen.votes[named.year - turn] += 1
        return seen


def yearless(lines: Iterable[str], headers: int) -> Yearless | None:
    """Return how dates without a year are made plain, if more lines start with one than with another header."""
    votes = Counter(
        form for line in lines for form in YEARLESS_HEADERS if (match := form.match(line)) and _fields(match)
    )
    form, count = votes.most_common(1)[0] if votes else (YEARLESS_HEADERS[0], 0)
    return Yearless(form) if count > headers else None


@dataclass
class _Walk:
    """Goes through the dates in order, and counts the years."""

    turns: int = 0
    last: tuple[int, int] | None = None

    def turn(self, day: tuple[int, int], given: int | None) -> int:
        """Return how many years after the first a day (month, day) is; `given` where it says so itself."""
        step = _day_of_year(day) - _day_of_year(self.last) if self.last else 0
        if given is not None:
            self.turns = given
        elif step < -_LITTLE:
            self.turns += 1
        elif step > _NEARLY_A_YEAR and self.turns:
            return self.turns - 1
        self.last = day
        return self.turns


@dataclass
class _Seen:
    """What dates without a year tell of it."""

    walk: _Walk = field(default_factory=_Walk)
    said: int | None = None
    """The first year, by dates that have one."""
    votes: Counter[int] = field(default_factory=Counter)
    """The first year, by names of media."""
    leaps: set[int] = field(default_factory=set)
    """How many years after the first there is a 29 February."""

    weekdays: Counter[int] = field(default_factory=Counter)
    """The first year → how many days of the week are those of their dates then."""
    named: int = 0
    """How many days of the week are named."""

    def first_years(self, text: TextFile) -> Iterator[tuple[int | None, str]]:
        """Yield the year of a text's first date and what tells it, the surest first; None where that tells nothing."""
        yield text.year, "--year"
        yield self.said, "dates that have a year"
        votes = Counter({year: count for year, count in self.votes.items() if self.allows(year)})
        yield next((year for year, _ in votes.most_common(1)), None), "dates in media names"
        fits = [first for first, count in self.weekdays.items() if count == self.named > 0 and self.allows(first)]
        yield (fits[0] if len(fits) == 1 else None), "days of the week"
        if text.written and text.written.year <= _LAST_YEAR and self.walk.last:
            first = _year_of(self.walk.last, text.written) - self.walk.turns
            yield (first if self.allows(first) else None), "the file's date"

    def add_weekday(self, day: tuple[int, int], turn: int, weekday: int) -> None:
        self.named += 1
        for first in range(FIRST_YEAR - turn, _LAST_YEAR + 1 - turn):
            if day != _LEAP_DAY or isleap(first + turn):
                self.weekdays[first] += date(first + turn, *day).weekday() == weekday

    def allows(self, first: int) -> bool:
        """Tell whether all days exist if the first date is of a year."""
        return all(isleap(first + turn) for turn in self.leaps)


def _fields(match: re.Match[str]) -> tuple[int, int] | None:
    """Return month and day."""
    month = month_of(match)
    try:
        return (month, date(_LEAP, month, int(match["day"])).day) if month else None
    except ValueError:
        return None


def _lines(text: TextFile, form: re.Pattern[str]) -> Iterator[tuple[re.Match[str], str]]:
    """Yield each header of a form with its line."""
    for chunk in text.chunks():
        whole = chunk.decode("utf-8", "replace")
        for match in form.finditer(whole):
            end = whole.find("\n", match.end())
            yield match, whole[match.end() : end if end >= 0 else None]


def _day_of_year(day: tuple[int, int]) -> int:
    return date(_LEAP, *day).timetuple().tm_yday


def _year_of(day: tuple[int, int], written: date) -> int:
    """Return the year of the last message, which is no later than its export."""
    tomorrow = written + timedelta(days=1)
    return tomorrow.year if day <= (tomorrow.month, tomorrow.day) else tomorrow.year - 1
