"""Edits, deletions and reactions that come as messages of their own, folded into the message that they are about.

It may stand in this export, in an earlier one, or in one that is read later: till then the update is a row by itself
(`attrs.update` says which), under the id that the message will have.
"""

from typing import TYPE_CHECKING

from egregora_core.ingestion._job import SEP, Ingest, now_sql
from egregora_core.storage import Database, literal
from egregora_core.tracking import Run

if TYPE_CHECKING:
    from egregora_core.storage import Connection

REACTION = "STRUCT(emoji VARCHAR, author VARCHAR, count INTEGER, ts TIMESTAMP)"
_FROM_JSON = '[{"emoji":"VARCHAR","author":"VARCHAR","count":"INTEGER","ts":"TIMESTAMP"}]'
_MEDIA = "media_name = NULL, media_url = NULL, media_type = NULL, media_size = NULL, media_missing = NULL"


def reactions_sql(attrs: str) -> str:
    """Return SQL for the reactions that stored `attrs` hold, as a list."""
    return f"coalesce(from_json({attrs}->'reactions', '{_FROM_JSON}')::{REACTION}[], [])"


def fold(writer: "Connection", job: Ingest) -> None:
    """Take updates out of the staged rows, and put them into the messages that they are about.

    Makes `staging.absorbed`, ids of stored updates that are folded here and no rows any more; and `staging.pending`,
    the updates of messages that are stored. Updates of messages that no export had so far stay rows.
    """
    _take_out(writer, job)
    _absorb_stored(writer, job)
    _gather(writer, job)
    _fold_here(writer, job)
    mine = f"SELECT event_id FROM ir_messages WHERE tenant_id = {literal(job.namespace.tenant)}"
    mine += " AND event_id NOT IN (SELECT event_id FROM staging.absorbed)"
    stored = f"event_id IN ({mine})" if not job.replace else "false"
    writer.execute(f"CREATE OR REPLACE TABLE staging.pending AS FROM staging.changes WHERE {stored}")
    writer.execute("DELETE FROM staging.changes WHERE event_id IN (SELECT event_id FROM staging.pending)")
    _keep_orphans(writer, job)


def _keys(job: Ingest) -> str:
    return "msg_id" if job.reading.thread is not None else "thread_id, msg_id"


def _thread(job: Ingest) -> str:
    if job.reading.thread is None:
        return "thread_id"
    return f"'{job.namespace.thread(job.source, job.reading.thread)}'::UUID"


def _take_out(writer: "Connection", job: Ingest) -> None:
    who = "author_uuid::VARCHAR" if job.by_id else "author"
    names = "JOIN (SELECT author, author_uuid FROM staging.authors) USING (author)" if job.by_id else ""
    many = job.reading.thread is None
    event = job.namespace.of_sql("event", f"{_thread(job)} || {SEP} || msg_id")
    writer.execute(f"""
        CREATE OR REPLACE TABLE staging.updates AS
        SELECT pos, {event} AS event_id,
               {"thread_id, title, " if many else ""}msg_id, ts, author, text, change,
               coalesce(edited_at, ts) AS moment,
               list_transform(
                   coalesce(reactions, [{{'emoji': text, 'author': NULL, 'count': NULL, 'ts': NULL}}]),
                   lambda one: {{'emoji': one.emoji, 'author': coalesce(one.author, nullif({who}, '')),
                                 'count': one.count, 'ts': coalesce(one.ts, ts::TIMESTAMP)}})::{REACTION}[] AS reactions
        FROM staging.common JOIN staging.special USING (pos) {names} WHERE change IS NOT NULL
    """)
    for table in ("common", "special"):
        writer.execute(f"DELETE FROM staging.{table} WHERE pos IN (SELECT pos FROM staging.updates)")


def _absorb_stored(writer: "Connection", job: Ingest) -> None:
    """Add the stored updates whose message, or another update of it, is in this export."""
    many = job.reading.thread is None
    named = "attrs->>'thread' AS title, " if many else ""
    mine = f"tenant_id = {literal(job.namespace.tenant)} AND source = {literal(job.source)}"
    keys = _keys(job)
    here = f"SELECT {keys} FROM staging.common WHERE msg_id IS NOT NULL UNION SELECT {keys} FROM staging.updates"
    if not many:
        mine += f" AND thread_id = {_thread(job)}"
    if job.replace:
        mine += " AND false"  # its chat is read anew, and so are they
    writer.execute(f"""
        CREATE OR REPLACE TABLE staging.absorbed AS
        SELECT event_id, thread_id, {named}msg_id, ts, author_raw, author_uuid, text, attrs, attrs->>'update' AS change
        FROM ir_messages SEMI JOIN ({here}) USING ({_keys(job)})
        WHERE {mine} AND contains(attrs::VARCHAR, '"update":') AND (attrs->>'update') IS NOT NULL
    """)
    author = "author_raw"
    if job.by_id:  # who wrote it is known by the id that it is stored with
        writer.execute("""
            INSERT INTO staging.authors
            SELECT DISTINCT 'stored ' || author_uuid, 'stored ' || author_uuid, author_uuid, author_raw
            FROM staging.absorbed
        """)
        author = "'stored ' || author_uuid"
    start = f"-1, event_id, {'thread_id, title, ' if many else ''}msg_id, ts, {author}, text"
    at = "coalesce((attrs->>'edited_at')::TIMESTAMPTZ, ts)"
    for change, said in (
        ("edit", "(attrs->>'edited') = 'true'"),
        ("delete", "(attrs->>'kind') = 'deleted'"),
        ("react", "(attrs->'reactions') IS NOT NULL"),
    ):
        writer.execute(f"""
            INSERT INTO staging.updates
            SELECT {start}, '{change}', {at}, {reactions_sql("attrs")} FROM staging.absorbed WHERE {said}
        """)


def _gather(writer: "Connection", job: Ingest) -> None:
    """Make `staging.changes`: for each message that is updated, all that changes of it."""
    thread = "any_value(thread_id) AS thread_id, any_value(title) AS title, " if job.reading.thread is None else ""
    writer.execute(f"""
        CREATE OR REPLACE TABLE staging.changes AS
        SELECT event_id, {thread}any_value(msg_id) AS msg_id, min(ts) AS ts, arg_min(author, (ts, pos)) AS author,
               max(pos) AS pos, bool_or(change = 'edit') AS edited, bool_or(change = 'delete') AS deleted,
               arg_max(text, (moment, pos)) FILTER (change = 'edit') AS text,
               max(moment) FILTER (change = 'edit') AS edited_at,
               coalesce(list_sort(list_distinct(flatten(list(reactions) FILTER (change = 'react')))), []) AS reactions
        FROM staging.updates GROUP BY event_id
    """)
    # A stored update has no position in this export: it comes behind all of it.
    writer.execute("""
        UPDATE staging.changes SET pos = later.pos FROM (
            SELECT event_id, (SELECT coalesce(max(pos), 0) FROM (FROM (SELECT pos FROM staging.common)
                              UNION ALL SELECT pos FROM staging.updates))
                   + row_number() OVER (ORDER BY event_id) AS pos
            FROM staging.changes WHERE pos < 0) AS later
        WHERE changes.event_id = later.event_id
    """)


def _fold_here(writer: "Connection", job: Ingest) -> None:
    keys = _keys(job)
    writer.execute(f"""
        CREATE OR REPLACE TABLE staging.met_here AS
        SELECT common.pos AS base, changes.* FROM staging.changes JOIN staging.common USING ({keys})
    """)
    writer.execute("""
        INSERT INTO staging.special (pos, kind) SELECT base, 'text' FROM staging.met_here
        WHERE base NOT IN (SELECT pos FROM staging.special)
    """)
    later = "changes.edited AND changes.edited_at >= coalesce(special.edited_at, '-infinity'::TIMESTAMPTZ)"
    writer.execute(f"""
        UPDATE staging.common SET text = CASE WHEN changes.deleted THEN NULL ELSE changes.text END
        FROM staging.met_here AS changes JOIN staging.special ON special.pos = changes.base
        WHERE common.pos = changes.base AND (changes.deleted OR ({later}))
    """)
    writer.execute(f"""
        UPDATE staging.special SET
            kind = CASE WHEN changes.deleted THEN 'deleted' ELSE kind END,
            edited = CASE WHEN {later} THEN true ELSE special.edited END,
            edited_at = CASE WHEN {later} THEN changes.edited_at ELSE special.edited_at END,
            reactions = CASE WHEN len(changes.reactions) > 0
                        THEN list_sort(list_distinct(list_concat(coalesce(special.reactions, []), changes.reactions)))
                        ELSE special.reactions END
        FROM staging.met_here AS changes WHERE special.pos = changes.base
    """)
    writer.execute(f"UPDATE staging.special SET {_MEDIA} WHERE kind = 'deleted'")
    writer.execute("DELETE FROM staging.changes WHERE event_id IN (SELECT event_id FROM staging.met_here)")


def _keep_orphans(writer: "Connection", job: Ingest) -> None:
    many = "thread_id, title, " if job.reading.thread is None else ""
    writer.execute(f"""
        INSERT INTO staging.common (pos, {many}msg_id, ts, author, text)
        SELECT pos, {many}msg_id, ts, author, CASE WHEN deleted OR NOT edited THEN NULL ELSE text END
        FROM staging.changes
    """)
    writer.execute("""
        INSERT INTO staging.special (pos, kind, edited, edited_at, reactions, change)
        SELECT pos, CASE WHEN deleted THEN 'deleted' WHEN edited THEN 'text' ELSE 'reaction' END,
               CASE WHEN edited THEN true END, edited_at, CASE WHEN len(reactions) > 0 THEN reactions END,
               CASE WHEN deleted THEN 'delete' WHEN edited THEN 'edit' ELSE 'react' END
        FROM staging.changes
    """)


def update_stored(db: Database, job: Ingest, run: Run) -> int:
    """Apply the updates of messages that are stored, and drop the rows that stored updates were; return the former."""
    gone = "event_id IN (SELECT event_id FROM staging.absorbed)"
    db.execute(f"DELETE FROM ir_messages WHERE tenant_id = {literal(job.namespace.tenant)} AND {gone}")
    rows = db.execute(f"""
        UPDATE ir_messages SET text = fresh.text, attrs = fresh.attrs, media_type = fresh.media_type,
               media_url = fresh.media_url, created_at = {now_sql(run)}, created_by_run = '{run.run_id}'
        FROM (
            SELECT event_id, attrs AS old, old_text,
                   CASE WHEN gone THEN NULL WHEN later THEN new_text ELSE old_text END AS text,
                   CASE WHEN gone THEN NULL ELSE media_type END AS media_type,
                   CASE WHEN gone THEN NULL ELSE media_url END AS media_url,
                   json_merge_patch(
                       attrs,
                       CASE WHEN gone THEN {DELETED} ELSE '{{}}'::JSON END,
                       CASE WHEN later THEN json_object('edited', true, 'edited_at', {iso_sql("edited_at")})
                            ELSE '{{}}'::JSON END,
                       CASE WHEN len(reactions) > 0
                            THEN json_object('reactions', list_sort(list_distinct(list_concat(had, reactions))))
                            ELSE '{{}}'::JSON END) AS attrs
            FROM (
                SELECT pending.event_id, ir_messages.text AS old_text, pending.text AS new_text, attrs, media_type,
                       media_url, pending.edited_at, reactions, {reactions_sql("attrs")} AS had,
                       deleted OR (attrs->>'kind') = 'deleted' AS gone,
                       pending.edited AND pending.edited_at
                           >= coalesce((attrs->>'edited_at')::TIMESTAMPTZ, '-infinity'::TIMESTAMPTZ) AS later
                FROM staging.pending JOIN ir_messages USING (event_id)))
            AS fresh
        WHERE ir_messages.event_id = fresh.event_id
              AND (ir_messages.text IS DISTINCT FROM fresh.text OR ir_messages.attrs::VARCHAR <> fresh.attrs::VARCHAR)
    """)
    return int(rows[0][0])


DELETED = """'{"kind":"deleted","media":null,"more_media":null,"data":null}'::JSON"""
"""What turns the `attrs` of a stored message into those of one that the platform deleted."""


def iso_sql(column: str) -> str:
    """Return SQL for a TIMESTAMPTZ as it stands in `attrs`."""
    return f"strftime({column} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')"
