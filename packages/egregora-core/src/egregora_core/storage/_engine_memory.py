"""How much memory the engine may hold before it spills to disk, for what it does just now.

It holds at most a third of what it would take by itself: that follows from the memory there is, of the machine or of a
container, where Python needs some, too. What each of its threads holds does not spill: few share little.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

_MOST, _SHARE = 2_000_000_000, 3
_INGESTION, _MORE_OF_INGESTION = 140_000_000, 180_000_000
_READING = 64_000_000
"""Of messages that it only keeps, while their source reads on, which needs memory itself."""
_PUBLICATION = 224_000_000
"""While pages are made of all messages: the publisher needs some as well."""
_SORTING, _LEAST_OF_SORTING = 400_000_000, 260_000_000
"""While messages are sorted for writers, where there is so much, and in any case: with 260 MB it sorts some millions,
and ten not always."""
_STORING = 140_000_000
"""At least so much more while documents are stored: a commit may write all of them anew, beside what is sorted."""
_FEW_CHANGES, _BYTES_OF_A_CHANGE = 20_000, 1_000
_ROWS_OF_A_LOOK, _ROWS_OF_A_THREAD, _COPIES = 2048, 122_880, 3
"""So many rows the engine looks at together, so many at least a thread is given, and so often it holds them then."""
_BYTES_TO_LOOK_AT = 30_000_000
"""Of its limits, what is there for that in any case."""
_FEWEST_THREADS, _BYTES_PER_THREAD = 2, 80_000_000
"""So many threads share what it may hold, and one more for each such part of it."""
_BYTES = {"bytes": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}
_THREADS = "SELECT current_setting('threads')"


class EngineMemory:
    """The limits of an open database: each as a block, in which more may be granted."""

    def __init__(self, execute: Callable[[str], list[tuple[Any, ...]]], found: str) -> None:
        """Take what runs a statement, and what the engine would hold by itself, in its words."""
        self._execute = execute
        amount, _, unit = found.partition(" ")
        self._most = self._limit = self._granted = min(_MOST, int(float(amount) * _BYTES[unit]) // _SHARE)
        self._needed = 0
        self._sorts = False
        self._sorting = max(_LEAST_OF_SORTING, min(_SORTING, self._most))

    def begin(self) -> None:
        """Tell a connection that was just opened."""
        self._processors = self._threads = self._count_threads()
        self._tell(self._limit)
        self._share()

    @contextmanager
    def for_ingestion(self) -> Iterator[None]:
        """Let the engine spill early while the block reads an export, whose size must not show in memory."""
        with self._limited(_INGESTION):
            yield

    @contextmanager
    def for_reading(self) -> Iterator[None]:
        """Inside `for_ingestion`: let the engine spill what it is given by a source that reads meanwhile."""
        with self._limited(_READING):
            yield

    @contextmanager
    def for_publication(self) -> Iterator[None]:
        """Let the engine spill while the block makes pages of all messages."""
        with self._limited(_PUBLICATION):
            yield

    @contextmanager
    def for_writers(self) -> Iterator[None]:
        """Let the engine spill while the block sorts messages for writers, which may need as much themselves."""
        self._sorts = True
        try:
            with self._limited(self._sorting):
                yield
        finally:
            self._sorts = False

    @contextmanager
    def for_documents(self) -> Iterator[None]:
        """Inside `for_writers`: let the engine have more while documents are stored.

        For this block alone: what reads sorted messages on takes whatever there is, and does not give it back.
        """
        import duckdb

        if not self._sorts:
            yield
            return
        self._needed = max(self._sorting + _STORING, self._most)
        self._tell(self._needed)
        try:
            yield
        finally:
            with suppress(duckdb.Error):  # more is in use, and stays; or an aborted transaction refuses everything
                self._tell(self._sorting)

    def grant_long_rows(self) -> None:
        """Inside `for_ingestion`: let the engine have more, for messages that hold much beside their text."""
        self._grant(min(_MORE_OF_INGESTION, self._most))

    def grant_changes(self, rows: int) -> None:
        """Inside `for_ingestion`: let the engine have what it holds of so many rows until their change is committed."""
        if rows > _FEW_CHANGES:
            self._grant(min(_MORE_OF_INGESTION + rows * _BYTES_OF_A_CHANGE, self._most))

    def grant_looks(self, rows: int, bytes_per_row: int) -> None:
        """Inside `for_ingestion`: let the engine have what it needs to look at rows, which it does some together.

        That shows only where messages are very long, or hold very long lists: those of one look have to fit at once.
        """
        at_once = min(rows, _ROWS_OF_A_LOOK) * min(-(-rows // _ROWS_OF_A_THREAD), self._count_threads())
        self._grant(min(_INGESTION + at_once * bytes_per_row * _COPIES - _BYTES_TO_LOOK_AT, self._most))

    def checkpoint(self) -> None:
        """Merge the log into the file, with little memory: with all there is it takes all, and is done no sooner.

        What it lacks it cannot do without: it raises, gives the file up, and the next to open that reads the log. So it
        has what anything was granted since the file was opened, of which half is to be free; else all there is.
        """
        import duckdb

        wanted = max(_INGESTION, self._needed)
        try:
            self._tell(wanted // 2)
            self._tell(wanted)
        except duckdb.OutOfMemoryException:  # more is in use, as of a large index, and stays
            self._tell(self._most)
        self._execute("CHECKPOINT")

    def take_processors(self) -> None:
        """Let the engine use as many processors as there are, and as share its memory well."""
        self._execute("RESET threads")
        self._processors = self._threads = self._count_threads()
        self._share()

    @contextmanager
    def _limited(self, limit: int) -> Iterator[None]:
        import duckdb

        before, granted = self._limit, self._granted
        self._limit = self._granted = limit  # a file that is let go of and opened again keeps to it
        with suppress(duckdb.OutOfMemoryException):  # more than that is in use, and stays
            self._tell(limit)
        self._share()
        try:
            yield
        finally:
            self._limit, self._granted = before, granted
            with suppress(duckdb.Error):  # an aborted transaction refuses everything; the session is over then
                self._tell(granted)
                self._share()

    def _grant(self, wanted: int) -> None:
        """Let the engine have so much, if it may have less now."""
        self._needed = max(self._needed, wanted)
        if wanted > self._granted:
            self._granted = wanted
            self._tell(wanted)

    def _tell(self, limit: int) -> None:
        self._execute(f"SET memory_limit = '{limit // 1_000_000}MB'")

    def _share(self) -> None:
        """Let no more threads share the memory than find enough of it."""
        threads = min(self._processors, max(_FEWEST_THREADS, self._limit // _BYTES_PER_THREAD))
        if threads != self._threads:
            self._execute(f"SET threads = {threads}")
            self._threads = threads

    def _count_threads(self) -> int:
        return int(self._execute(_THREADS)[0][0])


__all__ = ["EngineMemory"]
