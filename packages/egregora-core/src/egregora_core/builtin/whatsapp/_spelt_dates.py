"""Dates that are spelt (`18 March 2022`) or of another calendar, made plain before anything reads them.

Hardly any phone writes so, which is why the reader knows numbers alone: where a file's headers do, they are respelt
with years, months and days as numbers while the text is read. Bodies keep what they say.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from functools import cache, partial

from egregora_core.builtin.whatsapp._characters import MARKS, SPACES, plain_period
from egregora_core.builtin.whatsapp._dialect import day_of
from egregora_core.builtin.whatsapp._header import LONG_YEAR, Header
from egregora_core.builtin.whatsapp._phrases import cldr
from egregora_core.builtin.whatsapp._template import Template, templates_of
from egregora_core.plugin import ExportError

Respelling = Callable[[], Callable[[str], str]]
"""For each reading of a text from its start, what respells its parts in order."""
_SOLAR_YEARS = range(1386, 1420)
"""Years of the Persian calendar in which WhatsApp exists."""
_LUNAR_YEARS = range(1428, 1460)
"""Years of the Islamic calendar, whose months begin as authorities say."""
_SOLAR_ANCHOR, _SOLAR_YEAR = date(2024, 3, 20), 1403
_MONTHS, _LONG_MONTHS = 12, 6

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
    month = month_of(match)
    return day_of((int(match["year"]), month, int(match["day"])), "YMD") if month else None


def month_of(match: re.Match[str]) -> int | None:
    """Return the number of the month that a header names or counts, None where it is none."""
    name = match["month"]
    return int(name) if name.isdecimal() else _numbers("months").get(plain_period(name))


def weekday_of(match: re.Match[str]) -> int | None:
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
