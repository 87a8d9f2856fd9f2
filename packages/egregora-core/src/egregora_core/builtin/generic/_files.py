"""Which members of an export are tables, and in which format. What is wrong is told with its line or row."""

from typing import TYPE_CHECKING

from egregora_core.builtin.generic._csv_file import CsvFile, header_names
from egregora_core.builtin.generic._json_files import (
    BLANKS,
    JsonFile,
    JsonLinesFile,
    are_lines,
    beginning,
    object_names,
)
from egregora_core.builtin.generic._parquet_file import ParquetFile, parquet_names
from egregora_core.builtin.generic._table_file import TableFile

if TYPE_CHECKING:
    from egregora_core.plugin import Export

_ENDINGS = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".parquet", ".pq")


def files_of(export: "Export") -> list[TableFile]:
    """Return the tables of an export."""
    return [found for name in export.names if (found := file_of(export, name)) is not None]


def is_named(name: str) -> bool:
    """Tell whether a member is called as tables are."""
    return name.casefold().endswith(_ENDINGS)


def file_of(export: "Export", name: str) -> TableFile | None:
    """Return a member as a table; None where it is none."""
    if not export.is_file and not is_named(name):
        return None
    kind: type[TableFile]
    head = export.head(name)
    if head.startswith("PAR1"):
        names, kind = parquet_names(export, name), ParquetFile
    elif head.lstrip(BLANKS)[:1] in ("{", "["):
        start = beginning(export, name)
        names, kind = object_names(start), JsonLinesFile if are_lines(start) else JsonFile
    else:
        names, kind = header_names(head), CsvFile
    return kind(export, name, tuple(names)) if names else None
