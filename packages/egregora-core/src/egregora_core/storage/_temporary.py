"""What SQL may read by a name for the length of a block: rows that are computed once, and rows that are in Python.

After an error a temporary table stays until the next of its name: the transaction that failed refuses to drop it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from egregora_core.storage._database import Connection


@contextmanager
def temporary_table(connection: "Connection", name: str, select: str) -> Iterator[None]:
    """Keep what a SELECT finds in a table of this name while the block runs."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {select}")
    yield
    connection.execute(f"DROP TABLE {name}")


@contextmanager
def arrow_view(connection: "Connection", name: str, rows: Any) -> Iterator[None]:
    """Let SQL read an Arrow table, or a reader of batches, under a name while the block runs."""
    connection.register(name, rows)
    try:
        yield
    finally:
        connection.unregister(name)


__all__ = ["arrow_view", "temporary_table"]
