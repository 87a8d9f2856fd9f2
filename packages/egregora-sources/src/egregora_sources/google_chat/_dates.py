"""Dates as Google Chat writes them: whole sentences, in whatever language, always in UTC.

`Friday, May 29, 2026 at 3:00:29 AM UTC` and `2026年5月29日星期五 UTC 03:00:29` have in common: a year with four
digits, a day, the month as a word or a number, and hour, minute and second in a row. The words are those of CLDR.
"""

import re
import unicodedata
from collections import defaultdict
from datetime import date, datetime
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from egregora_core.plugin.json_values import iso_moment_of

if TYPE_CHECKING:
    from babel import Locale

_ENGLISH = re.compile(
    r"[A-Z][a-z]+day, (?:([A-Z][a-z]+) (\d{1,2})|(\d{1,2}) ([A-Z][a-z]+)),? (\d{4})(?: at|,)? "
    r"(\d{1,2}):(\d\d):(\d\d)\s?([AaPp])?\.?[Mm]?\.? (?:UTC|GMT|Z)"
)
_IN_ENGLISH = re.compile(r"([A-Z][a-z]+day, .{5,30} at) (\d\d?):(\d\d):(\d\d)[ \u202f]([AP])M UTC\Z", re.ASCII)
_SIXTY = 60
_NAMES = "January February March April May June July August September October November December"
_MONTHS = {name: number for number, name in enumerate(_NAMES.split(), 1)}
_LANGUAGES = """
    en af am ar az be bg bn bs ca cs cy da de de_AT el es es_419 et eu fa fi fil fr fr_CA gl gu he hi hr hu hy id is
    it ja ka kk km kn ko ky lo lt lv mk ml mn mr ms my nb ne nl pa pl pt ro ru si sk sl sq sr sr_Latn sv sw ta te th tr
    uk ur uz vi zh zh_Hant zu
"""
"""Those in which Google's products are offered."""
_UNSEEN = dict.fromkeys([*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF])
_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"[^\W\d_]+")
_NOTHING = re.compile(r"[\s.,]+")
_WORDS = 3
"""So many may say that it is before noon."""
_UNSPACED = "\u2e80"
"""From here on, scripts have no blanks between words."""
_OFFSET = re.compile(r"(?:UTC|GMT)[+-]\d{1,2}(?::\d\d)?", re.IGNORECASE)
_LONGEST, _TIME, _DATE_IN_NUMBERS, _YEAR_DIGITS = 200, 3, 3, 4
_BUDDHIST, _BUDDHIST_FROM = 543, 2400
_NOON = 12


def moment(said: str) -> datetime | None:
    """Return when it was, in UTC, without a zone; None for what is no such sentence."""
    if (found := _IN_ENGLISH.match(said)) and (day := _day(found[1])):
        hour, minute, second = int(found[2]), int(found[3]), int(found[4])
        if 0 < hour <= _NOON and minute < _SIXTY and second < _SIXTY:
            return datetime(*day, hour % _NOON + (_NOON if found[5] == "P" else 0), minute, second)  # noqa: DTZ001 - columns hold UTC without saying so
    return _moment(said)


@lru_cache(1 << 10)
def _day(said: str) -> tuple[int, int, int] | None:
    """Return year, month and day of a sentence whose time was cut off: a chat has many messages of one day."""
    noon = _moment(f"{said} 12:00:00 PM UTC") if len(said) < _LONGEST else None
    return (noon.year, noon.month, noon.day) if noon else None


@lru_cache(1 << 12)
def _moment(said: str) -> datetime | None:
    if len(said) > _LONGEST:
        return None
    if found := _ENGLISH.match(said):
        month, day, day_first, month_last, year, *clock, half = found.groups()
        if number := _MONTHS.get(month or month_last):  # so nobody with an English account waits for all languages
            return _made(int(year), number, int(day or day_first), _clock(clock, half))
    return iso_moment_of(said) or _any_language(_plain(said))


def _plain(said: str) -> str:
    """Return a sentence in small letters, without marks that nobody sees, with the digits 0 to 9."""
    letters = (str(unicodedata.decimal(char, "")) or char for char in said.translate(_UNSEEN))
    return _OFFSET.sub("", "".join(letters).casefold())


def _any_language(said: str) -> datetime | None:
    numbers = list(_NUMBER.finditer(said))
    years = [place for place, number in enumerate(numbers) if len(number[0]) == _YEAR_DIGITS]
    if len(numbers) not in (_TIME + 2, _TIME + _DATE_IN_NUMBERS) or len(years) != 1:
        return None
    last = years[0] >= len(numbers) - _TIME  # the date is behind the time
    clock = numbers[:_TIME] if last else numbers[-_TIME:]
    dates = numbers[_TIME:] if last else numbers[:-_TIME]
    half = _half(said[: clock[0].start()], said[clock[-1].end() :])
    at = _clock([number[0] for number in clock], half)
    year = int(numbers[years[0]][0])
    others = [int(number[0]) for number in dates if number is not numbers[years[0]]]
    if len(others) == 1:
        found = [_made(year, month, others[0], at) for month in sorted(_months(said))]
    else:
        year_first = dates[0] is numbers[years[0]]
        month, day = others if year_first else reversed(others)
        found = [_made(year, month, day, at)]
    made = [each for each in found if each is not None]
    if len(made) > 1:  # one word is two months in two languages, or a month and a weekday in one: the weekday tells
        weekdays = {day for name, days in _words()[1].items() if name in said for day in days}
        made = [each for each in made if each.weekday() in weekdays]
    return made[0] if len(made) == 1 else None


def _clock(numbers: list[str], half: str | None) -> tuple[int, int, int]:
    hour, minute, second = map(int, numbers)
    if half and hour <= _NOON:
        hour = hour % _NOON + (_NOON if half.casefold() == "p" else 0)
    return hour, minute, second


def _made(year: int, month: int, day: int, clock: tuple[int, int, int]) -> datetime | None:
    try:
        on = date(year - _BUDDHIST if year > _BUDDHIST_FROM else year, month, day)
        return datetime(on.year, on.month, on.day, *clock)  # noqa: DTZ001 - columns hold UTC without saying so
    except ValueError:
        return None


def _months(said: str) -> frozenset[int]:
    """Return the months that a sentence may name: by a whole word, else by one that is inside of a word."""
    months, weekdays, _ = _words()
    bare = said
    for name in sorted((name for name in weekdays if name in said), key=len, reverse=True):
        bare = re.sub(rf"\b{re.escape(name)}\b", " ", bare)
    for text in (bare, said):  # in Welsh, Tuesday is called as March
        if found := frozenset(number for word in _WORD.findall(text) for number in months.get(word, ())):
            return found
    inside = [name for name in months if name in said]
    return months[max(inside, key=len)] if inside else frozenset()


def _half(before: str, behind: str) -> str | None:
    """Return `a` or `p` where the words beside a time say that it is before or after noon."""
    words, later = before.split(), behind.split()
    sides = [words[-count:] for count in range(1, _WORDS + 1)] + [later[:count] for count in range(1, _WORDS + 1)]
    beside = {_NOTHING.sub("", "".join(side)) for side in sides}
    for name, half in _words()[2].items():
        if name in beside or (name[0] >= _UNSPACED and (before.rstrip().endswith(name) or behind.startswith(name))):
            return half
    return None


@cache
def _words() -> tuple[dict[str, frozenset[int]], dict[str, frozenset[int]], dict[str, str]]:
    """Return months and weekdays (Monday is 0) by name, and the halves of a day, long names first."""
    from babel import Locale

    months: dict[str, set[int]] = defaultdict(set)
    weekdays: dict[str, set[int]] = defaultdict(set)
    halves: dict[str, str] = {"am": "a", "pm": "p"}
    for code in _LANGUAGES.split():
        locale = Locale.parse(code)
        for context in ("format", "stand-alone"):
            for number, name in locale.months[context]["wide"].items():
                months[_plain(name)].add(number)
            for number, name in locale.days[context]["wide"].items():
                weekdays[_plain(name)].add(number)
            for width in ("wide", "abbreviated"):
                for period, name in locale.day_periods.get(context, {}).get(width, {}).items():
                    if half := _half_of(period, locale):
                        halves[_NOTHING.sub("", _plain(name))] = half
    return (
        {name: frozenset(numbers) for name, numbers in months.items() if not name.isdecimal()},
        {name: frozenset(numbers) for name, numbers in weekdays.items()},
        dict(sorted(halves.items(), key=lambda item: -len(item[0]))),
    )


def _half_of(period: str, locale: "Locale") -> str | None:
    """Return the half of the day in which a period lies: `am`, `pm`, and what Chinese writes in their place."""
    if period in ("am", "pm"):
        return period[0]
    if locale.language != "zh":
        return None
    for rule in locale.day_period_rules.get(None, {}).get(period, ()):
        start, end = rule.get("from", rule.get("at", 0)), rule.get("before", rule.get("at", 0))
        if start <= end:
            return "p" if start >= _NOON * 3600 else "a"
    return None
