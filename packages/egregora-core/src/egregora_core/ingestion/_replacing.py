"""In SQL, for `--replace`: a thread is forgotten and read again, and what only earlier exports held is gone with it.

A command forgets each thread once, before the first of its exports that holds it; what the others hold is added.
Another time zone or date order gives every message another id, so ids alone cannot tell what is gone.
"""

from collections.abc import Mapping
from uuid import UUID

from egregora_core.ingestion._job import Ingest
from egregora_core.ingestion._message_sql import canonical_sql
from egregora_core.storage import Database, literal, temporary_table

_LOST = """(
    event_id UUID, thread_id UUID, wall TIMESTAMP, ts TIMESTAMPTZ, seq INTEGER, author VARCHAR, text VARCHAR
)"""
_KEYS = ("event_id", "thread_id, wall, author, text", "thread_id, author, text", "thread_id, wall")
"""What tells that two are one message, the surest first: what reads otherwise at the same time was edited."""


def forget_threads(db: Database, job: Ingest, threads: list[UUID]) -> None:
    """Delete the threads' messages; `lost` remembers them, for all exports of a command, for `lost_notices`."""
    where = _where(job.namespace.tenant, threads)
    db.execute(f"CREATE TEMP TABLE IF NOT EXISTS lost {_LOST}")
    db.execute(f"INSERT INTO lost {_memory_sql(job.aliases, where)}")
    db.execute(f"DELETE FROM ir_messages WHERE {where}")


def was_there(db: Database) -> bool:
    """Tell whether a message that is staged stood in the forgotten thread before: then it is that chat's."""
    if not db.scalar("SELECT count(*) FROM duckdb_tables() WHERE temporary AND table_name = 'lost'"):
        return False
    said = "SELECT thread_id, author, md5(coalesce(text, '')) AS text FROM staged"
    return bool(db.scalar(f"SELECT count(*) FROM ({said}) SEMI JOIN lost USING (thread_id, author, text)"))


def lost_notices(db: Database, tenant: str, aliases: Mapping[str, str]) -> list[str]:
    """Say how many of the forgotten messages were not read again by any export of the command."""
    if not db.scalar("SELECT count(*) FROM duckdb_tables() WHERE temporary AND table_name = 'lost'"):
        return []
    threads = [thread for (thread,) in db.execute("SELECT DISTINCT thread_id FROM lost")]
    if threads:
        with temporary_table(db.connection, "reread", _memory_sql(aliases, _where(tenant, threads))):
            for key in _KEYS:
                _strike(db, key)
    count = db.scalar("SELECT count(*) FROM lost")
    db.execute("DROP TABLE lost")
    if not count:
        return []
    messages, are = ("message", "is") if count == 1 else ("messages", "are")
    return [f"{count:,} {messages} that only earlier exports held {are} gone"]


def _where(tenant: str, threads: list[UUID]) -> str:
    marks = ", ".join(f"'{thread}'" for thread in threads)
    return f"tenant_id = {literal(tenant)} AND thread_id IN ({marks})"


def _memory_sql(aliases: Mapping[str, str], where: str) -> str:
    """Return what is remembered of messages: `wall` is the time that the phone's clock showed."""
    zone = "split_part(attrs->>'tz_source', ' (', 1)"
    return f"""
        SELECT event_id, thread_id, timezone({zone}, ts) AS wall, ts, seq,
               {canonical_sql(aliases, "author_raw")} AS author, md5(coalesce(text, '')) AS text
        FROM ir_messages WHERE {where}
    """


def _strike(db: Database, key: str) -> None:
    """Remove what both sides have, as often as both have it."""
    numbered = f"SELECT event_id, {key}, row_number() OVER (PARTITION BY {key} ORDER BY ts, seq) AS n"
    if key == "event_id":
        numbered = "SELECT event_id, 1 AS n"
    pairs = f"""
        SELECT old.event_id AS old_id, new.event_id AS new_id
        FROM ({numbered} FROM lost) AS old JOIN ({numbered} FROM reread) AS new USING ({key}, n)
    """
    with temporary_table(db.connection, "struck", pairs):
        db.execute("DELETE FROM lost WHERE event_id IN (SELECT old_id FROM struck)")
        db.execute("DELETE FROM reread WHERE event_id IN (SELECT new_id FROM struck)")
