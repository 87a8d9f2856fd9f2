"""Messages out of the workspace, as a file that other programs read: pseudonymised unless asked otherwise."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from egregora_core.errors import NoMessagesError, UsageError, WorkspaceError
from egregora_core.storage import Database, harmless_sql, is_formula_sql, literal
from egregora_core.tracking import RunStore

Format = Literal["parquet", "csv", "jsonl"]

_ENDINGS: dict[str, Format] = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}
"""Formats by how files of them are named."""
_OPTIONS = {"parquet": "FORMAT parquet, COMPRESSION zstd", "csv": "FORMAT csv, HEADER", "jsonl": "FORMAT json"}


def format_of(path: Path | None, wanted: str | None) -> Format:
    """Return the format that is asked for, be it by the end of a file's name; raises UsageError where both differ."""
    ending = path.suffix.lower() if path is not None else ""
    meant = _ENDINGS.get(ending)
    if wanted is not None and wanted not in _OPTIONS:
        raise UsageError(f"{wanted!r} is no format of an export: it is one of {', '.join(_OPTIONS)}")
    if wanted is not None and meant is not None and wanted != meant:
        raise UsageError(f"--format {wanted} and a file that ends in {ending} contradict each other: change one")
    found: Format = next((each for each in _ENDINGS.values() if each == wanted), meant or "parquet")
    return found


@dataclass(frozen=True)
class Form:
    """What is written, and how."""

    format: Format
    raw: bool = False
    """As ingested; else as the last message stage left them, without names."""
    exact: bool = False
    """With cells of a CSV that a spreadsheet would run as they are; else they are made harmless."""


def export_messages(db: Database, tenant: str, form: Form, path: Path) -> int:
    """Write a tenant's messages to `path`, ordered by thread, `ts` and `seq`; return how many.

    The file appears whole or not at all, in the place of one that is there.
    Raises NoMessagesError where there are none yet, WorkspaceError where `path` cannot be written.
    """
    table = "ir_messages" if form.raw else last_message_table(db, tenant)
    if not db.scalar(f"SELECT count(*) FROM {table} WHERE tenant_id = ?", [tenant]):
        raise NoMessagesError("there are no messages yet; run `egregora run EXPORT` first")
    beside = path.absolute().with_name(f".{path.name}.part")
    messages = f"{table} WHERE tenant_id = {literal(tenant)} ORDER BY thread_id, ts, seq"
    select = f"SELECT {_columns(db, table, form)} FROM {messages}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = db.execute(f"COPY ({select}) TO {literal(str(beside))} ({_OPTIONS[form.format]})")
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


def _columns(db: Database, table: str, form: Form) -> str:
    """Return what to select: of Parquet's UUIDs not all readers know the type (Spark does not), so they are text."""
    changed = {}
    if form.format == "csv" and not form.exact:
        changed = {name: harmless_sql(name) for name in _texts(db, table)}
    elif form.format == "parquet":
        changed = {name: f"{name}::VARCHAR" for name, type_ in db.columns(table).items() if type_ == "UUID"}
    return f"* REPLACE ({', '.join(f'{sql} AS {name}' for name, sql in changed.items())})" if changed else "*"


def _texts(db: Database, table: str) -> list[str]:
    return [name for name, type_ in db.columns(table).items() if type_ == "VARCHAR"]


def last_message_table(db: Database, tenant: str) -> str:
    """Return the table of the message stage that ran or stood last; raises NoMessagesError without one."""
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
    runs = RunStore(db.connection)
    ingested, masked = runs.last_of_step(tenant, "ingestion"), runs.last_writer(tenant, "privacy", "privacy")
    return ingested is not None and masked is not None and ingested.output_fingerprint != masked.input_fingerprint
