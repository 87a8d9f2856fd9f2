"""A file that holds a table: what its formats have in common."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

    from egregora_core.plugin import Export

BLOCK = 2 << 20
"""Bytes of a text that are read at a time."""


@dataclass(frozen=True)
class TableFile(ABC):
    """A table: one member of an export."""

    export: "Export"
    name: str
    names: tuple[str, ...]
    """Those of its columns."""

    @property
    def where(self) -> str:
        return f"{self.export.path}" if self.export.is_file else f"{self.export.path}: {self.name}"

    @abstractmethod
    def at(self, row: int) -> str:
        """Return where a row is, counted from zero: the file and its line or the like, for an error."""

    @abstractmethod
    def tables(self, columns: Sequence[str]) -> "Iterator[pa.Table]":
        """Yield some columns of the table, in pieces. Raises ExportError, with the place."""
