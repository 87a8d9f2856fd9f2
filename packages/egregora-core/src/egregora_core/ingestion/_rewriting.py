"""In SQL: stored messages that an export shows edited, deleted, or with more attachments than are known.

Works on what `_staging.py` makes, and on `stored`: what is stored of the export's chats.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from egregora_core.ingestion._folding import reactions_sql
from egregora_core.ingestion._job import Ingest, now_sql
from egregora_core.ingestion._matching import STAGED_REVISION, revision_sql
from egregora_core.ingestion._media import ATTRIBUTES, STAGED, STORED, merged_sql
from egregora_core.ingestion._message_sql import attrs_sql
from egregora_core.ingestion._seen import SURPASSED
from egregora_core.ingestion._staging import parts, staged_sql
from egregora_core.storage import Database, literal, temporary_table
from egregora_core.tracking import Run


@contextmanager
def outdated(db: Database, job: Ingest) -> Iterator[None]:
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
        WHERE {STAGED_REVISION} < revision
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


def rewrite(db: Database, job: Ingest, run: Run) -> int:
    """Rewrite stored messages that the export shows edited, deleted, or with a file that was missing before.

    Where it is the export that lacks the file, what is known of the file stays; and what an export is too old to know
    stays edited or deleted, and gets the files that only this export holds.
    """
    ways = [_fresh_sql, _completed_sql] if db.scalar("SELECT count(*) FROM outdated") else [_fresh_sql]
    nothing = "SELECT event_id, text, media_url, media_type, attrs FROM stored LIMIT 0"
    with temporary_table(db.connection, "fresh", nothing), temporary_table(db.connection, "in_both", _IN_BOTH):
        with db.joins_as_written():
            for part in parts(db, job, _PER_PART):
                for sql in ways:
                    db.execute(f"INSERT INTO fresh WITH before AS ({_before_sql(part)}) {sql(job, part)}")
        changed = int(db.scalar("SELECT count(*) FROM fresh"))
        db.memory.grant_changes(changed)
        db.execute(f"""
            UPDATE ir_messages SET text = fresh.text, attrs = fresh.attrs, media_type = fresh.media_type,
                   media_url = fresh.media_url, created_at = {now_sql(run)}, created_by_run = '{run.run_id}'
            FROM fresh WHERE ir_messages.event_id = fresh.event_id
        """)
    return changed


_IN_BOTH = """
    SELECT pos, stored.rowid AS place, outdated.event_id IS NOT NULL AS is_outdated
    FROM placed JOIN stored USING (event_id) LEFT JOIN outdated USING (event_id)
"""


def _before_sql(part: str) -> str:
    """Return SQL for what is stored of a part of the export, found by where it stands."""
    return f"""
        SELECT pos, event_id, is_outdated, text AS old_text, attrs AS old, media_type AS old_media_type,
               media_url AS old_media_url
        FROM stored JOIN (FROM in_both WHERE {part}) ON stored.rowid = place
    """


_PER_PART = 25_000


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
        WHERE NOT is_outdated AND (text IS DISTINCT FROM old_text OR NOT ({plain}))
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
            FROM ({staged_sql(job, part)}) JOIN before USING (pos)
            WHERE is_outdated AND ({found}) AND (old->>'kind') <> 'deleted'))
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


__all__ = ["outdated", "rewrite"]
