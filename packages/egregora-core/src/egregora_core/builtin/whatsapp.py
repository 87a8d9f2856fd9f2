"""WhatsApp's own exports, `.txt` and `.zip`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from egregora_core.plugin import Reading, ReadOptions, Recognised, SourceSpec, Sure, hookimpl

if TYPE_CHECKING:
    import pyarrow as pa

    from egregora_core.plugin import Export

EGREGORA_API = 1

_SURE: tuple[tuple[float, Sure], ...] = ((1.0, "certain"), (0.8, "likely"), (0.1, "maybe"))


@hookimpl
def register_sources() -> Sequence[SourceSpec]:
    return [
        SourceSpec(
            name="whatsapp",
            recognise="egregora_core.builtin.whatsapp:recognise",
            read="egregora_core.builtin.whatsapp:read",
            title="WhatsApp",
            accepts="the .txt or .zip that “Export chat” makes",
        )
    ]


def recognise(export: "Export") -> Recognised:
    """Say how surely an export is WhatsApp's, from its name and first lines."""
    from egregora_core.sources import whatsapp

    found = whatsapp.recognise(export.path)
    sure: Sure = next((sure for least, sure in _SURE if found >= least), "no")
    return Recognised(sure, "its lines, and its name" if sure == "certain" else "its lines")


def read(export: "Export", options: ReadOptions) -> Reading:
    """Read an export. The reader opens it by itself, so which of its files count is said here."""
    from egregora_core.sources import whatsapp

    for name in export.find("*.[tT][xX][tT]"):
        export.uses(name)
    reading = whatsapp.read(export.path, options)
    reading.batches = map(_with_media, reading.batches)
    return reading


def _with_media(batch: "pa.Table") -> "pa.Table":
    """Put the columns of an attachment into the one column of attachments."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found = {name: f"media_{name}" for name in ("name", "type", "size", "missing")}
    found = {name: column for name, column in found.items() if column in batch.column_names}
    rest = batch.drop_columns(list(found.values()))
    if not found or not batch.num_rows:
        return rest
    columns = {name: batch[column].combine_chunks() for name, column in found.items()}
    there = pc.or_kleene(*(pc.is_valid(columns[name]) for name in ("name", "missing")))
    offsets = pc.cumulative_sum(pa.concat_arrays([pa.array([0], pa.int32()), there.cast(pa.int32())]))
    values = pa.StructArray.from_arrays([column.filter(there) for column in columns.values()], list(columns))
    return rest.append_column("media", pa.ListArray.from_arrays(offsets, values, mask=pc.invert(there)))
