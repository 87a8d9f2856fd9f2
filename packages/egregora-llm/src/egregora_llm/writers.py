"""The two writers: a post of a window, and a profile of an author, every claim of which rests on messages."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from string import Template
from typing import Any

from egregora_core.plugin import Document, Kept, Spent, StageError, Unit

from egregora_llm.answers import Told, doubts
from egregora_llm.asking import Desk, Question
from egregora_llm.chat import Message, as_data, messages_of, split, tokens_of, transcript
from egregora_llm.faults import TooLargeError
from egregora_llm.settings import LlmSettings, settings_of
from egregora_llm.spending import meter

_LANGUAGE = "the language that most of the messages are written in"
_URL = re.compile(r"(?:https?://|www\.)\S+")
_SIGNS = re.compile(r"([\\`*_\[\]{}#|~!&<>])")
_STARTS = re.compile(r"^([-+=>]|\d+(?=[.)]))")
_SMALLEST = 200
"""Tokens: where not even so much fits, the server cannot be used."""
_QUOTED = 200
"""Characters of a cited message that a page shows."""
Prompts = tuple[str, str]
"""Instructions to write, and to merge."""


def write_post(
    unit: Unit, *, prompt: str, merging: str, kept: Mapping[str, str], **settings: Any
) -> Iterator[Document | Spent | Kept]:
    """Yield one post about a window; none where nobody wrote a word in it."""
    found = settings_of(settings)
    messages = messages_of(unit)
    if not any(message.author for message in messages):
        return
    desk = Desk(found, meter(), kept)
    yield from _written(desk, messages, (prompt, merging), lambda told: _post(unit, told, messages, found))


def write_profile(
    unit: Unit, *, prompt: str, merging: str, kept: Mapping[str, str], **settings: Any
) -> Iterator[Document | Spent | Kept]:
    """Yield one profile of an author, from what this author wrote alone; none where that is no word."""
    found = settings_of(settings)
    messages = messages_of(unit)
    if not messages:
        return
    desk = Desk(found, meter(), kept)
    yield from _written(desk, messages, (prompt, merging), lambda told: _profile(unit, told, messages, found))


def _written(desk: Desk, messages: Sequence[Message], prompts: Prompts, document: Any) -> Iterator[Any]:
    """Yield what became of a unit; what was used is told, and what was bought kept, also where it failed."""
    try:
        told = tell(desk, messages, prompts)
    except Exception:
        yield from desk.bill.spent()
        yield from desk.to_keep()
        raise
    yield from desk.bill.spent()
    yield from desk.to_keep()
    yield document(told)


# --- one text of any number of messages ---------------------------------------------------------------------------


def tell(desk: Desk, messages: Sequence[Message], prompts: Prompts) -> Told:
    """Return what is told of messages, in parts where they are more than the model reads at once."""
    instructions, merging = (_filled(each, desk.settings) for each in prompts)
    room = room_for(desk.settings, instructions)
    numbered = {message.number: message for message in messages}
    while True:
        try:
            parts = split(messages, room)
            drafts = [_draft(desk, instructions, part) for part in parts]
            while len(drafts) > 1:
                drafts = _merged(desk, merging, drafts, numbered)
            return drafts[0]
        except TooLargeError:
            room //= 2  # the server reads less than the settings say
            if room < _SMALLEST:
                raise StageError(  # tried again by the next run: no setting tells what the server reads by then
                    "the model's server reads less at once than [llm] context_tokens says: set it lower, or let the "
                    "server read more"
                ) from None


def room_for(settings: LlmSettings, instructions: str) -> int:
    """Return how many tokens of messages a prompt has room for, when what did not hold is answered in it, too."""
    again = min(settings.attempts - 1, 1) * settings.answer_tokens
    room = settings.context_tokens - settings.answer_tokens - again - tokens_of(instructions) - 500
    return max(room, _SMALLEST)


def _filled(prompt: str, settings: LlmSettings) -> str:
    return Template(prompt).safe_substitute(
        language=settings.language or _LANGUAGE, tone=settings.tone, words=settings.words
    )


def _draft(desk: Desk, instructions: str, part: Sequence[Message]) -> Told:
    numbered = {message.number: message for message in part}
    same = not desk.settings.language
    return desk.ask(
        Question(instructions, transcript(part), Told, lambda told: doubts(told, numbered, same_language=same))
    )


def _merged(desk: Desk, merging: str, drafts: Sequence[Told], numbered: Mapping[int, Message]) -> list[Told]:
    """Join neighbouring drafts, as many at once as there is room for and two at least."""
    room, found = room_for(desk.settings, merging), []
    waiting = list(drafts)
    while waiting:
        group = [waiting.pop(0)]
        while waiting and (len(group) < 2 or tokens_of(_drafts([*group, waiting[0]])) < room):  # noqa: PLR2004  # one is no merge
            group.append(waiting.pop(0))
        found.append(group[0] if len(group) == 1 else _join(desk, merging, group, numbered))
    return found


def _join(desk: Desk, merging: str, group: Sequence[Told], numbered: Mapping[int, Message]) -> Told:
    cited = {number: numbered[number] for draft in group for claim in draft.claims for number in claim.messages}
    same = not desk.settings.language
    return desk.ask(Question(merging, _drafts(group), Told, lambda told: doubts(told, cited, same_language=same)))


def _drafts(group: Sequence[Told]) -> str:
    lines = [
        f"[{', '.join(map(str, claim.messages))}] {as_data(claim.text)}" for draft in group for claim in draft.claims
    ]
    return "<drafts>\n" + "\n".join(lines) + "\n</drafts>"


def _one_line(text: str) -> str:
    return " ".join(text.replace("<", "‹").replace(">", "›").split())


# --- documents ----------------------------------------------------------------------------------------------------


def _post(unit: Unit, told: Told, messages: Sequence[Message], settings: LlmSettings) -> Document:
    first, last = messages[0].local, messages[-1].local
    slug = f"{first:%Y-%m-%d-%H%M}-{str(unit.thread_id)[:8]}-told"
    return _document("post", slug, _one_line(told.title), _Text(told, messages, settings, last))


def _profile(unit: Unit, told: Told, messages: Sequence[Message], settings: LlmSettings) -> Document:
    last = max(message.local for message in messages)
    who = messages[0].author
    return _document("profile", f"p-{str(unit.author_uuid)[:8]}-told", who, _Text(told, messages, settings, last))


@dataclass(frozen=True)
class _Text:
    told: Told
    messages: Sequence[Message]
    settings: LlmSettings
    last: Any


def _document(kind: str, slug: str, title: str, text: _Text) -> Document:
    cited = _cited(text)
    claims = [
        {"text": claim.text, "messages": [cited[number][1].event_id for number in _once(claim.messages)]}
        for claim in text.told.claims
    ]
    return Document(
        kind,
        slug,
        title,
        _body(text, cited),
        {
            "date": min(message.local for message in text.messages).date().isoformat(),
            "end": text.last.date().isoformat(),
            "authors": sorted({message.author for message in text.messages if message.author}),
            "messages": len(text.messages),
            "model": text.settings.model,
            "front_matter": ["model"],
            "claims": claims,
        },
    )


def _cited(text: _Text) -> dict[int, tuple[int, Message]]:
    """Return what is cited, by its number in the prompt: a number for the page, in reading order, and the message."""
    wanted = {number for claim in text.told.claims for number in claim.messages}
    found = [message for message in text.messages if message.number in wanted]
    return {message.number: (place, message) for place, message in enumerate(found, 1)}


def _body(text: _Text, cited: Mapping[int, tuple[int, Message]]) -> str:
    """Return claims as paragraphs, each with links to its messages, and then these messages."""
    paragraphs = []
    for claim in text.told.claims:
        found = sorted(cited[number] for number in _once(claim.messages))
        links = ", ".join(f"[{place}](message:{message.event_id})" for place, message in found)
        paragraphs.append(f"{escaped(claim.text)} ({links})")
    lines = [f"{place}. {_quoted(message)}" for place, message in sorted(cited.values())]
    return "\n\n".join([*paragraphs, "---", *lines]) + "\n"


def _once(numbers: Sequence[int]) -> list[int]:
    return list(dict.fromkeys(numbers))


def _quoted(message: Message) -> str:
    said = message.text if len(message.text) <= _QUOTED else f"{message.text[:_QUOTED].rsplit(' ', 1)[0]}…"
    who = f"{escaped(message.author)}, " if message.author else ""
    return f"{who}{message.local:%Y-%m-%d %H:%M}: {escaped(said)}"


def escaped(text: str) -> str:
    """Return a text as Markdown that shows it as it is, in one paragraph; addresses in it stay whole."""
    text = _one_line(text)
    shown, end = [], 0
    for found in _URL.finditer(text):
        shown += [_SIGNS.sub(r"\\\1", text[end : found.start()]), found[0]]
        end = found.end()
    shown.append(_SIGNS.sub(r"\\\1", text[end:]))
    return _STARTS.sub(r"\\\1", "".join(shown)) if not text[:1].isdigit() else _NUMBERED.sub(r"\1\\\2", "".join(shown))


_NUMBERED = re.compile(r"^(\d+)([.)])")
