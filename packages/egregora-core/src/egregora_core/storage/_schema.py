"""What a table is: columns with ibis types, written once; everything else derives from it.

Types are ibis type strings (`!` means not null), so a schema can be read, and DDL printed, without importing ibis.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

PROVENANCE = ("created_at", "created_by_run")
"""Columns that say who wrote a row and when: no part of its content, and of no fingerprint."""

_DUCKDB_TYPES = {
    "uuid": "UUID",
    "string": "VARCHAR",
    "json": "JSON",
    "boolean": "BOOLEAN",
    "int32": "INTEGER",
    "int64": "BIGINT",
    "float64": "DOUBLE",
    "timestamp('UTC', 6)": "TIMESTAMPTZ",
}


@dataclass(frozen=True)
class Column:
    """One column: its name, its ibis type (`!` for not null) and one line on what it means."""

    name: str
    type: str
    description: str

    @property
    def nullable(self) -> bool:
        return not self.type.startswith("!")

    @property
    def duckdb_type(self) -> str:
        """The type as DuckDB reads it: by ibis's own mapping, whose common part stands here to spare importing ibis."""
        return _DUCKDB_TYPES.get(self.type.removeprefix("!")) or _by_ibis(self.type)


@dataclass(frozen=True)
class TableSchema:
    """A table: name, columns in order, and the columns of its key (which may be none)."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @cached_property
    def ibis(self) -> Any:
        """The same schema as an `ibis.Schema`."""
        import ibis

        return ibis.schema({column.name: column.type for column in self.columns})

    def ddl(self, name: str | None = None, *, quoted: bool = False, keyed: bool = True) -> str:
        """Return the `CREATE TABLE IF NOT EXISTS` statement, one column a line.

        `quoted` lets a column be a keyword; without `keyed` it has no primary key, for a store that knows none.
        """
        mark = '"' if quoted else ""
        lines = [
            f"    {mark}{column.name}{mark} {column.duckdb_type}{'' if column.nullable else ' NOT NULL'}"
            for column in self.columns
        ]
        if self.key and keyed:
            lines.append(f"    PRIMARY KEY ({', '.join(f'{mark}{name}{mark}' for name in self.key)})")
        return f"CREATE TABLE IF NOT EXISTS {name or self.name} (\n" + ",\n".join(lines) + "\n)"

    def select(self, names: Iterable[str] = ()) -> str:
        """Return the column list for a SELECT, in this schema's order."""
        wanted = set(names) or set(self.names)
        return ", ".join(name for name in self.names if name in wanted)


def _by_ibis(type_: str) -> str:
    import ibis
    from ibis.backends.sql.datatypes import DuckDBType

    return str(DuckDBType.from_ibis(ibis.dtype(type_)).sql("duckdb"))
