"""The words that pseudonyms are made of, by language: a file each, which who speaks it can read and correct.

A language names its adjectives by the gender of the noun (`m`, `f`, `n`; aligned), or as a stem and an ending for each.
"""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, Literal

LANGUAGES = ("de", "en", "es", "pt")
Kind = Literal["people", "chats"]
"""People are called after animals, chats after places: nobody takes the one for the other."""


@cache
def pairs(language: str, kind: Kind) -> tuple[str, ...]:
    """Return every pseudonym of two words of a language, in a fixed order."""
    content = tomllib.loads((files(__name__) / f"{language}.toml").read_text(encoding="utf-8"))
    first, second = (0, 1) if content["order"] == "adjective noun" else (1, 0)
    return tuple(
        f"{pair[first]} {pair[second]}"
        for gender, nouns in content[kind].items()
        for noun in nouns.split()
        for pair in ((adjective, noun) for adjective in _adjectives(content["adjectives"], gender))
    )


def _adjectives(forms: dict[str, Any], gender: str) -> list[str]:
    if "stem" in forms:
        return [stem + forms[gender] for stem in forms["stem"].split()]
    return [str(form) for form in forms[gender].split()]


@cache
def two_words() -> str:
    """Return a regular expression, RE2's and Python's, for the two words of any pseudonym in any language."""
    found = [pair.split(" ") for language in LANGUAGES for kind in _KINDS for pair in pairs(language, kind)]
    first, second = (sorted({pair[place] for pair in found}, key=lambda word: (-len(word), word)) for place in (0, 1))
    return f"(?:{'|'.join(first)}) (?:{'|'.join(second)})"


_KINDS: tuple[Kind, ...] = ("people", "chats")
