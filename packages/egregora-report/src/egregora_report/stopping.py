"""Which words say nothing: those that everybody uses in the languages that these chats are written in."""

from collections.abc import Sequence

from egregora_report.facts import Facts
from egregora_report.words import common_words, languages

_SHARE = 0.12
"""A language is spoken here where so many of all words are its common ones …"""
_OF_BEST = 0.6
"""… and not far fewer than of the language that has most: many have some words in common."""


def common_words_of(facts: Facts, chosen: Sequence[str] = ()) -> list[str]:
    """Return the common words of the chosen languages, else of those that the words tell."""
    known = {name: common_words(name) for name in chosen or languages()}
    if chosen:
        return sorted(frozenset().union(*known.values()))
    facts.insert("report_stop", "language VARCHAR, word VARCHAR", [(k, w) for k in known for w in sorted(known[k])])
    shares = facts.rows(
        "SELECT language, sum(n) / (SELECT sum(n) FROM report_vocabulary) AS share FROM report_vocabulary "
        "JOIN report_stop USING (word) GROUP BY language ORDER BY share DESC, language"
    )
    spoken = [name for name, share in shares if share >= _SHARE and share >= _OF_BEST * shares[0][1]]
    return sorted(frozenset().union(*(known[name] for name in spoken)))
