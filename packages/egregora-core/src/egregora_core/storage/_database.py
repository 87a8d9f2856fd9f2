"""An open database file: statements, transactions, and tables made as their schemas say.

Never `open()` the file from the process that holds it (to hash or copy it): closing that handle drops DuckDB's lock.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeAlias

from egregora_core.errors import SchemaError, WorkspaceError
from egregora_core.interrupts import interruptible
from egregora_core.storage._engine_memory import EngineMemory
from egregora_core.storage._failures import explained
from egregora_core.storage._schema import TableSchema
from egregora_core.storage._sql import bind, literal, quoted
from egregora_core.storage._writer_lock import WriterLock
from egregora_core.workspace import Lake, Place

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    Connection: TypeAlias = DuckDBPyConnection

_SPELT = {
    "TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE",
    **{name: name for name in ("BIGINT", "INTEGER", "VARCHAR", "JSON", "UUID")},
}
"""How the engine spells types, where asking it can be spared: core's tables are checked whenever a file is opened."""


class Database:
    """An open workspace database. Use it as a context manager; one per process and file."""

    def __init__(
        self,
        connection: "Connection",
        path: Place,
        *,
        writer: WriterLock | None = None,
        connect: "Callable[[Callable[[], None]], Connection] | None" = None,
        spill: Path | None = None,
    ) -> None:
        """Take an open connection, and where it leads.

        Of a file that it may write: the lock that says so, and what opens the file again. Of a lake: a directory to
        remove at the end.
        """
        self.path = path
        self._writer = writer
        self._connect = connect
        self._spill = spill
        asked = "SELECT current_setting('memory_limit'), current_database()"
        ((memory, self._catalog),) = connection.execute(asked).fetchall()
        self.memory = EngineMemory(self.execute, memory)
        self._begin(connection)

    def _begin(self, connection: "Connection") -> None:
        self.connection = connection
        self.memory.begin()
        self._stop = interruptible(connection)
        self._beside = self.cursor() if self._writer or self.is_lake else None

    def __enter__(self) -> Self:
        self._stop.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, *rest: object) -> None:
        """Close the file, with the log merged into it if all went well.

        Closing would merge it in any case, in one long call that neither Ctrl-C nor another thread gets through; after
        an error the next to open the file does it.
        """
        import duckdb

        try:
            if kind is None and not self.is_lake:
                with suppress(duckdb.Error):  # a full disk: the log keeps all until the file is opened again
                    self.memory.checkpoint()
        finally:
            with suppress(duckdb.Error):  # the connection is gone
                self.connection.execute("PRAGMA disable_checkpoint_on_shutdown")
            self._stop.__exit__(None, None, None)
            self.close_at_once()
            if self._writer is not None:
                self._writer.let_go()
            if self._spill is not None:
                shutil.rmtree(self._spill, ignore_errors=True)
        if error is not None and (told := explained(error, self.path)):
            raise told from error

    @property
    def is_lake(self) -> bool:
        """Whether it is a lake: without keys, and with others who may write at the same time."""
        return isinstance(self.path, Lake)

    @property
    def server(self) -> str | None:
        """The name under which the server of a lake's catalog is attached; None where there is none."""
        return "__ducklake_metadata_lake" if isinstance(self.path, Lake) and self.path.file is None else None

    def cursor(self) -> "Connection":
        """Return another connection to the same tables, with transactions of its own."""
        return _another(self.connection, self._catalog)

    def close_at_once(self) -> None:
        """Close every connection, which lets go of the file."""
        beside, self._beside = self._beside, None
        if beside is not None:
            beside.close()
        self.connection.close()

    @contextmanager
    def released(self, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Let go of the file while the block waits for something else: others may read it, and nobody may write it.

        Outside of transactions, with all cursors closed: what is temporary, and each connection taken before, is gone
        afterwards. `waiting` is called now and then while somebody still reads. Raises WorkspaceError where a program
        that does not ask has written the file meanwhile. Where the system has no locks nothing is let go of, and
        neither is a lake, which others read in any case.
        """
        writer, connect, path = self._writer, self._connect, self.path
        if writer is None or connect is None or isinstance(path, Lake) or not writer.keeps_others_out:
            yield
            return
        self._stop.__exit__(None, None, None)
        self.close_at_once()
        left = file_stamp(path)
        try:
            yield
        finally:
            touched = file_stamp(path) != left
            self._begin(connect(waiting))
            self._stop.__enter__()
            if touched:
                raise WorkspaceError(
                    f"{path} was written by another program while it was let go of for others to read; "
                    "what was finished is kept, run the same command again"
                )

    @contextmanager
    def beside(self) -> "Iterator[Connection]":
        """Yield a connection for another thread while the first one is busy, or the file let go of."""
        if self._beside is not None:
            yield self._beside
        elif self._connect is not None:
            with self._connect(lambda: None) as connection:
                yield connection

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
        with transaction(self.connection):
            yield

    @contextmanager
    def joins_as_written(self) -> Iterator[None]:
        """Let each join hold its right side in memory, which is the smaller one.

        By itself the engine guesses: of a table that this transaction made it does not know how large it is.
        """
        import duckdb

        self.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
        try:
            yield
        finally:
            with suppress(duckdb.Error):  # an aborted transaction refuses everything; the session is over then
                self.execute("RESET disabled_optimizers")

    def columns(self, table: str) -> dict[str, str]:
        """Return the columns of a table and their DuckDB types; empty where there is no such table."""
        return {name: type_ for name, type_, *_ in self._columns(table)}

    def _columns(self, table: str) -> list[tuple[str, str, bool, bool]]:
        """Return name, type, whether it lets nulls in, and whether it is of the key, of each column.

        Asked of this table alone: `duckdb_columns()` lists those of all tables and of the engine's own views.
        """
        import duckdb

        name = ".".join(map(quoted, (self._catalog, "main", table)))
        try:
            return self.execute('SELECT name, type, NOT "notnull", pk FROM pragma_table_info(?)', [name])
        except duckdb.CatalogException:
            return []

    def tables(self) -> list[str]:
        rows = self.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database() ORDER BY 1"
        )
        return [name for (name,) in rows]

    def ensure(self, schema: TableSchema, name: str | None = None, *, advice: str = "") -> None:
        """Create a table, or add the nullable columns that it lacks.

        Raises SchemaError on any other difference, with `advice` on what to do: by default that of a stage's or a
        plugin's table.
        """
        table = name or schema.name
        columns = self._columns(table)
        found = {column: (type_, nullable) for column, type_, nullable, _ in columns}
        if not found:
            self.execute(schema.ddl(table, quoted=True, keyed=not self.is_lake))
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
        if (
            constrained
            and not self.is_lake
            and (key := {column for column, *_, is_key in columns if is_key}) != set(schema.key)
        ):
            problems.append(f"has key ({', '.join(sorted(key))}), expected ({', '.join(sorted(schema.key))})")
        if problems:
            raise SchemaError(f"{self.path}: table {table} {'; '.join(sorted(problems))}; {advice or _advice(table)}")
        for column in missing:
            self.execute(f'ALTER TABLE {table} ADD COLUMN "{column.name}" {column.duckdb_type}')

    def _spelt(self, type_: str) -> str:
        """Return a type as the engine itself spells it: `TEXT` is VARCHAR."""
        return str(_SPELT.get(type_) or self.scalar(f"SELECT typeof(CAST(NULL AS {type_}))"))

    def ibis(self) -> Any:
        """Return an ibis backend on this very connection (same transaction); importing ibis costs about a second."""
        from ibis.backends.duckdb import Backend

        return Backend.from_connection(self.connection)


def file_stamp(path: Path) -> list[int]:
    """Return size and time of a database, and the size of its log: what a killed program wrote stands in that."""
    status, log = path.stat(), path.with_name(f"{path.name}.wal")
    return [status.st_size, status.st_mtime_ns, log.stat().st_size if log.exists() else 0]


def _advice(table: str) -> str:
    if table.startswith("stage_"):
        return "drop it, it is derived and will be made again"
    drop = f"`egregora plugins drop {table}`"
    return f"another release of its plugin made it: install that one, or lose its rows with {drop}"


def another(connection: "Connection") -> "Connection":
    """Return another connection to the same tables, which a lake's cursor alone would not look into."""
    return _another(connection, connection.execute("SELECT current_database()").fetchall()[0][0])


def _another(connection: "Connection", catalog: str) -> "Connection":
    cursor = connection.cursor()
    cursor.execute(f"USE {quoted(catalog)}; SET TimeZone = 'UTC'")
    return cursor


def column_names(connection: "Connection", table: str) -> frozenset[str]:
    """Return the names of a table's columns; none where there is no such table.

    Asked of this table alone: `duckdb_columns()` lists those of all tables and of the engine's own views.
    """
    import duckdb

    try:
        rows = connection.execute(f"SELECT name FROM pragma_table_info({literal(table)})").fetchall()
    except duckdb.CatalogException:
        return frozenset()
    return frozenset(name for (name,) in rows)


@contextmanager
def transaction(connection: "Connection") -> Iterator[None]:
    """Commit what the block does on a connection, or roll all of it back, DDL included."""
    connection.execute("BEGIN")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with_rollback(connection)
        raise


def with_rollback(connection: "Connection") -> None:
    """Roll back, if there is something to roll back: a failed COMMIT or a lost connection has already done it."""
    import duckdb

    try:
        connection.execute("ROLLBACK")
    except (duckdb.TransactionException, duckdb.ConnectionException, duckdb.FatalException):
        return
