"""The words that pseudonyms are made of, by language: a file each, which who speaks it can read and correct.

A language names its adjectives by the gender of the noun (`m`, `f`, `n`; aligned), or as a stem and an ending for each.
"""

import re
import tomllib
from functools import cache
from importlib.resources import files
from itertools import product
from typing import Any, Literal, NamedTuple

LANGUAGES = ("de", "en", "es", "pt")
Kind = Literal["people", "chats"]
"""People are called after animals, chats after places: nobody takes the one for the other."""


class Words(NamedTuple):
    """What the pseudonyms of one language and kind are made of: any adjective with any noun of its gender."""

    noun_first: bool
    by_gender: tuple[tuple[list[str], list[str]], ...]
    """Adjectives and nouns, in a fixed order."""


@cache
def words_of(language: str, kind: Kind) -> Words:
    """Return the words of a language's pseudonyms."""
    content = tomllib.loads((files(__name__) / f"{language}.toml").read_text(encoding="utf-8"))
    return Words(
        content["order"] != "adjective noun",
        tuple((_adjectives(content["adjectives"], gender), nouns.split()) for gender, nouns in content[kind].items()),
    )


def _adjectives(forms: dict[str, Any], gender: str) -> list[str]:
    if "stem" in forms:
        return [stem + forms[gender] for stem in forms["stem"].split()]
    return [str(form) for form in forms[gender].split()]


@cache
def two_words() -> str:
    """Return a regular expression, RE2's and Python's, for the two words of any pseudonym in any language."""
    first, second = ("|".join(sorted(words, key=lambda word: (-len(word), word))) for words in _by_place())
    return f"(?:{first}) (?:{second})"


def without_two_words(text: str) -> str:
    """Return a text with a blank for the two words of each pseudonym.

    To compile `two_words` takes longer than to read a day of messages.
    """
    first, second = _by_place()
    kept, start, place = [], 0, 0
    while (pair := _PAIR.search(text, place)) is not None:
        place = pair.end(1)
        if pair[1] in first and pair[2] in second:
            kept.append(text[start : pair.start()])
            start = place = pair.end()
    return " ".join([*kept, text[start:]])


_PAIR = re.compile(r"\b([^\W\d_a-zß-öø-ÿ]\w*) (\w+)")
"""A word that may begin with a capital, and the next one."""


@cache
def _by_place() -> tuple[frozenset[str], frozenset[str]]:
    """Return all first words of pseudonyms, and all second ones."""
    places: tuple[set[str], set[str]] = (set(), set())
    for language, kind in product(LANGUAGES, _KINDS):
        noun_first, by_gender = words_of(language, kind)
        for adjectives, nouns in by_gender:
            places[noun_first].update(adjectives)
            places[not noun_first].update(nouns)
    first, second = map(frozenset, places)
    return first, second


_KINDS: tuple[Kind, ...] = ("people", "chats")
