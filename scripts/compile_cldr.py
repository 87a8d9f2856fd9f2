"""Writes `cldr.json`: what CLDR knows about short dates and times, as far as WhatsApp's headers need it.

Run `uv run python scripts/compile_cldr.py` after an update of Babel; `--check` only compares. Loading a thousand
locales takes seconds, which is why the result is checked in and the reader never imports Babel.
"""

import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from egregora_core.builtin.whatsapp._characters import plain_period

TARGET = Path(str(getattr(find_spec("egregora_core.builtin.whatsapp"), "origin", ""))).with_name("cldr.json")
_LANGUAGES = (
    "af am ar az be bg bn ca cs cy da de el en es et eu fa fi fil fr ga gl gu he hi hr hu hy id is it ja ka kk km kn "
    "ko ky lo lt lv mk ml mn mr ms my nb ne nl nn pa pl ps pt ro ru si sk sl sq sr sv sw ta te th tr uk ur uz vi zh zu"
)
_DAWN = 6
_AM_LIKE = ("am", "midnight", "morning1", "morning2", "night2")


def render() -> str:
    """Return the text of `cldr.json`; patterns are in CLDR's own notation."""
    from babel import Locale, localedata

    locales = [Locale.parse(name) for name in localedata.locale_identifiers()]
    glues = (x.datetime_formats["short"] for x in locales)
    tables = {
        "about": "generated from CLDR by scripts/compile_cldr.py: do not edit; counts are numbers of locales",
        "short_dates": _count(str(x.date_formats["short"].pattern) for x in locales),
        # Short times are those of Android's exports, medium ones those of iOS.
        "short_times": _count(str(x.time_formats["short"].pattern) for x in locales),
        "medium_times": _count(str(x.time_formats["medium"].pattern) for x in locales),
        # How date {1} and time {0} are joined.
        "glues": _count(str(getattr(glue, "pattern", glue)) for glue in glues),
        # Short date, glue, short time and the words for the halves of the day, where the clock has 12 hours and digits
        # are Latin. Words as written: AM and am are of different countries.
        "twelve_hours": _count(text for x in locales if (text := _twelve_hours(x))),
        "months": _names("months", range(1, 13)),
        # Monday is 0.
        "weekdays": _names("days", range(7)),
        # Before noon (a) or after (p) at each of the hours 12, 1, … 11, and the words for it.
        "day_periods": _day_periods(locales),
    }
    # What is invisible is escaped; other scripts are as they are read.
    shown = json.dumps(tables, ensure_ascii=False, indent=1)
    return "".join(c if c.isprintable() or c == "\n" else f"\\u{ord(c):04x}" for c in shown) + "\n"


def main() -> int:
    """Write the table, or with `--check` exit with 1 where it is not what would be written."""
    text = render()
    if "--check" in sys.argv[1:]:
        return int(TARGET.read_text(encoding="utf-8") != text)
    TARGET.write_text(text, encoding="utf-8")
    return 0


def _twelve_hours(locale: Any) -> str | None:
    clock = locale.time_formats["short"].pattern
    if not re.search("[aB]", re.sub("'[^']*'", "", clock)) or locale.default_numbering_system != "latn":
        return None
    names, glue = locale.day_periods["format"]["abbreviated"], locale.datetime_formats["short"]
    parts = (locale.date_formats["short"].pattern, getattr(glue, "pattern", glue), clock, names["am"], names["pm"])
    return "|".join(map(str, parts))


def _count(patterns: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(patterns).items(), key=lambda item: (-item[1], item[0])))


def _names(what: str, numbers: range) -> dict[str, list[str]]:
    from babel import Locale

    votes: dict[str, Counter[int]] = defaultdict(Counter)
    for language in _LANGUAGES.split():
        for forms in getattr(Locale.parse(language), what).values():
            for width in ("abbreviated", "wide"):
                for number, name in forms.get(width, {}).items():
                    votes[plain_period(name)][number] += 1
    table: dict[str, list[str]] = {str(number): [] for number in numbers}
    for name, found in votes.items():
        if not any(char.isdigit() for char in name):
            table[str(found.most_common(1)[0][0])].append(name)
    return {number: sorted(names) for number, names in table.items()}


def _day_periods(locales: list[Any]) -> dict[str, list[str]]:
    votes: dict[str, list[Counter[str]]] = defaultdict(lambda: [Counter() for _ in range(12)])
    for word, hour, half, weight in (vote for locale in locales for vote in _votes(locale)):
        votes[plain_period(word)][hour][half] += weight
    table: dict[str, list[str]] = defaultdict(list)
    for word, hours in votes.items():
        table["".join(hour.most_common(1)[0][0] for hour in hours)].append(word)
    return {halves: sorted(words) for halves, words in sorted(table.items())}


def _votes(locale: Any) -> Iterator[tuple[str, int, str, int]]:
    """Yield word, hour (0 to 11), half of the day and weight for all that a locale says about its day periods."""
    from babel.dates import get_period_id

    # A minute past: at the full hour, 0 and 12 are "midnight" and "noon" instead of what covers the hour.
    periods = [get_period_id(time(hour, 1), locale=locale) for hour in range(24)]
    for context in ("format", "stand-alone"):
        for width in ("abbreviated", "wide"):
            for period, word in locale.day_periods.get(context, {}).get(width, {}).items():
                for hour in range(12):
                    yield (word, hour, *_half(periods, period, hour))


def _half(periods: list[str], period: str, hour: int) -> tuple[str, int]:
    """Return the half of the day, and how much the answer weighs: hours outside a period only get a guess."""
    if period in ("am", "pm"):
        return period[0], 100
    before, after = periods[hour] == period, periods[hour + 12] == period
    if before != after:
        return ("a" if before else "p"), 100
    if period == "night1":
        return ("a" if hour < _DAWN else "p"), 1
    return ("a" if period in _AM_LIKE else "p"), 1


if __name__ == "__main__":
    sys.exit(main())
