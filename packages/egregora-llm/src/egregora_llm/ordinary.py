"""Which words begin a sentence in a language without being a name; and in which language a text is."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

WORD = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")

_ENDINGS = {
    "english": ("ing", "tion", "tions", "sion", "ness", "ments"),
    "portuguese": ("mente", "ção", "ções"),
    "spanish": ("mente", "ción", "ciones"),
    "italian": ("mente", "zione", "zioni"),
    "german": ("ung", "ungen", "heit", "keit", "schaft", "tion", "tionen", "weise"),
    "french": ("ement", "ements", "tion", "tions"),
    "dutch": ("heid", "ingen", "lijk"),
}
"""Of words that are made of others, and hardly ever names."""
_LONG = 6
"""Letters from which an ending says something."""


@cache
def listed(name: str) -> frozenset[str]:
    """Return a list of `ordinary_words.toml`, in small letters; nothing where there is none."""
    return frozenset(_lists().get(name, "").casefold().split())


@cache
def _lists() -> dict[str, str]:
    found: dict[str, str] = tomllib.loads(files("egregora_llm").joinpath("ordinary_words.toml").read_text("utf-8"))
    return found


@cache
def ordinary_words(language: str) -> frozenset[str]:
    """Return words of a language, in small letters, that hardly anybody is called."""
    return frozenset({*_usual(language), *listed(language)} - listed("names_too"))


def is_ordinary(word: str, languages: Iterable[str]) -> bool:
    """Tell whether a word is known to be a word of one of the languages, or is made as its words are."""
    word = word.casefold().replace("’", "'")
    if word in listed("names_too"):
        return False
    return any(
        word in ordinary_words(language)
        or word.partition("'")[0] in ordinary_words(language)
        or (len(word) >= _LONG and word.endswith(_ENDINGS.get(language, ("\0",))))
        for language in languages
    )


def languages_of(text: str) -> frozenset[str]:
    """Return the language that most of a text's small words are of; several where they are equally likely."""
    words = Counter(word.casefold() for word in WORD.findall(text))
    known = _by_word()
    found: Counter[str] = Counter()
    for word, times in words.items():
        for language in known.get(word, ()):
            found[language] += times
    most = max(found.values(), default=0)
    return frozenset(language for language, times in found.items() if times == most)


@cache
def _by_word() -> dict[str, list[str]]:
    from stop_words import AVAILABLE_LANGUAGES

    found: dict[str, list[str]] = {}
    for language in AVAILABLE_LANGUAGES:
        for word in _usual(language):
            found.setdefault(word, []).append(language)
    return found


def is_usual(word: str, languages: Iterable[str]) -> bool:
    """Tell whether a word is one that no text does without, so that two texts that have it share nothing yet."""
    return any(word.casefold() in (listed(f"{language}_usual") or _usual(language)) for language in languages)


@cache
def _usual(language: str) -> frozenset[str]:
    from stop_words import get_stop_words

    return frozenset(word.casefold().replace("’", "'") for word in get_stop_words(language))
