"""Measure JSON in bounded pieces: `Export.items` against DuckDB's `read_json` of the same file, in CPU seconds and memory.

    uv run --group bench python benchmarks/json_items.py [--megabytes 100]

Each reads in a process of its own, twice; the better time counts. `rows` also makes tables of what a source would yield.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_COLUMNS = """columns = {
    name: 'VARCHAR', type: 'VARCHAR', id: 'BIGINT',
    messages: 'STRUCT(id BIGINT, type VARCHAR, date VARCHAR, date_unixtime VARCHAR, "from" VARCHAR, from_id VARCHAR,
    text VARCHAR, reply_to_message_id BIGINT, reactions STRUCT(type VARCHAR, "count" INTEGER, emoji VARCHAR)[])[]'}"""


def write(path: Path, megabytes: int) -> None:
    """Write an invented chat in the shape of a Telegram export."""
    with path.open("w", encoding="utf-8") as file:
        file.write('{"name": "Bench", "type": "private_group", "id": 1, "messages": [')
        number = 0
        while file.tell() < megabytes << 20:
            message: dict[str, Any] = {
                "id": number,
                "type": "message",
                "date": "2024-05-01T10:00:00",
                "date_unixtime": str(1714557600 + number),
                "from": f"Person {number % 12}",
                "from_id": f"user{number % 12}",
                "text": "some words about nothing, " * (number % 9),
            }
            if number % 5 == 0:
                message["reply_to_message_id"] = number - 1
            if number % 7 == 0:
                message["reactions"] = [{"type": "emoji", "count": 2, "emoji": "\U0001f44d"}]
            file.write((", " if number else "") + json.dumps(message, ensure_ascii=False, indent=1))
            number += 1
        file.write("]}")


def _items(path: Path) -> Iterator[dict[str, Any]]:
    from egregora_core.exports import Export

    with Export(path) as export:
        yield from (item for item, _ in export.items(at="messages"))


def items(path: Path) -> int:
    return sum(1 for _ in _items(path))


def rows(path: Path) -> int:
    from egregora_core.ingestion import tables
    from egregora_core.plugins import Reading

    batches = (
        {
            "msg_id": str(item["id"]),
            "ts": datetime.fromtimestamp(int(item["date_unixtime"]), UTC),
            "author": item["from_id"],
            "text": item["text"],
            "kind": "text",
            "reply_to": str(item["reply_to_message_id"]) if "reply_to_message_id" in item else None,
            "reactions": [{"emoji": one["emoji"], "count": one["count"]} for one in item.get("reactions", ())] or None,
        }
        for item in _items(path)
    )
    return sum(table.num_rows for table in tables("bench", Reading(batches, "T", zoned=True)))


def read_json(path: Path) -> int:
    return _duckdb(path, f"{_COLUMNS}, maximum_object_size = 1000000000")


def read_json_auto(path: Path) -> int:
    return _duckdb(path, "maximum_object_size = 1000000000")


def _duckdb(path: Path, options: str) -> int:
    import duckdb

    query = f"CREATE TABLE m AS SELECT unnest(messages, recursive := false) AS m FROM read_json('{path}', {options})"
    connection = duckdb.connect()
    connection.execute(query)
    return int(connection.execute("SELECT count(*) FROM m").fetchall()[0][0])


WAYS: dict[str, Callable[[Path], int]] = {each.__name__: each for each in (items, rows, read_json, read_json_auto)}


def measured(way: str, path: Path) -> tuple[float, int, int]:
    """Return CPU seconds, peak memory in MB, and the count, of the better of two processes."""
    found = []
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, __file__, "--way", way, str(path)], capture_output=True, text=True, check=True
        )
        seconds, peak, count = done.stdout.split()
        found.append((float(seconds), int(peak), int(count)))
    return min(found)


def _one(way: str, path: Path) -> None:
    import resource

    start = time.process_time()
    count = WAYS[way](path)
    seconds = time.process_time() - start
    sys.stdout.write(f"{seconds} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} {count}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--way", choices=WAYS)
    parser.add_argument("path", type=Path, nargs="?")
    given = parser.parse_args()
    if given.way:
        _one(given.way, given.path)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "result.json"
        write(path, given.megabytes)
        found = {way: measured(way, path) for way in WAYS}
    floor = found["read_json"][0]
    for way, (seconds, peak, count) in found.items():
        print(f"{way:<16}{seconds:8.2f} s CPU  {seconds / floor:5.2f} of read_json  {peak:6,} MB  {count:,} messages")


if __name__ == "__main__":
    main()
