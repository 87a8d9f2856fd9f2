"""What the opening of a text tells of how all of it is written: its line ends, its dates and its first header."""

import re
from collections import Counter

from egregora_core.plugin import ExportError
from egregora_core.sources.whatsapp.header import parse_header
from egregora_core.sources.whatsapp.respell import respelling
from egregora_core.sources.whatsapp.template import Ballot, Template, padding
from egregora_core.sources.whatsapp.text import TextFile
from egregora_core.sources.whatsapp.years import Yearless, yearless

OPENING = 1 << 17
_LOOK = 1 << 20
"""Bytes; what is read in other pieces than the usual is no pass over the text that a person waits for."""


def look_at(text: TextFile) -> Ballot:
    """Return the headers of a text's opening, and set how the text is read from now on.

    Raises ExportError where there are none.
    """
    text.crlf = _ends_with_both(text)
    lines = _opening(text)
    ballot = Ballot()
    ballot.add(lines)
    if text.respell is None:
        respell, other = respelling(lines, ballot, text.where), yearless(lines, ballot.headers)
        # Phones left out the current year, so dates may lose theirs towards the end.
        if other and (respell is None or other.is_of(text)):
            respell = other
        if respell:
            text.respell = respell.settled(text) if isinstance(respell, Yearless) else respell
            return look_at(text)
    if not ballot.headers:
        raise ExportError(f"{text.where}: no WhatsApp chat in it; give the .txt or .zip that WhatsApp exported")
    return ballot


def _opening(text: TextFile) -> list[str]:
    """Return the first lines (of a small text: all)."""
    chunk = b""
    for more in text.chunks(2 * OPENING):
        chunk += more
        if len(chunk) > 2 * OPENING:
            chunk = chunk[: chunk.rfind(b"\n", 0, OPENING) + 1 or OPENING]
            break
    return chunk.decode("utf-8", "replace").split("\n")


def _ends_with_both(text: TextFile) -> bool:
    r"""Tell whether a header stands behind `\\r\\n`, as on iPhones, whose messages hold `\\n` alone."""
    text.crlf = True
    return any(map(parse_header, _opening(text)[1:]))


def settled(text: TextFile, template: Template) -> Template:
    """Return the template with each field of which the opening held no small number as the first ones show it.

    Which lines are headers must not depend on the month in which a chat begins.
    """
    waiting = set(template.unseen)
    for chunk in text.chunks(_LOOK) if waiting else ():
        for field in sorted(waiting):
            ways = {way: template.small_numbers(field, padded=way) for way in (True, False)}
            seen = Counter({way: len(re.findall(b"(?m)^" + pattern, chunk)) for way, pattern in ways.items()})
            if seen.total():
                waiting.discard(field)
                template = template.with_padding(field, padding(seen))
        if not waiting:
            break
    return template
