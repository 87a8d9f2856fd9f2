"""Ids of messages, which downloads do not have: the millisecond in which one was sent, counted where two share it.

So a message is known again when it was unsent, edited or reacted to, and when its author is called otherwise. Of a
million stamps it is known that they were seen; later ones get an id where it is certain that they were not.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

_MOST = 1_000_000


@dataclass
class Stamps:
    """The stamps of one thread."""

    _seen: set[int] = field(default_factory=set)
    _outside: list[int] = field(default_factory=list)
    """More that were seen. A file runs one way: nearly always no stamp lies between others, and none is looked for."""
    _again: Counter[int] = field(default_factory=Counter)
    _first: int = 0
    _last: int = -1

    def id_of(self, stamp: int) -> str | None:
        """Return the id of the next message, in reading order, of a millisecond; None where it may be taken."""
        if stamp in self._all_seen():
            self._again[stamp] += 1
            return f"{stamp}.{self._again[stamp] + 1}"
        inside = self._first <= stamp <= self._last
        if len(self._seen) < _MOST:
            self._seen.add(stamp)
        elif inside:
            return None
        if not inside:
            self._widen(stamp)
        return str(stamp)

    def are_new(self, stamps: Sequence[int]) -> bool:
        """Tell whether each of some messages has a millisecond of its own, and take note of them: it is their id."""
        if len(self._seen) + len(self._outside) + len(stamps) > _MOST or len(set(stamps)) < len(stamps):
            return False
        first, last = min(stamps), max(stamps)
        if first > self._last or last < self._first:
            self._outside += stamps
        elif self._all_seen().isdisjoint(stamps):
            self._seen.update(stamps)
        else:
            return False
        self._widen(first)
        self._widen(last)
        return True

    def _all_seen(self) -> set[int]:
        if self._outside:
            self._seen.update(self._outside)
            self._outside = []
        return self._seen

    def _widen(self, stamp: int) -> None:
        empty = self._first > self._last
        self._first, self._last = (stamp, stamp) if empty else (min(self._first, stamp), max(self._last, stamp))
