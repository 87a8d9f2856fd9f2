"""Room for what a writer made elsewhere: its documents and notes of before go, but what stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from egregora_core.generation._document_store import GENERATION_UNITS
from egregora_core.storage import literal

if TYPE_CHECKING:
    from egregora_core.storage import Connection


@dataclass(frozen=True)
class MadeElsewhere:
    """Parquet files of tasks that wrote the units of one writer, each unit in one of them."""

    kept: Sequence[str]
    """Ids of stored documents whose units are as they were, or failed."""
    units: Sequence[str]
    """What is noted of all units there are now."""


def make_room(con: "Connection", tenant: str, writer: str, made: MadeElsewhere) -> None:
    """Delete a writer's documents but those that are kept, and replace its notes, inside the caller's transaction.

    The new documents themselves are then put in by the engine: they may be long.
    """
    whose = f"tenant_id = {literal(tenant)} AND writer = {literal(writer)}"
    con.execute(GENERATION_UNITS.ddl())
    kept = f"AND document_id NOT IN (SELECT document_id FROM {_files(made.kept)})" if made.kept else ""
    con.execute(f"DELETE FROM documents WHERE {whose} {kept}")
    con.execute(f"DELETE FROM {GENERATION_UNITS.name} WHERE {whose}")
    if made.units:
        columns = ", ".join(f"{column.name}::{column.duckdb_type}" for column in GENERATION_UNITS.columns)
        select = f"SELECT {columns} FROM {_files(made.units)}"
        con.execute(f"INSERT INTO {GENERATION_UNITS.name} ({GENERATION_UNITS.select()}) {select}")


def _files(files: Sequence[str]) -> str:
    return f"read_parquet([{', '.join(map(literal, files))}], hive_partitioning = false)"


__all__ = ["MadeElsewhere", "make_room"]
