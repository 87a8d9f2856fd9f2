"""Messages of the units that are being written: a stream of record batches, addressed by row number.

What is more than a little of it goes into a file without a name, which is mapped into memory again: it goes with the
last unit that was read from it, or with the process, however that ends.
"""

import mmap
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from egregora_core.errors import StageError
from egregora_core.plugins import Piece, UnitMessages

if TYPE_CHECKING:
    import pyarrow as pa

HELD_BYTES = 48 << 20
"""Of messages that are held in memory for a unit: some 100,000 short ones. What is beyond that is on the disk."""

_LET_GO = getattr(mmap, "MADV_DONTNEED", None)
"""Tells the system that pages of a file need not stay in memory; there is no such thing on Windows."""


class HeldMessages:
    """The batches of a reader from the last request on; what lies before it is forgotten."""

    def __init__(self, reader: "pa.RecordBatchReader", directory: Path | None = None, most: int = HELD_BYTES) -> None:
        self._reader = reader
        self._directory = directory
        self._most = most
        self._held: list[tuple[Piece, int]] = []
        """Pieces, and how much of the memory each takes."""
        self._start = 0
        self._end = 0

    def rows(self, first: int, end: int) -> UnitMessages:
        """Return rows `first` to `end`; `first` never falls from one call to the next."""
        self._forget(first)
        for batch in self._until(end):
            if sum(size for _, size in self._held) >= self._most:
                self._keep_on_disk(batch, end)
                break
            self._held.append((Piece.of(batch), batch.nbytes))
            self._forget(first)  # between two units there may be messages of none
        self._forget(first)
        return UnitMessages(self._reader.schema, [piece for piece, _ in self._held], end - first, first - self._start)

    def _forget(self, first: int) -> None:
        passed = 0
        while passed < len(self._held) and self._start + self._held[passed][0].rows <= first:
            self._start += self._held[passed][0].rows
            passed += 1
        del self._held[:passed]

    def _until(self, end: int) -> "Iterator[pa.RecordBatch]":
        """Read on until row `end` is there."""
        while self._end < end:
            batch = next(self._reader, None)
            if batch is None:
                raise StageError("messages were removed while writers read them: run again")
            self._end += batch.num_rows
            yield batch

    def _keep_on_disk(self, batch: "pa.RecordBatch", end: int) -> None:
        """Put a batch, and what comes after it until row `end`, into a file."""
        import pyarrow as pa

        places = []
        with tempfile.TemporaryFile(dir=self._directory) as file:
            while True:
                start = -(-file.tell() // mmap.ALLOCATIONGRANULARITY) * mmap.ALLOCATIONGRANULARITY
                file.seek(start)
                file.write(batch.serialize())
                places.append((start, file.tell() - start, batch.num_rows))
                following = next(self._until(end), None)
                if following is None:
                    break
                batch = following
            file.flush()
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        buffer, schema = pa.py_buffer(mapped), batch.schema
        for start, length, rows in places:
            load = partial(pa.ipc.read_record_batch, buffer.slice(start, length), schema)
            self._held.append((Piece(rows, load, partial(_let_go, mapped, start, length)), 0))


def _let_go(mapped: mmap.mmap, start: int, length: int) -> None:
    if _LET_GO is not None:
        mapped.madvise(_LET_GO, start, length)


__all__ = ["HELD_BYTES", "HeldMessages"]
