"""WhatsApp's reader as tests call it: of a path, with an attachment's facts in columns of their own."""

from pathlib import Path

import pyarrow as pa
from egregora_core.builtin.whatsapp import _source
from egregora_core.exports import Export
from egregora_core.plugins import SURE, Reading, ReadOptions

_ALWAYS = ("edited", "event", "mentions")
_MEDIA = ("name", "type", "size", "missing")


def how_sure(path: Path) -> int:
    """Return 0 for no, 1 for maybe, 2 for likely, 3 for certain."""
    return SURE.index(_source.recognise(Export(path)).sure)


def read(path: Path, options: ReadOptions) -> Reading:
    reading = _source.read(Export(path), options)
    reading.batches = map(_flat, reading.batches)
    return reading


def _flat(batch: pa.Table) -> pa.Table:
    for name in _ALWAYS:
        if name not in batch.column_names:
            batch = batch.append_column(name, pa.nulls(batch.num_rows))
    if "media" in batch.column_names:
        found = [media[0] if media else {} for media in batch["media"].to_pylist()]
        batch = batch.drop_columns(["media"])
    else:
        found = [{}] * batch.num_rows
    for name in _MEDIA:
        batch = batch.append_column(f"media_{name}", pa.array([one.get(name) for one in found]))
    return batch
