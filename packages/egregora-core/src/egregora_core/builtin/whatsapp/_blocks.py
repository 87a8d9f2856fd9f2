"""A text in blocks of whole messages, one a line, and the engine that works on a few of them at once.

Each header starts a message, and lines without one continue it: the line breaks inside a message become a character
that the block does not hold.
"""

import os
import re
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain, pairwise
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

import duckdb
import numpy as np
import pyarrow as pa

_STAND_INS = (*(bytes([code]) for code in (30, 29, 28, 31, *range(1, 9), *range(14, 28))), "\U0010fffe".encode())

WIDTH = 400
"""So many bytes of a line hold its header and its author."""


@dataclass(frozen=True)
class Block:
    """Whole messages, one a line."""

    data: bytes
    newline: bytes
    """What stands for a line break inside a message."""
    number: int
    """How many messages stand before it."""
    start: int | None = None
    """Where the block begins in its text, in bytes; null where its bytes do not stand in the text as they are."""
    raw: bytes = b""
    r"""The data as the text has them there: with `\r` for a line break that cannot end a message (`TextFile.crlf`)."""
    below: bytes = b""
    """How the next message begins; nothing behind the last one."""


def blocks(chunks: Iterator[bytes], header: bytes, start: int = 0) -> Iterator[Block]:
    """Yield the messages of chunks that begin at `start`; what stands before the first header is dropped."""
    inner = re.compile(b"\n(?!" + header + b")")
    starts, line_starts = re.compile(header), re.compile(b"(?m)^" + header)
    carry: list[bytes] = []
    begun, end, number = False, start, 0
    # The last chunk ends the last message: a small text is one block, which is planned for once.
    for chunk, following in pairwise(chain(chunks, (b"",))):
        is_last = not following
        end += len(chunk)
        if begun and not is_last and not line_starts.search(chunk):
            carry.append(chunk)
            continue
        text = b"".join((*carry, chunk))
        newline = next(code for code in _STAND_INS if code not in text)
        joined = inner.sub(newline, text.removesuffix(b"\n") if is_last else text)
        first = end - len(text)
        if not begun and not starts.match(joined):
            cut = joined.find(b"\n")
            if cut < 0:
                continue
            joined, first = joined[cut + 1 :], first + cut + 1
        begun = True
        # The last message may go on in the next chunk.
        cut = len(joined) if is_last else joined.rfind(b"\n")
        if cut > 0:
            raw, below = joined[:cut], joined[cut + 1 : cut + 1 + WIDTH]
            block = Block(raw.replace(b"\r", newline), newline, number, below=below)
            # Behind a longer stand-in nothing is where it was in the text.
            yield replace(block, start=first, raw=raw) if len(newline) == 1 else block
            number += raw.count(b"\n") + 1
        carry = [joined[cut + 1 :].replace(newline, b"\n")]


# --- the engine ----------------------------------------------------------------------------------------------------

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


_IDLE: SimpleQueue[Any] = SimpleQueue()
"""Databases that nobody works with: they hold nothing, and to open one takes longer than to read a small chat."""


class Engine:
    """A database for each thread that asks: each query runs in one thread, so they share nothing and never wait."""

    def __init__(self) -> None:
        # Arrow's own pool keeps what was freed: some 60 MB by the end of a large export.
        pa.set_memory_pool(pa.system_memory_pool())
        self._workers = min(2, os.cpu_count() or 1)
        self._pool = ThreadPoolExecutor(self._workers)

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)

    def rows(self, sql: str, lines: pa.Table) -> list[Any]:
        """Run a SELECT over `lines` and return its rows."""
        with self._over(lines) as connection:
            return list(connection.execute(sql).fetchall())

    def table(self, sql: str, lines: pa.Table) -> pa.Table:
        """Run a SELECT over `lines` and return its rows, in the order of the lines."""
        with self._over(lines) as connection:
            return connection.execute(sql).to_arrow_table()

    @contextmanager
    def _over(self, lines: pa.Table) -> Iterator[Any]:
        try:
            connection = _IDLE.get_nowait()
        except Empty:  # all others are at work: there is one for each thread that asks
            connection = duckdb.connect(":memory:", config={"threads": 1})
            # Its plans for one table are no faster, and those with hundreds of words take three times as long to make.
            connection.execute("PRAGMA disable_optimizer")
        connection.register("lines", lines)
        try:
            yield connection
        finally:  # what is idle holds no lines, whatever became of the query
            connection.unregister("lines")
            _IDLE.put(connection)

    def map(self, function: Callable[[_Item], _Result], items: Iterator[_Item], ahead: int = 0) -> Iterator[_Result]:
        """Yield `function(item)` for each item in order, working on a few at a time; memory stays bounded."""
        running: deque[Future[_Result]] = deque()
        for item in items:
            running.append(self._pool.submit(function, item))
            if len(running) > (ahead or self._workers):
                yield running.popleft().result()
        while running:
            yield running.popleft().result()


def starts_of(lines: pa.Table) -> Any:
    """Return where each line of `to_lines` begins in its block, whose line breaks are not in Arrow's bytes."""
    _, offsets, _ = lines["l"].chunk(0).buffers()
    return np.frombuffer(offsets, dtype=np.int32)[: len(lines)] + np.arange(len(lines))


def to_lines(block: Block) -> pa.Table:
    """Return a block's messages as a table `l, pos`, with their numbers in the text."""
    # The breaks are cut out of the bytes, and where they were become Arrow's offsets: no object per line.
    data = np.frombuffer(block.data, dtype=np.uint8)
    breaks = np.flatnonzero(data == ord("\n"))
    offsets = np.concatenate(([0], breaks - np.arange(len(breaks)), [len(data) - len(breaks)])).astype(np.int32)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(block.data.translate(None, b"\n"))]
    texts = pa.Array.from_buffers(pa.string(), len(offsets) - 1, buffers)
    return pa.table({"l": texts, "pos": np.arange(block.number, block.number + len(texts))})
