# ruff: noqa: INP001 - the one module of its distribution
"""Logs of an IRC client as a source: `2024-03-04 19:02:11 <marta> text`, and `*** …` for what the server says.

The log has neither message ids nor a time zone, and `read` says so: ids are then derived, and a zone is asked for.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from egregora_core.plugin import ExportError, Reading, ReadOptions, SourceSpec, hookimpl

if TYPE_CHECKING:
    import pyarrow as pa

EGREGORA_API = 1

_LINE = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (?:<[^>]+>|\*\*\*) ")
_FIELDS = r"^(?P<ts>\S+ \S+) (?:<(?P<author>[^>]+)>|\*\*\*) (?P<text>.*)$"
_CHUNK = 1 << 22
"""Bytes read at once: memory does not grow with the log."""


@hookimpl
def register_sources() -> Sequence[SourceSpec]:
    return [SourceSpec(name="irc", recognise="egregora_irc:recognise", read="egregora_irc:read")]


def recognise(path: Path) -> float:
    """Say how surely (0 to 1) `path` is such a log: from its first line alone."""
    if path.suffix != ".log":
        return 0.0
    with path.open(encoding="utf-8", errors="replace") as file:
        return 0.9 if _LINE.match(file.readline()) else 0.0


def read(path: Path, options: ReadOptions) -> Reading:
    """Open a log; its lines are read when the batches are asked for."""
    return Reading(
        batches=_batches(path),
        thread=options.thread or path.stem,
        zoned=False,
        platform_ids=False,
    )


def _batches(path: Path) -> Iterator["pa.Table"]:
    """Yield the messages in tables of bounded size, in the log's order."""
    import pyarrow as pa
    import pyarrow.compute as pc

    with path.open(encoding="utf-8", errors="replace") as file:
        while lines := file.readlines(_CHUNK):
            written = pa.array([line.rstrip("\n") for line in lines if line.strip()], pa.string())
            fields = pc.extract_regex(written, _FIELDS)
            if fields.null_count:
                raise ExportError(f"{path}: {fields.null_count:,} lines are no messages; is it another client's log?")
            author = pc.struct_field(fields, "author")
            by_server = pc.equal(author, "")
            yield pa.table(
                {
                    "ts": pc.strptime(pc.struct_field(fields, "ts"), "%Y-%m-%d %H:%M:%S", "us"),
                    "author": author,
                    "text": pc.struct_field(fields, "text"),
                    "kind": pc.if_else(by_server, "system", "text"),
                }
            )
