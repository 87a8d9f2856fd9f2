"""The built-in writer: a post per window, a profile per author, from the messages alone.

What it counts is what people sent: lines that the platform wrote are in the transcript and in no number.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from egregora_core.builtin._calendar import WEEKDAYS, date_range, long_date
from egregora_core.builtin._markdown_text import escape_inline
from egregora_core.plugin import Document, Unit

if TYPE_CHECKING:
    from egregora_core.builtin.summary._conversation import Conversation

_LINK = re.compile(r"https?://", re.IGNORECASE)
_EMOJI = re.compile(
    "[\U0001f1e6-\U0001f1ff]{2}"
    "|[\u2600-\u27bf\u2b50\U0001f300-\U0001faff][\ufe0f\U0001f3fb-\U0001f3ff]*"
    "(?:\u200d[\u2600-\u27bf\U0001f300-\U0001faff][\ufe0f\U0001f3fb-\U0001f3ff]*)*"
)
_BARS = "▁▂▃▄▅▆▇█"


class SummarySettings(BaseModel):
    """Section `[summary]`: what the built-in writer puts into a post."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    tags: int = Field(default=5, ge=0, le=50)
    """At most how many tags a post gets."""
    transcript: bool = True
    """Whether a post ends with what was said."""


def write_post(unit: Unit, *, tags: int = 5, transcript: bool = True) -> list[Document]:
    """Return one post about a window: numbers first, then the transcript; none if nobody wrote in it."""
    from egregora_core.builtin.summary._conversation import Conversation
    from egregora_core.builtin.summary._tags import tags_of
    from egregora_core.builtin.summary._transcript import transcript_of

    talk = Conversation(unit)
    if not talk.said.any():
        return []
    authors = _ranked(talk.author[talk.said])
    body = "\n".join(_post_summary(talk, authors))
    if transcript:
        body += "\n\n" + transcript_of(talk)
    attrs: dict[str, Any] = {
        "date": talk.first_day.isoformat(),
        "end": talk.last_day.isoformat(),
        "authors": [author for author, _ in authors],
        "tags": tags_of(talk, tags),
        "messages": int(talk.said.sum()),
    }
    if talk.thread[0]:
        attrs["thread"] = talk.thread[0]
    slug = f"{talk.first_day.isoformat()}-{str(unit.thread_id)[:8]}"
    return [Document("post", slug, _post_title(talk), body + "\n", attrs)]


def write_profile(unit: Unit) -> list[Document]:
    """Return one profile of an author: numbers only, and no word of what they wrote."""
    from egregora_core.builtin.summary._conversation import Conversation

    talk = Conversation(unit)
    pseudonym = str(talk.author[0])
    slug = f"p-{str(unit.author_uuid)[:8]}"  # a pseudonym in another language must not double the page
    first, last = int(talk.local.argmin()), int(talk.local.argmax())
    attrs = {
        "date": _day(talk, first).isoformat(),
        "end": _day(talk, last).isoformat(),
        "messages": len(talk.local),
        "authors": [pseudonym],
    }
    return [Document("profile", slug, pseudonym, "\n".join(_profile_lines(talk)) + "\n", attrs)]


def _post_title(talk: "Conversation") -> str:
    """Return the dates, and the times where a day may have several posts."""
    from egregora_core.builtin.summary._conversation import clock

    title = date_range(talk.first_day, talk.last_day)
    if talk.first_day == talk.last_day and "/days/" not in talk.unit.key:
        title += f", {clock(int(talk.local[0]))}–{clock(int(talk.local[-1]))}"  # an en dash
    return title


def _post_summary(talk: "Conversation", authors: Sequence[tuple[str, int]]) -> list[str]:
    from egregora_core.builtin.summary._conversation import clock

    first, last = int(talk.local[0]), int(talk.local[-1])
    people = _count(len(authors), "person", "people")
    lines = [
        f"{_count(int(talk.said.sum()), 'message')} by {people}.",
        "",
        f"- From {long_date(talk.first_day)}, {clock(first)}, to {long_date(talk.last_day)}, {clock(last)}",
        f"- Time zone: `{talk.unit.timezone}`",
        f"- Busiest hour: {_busiest(talk)}",
    ]
    lines += [f"- {fact}" for fact in _extras(talk)]
    listed = ", ".join(f"{escape_inline(author)} ({number})" for author, number in authors)
    return [*lines, f"- Who wrote: {listed}"]


def _busiest(talk: "Conversation") -> str:
    import numpy as np

    from egregora_core.builtin.summary._conversation import HOUR, clock, day_of

    hours, counts = np.unique(talk.local[talk.said] // HOUR, return_counts=True)
    start = int(hours[counts.argmax()]) * HOUR
    day = day_of(start)
    messages = _count(int(counts.max()), "message")
    return f"{WEEKDAYS[day.weekday()]}, {long_date(day)}, {clock(start)} ({messages})"


def _extras(talk: "Conversation") -> list[str]:
    """Return a line on attachments and the like, and one on links, where there are any."""
    lines = []
    labels = Counter(label for label in talk.label[talk.said] if label)
    if labels:
        ranked = sorted(labels.items(), key=lambda item: (-item[1], item[0]))
        lines.append("Not text: " + ", ".join(f"{number} × {label}" for label, number in ranked))  # times
    links = len(_LINK.findall("\n".join(talk.text)))
    if links:
        lines.append(f"Links: {links}")
    return lines


def _profile_lines(talk: "Conversation") -> list[str]:
    import numpy as np

    from egregora_core.builtin.summary._conversation import HOUR

    hours = np.bincount(talk.local // HOUR % 24, minlength=24)
    peak = int(hours.argmax())
    lengths = talk.length[talk.length > 0]
    days = len(np.unique(talk.local // (24 * HOUR)))
    first, last = _day(talk, int(talk.local.argmin())), _day(talk, int(talk.local.argmax()))
    span = f"from {long_date(first)} to {long_date(last)}"
    lines = [
        f"{_count(len(talk.local), 'message')} on {_count(days, 'day')}, {span}.",
        "",
        f"- Hours of the day, 00 to 23: `{_sparkline(hours.tolist())}` (most at {peak:02}:00)",
        f"- Time zone: `{talk.unit.timezone}`",
    ]
    if len(lengths):
        lines.append(f"- Typical length: {_count(int(np.median(lengths)), 'character')}")
    lines += [f"- {fact}" for fact in _extras(talk)]
    emoji = Counter(_EMOJI.findall("\n".join(talk.text)))
    if emoji:
        ranked = sorted(emoji.items(), key=lambda item: (-item[1], item[0]))[:5]
        lines.append("- Emoji: " + ", ".join(f"{symbol} {number}" for symbol, number in ranked))
    return lines + _threads(talk)


def _threads(talk: "Conversation") -> list[str]:
    """Return where the author wrote, one line a thread, if there are several."""
    import numpy as np

    ids = np.array(talk.unit.messages.column("thread_id").to_pylist(), dtype=object)
    threads, places, counts = np.unique(ids, return_index=True, return_counts=True)
    if len(threads) == 1:
        return []
    names = [talk.thread[place] or str(thread)[:8] for thread, place in zip(threads, places, strict=True)]
    lines = ["", "| Thread | Messages | Share |", "| --- | ---: | ---: |"]
    for number, name in sorted(zip(counts.tolist(), names, strict=True), key=lambda row: (-row[0], row[1])):
        lines.append(f"| {escape_inline(name)} | {number} | {round(100 * number / len(ids))} % |")
    return lines


def _ranked(values: Iterable[str]) -> list[tuple[str, int]]:
    return sorted(Counter(values).items(), key=lambda item: (-item[1], item[0]))


def _sparkline(numbers: Sequence[int]) -> str:
    most = max(numbers)
    return "".join(_BARS[number * (len(_BARS) - 1) // most] for number in numbers)


def _count(number: int, singular: str, plural: str | None = None) -> str:
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def _day(talk: "Conversation", place: int) -> Any:
    from egregora_core.builtin.summary._conversation import day_of

    return day_of(int(talk.local[place]))
