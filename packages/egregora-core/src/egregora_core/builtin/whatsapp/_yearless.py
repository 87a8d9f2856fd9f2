"""The years of dates without one (`18 Jul`): phones left out the current year until 2017.

As where months go back the next year has begun, only the first has to be known. It is what the user says, else what a
year, a media name, a day of the week or the file's own date tells.
"""

from calendar import isleap
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from egregora_core.builtin.whatsapp._attachments import DATED_NAME, named_date
from egregora_core.builtin.whatsapp._dialect import FIRST_YEAR
from egregora_core.builtin.whatsapp._text import TextFile
from egregora_core.plugin import YearError

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
