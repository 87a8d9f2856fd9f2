"""Read exports one after the other in a process of its own; after each, print the most memory that it ever had, in kB.

python -m egregora_devtools.peak egregora_irc:read SMALL LARGE
"""

import importlib
import sys
from pathlib import Path

from egregora_core.exports import Export
from egregora_core.ingestion import tables
from egregora_core.plugins import ReadOptions


def main(target: str, *paths: str) -> None:
    """Read each export with the source's function and keep nothing of it."""
    module, _, attribute = target.partition(":")
    read = getattr(importlib.import_module(module), attribute)
    for path in paths:
        for _table in tables("it", read(Export(Path(path)), ReadOptions())):
            pass
        sys.stdout.write(f"{_peak()}\n")


def _peak() -> int:
    """Return the high-water mark of this process; on Linux `ru_maxrss` would be no less than the parent's."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1])
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> (10 if sys.platform == "darwin" else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
