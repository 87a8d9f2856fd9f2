"""Dates that are spelt (`18 March 2022`, `18 Jul`) or of another calendar, made plain before anything reads them.

Hardly any phone writes so, which is why the reader knows numbers alone: where a file's headers do, they are respelt
with years, months and days as numbers while the text is read. Bodies keep what they say. Phones left out the current
year until 2017: as where months go back the next one has begun, only the first has to be known.
"""

import re
from calendar import isleap
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache, partial

from egregora_core.builtin.whatsapp._characters import MARKS, SPACES, plain_period
from egregora_core.builtin.whatsapp._dialect import FIRST_YEAR, day_of
from egregora_core.builtin.whatsapp._header import LONG_YEAR, Header
from egregora_core.builtin.whatsapp._phrases import cldr
from egregora_core.builtin.whatsapp._template import Template, templates_of
from egregora_core.builtin.whatsapp._text import TextFile
from egregora_core.plugin import ExportError, YearError

Respelling = Callable[[], Callable[[str], str]]
"""For each reading of a text from its start, what respells its parts in order."""
_ERAS = {"R": 2018, "令和": 2018, "H": 1988, "平成": 1988, "S": 1925, "昭和": 1925}
"""The year before an era's first."""
_SOLAR_YEARS = range(1386, 1420)
"""Years of the Persian calendar in which WhatsApp exists."""
_LUNAR_YEARS = range(1428, 1460)
"""Years of the Islamic calendar, whose months begin as authorities say."""
_SOLAR_ANCHOR, _SOLAR_YEAR = date(2024, 3, 20), 1403
_MONTHS, _LONG_MONTHS = 12, 6

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
_QUICK = re.compile(r".{0,60}?[^\W\d_].{0,60}?\d", re.DOTALL)


def respelling(lines: Iterable[str], headers: Sequence[Header], where: str) -> Respelling | None:
    """Return how a file's headers are respelt: if more lines start with a spelt date than with one in numbers.

    Raises ExportError where they count lunar years.
    """
    templates = templates_of(headers)
    if templates and templates[0].largest_year in _LUNAR_YEARS:
        raise ExportError(
            f"{where}: its dates are of the Islamic calendar, which is not read; "
            "set the phone's calendar to Gregorian and export the chat again"
        )
    if templates and templates[0].largest_year in _SOLAR_YEARS:
        return _solar(templates[0], [header.numbers() for header in headers])
    return _spelt(lines, len(headers))


def _spelt(lines: Iterable[str], headers: int) -> Respelling | None:
    votes: Counter[tuple[re.Pattern[str], bool]] = Counter()
    for line in lines:
        if not _QUICK.match(line):
            continue
        for form in (*_OF_AN_ERA, *SPELT_HEADERS):
            match = form.match(line)
            if match and (form in _OF_AN_ERA or _date(match)):
                votes[form, bool(match.groupdict().get("weekday"))] += 1
                break
    (form, weekday), count = votes.most_common(1)[0] if votes else ((SPELT_HEADERS[0], False), 0)
    if count <= headers:
        return None
    respelt = partial(form.sub, _in_our_era if form in _OF_AN_ERA else partial(_in_numbers, weekday=weekday))
    return lambda: respelt


def _solar(template: Template, dates: Sequence[tuple[int, ...]]) -> Respelling:
    last = "MDY" if any(b > _MONTHS for _, b, _ in dates) else "DMY"
    order = "YMD" if template.shape.years[0] == LONG_YEAR else last
    header = re.compile(f"^{template.in_parts()}", re.MULTILINE)
    respelt = partial(header.sub, partial(_from_solar, place=1 + template.shape.time_first, order=order))
    return lambda: respelt


def _in_our_era(match: re.Match[str]) -> str:
    year = 1 if match["year"] == "元" else int(match["year"])
    return f"{match['pre']}{match.groupdict().get('before') or ''}{_ERAS[match['era']] + year}"


def _in_numbers(match: re.Match[str], *, weekday: bool) -> str:
    found = _date(match)
    if found is None or bool(match["weekday"]) != weekday:
        return match[0]
    return f"{match['pre']}{match.groupdict().get('time') or ''}{found.isoformat()}"


def _date(match: re.Match[str]) -> date | None:
    month = _month(match)
    return day_of((int(match["year"]), month, int(match["day"])), "YMD") if month else None


def _month(match: re.Match[str]) -> int | None:
    name = match["month"]
    return int(name) if name.isdecimal() else _numbers("months").get(plain_period(name))


def _weekday(match: re.Match[str]) -> int | None:
    """Return the number of a day of the week, Monday being 0."""
    return _numbers("weekdays").get(plain_period(match["weekday"].strip(SPACES)).rstrip(","))


@cache
def _numbers(what: str) -> dict[str, int]:
    """Return the numbers of months, or of days of the week, by their names in any language."""
    return {name: int(number) for number, names in cldr(what).items() for name in names}


def _from_solar(header: re.Match[str], *, place: int, order: str) -> str:
    numbers = re.findall(r"\d+", header[place])
    try:
        found = solar_date(*(int(numbers[order.index(part)]) for part in "YMD"))
    except ValueError:
        return header[0]
    respelt = re.sub(r"\d.*\d", found.isoformat(), header[place])
    return f"{header[1]}{respelt}" if place > 1 else f"{respelt}{header[2]}"


def solar_date(year: int, month: int, day: int) -> date:
    """Return a date of the Persian calendar in ours. Raises ValueError where there is none.

    Leap years are those of the 33-year cycle, which is exact from 1178 to 1633.
    """
    length = 31 if month <= _LONG_MONTHS else 30 if month < _MONTHS or _is_solar_leap(year) else 29
    if not (1 <= month <= _MONTHS and 1 <= day <= length):
        raise ValueError(day)
    years = range(_SOLAR_YEAR, year) if year >= _SOLAR_YEAR else range(year, _SOLAR_YEAR)
    days = sum(365 + _is_solar_leap(each) for each in years) * (1 if year >= _SOLAR_YEAR else -1)
    return _SOLAR_ANCHOR + timedelta(days=days + (month - 1) * 30 + min(month - 1, _LONG_MONTHS) + day - 1)


def _is_solar_leap(year: int) -> bool:
    return (25 * year + 11) % 33 < 8  # noqa: PLR2004 - eight leap years in 33


# --- without a year -----------------------------------------------------------------------------------------------

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
_MEDIA = re.compile(r"[A-Z]{2,4}-(\d{4})(\d\d)(\d\d)-WA\d")
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
            if not match["year"] and (weekday := _weekday(match)) is not None:
                seen.add_weekday(day, turn, weekday)
            for named in _MEDIA.finditer(line):
                seen.votes[int(named[1]) - turn] += _is_near((int(named[2]), int(named[3])), day)
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
        votes = Counter({year: count for year, count in self.votes.items() if count and self.allows(year)})
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
    month = _month(match)
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


def _is_near(one: tuple[int, int], other: tuple[int, int]) -> bool:
    try:
        return abs(_day_of_year(one) - _day_of_year(other)) <= 1
    except ValueError:
        return False


def _year_of(day: tuple[int, int], written: date) -> int:
    """Return the year of the last message, which is no later than its export."""
    tomorrow = written + timedelta(days=1)
    return tomorrow.year if day <= (tomorrow.month, tomorrow.day) else tomorrow.year - 1
