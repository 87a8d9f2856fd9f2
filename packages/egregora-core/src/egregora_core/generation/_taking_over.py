"""What a writer made elsewhere, put into the table of documents at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from egregora_core.generation._document_store import GENERATION_UNITS
from egregora_core.messages import DOCUMENTS
from egregora_core.storage import literal

if TYPE_CHECKING:
    from egregora_core.storage import Connection


@dataclass(frozen=True)
class MadeElsewhere:
    """Parquet files of tasks that wrote the units of one writer, each unit in one of them."""

    documents: Sequence[str]
    """New documents."""
    kept: Sequence[str]
    """Ids of stored documents whose units are as they were, or failed."""
    units: Sequence[str]
    """What is noted of all units there are now."""


def take_over(con: "Connection", tenant: str, writer: str, made: MadeElsewhere) -> None:
    """Replace a writer's documents and notes by what was made, inside the caller's transaction."""
    whose = f"tenant_id = {literal(tenant)} AND writer = {literal(writer)}"
    con.execute(GENERATION_UNITS.ddl())
    kept = f"AND document_id NOT IN (SELECT document_id FROM {_files(made.kept)})" if made.kept else ""
    con.execute(f"DELETE FROM documents WHERE {whose} {kept}")
    con.execute(f"DELETE FROM {GENERATION_UNITS.name} WHERE {whose}")
    for schema, files in ((DOCUMENTS, made.documents), (GENERATION_UNITS, made.units)):
        if files:
            columns = ", ".join(f"{column.name}::{column.duckdb_type}" for column in schema.columns)
            con.execute(f"INSERT INTO {schema.name} ({schema.select()}) SELECT {columns} FROM {_files(files)}")


def _files(files: Sequence[str]) -> str:
    return f"read_parquet([{', '.join(map(literal, files))}], hive_partitioning = false)"


__all__ = ["MadeElsewhere", "take_over"]
