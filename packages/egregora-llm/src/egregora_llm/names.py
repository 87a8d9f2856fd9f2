"""Names in what a model says: each has to stand in the messages that are cited, or be a word and no name.

A word with a capital inside a sentence is taken for a name. At the beginning of one it may be any word, so there it has
to be known as a word: from the chat, where it is written small, or of the language. German writes its nouns with a
capital: there an article before it tells a thing from a person. A script without capitals tells no names.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from egregora_llm.chat import Message
from egregora_llm.figures import MODAL, tells_date
from egregora_llm.ordinary import WORD, is_ordinary, languages_of, listed

SENTENCE = re.compile(r"(?<=[.!?…:;])\s+|[“”„\"«»()\[\]\n]|\s[-–—]\s")
_NAME = "has a name that the messages it cites do not have"
_MAY_BE_A_NAME = "begins a sentence with a word that may be a name, and that the messages it cites do not have"
_POSSESSIVE = re.compile(r"[’'](?:s|S)?$")
_CALLED = frozenset(["s", "es", "n", "en", "ns", "a", "u", "em", "om", "ie", "y"])
"""What grammar adds to a name."""
_SAME = 4
"""Letters in which two forms of one word agree at least."""
_DECLINED = ("e", "en", "er", "es", "em")
_MARKED = re.compile(rf"·|{WORD.pattern}")
"""Words, and marks where people stood."""
_ADJECTIVES = 2
"""Words that may stand between an article and its noun."""


@dataclass(frozen=True)
class Background:
    """What a whole chat, or a part of it, tells of its words."""

    messages: Sequence[Message]
    languages: frozenset[str]

    @classmethod
    def of(cls, messages: Iterable[Message], told: str, *, same_language: bool = True) -> "Background":
        """Return it, with the language of what is told; `same_language` says that this is the chat's."""
        messages = list(messages)
        text = " ".join(message.text for message in messages) if same_language else ""
        return cls(messages, languages_of(f"{told} {text}"))

    @cached_property
    def people(self) -> list[str]:
        """Those who wrote, the longest name first."""
        return sorted({each.author for each in self.messages if each.author}, key=lambda name: (-len(name), name))

    @cached_property
    def small(self) -> frozenset[str]:
        """Words that somebody wrote without a capital."""
        return frozenset(
            word for message in self.messages for word in WORD.findall(message.text) if word == word.casefold()
        )

    def is_word(self, word: str) -> bool:
        """Tell whether it is a word of the chat, in this form or another, or of its language."""
        word = word.casefold()
        return (
            word in self.small
            or is_ordinary(word, self.languages)
            or any(_same_word(word, other) for other in self.small)
        )


def strangers(text: str, cited: Sequence[Message], background: Background) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the names in a text, and each name: of people who are not in it, and of nobody."""
    said = " ".join(message.text for message in cited)
    held = f"{' '.join(message.author for message in cited)} {said}".casefold()
    for person in background.people:
        found = re.compile(rf"(?<!\w){re.escape(person)}(?!\w)", re.IGNORECASE)
        if person.casefold() not in held and found.search(text):
            yield "tells of a person who is not in the messages that it cites", person
        text = found.sub(" · ", text)  # what stands beside it does not stand beside each other
    names = {*map(_plain, WORD.findall(said))}
    parts = {part.casefold() for message in cited for part in WORD.findall(message.author)}
    headline = "german" not in background.languages and _is_headline(text)
    for sentence in SENTENCE.split(text):
        words = _MARKED.findall(sentence)
        for place, word in enumerate(words):
            if not _is_strange(words, place, background, headline=headline):
                continue
            plain = _plain(word)
            if any(plain == name or (plain.startswith(name) and plain[len(name) :] in _CALLED) for name in names):
                continue
            if plain in parts and not _beside_a_capital(words, place):
                continue
            yield (_NAME if place else _MAY_BE_A_NAME), word


def _is_headline(text: str) -> bool:
    """Tell whether most of the longer words begin with a capital, as in English titles."""
    inside = [word for word in WORD.findall(text)[1:] if len(word) >= _SAME]
    return len(inside) > 1 and sum(word[0].isupper() for word in inside) * 2 > len(inside)


def _is_strange(words: Sequence[str], place: int, background: Background, *, headline: bool) -> bool:
    """Tell whether a word is written as a name is, and known for no other word."""
    word = words[place]
    small = word == word.casefold() or len(word) == 1 or word.startswith(("I'", "I’"))
    if small or word.casefold() in listed("shorthand") or (tells_date(word) and word != MODAL):
        return False
    if headline or not place or word.isupper():  # a capital tells nothing there: a word of the chat, or a name
        return not background.is_word(word)
    if "german" in background.languages:
        return not (_has_article(words, place) or background.is_word(word) or _is_made_of(word, background))
    return not any(_same_word(word.casefold(), other) for other in background.small)


def _beside_a_capital(words: Sequence[str], place: int) -> bool:
    around = [words[other] for other in (place - 1, place + 1) if 0 <= other < len(words)]
    return any(word != word.casefold() for word in around)


def _has_article(words: Sequence[str], place: int) -> bool:
    """Tell whether an article, or what stands in place of one, comes before a noun, adjectives in between or not."""
    for before in reversed(words[max(0, place - 1 - _ADJECTIVES) : place]):
        if before.casefold() in listed("german_articles"):
            return True
        if not (before == before.casefold() and before.endswith(_DECLINED)):
            return False
    return False


def _is_made_of(word: str, background: Background) -> bool:
    """Tell whether a long word ends with a noun of the chat: *Gemüsesuppe* where there was soup."""
    word = word.casefold()
    nouns = {each.casefold() for message in background.messages for each in WORD.findall(message.text)}
    return any(len(noun) >= _SAME and word != noun and word.endswith(noun) for noun in nouns)


def _plain(word: str) -> str:
    return _POSSESSIVE.sub("", word.casefold())


def _same_word(word: str, other: str) -> bool:
    """Tell whether two words, in small letters, look like forms of one: *planning* and *plan*, *decided*, *decide*."""
    word, other = _plain(word), _plain(other)
    if word == other:
        return True
    if len(other) >= _SAME and word.startswith(other):
        return True
    if len(word) > _SAME and other.startswith(word):
        return True
    common = 0
    for one, two in zip(word, other, strict=False):
        if one != two:
            break
        common += 1
    return common >= max(_SAME + 1, len(word) - 2)
