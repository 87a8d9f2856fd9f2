"""How many processors the engine takes: one while there is little to work on, else all.

It shares work out by row groups of 122,880 rows: of fewer, a second thread has little to do, and getting it ready costs
a fifth of what a small run takes.
"""

from pathlib import Path

from egregora_core.storage._database import Database, file_stamp
from egregora_core.workspace import Lake

_LITTLE = 16_000_000
"""Bytes of a database, with an export that comes to it, in which tables have hardly more than one row group."""


def threads_at_first(path: Path) -> dict[str, int]:
    """Return the engine's setting for a file that is opened to be written."""
    return {"threads": 1} if _bytes_of(path) < _LITTLE else {}


def take_processors(db: Database, more: float = 0) -> None:
    """Let the engine use every processor where the file, with `more` bytes to come, is no small one."""
    if not isinstance(db.path, Lake) and _bytes_of(db.path) + more >= _LITTLE:
        db.memory.take_processors()


def _bytes_of(path: Path) -> int:
    if not path.exists():
        return 0
    size, _time, log = file_stamp(path)
    return size + log


__all__ = ["take_processors", "threads_at_first"]
