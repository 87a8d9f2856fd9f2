"""Remove messages and everything derived from them, in one transaction.

Documents are removed by what they were written from: a post goes with any message in its thread, a profile with its
author. The next run writes again what the remaining messages still support. Of a forgotten author also the name goes
from what others wrote: nobody would know it for a name any more, and no stage could mask it.
"""

import json
from dataclasses import dataclass

from egregora_core.documents import DOCUMENTS
from egregora_core.early import unknown_key
from egregora_core.errors import UsageError
from egregora_core.ingestion import fingerprint_messages
from egregora_core.ir import IR_MESSAGES
from egregora_core.name_masking import better_form, both_forms, mask_names, twice
from egregora_core.name_patterns import name_patterns
from egregora_core.names import KnownName
from egregora_core.runs import Run
from egregora_core.session import Session
from egregora_core.sql import literal
from egregora_core.tracking import Outcome, Verdict, Work, run_stage_with_tracking


@dataclass(frozen=True)
class Forgotten:
    """How much one call removed."""

    messages: int
    documents: int
    rows: int
    """Rows of derived tables."""


def forget(
    session: Session, *, thread: str | None = None, author: str | None = None, source: str | None = None
) -> Forgotten:
    """Forget a thread (title, id or pseudonym), an author (name, id or pseudonym) or a whole source.

    Exactly one of them is given. Raises UsageError where nothing fits.
    """
    check_choice(thread, author, source)
    condition, parameters = _condition(thread, author, source)
    parameters = [session.tenant, *parameters]
    where = f"tenant_id = ? AND {condition}"
    if not session.db.scalar(f"SELECT count(*) FROM ir_messages WHERE {where}", parameters):
        raise UsageError(_nothing_fits(session, thread, source))
    done: list[Forgotten] = []

    def execute(run: Run) -> Outcome:
        session.db.execute(
            "CREATE OR REPLACE TEMP TABLE gone AS "
            f"SELECT event_id, thread_id, author_uuid, author_raw FROM ir_messages WHERE {where}",
            parameters,
        )
        threads = session.db.execute("SELECT DISTINCT thread_id::VARCHAR FROM gone ORDER BY 1")
        names = session.db.execute("SELECT DISTINCT author_raw, author_uuid::VARCHAR FROM gone ORDER BY ALL")
        if author is not None:
            _scrub(session, [KnownName(name, uuid) for name, uuid in names], run)
        done.append(_remove(session))
        left = _strike_out(session, [name for (name,) in threads])
        rows = session.db.scalar("SELECT count(*) FROM ir_messages WHERE tenant_id = ?", [session.tenant])
        return Outcome(
            rows_in=done[0].messages,
            rows_out=rows,
            output_fingerprint=fingerprint_messages(session.db, session.tenant),
            # Marks what was read of these threads as no longer standing: a file read again is read anew.
            attrs={"replaced": True, "thread_ids": left, "documents": done[0].documents},
        )

    session.workspace.owes_compaction.touch()
    work = Work("ingestion", "forget", session.tenant, "forget", {}, "")
    run_stage_with_tracking(session.db, work, execute, Verdict(None, "asked for"))
    return done[0]


def check_choice(thread: str | None, author: str | None, source: str | None) -> None:
    """Raise UsageError unless exactly one of the three is given."""
    if sum(choice is not None for choice in (thread, author, source)) != 1:
        raise UsageError("say what to forget with exactly one of --thread, --author and --source")


def _nothing_fits(session: Session, thread: str | None, source: str | None) -> str:
    """Say how to find what is there: its names are for whoever asks for them, never for an error message."""
    mine = f"from ir_messages where tenant_id = '{session.tenant}'"
    if source is not None:
        known = [name for (name,) in session.db.execute(f"SELECT DISTINCT source {mine} ORDER BY 1")]
        return f"no message is from this source{unknown_key(source, known)}; there are {', '.join(known) or 'none'}"
    if thread is not None:
        what, columns = "chat has this title", "thread_id, attrs->>'thread' as title"
    else:
        what, columns = "author has this name", "author_uuid, author_raw as name"
        mine += " and author_raw <> ''"
    return f'no {what}, id or pseudonym; `egregora query "select distinct {columns} {mine}"` lists them'


def _condition(thread: str | None, author: str | None, source: str | None) -> tuple[str, list[str]]:
    if source is not None:
        return "source = ?", [source]
    value, column, raw = (
        (thread, "thread_id", "(attrs->>'thread')") if thread is not None else (author, "author_uuid", "author_raw")
    )
    wanted = str(value)
    digits = wanted.removeprefix("p-")
    return (
        f"author_raw <> '' AND ({raw} = ? OR {column}::VARCHAR = ? OR (? LIKE 'p-________' AND "
        f"starts_with({column}::VARCHAR, ?)))"
        if column == "author_uuid"
        else f"({raw} = ? OR {column}::VARCHAR = ? OR (? LIKE 'p-________' AND starts_with({column}::VARCHAR, ?)))"
    ), [wanted, wanted, wanted, digits]


def _scrub(session: Session, names: list[KnownName], run: Run) -> None:
    """Mask the forgotten names in the messages that stay, and in whom they mention."""
    mentions = "attrs"
    for name in names:
        quoted = json.dumps(name.name, ensure_ascii=False)
        mentions = f"replace({mentions}::VARCHAR, {literal(quoted)}, '\"[name]\"')"
    session.db.execute(f"""
        UPDATE ir_messages SET text = fresh.text, attrs = fresh.attrs, created_at = TIMESTAMPTZ '{run.started_at}',
               created_by_run = '{run.run_id}'
        FROM (
            SELECT event_id, clean_text AS text,
                   CASE WHEN contains(attrs::VARCHAR, '"mentions"') THEN {mentions} ELSE attrs END::JSON AS attrs
            FROM ({_scrubbed(session, names)})
        ) AS fresh
        WHERE ir_messages.event_id = fresh.event_id
              AND (ir_messages.text IS DISTINCT FROM fresh.text OR ir_messages.attrs::VARCHAR <> fresh.attrs::VARCHAR)
    """)


def _scrubbed(session: Session, names: list[KnownName]) -> str:
    """Return SQL for the messages that stay, with a column `clean_text` in which no name is left."""
    patterns = name_patterns(names)
    db = session.db.ibis()
    kept = db.table("ir_messages").anti_join(db.table("gone"), "event_id")
    kept = kept.filter(kept.tenant_id == session.tenant)
    masked = mask_names(kept.mutate(clean_text=both_forms(kept.text)), patterns)
    if patterns.system:
        masked = masked.mutate(clean_text=twice(masked.clean_text, [patterns.system]))
    return str(db.compile(masked.mutate(clean_text=better_form(masked.clean_text))))


def _remove(session: Session) -> Forgotten:
    db = session.db
    messages = int(db.execute("DELETE FROM ir_messages WHERE event_id IN (SELECT event_id FROM gone)")[0][0])
    rows = 0
    for table in db.tables():
        names = set(db.columns(table))
        if not table.startswith("stage_"):
            continue
        if set(IR_MESSAGES.names) <= names:
            rows += int(db.execute(f"DELETE FROM {table} WHERE event_id IN (SELECT event_id FROM gone)")[0][0])
        elif set(DOCUMENTS.names) <= names:
            rows += _remove_documents(session, table)
    documents = _remove_documents(session, "documents")
    db.execute("DROP TABLE gone")
    return Forgotten(messages, documents, rows)


def _strike_out(session: Session, threads: list[str]) -> list[str]:
    """Take the ids of threads without a message out of what was recorded of their reading; return the other threads.

    The record says `gone` instead, which is all that the next reading has to know.
    """
    mine = "FROM ir_messages WHERE tenant_id = ?"
    left = {name for (name,) in session.db.execute(f"SELECT DISTINCT thread_id::VARCHAR {mine}", [session.tenant])}
    struck = set(threads) - left
    recorded = session.db.execute(
        "SELECT run_id::VARCHAR, attrs::VARCHAR FROM runs WHERE tenant_id = ? AND step = 'ingestion'", [session.tenant]
    )
    for run_id, text in recorded:
        attrs = json.loads(text or "{}")
        if not struck & {*attrs.get("thread_ids", ()), attrs.get("thread_id")}:
            continue
        attrs["gone"] = True
        attrs["thread_ids"] = [name for name in attrs.get("thread_ids", ()) if name not in struck]
        if attrs.get("thread_id") in struck:
            del attrs["thread_id"]
        session.db.execute("UPDATE runs SET attrs = ? WHERE run_id = ?", [json.dumps(attrs), run_id])
    return sorted(set(threads) & left)


def _remove_documents(session: Session, table: str) -> int:
    """Remove posts of the threads concerned, and every document whose unit is one of the authors concerned."""
    return int(
        session.db.execute(
            f"DELETE FROM {table} WHERE tenant_id = ? AND (thread_id IN (SELECT thread_id FROM gone) "
            "OR (attrs->>'unit') IN (SELECT author_uuid::VARCHAR FROM gone))",
            [session.tenant],
        )[0][0]
    )


__all__ = ["Forgotten", "check_choice", "forget"]
