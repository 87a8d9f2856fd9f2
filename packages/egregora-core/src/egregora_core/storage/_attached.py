"""Tables of other databases, read by this one: attached for as long as they are read, and never written.

What the engine says of a database that it cannot open may hold its password, and what it says of values may quote a
message: of either, only what kind of error it was is told.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from egregora_core.errors import UsageError, WorkspaceError
from egregora_core.storage._database import Database
from egregora_core.storage._extensions import load_extension
from egregora_core.storage._sql import literal, quoted

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

_EXTENSIONS = {
    "postgres": "postgres_scanner",
    "mysql": "mysql_scanner",
    "sqlite": "sqlite_scanner",
    "ducklake": "ducklake",
}
_AS_TEXT = re.compile(r"UUID|JSON|ENUM.*|BIT|TIME|TIME WITH TIME ZONE|INTERVAL|U?HUGEINT")
"""Types that are written as text: who reads the file knows no such type."""
_SHOWN = 30


@contextmanager
def attached(db: Database, databases: Mapping[str, str], query: str) -> Iterator[None]:
    """Attach, for the block, those of the databases that a query names. Raises WorkspaceError where one cannot be."""
    import duckdb

    done: list[str] = []
    try:
        for name, url in databases.items():
            if not re.search(rf"(?i)\b{re.escape(name)}\b", query):
                continue
            _load_for(db, name, url)
            try:
                db.execute(f"ATTACH {literal(url)} AS {quoted(name)} (READ_ONLY)")
            except duckdb.Error as error:
                raise WorkspaceError(
                    f"[database.attach] {name} cannot be opened ({type(error).__name__}): check its address, and that "
                    "this machine reaches it"
                ) from None
            done.append(name)
        yield
    finally:
        for name in done:
            with suppress(duckdb.Error):  # a transaction that failed keeps it; it goes with the connection
                db.execute(f"DETACH {quoted(name)}")


def _load_for(db: Database, name: str, url: str) -> None:
    kinds = url.split(":")[:2]  # of a lake the second is where its catalog is
    wanted = kinds if kinds[0].casefold() == "ducklake" else kinds[:1]
    try:
        for extension in (_EXTENSIONS.get(kind.casefold()) for kind in wanted):
            if extension is not None:
                load_extension(db.connection, extension)
    except WorkspaceError as error:
        raise WorkspaceError(str(error).replace("a lake needs", f"[database.attach] {name} needs", 1)) from error


def table_query(name: str) -> str:
    """Return a SELECT of a table, by its name with the schema and database before it, if any."""
    parts = re.findall(r'"[^"]+"|[^."]+', name)
    return f"SELECT * FROM {'.'.join(quoted(part.strip(chr(34))) for part in parts)}"


def write_parquet(db: Database, query: str, file: "Path") -> None:
    """Write what a query finds into a Parquet file, in its order and in bounded memory.

    Raises UsageError, saying why, for what the engine refuses.
    """
    import duckdb

    try:
        if len(db.connection.extract_statements(query)) != 1:
            raise UsageError("the query has several statements: give one SELECT")
        described = db.execute(f"DESCRIBE ({query.rstrip().rstrip(';')})")
        columns = ", ".join(
            f"{quoted(name)}::VARCHAR AS {quoted(name)}" if _AS_TEXT.fullmatch(kind) else quoted(name)
            for name, kind, *_ in described
        )
        db.execute(
            f"COPY (SELECT {columns} FROM ({query.rstrip().rstrip(';')})) TO {literal(str(file))} "
            "(FORMAT parquet, COMPRESSION zstd)"
        )
    except duckdb.Error as error:
        raise UsageError(_reason(db, error)) from error


def _reason(db: Database, error: "duckdb.Error") -> str:
    import duckdb

    if isinstance(error, duckdb.CatalogException):
        shown = [name for (name,) in db.execute(_TABLES)]
        more = f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else ""
        said = str(error).splitlines()[0].removeprefix("Catalog Error: ").rstrip("!.")
        return f"{said}; there are {', '.join(shown[:_SHOWN])}{more}, and what [database.attach] names"
    if isinstance(error, (duckdb.ParserException, duckdb.BinderException)):
        return f"the query was refused: {str(error).splitlines()[0]}; only a SELECT works"
    return f"it could not be read ({type(error).__name__}): check that it is there, and that every value can be read"


_TABLES = (
    "SELECT CASE WHEN database_name = current_database() THEN table_name "
    "ELSE concat_ws('.', database_name, schema_name, table_name) END "
    "FROM (SELECT database_name, schema_name, table_name FROM duckdb_tables() WHERE NOT internal AND NOT temporary "
    "UNION SELECT database_name, schema_name, view_name FROM duckdb_views() WHERE NOT internal AND NOT temporary) "
    "ORDER BY 1"
)
