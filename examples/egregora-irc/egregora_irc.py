# ruff: noqa: INP001 - the one module of its distribution
"""Logs of an IRC client as a source: `2024-03-04 19:02:11 <marta> text`, and `*** …` for what the server says.

The log has neither message ids nor a time zone, and `read` says so: ids are then derived, and a zone is asked for.
"""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from egregora_core.plugin import ExportError, Reading, ReadOptions, Recognised, SourceSpec, hookimpl

if TYPE_CHECKING:
    import pyarrow as pa
    from egregora_core.plugin import Export

EGREGORA_API = 1

_LINE = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (?:<[^>]+>|\*\*\*) ")
_FIELDS = r"^(?P<ts>\S+ \S+) (?:<(?P<author>[^>]+)>|\*\*\*) (?P<text>.*)$"
_HAPPENED = r"^(?P<who>\S+) has (?P<what>joined|left|quit)\b"


@hookimpl
def register_sources() -> Sequence[SourceSpec]:
    return [SourceSpec(name="irc", recognise="egregora_irc:recognise", read="egregora_irc:read")]


def recognise(export: "Export") -> Recognised:
    """Say how surely an export is such a log: from its first line alone."""
    if export.path.suffix == ".log" and export.is_file and _LINE.match(export.head()):
        return Recognised("likely", "its name and its first line")
    return Recognised("no")


def read(export: "Export", options: ReadOptions) -> Reading:
    """Open a log; its lines are read when the batches are asked for."""
    return Reading(
        batches=_batches(export),
        thread=options.thread or export.title,
        zoned=False,
    )


def _batches(export: "Export") -> Iterator["pa.Table"]:
    """Yield the messages in tables of bounded size, in the log's order."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for lines in export.lines():
        written = pa.array([line for line in lines if line.strip()], pa.string())
        fields = pc.extract_regex(written, _FIELDS)
        ts = pc.strptime(pc.struct_field(fields, "ts"), "%Y-%m-%d %H:%M:%S", "us", error_is_null=True)
        if ts.null_count:
            raise ExportError(f"{export.path}: {ts.null_count:,} lines are no messages; another client's log?")
        author, text = pc.struct_field(fields, "author"), pc.struct_field(fields, "text")
        by_server = pc.equal(author, "")
        happened = pc.extract_regex(pc.if_else(by_server, text, None), _HAPPENED)
        what = pc.struct_field(happened, "what")
        yield pa.table(
            {
                "ts": ts,
                "author": author,
                "text": text,
                "kind": pc.if_else(by_server, "system", "text"),
                "event": pc.if_else(pc.equal(what, "joined"), "join", pc.if_else(pc.is_null(what), None, "leave")),
                "mentions": pc.split_pattern(pc.struct_field(happened, "who"), " "),  # whom it is about: one nick
            }
        )
