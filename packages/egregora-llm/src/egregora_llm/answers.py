"""What a model answers with, and whether it may be believed: each claim has to rest on messages that hold it.

A number that exists is not support yet. So what can be checked cheaply is: figures, dates, quotations, links, people
and other names that a claim tells have to stand in the messages that it cites, and so has one of its longer words.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Doubt:
    """What is wrong with an answer."""

    where: str
    what: str
    word: str = ""
    """The model's own, for the model alone."""

    @property
    def for_model(self) -> str:
        return f"{self.where} {self.what}" + (f": {self.word}" if self.word else "")

    @property
    def for_record(self) -> str:
        """The same, without a word of the model."""
        place = "a claim" if self.where.startswith("claim") else self.where
        what = "cites a message that is not there" if self.what.startswith("cites message") else self.what
        return f"{place} of the model {what}"


def doubts(told: Told, messages: Mapping[int, Message], *, same_language: bool) -> list[Doubt]:
    """Return what is wrong with an answer; empty where nothing is."""
    claims = [(f"claim {number}", claim) for number, claim in enumerate(told.claims, 1)]
    if found := [Doubt(where, what) for where, claim in claims if (what := _cites(claim, messages))]:
        return found
    everything = list(messages.values())
    said = " ".join([told.title, *(claim.text for claim in told.claims)])
    background = Background.of(everything, said, same_language=same_language)
    texts = [(where, claim.text, [messages[each] for each in claim.messages]) for where, claim in claims]
    for where, text, cited in texts:
        if wrong := unsupported(text, cited, background, same_language=same_language):
            found.append(Doubt(where, *wrong))
    if wrong := _misnamed(told.title, everything, background, same_language=same_language):
        found.append(Doubt("the title", *wrong))
    return found


def _cites(claim: Claim, messages: Mapping[int, Message]) -> str:
    if not claim.messages:
        return "cites no message"
    if wrong := [number for number in claim.messages if number not in messages]:
        return f"cites message {wrong[0]}, which is not there"
    return ""


def unsupported(
    text: str, cited: Sequence[Message], background: Background, *, same_language: bool = True
) -> tuple[str, str] | None:
    """Return what a claim tells that the messages it cites do not hold, and in which word; None if that is nothing."""
    if wrong := _misnamed(text, cited, background, same_language=same_language):
        return wrong
    if same_language and not _shares_words(text, cited, background):
        return "shares no word with the messages that it cites", ""
    return None


def _misnamed(
    text: str, cited: Sequence[Message], background: Background, *, same_language: bool
) -> tuple[str, str] | None:
    if wrong := next(figures(text, cited, quotes=same_language, languages=background.languages), ""):
        return wrong, ""
    return next(strangers(text, cited, background), None)


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
