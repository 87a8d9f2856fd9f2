"""The order of dates of one style, told by the dates of another style that stand beside them in a text.

Exports run in order of time. Where lines of two styles take turns, only one pair of orders makes the steps from one to
the other short, even if either style by itself could be read in both.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, product

from egregora_core.plugin import DateOrder
from egregora_core.sources.whatsapp.dates import DateEvidence, DateReader, way

_CLEAR = 2
"""How many times as long the steps must be in another order."""
_CLEAR_DAYS = 20

Dated = tuple[int, tuple[int, ...]]
"""Which style a line has, and its date's fields."""


@dataclass
class Neighbours:
    """The steps from dates of one style to those of another."""

    evidence: Sequence[DateEvidence]
    days: dict[tuple[int, DateOrder, int, DateOrder], int] = field(default_factory=dict)
    """Style and order, of one date and of the next one → the days from one to the other, summed."""
    _last: Dated | None = None

    def add(self, dates: Sequence[Dated]) -> None:
        """Take note of the next dates of the text, in order."""
        if len(self.evidence) == 1 or not dates:
            return
        known = [*([self._last] if self._last else []), *dates]
        self._last = dates[-1]
        for (one, other), count in Counter(pairwise(known)).items():
            if one[0] != other[0]:
                self._add(one, other, count)

    def _add(self, one: Dated, other: Dated, count: int) -> None:
        for ours, theirs in product(self._orders(one[0]), self._orders(other[0])):
            first, then = self._reader(one[0], ours).date(one[1]), self._reader(other[0], theirs).date(other[1])
            if first and then:
                key = (one[0], ours, other[0], theirs)
                self.days[key] = self.days.get(key, 0) + count * way((then - first).days)

    def _orders(self, style: int) -> tuple[DateOrder, ...]:
        return self.evidence[style].candidates()

    def _reader(self, style: int, order: DateOrder) -> DateReader:
        return self.evidence[style].reader(order)

    def best(self, style: int, possible: Sequence[DateOrder], known: Mapping[int, DateOrder]) -> tuple[int, DateOrder]:
        """Return how many days shorter the steps are in the best order than in any other, and that order.

        The steps are those to and from the styles whose order is `known`. No days: none is clearly the best.
        """
        length = {order: self._length(style, order, known) for order in possible}
        first, *others = sorted(possible, key=lambda order: length[order])
        shorter = min((length[order] for order in others), default=0) - length[first]
        is_clear = shorter > _CLEAR_DAYS and shorter > (_CLEAR - 1) * length[first]
        return (shorter if is_clear else 0), first

    def _length(self, style: int, order: DateOrder, known: Mapping[int, DateOrder]) -> int:
        return sum(
            self.days.get((style, order, other, theirs), 0) + self.days.get((other, theirs, style, order), 0)
            for other, theirs in known.items()
        )
