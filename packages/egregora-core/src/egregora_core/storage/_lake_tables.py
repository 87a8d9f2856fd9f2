"""Tables of a DuckLake, by the states that it keeps of them: what a table was when, and what was added to it since."""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from egregora_core.storage._database import Database
from egregora_core.storage._sql import literal, quoted

Change: TypeAlias = Literal["nothing", "rows added", "something else"]

_ADDING = {"tables_inserted_into", "inlined_insert"}
"""What a state says of a table to which rows were added, and nothing else was done."""


@dataclass(frozen=True)
class LakeTable:
    """A table of a lake, as of one state of it."""

    database: str
    schema: str
    name: str
    number: int
    """By which states name it."""
    identity: str
    """The same whatever it is called; a table that is made anew has another."""
    snapshot: int
    """The number of the state."""

    @property
    def query(self) -> str:
        """A SELECT of all of its rows."""
        where = ".".join(map(quoted, (self.database, self.schema, self.name)))
        return f"SELECT * FROM {where} AT (VERSION => {self.snapshot})"  # a number, and names that are quoted

    def added_since(self, snapshot: int) -> str:
        """Return a SELECT of the rows that were added after another state of it."""
        where = ", ".join(literal(part) for part in (self.database, self.schema, self.name))
        return f"SELECT * FROM ducklake_table_insertions({where}, {snapshot + 1}::BIGINT, {self.snapshot}::BIGINT)"


def lake_table(db: Database, name: str) -> LakeTable | None:
    """Return the table of a lake that a name means, as it is now; None where that is a table of something else."""
    import duckdb

    parts = [part.strip('"').casefold() for part in re.findall(r'"[^"]+"|[^."]+', name)]
    here = str(db.scalar("SELECT current_database()")).casefold()
    wanted = {
        1: [(here, "main", *parts)],
        2: [(parts[0], "main", parts[-1]), (here, *parts)],
        3: [tuple(parts)],
    }.get(len(parts), [])
    tables = db.execute(
        "SELECT database_name, schema_name, table_name FROM duckdb_tables() "
        "WHERE database_name IN (SELECT database_name FROM duckdb_databases() WHERE type = 'ducklake')"
    )
    found = [each for each in tables if tuple(part.casefold() for part in each) in wanted]
    if len(found) != 1:
        return None
    (database, schema, table), quoted = found[0], literal(found[0][0])
    try:
        known = db.execute(
            f"SELECT table_id, table_uuid::VARCHAR FROM ducklake_table_info({quoted}) WHERE table_name = ?", [table]
        )
        snapshot = db.scalar(f"SELECT max(snapshot_id) FROM ducklake_snapshots({quoted})")
    except duckdb.Error:  # another release of the extension, which has to tell none of this
        return None
    if len(known) != 1:  # of several schemas
        return None
    number, identity = known[0]
    return LakeTable(database, schema, table, number, identity, snapshot)


def change_since(db: Database, table: LakeTable, snapshot: int) -> Change:
    """Tell what was done to a table after another state of it, as far as the lake still knows."""
    states = db.execute(
        f"SELECT snapshot_id, changes FROM ducklake_snapshots({literal(table.database)}) "
        f"WHERE snapshot_id BETWEEN {snapshot} AND {table.snapshot} ORDER BY 1"
    )
    if (
        table.snapshot < snapshot or len(states) != table.snapshot - snapshot + 1
    ):  # thrown away, and with them what they did; or an older lake was put in its place
        return "something else"
    done = {what for _, changes in states[1:] for what, whose in changes.items() if str(table.number) in whose}
    if not done:
        return "nothing"
    return "rows added" if done <= _ADDING else "something else"


__all__ = ["Change", "LakeTable", "change_since", "lake_table"]
