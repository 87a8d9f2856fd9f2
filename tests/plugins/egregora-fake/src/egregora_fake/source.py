"""Files `*.fake`, one message a line: seconds since 1970, author and text, between tabs."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from egregora_core.plugin import Reading, ReadOptions, Recognised

if TYPE_CHECKING:
    from egregora_core.plugin import Export


def recognise(export: "Export") -> Recognised:
    return Recognised("certain", "its name") if export.path.suffix == ".fake" else Recognised("no")


def read(export: "Export", options: ReadOptions) -> Reading:
    return Reading(_rows(export), options.thread or export.title, zoned=True)


def _rows(export: "Export") -> Iterator[dict[str, Any]]:
    for lines in export.lines():
        for line in lines:
            seconds, author, text = line.split("\t")
            yield {"ts": datetime.fromtimestamp(int(seconds), UTC), "author": author, "text": text, "kind": "text"}
