"""What reading does beside its result: bytes that are read, files that stay open, words that are printed."""

import gc
import io
import tracemalloc
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

_COUNTERS = Path("/proc/self/io")
_OPEN = Path("/dev/fd")


@dataclass
class Traces:
    """What was left behind; filled when the block ends."""

    read: int = 0
    """Bytes that were read from files; where the system does not count them, the most memory that was in use."""
    open: int = 0
    """Files that are open, and were not before."""
    unclosed: list[str] = field(default_factory=list)
    """Files that were closed by the garbage collector alone."""
    printed: str = ""


@contextmanager
def watched_reading() -> Iterator[Traces]:
    """Watch a block of code for the bytes alone that it reads: nothing is collected, which takes long."""
    found, start = Traces(), _bytes_read()
    if start is None:
        tracemalloc.start()
    yield found
    end = _bytes_read()
    found.read = tracemalloc.get_traced_memory()[1] if start is None or end is None else end - start
    if start is None:
        tracemalloc.stop()


@contextmanager
def traces() -> Iterator[Traces]:
    """Watch a block of code for what it leaves behind."""
    found, output = Traces(), io.StringIO()
    gc.collect()
    before = _open_files()
    with warnings.catch_warnings(record=True) as warned, redirect_stdout(output), redirect_stderr(output):
        warnings.simplefilter("always", ResourceWarning)
        yield found
        gc.collect()
    found.open = len(_open_files() - before)
    found.unclosed = [str(each.message) for each in warned if issubclass(each.category, ResourceWarning)]
    found.printed = output.getvalue()


def _bytes_read() -> int | None:
    """Return how many bytes this process has read so far; None where nobody counts."""
    if not _COUNTERS.exists():
        return None
    return int(_COUNTERS.read_text(encoding="ascii").split(maxsplit=2)[1])


def _open_files() -> set[str]:
    return {entry.name for entry in _OPEN.iterdir()} if _OPEN.is_dir() else set()
