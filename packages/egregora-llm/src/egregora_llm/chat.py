"""A unit's messages as a model reads them: one line each, numbered, with nothing that could end the chat early."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from zoneinfo import ZoneInfo

from egregora_core.plugin import Unit

_SPACE = re.compile(r"\s+")
_UNSEEN = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e0fff]"
)
"""Control characters, and those that a model reads and nobody sees."""
_BRACKETS = str.maketrans(dict.fromkeys("<＜﹤〈⟨", "‹") | dict.fromkeys(">＞﹥〉⟩", "›"))
_MARK = re.compile(r"\[(/?[A-Z_]{3,}|gMASK|\d+(?:\s*[,-]\s*\d+)*)\]")
"""What numbers a message, or tells a model who speaks: `[2]`, `[/INST]`."""
_BYTES_A_TOKEN = 3
"""Cautious: English has about four letters to a token, other scripts fewer bytes."""
LONGEST = 4000
"""Characters of one message that a model gets to see."""


@dataclass(frozen=True)
class Message:
    """One message, as it is told about."""

    number: int
    event_id: str
    local: datetime
    author: str
    """A pseudonym; empty for what the platform wrote."""
    text: str

    @property
    def line(self) -> str:
        who = f"{self.author}: " if self.author else "* "
        return f"[{self.number}] {self.local:%H:%M} {who}{self.text}"


def messages_of(unit: Unit) -> list[Message]:
    """Return the messages with words in them, numbered from 1, in reading order."""
    zone = ZoneInfo(unit.timezone)
    rows = (row for batch in unit.batches("event_id", "ts", "author_raw", "text") for row in batch.to_pylist())
    found: list[Message] = []
    for row in rows:  # each of them goes into a prompt
        if text := as_data(row["text"] or ""):
            local = row["ts"].astimezone(zone)
            found.append(Message(len(found) + 1, str(row["event_id"]), local, as_data(row["author_raw"] or ""), text))
    return found


def as_data(text: str) -> str:
    """Return a text as one harmless line, cut where it is very long."""
    text = _SPACE.sub(" ", harmless(text)).strip()
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def harmless(text: str) -> str:
    """Return a text in which nothing ends a part of a prompt, numbers a message, or is not to be seen."""
    return _MARK.sub(r"(\1)", _UNSEEN.sub("", text).translate(_BRACKETS))


def transcript(messages: Sequence[Message]) -> str:
    """Return messages as a prompt holds them, with a line for each day."""
    lines, day = [], None
    for message in messages:
        if message.local.date() != day:
            day = message.local.date()
            lines.append(f"== {day.isoformat()} ==")
        lines.append(message.line)
    return "<chat>\n" + "\n".join(lines) + "\n</chat>"


def tokens_of(text: str) -> int:
    """Return about how many tokens a text has, rather too many than too few."""
    return ceil(len(text.encode()) / _BYTES_A_TOKEN)


def split(messages: Sequence[Message], room: int) -> list[Sequence[Message]]:
    """Cut messages into as few parts of about one size as each fit into `room` tokens; a message is never cut."""
    sizes = [tokens_of(message.line) + 1 for message in messages]
    parts = max(1, ceil((sum(sizes)) / max(1, room)))
    while True:
        share, found, start, held = sum(sizes) / parts, [], 0, 0
        for place, size in enumerate(sizes):
            if held and held + size > min(room, max(share, 1) + size / 2):
                found.append(messages[start:place])
                start, held = place, 0
            held += size
        found.append(messages[start:])
        if len(found) <= parts + 1 or parts >= len(sizes):
            return found
        parts += 1
