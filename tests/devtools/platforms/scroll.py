"""A source of logs that do all of it in their lines: days, lines of the program, and what people write.

    --- Day changed Tue Jan 30 2024
    18:00:07 <marta> Welcome!
    18:02:00 -!- tom has joined

It reads pieces of bytes by itself, so a day has to be remembered from one piece to the next. Of this text
`test_source_mutants.py` makes sources that do one thing wrong.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from egregora_core.plugin import ExportError, Reading, ReadOptions, Recognised, Report, SourceSpec, hookimpl

if TYPE_CHECKING:
    from egregora_core.plugin import Export

EGREGORA_API = 1

_CHUNK = 1 << 20
_DAY = re.compile(r"--- Day changed (\w{3} \w{3} \d\d \d{4})")
_SAID = re.compile(r"(\d\d:\d\d:\d\d) <([^>]+)> (.*)", re.DOTALL)
_HAPPENED = re.compile(r"(\d\d:\d\d:\d\d) -!- (.+?) has (joined|left)")
_EVENTS = {"joined": "join", "left": "leave"}


@hookimpl
def register_sources() -> Sequence[SourceSpec]:
    return [SourceSpec("scroll", f"{__name__}:recognise", f"{__name__}:read")]


def recognise(export: "Export") -> Recognised:
    """Say how surely an export is such a log: by its first line."""
    if export.is_file and _DAY.match(export.head(size=64)):
        return Recognised("likely", "its first line")
    return Recognised("no")


def read(export: "Export", options: ReadOptions) -> Reading:
    """Open a log; its lines are read when the batches are asked for."""
    left_out: dict[str, int] = {}
    return Reading(
        _batches(export, left_out),
        options.thread or export.title,
        zoned=True,
        report=lambda: Report(left_out=left_out),
    )


def _batches(export: "Export", left_out: dict[str, int]) -> Iterator[list[dict[str, Any]]]:
    day = ""
    for lines in _lines(export):
        rows = []
        for line in lines:
            if found := _DAY.fullmatch(line):
                day = found[1]
            elif found := _SAID.fullmatch(line):
                rows.append({"ts": _time(export, day, found[1]), "author": found[2], "text": found[3], "kind": "text"})
            elif found := _HAPPENED.fullmatch(line):
                event = {"event": _EVENTS[found[3]], "mentions": [found[2]]}
                rows.append({"ts": _time(export, day, found[1]), "text": line[9:], "kind": "system", **event})
            elif line:
                left_out["lines of other kinds"] = left_out.get("lines of other kinds", 0) + 1
        yield rows


def _lines(export: "Export") -> Iterator[list[str]]:
    rest = b""
    with export.open() as file:
        while data := file.read(_CHUNK):
            *lines, rest = (rest + data).split(b"\n")
            yield [line.decode(errors="replace") for line in lines]
    yield [rest.decode(errors="replace")]


def _time(export: "Export", day: str, clock: str) -> datetime:
    try:
        return datetime.strptime(f"{day} {clock}", "%a %b %d %Y %H:%M:%S")  # noqa: DTZ007 - UTC, as `zoned` says
    except ValueError:
        raise ExportError(f"{export.path}: a time is none, or no day is said before it; is it such a log?") from None
