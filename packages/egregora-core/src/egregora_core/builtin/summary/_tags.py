"""Tags of a window: its hashtags, then the words that it was about for a while.

Nothing here knows a language. A word that carries a topic comes in clusters, where the talk is about it; an ordinary
word is spread over the whole, whatever the language. A short window has no room for either, and so mostly no tags.
"""

import re
from collections import Counter

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from egregora_core.builtin._markdown_text import SEPARATOR
from egregora_core.builtin.summary._conversation import Conversation, Integers
from egregora_core.people import any_pseudonym

_HASHTAG = re.compile(r"(?<!\w)#([^\W\d_]\w{1,29})")
_NO_WORD = re.compile(r"https?://\S+|(?<!\S)[^\s@]+@\S+|\[[\w -]+\]")
_TOKEN = re.compile(rf"[^\W\d_]+|{SEPARATOR}")
_LENGTHS = range(5, 25)
_LEAST_AUTHORS = 2
_LEAST_USES = 3
_LEAST_CLUSTERING = 3.0
"""Standard deviations from where words fall by chance."""


def tags_of(talk: Conversation, limit: int) -> list[str]:
    """Return at most `limit` tags: hashtags by use, then words by how much they cluster."""
    if not limit:
        return []
    joined = _without_pseudonyms(SEPARATOR.join(talk.text[talk.said]))
    hashtags = Counter(tag.casefold() for tag in _HASHTAG.findall(joined))
    ranked = [tag for tag, _ in sorted(hashtags.items(), key=lambda item: (-item[1], item[0]))]
    _, authors = np.unique(talk.author[talk.said], return_inverse=True)
    return list(dict.fromkeys([*ranked, *_topics(_NO_WORD.sub(" ", joined).casefold(), authors)]))[:limit]


def _without_pseudonyms(text: str) -> str:
    """Return a text without the names of people and chats, which are no topics; RE2 is quick at thousands of words."""
    return str(pc.replace_substring_regex(pa.scalar(text, pa.large_string()), any_pseudonym(), " ").as_py())


def _topics(joined: str, authors: Integers) -> list[str]:
    """Return the words that cluster and that several people used, most clustered first."""
    tokens = pa.array(_TOKEN.findall(joined), pa.string()).dictionary_encode()
    names = tokens.dictionary.to_pylist()
    codes = tokens.indices.to_numpy()
    is_break = codes == (names.index(SEPARATOR) if SEPARATOR in names else -1)
    words = codes[~is_break]
    writers = authors[np.cumsum(is_break)[~is_break]]
    uses = np.bincount(words, minlength=len(names))
    pairs = np.unique(words.astype(np.int64) * (int(authors.max()) + 1) + writers)
    users = np.bincount(pairs // (int(authors.max()) + 1), minlength=len(names))
    score = np.where((uses >= _LEAST_USES) & (users >= _LEAST_AUTHORS), clustering(words, len(names)), 0)
    found = [
        (-float(score[code]), names[code])
        for code in np.flatnonzero(score >= _LEAST_CLUSTERING)
        if len(names[code]) in _LENGTHS
    ]
    return [name for _, name in sorted(found)]


def clustering(words: Integers, kinds: int) -> npt.NDArray[np.float64]:
    """Return for each of `kinds` words how much its places in a text cluster: the measure C of Carpena et al.

    `words` is the text, a code for each word. C is 0 for a word that falls as by chance, in standard deviations,
    however often it is used (Phys. Rev. E 79, 035102, 2009, equations 1 to 4; the ends of the text count as places).
    """
    total = len(words)
    order = np.argsort(words, kind="stable")
    uses = np.bincount(words, minlength=kinds)
    gaps = np.diff(order, prepend=-1)
    firsts = (np.cumsum(uses) - uses)[uses > 0]
    gaps[firsts] = order[firsts] + 1
    lasts = np.zeros(kinds)
    lasts[uses > 0] = total - order[(np.cumsum(uses) - 1)[uses > 0]]
    squares = np.bincount(words[order], weights=gaps.astype(float) ** 2, minlength=kinds) + lasts**2
    mean = (total + 1) / (uses + 1)
    spread = np.sqrt(np.maximum(squares / (uses + 1) - mean**2, 0)) / mean
    share = np.minimum(uses / max(total, 1), 1 - 1e-9)
    n = np.maximum(uses, 1)
    by_chance, deviation = (2 * n - 1) / (2 * n + 2), 1 / (np.sqrt(n) * (1 + 2.8 * n**-0.865))
    return np.asarray((spread / np.sqrt(1 - share) - by_chance) / deviation)
