"""What is counted of a unit, part by part: what is held grows with its days, words and people, not its messages."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

import numpy as np

from egregora_core.builtin.summary._conversation import DAY, HOUR, Conversation

_LINK = re.compile(r"https?://", re.IGNORECASE)
_EMOJI = re.compile(
    "[\U0001f1e6-\U0001f1ff]{2}"
    "|[\u2600-\u27bf\u2b50\U0001f300-\U0001faff][\ufe0f\U0001f3fb-\U0001f3ff]*"
    "(?:\u200d[\u2600-\u27bf\U0001f300-\U0001faff][\ufe0f\U0001f3fb-\U0001f3ff]*)*"
)


class Numbers:
    """Counts of a unit: of all its messages, and of those that a person sent."""

    def __init__(self) -> None:
        self.messages = 0
        self.said = 0
        self.labels: Counter[str] = Counter()
        """What was sent that is not text."""
        self.links = 0

    def add(self, talk: Conversation) -> None:
        self.messages += len(talk.local)
        self.said += int(talk.said.sum())
        self.labels.update(label for label in talk.label[talk.said] if label)
        self.links += len(_LINK.findall("\n".join(talk.text)))


class WindowNumbers(Numbers):
    """Counts of a part of a chat."""

    def __init__(self) -> None:
        super().__init__()
        self.authors: Counter[str] = Counter()
        self.thread = ""
        self.first = self.last = 0
        """Local times of the first and the last message in reading order."""
        self._hours: Counter[int] = Counter()

    def add(self, talk: Conversation) -> None:
        if not self.messages:
            self.first, self.thread = int(talk.local[0]), talk.thread[0]
        super().add(talk)
        self.last = int(talk.local[-1])
        self.authors.update(talk.author[talk.said])
        self._hours.update(_counts(talk.local[talk.said] // HOUR))

    @property
    def busiest(self) -> tuple[int, int]:
        """The local time at which the hour with most messages begins, of equals the first, and their number."""
        hour, most = min(self._hours.items(), key=lambda item: (-item[1], item[0]))
        return hour * HOUR, most


class AuthorNumbers(Numbers):
    """Counts of all that one author wrote."""

    def __init__(self) -> None:
        super().__init__()
        self.author = ""
        self.hours = np.zeros(24, dtype=np.int64)
        self.days: set[int] = set()
        """Local days since 1970."""
        self.emoji: Counter[str] = Counter()
        self.threads: Counter[str] = Counter()
        self.titles: dict[str, str] = {}
        self._lengths: Counter[int] = Counter()

    def add(self, talk: Conversation) -> None:
        if not self.messages:
            self.author = str(talk.author[0])
        super().add(talk)
        self.hours += np.bincount(talk.local // HOUR % 24, minlength=24)
        self.days.update(np.unique(talk.local // DAY).tolist())
        self.emoji.update(_EMOJI.findall("\n".join(talk.text)))
        self._lengths.update(_counts(talk.length[talk.length > 0]))
        for thread, number, title in _threads(talk):
            self.threads[thread] += number
            self.titles.setdefault(thread, title)

    @property
    def typical_length(self) -> int | None:
        """The median of how many characters a text has; None where there is no text."""
        if not self._lengths:
            return None
        lengths = sorted(self._lengths)
        ends = list(accumulate(self._lengths[length] for length in lengths))
        low, high = (lengths[bisect_right(ends, place // 2)] for place in (ends[-1] - 1, ends[-1]))
        return (low + high) // 2


def _counts(values: Any) -> Counter[int]:
    found, numbers = np.unique(values, return_counts=True)
    return Counter(dict(zip(found.tolist(), numbers.tolist(), strict=True)))


def _threads(talk: Conversation) -> Iterator[tuple[str, int, str]]:
    """Yield each thread, how many messages are in it, and its title in the first of them."""
    places, ids = talk.threads
    _, firsts, numbers = np.unique(places, return_index=True, return_counts=True)
    for thread, number, first in zip(ids, numbers.tolist(), firsts, strict=True):
        yield thread, number, talk.thread[first]
