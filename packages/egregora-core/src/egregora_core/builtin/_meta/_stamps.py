"""Ids of messages, which downloads do not have: the millisecond in which one was sent, counted where two share it.

So a message is known again when it was unsent, edited or reacted to, and when its author is called otherwise. Of a
million stamps it is known that they were seen; later ones get an id where it is certain that they were not.
"""

from collections import Counter
from dataclasses import dataclass, field

_MOST = 1_000_000


@dataclass
class Stamps:
    """The stamps of one thread."""

    _seen: set[int] = field(default_factory=set)
    _again: Counter[int] = field(default_factory=Counter)
    _first: int = 0
    _last: int = -1

    def id_of(self, stamp: int) -> str | None:
        """Return the id of the next message, in reading order, of a millisecond; None where it may be taken."""
        if stamp in self._seen:
            self._again[stamp] += 1
            return f"{stamp}.{self._again[stamp] + 1}"
        if len(self._seen) < _MOST:
            self._seen.add(stamp)
        elif self._first <= stamp <= self._last:
            return None
        empty = self._first > self._last
        self._first = stamp if empty else min(self._first, stamp)
        self._last = stamp if empty else max(self._last, stamp)
        return str(stamp)
