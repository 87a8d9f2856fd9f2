"""Tables as JSON: an array of objects, or a line for each."""

import codecs
import json
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from egregora_core.builtin.generic._table_file import BLOCK, TableFile
from egregora_core.builtin.generic._typed_lines import OtherTypesError, shape_of, typed_lines
from egregora_core.plugin import ExportError

if TYPE_CHECKING:
    import pyarrow as pa

    from egregora_core.plugin import Export

_LONGEST_LINE = 64 << 20
_ITEMS = 4_096
_PIECE = 1 << 18
"""Bytes that become rows at a time: of more, the first would leave the processor's cache before they become columns."""


class JsonFile(TableFile):
    """A table as an array of objects."""

    def at(self, row: int) -> str:
        return f"{self.where}: entry {row + 1}"

    def tables(self, columns: Sequence[str]) -> "Iterator[pa.Table]":
        import pyarrow as pa
        from msgspec.structs import astuple

        shape = shape_of(columns)
        values: list[list[Any]] = [[] for _ in columns]
        done = 0

        def table() -> "pa.Table":
            return pa.table(dict(zip(columns, map(_json_array, values), strict=True)))

        for batch, _ in self.export.batches(self.name, shape=shape):
            if set(map(type, batch)) - {shape or dict}:
                wrong = next(place for place, item in enumerate(batch) if type(item) is not (shape or dict))
                raise ExportError(f"{self.at(done + len(values[0]) + wrong)}: it is no object")
            rows = map(astuple, batch) if shape else ([item.get(name) for name in columns] for item in batch)
            for column, more in zip(values, zip(*rows, strict=True), strict=False):
                column.extend(more)
            if len(values[0]) >= _ITEMS:
                yield table()
                done, values = done + len(values[0]), [[] for _ in columns]
        if values[0]:
            yield table()


class JsonLinesFile(TableFile):
    """A table as lines of objects."""

    def at(self, row: int) -> str:
        return f"{self.where}: line {self._line(row)}"

    def _line(self, row: int) -> int:
        """Return the number of the line that a row is, blank ones counted."""
        number = found = 0
        for lines in self.export.lines(self.name):
            for line in lines:
                number += 1
                found += bool(line.strip())
                if found > row:
                    return number
        return number

    def tables(self, columns: Sequence[str]) -> "Iterator[pa.Table]":
        """Yield lines by the block: as columns, where all values of one are of the first one's type."""
        first = json.loads(beginning(self.export, self.name).partition("\n")[0])
        typed, done = typed_lines(first, columns), 0
        for block in self._blocks():
            try:
                table = typed(block)
            except OtherTypesError:
                table = self._slowly(b"".join(block), columns, done)
            done += table.num_rows
            if table.num_rows:
                yield table

    def _slowly(self, block: bytes, columns: Sequence[str], done: int) -> "pa.Table":
        """Return the lines of a block read one by one. Raises ExportError, with the line, for what is no object."""
        import pyarrow as pa

        items = list[dict[str, Any]]()
        for line in block.split(b"\n"):
            if not line.strip():
                continue
            try:
                item = json.loads(line)
            except (ValueError, RecursionError):
                raise ExportError(f"{self.at(done + len(items))}: it is no JSON; copy the file again") from None
            if not isinstance(item, dict):
                raise ExportError(f"{self.at(done + len(items))}: it is no object")
            items.append(item)
        return pa.table({name: _json_array([item.get(name) for item in items]) for name in columns})

    def _blocks(self) -> Iterator[list[bytes]]:
        """Yield whole lines, some megabytes at a time, in pieces that stay in the processor's cache."""
        pieces = list[bytes]()
        with self.export.open(self.name) as stream:
            start = stream.read(len(codecs.BOM_UTF8)).removeprefix(codecs.BOM_UTF8)
            while piece := start + stream.read(_PIECE):
                rest = stream.readline(_LONGEST_LINE + 1)
                if len(rest) > _LONGEST_LINE:
                    raise ExportError(
                        f"{self.where}: a line has more than {_LONGEST_LINE >> 20} MB; is it the right file?"
                    )
                pieces.append(piece + rest)
                start = b""
                if sum(map(len, pieces)) >= BLOCK:
                    yield pieces
                    pieces = []
        if pieces:
            yield pieces


def _json_array(values: list[Any]) -> Any:
    """Return values as Arrow takes them; those of several types as texts."""
    import pyarrow as pa

    if not {list, dict} & set(map(type, values)):
        try:
            return pa.array(values)
        except (pa.ArrowException, UnicodeError, OverflowError):
            pass
    return pa.array([_as_text(value) for value in values], pa.string())


def _as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value if value is None else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return json.dumps(value, ensure_ascii=True)


# --- what the beginning of a file tells -----------------------------------------------------------------------------


BLANKS = "\ufeff \t\r\n"
_LONG = 1 << 19
"""Bytes: `recognise` reads less than a megabyte of any file, this and what `head` gives together."""


def beginning(export: "Export", name: str) -> str:
    """Return the text that a file of JSON begins with; more of it where the first object is a long one."""
    start = export.head(name).lstrip(BLANKS)
    return start if object_names(start) else export.head(name, _LONG).lstrip(BLANKS)


def object_names(start: str) -> list[str]:
    """Return the keys of the first object of an array, or of lines of objects; nothing where there is none."""
    at = len(start) - len(start[1:].lstrip()) if start.startswith("[") else 0
    try:
        first, end = json.JSONDecoder().raw_decode(start, at)
    except (ValueError, RecursionError):
        return []
    if not isinstance(first, dict) or (at == 0 and start[end:].lstrip()[:1] not in ("", "{")):
        return []
    names = dict.fromkeys(first)
    for item in _more_objects(start, end):
        names |= dict.fromkeys(item)
    return [*names]


def _more_objects(text: str, at: int) -> Iterator[dict[str, Any]]:
    """Yield the objects behind the first, as far as the beginning of a file goes: any may have more keys."""
    decoder, gap = json.JSONDecoder(), re.compile(r"[\s,]*")
    while True:
        at = gap.match(text, at).end()  # type: ignore[union-attr]  # it matches anywhere
        try:
            item, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return
        if isinstance(item, dict):
            yield item


def are_lines(start: str) -> bool:
    """Tell whether the first line is an object of its own, as all are in JSON lines."""
    if start.startswith("["):
        return False
    try:
        return isinstance(json.loads(start.partition("\n")[0]), dict)
    except (ValueError, RecursionError):
        return False
