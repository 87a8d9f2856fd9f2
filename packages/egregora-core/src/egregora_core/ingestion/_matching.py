"""In SQL: which messages of an export are stored ones in another wording: those take the ids of these.

Works on `only_new` and `only_old`: what the export alone has, and what is stored and it lacks. What is found to be one
leaves both. Each step makes what it needs in a table of its own: joined in one query, a large export does not fit
memory.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from egregora_core.ingestion._job import Ingest
from egregora_core.storage import Database, temporary_table

STAGED_REVISION = "(CASE WHEN kind = 'deleted' THEN 2 WHEN edited THEN 1 ELSE 0 END)"
"""SQL for how far a staged message has come: 0 as written, 1 edited, 2 deleted."""


def revision_sql(attrs: str) -> str:
    """Return SQL for how far a stored message has come: 0 as written, 1 edited, 2 deleted."""
    return f"(CASE WHEN {attrs}->>'kind' = 'deleted' THEN 2 WHEN {attrs}->>'edited' = 'true' THEN 1 ELSE 0 END)"


@contextmanager
def unmatched(db: Database, job: Ingest) -> Iterator[bool]:
    """Make `only_new` and `only_old`; yield whether there is any of the latter, and else neither is needed."""
    with temporary_table(db.connection, "only_old", _ONLY_OLD):
        if not db.scalar("SELECT count(*) FROM only_old"):
            yield False
            return
        has_id = "msg_id IS NOT NULL" if job.native else "false"
        with temporary_table(db.connection, "only_new", _ONLY_NEW.format(has_id=has_id)):
            yield True


_ONLY_NEW = f"""
    SELECT pos, thread_id, ts, author, text, {{has_id}} AS has_id, {STAGED_REVISION} AS revision
    FROM staged JOIN (SELECT pos FROM placed ANTI JOIN stored USING (event_id)) USING (pos)
"""
_ONLY_OLD = f"""
    SELECT event_id, msg_id, thread_id, ts, author, text, seq, msg_id <> (event_id::VARCHAR)[:23] AS has_id,
           {revision_sql("attrs")} AS revision
    FROM stored ANTI JOIN placed USING (event_id)
"""


def match(db: Database, pairs: str) -> None:
    """Give messages the ids of stored ones, as a SELECT of `pos`, `event_id` and `msg_id` pairs them."""
    with temporary_table(db.connection, "matched", pairs):
        if not db.scalar("SELECT count(*) FROM matched"):
            return
        db.execute("""
            UPDATE identified SET event_id = matched.event_id, own_id = matched.msg_id
            FROM matched WHERE identified.pos = matched.pos
        """)
        db.execute("DELETE FROM only_new WHERE pos IN (SELECT pos FROM matched)")
        db.execute("DELETE FROM only_old WHERE event_id IN (SELECT event_id FROM matched)")


_MAY_BE_ONE = "NOT (new.has_id AND old.has_id)"
"""SQL for whether a new and a stored message may be one: two that the platform has given ids to are two."""


def recognise_edited(db: Database) -> None:
    """Find messages that were edited before: they read as they are stored, under the id of their first wording."""
    number = "row_number() OVER (PARTITION BY thread_id, ts, author, text ORDER BY"
    match(
        db,
        f"""
        SELECT new.pos, old.event_id, old.msg_id
        FROM (SELECT *, {number} pos) AS n FROM only_new) AS new
        JOIN (SELECT *, {number} seq) AS n FROM only_old) AS old
          ON (new.thread_id, new.ts, new.author, new.n) = (old.thread_id, old.ts, old.author, old.n)
         AND new.text IS NOT DISTINCT FROM old.text AND {_MAY_BE_ONE}
        """,
    )


def adopt_edits(db: Database) -> None:
    """Give a new message the id of the one stored message that it replaces.

    That is: of the same thread, stamp and author, one message is only in the export and one only in the table. Where
    the export begins or ends it may be cut in the middle of a stamp: there, where neither is marked as edited, it must
    stand where the other stands among those that are in both, and nothing may hide where the cut is: equal messages on
    either side do, and those in both whose order differs.
    """
    with temporary_table(db.connection, "rewordings", _REWORDINGS):
        if db.scalar("SELECT count(*) FROM rewordings"):
            with temporary_table(db.connection, "at_ends", _AT_ENDS):
                match(db, _SURE)


_REWORDINGS = f"""
    SELECT thread_id, ts, author, pos, old.seq, old.event_id, old.msg_id, {_MAY_BE_ONE} AS may_be_one,
           new.revision = 0 AND old.revision = 0 AS unmarked
    FROM only_new AS new JOIN only_old AS old USING (thread_id, ts, author)
    QUALIFY count(*) OVER (PARTITION BY thread_id, ts, author) = 1
"""
_AT_ENDS = """
    SELECT thread_id, ts, pos, event_id, ordinal
    FROM staged JOIN placed USING (pos)
    JOIN (SELECT thread_id, min(ts) AS first, max(ts) AS last FROM staged GROUP BY ALL) AS ends USING (thread_id)
    WHERE ts IN (first, last)
"""
_SURE = """
    WITH stamps AS (SELECT DISTINCT thread_id, ts FROM at_ends),
    alike AS (
        SELECT thread_id, ts FROM at_ends WHERE ordinal > 1
        UNION
        SELECT thread_id, ts FROM stored SEMI JOIN stamps USING (thread_id, ts)
        GROUP BY thread_id, ts, author, text HAVING count(*) > 1
    ),
    common AS (
        SELECT at_ends.thread_id, at_ends.ts, list(pos ORDER BY pos) AS places, list(seq ORDER BY pos) AS seqs
        FROM at_ends JOIN stored USING (event_id) GROUP BY ALL
    ),
    known AS (
        SELECT *, (thread_id, ts) IN (SELECT (thread_id, ts) FROM alike) OR seqs <> list_sort(seqs) AS hidden
        FROM common
    )
    SELECT pos, event_id, msg_id
    FROM rewordings LEFT JOIN known USING (thread_id, ts)
    WHERE may_be_one AND NOT (unmarked AND coalesce(
        hidden OR len(list_filter(places, lambda place: place < pos))
                  <> len(list_filter(seqs, lambda place: place < seq)), false))
"""

__all__ = ["STAGED_REVISION", "adopt_edits", "match", "recognise_edited", "revision_sql", "unmatched"]
