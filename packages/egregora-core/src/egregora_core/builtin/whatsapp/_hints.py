"""What to tell the person at the terminal of lines that may be read otherwise than they were meant."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from egregora_core.builtin.whatsapp._checkpoint import Start
from egregora_core.builtin.whatsapp._text import TextFile

if TYPE_CHECKING:
    from egregora_core.builtin.whatsapp._survey import Survey

_LITTLE = 1 << 16


def hints(text: TextFile, start: Start, found: "Survey") -> Iterator[str]:
    """Yield what is odd in what was seen of a text; what lies before the start was told of before."""
    if text.repaired and not start.last:
        yield "some bytes were not UTF-8 and were read as Windows-1252"
    if not start.last and (stray := _lines_before(text, found.header)):
        lines = "line stands" if stray == 1 else "lines stand"
        yield f"{stray:,} {lines} before the first message, so in none; was the beginning cut off?"
    count, first = found.others.told([dialect.order for dialect in found.dialects[:1]])
    if count:
        line = _line_at(text, first + start.text.begin - len(start.text.opening))
        yield (
            f"line {line:,} looks like a message in another style; it was kept as text of the message above it"
            if count == 1
            else f"{count:,} lines look like messages in another style (the first is line {line:,}); they were kept as "
            "text of the messages above them"
        )
    if found.no_times:
        yield (
            "a line begins with a date or time that does not exist; it was kept as text of the message above"
            if found.no_times == 1
            else f"at least {found.no_times:,} lines begin with a date or time that does not exist; they were kept as "
            "text of the message above"
        )


def _line_at(text: TextFile, place: int) -> int:
    """Return the number of the line that begins at a place of a text."""
    line, left = 1, place
    for chunk in text.chunks():
        line += chunk.count(b"\n", 0, left) + chunk.count(b"\r", 0, left)
        left -= len(chunk)
        if left <= 0:
            break
    return line


def _lines_before(text: TextFile, header: bytes) -> int:
    """Return how many lines that are not blank stand before the first header."""
    first, count = re.compile(b"(?m)^" + header), 0
    for chunk in text.chunks(_LITTLE):
        found = first.search(chunk)
        count += sum(1 for line in chunk[: found.start() if found else None].split(b"\n") if line.strip())
        if found:
            break
    return count
