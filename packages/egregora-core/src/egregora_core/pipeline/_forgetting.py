"""Remove messages and everything derived from them, in one transaction.

Documents are removed by what they were written from: those about a chat that a message is taken from, and those about
anybody who wrote in it. The next run writes again what the remaining messages still support. Of people of whom nothing
is left also the name goes from what others wrote: nobody would know it for a name any more, and no stage could mask it.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from egregora_core.errors import UsageError
from egregora_core.generation import GENERATION_UNITS
from egregora_core.ingestion import drop_attachments, fingerprint_messages
from egregora_core.messages import DOCUMENTS, IR_MESSAGES, KNOWN_NAMES
from egregora_core.pipeline._traces import strike_out
from egregora_core.privacy import KnownName, without_names
from egregora_core.session import Session
from egregora_core.storage import Database, bind, literal, temporary_table
from egregora_core.tracking import Outcome, Run, Verdict, Work, run_stage_with_tracking
from egregora_core.workspace import unknown_key

FORGET = "forget"
"""The stage under which `runs` has it."""


@dataclass(frozen=True)
class Choice:
    """What is to be forgotten: exactly one of a thread or author (name, id or pseudonym) and a source."""

    thread: str | None = None
    author: str | None = None
    source: str | None = None

    def __post_init__(self) -> None:
        """Raise UsageError unless exactly one is given."""
        if sum(each is not None for each in (self.thread, self.author, self.source)) != 1:
            raise UsageError("say what to forget with exactly one of --thread, --author and --source")

    def sql(self) -> tuple[str, list[str]]:
        """Return the condition that its messages meet, with its parameters."""
        if self.source is not None:
            return "source = ?", [self.source]
        column, raw, wanted = "thread_id", "(attrs->>'thread')", self.thread
        if self.author is not None:
            column, raw, wanted = "author_uuid", "author_raw", self.author
        named = (
            f"({raw} = ? OR {column}::VARCHAR = ? OR (? LIKE 'p-________' AND starts_with({column}::VARCHAR, ?)) "
            f"OR (tenant_id, {column}) IN (SELECT (tenant_id, identity) FROM pseudonyms WHERE pseudonym = ?))"
        )
        parameters = [wanted or "", wanted or "", wanted or "", (wanted or "").removeprefix("p-"), wanted or ""]
        return (f"author_raw <> '' AND {named}" if self.author is not None else named), parameters


@dataclass(frozen=True)
class Affected:
    """How much a call would remove."""

    messages: int
    documents: int


@dataclass(frozen=True)
class Forgotten(Affected):
    """How much one call removed."""

    rows: int
    """Rows of derived tables."""
    kept: tuple[Path, ...] = ()
    """Pages that were edited by hand, so they stay, and may still hold what was forgotten."""


def affected(db: Database, tenant: str, choice: Choice) -> Affected:
    """Count what would be removed, and write nothing; raises UsageError where no message fits."""
    with _marked(db, tenant, choice):
        messages = db.scalar("SELECT count(*) FROM gone")
        documents = db.scalar(f"SELECT count(*) FROM documents WHERE {_written_from_gone(tenant)}")
    if not messages:
        raise UsageError(_nothing_fits(db, tenant, choice))
    return Affected(messages, documents)


def forget(
    session: Session, *, thread: str | None = None, author: str | None = None, source: str | None = None
) -> Forgotten:
    """Forget a thread or author (name, id or pseudonym) or a whole source.

    Exactly one of them is given. Raises UsageError where nothing fits.
    """
    choice = Choice(thread, author, source)
    affected(session.db, session.tenant, choice)
    done: list[Forgotten] = []

    def execute(run: Run) -> Outcome:
        session.workspace.owes_compaction.touch(mode=0o600)
        with _marked(session.db, session.tenant, choice):
            if names := _nobody_else_knows(session, choice):
                _scrub(session, names, run)
            done.append(_remove(session))
            _forget_names(session)
            left = strike_out(session.db, run)
        rows = session.db.scalar("SELECT count(*) FROM ir_messages WHERE tenant_id = ?", [session.tenant])
        return Outcome(
            rows_in=done[0].messages,
            rows_out=rows,
            output_fingerprint=fingerprint_messages(session.db, session.tenant),
            # Marks what was read of these threads as no longer standing: a file read again is read anew.
            attrs={"replaced": True, "thread_ids": left, "documents": done[0].documents},
        )

    work = Work("ingestion", FORGET, session.tenant, "forget", {}, "")
    run_stage_with_tracking(session.db, work, execute, Verdict(None, "asked for"))
    drop_attachments(session)
    return done[0]


def _nothing_fits(db: Database, tenant: str, choice: Choice) -> str:
    """Say how to find what is there: its names are for whoever asks for them, never for an error message."""
    mine = f"from ir_messages where tenant_id = '{tenant}'"
    if choice.source is not None:
        known = [name for (name,) in db.execute(f"SELECT DISTINCT source {mine} ORDER BY 1")]
        near = unknown_key(choice.source, known)
        return f"no message is from this source{near}; there are {', '.join(known) or 'none'}"
    if choice.thread is not None:
        what, columns = "chat has this title", "thread_id, attrs->>'thread' as title"
    else:
        what, columns = "author has this name", "author_uuid, author_raw as name"
        mine += " and author_raw <> ''"
    return f'no {what}, id or pseudonym; `egregora query "select distinct {columns} {mine}"` lists them'


# --- what goes ----------------------------------------------------------------------------------------------------


@contextmanager
def _marked(db: Database, tenant: str, choice: Choice) -> Iterator[None]:
    """Make `gone`, the messages that are chosen, and `concerned`, the chats that they are in and who wrote there."""
    condition, parameters = choice.sql()
    gone = f"SELECT event_id, thread_id, author_uuid, author_raw FROM ir_messages WHERE tenant_id = ? AND {condition}"
    concerned = (
        "SELECT DISTINCT thread_id, author_uuid::VARCHAR AS author "
        "FROM ir_messages WHERE thread_id IN (SELECT thread_id FROM gone)"
    )
    with (
        temporary_table(db.connection, "gone", bind(gone, [tenant, *parameters])),
        temporary_table(db.connection, "concerned", concerned),
    ):
        yield


def _written_from_gone(tenant: str) -> str:
    """Return the condition that documents meet which a chosen message, or its neighbours, may be in."""
    return (
        f"tenant_id = {literal(tenant)} AND (thread_id IN (SELECT thread_id FROM concerned) "
        "OR (attrs->>'unit') IN (SELECT author FROM concerned))"
    )


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
    if db.columns(GENERATION_UNITS.name):
        db.execute(
            f"DELETE FROM {GENERATION_UNITS.name} WHERE tenant_id = ? AND (writer, unit_key) IN "
            f"(SELECT (writer, attrs->>'unit') FROM documents WHERE {_written_from_gone(session.tenant)})",
            [session.tenant],
        )
    return Forgotten(messages, _remove_documents(session, "documents"), rows)


def _forget_names(session: Session) -> None:
    """Drop the names that a platform told of which no message is left; `strike_out` drops those of who is gone."""
    session.db.execute(
        f"DELETE FROM {KNOWN_NAMES.name} WHERE tenant_id = ? "
        "AND source NOT IN (SELECT source FROM ir_messages WHERE tenant_id = ?)",
        [session.tenant, session.tenant],
    )


def _remove_documents(session: Session, table: str) -> int:
    return int(session.db.execute(f"DELETE FROM {table} WHERE {_written_from_gone(session.tenant)}")[0][0])


# --- names in what others wrote -----------------------------------------------------------------------------------


def _nobody_else_knows(session: Session, choice: Choice) -> list[KnownName]:
    """Return the names of people who have no message left; a name that is forgotten itself is always one."""
    mine = f"SELECT author_uuid FROM ir_messages WHERE tenant_id = {literal(session.tenant)}"
    left = f"{mine} AND event_id NOT IN (SELECT event_id FROM gone)"
    where = "" if choice.author is not None else f"AND author_uuid NOT IN ({left})"
    rows = session.db.execute(
        f"SELECT DISTINCT author_raw, author_uuid::VARCHAR FROM gone WHERE author_raw <> '' {where} ORDER BY ALL"
    )
    uuids = ", ".join(f"'{uuid}'" for _, uuid in rows) or "NULL"
    others = session.db.execute(
        f"SELECT DISTINCT name, identity::VARCHAR FROM {KNOWN_NAMES.name} "
        f"WHERE tenant_id = ? AND identity IN ({uuids}) ORDER BY ALL",
        [session.tenant],
    )
    return [KnownName(name, uuid) for name, uuid in dict.fromkeys([*rows, *others])]


def _scrub(session: Session, names: list[KnownName], run: Run) -> None:
    """Mask names in the messages that stay, and in whom they mention."""
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
    db = session.db.ibis()
    kept = db.table("ir_messages").anti_join(db.table("gone"), "event_id")
    return str(db.compile(without_names(kept.filter(kept.tenant_id == session.tenant), names)))


def removed_its_messages(db: Database) -> bool:
    """Tell whether the newest call came as far as its commit; what is left after that is to clear up."""
    newest = "SELECT status FROM runs WHERE step = 'ingestion' AND stage = ? ORDER BY run_id DESC LIMIT 1"
    return bool(db.scalar(newest, [FORGET]) == "completed")


def unfinished(session: Session) -> str | None:
    """Say how an earlier call ended that did not come to its end, and what is left to do; None without one."""
    if not session.workspace.owes_compaction.exists():
        return None
    if removed_its_messages(session.db):
        return "an earlier `forget` was interrupted after it had removed the messages; what it left is removed now"
    return "an earlier `forget` was interrupted before it removed anything: give it again"


__all__ = ["FORGET", "Affected", "Choice", "Forgotten", "affected", "forget", "removed_its_messages", "unfinished"]
