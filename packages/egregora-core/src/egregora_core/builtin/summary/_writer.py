"""The built-in writer: posts about each window, one mostly, and a profile per author, from the messages alone.

What it counts is what people sent: lines that the platform wrote are in the transcript and in no number. A unit is read
once, part by part, so that beside a transcript nothing grows with its messages.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from egregora_core.builtin._calendar import WEEKDAYS, date_range, long_date
from egregora_core.builtin._markdown_text import escape_inline
from egregora_core.plugin import Document, Unit

if TYPE_CHECKING:
    from egregora_core.builtin.summary._conversation import Conversation
    from egregora_core.builtin.summary._numbers import AuthorNumbers, Numbers, WindowNumbers

_BARS = "▁▂▃▄▅▆▇█"


class SummarySettings(BaseModel):
    """Section `[summary]`: what the built-in writer puts into a post."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    tags: int = Field(default=5, ge=0, le=50)
    """At most how many tags a post gets."""
    transcript: bool = True
    """Whether a post ends with what was said."""


def write_post(unit: Unit, *, tags: int = 5, transcript: bool = True) -> Iterator[Document]:
    """Yield a post about a window: numbers first, then the transcript; none if nobody wrote in it.

    Of a very long window there are several, each about a piece of it.
    """
    from egregora_core.builtin.summary._conversation import Conversation

    number = 0
    whole = ((0, talk) for talk in Conversation.parts(unit))
    for _, talks in groupby(Conversation.pieces(unit) if transcript else whole, itemgetter(0)):
        post = _post(unit, (talk for _, talk in talks), tags=tags, transcript=transcript)
        if post is not None:
            number += 1
            yield post if number == 1 else _numbered(post, number)


def _numbered(post: Document, number: int) -> Document:
    return replace(post, slug=f"{post.slug}-{number}", title=f"{post.title} ({number})")


def _post(unit: Unit, talks: "Iterable[Conversation]", *, tags: int, transcript: bool) -> Document | None:
    from egregora_core.builtin.summary._conversation import day_of
    from egregora_core.builtin.summary._numbers import WindowNumbers
    from egregora_core.builtin.summary._tags import Tags
    from egregora_core.builtin.summary._transcript import transcript_of

    numbers, topics, told, before = WindowNumbers(), Tags(), [""], None
    for talk in talks:
        numbers.add(talk)
        if tags:
            topics.add(talk)
        if transcript:
            told.append(transcript_of(talk, before))
        before = talk
    if not numbers.said:
        return None
    authors = _ranked(numbers.authors)
    told[0] = "\n".join(_post_summary(unit, numbers, authors))
    first, last = day_of(numbers.first), day_of(numbers.last)
    attrs: dict[str, Any] = {
        "date": first.isoformat(),
        "end": last.isoformat(),
        "authors": [author for author, _ in authors],
        "tags": topics.found(tags),
        "messages": numbers.said,
    }
    if numbers.thread:
        attrs["thread"] = numbers.thread
    slug = f"{first.isoformat()}-{str(unit.thread_id)[:8]}"
    return Document("post", slug, _post_title(unit, numbers), "\n\n".join(told) + "\n", attrs)


def write_profile(unit: Unit) -> list[Document]:
    """Return one profile of an author: numbers only, and no word of what they wrote."""
    from egregora_core.builtin.summary._conversation import Conversation
    from egregora_core.builtin.summary._numbers import AuthorNumbers

    numbers = AuthorNumbers()
    for talk in Conversation.parts(unit):
        numbers.add(talk)
    slug = f"p-{str(unit.author_uuid)[:8]}"  # a pseudonym in another language must not double the page
    first, last = _span(numbers)
    attrs = {
        "date": first.isoformat(),
        "end": last.isoformat(),
        "messages": numbers.messages,
        "authors": [numbers.author],
    }
    return [Document("profile", slug, numbers.author, "\n".join(_profile_lines(unit, numbers)) + "\n", attrs)]


def _post_title(unit: Unit, numbers: "WindowNumbers") -> str:
    """Return the dates, and the times where a day may have several posts."""
    from egregora_core.builtin.summary._conversation import clock, day_of

    first, last = day_of(numbers.first), day_of(numbers.last)
    title = date_range(first, last)
    if first == last and "/days/" not in unit.key:
        title += f", {clock(numbers.first)}–{clock(numbers.last)}"  # an en dash
    return title


def _post_summary(unit: Unit, numbers: "WindowNumbers", authors: Sequence[tuple[str, int]]) -> list[str]:
    from egregora_core.builtin.summary._conversation import clock, day_of

    first, last = numbers.first, numbers.last
    people = _count(len(authors), "person", "people")
    lines = [
        f"{_count(numbers.said, 'message')} by {people}.",
        "",
        f"- From {long_date(day_of(first))}, {clock(first)}, to {long_date(day_of(last))}, {clock(last)}",
        f"- Time zone: `{unit.timezone}`",
        f"- Busiest hour: {_busiest(numbers)}",
    ]
    lines += [f"- {fact}" for fact in _extras(numbers)]
    listed = ", ".join(f"{escape_inline(author)} ({number})" for author, number in authors)
    return [*lines, f"- Who wrote: {listed}"]


def _busiest(numbers: "WindowNumbers") -> str:
    from egregora_core.builtin.summary._conversation import clock, day_of

    start, most = numbers.busiest
    day = day_of(start)
    return f"{WEEKDAYS[day.weekday()]}, {long_date(day)}, {clock(start)} ({_count(most, 'message')})"


def _extras(numbers: "Numbers") -> list[str]:
    """Return a line on attachments and the like, and one on links, where there are any."""
    lines = []
    if numbers.labels:
        ranked = _ranked(numbers.labels)
        lines.append("Not text: " + ", ".join(f"{number} × {label}" for label, number in ranked))  # times
    if numbers.links:
        lines.append(f"Links: {numbers.links}")
    return lines


def _profile_lines(unit: Unit, numbers: "AuthorNumbers") -> list[str]:
    peak = int(numbers.hours.argmax())
    first, last = _span(numbers)
    span = f"from {long_date(first)} to {long_date(last)}"
    lines = [
        f"{_count(numbers.messages, 'message')} on {_count(len(numbers.days), 'day')}, {span}.",
        "",
        f"- Hours of the day, 00 to 23: `{_sparkline(numbers.hours.tolist())}` (most at {peak:02}:00)",
        f"- Time zone: `{unit.timezone}`",
    ]
    if numbers.typical_length is not None:
        lines.append(f"- Typical length: {_count(numbers.typical_length, 'character')}")
    lines += [f"- {fact}" for fact in _extras(numbers)]
    if numbers.emoji:
        ranked = _ranked(numbers.emoji)[:5]
        lines.append("- Emoji: " + ", ".join(f"{symbol} {number}" for symbol, number in ranked))
    return lines + _threads(numbers)


def _threads(numbers: "AuthorNumbers") -> list[str]:
    """Return where the author wrote, one line a thread, if there are several."""
    if len(numbers.threads) == 1:
        return []
    named = [(number, numbers.titles[thread] or thread[:8]) for thread, number in numbers.threads.items()]
    lines = ["", "| Thread | Messages | Share |", "| --- | ---: | ---: |"]
    for number, name in sorted(named, key=lambda row: (-row[0], row[1])):
        lines.append(f"| {escape_inline(name)} | {number} | {round(100 * number / numbers.messages)} % |")
    return lines


def _span(numbers: "AuthorNumbers") -> tuple[date, date]:
    """Return the first and the last day; in reading order another thread comes after the last day of one."""
    from egregora_core.builtin.summary._conversation import DAY, day_of

    return day_of(min(numbers.days) * DAY), day_of(max(numbers.days) * DAY)


def _ranked(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _sparkline(numbers: Sequence[int]) -> str:
    most = max(numbers)
    return "".join(_BARS[number * (len(_BARS) - 1) // most] for number in numbers)


def _count(number: int, singular: str, plural: str | None = None) -> str:
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"
