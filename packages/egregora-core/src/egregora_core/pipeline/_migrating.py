"""All tables of a workspace into another database: from a file into a lake, and back, equal row by row.

The copy becomes visible at once, when all of it is there and found equal; where anything fails, the other database
stays empty. The one that is copied from stays as it was.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from egregora_core.errors import LockedError, StageError, UsageError
from egregora_core.pipeline._plugin_tables import declared_tables
from egregora_core.session import CORE_TABLES, Session, open_database
from egregora_core.storage import Database, TableSchema, arrow_view, at_work, quoted, take_processors
from egregora_core.workspace import Place

_BATCH = 20_000


@dataclass(frozen=True)
class Moved:
    """What was copied: rows by table."""

    tables: dict[str, int]


def migrate(session: Session, target: Place) -> Moved:
    """Copy every table, of all tenants, into `target`, which must be new or empty.

    Raises UsageError where it is not, or where a table's plugin is not installed; StageError where a copy differs.
    """
    source = session.db
    if str(target) == str(source.path):
        raise UsageError(f"{target} is where this workspace is already; name another place")
    if source.is_lake and (others := at_work(source) - {session.tenant}):
        raise LockedError(
            f"other processes work for {', '.join(sorted(others))} in {source.path}; wait for them to end"
        )
    schemas = _schemas(session)
    with open_database(target, secret=session.namespace.secret) as copy:
        _refuse_what_is_there(copy)
        take_processors(copy, math.inf)  # how much comes, its own file does not tell
        with copy.transaction():
            for table, schema in schemas.items():
                _copy(source, copy, table, schema)
            return Moved({table: _same(source, copy, table) for table in schemas})


def _schemas(session: Session) -> dict[str, TableSchema | None]:
    """Return each table there is; None for the schema of one that is derived, and has no key."""
    app, db = session.app, session.db
    known = {schema.name: schema for schema in CORE_TABLES}
    for plugin in dict.fromkeys(provided.plugin for provided in app.tables):
        known |= {schema.name: schema for schema in declared_tables(app, plugin)}
    tables = db.tables()
    if orphans := [name for name in tables if name not in known and not name.startswith("stage_")]:
        raise UsageError(
            f"no installed plugin has the table {orphans[0]!r}: install its plugin, or lose its rows with "
            f"`egregora plugins drop {orphans[0]}`"
        )
    return {name: known.get(name) for name in tables}


def _refuse_what_is_there(copy: Database) -> None:
    for table in copy.tables():
        if rows := copy.scalar(f"SELECT count(*) FROM {quoted(table)}"):
            raise UsageError(f"{copy.path} holds {rows:,} rows of {table} already; name a new place")


def _copy(source: Database, copy: Database, table: str, schema: TableSchema | None) -> None:
    columns = source.columns(table)
    if schema is not None:
        copy.ensure(schema)
    elif not copy.columns(table):
        kinds = ", ".join(f"{quoted(name)} {kind}" for name, kind in columns.items())
        copy.execute(f"CREATE TABLE {quoted(table)} ({kinds})")
    names = ", ".join(map(quoted, columns))
    casts = ", ".join(f"CAST({quoted(name)} AS {kind})" for name, kind in columns.items())
    reader = source.cursor().execute(f"SELECT {names} FROM {quoted(table)}").to_arrow_reader(_BATCH)
    with arrow_view(copy.connection, "arriving_rows", reader):
        copy.execute(f"INSERT INTO {quoted(table)} ({names}) SELECT {casts} FROM arriving_rows")


def _same(source: Database, copy: Database, table: str) -> int:
    """Compare two tables, whose rows have no order, and return how many rows they have."""
    columns = sorted(source.columns(table))
    measured = [_measure(db, table, columns) for db in (source, copy)]
    if measured[0] != measured[1]:
        raise StageError(f"table {table} did not arrive as it was; somebody wrote to it meanwhile: try again")
    return measured[0][0]


def _measure(db: Database, table: str, columns: Iterable[str]) -> tuple[int, str]:
    values = ", ".join(f"{quoted(name)}::VARCHAR" for name in columns)
    (row,) = db.execute(f"SELECT count(*), sum(hash({values})::HUGEINT)::VARCHAR FROM {quoted(table)}")
    return int(row[0]), str(row[1])


__all__ = ["Moved", "migrate"]
