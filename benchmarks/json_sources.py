"""Measure sources that read JSON against DuckDB's own `read_json` of the same file, in CPU seconds and memory.

    uv run --group bench python benchmarks/json_sources.py [--megabytes 100] [telegram slack …]
    uv run --group bench python benchmarks/json_sources.py --ingest [--megabytes 1024] [telegram]

A row per platform. Each way reads in a process of its own, three times, in turns; the best time counts. Each
reads a small export first, so that imports and what is made once do not count. `source` is what a source and the host make of the file: checked Arrow tables of all columns. `read_json` finds the columns
out by itself, as a user would call it; `typed` is told all that the source reads. Memory is the process's at its peak.

With `--ingest` it is a whole `egregora ingest` that is measured, in a process of its own, and then that of the same
chat exported again with 1 % more messages, newer after older and older after newer: minutes, and memory that is to stay
below 600 MB.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

from json_exports import FORMS
from json_queries import QUERIES
from run import EGREGORA, child, report, scratch

_TIMES = 3
WAYS = ("source", "read_json", "typed")


def source(path: Path) -> tuple[float, int]:
    import pyarrow as pa
    from egregora_core.exports import Export
    from egregora_core.ingestion import choose_source, tables
    from egregora_core.plugins import App, ReadOptions

    pa.array([""])
    app = App()  # platforms of egregora-sources, too
    start = time.process_time()
    with Export(path) as export:
        spec = choose_source(app, export).spec
        reading = app.resolve(spec.read)(export, ReadOptions())
        count = sum(table.num_rows for table in tables(spec.name, reading))
    return time.process_time() - start, count


def read_json(path: Path, columns: str, query: str) -> tuple[float, int]:
    import duckdb

    connection = duckdb.connect()
    connection.execute("SELECT 1")
    options = f"{columns}, " if columns else ""
    start = time.process_time()
    read = f"read_json('{path}', {options}maximum_object_size = 2000000000)"
    connection.execute(f"CREATE TABLE m AS {query.format(read)}")
    count = connection.execute("SELECT count(*) FROM m").fetchall()[0][0]
    return time.process_time() - start, int(count)


def _one(platform: str, way: str, path: Path) -> None:
    import resource

    columns, query = QUERIES[platform]
    for each in (path.with_name("small") / path.name, path):
        seconds, count = source(each) if way == "source" else read_json(each, columns if way == "typed" else "", query)
    print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10, count)


def measured(platform: str, path: Path) -> dict[str, tuple[float, int, int]]:
    """Return CPU seconds, peak memory in MB and the count of each way, of the best of its processes."""
    found: dict[str, list[tuple[float, int, int]]] = {way: [] for way in WAYS}
    for _ in range(_TIMES):
        for way in WAYS:
            command = [sys.executable, __file__, "--way", way, "--path", str(path), platform]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            seconds, peak, count = done.stdout.split()
            found[way].append((float(seconds), int(peak), int(count)))
    return {way: min(times) for way, times in found.items()}


def compare(platform: str, megabytes: int) -> None:
    """Print what each way takes of a platform's export."""
    form = FORMS[platform]
    with scratch() as folder:
        path = folder / form.name
        path.with_name("small").mkdir()
        form.write(path.with_name("small") / form.name, 1)
        form.write(path, megabytes)
        found = measured(platform, path)
    floor = found["read_json"][0]
    for way, (seconds, peak, count) in found.items():
        ratio = f"{seconds:7.2f} s CPU {seconds / floor:6.2f} of read_json"
        print(f"{platform:<14}{way:<10}{ratio} {peak:6,} MB {count:9,} messages")


def ingest(platform: str, megabytes: int) -> None:
    """Print what a whole ingestion takes, and the one of the next export, in either order."""
    form = FORMS[platform]
    with scratch() as folder:
        older, newer = (folder / name / form.name for name in ("older", "newer"))
        for path, size in ((older, megabytes), (newer, megabytes * 1.01)):
            path.parent.mkdir()
            form.write(path, size)
        steps = [
            ("ingest", older, "w"),
            ("ingest again, with 1 % more", newer, "w"),
            ("ingest with 1 % more", newer, "v"),
            ("the older one after it", older, "v"),
        ]
        for what, path, workspace in steps:
            cost = child([*EGREGORA, "ingest", str(path), "-w", str(folder / workspace), "--timezone", "UTC"])
            value = f"{cost.megabytes:,.0f} MB, {cost.seconds:.1f} s"
            report(f"{platform}, {path.stat().st_size >> 20:,} MB: {what}", value, "≤ 600 MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int)
    parser.add_argument("--ingest", action="store_true")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--path", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("platforms", nargs="*")
    given = parser.parse_args()
    if given.way:
        _one(given.platforms[0], given.way, given.path)
    elif given.ingest:
        for platform in given.platforms or ["telegram"]:
            ingest(platform, given.megabytes or 1024)
    else:
        for platform in given.platforms or FORMS:
            compare(platform, given.megabytes or 100)


if __name__ == "__main__":
    main()
