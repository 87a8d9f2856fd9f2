"""Which export knew a message last: an older one never overwrites a newer one, in whatever order they are read.

Of each chat a run records from when to when its export told of it, and as of when. What a complete export lacks of that
time was deleted on the platform, be it read before the older export that still has it, or after.
"""

from typing import TYPE_CHECKING, Any

from egregora_core.ingestion._folding import DELETED
from egregora_core.ingestion._job import Ingest, now_sql
from egregora_core.storage import Database, arrow_view, literal
from egregora_core.tracking import Run, RunStore

if TYPE_CHECKING:
    from egregora_core.storage import Connection


_SEEN_AND_HERE = "FROM staging.seen JOIN staging.as_of AS here USING (thread_id)"


def recall(writer: "Connection", job: Ingest) -> None:
    """Make `staging.seen`: what earlier exports told of each chat, since it was last forgotten or replaced.

    But for this one, where it is read again: it is no other export, and may be read by a newer source.
    """
    import pyarrow as pa

    rows: list[dict[str, Any]] = []
    forgotten: set[str] = set()
    for run in RunStore(writer).completed(job.namespace.tenant, "ingestion"):
        is_another = run.stage == job.source and (not job.digest or run.input_fingerprint != job.digest)
        for thread, (first, last, as_of) in run.attrs.get("spans", {}).items() if is_another else ():
            if thread not in forgotten:
                said = {"first": first, "last": last, "as_of": as_of, "made": run.attrs["as_of"]}
                rows.append({"thread_id": thread, **said, "complete": bool(run.attrs.get("complete"))})
        if run.attrs.get("replaced"):
            forgotten.update(run.attrs.get("thread_ids", ()))
    names = ["thread_id", "first", "last", "as_of", "made"]
    schema = pa.schema([*((name, pa.string()) for name in names), ("complete", pa.bool_())])
    with arrow_view(writer, "rows", pa.Table.from_pylist(rows, schema)):
        writer.execute("""
            CREATE OR REPLACE TABLE staging.seen AS
            SELECT thread_id::UUID AS thread_id, first::TIMESTAMPTZ AS first, last::TIMESTAMPTZ AS last,
                   as_of::TIMESTAMPTZ AS as_of, made::TIMESTAMPTZ AS made, complete FROM rows
        """)


def mark_deleted(writer: "Connection", job: Ingest, event_id: str, staged: str) -> None:
    """Mark staged messages as deleted that a complete export lacked which is no older, and so the stored ones do."""
    recall(writer, job)
    newer = f"SELECT seen.* {_SEEN_AND_HERE} WHERE complete AND (seen.as_of, seen.made) >= (here.as_of, here.made)"
    if job.replace or not writer.execute(f"SELECT count(*) FROM ({newer})").fetchall()[0][0]:
        return
    mine = f"SELECT event_id FROM ir_messages WHERE tenant_id = {literal(job.namespace.tenant)}"
    writer.execute(f"""
        CREATE OR REPLACE TABLE staging.lacking AS
        SELECT DISTINCT pos FROM (
            SELECT pos, {event_id} AS event_id, staged.thread_id, ts
            FROM (SELECT *, 1 AS ordinal FROM ({staged})) AS staged WHERE msg_id IS NOT NULL AND change IS NULL
        ) AS here JOIN ({newer}) AS seen ON seen.thread_id = here.thread_id AND ts BETWEEN first AND last
        WHERE event_id NOT IN ({mine})
    """)
    writer.execute("""
        INSERT INTO staging.special (pos, kind)
        SELECT pos, 'text' FROM staging.lacking ANTI JOIN staging.special USING (pos)
    """)
    gone = "pos IN (SELECT pos FROM staging.lacking)"
    writer.execute(f"UPDATE staging.common SET text = NULL WHERE {gone}")
    media = ", ".join(f"media_{name} = NULL" for name in ("name", "url", "type", "size", "missing"))
    writer.execute(f"UPDATE staging.special SET kind = 'deleted', {media}, more_media = NULL, data = NULL WHERE {gone}")


SURPASSED = f"""(
    SELECT DISTINCT event_id FROM stored JOIN (
        SELECT seen.* {_SEEN_AND_HERE} WHERE (seen.as_of, seen.made) > (here.as_of, here.made)
    ) AS seen ON seen.thread_id = stored.thread_id AND stored.ts BETWEEN seen.first AND seen.last
)"""
"""SQL for the stored messages that a newer export knew."""


def delete_lacking(db: Database, job: Ingest, run: Run) -> int:
    """Mark stored messages as deleted that this export, which is complete, lacks; return how many."""
    if not job.reading.complete or not job.native:
        return 0
    rows = db.execute(f"""
        UPDATE ir_messages SET text = NULL, media_type = NULL, media_url = NULL,
               attrs = json_merge_patch(attrs, {DELETED}), created_at = {now_sql(run)}, created_by_run = '{run.run_id}'
        FROM (SELECT thread_id, min(ts) AS first, max(ts) AS last FROM staged WHERE change IS NULL GROUP BY ALL) AS span
        WHERE tenant_id = {literal(job.namespace.tenant)} AND ir_messages.thread_id = span.thread_id
              AND ts BETWEEN first AND last AND msg_id <> (event_id::VARCHAR)[:23]
              AND (attrs->>'kind') <> 'deleted' AND (attrs->>'update') IS NULL
              AND event_id NOT IN (SELECT event_id FROM identified) AND event_id NOT IN {SURPASSED}
    """)
    return int(rows[0][0])


def spans(db: Database, job: Ingest) -> dict[str, Any]:
    """Return for the record what this export tells of each chat, where messages have ids of the platform."""
    if not job.native:
        return {}
    iso = "strftime({} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')"
    rows = db.execute(f"""
        SELECT thread_id::VARCHAR, {iso.format("min(ts)")}, {iso.format("max(ts)")}, {iso.format("any_value(as_of)")}
        FROM staged JOIN staging.as_of USING (thread_id) GROUP BY 1 ORDER BY 1
    """)
    as_of = db.scalar(f"SELECT {iso.format('max(made)')} FROM staging.as_of")
    told = {thread: span for thread, *span in rows}
    return {"as_of": as_of, "spans": told, **({"complete": True} if job.reading.complete else {})}
