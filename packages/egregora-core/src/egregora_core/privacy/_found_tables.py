"""Temporary tables that hold what the stage found while it was being put together: an expression of it reads them.

They stand until the connection is closed, or `drop_found` is called: whoever has compiled an expression may let go of
it before the SQL is run.
"""

from typing import TYPE_CHECKING, Any
from uuid import uuid4

if TYPE_CHECKING:
    from egregora_core.storage import Connection

FEW = 64
"""So many names are literals of an expression; more are rows of a table."""
_PREFIX = "privacy_found_"


def new_prefix() -> str:
    """Return what the names of one call's tables begin with."""
    return f"{_PREFIX}{uuid4().hex[:12]}_"


def found_table(backend: Any, rows: Any, columns: str) -> Any:
    """Return an Arrow table's columns (SQL expressions) as an ibis table that is kept in the engine."""
    name, given = f"{new_prefix()}table", f"{new_prefix()}given"
    backend.con.register(given, rows)
    backend.con.execute(f"CREATE TEMP TABLE {name} AS SELECT {columns} FROM {given}")
    backend.con.unregister(given)
    return backend.table(name)


def drop_found(con: "Connection") -> None:
    """Drop what was found for expressions that are no longer wanted."""
    tables = "SELECT table_name FROM duckdb_tables() WHERE temporary"
    for (name,) in con.execute(f"{tables} AND starts_with(table_name, '{_PREFIX}')").fetchall():
        con.execute(f"DROP TABLE {name}")
