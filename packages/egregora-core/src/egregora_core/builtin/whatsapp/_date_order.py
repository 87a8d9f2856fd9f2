"""Decides which field of the dates is the day, for each style of header in a text.

A style may be read in two orders by itself and yet not beside another: exports run in order of time, so where lines of
two styles take turns, one pair of orders makes the steps from one to the other short.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby, pairwise, product

from egregora_core.builtin.whatsapp._date_evidence import DateEvidence, Decided, way
from egregora_core.builtin.whatsapp._dialect import Dialect, day_of
from egregora_core.builtin.whatsapp._header import Header
from egregora_core.builtin.whatsapp._template import Template
from egregora_core.plugin import DateOrder, DateOrderError

_CLEARLY = 2
"""How many times as long the steps must be in another order."""
_CLEAR_DAYS = 20

Dated = tuple[int, tuple[int, ...]]
"""Which style a line has, and its date's fields."""


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
            if one[0] != other[0]:
                self._add_steps(one, other, count)
        self._last = list(dates[-1:]) or self._last

    def _add_steps(self, one: Dated, other: Dated, count: int) -> None:
        for ours, theirs in product(*(self.styles[style].candidates() for style, _ in (one, other))):
            first, then = day_of(one[1], ours), day_of(other[1], theirs)
            if first and then:
                self._steps[one[0], ours, other[0], theirs] += count * way((then - first).days)

    def add_media(self, header: Header, named: date) -> bool:
        """Take note of a date in the name of a message's file; tell whether the message has a style that is known."""
        styles = [each for each in self.styles if each.template.shape == header.shape]
        for each in styles:
            each.add_media(header.numbers(), named)
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
        decided: dict[int, Decided] = {}
        likely: dict[int, Decided | None] = {}
        for style, each in enumerate(self.styles):
            given = order in each.candidates() if style == 0 else order in each.possible()
            found: Decided | None = (order, "given", "--date-order") if order and given else each.decide()
            if found and (found[1] == "certain" or (style == 0 and given)):
                decided[style] = found
            else:
                likely[style] = found
        while likely:
            style, told = self._next(decided, likely, where)
            decided[style] = told
            del likely[style]
        final = [decided[style] for style in range(len(self.styles))]
        dialects = [
            Dialect(order, each.is_buddhist(order)) for each, (order, _, _) in zip(self.styles, final, strict=True)
        ]
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
            raise DateOrderError(
                f"{where}: all dates can be read day first or month first ({self.styles[style].dates.total():,} of "
                "them, none with a day over 12, no media file's name and no jump in time that tells); pass "
                "--date-order dmy, mdy or ymd"
            )
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
        return (shorter if shorter > max(_CLEAR_DAYS, (_CLEARLY - 1) * length[first]) else 0), first
