"""Does a text name somebody? For texts that are not made of masked messages alone, such as what a model writes.

A word that the messages themselves still hold after privacy, or that every calendar holds, names nobody for sure.
"""

import re
from collections.abc import Callable, Iterable
from functools import cache

from egregora_core.privacy._names import WORD_ROLES, KnownName

_WORD = re.compile(r"[^\W\d_]+")
_SHORTEST = 3
"""Letters; shorter words of a name are initials and particles."""
_CALENDARS = ("de", "en", "es", "fr", "it", "nl", "pt")

NameFinder = Callable[[str, Iterable[str]], bool]
"""Given a text, and what may be said in it in as many parts as one likes, tells whether the text names somebody."""


def name_finder(known: Iterable[KnownName]) -> NameFinder:
    """Return what tells whether a text names one of `known`: a name in any case, or a word of one with its capital.

    Words that stand in a pseudonym, and ordinary words of the chats, do not count by themselves.
    """
    known = list(known)
    ordinary = {entry.name.casefold() for entry in known if entry.role in WORD_ROLES} | _calendar()
    ordinary |= {word.casefold() for entry in known for word in _WORD.findall(entry.pseudonym or "")}
    whole: dict[str, set[tuple[str, ...]]] = {}
    single: set[str] = set()
    for entry in known:
        words = _WORD.findall(entry.name)
        if entry.role in WORD_ROLES or not words:
            continue
        if len(words) > 1:
            whole.setdefault(words[0].casefold(), set()).add(tuple(word.casefold() for word in words))
        if entry.role != "title" or len(words) == 1:
            single |= {w for w in words if len(w) >= _SHORTEST and w[0].isupper() and w.casefold() not in ordinary}

    def names_somebody(text: str, said: Iterable[str]) -> bool:
        words = _WORD.findall(text)
        folded = [word.casefold() for word in words]
        for place, word in enumerate(folded):
            if any(tuple(folded[place : place + len(name)]) == name for name in whole.get(word, ())):
                return True
        found = single.intersection(words)
        for part in said if found else ():
            found = found.difference(_WORD.findall(part))
            if not found:
                break
        return bool(found)

    return names_somebody


@cache
def _calendar() -> frozenset[str]:
    """Return the names of months and days of the week: whoever writes a date writes them."""
    from babel import Locale

    found: set[str] = set()
    for language in _CALENDARS:
        locale = Locale(language)
        for names in (locale.months, locale.days):
            for form in names["format"].values():
                found |= {word.casefold() for name in form.values() for word in _WORD.findall(name)}
    return frozenset(found)
