"""What the dates of one style of header tell of which field is the day.

A single line never decides: real exports hold pasted dates, and run backwards in places. What is weak (how dates
usually look in a locale that writes them so) only speaks where what is strong is silent.
"""

import re
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise

from egregora_core.builtin.whatsapp._characters import plain
from egregora_core.builtin.whatsapp._dialect import FIRST_YEAR, ORDERS, day_of
from egregora_core.builtin.whatsapp._header import PERIOD, SHORT_YEAR
from egregora_core.builtin.whatsapp._phrases import cldr
from egregora_core.builtin.whatsapp._template import Template
from egregora_core.plugin import DateOrder

_USUAL = 0.9
"""The share of the locales with dates of a shape that must agree on its order."""
_MOST = 0.75
"""The same of locales that also write the clock so, which are few."""
_MANY = 4096
_CLEAR_DAYS = 20
_FEW, _VERY_CLEAR = 10, 10.0
"""So few runs of one date must be so much clearer."""
_CLEAR = 2.0
"""How many times as long the way through the dates must be in the wrong order."""


Decided = tuple[DateOrder, str, str]
"""Order, confidence (`certain`, `given` or `likely`) and evidence."""


@dataclass
class DateEvidence:
    """What the dates of a file told, in the order in which they stand there."""

    template: Template
    over: Counter[DateOrder] = field(default_factory=Counter)
    """Order → how many runs of one date are no dates in it."""
    way: Counter[DateOrder] = field(default_factory=Counter)
    """Order → days from each date to the next, summed."""
    runs: int = 0
    media: Counter[DateOrder] = field(default_factory=Counter)
    """Order → how many media names carry the date that their message has in it."""
    _last: dict[DateOrder, date] = field(default_factory=dict)
    _span: dict[DateOrder, tuple[date, date]] = field(default_factory=dict)
    _seen: set[tuple[int, ...]] = field(default_factory=set)

    def add(self, dates: Iterable[tuple[int, ...]]) -> None:
        """Take note of dates (fields a, b, c), one for each run of messages that share it."""
        for fields in dates:
            self.runs += 1
            if len(self._seen) < _MANY:
                self._seen.add(fields)
            for order in self.candidates():
                self._add(order, fields)

    def add_media(self, fields: tuple[int, ...], named: date) -> None:
        """Take note that a message of that date carries a file whose name holds another writing of a date."""
        for order in self.candidates():
            if day_of(fields, order) == named:
                self.media[order] += 1

    def is_sure(self, fields: tuple[int, ...]) -> bool:
        """Tell whether three numbers are a date in any order that the template allows."""
        return all(day_of(fields, order) for order in self.candidates())

    def candidates(self) -> tuple[DateOrder, ...]:
        """Return the orders that the template allows."""
        first, last = self.template.shape.years
        if first != SHORT_YEAR:
            return ("YMD",)
        if last != SHORT_YEAR:
            return ("DMY", "MDY")
        if self.template.paddings[0] == "0":
            return ("DMY", "MDY")
        return ("DMY", "MDY", "YMD") if self.template.paddings[2] != "0" else ("YMD",)

    def _add(self, order: DateOrder, fields: tuple[int, ...]) -> None:
        found = day_of(fields, order)
        if found is None:
            self.over[order] += 1
            return
        last = self._last.get(order, found)
        self.way[order] += way((found - last).days)
        self._last[order] = found
        first, latest = self._span.get(order, (found, found))
        self._span[order] = (min(first, found), max(latest, found))

    # --- decision ---------------------------------------------------------------------------------------------

    def decide(self) -> Decided | None:
        """Return order, confidence (`certain` or `likely`) and evidence; None where the order is open."""
        orders = list(self.candidates())
        if len(orders) == 1:
            return orders[0], "certain", "the template"
        orders = self._valid(orders)
        if len(orders) == 1:
            return orders[0], "certain", "fields over 12"
        found = self._by_media(orders) or self._by_years(orders) or self._by_sameness(orders)
        return found or self._by_today(orders) or self._by_way(orders) or self._by_locales(orders)

    def possible(self) -> tuple[DateOrder, ...]:
        """Return the orders that neither the template nor a field over 12 excludes."""
        return tuple(self._valid(list(self.candidates())))

    def is_buddhist(self, order: DateOrder) -> bool:
        """Tell whether years of two digits only make sense 543 years on: 65 is 2565, which is 2022."""
        low, high = self._years(order)
        latest = time.localtime().tm_year + 1
        short = self.template.shape.years == (SHORT_YEAR, SHORT_YEAR)
        return short and low > latest and low - 43 >= FIRST_YEAR and high - 43 <= latest

    def _years(self, order: DateOrder) -> tuple[int, int]:
        """Return the first and the last year of the dates in an order, zeros where it gives none."""
        span = self._span.get(order)
        return (span[0].year, span[1].year) if span else (0, 0)

    def _valid(self, orders: list[DateOrder]) -> list[DateOrder]:
        """Return the orders in which dates are dates; strays of a few per cent do not count."""
        bad = {order: self.over[order] for order in orders}
        least = min(bad.values())
        return [order for order in orders if bad[order] <= max(least, self.runs * 0.02 * (least > 0))]

    def _by_media(self, orders: list[DateOrder]) -> Decided | None:
        ranked = sorted(orders, key=lambda order: -self.media[order])
        best, second = (self.media[order] for order in ranked[:2])
        if best > 2 * second:
            return ranked[0], "certain", "dates in media names"
        return None

    def _by_years(self, orders: list[DateOrder]) -> Decided | None:
        latest = time.localtime().tm_year + 1
        spans = {order: self._years(order) for order in orders}
        possible = [order for order, (low, high) in spans.items() if low >= FIRST_YEAR and high <= latest]
        if len(possible) == 1:
            return possible[0], "certain", "years in which WhatsApp existed"
        if possible:
            orders[:] = possible
        return None

    def _by_today(self, orders: list[DateOrder]) -> Decided | None:
        """Decide by what is not yet: in another zone it may be tomorrow, no more."""
        end = date(*time.localtime()[:3]) + timedelta(days=1)
        possible = [order for order in orders if order in self._span and self._span[order][1] <= end]
        return (possible[0], "likely", "no message is from the future") if len(possible) == 1 else None

    def _by_sameness(self, orders: list[DateOrder]) -> Decided | None:
        if all(len({day_of(fields, order) for order in orders}) == 1 for fields in self._seen):
            return orders[0], "certain", "each order gives the same dates"
        return None

    def _by_way(self, orders: list[DateOrder]) -> Decided | None:
        ranked = sorted(orders, key=lambda order: self.way[order])
        best, second = (self.way[order] for order in ranked[:2])
        clear = _CLEAR if self.runs >= _FEW else _VERY_CLEAR
        if second > clear * best and second - best > _CLEAR_DAYS and not self._is_monthly(ranked[1]):
            return ranked[0], "likely", "continuous time"
        return None

    def _is_monthly(self, order: DateOrder) -> bool:
        """Tell whether the dates are few and, in that order, one a month on the same day: that may be a habit."""
        if self.runs >= _FEW or len(self._seen) > _FEW:
            return False
        dates = sorted(found for fields in self._seen if (found := day_of(fields, order)))
        months = [found.year * 12 + found.month for found in dates]
        return len({found.day for found in dates}) == 1 and all(b - a == 1 for a, b in pairwise(months))

    def _by_locales(self, orders: list[DateOrder]) -> Decided | None:
        """Decide by the locales that write so; where the clock tells them, unless time runs better the other way."""
        dates, clocks = _orders_of_dates(cldr("short_dates"), self.template), _orders_of_clock(self.template)
        best = min(self.way[order] for order in orders)
        for locales, most, why in ((dates, _USUAL, ""), (clocks, _MOST, " beside such a clock")):
            total = sum(locales[order] for order in orders)
            for order in orders:
                if total and locales[order] / total >= most and (not why or self.way[order] == best):
                    return order, "likely", f"the way locales write dates{why}"
        return None


def way(days: int) -> int:
    """Return what a step of so many days costs; one back costs more: exports run backwards rarely and briefly."""
    return days if days >= 0 else -3 * days


def _orders_of_clock(template: Template) -> Counter[DateOrder]:
    """Return how many locales of a 12-hour clock write headers as the template was written, by order."""
    found: Counter[DateOrder] = Counter()
    if not template.shape.twelve_hours:
        return found
    narrow = any("\u202f" in text for text in template.written)
    glue = template.shape.literals[3].replace(PERIOD, "").strip()
    for pattern, locales in cldr("twelve_hours").items():
        date_, between, clock, *words = pattern.split("|")
        alike = between.replace("{1}", "").replace("{0}", "").strip() == glue and (not narrow or "\u202f" in clock)
        alike = alike and (PERIOD in template.shape.literals[3]) == (clock[0] in "aB")
        if alike and all(any(plain(word) in plain(text) for word in words) for text in template.written):
            found += _orders_of_dates({date_: locales}, template)
    return found


def _orders_of_dates(dates: Mapping[str, int], template: Template) -> Counter[DateOrder]:
    """Return how many locales write dates, given in CLDR's notation, as the template can be, by order."""
    found: Counter[DateOrder] = Counter()
    for pattern, locales in dates.items():
        parts = re.findall(r"([dMy]+)([^\w']*)", pattern.replace("\u200f", ""))
        letters = [letters for letters, _ in parts]
        if tuple(gap for _, gap in parts[:2]) == template.shape.literals[1:3] and _fits(letters, template):
            order = "".join(part[0].upper() for part in letters)
            found.update({known: locales for known in ORDERS if known == order})
    return found


def _fits(letters: list[str], template: Template) -> bool:
    for index, text in enumerate(letters):
        if text[0] == "y":
            year = template.shape.years[0 if index == 0 else 1]
            if index == 1 or (year == SHORT_YEAR) != (text == "yy"):
                return False
        elif template.paddings[index] == "10"[len(text) > 1]:
            return False
    return True
