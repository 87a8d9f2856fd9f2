"""Files of comparisons: which function of the engine reads one, and on which line of it a row stands.

The engine numbers rows, not lines: it passes blank lines over and takes a quoted line break for part of a row. So lines
are counted here, and only when there is one to be told.
"""

import csv
import gzip
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from egregora_core.plugin import UsageError

FIELDS: Mapping[str, tuple[str, ...]] = {
    "a": ("model_a", "left", "a", "document_a"),
    "b": ("model_b", "right", "b", "document_b"),
    "winner": ("winner", "outcome"),
    "id": ("id", "comparison_id"),
    "shown_first": ("shown_first",),
    "judge": ("judge", "voter"),
    "weight": ("weight",),
    "timestamp": ("timestamp", "ts", "tstamp"),
}
"""What is read of a file, and the columns that it is looked for in."""

_NEEDED = ("a", "b", "winner")


@dataclass(frozen=True)
class File:
    """A file to be read: its table function, its column for each field, and what of it the engine cannot read."""

    path: Path
    kind: str
    reader: str
    columns: Mapping[str, str]
    delimiter: str = ""
    broken: Mapping[int, str] = field(default_factory=dict)
    """Lines that are no rows, and why."""

    def field(self, name: str) -> str:
        """Return SQL for a field as text; null where it is empty or absent."""
        column = self.columns.get(name)
        return "NULL::VARCHAR" if column is None else f"nullif({_name(column)}::VARCHAR, '')"

    @property
    def rows(self) -> str:
        """Return a SELECT of all fields, with the row's number from 1."""
        fields = ", ".join(f"{self.field(name)} AS {name}" for name in FIELDS)
        return f"SELECT row_number() OVER () AS sequence, {fields} FROM {self.reader}"

    def places(self, rows: Iterable[int]) -> list[int]:
        """Return where rows, in rising order, stand: lines, or in a Parquet file their own numbers."""
        if self.kind == "parquet":
            return list(rows)
        lines = (line for line in self._lines() if line not in self.broken)
        found, number = [], 0
        for row in rows:
            while number < row:
                line, number = next(lines), number + 1
            found.append(line)
        return found

    def place(self, line: int) -> str:
        return f"{self.path}, row {line}" if self.kind == "parquet" else f"{self.path}:{line}"

    def _lines(self) -> Iterator[int]:
        """Yield the line on which each row begins, broken ones included."""
        with text_of(self.path) as file:
            if self.kind == "json":
                yield from (number for number, line in enumerate(file, 1) if line.strip())
                return
            reader = csv.reader(file, delimiter=self.delimiter)
            head, start = True, 1
            for record in reader:
                if record and not head:
                    yield start
                head, start = head and not record, reader.line_num + 1


def bytes_of(path: Path) -> BinaryIO:
    return cast("BinaryIO", gzip.open(path)) if path.suffix.lower() == ".gz" else path.open("rb")


def text_of(path: Path) -> TextIO:
    return TextIOWrapper(bytes_of(path), encoding="utf-8-sig", errors="replace", newline="")


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def columns_of(path: Path, found: list[str], given: Mapping[str, str]) -> dict[str, str]:
    """Return the file's column for each field that it has."""
    for name, column in given.items():
        if name not in FIELDS:
            raise UsageError(f"--column {name}=…: there is no such field; there are {', '.join(FIELDS)}")
        if column not in found:
            raise UsageError(f"{path}: there is no column {column!r}; there are {', '.join(found)}")
    by_name = {name.lower(): name for name in found}
    wanted = {
        name: given.get(name) or next((by_name[known] for known in names if known in by_name), None)
        for name, names in FIELDS.items()
    }
    for name in _NEEDED:
        if wanted[name] is None:
            raise UsageError(
                f"{path}: no column for {name} ({' or '.join(FIELDS[name])}) among {', '.join(found)}; "
                f"name it with --column {name}=COLUMN"
            )
    return {name: column for name, column in wanted.items() if column is not None}
