"""Messages out of the workspace, as a file that other programs read: pseudonymised unless asked otherwise."""

from contextlib import suppress
from pathlib import Path
from typing import Literal

from egregora_core.storage.database import Database
from egregora_core.errors import NoMessagesError, WorkspaceError
from egregora_core.storage.spreadsheet import harmless_sql, is_formula_sql
from egregora_core.storage.sql import literal

Format = Literal["parquet", "csv", "jsonl"]

_OPTIONS = {"parquet": "FORMAT parquet, COMPRESSION zstd", "csv": "FORMAT csv, HEADER", "jsonl": "FORMAT json"}


def export_messages(  # noqa: PLR0913 - what, where, in which form
    db: Database, tenant: str, format_: Format, path: Path, *, raw: bool = False, exact: bool = False
) -> int:
    """Write a tenant's messages to `path`, ordered by thread, `ts` and `seq`; return how many.

    Without `raw` they are those of the last message stage, which hold no name. Cells of a CSV that a spreadsheet would
    run are made harmless, unless `exact`. The file appears whole or not at all, in the place of one that is there.
    Raises NoMessagesError where there are none yet, WorkspaceError where `path` cannot be written.
    """
    table = "ir_messages" if raw else last_message_table(db, tenant)
    if not db.scalar(f"SELECT count(*) FROM {table} WHERE tenant_id = ?", [tenant]):
        raise NoMessagesError("there are no messages yet; run `egregora run EXPORT` first")
    beside = path.absolute().with_name(f".{path.name}.part")
    columns = "*"
    if format_ == "csv" and not exact:
        columns = f"* REPLACE ({', '.join(f'{harmless_sql(name)} AS {name}' for name in _texts(db, table))})"
    select = f"SELECT {columns} FROM {table} WHERE tenant_id = {literal(tenant)} ORDER BY thread_id, ts, seq"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = db.execute(f"COPY ({select}) TO {literal(str(beside))} ({_OPTIONS[format_]})")
        beside.replace(path)
    except Exception as error:
        with suppress(OSError):
            beside.unlink()
        raise WorkspaceError(
            f"{path}: cannot be written ({type(error).__name__}); is there room, and may you write there?"
        ) from error
    return int(rows[0][0])


def count_formulas(db: Database, tenant: str, *, raw: bool = False) -> int:
    """Count the cells that a spreadsheet would run."""
    table = "ir_messages" if raw else last_message_table(db, tenant)
    found = " + ".join(f"count(*) FILTER (WHERE {is_formula_sql(name)})" for name in _texts(db, table))
    return int(db.scalar(f"SELECT {found} FROM {table} WHERE tenant_id = {literal(tenant)}"))


def _texts(db: Database, table: str) -> list[str]:
    return [name for name, type_ in db.columns(table).items() if type_ == "VARCHAR"]


def last_message_table(db: Database, tenant: str) -> str:
    """Return the table of the message stage that ran or stood last for a tenant; raises NoMessagesError without one."""
    stage = db.scalar(
        "SELECT stage FROM runs WHERE tenant_id = ? AND step IN ('privacy', 'enrichment') "
        "AND status IN ('completed', 'cached') ORDER BY run_id DESC LIMIT 1",
        [tenant],
    )
    if stage is None or not db.columns(f"stage_{stage}"):
        raise NoMessagesError("there are no pseudonymised messages yet; run `egregora run EXPORT` first (or use --raw)")
    return f"stage_{stage}"


def is_behind(db: Database, tenant: str) -> bool:
    """Tell whether messages were ingested or forgotten since the privacy stage last ran for a tenant."""
    last = {step: db.runs.last_of_step(tenant, step) for step in ("ingestion", "privacy")}
    ingested, masked = last["ingestion"], last["privacy"]
    return ingested is not None and masked is not None and ingested.output_fingerprint != masked.input_fingerprint
