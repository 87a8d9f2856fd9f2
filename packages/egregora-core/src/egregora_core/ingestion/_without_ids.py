"""In SQL: one chat from two exports of which one has the platform's ids of messages, and the other has none.

A message that a person wrote then, with these words, is the same in both; where one export knows to the minute when it
was sent, in that minute. The one with an id holds, in whatever order they are read: it says more, replies lead to it,
and a third export with ids finds it.
"""

from egregora_core.ingestion._job import Ingest
from egregora_core.ingestion._matching import match
from egregora_core.ingestion._message_sql import event_id_sql
from egregora_core.storage import Database, literal, temporary_table

_MINUTE = "epoch_us(ts) // 60000000"


def pair_without_ids(db: Database, job: Ingest) -> None:
    """Give a staged message the id of the stored one that it is, where one of the two has an id of the platform.

    Those of one author, or that one export takes for the platform's own; equal ones are paired in their order.
    """
    if not _are_mixed(db, job):
        return
    with temporary_table(db.connection, "alike", _alike_sql(job)):
        for at in ("epoch_us(ts)", _MINUTE):
            _pair(db, at, "called", "true")
            _pair(db, at, "''", "'' IN (new.author, old.author)")


def _are_mixed(db: Database, job: Ingest) -> bool:
    """Tell whether of what is in one alone something has an id of the platform on one side, and none on the other."""
    if not (job.native or job.by_id):
        return False
    return bool(
        db.scalar("""
        SELECT count(*) FROM (SELECT DISTINCT has_id FROM only_new) AS new
        JOIN (SELECT DISTINCT has_id FROM only_old) AS old ON new.has_id <> old.has_id
    """)
    )


def _alike_sql(job: Ingest) -> str:
    """Return SQL for what an author is called here, so that one is the same whom an export without ids only names."""
    if not job.by_id:
        return "SELECT NULL::VARCHAR AS author, NULL::VARCHAR AS called"
    mine = f"tenant_id = {literal(job.namespace.tenant)} AND source = {literal(job.source)}"
    names = f"SELECT identity, name FROM known_names WHERE {mine} UNION SELECT identity, name FROM staging.named"
    return f"""
        WITH names AS (SELECT identity::VARCHAR AS author, name FROM ({names}))
        SELECT one.author, min(other.author) AS called FROM names AS one JOIN names AS other USING (name) GROUP BY ALL
    """


def _pair(db: Database, at: str, who: str, where: str) -> None:
    number = f"row_number() OVER (PARTITION BY thread_id, {at}, who, said ORDER BY ts, place) AS n"
    is_cut = "CASE WHEN new.has_id THEN old.cut ELSE new.cut END" if at == _MINUTE else "true"
    said = "trim(coalesce(text, ''), chr(10) || ' ') AS said"
    called = "* REPLACE (coalesce(called, author) AS called)"

    def numbered(table: str, place: str) -> str:
        named = f"SELECT {called}, {place} AS place, {said} FROM {table} LEFT JOIN alike USING (author)"
        keyed = f"SELECT *, {who} AS who, {at} AS at, epoch_us(ts) % 60000000 = 0 AS cut FROM ({named})"
        return f"(SELECT *, {number} FROM ({keyed}))"

    match(
        db,
        f"""
        SELECT new.pos, old.event_id, old.msg_id
        FROM {numbered("only_new", "pos")} AS new JOIN {numbered("only_old", "seq")} AS old
          ON (new.thread_id, new.at, new.who, new.said, new.n) = (old.thread_id, old.at, old.who, old.said, old.n)
        WHERE new.has_id <> old.has_id AND {is_cut} AND {where}
        """,
    )


def settle(db: Database, job: Ingest) -> int:
    """Of each pair keep the message with the platform's id: drop the stored one, or leave out the staged one.

    Returns how many stored messages were dropped.
    """
    if not (job.native or job.by_id):
        return 0
    db.execute("""
        DELETE FROM identified WHERE own_id <> (event_id::VARCHAR)[:23]
            AND pos IN (SELECT pos FROM staged WHERE msg_id IS NULL)
    """)
    surpassed = """
        SELECT pos, event_id AS old FROM identified JOIN (SELECT pos FROM staged WHERE msg_id IS NOT NULL) USING (pos)
        WHERE own_id IS NOT NULL
    """
    with temporary_table(db.connection, "surpassed", surpassed):
        count = int(db.scalar("SELECT count(*) FROM surpassed"))
        if count:
            _drop_stored(db, job)
        return count


def _drop_stored(db: Database, job: Ingest) -> None:
    """Drop the stored messages of `surpassed`, and give the staged ones back the ids that are their own."""
    gone = "event_id IN (SELECT old FROM surpassed)"
    db.execute(f"DELETE FROM ir_messages WHERE tenant_id = {literal(job.namespace.tenant)} AND {gone}")
    db.execute(f"DELETE FROM stored WHERE {gone}")
    db.execute(f"""
        UPDATE identified SET own_id = NULL, event_id = given.event_id
        FROM (SELECT pos, {event_id_sql(job)} AS event_id FROM staged JOIN (SELECT pos, ordinal FROM identified)
              USING (pos) WHERE pos IN (SELECT pos FROM surpassed)) AS given
        WHERE identified.pos = given.pos
    """)


__all__ = ["pair_without_ids", "settle"]
