"""Writing a database file anew, so that what was deleted from it is gone from the disk, too."""

import sqlite3
from contextlib import closing
from pathlib import Path

from egregora_core.errors import WorkspaceError
from egregora_core.storage._database import Database
from egregora_core.storage._opening import engine_config, engine_path
from egregora_core.storage._sql import literal
from egregora_core.workspace import Lake, private_files

_PATIENCE_SECONDS = 10.0
_BEGUN, _AT_WORK = "5 MINUTES", "1 DAY"
_CATALOG = "__ducklake_metadata_lake"
_TEXT = ("", "\U0010ffff\U0010ffff")
_WIDEST = {
    "varchar": _TEXT,
    "json": _TEXT,
    "uuid": ("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
}
"""By type, bounds that hold for every value and tell of none. Without bounds the next rows would set them, and the
engine would take the rows before for absent."""


def compact_lake(db: Database, *, alone: bool = True) -> None:
    """Take what was deleted out of a lake's files and catalog: old states of its tables are no longer there to read.

    Files that no table names go, too, as a killed process leaves them: those of the last minutes may be of one that
    has just begun, and unless this one is `alone` those of a day may be of one at work. A process that reads an old
    state at this moment fails and has to begin again. `compact_catalog` does the rest.
    """
    for table in db.tables():
        db.execute(f"SELECT count(*) FROM ducklake_rewrite_data_files('lake', {literal(table)}, delete_threshold => 0)")
    db.execute("SELECT count(*) FROM ducklake_expire_snapshots('lake', older_than => now())")
    db.execute("SELECT count(*) FROM ducklake_cleanup_old_files('lake', cleanup_all => true)")
    age = _BEGUN if alone else _AT_WORK
    db.execute(f"SELECT count(*) FROM ducklake_delete_orphaned_files('lake', older_than => now() - INTERVAL {age})")
    columns = db.execute(
        f"SELECT table_id, column_type, list(column_id) FROM {_CATALOG}.ducklake_column "
        "WHERE end_snapshot IS NULL GROUP BY ALL"
    )
    for table_id, kind, ids in columns:
        if kind in _WIDEST:
            low, high = map(literal, _WIDEST[kind])
            db.execute(
                f"UPDATE {_CATALOG}.ducklake_table_column_stats SET min_value = {low}, max_value = {high} "
                f"WHERE table_id = {table_id} AND column_id IN ({', '.join(map(str, ids))}) AND min_value IS NOT NULL"
            )


def compact_catalog(lake: Lake) -> None:
    """Write the file of a lake's catalog anew without what was deleted from it; a server does that by itself.

    Raises WorkspaceError where another process has it open, or there is no room for it.
    """
    if lake.file is None:
        return
    if not lake.is_shared:
        compact_database(lake.file)
        return
    try:
        with closing(sqlite3.connect(lake.file, timeout=_PATIENCE_SECONDS)) as connection:
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as error:
        raise _not_written_anew(lake.file, error) from error


def compact_database(path: Path) -> None:
    """Write the database anew without what was deleted from it, which free blocks would keep until they are used.

    The old file is held until the new one is in its place, so nobody can write to it meanwhile. Raises WorkspaceError
    where there is no room for a second file; the first one then stays.
    """
    import duckdb

    path = engine_path(path)
    beside = path.with_name(f"{path.name}.part")
    beside.unlink(missing_ok=True)
    try:
        with private_files(), duckdb.connect(config=engine_config(path)) as connection:
            connection.execute(f"ATTACH {literal(str(path))} AS old; ATTACH {literal(str(beside))} AS new")
            commented = connection.execute(
                "SELECT table_name, comment FROM duckdb_tables() WHERE database_name = 'old' AND comment IS NOT NULL"
            ).fetchall()
            connection.execute("COPY FROM DATABASE old TO new")
            for table, comment in commented:
                connection.execute(f'COMMENT ON TABLE new."{table}" IS {literal(comment)}')
            connection.execute("DETACH new")
            beside.replace(path)
    except (duckdb.Error, OSError) as error:
        beside.unlink(missing_ok=True)
        raise _not_written_anew(path, error) from error


def _not_written_anew(path: Path, error: Exception) -> WorkspaceError:
    return WorkspaceError(
        f"{path}: what was forgotten is out of every table, but its bytes may still stand in the file, which could "
        f"not be written anew ({type(error).__name__}); free some space, end what has it open, and run "
        "`egregora forget` again"
    )
