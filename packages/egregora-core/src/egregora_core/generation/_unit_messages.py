"""In SQL: the messages of many units, in one sorted pass.

Units are intervals of a sorted sequence, so slicing the stream of record batches replaces a query per unit;
windows that overlap are slices that overlap. What is read is joined to the stretches that units cover, not to
the units: untouched parts of a thread are not read, and no row arrives twice.
"""

from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from egregora_core.generation._held_messages import HELD_BYTES, HeldMessages
from egregora_core.generation._windows import Chats
from egregora_core.messages import IR_MESSAGES
from egregora_core.plugins import BATCH_ROWS, UnitMessages
from egregora_core.storage import literal

if TYPE_CHECKING:
    import pyarrow as pa

    from egregora_core.storage import Connection

UnitRow = dict[str, Any]
"""One row of a units query; see `_windows.UNIT_COLUMNS`."""

_FEW_STRETCHES = 100
"""Up to here comparing each message with every stretch of its thread is cheaper than the sort of an ASOF
join.
"""

_COLUMNS = ", ".join(f"m.{name}" for name in IR_MESSAGES.names)


@dataclass
class _Stretch:
    """Messages of one thread or author that are read without a gap, and the units in it."""

    units: list[UnitRow]
    first: UnitRow
    last: UnitRow
    rows: int


def read_units(
    connection: "Connection", chats: Chats, kind: str, units: Sequence[UnitRow], *, most: int = HELD_BYTES
) -> Generator[tuple[UnitRow, UnitMessages]]:
    """Yield each unit with its messages, in the order given, which is that of the units query.

    `connection` is busy until the iterator ends: give it a cursor of its own, which then sees one snapshot
    however much others write. Memory holds a batch and `most` bytes of a unit, and the rest of it is on the disk; the
    engine sorts, and spills where it must.
    """
    if not units:
        return
    connection.execute("SET TimeZone = 'UTC'")
    if kind == "author":
        stretches = [_Stretch([unit], unit, unit, unit["messages"]) for unit in units]
        query = _authors_query(chats)
    else:
        stretches = list(_stretches(units))
        crowded = max(Counter(stretch.first["thread_id"] for stretch in stretches).values()) > _FEW_STRETCHES
        query = _windows_query(chats, "ASOF JOIN" if crowded else "JOIN")
    connection.register("unit_stretches", _stretch_table(stretches))
    directory = _directory_of(connection)
    stream = HeldMessages(connection.execute(query).to_arrow_reader(BATCH_ROWS), directory, most)
    start = 0
    for stretch in stretches:
        origin = start - (stretch.first["first_position"] or 0)
        for unit in stretch.units:
            first = origin + (unit["first_position"] or 0)
            yield unit, stream.rows(first, first + unit["messages"])
        start += stretch.rows


def _directory_of(connection: "Connection") -> Path | None:
    """Return where messages may be put for a while: where the engine puts them, or beside that; None is anywhere."""
    (place,) = connection.execute("SELECT current_setting('temp_directory')").fetchall()[0]
    spill = Path(place)
    return next((each for each in (spill, spill.parent) if place and each.is_dir()), None)


def _stretches(windows: Iterable[UnitRow]) -> Iterator[_Stretch]:
    """Join windows that touch: by position, or in time (a join on `ts` alone could not tell them apart)."""
    current: _Stretch | None = None
    for window in windows:
        if current is not None and _touches(current.last, window):
            current.units.append(window)
            if window["last_position"] > current.last["last_position"]:
                current.last = window
            current.rows = current.last["last_position"] - current.first["first_position"] + 1
            continue
        if current is not None:
            yield current
        current = _Stretch([window], window, window, window["messages"])
    if current is not None:
        yield current


def _touches(before: UnitRow, after: UnitRow) -> bool:
    return bool(
        before["thread_id"] == after["thread_id"]
        and (after["first_position"] <= before["last_position"] + 1 or after["window_start"] <= before["window_end"])
    )


def _stretch_table(stretches: Sequence[_Stretch]) -> "pa.Table":
    import pyarrow as pa

    ts = pa.timestamp("us", "UTC")
    columns = {
        "thread_id": pa.array([stretch.first["thread_id"] for stretch in stretches], pa.string()),
        "author_uuid": pa.array([stretch.first["author_uuid"] for stretch in stretches], pa.string()),
        "from_ts": pa.array([stretch.first["window_start"] for stretch in stretches], ts),
        "from_seq": pa.array([stretch.first["first_seq"] for stretch in stretches], pa.int32()),
        "to_ts": pa.array([stretch.last["window_end"] for stretch in stretches], ts),
        "to_seq": pa.array([stretch.last["last_seq"] for stretch in stretches], pa.int32()),
    }
    return pa.table(columns)


def _windows_query(chats: Chats, join: str) -> str:
    return f"""
SELECT {_COLUMNS} FROM {chats.table} AS m
{join} (SELECT * REPLACE (thread_id::UUID AS thread_id) FROM unit_stretches) AS s
    ON m.thread_id = s.thread_id AND m.ts >= s.from_ts
WHERE m.tenant_id = {literal(chats.tenant)} AND (m.ts, m.seq) >= (s.from_ts, s.from_seq)
    AND (m.ts, m.seq) <= (s.to_ts, s.to_seq)
ORDER BY m.thread_id, m.ts, m.seq
"""  # the table's name is ours; the tenant is quoted


def _authors_query(chats: Chats) -> str:
    return f"""
SELECT {_COLUMNS} FROM {chats.table} AS m
WHERE m.tenant_id = {literal(chats.tenant)} AND m.author_raw <> ''
    AND m.author_uuid IN (SELECT author_uuid::UUID FROM unit_stretches)
ORDER BY m.author_uuid, m.thread_id, m.ts, m.seq
"""  # the table's name is ours; the tenant is quoted
