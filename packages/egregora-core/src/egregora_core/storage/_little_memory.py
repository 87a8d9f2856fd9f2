"""An engine that works with little memory for a while, and with more where that is too little.

Least has that of a driver, whose cluster does the long work.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import TypeVar

from egregora_core.storage._database import Database
from egregora_core.storage._failures import lacks_memory

T = TypeVar("T")

_LIMIT, _THREADS, _RETURNS = "40MB", 1, "1MB"
"""What it may hold before it spills, how many threads share it, and in which bits it gives back what it has freed.

Each thread holds parts of files beside that, some 20 MB, and two are hardly done sooner.
"""


def in_bounded_memory(db: Database, work: Callable[[], T]) -> T:
    """Do the work with what pages of all messages mostly take; all over again with as much as there is, if it must."""
    return _again(work, db.memory.for_publication())


def in_little_memory(db: Database, work: Callable[[], T]) -> T:
    """Do the work with little memory; all over again with as much as there is, where that is too little."""
    return _again(work, _little(db))


def _again(work: Callable[[], T], limited: AbstractContextManager[None]) -> T:
    try:
        with limited:
            return work()
    except Exception as error:
        if not lacks_memory(error):
            raise
    return work()


@contextmanager
def _little(db: Database) -> Iterator[None]:
    threads = db.scalar("SELECT current_setting('threads')")
    returns = db.scalar("SELECT current_setting('allocator_flush_threshold')")
    with db.memory.for_publication():  # which puts the limit back
        db.execute(f"SET memory_limit = '{_LIMIT}'")
        _share(db, min(threads, _THREADS), _RETURNS)
        try:
            yield
        finally:
            _share(db, threads, returns)


def _share(db: Database, threads: int, returns: str) -> None:
    import duckdb

    with suppress(duckdb.TransactionException):  # an aborted transaction refuses everything; the session is over then
        db.execute(f"SET threads = {threads}")
        db.execute(f"SET allocator_flush_threshold = '{returns}'")


__all__ = ["in_bounded_memory", "in_little_memory"]
