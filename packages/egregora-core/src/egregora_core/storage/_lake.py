"""Opening a lake: its catalog attached, its files where `[database] data` says.

Nothing small is kept inside the catalog (`DATA_INLINING_ROW_LIMIT 0`): rows that two processes change at the same time
then stand in files of their own, and whatever is in the lake can be taken out of it with its files.
"""

import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from egregora_core.errors import LockedError, NoDatabaseError, WorkspaceError
from egregora_core.storage._commits import again
from egregora_core.storage._database import Database
from egregora_core.storage._extensions import load_extension
from egregora_core.storage._sql import literal
from egregora_core.workspace import Lake, private_files, without_password

if TYPE_CHECKING:
    import duckdb

_BUSY_MILLISECONDS = 10_000
_FILE_SIZE = "8MB"
"""Of a new lake's files, roughly: a file is what a task on a cluster gets, so there have to be many of them."""
_IS_MADE = "SELECT 1 FROM duckdb_tables() WHERE database_name = 'lake' LIMIT 1"
_ABSENT = ("does not exist", "no such file")


def open_lake(lake: Lake, prepare: Callable[[Database], None], *, read_only: bool = False) -> Database:
    """Open a lake, and make it where it is not there yet; raises WorkspaceError, NoDatabaseError read-only."""
    if read_only and lake.file is not None and not lake.file.exists():
        raise NoDatabaseError(lake)
    spill = Path(tempfile.mkdtemp(prefix="egregora-"))  # for its owner alone: what spills is messages
    try:
        connection = _connect(lake, spill, read_only=read_only)
        database = Database(connection, lake, spill=spill)
        try:
            prepare(database)
        except BaseException:
            database.close_at_once()
            raise
    except BaseException:
        shutil.rmtree(spill, ignore_errors=True)
        raise
    return database


def lake_exists(lake: Lake) -> bool:
    """Tell whether a lake is there; raises WorkspaceError where its catalog cannot be reached."""
    if lake.file is not None and not lake.file.exists():
        return False
    with tempfile.TemporaryDirectory(prefix="egregora-") as spill:
        try:
            connection = _connect(lake, Path(spill), read_only=True)
        except NoDatabaseError:
            return False
        try:
            return bool(connection.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'runs'").fetchall())
        finally:
            connection.close()


def _connect(lake: Lake, spill: Path, *, read_only: bool) -> "duckdb.DuckDBPyConnection":
    import duckdb

    connection = duckdb.connect(
        config={
            "temp_directory": str(spill),
            "autoinstall_known_extensions": "false",  # the engine never fetches anything
            "autoload_known_extensions": "false",
        }
    )
    try:
        _load(connection, lake)
        with private_files():
            for parent in {lake.directory, lake.file.parent if lake.file else None} - {None}:
                if parent is not None and not read_only:
                    parent.mkdir(parents=True, exist_ok=True)
            attach = f"ATTACH {literal(f'ducklake:{lake.catalog}')} AS lake ({_options(lake, read_only=read_only)})"
            again(lambda: connection.execute(attach))
        _attach_leases(connection, lake, read_only=read_only)
        connection.execute("USE lake; SET TimeZone = 'UTC'")
        if not read_only and not connection.execute(_IS_MADE).fetchall():
            again(lambda: connection.execute(f"CALL lake.set_option('target_file_size', '{_FILE_SIZE}')").fetchall())
    except (duckdb.Error, OSError) as error:
        connection.close()
        raise _refused(lake, error) from None  # its text may hold a password
    except BaseException:
        connection.close()
        raise
    return connection


def _attach_leases(connection: "duckdb.DuckDBPyConnection", lake: Lake, *, read_only: bool) -> None:
    """Attach the file of the leases where SQLite keeps the catalog.

    Renewing one inside the catalog would make every longer commit come second to it: SQLite knows one writer at a time.
    """
    if lake.file is None or not lake.is_shared:
        return
    file = lake.file.with_name(f"{lake.file.name}.leases")
    if not read_only or file.exists():
        # With a log beside it a renewal keeps nobody from reading, such as whoever lists all tables there are.
        mode = "READ_ONLY" if read_only else f"JOURNAL_MODE 'WAL', BUSY_TIMEOUT {_BUSY_MILLISECONDS}"
        connection.execute(f"ATTACH {literal(str(file))} AS leases (TYPE sqlite, {mode})")


def _load(connection: "duckdb.DuckDBPyConnection", lake: Lake) -> None:
    load_extension(connection, "ducklake")
    if lake.is_shared:
        load_extension(connection, "postgres_scanner" if lake.file is None else "sqlite_scanner")


def _options(lake: Lake, *, read_only: bool) -> str:
    said = [f"DATA_PATH {literal(lake.data)}", "DATA_INLINING_ROW_LIMIT 0"]
    if lake.file is not None and lake.is_shared:
        said += ["META_JOURNAL_MODE 'WAL'", f"META_BUSY_TIMEOUT {_BUSY_MILLISECONDS}"]
    if read_only:
        said += ["READ_ONLY", "CREATE_IF_NOT_EXISTS false"]
    return ", ".join(said)


_ELSEWHERE = re.compile(r'DATA_PATH .* does not match existing data path in the catalog "(.*?)"')


def _refused(lake: Lake, error: Exception) -> WorkspaceError:
    reason = without_password(str(error)).strip().splitlines()[0]
    if "Conflicting lock" in reason or "already attached" in reason:
        return LockedError(
            f"{lake} is in use by another process; wait for it to end, or keep its catalog in PostgreSQL"
        )
    if any(words in reason for words in _ABSENT) and "DuckLake" in reason:
        return NoDatabaseError(lake)
    if moved := _ELSEWHERE.search(reason):
        return WorkspaceError(
            f"{lake} has its files in {moved[1]}, and [database] data says {lake.data}: a lake knows its files by "
            "their paths, so put them back, and let `egregora migrate` copy it to another place"
        )
    return WorkspaceError(
        f"{lake} cannot be opened: {reason}; check [database] url and data, and that this machine reaches both"
    )


__all__ = ["lake_exists", "open_lake"]
