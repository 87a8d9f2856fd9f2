"""In SQL: an export meets what is stored of its thread. What is new, what was edited, and in which order all is read.

Works on what `_staging.py` makes: `staged` (the export's messages) and `placed` (their ids and places, kept in the
table `identified`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from egregora_core.errors import ExportError
from egregora_core.ingestion._folding import reactions_sql
from egregora_core.ingestion._job import Ingest, now_sql
from egregora_core.ingestion._media import ATTRIBUTES, STAGED, STORED, merged_sql
from egregora_core.ingestion._message_sql import attrs_sql
from egregora_core.ingestion._replacing import was_there
from egregora_core.ingestion._seen import SURPASSED, delete_lacking
from egregora_core.ingestion._staging import insert, parts, since_sql, staged_sql
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
        lacking = _look_for_edits(db, job)
        surpassed = settle(db, job) if lacking else 0
        with _outdated(db, job):
            notices = [*_strangers(db, job, known), *_renames(db, job)] if lacking and not job.by_id else []
            updated = _update(db, job, run)
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


def _look_for_edits(db: Database, job: Ingest) -> bool:
    """Give what was edited the id of what is stored of it; return whether anything stored is not in the export.

    Raises ExportError where a chat of the same title seems to be another one.
    """
    lacking = bool(db.scalar(f"SELECT count(*) FROM {_ONLY_OLD}"))
    if lacking:  # else nothing that is stored can be another wording of what is new
        _recognise_edited(db, job)
        pair_without_ids(db, job)
    common = db.scalar("SELECT count(*) FROM stored SEMI JOIN placed USING (event_id)")
    one = job.reading.thread is not None  # an export of several names its chats itself, a file's name may mislead
    told = job.thread_given or job.native or was_there(db)
    if one and not common and not told:
        raise ExportError(
            f"{job.path}: a chat with this title is known, but not one message is in both; if they are the same chat, "
            "say so with --thread TITLE (its title); if not, give this one another title with --thread"
        )
    if lacking:
        _adopt_edits(db, job)
    return lacking


def _author_sql(job: Ingest) -> str:
    """Return SQL for what staged messages have in `author`."""
    return "CASE WHEN author_raw = '' THEN '' ELSE author_uuid::VARCHAR END" if job.by_id else "author_raw"


_ONLY_NEW = "(SELECT staged.*, event_id, ordinal FROM staged JOIN placed USING (pos) ANTI JOIN stored USING (event_id))"
_ONLY_OLD = "(FROM stored ANTI JOIN placed USING (event_id))"


_MAY_BE_ONE = "NOT (new.has_id AND old.msg_id <> (old.event_id::VARCHAR)[:23])"
"""SQL for whether a new and a stored message may be one: two that the platform has given ids to are two."""


def _given(job: Ingest) -> str:
    """Return SQL for whether a staged message has an id of the platform."""
    return f"{'msg_id IS NOT NULL' if job.native else 'false'} AS has_id"


def _recognise_edited(db: Database, job: Ingest) -> None:
    """Find messages that were edited before: they read as they are stored, under the id of their first wording."""
    number = "row_number() OVER (PARTITION BY thread_id, ts, author, text ORDER BY"
    db.execute(f"""
        UPDATE identified SET event_id = same.event_id, own_id = same.msg_id
        FROM (
            SELECT new.pos, old.event_id, old.msg_id
            FROM (SELECT pos, {_given(job)}, thread_id, ts, author, text, {number} pos) AS n FROM {_ONLY_NEW}) AS new
            JOIN (SELECT *, {number} seq) AS n FROM {_ONLY_OLD}) AS old
              ON (new.thread_id, new.ts, new.author, new.n) = (old.thread_id, old.ts, old.author, old.n)
             AND new.text IS NOT DISTINCT FROM old.text AND {_MAY_BE_ONE}
        ) AS same
        WHERE identified.pos = same.pos
    """)


def _adopt_edits(db: Database, job: Ingest) -> None:
    """Give a new message the id of the one stored message that it replaces.

    That is: of the same thread, stamp and author, one message is only in the export and one only in the table. Where
    the export begins or ends it may be cut in the middle of a stamp: there, where neither is marked as edited, it must
    stand where the other stands among those that are in both, and nothing may hide where the cut is: equal messages on
    either side do, and those in both whose order differs.
    """
    db.execute(f"""
        UPDATE identified SET event_id = edit.event_id, own_id = edit.msg_id
        FROM (
            WITH ends AS (SELECT thread_id, min(ts) AS first, max(ts) AS last FROM staged GROUP BY ALL),
            alike AS (
                SELECT thread_id, ts FROM ends JOIN staged USING (thread_id) JOIN placed USING (pos)
                WHERE ts IN (first, last) AND ordinal > 1
                UNION
                SELECT thread_id, ts FROM ends JOIN stored USING (thread_id) WHERE ts IN (first, last)
                GROUP BY thread_id, ts, author, text HAVING count(*) > 1
            ),
            common AS (
                SELECT thread_id, staged.ts, list(pos ORDER BY pos) AS places, list(stored.seq ORDER BY pos) AS seqs
                FROM ends JOIN staged USING (thread_id) JOIN placed USING (pos) JOIN stored USING (event_id)
                WHERE staged.ts IN (first, last) GROUP BY ALL
            ),
            known AS (
                SELECT *, (thread_id, ts) IN (SELECT (thread_id, ts) FROM alike) OR seqs <> list_sort(seqs) AS hidden
                FROM common
            ),
            pairs AS (
                SELECT thread_id, ts, author, pos, old.event_id, old.msg_id,
                       {_MAY_BE_ONE} AS may_be_one,
                       {_STAGED_REVISION} = 0 AND {revision_sql("old.attrs")} = 0 AND coalesce(
                           hidden OR len(list_filter(places, lambda place: place < pos))
                                     <> len(list_filter(seqs, lambda place: place < old.seq)), false) AS doubtful
                FROM (SELECT *, {_given(job)} FROM {_ONLY_NEW}) AS new
                JOIN {_ONLY_OLD} AS old USING (thread_id, ts, author)
                LEFT JOIN known USING (thread_id, ts)
            )
            SELECT any_value(pos) AS pos, any_value(event_id) AS event_id, any_value(msg_id) AS msg_id
            FROM pairs GROUP BY thread_id, ts, author
            HAVING count(*) = 1 AND NOT bool_or(doubtful) AND bool_and(may_be_one)
        ) AS edit
        WHERE identified.pos = edit.pos
    """)


_STAGED_REVISION = "(CASE WHEN kind = 'deleted' THEN 2 WHEN edited THEN 1 ELSE 0 END)"


def revision_sql(attrs: str) -> str:
    """Return SQL for how far a stored message has come: 0 as written, 1 edited, 2 deleted."""
    return f"(CASE WHEN {attrs}->>'kind' = 'deleted' THEN 2 WHEN {attrs}->>'edited' = 'true' THEN 1 ELSE 0 END)"


@contextmanager
def _outdated(db: Database, job: Ingest) -> Iterator[None]:
    """Make `outdated`: messages that the export shows as they were before what is stored of them.

    That is, before an edit or deletion; or where both know when it was edited, at an earlier time; or where that is the
    same, before a newer export that is read already.
    """
    rewritten = f"""
        SELECT event_id, thread_id, staged.ts
        FROM staged JOIN placed USING (pos) JOIN (
            SELECT event_id, {revision_sql("attrs")} AS revision FROM stored
            WHERE contains(attrs::VARCHAR, '"edited"') OR contains(attrs::VARCHAR, '"deleted"')
        ) USING (event_id)
        WHERE {_STAGED_REVISION} < revision
    """
    with temporary_table(db.connection, "outdated", rewritten):
        if job.native:
            db.execute(_EDITED_LATER)
        yield


_EDITED_LATER = f"""
    INSERT INTO outdated
    SELECT event_id, staged.thread_id, staged.ts
    FROM staged JOIN placed USING (pos) JOIN (
        SELECT event_id, (attrs->>'edited_at')::TIMESTAMPTZ AS before FROM stored
    ) USING (event_id)
    WHERE staged.msg_id IS NOT NULL AND event_id NOT IN (SELECT event_id FROM outdated)
          AND CASE WHEN edited_at IS DISTINCT FROM before
              THEN coalesce(edited_at < before, edited_at IS NULL)
              ELSE event_id IN {SURPASSED} END
"""


def _update(db: Database, job: Ingest, run: Run) -> int:
    """Rewrite stored messages that the export shows edited, deleted, or with a file that was missing before.

    Where it is the export that lacks the file, what is known of the file stays; and what an export is too old to know
    stays edited or deleted, and gets the files that only this export holds.
    """
    ways = [_fresh_sql, _completed_sql] if db.scalar("SELECT count(*) FROM outdated") else [_fresh_sql]
    nothing = "SELECT event_id, text, media_url, media_type, attrs FROM stored LIMIT 0"
    in_both = "SELECT pos, stored.rowid AS place FROM placed JOIN stored USING (event_id)"
    with temporary_table(db.connection, "fresh", nothing), temporary_table(db.connection, "in_both", in_both):
        for part in parts(db, job, _PER_PART):
            for sql in ways:
                db.execute(f"INSERT INTO fresh WITH before AS MATERIALIZED ({_before_sql(part)}) {sql(job, part)}")
        changed = int(db.scalar("SELECT count(*) FROM fresh"))
        db.memory_to_change(changed)
        db.execute(f"""
            UPDATE ir_messages SET text = fresh.text, attrs = fresh.attrs, media_type = fresh.media_type,
                   media_url = fresh.media_url, created_at = {now_sql(run)}, created_by_run = '{run.run_id}'
            FROM fresh WHERE ir_messages.event_id = fresh.event_id
        """)
    return changed


def _before_sql(part: str) -> str:
    """Return SQL for what is stored of a part of the export.

    It is found by where it stands, and before it meets anything else: a join by ids may hold all that is stored.
    """
    return f"""
        SELECT pos, event_id, text AS old_text, attrs AS old, media_type AS old_media_type, media_url AS old_media_url
        FROM stored JOIN (FROM in_both WHERE {part}) ON stored.rowid = place
    """


_PER_PART = 20_000


def _fresh_sql(job: Ingest, part: str) -> str:
    """Return SQL for what messages say now that are to be rewritten, of those of the condition `part`."""
    # Where in its attributes a message's reactions stand depends on whether they were known before.
    reacted = "(attrs->'reactions') IS DISTINCT FROM (old->'reactions')"
    folded = f"({reacted} OR {_folded_sql('attrs')} <> {_folded_sql('old')})" if job.native else "false"
    # Two plain texts that are equal need no look into their JSON.
    plain = """kind = 'text' AND edited IS NOT TRUE AND media_missing IS NULL
               AND starts_with(old::VARCHAR, '{"kind":"text"')"""
    if job.native:  # what is folded into a message stands behind its kind
        plain = """plain AND starts_with(old::VARCHAR, '{"kind":"text","thread":')
                   AND old_media_url IS NULL AND old_media_type IS NULL"""
    met = f"""
        SELECT * FROM ({staged_sql(job, part)}) JOIN before USING (pos)
        WHERE text IS DISTINCT FROM old_text OR NOT ({plain})
    """
    other_media = "(msg_id IS NOT NULL AND files IS DISTINCT FROM had)" if job.native else "false"
    return f"""
        SELECT event_id, text, media_url, CASE WHEN lost THEN old_media_type ELSE media_type END AS media_type,
               CASE WHEN lost THEN json_merge_patch(attrs, json_object('kind', old->>'kind', 'media', old->'media'))
                    ELSE attrs END AS attrs
        FROM (SELECT * REPLACE ({_with_reactions(job)} AS attrs) FROM (SELECT *, {attrs_sql(job)} AS attrs,
                     {"msg_id IS NULL AND " if job.native else ""}
                     coalesce(media_missing AND (old->>'$.media.missing') = 'false', false) AS lost
              FROM ({_with_media(met) if job.native else met})))
        ANTI JOIN outdated USING (event_id)
        WHERE text IS DISTINCT FROM old_text
           OR (NOT lost AND kind IS DISTINCT FROM (old->>'kind'))
           OR (edited AND (old->'edited') IS NULL)
           OR (media_missing IS FALSE AND (old->>'$.media.missing') = 'true')
           OR {other_media} OR {folded}
    """


def _with_media(met: str) -> str:
    """Return SQL for staged messages that meet stored ones, with the attachments that are known of both.

    Where messages have ids, so that it is known which of the two tells more lately. With a file stays what kind of
    message it makes.
    """
    known = f"CASE WHEN msg_id IS NULL OR kind = 'deleted' THEN told ELSE {merged_sql('told', 'had')} END"
    stays = "files[1].missing IS FALSE AND (len(told) = 0 OR told[1].missing IS NOT FALSE)"
    return f"""
        SELECT * REPLACE (
            files[1].name AS media_name, files[1].url AS media_url, files[1].type AS media_type,
            files[1].size AS media_size, files[1].missing AS media_missing,
            CASE WHEN len(files) > 1 THEN to_json(files[2:])::VARCHAR END AS more_media,
            CASE WHEN {stays} THEN old->>'kind' ELSE kind END AS kind, plain AND len(files) = 0 AS plain)
        FROM (SELECT *, {known} AS files FROM (SELECT *, {STAGED} AS told, {STORED} AS had FROM ({met})))
    """


def _completed_sql(job: Ingest, part: str) -> str:
    """Return SQL for stored messages of which a newer export says more, with the files that only this one holds."""
    found = "media_missing IS FALSE OR contains(more_media, '\"missing\":false')"
    return f"""
        SELECT event_id, old_text, files[1].url AS media_url, files[1].type AS media_type,
               ('{{"kind":"' || CASE WHEN {_FOUND} THEN kind ELSE old->>'kind' END || '"'
                || {ATTRIBUTES} || ',' || substr(json_merge_patch(old, {_WITHOUT_MEDIA})::VARCHAR, 2))::JSON AS attrs
        FROM (SELECT *, {merged_sql("had", "told")} AS files FROM (
            SELECT *, {STAGED} AS told, {STORED} AS had
            FROM ({staged_sql(job, part)}) JOIN before USING (pos) SEMI JOIN outdated USING (event_id)
            WHERE ({found}) AND (old->>'kind') <> 'deleted'))
        WHERE files IS DISTINCT FROM had
    """


_FOUND = "files[1].missing IS FALSE AND (len(had) = 0 OR had[1].missing IS NOT FALSE)"
_WITHOUT_MEDIA = """'{"kind":null,"media":null,"more_media":null}'::JSON"""


def _with_reactions(job: Ingest) -> str:
    """Return SQL for the attributes of a message, with the reactions that are stored where the export tells none.

    Where reactions come as messages of their own, an export may lack those of earlier ones: there all are kept.
    """
    if not job.native:
        return "attrs"
    all_of_them = f"to_json(list_sort(list_distinct(list_concat({reactions_sql('old')}, reactions))))"
    kept = f"WHEN reactions IS NULL THEN old->'reactions' WHEN {_REACTED} THEN {all_of_them} ELSE to_json(reactions)"
    patched = f"json_merge_patch(attrs, json_object('reactions', CASE {kept} END))"
    return f"CASE WHEN (old->'reactions') IS NULL THEN attrs ELSE {patched} END"


_REACTED = "(SELECT count(*) > 0 FROM staging.updates WHERE change = 'react')"


def _folded_sql(attrs: str) -> str:
    """Return SQL for what a platform folds into a message later but for reactions, without where it was read."""
    left = '{"kind":null,"src_file":null,"tz_source":null,"media":null,"reactions":null}'
    return f"json_merge_patch({attrs}, {literal(left)})::VARCHAR"


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
        FROM (SELECT thread_id, ts, author, text FROM staged JOIN placed USING (pos)
              ANTI JOIN stored USING (event_id)) AS new
        JOIN (SELECT thread_id, ts, author, text FROM stored ANTI JOIN placed USING (event_id)) AS old
             ON new.thread_id = old.thread_id AND new.ts = old.ts AND new.text IS NOT DISTINCT FROM old.text
        WHERE old.author <> '' AND new.author <> '' AND old.author NOT IN (SELECT author FROM staged)
        GROUP BY old.author, new.author HAVING count(*) >= 2 ORDER BY 2 DESC
    """)
    return [
        f"author {pseudonym(job.namespace.author(old))} seems to have another name in this export ({count:,} messages "
        "are in both); to join them, set [authors] aliases in egregora.toml and ingest again"
        for old, count in rows
    ]
