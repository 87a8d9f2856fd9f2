"""Finding the lines of a block that would be headers in another style: every line is looked at, most by bytes alone."""

import re
from functools import cache
from typing import Any

import numpy as np

from egregora_core.builtin.whatsapp._blocks import WIDTH, Block
from egregora_core.builtin.whatsapp._characters import MARKS, SPACES
from egregora_core.builtin.whatsapp._header import Header, parse_header
from egregora_core.builtin.whatsapp._spelt_dates import SPELT_HEADERS
from egregora_core.builtin.whatsapp._styles import OtherLine, Run, is_plausible
from egregora_core.builtin.whatsapp._yearless_dates import YEARLESS_HEADERS

_MOST = 5000
"""So many lines of one message are enough to tell what they are."""
_LONGEST_AUTHOR = 100
_WEEKDAY = re.compile(rf"^[^\W\d_]{{2,12}}[.,]{{0,2}}[{SPACES}]+(?=\d)")
_AUTHOR = re.compile(r"[^:]{1,60}:(?: |$)")
_AUTHOR_BEHIND = re.compile(rf"(?:\]| [-\u2013\u2014]|[-\u2013\u2014] ) ?{_AUTHOR.pattern}")


def runs_in(block: Block) -> tuple[list[Run], list[int]]:
    """Return the others of a block by message, and where lines stand whose dates cannot be read beside the others."""
    data, runs, unread = block.data, list[Run](), list[int]()
    above: Header | None = None
    begin, end, lines = 0, -1, list[OtherLine]()

    def close() -> None:
        if above is not None and lines:
            below = data[end + 1 : end + 1 + WIDTH] if end < len(data) else block.below
            runs.append(Run(above, tuple(lines), parse_header(_text(below))))

    for match in _candidates(block.newline).finditer(data):
        place = match.start()
        if place > end:
            close()
            begin, lines = data.rfind(b"\n", 0, place) + 1, []
            end = data.find(b"\n", place) % (len(data) + 1)
            above = parse_header(_text(data[begin : begin + WIDTH]))
        if len(lines) + len(unread) >= _MOST:
            continue
        line = _text(data[match.end() : match.end() + WIDTH].split(block.newline, 1)[0])
        if found := _other_line(block, match, line):
            lines.append(found)
        elif _is_unread(line) and not _is_inner(block.inner, match.start()):
            unread.append((block.start or 0) + match.end())
    close()
    return runs, unread


def _is_unread(line: str) -> bool:
    """Tell whether a line begins with a date that is spelt, stands behind a weekday, or does not exist."""
    line = line.lstrip(MARKS + SPACES)
    dated = _WEEKDAY.sub("", line, count=1)
    if header := parse_header(dated):
        return bool(_AUTHOR.match(dated, len(header.raw)))
    return bool(_AUTHOR_BEHIND.search(line)) and any(form.match(line) for form in (*SPELT_HEADERS, *YEARLESS_HEADERS))


def _other_line(block: Block, match: re.Match[bytes], line: str) -> OtherLine | None:
    header = parse_header(line)
    if header is None or not is_plausible(header):
        return None
    author, colon, _ = line[len(header.raw) :].partition(":")
    author = author.strip(MARKS + SPACES) if colon and len(author) <= _LONGEST_AUTHOR else ""
    return OtherLine(header, author, (block.start or 0) + match.end(), inner=_is_inner(block.inner, match.start()))


def _is_inner(inner: Any, place: int) -> bool:
    if inner is None:
        return False
    at = int(np.searchsorted(inner, place))
    return at < len(inner) and inner[at] == place


def _text(data: bytes) -> str:
    return data.split(b"\n", 1)[0].decode("utf-8", "replace")


@cache
def _candidates(newline: bytes) -> re.Pattern[bytes]:
    """Return an expression for the breaks before lines that may start with a header: few others pass."""
    n = re.escape(newline) + rb"\n"
    # Three numbers, the first two of them close together; or, early in the line, what may be a digit of another set.
    numbers = rb"[^0-9%b]{0,40}[0-9]{1,4}(?: ?[^0-9A-Za-z %b]{1,24} ?|[ h]| h )[0-9]{1,4}[^0-9%b]{1,60}[0-9]"
    numbers %= (n, n, n)
    spelt = rb"[^0-9%b]{0,20}[0-9]{1,2}[^0-9%b]{1,30}[0-9]{1,4}[^0-9%b]{1,24}[0-9]{2}" % (n, n, n)
    others = rb"[^%b]{0,16}?[\xd9\xdb\xdf\xe0\xe1\xea\xef\xf0]" % n
    return re.compile(re.escape(newline) + rb"(?=" + numbers + rb"|" + spelt + rb"|" + others + rb")")
