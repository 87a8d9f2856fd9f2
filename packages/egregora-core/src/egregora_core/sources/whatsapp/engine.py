"""An in-memory DuckDB that works on blocks of lines, two at a time."""

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from egregora_core.sources.whatsapp.lines import Block

if TYPE_CHECKING:
    import pyarrow as pa

_Result = TypeVar("_Result")


_IDLE: SimpleQueue[Any] = SimpleQueue()
"""Databases that nobody works with: they hold nothing, and to open one takes longer than to read a small chat."""


class Engine:
    """A database for each thread that asks: each query runs in one thread, so they share nothing and never wait."""

    def __init__(self) -> None:
        import pyarrow as pa

        # Arrow's own pool keeps what was freed: some 60 MB by the end of a large export.
        pa.set_memory_pool(pa.system_memory_pool())
        self._workers = min(2, os.cpu_count() or 1)
        self._pool = ThreadPoolExecutor(self._workers)

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)

    def rows(self, sql: str, lines: "pa.Table") -> list[Any]:
        """Run a SELECT over `lines` and return its rows."""
        with self._over(lines) as connection:
            return list(connection.execute(sql).fetchall())

    def table(self, sql: str, lines: "pa.Table") -> "pa.Table":
        """Run a SELECT over `lines` and return its rows, in the order of the lines."""
        with self._over(lines) as connection:
            return connection.execute(sql).to_arrow_table()

    @contextmanager
    def _over(self, lines: "pa.Table") -> Iterator[Any]:
        try:
            connection = _IDLE.get_nowait()
        except Empty:  # all others are at work: there is one for each thread that asks
            connection = _connect()
        connection.register("lines", lines)
        try:
            yield connection
        finally:  # what is idle holds no lines, whatever became of the query
            connection.unregister("lines")
            _IDLE.put(connection)

    def map(self, function: Callable[[Block, "pa.Table"], _Result], blocks: Iterator[Block]) -> Iterator[_Result]:
        """Yield `function(block, lines)` for each block in order, working on a few at a time; memory stays bounded."""
        running: deque[Future[_Result]] = deque()
        position = 0
        for block in blocks:
            running.append(self._pool.submit(_with_lines, function, block, position))
            position += block.data.count(b"\n") + 1
            if len(running) > self._workers:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()


def _connect() -> Any:
    import duckdb

    connection = duckdb.connect(":memory:", config={"threads": 1})
    # Its plans are no faster for one table, and with lists of hundreds of words they take three times as long to make.
    connection.execute("PRAGMA disable_optimizer")
    return connection


def _with_lines(function: Callable[[Block, "pa.Table"], _Result], block: Block, position: int) -> _Result:
    return function(block, to_lines(block, position))


def starts_of(lines: "pa.Table") -> Any:
    """Return where each line of `to_lines` begins in its block, whose line breaks are not in Arrow's bytes."""
    import numpy as np

    _, offsets, _ = lines["l"].chunk(0).buffers()
    return np.frombuffer(offsets, dtype=np.int32)[: len(lines)] + np.arange(len(lines))


def to_lines(block: Block, position: int) -> "pa.Table":
    """Return a block's messages as a table `l, pos`, numbered from `position`."""
    import numpy as np
    import pyarrow as pa

    # The breaks are cut out of the bytes, and where they were become Arrow's offsets: no object per line.
    data = np.frombuffer(block.data, dtype=np.uint8)
    breaks = np.flatnonzero(data == ord("\n"))
    offsets = np.concatenate(([0], breaks - np.arange(len(breaks)), [len(data) - len(breaks)])).astype(np.int32)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(block.data.translate(None, b"\n"))]
    texts = pa.Array.from_buffers(pa.string(), len(offsets) - 1, buffers)
    return pa.table({"l": texts, "pos": np.arange(position, position + len(texts))})
