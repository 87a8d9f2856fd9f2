"""What a model answers with, and whether it may be believed: each claim has to rest on messages that hold it.

A number that exists is not support yet. So what can be checked cheaply is: figures, dates, quotations, links, people and
other names that a claim tells have to stand in the messages that it cites, and so has at least one of its longer words.
"""

import re
from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict, Field

from egregora_llm.chat import Message
from egregora_llm.figures import figures
from egregora_llm.names import Background, strangers
from egregora_llm.ordinary import WORD, is_usual

_NUMBER = re.compile(r"\d+")
_STEM = 5
_LONG = 4


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
    said = " ".join([told.title, *(claim.text for claim in told.claims)])
    background = Background.of(everything, said, same_language=same_language)
    for number, claim in enumerate(told.claims, 1):
        cited = [messages[each] for each in claim.messages]
        if what := unsupported(claim.text, cited, background, same_language=same_language):
            found.append(f"claim {number} {what}")
    if what := _misnamed(told.title, everything, background, same_language=same_language):
        found.append(f"the title {what}")
    return found


def _cites(claim: Claim, messages: Mapping[int, Message]) -> str:
    if not claim.messages:
        return "cites no message"
    if wrong := [number for number in claim.messages if number not in messages]:
        return f"cites message {wrong[0]}, which is not there"
    return ""


def unsupported(text: str, cited: Sequence[Message], background: Background, *, same_language: bool = True) -> str:
    """Return what a claim tells that the messages it cites do not hold; empty where nothing was found."""
    if what := _misnamed(text, cited, background, same_language=same_language):
        return what
    if same_language and not _shares_words(text, cited, background):
        return "shares no word with the messages that it cites"
    return ""


def _misnamed(text: str, cited: Sequence[Message], background: Background, *, same_language: bool) -> str:
    wrong = figures(text, cited, quotes=same_language, languages=background.languages)
    return next(wrong, "") or next(strangers(text, cited, background), "")


def _shares_words(text: str, cited: Sequence[Message], background: Background) -> bool:
    held = " ".join(f"{message.author} {message.text}" for message in cited)
    stems = _stems(text, background.languages)
    if not stems and not _stems(text, frozenset()):  # a script without spaces, or very short words: letters have to do
        return bool({*text.casefold()} & {*held.casefold()} - {*" .,;:!?"})
    if {*_NUMBER.findall(text)} & {*_NUMBER.findall(held)}:
        return True
    return bool(stems & {word.casefold()[:_STEM] for word in WORD.findall(held)})


def share_of_words(text: str, cited: Sequence[Message]) -> float:
    """Return which share of a claim's longer words, by their beginnings, stand in the messages that it cites."""
    stems = _stems(text, frozenset())
    held = {word.casefold()[:_STEM] for message in cited for word in WORD.findall(f"{message.author} {message.text}")}
    return len(stems & held) / len(stems) if stems else 1.0


def _stems(text: str, languages: frozenset[str]) -> set[str]:
    """Return the beginnings of a text's longer words, but for those that stand in any text."""
    words = [word for word in WORD.findall(text) if len(word) >= _LONG]
    return {word.casefold()[:_STEM] for word in words if not is_usual(word, languages)}
