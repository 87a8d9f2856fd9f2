"""`--replace`: a thread is forgotten and read again, and what only earlier exports held is gone with it.

Another time zone or date order gives every message another id, so ids alone cannot tell what is gone.
"""

from uuid import UUID

from egregora_core.database import Database
from egregora_core.sql import literal
from egregora_core.staging import Ingest, canonical_sql


def forget_threads(db: Database, job: Ingest, threads: list[UUID]) -> None:
    """Delete the threads' messages; `lost` remembers them for `lost_notices`."""
    where = _where(job, threads)
    db.execute(f"CREATE OR REPLACE TEMP TABLE lost AS {_memory_sql(job, where)}")
    db.execute(f"DELETE FROM ir_messages WHERE {where}")


def lost_notices(db: Database, job: Ingest, threads: list[UUID]) -> list[str]:
    """Say how many of the forgotten messages were not read again: not by id, nor at their time, nor by their body."""
    db.execute(f"CREATE OR REPLACE TEMP TABLE reread AS {_memory_sql(job, _where(job, threads))}")
    for key in ("event_id", "thread_id, ts", "thread_id, author, text"):
        _strike(db, key)
    count = db.scalar("SELECT count(*) FROM lost")
    db.execute("DROP TABLE lost")
    db.execute("DROP TABLE reread")
    if not count:
        return []
    messages, are = ("message", "is") if count == 1 else ("messages", "are")
    return [f"{count:,} {messages} that only earlier exports held {are} gone"]


def _where(job: Ingest, threads: list[UUID]) -> str:
    marks = ", ".join(f"'{thread}'" for thread in threads)
    return f"tenant_id = {literal(job.namespace.tenant)} AND source = {literal(job.source)} AND thread_id IN ({marks})"


def _memory_sql(job: Ingest, where: str) -> str:
    author = canonical_sql(job, "author_raw")
    return f"""
        SELECT event_id, thread_id, ts, seq, {author} AS author, md5(coalesce(text, '')) AS text
        FROM ir_messages WHERE {where}
    """


def _strike(db: Database, key: str) -> None:
    """Remove what both sides have, as often as both have it."""
    numbered = f"SELECT event_id, {key}, row_number() OVER (PARTITION BY {key} ORDER BY ts, seq) AS n"
    if key == "event_id":
        numbered = "SELECT event_id, 1 AS n"
    db.execute(f"""
        CREATE OR REPLACE TEMP TABLE struck AS
        SELECT old.event_id AS old_id, new.event_id AS new_id
        FROM ({numbered} FROM lost) AS old JOIN ({numbered} FROM reread) AS new USING ({key}, n)
    """)
    db.execute("DELETE FROM lost WHERE event_id IN (SELECT old_id FROM struck)")
    db.execute("DELETE FROM reread WHERE event_id IN (SELECT new_id FROM struck)")
    db.execute("DROP TABLE struck")
