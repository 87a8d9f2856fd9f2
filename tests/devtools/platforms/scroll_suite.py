"""The suite of `scroll.py`, as its author would write it."""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import ClassVar

from egregora_devtools.conformance import PEOPLE, Message, SourceConformance

GARDEN = Path(__file__).parent / "garden.scroll"


class ScrollConformance(SourceConformance):
    """A log without ids, whose lines do not say their day."""

    exports = (GARDEN,)
    counts: ClassVar = {GARDEN: {"text": 3, "system": 2, "left_out": 1}}
    events = ("join", "leave")
    multiline = False
    zoned = True

    def write(self, messages: Sequence[Message], path: Path) -> None:
        with path.open("w", encoding="utf-8", newline="") as file:
            for day, of_day in groupby(messages, lambda message: message.ts.date()):
                file.write(f"--- Day changed {day:%a %b %d %Y}\n")
                file.writelines(f"{message.ts:%H:%M:%S} {_line(message)}\n" for message in of_day)


def _line(message: Message) -> str:
    if message.event:
        return f"-!- {PEOPLE[message.mentions[0]]} has {'joined' if message.event == 'join' else 'left'}"
    return f"<{message.author}> {message.text}"
