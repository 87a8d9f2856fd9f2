"""The parts of a staged export that are worked on one after the other, because all of it would not fit memory.

Lists that are put together anew do not spill to disk, so where messages hold long ones, a part has fewer messages.
"""

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from egregora_core.storage import Connection

_BLOCK = 256
"""Messages that are never parted."""
_ITEMS = 100_000
"""A part holds about so many mentions, reactions and files at most."""
_BYTES_OF_A_FILE = 100


def parts_of(connection: "Connection", rows: int) -> list[str]:
    """Return conditions on `pos` that cut what is staged into parts of at most so many rows, and not too many items."""
    last, lists = _last_and_long_lists(connection)
    starts, held = [0], 0
    for block, items in lists:
        start = block * _BLOCK
        if start - starts[-1] >= rows:
            starts += range(starts[-1] + rows, start + 1, rows)
            held = 0
        if held and held + items > _ITEMS:
            starts.append(start)
            held = 0
        held += items
    starts += range(starts[-1] + rows, last + 1, rows)
    if len(starts) == 1:
        return ["true"]  # to look at each place costs a tenth
    return [f"pos >= {start} AND pos < {end}" for start, end in pairwise([*starts, last + 1])]


def _last_and_long_lists(connection: "Connection") -> tuple[int, list[tuple[int, int]]]:
    """Return the last `pos`, and of blocks with more items than messages, how many they hold."""
    (_, last), *lists = connection.execute(f"""
        SELECT -1 AS block, coalesce(max(pos), 0) AS items FROM staging.common
        UNION ALL
        SELECT pos // {_BLOCK} AS block, sum(coalesce(len(mentions), 0) + coalesce(len(reactions), 0)
                                             + coalesce(strlen(more_media), 0) // {_BYTES_OF_A_FILE})::BIGINT AS items
        FROM staging.special GROUP BY block HAVING items > {_BLOCK} ORDER BY block
    """).fetchall()
    return last, lists


__all__ = ["parts_of"]
