"""An engine without a file: for a task that reads and writes Parquet, and keeps nothing."""

from pathlib import Path

from egregora_core.storage._database import Database


def open_scratch(spill: Path, memory: str) -> Database:
    """Open an engine of one thread in memory, of which at most `memory` is held before it spills."""
    import duckdb

    connection = duckdb.connect(
        config={
            "temp_directory": str(spill),
            "threads": 1,
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
    )
    connection.execute("SET TimeZone = 'UTC'")
    database = Database(connection, Path(":memory:"))
    database.execute(f"SET memory_limit = '{memory}'")
    return database


def scan_failed(error: BaseException) -> bool:
    """Tell whether an error is one of reading or writing files, or of memory: of the machine, not of the data."""
    import duckdb

    return isinstance(error, (OSError, MemoryError, duckdb.IOException, duckdb.OutOfMemoryException))


__all__ = ["open_scratch", "scan_failed"]
