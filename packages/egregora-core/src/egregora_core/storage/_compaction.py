"""Writing a database file anew, so that what was deleted from it is gone from the disk, too."""

from pathlib import Path

from egregora_core.errors import WorkspaceError
from egregora_core.storage._database import Database
from egregora_core.storage._opening import engine_config, engine_path
from egregora_core.storage._sql import literal
from egregora_core.workspace import private_files

_STATISTICS = ("ducklake_table_column_stats", "ducklake_file_column_stats")
"""Where a catalog keeps the smallest and largest value of each column, which may be a name or a message."""


def compact_lake(db: Database) -> None:
    """Take what was deleted out of a lake's files and catalog: old states of its tables are no longer there to read.

    A process that reads one of them at this moment fails and has to begin again.
    """
    for table in db.tables():
        db.execute(f"SELECT count(*) FROM ducklake_rewrite_data_files('lake', {literal(table)}, delete_threshold => 0)")
    db.execute("SELECT count(*) FROM ducklake_expire_snapshots('lake', older_than => now())")
    db.execute("SELECT count(*) FROM ducklake_cleanup_old_files('lake', cleanup_all => true)")
    for table in _STATISTICS:
        db.execute(f"UPDATE __ducklake_metadata_lake.{table} SET min_value = NULL, max_value = NULL")


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
        raise WorkspaceError(
            f"{path}: what was forgotten is out of every table, but its bytes may still stand in the file, which could "
            f"not be written anew ({type(error).__name__}); free some space and run `egregora forget` again"
        ) from error
