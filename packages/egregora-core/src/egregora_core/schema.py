"""What a table is: columns with ibis types, written once; everything else derives from it.

Types are ibis type strings (`!` means not null), so a schema can be read, and DDL printed, without importing ibis.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

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
        """The type as DuckDB spells it; ibis's own mapping, which a test compares with this one."""
        return _DUCKDB_TYPES[self.type.removeprefix("!")]


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

    def ddl(self, name: str | None = None) -> str:
        """Return the `CREATE TABLE IF NOT EXISTS` statement, one column a line."""
        lines = [
            f"    {column.name} {column.duckdb_type}{'' if column.nullable else ' NOT NULL'}" for column in self.columns
        ]
        if self.key:
            lines.append(f"    PRIMARY KEY ({', '.join(self.key)})")
        return f"CREATE TABLE IF NOT EXISTS {name or self.name} (\n" + ",\n".join(lines) + "\n)"

    def select(self, names: Iterable[str] = ()) -> str:
        """Return the column list for a SELECT, in this schema's order."""
        wanted = set(names) or set(self.names)
        return ", ".join(name for name in self.names if name in wanted)
