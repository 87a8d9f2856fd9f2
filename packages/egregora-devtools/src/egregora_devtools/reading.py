"""Read exports with a source's function, in this process or in one of its own, and tell what came out.

python -m egregora_devtools.reading PICKLE, where the pickle is a `Task` that the suite itself has just written. A line
is printed for each export: `memory` tells the most kB that the process ever had, else what was read is told by a hash.
"""

import hashlib
import importlib
import pickle
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from egregora_core.exports import Export
from egregora_core.ingestion import tables
from egregora_core.plugins import Reading, ReadOptions

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Task:
    """What to read, and with what."""

    target: str
    """The source's function, `module:attr`."""
    exports: tuple[Path, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    thread: str | None = None
    date_order: Any = None
    year: int | None = None
    memory: bool = False

    def reading(self, export: Export) -> Reading:
        """Call the source as the host does."""
        module, _, attribute = self.target.partition(":")
        read = getattr(importlib.import_module(module), attribute)
        options = ReadOptions(self.thread, self.date_order, self.year)
        reading: Reading = read(export, options, **self.settings)
        return reading

    def tables(self, path: Path) -> Iterator["pa.Table"]:
        """Yield what the host makes of an export's batches, each checked."""
        with Export(path) as export:
            yield from tables("it", self.reading(export))


def digest(task: Task, path: Path) -> str:
    """Return a hash of all that is read of an export: rows, people, chats and report."""
    hasher = hashlib.sha256()
    with Export(path) as export:
        reading = task.reading(export)
        for table in tables("it", reading):
            for row in table.to_pylist():
                hasher.update(repr(row).encode(errors="surrogatepass"))
        people = None if reading.people is None else list(reading.people())
        said = (people, list(reading.threads()), reading.facts, reading.notices, reading.report(), reading.as_of)
        hasher.update(repr(said).encode(errors="surrogatepass"))
    return hasher.hexdigest()


def peak() -> int:
    """Return the most kB that this process ever had; on Linux `ru_maxrss` would be no less than the parent's."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1])
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> (10 if sys.platform == "darwin" else 0)


def main(pickled: str) -> None:
    """Do a task."""
    task: Task = pickle.loads(Path(pickled).read_bytes())  # noqa: S301 - written by the suite
    for path in task.exports:
        if task.memory:
            rows = sum(table.num_rows for table in task.tables(path))
            sys.stdout.write(f"{peak()} {rows}\n")
        else:
            sys.stdout.write(f"{digest(task, path)}\n")


if __name__ == "__main__":
    # The pickle's class is the one of this module under its own name, which is another one than that of `__main__`.
    importlib.import_module("egregora_devtools.reading").main(sys.argv[1])
