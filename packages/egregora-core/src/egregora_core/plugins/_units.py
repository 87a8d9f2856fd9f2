"""What one call of a writer is about: a unit, and its messages, as one table or in batches.

A unit may hold more messages than there is memory. Who reads `batches` holds one of them at a time; `messages` is the
table of all, which is as large as the unit is.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, overload

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    import pyarrow as pa

BATCH_ROWS = 8_192
"""At most so many messages are in one batch."""


def _nothing() -> None:
    """Let go of what is in memory anyhow."""


@dataclass(frozen=True)
class Piece:
    """A batch of messages, wherever it is held."""

    rows: int
    load: "Callable[[], pa.RecordBatch]"
    """Called each time that it is read."""
    let_go: Callable[[], None] = _nothing
    """Called when the next one is read; a batch that is used afterwards all the same is still good."""

    @classmethod
    def of(cls, batch: "pa.RecordBatch") -> "Piece":
        """Return a batch in memory."""
        return cls(batch.num_rows, lambda: batch)


class UnitMessages:
    """Messages as pieces, of which the first and the last may count in part; they are read as often as one likes."""

    def __init__(self, schema: "pa.Schema", pieces: Sequence[Piece], rows: int, skipped: int = 0) -> None:
        self._schema = schema
        self._pieces = pieces
        self._skipped = skipped
        self.rows = rows

    @classmethod
    def of(cls, table: "pa.Table") -> "UnitMessages":
        """Return the messages that a table holds."""
        batches = table.to_batches(max_chunksize=BATCH_ROWS)
        return cls(table.schema, [Piece.of(batch) for batch in batches], table.num_rows)

    def batches(self) -> "Iterator[pa.RecordBatch]":
        """Yield the rows; a batch is in memory until the next one is asked for."""
        skipped, left = self._skipped, self.rows
        for piece in self._pieces:
            if skipped >= piece.rows:
                skipped -= piece.rows
                continue
            wanted = min(piece.rows - skipped, left)
            if not wanted:
                break
            yield piece.load().slice(skipped, wanted)
            piece.let_go()
            skipped, left = 0, left - wanted

    def table(self) -> "pa.Table":
        """Return all of them at once; what is held on the disk is mapped, not copied."""
        import pyarrow as pa

        whole = pa.Table.from_batches([piece.load() for piece in self._pieces], self._schema)
        return whole.slice(self._skipped, self.rows)

    def __reduce__(self) -> tuple[Any, ...]:
        """Go into another process with what is read, not with where it is held."""
        return UnitMessages.of, (self.table(),)


class _Whole:
    """The field `messages`: given as a table or as messages that are held, and read as a table."""

    @overload
    def __get__(self, unit: None, owner: type) -> "_Whole": ...
    @overload
    def __get__(self, unit: "Unit", owner: type) -> "pa.Table": ...
    def __get__(self, unit: "Unit | None", owner: type) -> "pa.Table | _Whole":
        if unit is None:
            raise AttributeError("messages")  # so a dataclass knows that the field has no default
        return held_by(unit).table()

    def __set__(self, unit: "Unit", value: "pa.Table | UnitMessages") -> None:
        unit.__dict__["_held"] = value if isinstance(value, UnitMessages) else UnitMessages.of(value)


@dataclass(frozen=True)
class Unit:
    """What one call of a writer is about: a window of one thread, or one author's messages."""

    kind: Literal["window", "author"]
    key: str
    """Stable identity of the unit within its tenant."""
    thread_id: "UUID | None"
    author_uuid: "UUID | None"
    window_start: "datetime"
    """First `ts`, UTC, inclusive."""
    window_end: "datetime"
    """Last `ts`, UTC, inclusive."""
    timezone: str
    """IANA zone that dates are written in: the configured one, else the chat's (of an author: of most messages)."""
    messages: _Whole = _Whole()
    """All of the unit at once: IR v1 columns after the last message stage, ordered by thread, `ts` and `seq`; never a
    name in it. The table is as large as the unit; a writer that wants to stay small reads `batches`.
    """

    @property
    def count(self) -> int:
        """How many messages it has."""
        return held_by(self).rows

    def batches(self, *columns: str) -> "Iterator[pa.RecordBatch]":
        """Yield the rows of `messages` in their order, some thousand at a time, with these columns or all.

        One batch is in memory at a time, however large the unit is; call it again to read them again.
        """
        for batch in held_by(self).batches():
            yield batch.select(columns) if columns else batch


def held_by(unit: Unit) -> UnitMessages:
    """Return a unit's messages as they are held."""
    held: UnitMessages = unit.__dict__["_held"]
    return held


__all__ = ["BATCH_ROWS", "Piece", "Unit", "UnitMessages"]
