"""In SQL: an alias that is set after messages were stored under the other name: they become the canonical author's.

An id that derives from the message derives from its author too, so a renamed row changes its id, and may turn out to
be a message that is stored already. Only the threads being ingested are touched, others when they are read again.
"""

from uuid import UUID

from egregora_core.ingestion._job import Ingest, now_sql
from egregora_core.ingestion._matching import revision_sql
from egregora_core.ingestion._message_sql import event_id_sql, msg_id_sql
from egregora_core.storage import Database, literal, temporary_table
from egregora_core.tracking import Run


def rename_stored(db: Database, job: Ingest, run: Run, threads: list[UUID]) -> int:
    """Give stored messages of aliases their canonical names; return how many messages had another one."""
    marks = ", ".join(f"'{thread}'" for thread in threads)
    where = f"tenant_id = {literal(job.namespace.tenant)} AND thread_id IN ({marks})"
    found = {name for (name,) in db.execute(f"SELECT DISTINCT author_raw FROM ir_messages WHERE {where}")}
    names = [other for other, name in job.aliases.items() if other in found and other != name]
    return sum(_rename(db, job, run, where, other) for other in names)


def _rename(db: Database, job: Ingest, run: Run, where: str, other: str) -> int:
    author = job.aliases[other]
    ids = "" if job.native else ", event_id = renamed.event_id, msg_id = renamed.msg_id"
    renamed = f"SELECT event_id AS old_id FROM ir_messages WHERE {where} AND author_raw = {literal(other)}"
    if not job.native:
        renamed = _derived_sql(job, where, author, other, f", {msg_id_sql(job)} AS msg_id, event_id")
    with temporary_table(db.connection, "renamed", renamed):
        if not job.native:
            _drop_what_stands(db, run, _derived_sql(job, where, author, author))
        db.execute(f"""
            UPDATE ir_messages SET author_raw = {literal(author)}, author_uuid = '{job.namespace.author(author)}',
                   {_written(run)}{ids}
            FROM renamed WHERE ir_messages.event_id = renamed.old_id
        """)
        return int(db.scalar("SELECT count(*) FROM renamed"))


def _written(run: Run) -> str:
    return f"created_at = {now_sql(run)}, created_by_run = '{run.run_id}'"


def _derived_sql(job: Ingest, where: str, author: str, name: str, ids: str = "") -> str:
    """Return SQL for the messages under a name, with what ids derive from where the canonical author wrote them."""
    return f"""
        SELECT old_id, thread_id, ts, text, ordinal, revision, found{ids}
        FROM (SELECT *, {event_id_sql(job)} AS event_id FROM (
            SELECT event_id AS old_id, thread_id, ts, coalesce(text, '') AS text,
                   {literal(author)} AS author, {revision_sql("attrs")} AS revision,
                   coalesce(attrs->>'$.media.missing' = 'false', false) AS found,
                   row_number() OVER (PARTITION BY thread_id, ts, coalesce(text, '') ORDER BY seq) AS ordinal
            FROM ir_messages WHERE {where} AND author_raw = {literal(name)}))
    """


def _drop_what_stands(db: Database, run: Run, standing: str) -> None:
    """Drop what is `renamed` and stands already under the canonical author's name."""
    nothing = "SELECT NULL::UUID AS old_id, NULL::UUID AS new_id LIMIT 0"
    with (
        temporary_table(db.connection, "standing", standing),
        temporary_table(db.connection, "paired", nothing),
    ):
        _pair(db)
        _drop_paired(db, run)


_PAIRS = (
    "SELECT old_id, new_id FROM left_over JOIN right_over USING (thread_id, ts, text, ordinal)",
    "SELECT left_over.old_id, new_id FROM left_over JOIN right_over ON left_over.event_id = new_id",
    """SELECT any_value(old_id), any_value(new_id)
       FROM left_over JOIN right_over USING (thread_id, ts)
       GROUP BY thread_id, ts HAVING count(*) = 1 AND max(greatest(left_over.revision, right_over.revision)) > 0""",
)
"""The same message twice: equal (as often as both have it), of one id, or alone at their stamp and one is edited."""


def _pair(db: Database) -> None:
    """Fill `paired`: which renamed message is which of the canonical author's."""
    for pairs in _PAIRS:
        db.execute(f"""
            INSERT INTO paired
            WITH left_over AS (FROM renamed WHERE old_id NOT IN (SELECT old_id FROM paired)),
                 right_over AS (
                     SELECT old_id AS new_id, thread_id, ts, text, ordinal, revision FROM standing
                     WHERE old_id NOT IN (SELECT new_id FROM paired))
            {pairs}
        """)


def _drop_paired(db: Database, run: Run) -> None:
    """Keep one message of each pair: under the canonical author's id, in the version that knows more."""
    db.execute(f"""
        UPDATE ir_messages SET text = fresh.text, attrs = fresh.attrs, media_type = fresh.media_type, {_written(run)}
        FROM (SELECT new_id, more.text, more.attrs, more.media_type
              FROM paired JOIN renamed USING (old_id) JOIN standing ON standing.old_id = new_id
              JOIN ir_messages AS more ON more.event_id = renamed.old_id
              WHERE (renamed.revision, renamed.found) > (standing.revision, standing.found)) AS fresh
        WHERE ir_messages.event_id = fresh.new_id
    """)
    db.execute("DELETE FROM ir_messages WHERE event_id IN (SELECT old_id FROM paired)")
    db.execute(f"""
        UPDATE ir_messages SET seq = dense.seq, {_written(run)}
        FROM (SELECT event_id, row_number() OVER (PARTITION BY thread_id, ts ORDER BY seq) - 1 AS seq
              FROM ir_messages SEMI JOIN (SELECT thread_id, ts AS ts FROM renamed SEMI JOIN paired USING (old_id))
              USING (thread_id, ts)) AS dense
        WHERE ir_messages.event_id = dense.event_id AND ir_messages.seq <> dense.seq
    """)
