"""Look at an export or a table without writing anything: would it be accepted, and what is in it."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from egregora_core.database import Database
from egregora_core.documents import DOCUMENTS
from egregora_core.errors import SchemaError, UsageError
from egregora_core.ir import IR_MESSAGES
from egregora_core.plugins import App
from egregora_core.runs import RUNS
from egregora_core.schema import TableSchema
from egregora_core.validation import check_rows

if TYPE_CHECKING:
    from egregora_core.pipeline import RunOptions
    from egregora_core.settings import LoadedSettings


def check_export(app: App, settings: "LoadedSettings", path: Path, options: "RunOptions") -> dict[str, Any]:
    """Ingest an export into a workspace that is thrown away, and say what was found; raises as `ingest` would."""
    from egregora_core.pipeline import Pipeline, RunOptions, ingestion
    from egregora_core.session import open_session
    from egregora_core.workspace import Workspace

    with tempfile.TemporaryDirectory(prefix="egregora-") as directory:
        scratch = Workspace(Path(directory))
        database = scratch.home / "egregora.duckdb"
        with open_session(scratch, database, settings.workspace.tenant) as session:
            given = RunOptions(options.timezone, options.date_order, options.thread)
            notices: list[str] = []
            pipeline = Pipeline(
                app, settings, given, session, lambda line: notices.append(line.text) if line.warning else None
            )
            ingestion(pipeline, [path])
            (run,) = session.db.runs.completed(session.tenant, "ingestion")
            return {**_contents(session.db), **_facts(run.attrs), **({"notes": "; ".join(notices)} if notices else {})}


def check_table(db: Database, table: str) -> dict[str, Any]:
    """Check columns, types and rows of a table; raises SchemaError with all problems, UsageError for other tables."""
    found = db.columns(table)
    if not found:
        raise UsageError(f"{table}: no such table or file; tables: {', '.join(db.tables())}")
    schema = next((one for one in (IR_MESSAGES, DOCUMENTS, RUNS) if _looks_like(one, found)), None)
    if schema is None:
        raise UsageError(
            f"{table}: holds neither messages nor documents nor runs, so there is nothing to check it against"
        )
    wrong = [
        f"{table}: column {column.name!r} is {found.get(column.name, 'missing')}, expected {column.type}"
        for column in schema.columns
        if found.get(column.name, "").replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ") != column.duckdb_type
    ]
    if wrong:
        raise SchemaError("\n".join(wrong))
    check_rows(db.connection, table, schema, where=table)
    return {"schema": schema.name, "rows": db.scalar(f"SELECT count(*) FROM {table}")}


def _looks_like(schema: TableSchema, found: dict[str, str]) -> bool:
    return len(set(schema.names) & set(found)) > len(schema.names) // 2


def _contents(db: Database) -> dict[str, Any]:
    rows = db.execute("""
        SELECT count(*), count(DISTINCT author_uuid) FILTER (WHERE author_raw <> ''), count(DISTINCT thread_id),
               strftime(min(ts), '%Y-%m-%d %H:%M:%SZ'), strftime(max(ts), '%Y-%m-%d %H:%M:%SZ') FROM ir_messages
    """)
    facts = dict(zip(("messages", "authors", "threads", "first (UTC)", "last (UTC)"), rows[0], strict=True))
    kinds = db.execute("SELECT attrs->>'kind', count(*) FROM ir_messages GROUP BY 1 ORDER BY 2 DESC, 1")
    return {**facts, "kinds": ", ".join(f"{count:,} {kind}" for kind, count in kinds)}


def _facts(attrs: Any) -> dict[str, Any]:
    hidden = {"thread_ids", "thread_id", "config", "reason", "target", "added", "updated", "replaced", "messages"}
    return {key: value for key, value in attrs.items() if key not in hidden}
