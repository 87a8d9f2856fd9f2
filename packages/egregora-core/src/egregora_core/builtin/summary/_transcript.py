"""What was said, as Markdown: days as headings, an author's consecutive messages together.

A message is a paragraph that begins with its time, so nothing at its start is ever at the start of a line.
"""

import re
from typing import Any

import numpy as np

from egregora_core.builtin._calendar import WEEKDAYS, long_date
from egregora_core.builtin._markdown_text import clean, escape_inline, escape_texts
from egregora_core.builtin.summary._conversation import DAY, MINUTE, Conversation, Flags, Integers, Objects, day_of

_CLOCK = np.array([f"`{minute // 60:02}:{minute % 60:02}`" for minute in range(24 * 60)], dtype=object)

# An option as the app writes it: the word for it in the phone's language, what it says, its votes.
_OPTION = re.compile(r"\n[^\n:：]+(?:: |：)([^\n]*[(（][^\n()（）]*\d[^\n()（）]*[)）])[ \t]*(?=\n|$)")
_POLL = re.compile(rf"(?P<question>[^\n]+)(?P<options>(?:{_OPTION.pattern})+)\n*")


def transcript_of(talk: Conversation, before: Conversation | None) -> str:
    """Return the transcript of messages, which goes on after that of `before`; cost is linear, in a few passes."""
    system = ~talk.said
    new_day = _changes(talk.local // DAY, None if before is None else before.local[-1] // DAY)
    new_author = new_day | _changes(talk.author, None if before is None else before.author[-1])
    empty = np.full(len(system), "", dtype=object)
    headings = np.where(new_day, _day_headings(talk), empty)
    names = np.where(new_author & talk.said, _name_lines(talk), empty)
    bodies = _bodies(talk)
    label = np.where((talk.label == "") & (bodies == ""), "no text", talk.label)
    labels = np.where(label != "", " *[" + label + "]*", empty)
    bodies = np.where(bodies == "", empty, np.where(system, " *" + bodies + "*", " " + bodies))
    edited = np.where(talk.edited, " *(edited)*", empty)
    times = _CLOCK[talk.local % DAY // MINUTE]
    return "\n\n".join((headings + names + times + labels + bodies + edited).tolist())


def _changes(values: Objects | Integers, before: Any) -> Flags:
    """Tell for each value whether it differs from the one before; None is before all."""
    return np.concatenate(([before is None or values[0] != before], values[1:] != values[:-1])).astype(bool)


def _day_headings(talk: Conversation) -> Objects:
    days, places = np.unique(talk.local // DAY, return_inverse=True)
    dates = [day_of(int(day) * DAY) for day in days]
    lines = [f"## {WEEKDAYS[day.weekday()]}, {long_date(day)}\n\n" for day in dates]
    return np.array(lines, dtype=object)[places]


def _name_lines(talk: Conversation) -> Objects:
    names, places = np.unique(talk.author, return_inverse=True)
    return np.array([f"**{escape_inline(name)}**\n\n" for name in names], dtype=object)[places]


def _bodies(talk: Conversation) -> Objects:
    bodies = np.array(escape_texts(talk.text.tolist()), dtype=object)
    for place in np.flatnonzero(talk.kind == "poll"):
        if found := _POLL.fullmatch(clean(talk.text[place])):
            options = (escape_inline(option) for option in _OPTION.findall(found["options"]))
            bodies[place] = escape_inline(found["question"]) + "\n\n" + "\n".join(f"- {option}" for option in options)
    return bodies
