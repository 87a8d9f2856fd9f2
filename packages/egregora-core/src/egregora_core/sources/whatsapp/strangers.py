"""Finding the lines of a block that would be headers in another style: every line is looked at, most by bytes alone."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

from egregora_core.sources.whatsapp.header import Header, parse_header
from egregora_core.sources.whatsapp.lines import Block
from egregora_core.sources.whatsapp.mixed import Run, Stranger, is_plausible
from egregora_core.sources.whatsapp.words import MARKS, SPACES

_MOST = 5000
"""So many lines of one message are enough to tell what they are."""
_WIDTH = 400
"""So many bytes of a line hold its header and its author."""
_LONGEST_AUTHOR = 100


class Finder:
    """Finds strangers block by block; what follows the last message of a block is known with the next one."""

    def __init__(self) -> None:
        self._waiting: Run | None = None

    def add(self, found: tuple[list[Run], bytes]) -> Iterator[Run]:
        """Yield the runs that are complete, given what `runs_in` returned for the next block."""
        runs, opening = found
        if self._waiting is not None:
            yield replace(self._waiting, below=parse_header(_text(opening)))
            self._waiting = None
        for run in runs:
            if run.below is None:
                self._waiting = run
            else:
                yield run

    def rest(self) -> Iterator[Run]:
        """Yield the run in the last message of the text."""
        if self._waiting is not None:
            yield self._waiting


def runs_in(block: Block) -> tuple[list[Run], bytes]:
    """Return the strangers of a block, by message, and how the block begins; the last message has no next one."""
    data, runs = block.data, list[Run]()
    above: Header | None = None
    begin, end, lines = 0, -1, list[Stranger]()

    def close() -> None:
        if above is not None and lines:
            below = parse_header(_text(data[end + 1 : end + 1 + _WIDTH])) if end < len(data) else None
            runs.append(Run(above, tuple(lines), below))

    for match in _candidates(block.newline).finditer(data):
        place = match.start()
        if place > end:
            close()
            begin, lines = data.rfind(b"\n", 0, place) + 1, []
            end = data.find(b"\n", place) % (len(data) + 1)
            above = parse_header(_text(data[begin : begin + _WIDTH]))
        if len(lines) < _MOST and (found := _stranger(block, match)):
            lines.append(found)
    close()
    return runs, data[:_WIDTH]


def _stranger(block: Block, match: re.Match[bytes]) -> Stranger | None:
    line = _text(block.data[match.end() : match.end() + _WIDTH].split(block.newline, 1)[0])
    header = parse_header(line)
    if header is None or not is_plausible(header):
        return None
    author, colon, _ = line[len(header.raw) :].partition(":")
    author = author.strip(MARKS + SPACES) if colon and len(author) <= _LONGEST_AUTHOR else ""
    return Stranger(header, author, (block.start or 0) + match.end(), soft=_is_soft(block.soft, match.start()))


def _is_soft(soft: Any, place: int) -> bool:
    if soft is None:
        return False
    import numpy as np

    at = int(np.searchsorted(soft, place))
    return at < len(soft) and soft[at] == place


def _text(data: bytes) -> str:
    return data.split(b"\n", 1)[0].decode("utf-8", "replace")


@cache
def _candidates(newline: bytes) -> re.Pattern[bytes]:
    """Return an expression for the breaks before lines that may start with a header: few others pass."""
    n = re.escape(newline) + rb"\n"
    # Three numbers, the first two of them close together; or, early in the line, what may be a digit of another set.
    numbers = rb"[^0-9%b]{0,40}[0-9]{1,4}(?: ?[^0-9A-Za-z %b]{1,24} ?|[ h]| h )[0-9]{1,4}[^0-9%b]{1,60}[0-9]"
    numbers %= (n, n, n)
    others = rb"[^%b]{0,16}?[\xd9\xdb\xdf\xe0\xe1\xea\xef\xf0]" % n
    return re.compile(re.escape(newline) + rb"(?=" + numbers + rb"|" + others + rb")")
