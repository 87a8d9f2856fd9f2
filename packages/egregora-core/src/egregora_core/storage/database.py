"""The one DuckDB file of a workspace: opening it, its three tables, its version, and who else holds it.

Never `open()` the file from the process that holds it (to hash or copy it): closing that handle drops DuckDB's lock.
A read-write open proves that no other process is alive in it, which is what makes a `running` row stale.
"""

import json
import re
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import duckdb

from egregora_core.messages.documents import DOCUMENTS
from egregora_core.errors import LockedError, NoDatabaseError, SchemaError, WorkspaceError
from egregora_core.interrupts import interruptible
from egregora_core.messages.ir import IR_MESSAGES
from egregora_core.tracking.runs import GONE, RUNS, RunStore
from egregora_core.storage.schema import TableSchema
from egregora_core.storage.sql import bind, literal
from egregora_core.storage.failures import explained
from egregora_core.workspace.directory import private_files

SCHEMA_VERSION = 1
"""Raised when a core table changes in a way that an older Egregora would misread."""

CORE_TABLES = (IR_MESSAGES, RUNS, DOCUMENTS)

_HOLDER = re.compile(r"Conflicting lock is held in (?P<program>.+?) \(PID (?P<pid>\d+)\)")
_POLL_SECONDS = 0.05
_SPELT = {
    "TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE",
    **{name: name for name in ("BIGINT", "INTEGER", "VARCHAR", "JSON", "UUID")},
}
"""How the engine spells types, where asking it can be spared: core's tables are checked whenever a file is opened."""
_SPILL = "spill"
_MEMORY_LIMIT = "2GB"
"""What the engine may hold before it spills to disk."""
_PUBLICATION_LIMIT = "224MB"
"""The same while pages are made: the publisher needs some as well."""
_INGESTION_LIMIT = "160MB"
"""The same while an export is read, whose size must not show in memory; sorting for writers needs more."""


class Database:
    """An open workspace database. Use it as a context manager; one per process and file."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        self.connection = connection
        self.path = path
        self._stop = interruptible(connection)

    def __enter__(self) -> Self:
        self._stop.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, *rest: object) -> None:
        """Close the file, with the log merged into it if all went well.

        Closing would merge it in any case, in one long call that neither Ctrl-C nor another thread gets through; after
        an error the next to open the file does it.
        """
        try:
            if kind is None:
                with suppress(duckdb.Error):  # a full disk: the log keeps all until the file is opened again
                    self.connection.execute("CHECKPOINT")
        finally:
            with suppress(duckdb.Error):  # the connection is gone
                self.connection.execute("PRAGMA disable_checkpoint_on_shutdown")
            self._stop.__exit__(None, None, None)
            self.connection.close()
        if error is not None and (told := explained(error, self.path)):
            raise told from error

    @property
    def runs(self) -> RunStore:
        return RunStore(self.connection)

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement and return all of its rows (an unfetched result would keep the connection busy)."""
        return self.connection.execute(bind(sql, parameters)).fetchall()

    def scalar(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        """Return the first value of the first row, or None where there is no row."""
        rows = self.execute(sql, parameters)
        return rows[0][0] if rows else None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what the block does, or roll all of it back, DDL included."""
        self.connection.execute("BEGIN")
        try:
            yield
            self.connection.execute("COMMIT")
        except BaseException:
            with_rollback(self.connection)
            raise

    @contextmanager
    def little_memory(self) -> Iterator[None]:
        """Let the engine spill early while the block reads an export."""
        with self._memory(_INGESTION_LIMIT):
            yield

    @contextmanager
    def bounded_memory(self) -> Iterator[None]:
        """Let the engine spill while the block makes pages of all messages."""
        with self._memory(_PUBLICATION_LIMIT):
            yield

    @contextmanager
    def _memory(self, limit: str) -> Iterator[None]:
        self.execute(f"SET memory_limit = '{limit}'")
        try:
            yield
        finally:
            with suppress(duckdb.Error):  # an aborted transaction refuses everything; the session is over then
                self.execute(f"SET memory_limit = '{_MEMORY_LIMIT}'")

    def columns(self, table: str) -> dict[str, str]:
        """Return the columns of a table and their DuckDB types; empty where there is no such table."""
        return {name: type_ for name, type_, _ in self._columns(table)}

    def _columns(self, table: str) -> list[tuple[str, str, bool]]:
        """Return name, type, and whether it lets nulls in, of each column."""
        return self.execute(
            "SELECT column_name, data_type, is_nullable FROM duckdb_columns() "
            "WHERE table_name = ? AND schema_name = 'main' AND database_name = current_database() "
            "ORDER BY column_index",
            [table],
        )

    def tables(self) -> list[str]:
        rows = self.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database() ORDER BY 1"
        )
        return [name for (name,) in rows]

    def ensure(self, schema: TableSchema, name: str | None = None) -> None:
        """Create a table, or add the nullable columns that it lacks; raises SchemaError on any other difference."""
        table = name or schema.name
        found = {column: (type_, nullable) for column, type_, nullable in self._columns(table)}
        if not found:
            self.execute(schema.ddl(table, quoted=True))
            return
        problems = [f"has an unknown column {extra}" for extra in found.keys() - set(schema.names)]
        missing = []
        constrained = not table.startswith("stage_")  # a derived table has no constraints
        for column in schema.columns:
            have, nullable = found.get(column.name, (None, True))
            if have is None and column.nullable:
                missing.append(column)
            elif have is None:
                problems.append(f"lacks column {column.name}, which must not be null")
            elif have != (wanted := self._spelt(column.duckdb_type)):
                problems.append(f"column {column.name} is {have}, expected {wanted}")
            elif constrained and nullable and not column.nullable:
                problems.append(f"column {column.name} may be null, expected NOT NULL")
        if constrained and (key := self._key(table)) != set(schema.key):
            problems.append(f"has key ({', '.join(sorted(key))}), expected ({', '.join(sorted(schema.key))})")
        if problems:
            raise SchemaError(f"{self.path}: table {table} {'; '.join(sorted(problems))}; {_advice(table)}")
        for column in missing:
            self.execute(f'ALTER TABLE {table} ADD COLUMN "{column.name}" {column.duckdb_type}')

    def _spelt(self, type_: str) -> str:
        """Return a type as the engine itself spells it: `TEXT` is VARCHAR."""
        return str(_SPELT.get(type_) or self.scalar(f"SELECT typeof(CAST(NULL AS {type_}))"))

    def _key(self, table: str) -> set[str]:
        columns = self.scalar(
            "SELECT constraint_column_names FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY' "
            "AND table_name = ? AND schema_name = 'main' AND database_name = current_database()",
            [table],
        )
        return set(columns or ())

    def show_who_is_gone(self) -> None:
        """Show rows of `runs` that say `running` as interrupted: for who knows that nobody is at work."""
        if self.scalar("SELECT count(*) FROM runs WHERE status = 'running'"):
            stored = '"' + str(self.scalar("SELECT current_database()")).replace('"', '""') + '".main.runs'
            self.execute(
                "CREATE TEMP VIEW runs AS SELECT * REPLACE ("
                "CASE status WHEN 'running' THEN 'interrupted' ELSE status END AS status, "
                f"CASE status WHEN 'running' THEN {literal(GONE)} ELSE error END AS error) FROM {stored}"
            )

    def ibis(self) -> Any:
        """Return an ibis backend on this very connection (same transaction); importing ibis costs about a second."""
        from ibis.backends.duckdb import Backend

        return Backend.from_connection(self.connection)


def _advice(table: str) -> str:
    if table.startswith("stage_"):
        return "drop it, it is derived and will be made again"
    if table in {core.name for core in CORE_TABLES}:
        return "another program changed it: restore a backup, or start a new workspace and ingest again"
    drop = f"`egregora plugins drop {table}`"
    return f"another release of its plugin made it: install that one, or lose its rows with {drop}"


def with_rollback(connection: duckdb.DuckDBPyConnection) -> None:
    """Roll back, if there is something to roll back: a failed COMMIT or a lost connection has already done it."""
    try:
        connection.execute("ROLLBACK")
    except (duckdb.TransactionException, duckdb.ConnectionException, duckdb.FatalException):
        return


def open_database(
    path: Path,
    *,
    secret: UUID | None = None,
    read_only: bool = False,
    lock_timeout: float = 5.0,
) -> Database:
    """Open a workspace's database, waiting up to `lock_timeout` seconds for another process to let go of it.

    Read-write, it makes the core's tables if they are missing, checks them and `secret`, and turns `running` rows
    whose process is gone into `interrupted`. Raises LockedError, WorkspaceError or SchemaError; where it raises,
    the file is as it was.
    """
    if read_only and not path.exists():
        raise NoDatabaseError(path)
    path = engine_path(path)
    with private_files(), _nothing_left_of(path, new=not path.exists()):  # a new file holds names
        database = Database(_connect(path, read_only=read_only, lock_timeout=lock_timeout), path)
        try:
            _prepare(database, secret=secret, read_only=read_only)
        except BaseException as error:
            database.connection.close()
            if told := explained(error, path):
                raise told from error
            raise
    return database


@contextmanager
def _nothing_left_of(path: Path, *, new: bool) -> Iterator[None]:
    """Take away what a database that could not be made has left: half of one would be in the way of the next."""
    try:
        yield
    except LockedError:
        raise  # it is somebody else's by now
    except BaseException:
        if new:
            for file in (path, path.with_name(f"{path.name}.wal")):
                with suppress(OSError):
                    file.unlink()
        raise


def engine_path(path: Path) -> Path:
    """Return the path by which the engine opens just this file.

    It takes `~` and words such as `s3:` for something else at the beginning of a path, so it gets absolute ones. It
    looks for the log of a database in another directory where a directory has a question mark: raises WorkspaceError.
    """
    path = path.absolute()
    if "?" in str(path.parent.resolve()):
        raise WorkspaceError(
            f"{path.parent}: the database engine cannot keep its files below a directory with a question mark in its "
            "name; rename the directory, or choose another with --workspace DIR or [database] url"
        )
    return path


def compact_database(path: Path) -> None:
    """Write the database anew without what was deleted from it, which free blocks would keep until they are used.

    The old file is held until the new one is in its place, so nobody can write to it meanwhile. Raises WorkspaceError
    where there is no room for a second file; the first one then stays.
    """
    path = engine_path(path)
    beside = path.with_name(f"{path.name}.part")
    beside.unlink(missing_ok=True)
    try:
        with private_files(), duckdb.connect() as connection:
            connection.execute(f"ATTACH {literal(str(path))} AS old; ATTACH {literal(str(beside))} AS new")
            comment = connection.execute(
                "SELECT comment FROM duckdb_tables() WHERE database_name = 'old' AND table_name = 'runs'"
            ).fetchall()[0][0]
            connection.execute("COPY FROM DATABASE old TO new")
            connection.execute(f"COMMENT ON TABLE new.runs IS {literal(comment)}")
            connection.execute("DETACH new")
            beside.replace(path)
    except (duckdb.Error, OSError) as error:
        beside.unlink(missing_ok=True)
        raise WorkspaceError(
            f"{path}: what was forgotten is out of every table, but its bytes may still stand in the file, which could "
            f"not be written anew ({type(error).__name__}); free some space and run `egregora forget` again"
        ) from error


def _connect(path: Path, *, read_only: bool, lock_timeout: float) -> duckdb.DuckDBPyConnection:
    deadline = time.monotonic() + lock_timeout
    while True:
        try:
            connection = duckdb.connect(
                path,
                read_only=read_only,
                config={
                    "memory_limit": _MEMORY_LIMIT,
                    "temp_directory": str(path.with_name(_SPILL)),
                    "autoinstall_known_extensions": "false",  # the engine never fetches anything
                    "autoload_known_extensions": "false",
                },
            )
            connection.execute("SET TimeZone = 'UTC'")
            if not read_only:  # nobody else is alive in it: what spilled here was left by a process that died
                shutil.rmtree(path.with_name(_SPILL), ignore_errors=True)
            return connection  # noqa: TRY300 - the loop's way out
        except duckdb.IOException as error:
            holder = _HOLDER.search(str(error))
            if holder is None:
                raise WorkspaceError(_cannot_open(path, error)) from error
            if time.monotonic() >= deadline:
                raise LockedError(
                    f"{path} is in use by process {holder['pid']} ({holder['program']}); wait for it to end, "
                    f"or raise [database] lock_timeout (now {lock_timeout:g} s)"
                ) from error
            time.sleep(_POLL_SECONDS)
        except duckdb.Error as error:
            raise WorkspaceError(_cannot_open(path, error)) from error


def _cannot_open(path: Path, error: duckdb.Error) -> str:
    reason = str(error).splitlines()[0]
    if "storage version" in reason or "newer version" in reason:
        return f"{path} was written by a newer DuckDB ({reason}); upgrade with `pip install -U egregora-core`"
    if "not a valid DuckDB database" in reason:
        return f"{path} is not a DuckDB database; move it away, or name another with [database] url"
    if told := explained(error, path):
        return str(told)
    if path.is_dir():
        return f"{path} is a directory, where the database should be; move it away, or name another with [database] url"
    return f"{path} cannot be opened: {reason}; check that the directory exists and may be written"


def _prepare(database: Database, *, secret: UUID | None, read_only: bool) -> None:
    meta = _read_meta(database)
    version = meta["schema"]
    if version > SCHEMA_VERSION:
        raise WorkspaceError(
            f"{database.path} was written by a newer Egregora (schema {version}, this one knows {SCHEMA_VERSION}); "
            "upgrade with `pip install -U egregora-core`"
        )
    check = _check_value(secret) if secret is not None else None
    if check is not None and meta.get("secret", check) != check:
        raise WorkspaceError(
            f"the secret.key beside {database.path} is not the one that its ids were made with; "
            "put the right one back (a copy of the workspace needs its secret.key too)"
        )
    if read_only:
        if absent := {table.name for table in CORE_TABLES} - set(database.tables()):
            raise WorkspaceError(
                f"{database.path} has no table {', '.join(sorted(absent))}: it is no workspace's database yet; "
                "run `egregora run EXPORT` first"
            )
        return
    with database.transaction():
        for table in CORE_TABLES:
            database.ensure(table)
        if check is not None and meta != (wanted := {"schema": SCHEMA_VERSION, "secret": check}):
            database.execute(f"COMMENT ON TABLE runs IS '{json.dumps(wanted)}'")
    database.runs.mark_interrupted()


def _read_meta(database: Database) -> dict[str, Any]:
    comment = database.scalar(
        "SELECT comment FROM duckdb_tables() WHERE table_name = 'runs' AND database_name = current_database()"
    )
    try:
        meta = json.loads(comment) if comment else {}
        return {"schema": int(meta.pop("schema", SCHEMA_VERSION)), **meta}
    except (ValueError, TypeError, AttributeError) as error:
        raise WorkspaceError(
            f"{database.path}: the comment on its table runs is not Egregora's; another program made or changed it: "
            "restore a backup, or name another database with [database] url"
        ) from error


def _check_value(secret: UUID) -> str:
    from egregora_core.messages.ids import Namespace

    return Namespace(secret, "").of("check").hex[:16]
