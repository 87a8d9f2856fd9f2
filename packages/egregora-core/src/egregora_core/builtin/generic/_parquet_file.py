"""Tables as Parquet."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from egregora_core.builtin.generic._table_file import TableFile
from egregora_core.plugin import ExportError

if TYPE_CHECKING:
    import pyarrow as pa

    from egregora_core.plugin import Export

_ROWS = 16_384
_LARGEST_PACKED = 256 << 20


class ParquetFile(TableFile):
    """A table as Parquet."""

    def at(self, row: int) -> str:
        return f"{self.where}: row {row + 1}"

    def tables(self, columns: Sequence[str]) -> "Iterator[pa.Table]":
        import pyarrow as pa

        try:
            opened = _opened(self.export, self.name)
            for batch in opened.iter_batches(batch_size=_ROWS, columns=list(columns)):
                batch.validate(full=True)  # of a damaged file, texts may be none
                yield pa.Table.from_batches([batch])
        except (pa.ArrowException, OSError) as error:
            raise ExportError(
                f"{self.where}: it is damaged, or no Parquet file ({type(error).__name__}); write it again"
            ) from None


def parquet_names(export: "Export", name: str) -> list[str]:
    import pyarrow as pa

    try:
        return [str(each) for each in _opened(export, name).schema_arrow.names]
    except (pa.ArrowException, OSError, ExportError):
        return []


def _opened(export: "Export", name: str) -> Any:
    """Open a Parquet file, whose parts are found from its end: of a zip it has to be unpacked as a whole."""
    import pyarrow as pa
    from pyarrow import parquet

    export.uses(name)
    if export.is_file:
        return parquet.ParquetFile(export.path)
    if not export.is_zip:
        return parquet.ParquetFile(export.path / name)
    if export.size(name) > _LARGEST_PACKED:
        raise ExportError(f"{export.path}: {name} is too large to be read inside of a zip; unpack it")
    with export.open(name) as stream:
        return parquet.ParquetFile(pa.BufferReader(stream.read()))
