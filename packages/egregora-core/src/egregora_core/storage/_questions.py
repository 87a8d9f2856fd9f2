"""Questions to a database in SQL: one statement that reads, and what to say of one that is refused."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from egregora_core.errors import UsageError
from egregora_core.storage._database import Database
from egregora_core.storage._failures import explained

if TYPE_CHECKING:
    import duckdb

_NEAR = re.compile(r'^(?:Did you mean|Candidate bindings:).*?(".*")', re.MULTILINE)
_SHOWN = 3
_UNKNOWN = re.compile(r'column (?:named )?"(\w+)"(?: not found|$)')
_LOOKED_AT = 10_000
"""Rows whose attributes are looked at for a name that is no column."""


@contextmanager
def reading_alone(db: Database) -> Iterator[None]:
    """Let the block ask this database and nothing else; raises UsageError, saying why, for what the engine refuses."""
    import duckdb

    db.execute("SET enable_external_access = false")
    try:
        yield
    except duckdb.Error as error:
        if explained(error, db.path):
            raise  # it is no fault of the question
        raise UsageError(f"the query was refused: {_reason(db, error)}") from error


def count_statements(db: Database, sql: str) -> int:
    """Count the statements that were written: for a PIVOT the engine adds some of its own, which have no text."""
    import duckdb

    found = db.connection.extract_statements(sql)
    added = [each for each in found if each.type == duckdb.StatementType.CREATE and not each.query]
    return len(found) - len(added)


def _reason(db: Database, error: "duckdb.Error") -> str:
    """Return the engine's words where they are about the query; about values they may quote a message."""
    import duckdb

    only = "only a SELECT over this database works"
    if isinstance(error, duckdb.PermissionException):
        return "it wants something from outside, a file or an extension; only a SELECT over this database works"
    if not isinstance(error, (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException)):
        return f"{type(error).__name__} (where it compares JSON, put parentheses around ->>); {only}"
    text = str(error)
    said = text.splitlines()[0].rstrip("!")
    if (wanted := _UNKNOWN.search(said)) and (table := _with_attribute(db, wanted[1])):
        return f"{said}; the attributes of {table} have it: attrs->>'{wanted[1]}'"
    near = [name for name in _names(text) if "." not in name]
    if near:
        return f"{said}; did you mean {' or '.join(map(repr, near[:_SHOWN]))}?"
    if said.startswith("Catalog Error: Table"):
        return f"{said}; there are {', '.join(db.tables())}"
    return f"{said}; {only}"


def _with_attribute(db: Database, name: str) -> str | None:
    """Return a table whose first rows have a key of that name in their `attrs`."""
    for table in db.tables():
        if "attrs" in db.columns(table):
            some = f"(SELECT attrs FROM {table} LIMIT {_LOOKED_AT})"
            if db.scalar(f"SELECT count(*) FROM {some} WHERE json_exists(attrs, ?)", [f'$."{name}"']):
                return table
    return None


def _names(text: str) -> Iterator[str]:
    """Yield the names that the engine offers for one that it does not know."""
    for offered in _NEAR.findall(text):
        yield from re.findall(r'"([^"]+)"', offered)
