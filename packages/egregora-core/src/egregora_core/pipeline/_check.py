"""Look at an export or a table without writing anything: would it be accepted, and what is in it."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from egregora_core.errors import ExportError, SchemaError, UsageError
from egregora_core.exports import Export
from egregora_core.ingestion import ingest, open_export, standing_ingestion, told_of_left_out
from egregora_core.messages import DOCUMENTS, IR_MESSAGES, Namespace, check_rows
from egregora_core.session import Command, ExportProgress, Session, database_exists, open_database, open_session
from egregora_core.storage import Database, TableSchema, take_processors
from egregora_core.tracking import RUNS, Outcome, Run, Verdict, run_stage_with_tracking


def check_export(command: Command, path: Path) -> dict[str, Any]:
    """Read an export as `ingest` would, into a database that is thrown away; say what was found, raise as it would.

    What the workspace has recorded of the chat, its time zone and its date order, counts here too.
    """
    if not path.exists():
        raise ExportError(f"{path}: there is no such file; check the path")
    notices: list[str] = []
    with (
        tempfile.TemporaryDirectory(prefix="egregora-") as directory,
        open_session(command, database=Path(directory) / "egregora.duckdb") as session,
        _records(command, session) as records,
        ExitStack() as opening,
    ):
        export, progress = opening.enter_context(Export(path)), ExportProgress()
        take_processors(session.db, sum(map(export.size, export.names)))
        standing = standing_ingestion(records, export, progress)
        opened = open_export(records, export, standing, progress)

        def execute(run: Run) -> Outcome:
            with session.db.memory.for_ingestion():
                outcome, said = ingest(session.db, opened.job, run, progress)
            told = told_of_left_out(outcome.attrs.get("left_out", {}))  # is a fact of its own here
            notices.extend((*opened.notices, *(notice for notice in said if notice not in told)))
            return replace(outcome, attrs={**outcome.attrs, **opened.attrs})

        run = run_stage_with_tracking(session.db, opened.work, execute, Verdict(None, "checked"))
        notes = {"notes": "; ".join(notices)} if notices else {}
        source = {"source": f"{opened.work.stage} ({opened.recognised})"}
        return {**source, **_contents(session.db), **_facts(run.attrs), **notes}


@contextmanager
def _records(command: Command, scratch: Session) -> Iterator[Session]:
    """Yield a session that only reads: over what the workspace knows, or over nothing where there is none yet."""
    settings, path = command.settings, command.settings.database_path
    if not database_exists(path):
        yield scratch
        return
    secret = command.workspace.secret(database=path, exists=lambda: True)
    with open_database(path, secret=secret, read_only=True, lock_timeout=settings.database.lock_timeout) as db:
        namespace = Namespace(secret, settings.workspace.tenant)
        yield Session(command, db, namespace, trusted=True)


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
    """Return what a run recorded, the source's own words last; the host's are told before and win."""
    own = {key: value for key, value in attrs.get("facts", {}).items() if key not in attrs}
    return {key: value for key, value in {**attrs, **own}.items() if key not in _HIDDEN}


_HIDDEN = {
    *("facts", "opened", "spans", "as_of", "thread_ids", "thread_id", "config", "reason", "target", "source_key"),
    *("added", "updated", "replaced", "gone", "messages", "form", "paddings", "other_lines"),
    *("checkpoints", "name_places", "missing", "files"),
}
"""What a run records that says nothing about the export's format."""
