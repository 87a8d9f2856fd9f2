"""In SQL: an export meets what is stored of its thread. What is new, what was edited, and in which order all is read.

Works on what `_staging.py` makes: `staged` (the export's messages) and `placed` (their ids and places, kept in the
table `identified`).
"""

from dataclasses import dataclass
from uuid import UUID

from egregora_core.errors import ExportError
from egregora_core.ingestion._job import Ingest, now_sql
from egregora_core.ingestion._matching import adopt_edits, recognise_edited, unmatched
from egregora_core.ingestion._replacing import was_there
from egregora_core.ingestion._rewriting import outdated, rewrite
from egregora_core.ingestion._seen import delete_lacking
from egregora_core.ingestion._staging import insert, since_sql
from egregora_core.ingestion._without_ids import pair_without_ids, settle
from egregora_core.messages import pseudonym
from egregora_core.storage import Database, literal, temporary_table
from egregora_core.tracking import Run


@dataclass(frozen=True)
class Merged:
    """What a merge did, and what the user should know."""

    added: int
    updated: int
    notices: list[str]


def known_threads(db: Database, job: Ingest, threads: list[UUID]) -> list[UUID]:
    marks = ", ".join("?" * len(threads))
    rows = db.execute(
        f"SELECT DISTINCT thread_id FROM ir_messages WHERE tenant_id = ? AND thread_id IN ({marks})",
        [job.namespace.tenant, *map(str, threads)],
    )
    return [thread for (thread,) in rows]


def merge(db: Database, job: Ingest, run: Run, known: list[UUID]) -> Merged:
    """Add what is new, update what was edited, renumber the stamps that this touches."""
    with temporary_table(db.connection, "stored", _stored_sql(job, known)):
        notices, surpassed = _look_for_edits(db, job, known)
        with outdated(db, job):
            updated = rewrite(db, job, run)
            deleted = delete_lacking(db, job, run)
            _renumber(db, run)
            added = insert(db, job, run, known=True)
    if deleted:
        messages, are = ("message", "is") if deleted == 1 else ("messages", "are")
        gone = f"{deleted:,} {messages} of earlier exports {are} gone from the platform"
        notices.append(f"{gone}: kept as deleted, without text")
    return Merged(added - surpassed, updated + deleted + surpassed, notices)


def _stored_sql(job: Ingest, known: list[UUID]) -> str:
    """Return SQL for what is stored of the chats, from when on the export tells of them."""
    marks = ", ".join(f"'{thread}'" for thread in known)
    return f"""
        SELECT event_id, msg_id, thread_id, ts, seq, {_author_sql(job)} AS author, text, attrs, media_type,
               media_url
        FROM ir_messages WHERE tenant_id = {literal(job.namespace.tenant)} AND thread_id IN ({marks})
              AND ts >= {since_sql(job)}
    """


def _look_for_edits(db: Database, job: Ingest, known: list[UUID]) -> tuple[list[str], int]:
    """Give what was edited the id of what is stored of it; return notices, and how many stored messages are dropped.

    Raises ExportError where a chat of the same title seems to be another one.
    """
    with unmatched(db, job) as lacking:
        if lacking:  # else nothing that is stored can be another wording of what is new
            recognise_edited(db)
            pair_without_ids(db, job)
        _refuse_another_chat(db, job)
        if not lacking:
            return [], 0
        adopt_edits(db)
        surpassed = settle(db, job)
        return [] if job.by_id else [*_strangers(db, job, known), *_renames(db, job)], surpassed


def _refuse_another_chat(db: Database, job: Ingest) -> None:
    common = db.scalar("SELECT count(*) FROM stored SEMI JOIN placed USING (event_id)")
    one = job.reading.thread is not None  # an export of several names its chats itself, a file's name may mislead
    told = job.thread_given or job.native or was_there(db)
    if one and not common and not told:
        raise ExportError(
            f"{job.path}: a chat with this title is known, but not one message is in both; if they are the same chat, "
            "say so with --thread TITLE (its title); if not, give this one another title with --thread"
        )


def _author_sql(job: Ingest) -> str:
    """Return SQL for what staged messages have in `author`."""
    return "CASE WHEN author_raw = '' THEN '' ELSE author_uuid::VARCHAR END" if job.by_id else "author_raw"


def _renumber(db: Database, run: Run) -> None:
    """Order the stamps that get new or edited messages, or that the export has in another order.

    Where the export holds all of a stamp, none of it outdated, its order is taken; else each new message goes before
    the stored one that follows it in the export. A stored message that moves counts as written by this run, so that
    stages see it.
    """
    renumbered = """
        WITH fresh AS (
            SELECT event_id, staged.thread_id, staged.ts, pos, stored.seq AS own,
                   stored.event_id IS NULL OR placed.seq <> stored.seq
                       OR staged.text IS DISTINCT FROM stored.text AS changed
            FROM staged JOIN placed USING (pos) LEFT JOIN stored USING (event_id)
        ), touched AS (
            SELECT DISTINCT thread_id, ts FROM fresh WHERE changed
        ), anchored AS (
            SELECT event_id, thread_id, ts, pos, own,
                   count(own) OVER (PARTITION BY thread_id, ts) = coalesce(held, 0)
                       AND (thread_id, ts) NOT IN (SELECT (thread_id, ts) FROM outdated) AS whole,
                   coalesce(first_value(own IGNORE NULLS) OVER (
                       PARTITION BY thread_id, ts ORDER BY pos ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
                   ), 2147483647) AS anchor
            FROM fresh SEMI JOIN touched USING (thread_id, ts) LEFT JOIN (
                SELECT thread_id, ts, count(*) AS held FROM stored SEMI JOIN touched USING (thread_id, ts) GROUP BY ALL
            ) USING (thread_id, ts)
        ), every AS (
            SELECT event_id, thread_id, ts, CASE WHEN whole THEN 0 ELSE anchor END AS anchor, 0 AS turn, pos
            FROM anchored WHERE whole OR own IS NULL
            UNION ALL
            SELECT event_id, thread_id, ts, seq, 1, 0
            FROM stored SEMI JOIN (SELECT thread_id, ts FROM anchored WHERE NOT whole) USING (thread_id, ts)
        )
        SELECT event_id, row_number() OVER (PARTITION BY thread_id, ts ORDER BY anchor, turn, pos) - 1 AS seq FROM every
    """
    with temporary_table(db.connection, "renumbered", renumbered):
        db.execute("""
            UPDATE identified SET seq = renumbered.seq
            FROM renumbered WHERE identified.event_id = renumbered.event_id
        """)
        db.execute(f"""
            UPDATE ir_messages SET seq = renumbered.seq, created_at = {now_sql(run)}, created_by_run = '{run.run_id}'
            FROM renumbered
            WHERE ir_messages.event_id = renumbered.event_id AND ir_messages.seq <> renumbered.seq
        """)


def _strangers(db: Database, job: Ingest, known: list[UUID]) -> list[str]:
    """Say how many chats of an export of several have no message in common with what is stored of them."""
    if job.reading.thread is not None or job.native:
        return []
    met = db.scalar("SELECT count(DISTINCT thread_id) FROM stored SEMI JOIN placed USING (event_id)")
    strangers = len(known) - met
    if not strangers:
        return []
    chats, their = ("chat", "its") if strangers == 1 else ("chats", "their")
    notice = (
        f"{strangers:,} {chats} of this export had messages under the same title before, and not one is in both: what "
        f"is read now was added to {their} messages, as an earlier or later part"
    )
    return [notice]


def _renames(db: Database, job: Ingest) -> list[str]:
    """Say which author of the table seems to have a new name: same stamps, same bodies, and the old name is gone."""
    rows = db.execute("""
        SELECT old.author, count(*)
        FROM only_new AS new JOIN only_old AS old
             ON new.thread_id = old.thread_id AND new.ts = old.ts AND new.text IS NOT DISTINCT FROM old.text
        WHERE old.author <> '' AND new.author <> '' AND old.author NOT IN (SELECT author FROM staged)
        GROUP BY old.author, new.author HAVING count(*) >= 2 ORDER BY 2 DESC
    """)
    return [
        f"author {pseudonym(job.namespace.author(old))} seems to have another name in this export ({count:,} messages "
        "are in both); to join them, set [authors] aliases in egregora.toml and ingest again"
        for old, count in rows
    ]
