"""The database of Messages, whatever version of macOS or iOS made it."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from shutil import copyfile, copyfileobj
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from egregora_core.plugin import ExportError

if TYPE_CHECKING:
    from egregora_core.plugin import Export

SIGNATURE = "SQLite format 3\0"
_NAMES = ("chat.db", "sms.db", "3d0d7e5fb2ce288813306e4d4636395e047a3d28")
"""On a Mac, on a phone, and in a phone's backup."""
_NEEDED = {"message": {"handle_id", "is_from_me", "date"}, "handle": {"id"}}
_AT_ONCE = 200
_DAMAGED = (sqlite3.Error, UnicodeDecodeError)
"""What Python raises of a damaged database: SQLite quotes what it cannot read, and that may be no text."""


def database_in(export: "Export") -> str | None:
    """Return the member of an export that is the database; None where none is."""
    names = export.names if export.is_file else [name for each in _NAMES for name in export.find(each)]
    return next((name for name in names if export.head(name, len(SIGNATURE)) == SIGNATURE), None)


def is_of_messages(export: "Export", name: str) -> bool:
    """Tell whether a database has the tables of Messages. One in a zip is taken at its name: it is not unpacked."""
    if export.is_zip:
        return True
    path = export.path if export.is_file else export.path / name
    try:
        with closing(_connected(path, "mode=ro&immutable=1")) as connection:
            return all(wanted <= set(_columns(connection, table)) for table, wanted in _NEEDED.items())
    except _DAMAGED:
        return False


class Database:
    """A database that is open for reading. Errors of SQLite are ExportErrors that name the file."""

    def __init__(self, connection: sqlite3.Connection, where: str) -> None:
        self._connection, self._where = connection, where
        with self._named():
            tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            self.columns = {table: _columns(connection, table) for table in tables}

    def rows(self, sql: str, *values: object) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query, some at a time."""
        with self._named():
            cursor = self._connection.execute(sql, values)
            while rows := cursor.fetchmany(_AT_ONCE):
                yield from rows

    def picked(self, table: str, *names: str) -> str:
        """Return the columns of a table for a query; those that it lacks are NULL."""
        there = self.columns.get(table, ())
        return ", ".join(f'"{table}"."{name}"' if name in there else f'NULL AS "{name}"' for name in names)

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except _DAMAGED as error:
            raise ExportError(
                f"{self._where}: the database is damaged, or cannot be read ({type(error).__name__}); copy it again "
                "while Messages is closed"
            ) from None


@contextmanager
def opened(export: "Export", name: str) -> Iterator[Database]:
    """Open the database: where it lies if it is complete there, else as a copy with what is not yet written into it."""
    where = f"{export.path}" if export.is_file else f"{export.path}: {name}"
    with tempfile.TemporaryDirectory(prefix="egregora-", ignore_cleanup_errors=True) as folder:
        path, complete = _path(export, name, Path(folder))
        mode = "mode=ro&immutable=1" if complete else "mode=rw"  # of a copy
        try:
            connection = _connected(path, mode)
        except sqlite3.Error as error:
            raise ExportError(f"{where}: it cannot be opened ({type(error).__name__}); copy it again") from None
        with closing(connection):
            yield Database(connection, where)


def _path(export: "Export", name: str, folder: Path) -> tuple[Path, bool]:
    """Return where the database is to be opened, and whether it is complete there. Only copies are written to."""
    export.uses(name)
    if export.is_zip:
        for member in (name, f"{name}-wal"):
            if member in export.names:
                with export.open(member) as source, (folder / f"it{member.removeprefix(name)}").open("wb") as copy:
                    copyfileobj(source, copy, 1 << 20)
        return folder / "it", False
    path = export.path if export.is_file else export.path / name
    beside = path.with_name(f"{path.name}-wal")
    if not beside.is_file() or not beside.stat().st_size:
        return path, True
    if not export.is_file:
        export.uses(f"{name}-wal")
    copyfile(path, folder / "it")
    copyfile(beside, folder / "it-wal")
    return folder / "it", False


def _columns(connection: sqlite3.Connection, table: str) -> tuple[str, ...]:
    return tuple(row[1] for row in connection.execute(f'PRAGMA table_info("{table.replace(chr(34), chr(34) * 2)}")'))


def _connected(path: Path, mode: str) -> sqlite3.Connection:
    """Open a database in which any text may be damaged, names of columns included."""
    connection = sqlite3.connect(f"file:{quote(str(path.absolute()))}?{mode}", uri=True)
    connection.text_factory = lambda data: data.decode("utf-8", "replace")
    return connection
