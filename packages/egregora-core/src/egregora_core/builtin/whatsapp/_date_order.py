"""Decides which field of the dates is the day, for each style of header in a text.

A single line never decides: real exports hold pasted dates, and run backwards in places. What is weak (how dates
usually look in a locale that writes them so) only speaks where what is strong is silent. A style may be read in two
orders by itself and yet not beside another: exports run in order of time, so where lines of two styles take turns, one
pair of orders makes the steps from one to the other short.
"""

import re
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby, pairwise, product

from egregora_core.builtin.whatsapp._characters import plain
from egregora_core.builtin.whatsapp._dialect import FIRST_YEAR, ORDERS, Dialect, allows, day_of
from egregora_core.builtin.whatsapp._header import PERIOD, SHORT_YEAR, Header
from egregora_core.builtin.whatsapp._phrases import cldr
from egregora_core.builtin.whatsapp._template import Template
from egregora_core.plugin import DateOrder, DateOrderError

_USUAL = 0.9
"""The share of the locales with dates of a shape that must agree on its order."""
_MOST = 0.75
"""The same of locales that also write the clock so, which are few."""
_CLEAR_DAYS = 20
_FEW, _VERY_CLEAR = 10, 10.0
"""So few runs of one date must be so much clearer."""
_CLEAR = 2.0
"""How many times as long the way through the dates must be in the wrong order."""

_FIRST: Mapping[DateOrder, str] = {"DMY": "day", "MDY": "month", "YMD": "year"}

Decided = tuple[DateOrder, str, str]
"""Order, confidence (`certain`, `given` or `likely`) and evidence."""

Dated = tuple[int, tuple[int, ...]]
"""Which style a line has, and its date's fields."""


@dataclass
class DateEvidence:
    """What the dates of a file told, in the order in which they stand there."""

    template: Template
    dates: Counter[tuple[int, ...]] = field(default_factory=Counter)
    """Date (fields a, b, c) → how many runs of messages share it."""
    way: Counter[DateOrder] = field(default_factory=Counter)
    """Order → days from each date to the next, summed."""
    media: Counter[DateOrder] = field(default_factory=Counter)
    """Order → how many media names carry the date that their message has in it."""
    _last: dict[DateOrder, date] = field(default_factory=dict)

    def add(self, dates: Iterable[tuple[int, ...]]) -> None:
        """Take note of dates, one for each run of messages that share it."""
        for fields in dates:
            self.dates[fields] += 1
            for order in self.candidates():
                if found := day_of(fields, order):
                    self.way[order] += _way((found - self._last.get(order, found)).days)
                    self._last[order] = found

    def candidates(self) -> tuple[DateOrder, ...]:
        """Return the orders that the template allows."""
        orders = (order for order in ORDERS if allows(self.template.shape, order))
        # A year in two digits is padded; where neither the first nor the last field is, this is none of WhatsApp's.
        padded = (order for order in orders if self.template.paddings[0 if order == "YMD" else 2] != "0")
        return tuple(padded) or ("DMY", "MDY")

    def over(self, order: DateOrder) -> int:
        """Return how many runs of one date are no dates in an order."""
        return sum(count for fields, count in self.dates.items() if day_of(fields, order) is None)

    def _days(self, order: DateOrder) -> list[date]:
        return sorted(found for fields in self.dates if (found := day_of(fields, order)))

    # --- decision ---------------------------------------------------------------------------------------------

    def decide(self) -> Decided | None:
        """Return order, confidence (`certain` or `likely`) and evidence; None where the order is open."""
        orders: Sequence[DateOrder] = self.candidates()
        for confidence, why, rule in (
            ("certain", "the template", list),
            ("certain", "fields over 12", self._valid),
            ("certain", "dates in media names", self._by_media),
            ("certain", "years in which WhatsApp existed", self._by_years),
            ("certain", "each order gives the same dates", self._by_sameness),
            ("likely", "no message is from the future", self._by_today),
            ("likely", "continuous time", self._by_way),
            ("likely", "the way locales write dates", self._by_locales),
            ("likely", "the way locales write dates beside such a clock", self._by_clocks),
        ):
            orders = rule(orders)
            if len(orders) == 1:
                return orders[0], confidence, why
        return None

    def possible(self) -> Sequence[DateOrder]:
        """Return the orders that neither the template nor a field over 12 excludes."""
        return self._valid(self.candidates())

    def question(self) -> str:
        """Return what to ask where nothing tells the order: which it can be."""
        possible = self.possible()
        first = " or ".join(f"{_FIRST[order]} first" for order in possible)
        telling = ["no media file's name", "no jump in time that tells"]
        if {"DMY", "MDY"} <= {*possible}:
            telling.insert(0, "none with a day over 12")
        return (
            f"all dates can be read {first} ({self.dates.total():,} of them, {', '.join(telling[:-1])} and "
            f"{telling[-1]}); pass --date-order {' or '.join(order.lower() for order in possible)}"
        )

    def dialect(self, order: DateOrder) -> Dialect:
        """Return how dates are read; where years of two digits make sense as Buddhist ones alone, 65 is 2565: 2022."""
        days = self._days(order) if self.template.shape.years == (SHORT_YEAR, SHORT_YEAR) else []
        latest = time.localtime().tm_year + 1
        buddhist = days and days[0].year > latest and days[0].year - 43 >= FIRST_YEAR and days[-1].year - 43 <= latest
        return Dialect(order, 1957) if buddhist else Dialect(order)

    def _valid(self, orders: Sequence[DateOrder]) -> Sequence[DateOrder]:
        """Return the orders in which dates are dates; strays of a few per cent do not count."""
        bad = {order: self.over(order) for order in orders}
        least = min(bad.values())
        strays = self.dates.total() * 0.02 * (least > 0)
        return [order for order in orders if bad[order] <= max(least, strays)]

    def _by_media(self, orders: Sequence[DateOrder]) -> Sequence[DateOrder]:
        best, second, *_ = sorted(orders, key=lambda order: -self.media[order])
        return [best] if self.media[best] > 2 * self.media[second] else orders

    def _by_years(self, orders: Sequence[DateOrder]) -> Sequence[DateOrder]:
        spans = {order: days for order in orders if (days := self._days(order))}
        latest = time.localtime().tm_year + 1
        fits = (order for order, days in spans.items() if days[0].year >= FIRST_YEAR and days[-1].year <= latest)
        return [*fits] or orders

    def _by_sameness(self, orders: Sequence[DateOrder]) -> Sequence[DateOrder]:
        same = all(len({day_of(fields, order) for order in orders}) == 1 for fields in self.dates)
        return orders[:1] if same else orders

    def _by_today(self, orders: Sequence[DateOrder]) -> Sequence[DateOrder]:
        """Decide by what is not yet: in another zone it may be tomorrow, no more."""
        end = date(*time.localtime()[:3]) + timedelta(days=1)
        possible = [order for order in orders if (days := self._days(order)) and days[-1] <= end]
        return possible if len(possible) == 1 else orders

    def _by_way(self, orders: Sequence[DateOrder]) -> Sequence[DateOrder]:
        best, second, *_ = sorted(orders, key=lambda order: self.way[order])
        shorter, longer = self.way[best], self.way[second]
        clear = _CLEAR if self.dates.total() >= _FEW else _VERY_CLEAR
        is_clear = longer > clear * shorter and longer - shorter > _CLEAR_DAYS and not self._is_monthly(second)
        return [best] if is_clear else orders

    def _is_monthly(self, order: DateOrder) -> bool:
        """Tell whether the dates are few and, in that order, one a month, on two days or each first: a habit."""
        if self.dates.total() >= _FEW:
            return False
        days = self._days(order)
        months = [found.year * 12 + found.month for found in days]
        same = {found.day for found in days}
        return len(same) == 1 and (not days[2:] or same == {1}) and all(b - a == 1 for a, b in pairwise(months))

    def _by_locales(self, orders: Sequence[DateOrder]) -> Sequence[DateOrder]:
        return _usual(orders, _orders_of_dates(cldr("short_dates"), self.template), _USUAL)

    def _by_clocks(self, orders: Sequence[DateOrder]) -> Sequence[DateOrder]:
        """Decide by the locales that write the clock so, too, unless time runs better the other way."""
        found = _usual(orders, _orders_of_clock(self.template), _MOST)
        return found if self.way[found[0]] == min(self.way[order] for order in orders) else orders


def _usual(orders: Sequence[DateOrder], locales: Counter[DateOrder], most: float) -> Sequence[DateOrder]:
    """Return the order that at least that share of the locales use, if there is one, else all."""
    total = sum(locales[order] for order in orders)
    return [order for order in orders if total and locales[order] / total >= most] or orders


class Dates:
    """The dates of a text, in the order in which they stand there."""

    def __init__(self, templates: Sequence[Template]) -> None:
        self.styles = [DateEvidence(template) for template in templates]
        self._steps: Counter[tuple[int, DateOrder, int, DateOrder]] = Counter()
        """Style and order, of one date and of the next one of another style → the days between, summed."""
        self._last: list[Dated] = []

    def add(self, dates: Sequence[Dated]) -> None:
        """Take note of the next dates of the text, neighbours that are the same only once."""
        for style, each in enumerate(self.styles):
            each.add(fields for fields, _ in groupby(fields for number, fields in dates if number == style))
        for (one, other), count in Counter(pairwise([*self._last, *dates])).items():
            orders = (self.styles[style].candidates() for style, _ in (one, other))
            for first, then in product(*orders) if one[0] != other[0] else ():
                if (begin := day_of(one[1], first)) and (end := day_of(other[1], then)):
                    self._steps[one[0], first, other[0], then] += count * _way((end - begin).days)
        self._last = list(dates[-1:]) or self._last

    def add_media(self, header: Header, named: date) -> bool:
        """Take note of a date in the name of a message's file; tell whether the message has a style that is known."""
        styles = [each for each in self.styles if each.template.shape == header.shape]
        for each in styles:
            each.media.update(order for order in each.candidates() if day_of(header.numbers(), order) == named)
        return bool(styles)

    def is_open(self, given: DateOrder | None) -> bool:
        """Tell whether neither what the user gave, the templates nor fields over 12 decide."""
        return given not in self.styles[0].candidates() and any(len(each.possible()) > 1 for each in self.styles)

    def orders(self, given: DateOrder | None) -> Sequence[DateOrder]:
        """Return in which orders the dates of the first style can be, as far as was seen."""
        possible = self.styles[0].possible()
        return [given] if given and given in possible else possible

    def decide(self, order: DateOrder | None, where: str) -> tuple[list[Dialect], dict[str, str]]:
        """Return how each style is read, and the facts: the first one's order, and how sure the least sure one is.

        `order` is the one that the user gave. Raises DateOrderError where nothing tells.
        """
        decided, likely = dict[int, Decided](), dict[int, Decided | None]()
        for style, each in enumerate(self.styles):
            given = order in (each.possible() if style else each.candidates())
            found: Decided | None = (order, "given", "--date-order") if order and given else each.decide()
            if found and (found[1] == "certain" or (style == 0 and given)):
                decided[style] = found
            else:
                likely[style] = found
        while likely:
            style, found = self._next(decided, likely, where)
            decided[style] = found
            del likely[style]
        final = [decided[style] for style in range(len(self.styles))]
        dialects = [each.dialect(order) for each, (order, _, _) in zip(self.styles, final, strict=True)]
        alike = (each for each in final if each[0] == final[0][0])
        _, confidence, why = max(alike, key=lambda each: ("certain", "given", "likely").index(each[1]))
        return dialects, {"date_order": final[0][0], "date_order_confidence": confidence, "date_order_evidence": why}

    def _next(
        self, decided: Mapping[int, Decided], likely: Mapping[int, Decided | None], where: str
    ) -> tuple[int, Decided]:
        """Return a style and what is decided of it: the one that those around it tell best, else what itself tells."""
        known = {style: found[0] for style, found in decided.items()}
        best = {style: self._best(style, known) for style in likely}
        style = max(best, key=lambda style: best[style][0])
        shorter, order = best[style]
        if shorter:
            found = likely[style]
            return style, found if found and found[0] == order else (order, "likely", "continuous time")
        for style, found in likely.items():
            if found:
                return style, found
        style = next(iter(likely))
        alike = [order for order in known.values() if order in self.styles[style].candidates()]
        if not alike:
            raise DateOrderError(f"{where}: {self.styles[style].question()}")
        return style, (alike[0], "likely", "the other headers of the file")

    def _best(self, style: int, known: Mapping[int, DateOrder]) -> tuple[int, DateOrder]:
        """Return how many days shorter the steps are in the best order than in any other, and that order.

        The steps are those to and from the styles whose order is `known`. No days: none is clearly the best.
        """
        length = {
            order: sum(
                self._steps[style, order, other, theirs] + self._steps[other, theirs, style, order]
                for other, theirs in known.items()
            )
            for order in self.styles[style].possible()
        }
        first, *others = sorted(length, key=lambda order: length[order])
        shorter = min((length[order] for order in others), default=0) - length[first]
        return (shorter if shorter > max(_CLEAR_DAYS, (_CLEAR - 1) * length[first]) else 0), first


def _way(days: int) -> int:
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
    return all(
        template.paddings[index] != "10"[len(text) > 1]
        if text[0] != "y"
        else index != 1 and (template.shape.years[index // 2] == SHORT_YEAR) == (text == "yy")
        for index, text in enumerate(letters)
    )
