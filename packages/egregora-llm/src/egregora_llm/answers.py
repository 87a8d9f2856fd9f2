"""What a model answers with, and whether it may be believed: each claim has to rest on messages that hold it.

A number that exists is not support yet. So what can be checked cheaply is: numbers, people and other names that a claim
tells have to stand in the messages that it cites, and so has at least one of its longer words.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

from pydantic import BaseModel, ConfigDict, Field

from egregora_llm.chat import Message

_WORD = re.compile(r"[^\W\d_]+(?:[’'][^\W\d_]+)?")
_NUMBER = re.compile(r"\d+")
_SENTENCE = re.compile(r"(?<=[.!?…:;])\s+|[“”\"«»(]")
_CALENDARS = ("de", "en", "es", "fr", "it", "nl", "pt", "pl", "sv", "tr")
_STEM = 5
_LONG = 4
_NOUNS_TOO = 0.15
"""Where so many of the words inside sentences begin with a capital, the language writes nouns so."""
_CERTAIN = 30
"""Words inside sentences from which that share says something."""


class Claim(BaseModel):
    """One to three sentences, and the numbers of the messages that they rest on."""

    model_config = ConfigDict(extra="ignore")

    text: str = Field(min_length=1, max_length=2000)
    messages: list[int] = Field(max_length=200)


class Told(BaseModel):
    """A title, and claims in the order in which things happened."""

    model_config = ConfigDict(extra="ignore")

    title: str = Field(min_length=1, max_length=200)
    claims: list[Claim] = Field(min_length=1, max_length=100)


class Preferred(BaseModel):
    """Which of two texts is better, and why."""

    model_config = ConfigDict(extra="ignore")

    why: str = Field(max_length=2000)
    better: str = Field(pattern="^(first|second|tie)$")


def doubts(told: Told, messages: Mapping[int, Message], *, same_language: bool) -> list[str]:
    """Return what is wrong with an answer, in words for the model, which has seen all of it; empty where nothing is."""
    found = [
        f"claim {number} {what}" for number, claim in enumerate(told.claims, 1) if (what := _cites(claim, messages))
    ]
    if found:
        return found
    everything = list(messages.values())
    capitals = writes_nouns_so(everything)
    for number, claim in enumerate(told.claims, 1):
        cited = [messages[each] for each in claim.messages]
        if what := unsupported(claim.text, cited, everything, same_language=same_language, capitals=capitals):
            found.append(f"claim {number} {what}")
    if not _is_title_case(told.title):
        found += [f"the title {what}" for what in _strangers(told.title, everything, everything, capitals=capitals)]
    return found


def _cites(claim: Claim, messages: Mapping[int, Message]) -> str:
    if not claim.messages:
        return "cites no message"
    if wrong := [number for number in claim.messages if number not in messages]:
        return f"cites message {wrong[0]}, which is not there"
    return ""


def unsupported(
    text: str,
    cited: Sequence[Message],
    everything: Sequence[Message],
    *,
    same_language: bool = True,
    capitals: bool = False,
) -> str:
    """Return what a claim tells that the messages it cites do not hold; empty where nothing was found."""
    held = " ".join(f"{message.local:%Y-%m-%d %d %m %H:%M} {message.author} {message.text}" for message in cited)
    numbers = {number.lstrip("0") for number in _NUMBER.findall(held)} | {str(len(cited)), ""}
    if any(number.lstrip("0") not in numbers for number in _NUMBER.findall(text)):
        return "tells a number that the messages it cites do not hold"
    if what := next(_strangers(text, cited, everything, capitals=capitals), None):
        return what
    if same_language and not _shares_words(text, held):
        return "shares no word with the messages that it cites"
    return ""


def _strangers(text: str, cited: Sequence[Message], everything: Sequence[Message], *, capitals: bool) -> Iterator[str]:
    """Yield what is wrong with the names in a text: of people who are not in it, and of nobody at all."""
    held = " ".join(f"{message.author} {message.text}" for message in cited)
    for author in sorted({message.author for message in everything if message.author}):
        if author in text and author not in held:
            yield "tells of a person who is not in the messages that it cites"
    for author in {message.author for message in everything if message.author}:
        text = text.replace(author, " ")
    known = {word.casefold() for message in everything for word in _WORD.findall(f"{message.author} {message.text}")}
    known |= _calendar()
    for sentence in _SENTENCE.split(text):
        words = _WORD.findall(sentence)
        strange = [place for place, word in enumerate(words) if word[0].isupper() and word.casefold() not in known]
        if any(place and not words[place].isupper() for place in strange) and not capitals:
            yield "has a name, or a word written like one, that no message has"
        if any(place + 1 in strange for place in strange):
            yield "has a name that no message has"


def writes_nouns_so(messages: Iterable[Message]) -> bool:
    """Tell whether a chat's language begins nouns with a capital, as German does: a capital is no name then."""
    inside = [
        word
        for message in messages
        for sentence in _SENTENCE.split(message.text)
        for word in _WORD.findall(sentence)[1:]
    ]
    return len(inside) >= _CERTAIN and sum(word[0].isupper() for word in inside) > _NOUNS_TOO * len(inside)


@cache
def _calendar() -> frozenset[str]:
    """Return the names of months and days of the week: whoever tells a date writes them."""
    from babel import Locale

    found: set[str] = set()
    for language in _CALENDARS:
        locale = Locale(language)
        for names in (locale.months, locale.days):
            found |= {word.casefold() for name in names["format"]["wide"].values() for word in _WORD.findall(name)}
    return frozenset(found)


def _is_title_case(text: str) -> bool:
    """Tell whether most of the longer words begin with a capital, as in an English headline."""
    inside = [word for word in _WORD.findall(text)[1:] if len(word) >= _LONG]
    return len(inside) > 1 and sum(word[0].isupper() for word in inside) * 2 > len(inside)


def _shares_words(text: str, held: str) -> bool:
    stems = _stems(text)
    if not stems:  # a script without spaces, or very short words: letters have to do
        return bool({*text.casefold()} & {*held.casefold()} - {*" .,;:!?"})
    return bool(stems & {word.casefold()[:_STEM] for word in _WORD.findall(held)})


def share_of_words(text: str, cited: Sequence[Message]) -> float:
    """Return which share of a claim's longer words, by their beginnings, stand in the messages that it cites."""
    stems = _stems(text)
    held = {word.casefold()[:_STEM] for message in cited for word in _WORD.findall(f"{message.author} {message.text}")}
    return len(stems & held) / len(stems) if stems else 1.0


def _stems(text: str) -> set[str]:
    return {word.casefold()[:_STEM] for word in _WORD.findall(text) if len(word) >= _LONG}
