"""Dates as logs spell them, in Python: there are few different ones, however many lines say them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from egregora_core.plugin import DateOrder

from egregora_sources.irc._profiles import months

EPOCH = date(1970, 1, 1)
_WORDS = re.compile(r"[^\W\d_]+|\d+")
_CENTURY, _PIVOT = 100, 70
_TIME = re.compile(r"\b(\d{1,2}):(\d\d)(?::(\d\d))?\b")
_CHANNEL = re.compile(r"[#&]\S+")
_LAST_MONTH = 12
_YEARS = range(1988, 2100)
"""IRC is from 1988."""


@dataclass(frozen=True)
class Spelt:
    """What a date says: `year` is none where it has none."""

    year: int | None
    month: int
    day: int


def spelt(text: str, order: DateOrder | None = None) -> Spelt | None:
    """Read a date of words and numbers; None for what is none. `order` is that of three numbers of two digits."""
    parts = _WORDS.findall(text)
    numbers = [int(part) for part in parts if part.isdecimal() and part.isascii() and len(part) <= len("2024")]
    named = [number for part in parts if not part.isdecimal() and (number := _month(part))]
    if named and numbers:
        day, *rest = sorted(numbers, key=lambda number: number > 31)  # noqa: PLR2004 - the last day of a month
        return Spelt(_full(rest[-1]) if rest else None, named[0], day)
    if len(numbers) != len("YMD"):
        return None
    if numbers[0] >= _CENTURY:
        return Spelt(*numbers)
    first, second, year = numbers
    return Spelt(_full(year), first, second) if order == "MDY" else Spelt(_full(year), second, first)


def _full(year: int) -> int:
    if year >= _CENTURY:
        return year
    return year + (1900 if year >= _PIVOT else 2000)


def _month(word: str) -> int | None:
    folded = word.casefold()
    return next((number for beginning, number in months() if folded.startswith(beginning)), None)


def days(found: Spelt | None, year: int | None = None) -> int | None:
    """Return the days since 1970 of a date, in a year where it has none of its own; None where there is no such day."""
    if found is None or (found.year or year) is None:
        return None
    try:
        return (date(found.year or year or 0, found.month, found.day) - EPOCH).days
    except ValueError:
        return None


def order_of(dates: Iterable[str]) -> DateOrder | None:
    """Return in which order day and month stand in dates of numbers, where one of them decides it."""
    pairs = [tuple(map(int, re.findall(r"\d+", text)[:2])) for text in dates]
    if any(first > _LAST_MONTH for first, _ in pairs):
        return "DMY"
    return "MDY" if any(second > _LAST_MONTH for _, second in pairs) else None


def framed(line: str, *, next_day: bool) -> tuple[int, int] | None:
    """Return the day (since 1970) and the second of it that a line around a log tells; None where it tells none."""
    time = _TIME.search(line.partition("--- ")[2] or line)
    bare = _TIME.sub(" ", _CHANNEL.sub(" ", line))
    found = _iso(bare) or days(spelt(_after_words(bare)))
    if found is None or (EPOCH + timedelta(found)).year not in _YEARS:
        return None
    if next_day or time is None:
        return found, 0
    hour, minute, second = (int(part or 0) for part in time.groups())
    return found, hour * 3600 + minute * 60 + second


def _iso(text: str) -> int | None:
    match = re.search(r"\b(\d{4})-(\d\d)-(\d\d)\b", text)
    return days(Spelt(int(match[1]), int(match[2]), int(match[3]))) if match else None


def _after_words(line: str) -> str:
    """Return the end of a line from the name of a month or a number on, without the words before it."""
    words = line.split()
    for place, (word, behind) in enumerate(zip(words, [*words[1:], ""], strict=True)):
        named = (len(word) <= len("sept.") or behind[:1].isdecimal()) and _month(word)
        if named or any(char.isdecimal() for char in word):
            return " ".join(words[place:])
    return ""


_DAY = re.compile(
    r"(?<!\d)((?:19|20)\d\d)([-._]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?!\d)"
    r"|(?<!\d)(0?[1-9]|[12]\d|3[01])([^\W\d_]{3})((?:19|20)\d\d)(?!\d)"
)
_FOLDERS = re.compile(r"(?:^|/)((?:19|20)\d\d)/(?:[^/\d]*/)?(0[1-9]|1[0-2])[-./](0[1-9]|[12]\d|3[01])(?!\d)")


def day_in(name: str) -> tuple[int, str] | None:
    """Return the day (since 1970) in a file's name, or of the folders it is in, and the name without it."""
    folder, slash, last = name.rpartition("/")
    matches = list(_DAY.finditer(last))
    if matches and (day := _day(matches[-1])) is not None:
        match = matches[-1]
        return day, folder + slash + last[: match.start()] + last[match.end() :]
    inside = _FOLDERS.search(name)
    if inside and (day := days(Spelt(*(int(part) for part in inside.groups())))) is not None:
        return day, name[: inside.start()] + "/" + name[inside.end() :]
    return None


def _day(match: re.Match[str]) -> int | None:
    year, _, month, day, day_first, name, year_last = match.groups()
    if year:
        return days(Spelt(int(year), int(month), int(day)))
    return days(Spelt(int(year_last), _month(name) or 0, int(day_first)))


def year_in(name: str) -> int | None:
    """Return the year in a file's name or folders, where it has one."""
    found = re.findall(r"(?<!\d)((?:19[89]|20)\d\d)(?!\d)", name)
    return int(found[-1]) if found else None
