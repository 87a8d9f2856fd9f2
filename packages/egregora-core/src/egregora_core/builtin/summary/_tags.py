"""Tags of a window: its hashtags, then the words that it was about for a while.

Nothing here knows a language. A word that carries a topic comes in clusters, where the talk is about it; an ordinary
word is spread over the whole, whatever the language. A short window has no room for either, and so mostly no tags.
What is held of a window grows with how many words there are, not with how often they are used.
"""

import re
from collections import Counter

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from egregora_core.builtin._markdown_text import SEPARATOR
from egregora_core.builtin.summary._conversation import Conversation, Integers
from egregora_core.people import without_pseudonyms

_HASHTAG = re.compile(r"(?<!\w)#([^\W\d_]\w{1,29})")
_NO_WORD = re.compile(r"https?://\S+|(?<!\S)[^\s@]+@\S+|\[[\w -]+\]")
_TOKEN = re.compile(rf"[^\W\d_]+|{SEPARATOR}")
_LENGTHS = range(5, 25)
_LEAST_USES = 3
_LEAST_CLUSTERING = 3.0
"""Standard deviations from where words fall by chance."""


class Tags:
    """What is known of the words of a window, after those of its parts that were added."""

    def __init__(self) -> None:
        self._hashtags: Counter[str] = Counter()
        self._codes: dict[str, int] = {}
        self._authors: dict[str, int] = {}
        self._falls = Falls()
        self._first = np.zeros(0, dtype=np.int64)
        """By word, the first author who used it."""
        self._shared = np.zeros(0, dtype=bool)
        """By word, whether another author did, too."""

    def add(self, talk: Conversation) -> None:
        said = talk.text[talk.said]
        if not len(said):
            return
        joined = without_pseudonyms(SEPARATOR.join(said))
        self._hashtags.update(tag.casefold() for tag in _HASHTAG.findall(joined))
        names, places = np.unique(talk.author[talk.said], return_inverse=True)
        authors = np.array([self._authors.setdefault(name, len(self._authors)) for name in names])[places]
        self._add_words(_NO_WORD.sub(" ", joined).casefold(), authors)

    def found(self, limit: int) -> list[str]:
        """Return at most `limit` tags: hashtags by use, then words by how much they cluster."""
        ranked = [tag for tag, _ in sorted(self._hashtags.items(), key=lambda item: (-item[1], item[0]))]
        return list(dict.fromkeys([*ranked, *self._topics()]))[:limit]

    def _add_words(self, joined: str, authors: Integers) -> None:
        tokens = pa.array(_TOKEN.findall(joined), pa.string()).dictionary_encode()
        names = tokens.dictionary.to_pylist()
        codes = tokens.indices.to_numpy()
        is_break = codes == (names.index(SEPARATOR) if SEPARATOR in names else -1)
        known = [self._codes.setdefault(name, len(self._codes)) if len(name) in _LENGTHS else -1 for name in names]
        words = np.array(known, dtype=np.int64)[codes[~is_break]]
        self._falls.add(words, len(self._codes))
        self._add_users(words, authors[np.cumsum(is_break)[~is_break]])

    def _add_users(self, words: Integers, writers: Integers) -> None:
        words, writers = words[words >= 0], writers[words >= 0]
        more = len(self._codes) - len(self._first)
        self._first = np.concatenate((self._first, np.full(more, -1)))
        self._shared = np.concatenate((self._shared, np.zeros(more, dtype=bool)))
        used, places = np.unique(words, return_index=True)
        new = self._first[used] < 0
        self._first[used[new]] = writers[places[new]]
        self._shared[words[writers != self._first[words]]] = True

    def _topics(self) -> list[str]:
        """Return the words that cluster and that several people used, most clustered first."""
        score = np.where((self._falls.uses >= _LEAST_USES) & self._shared, self._falls.clustering(), 0)
        return [
            name
            for _, name in sorted(
                (-float(score[c]), n) for n, c in self._codes.items() if score[c] >= _LEAST_CLUSTERING
            )
        ]


class Falls:
    """Where words fall in a text that is read part by part."""

    def __init__(self) -> None:
        self.uses = np.zeros(0, dtype=np.int64)
        self._last = np.zeros(0, dtype=np.int64)
        self._squares = np.zeros(0, dtype=np.int64)
        """Of the gaps between uses, the first of which begins before the text."""
        self._total = 0

    def add(self, words: Integers, kinds: int) -> None:
        """Add what follows, a code for each word, of now `kinds`; a word whose code is -1 only takes a place."""
        more = kinds - len(self.uses)
        self.uses = np.concatenate((self.uses, np.zeros(more, dtype=np.int64)))
        self._squares = np.concatenate((self._squares, np.zeros(more, dtype=np.int64)))
        self._last = np.concatenate((self._last, np.full(more, -1)))
        places = np.flatnonzero(words >= 0)
        places = places[np.argsort(words[places], kind="stable")]
        if len(places):
            self._add_sorted(words[places], places + self._total)
        self._total += len(words)

    def _add_sorted(self, words: Integers, places: Integers) -> None:
        firsts = np.flatnonzero(np.concatenate(([True], words[1:] != words[:-1])))
        used = words[firsts]
        before = np.concatenate(([0], places[:-1]))
        before[firsts] = self._last[used]
        self._squares[used] += np.add.reduceat((places - before) ** 2, firsts)
        self.uses[used] += np.diff(firsts, append=len(words))
        self._last[used] = places[np.concatenate((firsts[1:], [len(words)])) - 1]

    def clustering(self) -> npt.NDArray[np.float64]:
        """Return for each word how much its places in the text cluster: the measure C of Carpena et al.

        C is 0 for a word that falls as by chance, in standard deviations, however often it is used
        (Phys. Rev. E 79, 035102, 2009, equations 1 to 4; the ends of the text count as places).
        """
        total, uses = self._total, self.uses
        squares = self._squares + np.where(uses > 0, total - self._last, 0) ** 2
        mean = (total + 1) / (uses + 1)
        spread = np.sqrt(np.maximum(squares / (uses + 1) - mean**2, 0)) / mean
        share = np.minimum(uses / max(total, 1), 1 - 1e-9)
        n = np.maximum(uses, 1)
        by_chance, deviation = (2 * n - 1) / (2 * n + 2), 1 / (np.sqrt(n) * (1 + 2.8 * n**-0.865))
        return np.asarray((spread / np.sqrt(1 - share) - by_chance) / deviation)


def clustering(words: Integers, kinds: int) -> npt.NDArray[np.float64]:
    """Return for each of `kinds` words how much it clusters in a text, which is a code for each word."""
    falls = Falls()
    falls.add(words, kinds)
    return falls.clustering()
