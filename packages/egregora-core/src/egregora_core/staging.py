"""The messages of one export on their way in: in UTC, with the ids and the order that they will have.

`staged` holds them as the source gave them; `placed` their places. Both are temporary and spill to disk when they grow.
"""

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from egregora_core.database import Database
from egregora_core.ids import Namespace
from egregora_core.ir import IR_MESSAGES
from egregora_core.runs import Run
from egregora_core.specs import SOURCE_COLUMNS, Reading
from egregora_core.sql import literal
from egregora_core.timezones import offsets

if TYPE_CHECKING:
    import pyarrow as pa

_STAGED = {
    "pos": "BIGINT",
    "thread_id": "UUID",
    "title": "VARCHAR",
    "ts": "TIMESTAMPTZ",
    "author": "VARCHAR",
    "text": "VARCHAR",
    "kind": "VARCHAR",
    "edited": "BOOLEAN",
    "media_name": "VARCHAR",
    "media_size": "BIGINT",
    "media_missing": "BOOLEAN",
    "media_type": "VARCHAR",
    "mentions": "VARCHAR[]",
    "extra": "VARCHAR",
    "msg_id": "VARCHAR",
    "zone_note": "VARCHAR",
    "base": "UUID",
}
"""A message on its way in. `base` is the digest that identity derives from; what is mostly null takes no room."""

_SEP = "chr(31)"


@dataclass(frozen=True)
class Ingest:
    """One export, opened: what is needed to turn its batches into rows."""

    reading: Reading
    source: str
    namespace: Namespace
    path: Path
    zone: str | None
    """IANA zone of the wall clock; null where the source gives UTC."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Other name → canonical name."""
    replace: bool = False
    thread_given: bool = False


def stage(db: Database, job: Ingest, progress: Any) -> int:
    """Copy all batches into `staged`, in UTC, with the digest that ids derive from; return the count.

    They go to a database of their own in memory (which spills to disk), by a connection of their own: rows that the
    caller's transaction had not committed yet would be scanned by one thread alone.
    """
    columns = ", ".join(f"{name} {kind}" for name, kind in _STAGED.items())
    position = 0
    with closing(db.connection.cursor()) as writer:
        writer.execute("ATTACH IF NOT EXISTS ':memory:' AS aside")
        writer.execute(f"CREATE OR REPLACE TABLE aside.staged ({columns})")
        for batch in job.reading.batches:
            if batch.num_rows:
                writer.register("batch", batch)
                writer.execute(f"INSERT INTO aside.staged {_staging_sql(job, batch, position)}")
                writer.unregister("batch")
                position += batch.num_rows
                progress(position)
        if job.reading.platform_ids:  # of rows that a platform numbered twice the last one counts
            writer.execute(
                "DELETE FROM aside.staged WHERE pos NOT IN (SELECT max(pos) FROM aside.staged GROUP BY base)"
            )
    db.execute("CREATE OR REPLACE TEMP VIEW staged AS FROM aside.staged")
    return position


def unstage(db: Database) -> None:
    """Drop what `stage` and `place` made."""
    db.execute("DROP TABLE placed")
    db.execute("DROP VIEW staged")
    with closing(db.connection.cursor()) as writer:
        writer.execute("DROP TABLE aside.staged")


def _staging_sql(job: Ingest, batch: "pa.Table", position: int) -> str:
    have = set(batch.column_names)
    columns = ", ".join(
        f"{name}::{kind} AS {name}" if name in have else f"NULL::{kind} AS {name}"
        for name, kind in SOURCE_COLUMNS.items()
    )
    utc, note = _time_sql(job, batch)
    title = "NULL" if job.reading.thread is not None else "thread"
    return f"""
        SELECT {position} + n, thread_id, {title}, utc, writer, text, kind, edited, media_name, media_size,
               media_missing, media_type, mentions, extra, msg_id, {note}, {base_sql(job)}
        FROM (SELECT *, {_thread_sql(job)} AS thread_id, {utc} AS utc, {_author_sql(job)} AS writer
              FROM (SELECT row_number() OVER () - 1 AS n, {columns} FROM batch))
    """


def base_sql(job: Ingest) -> str:
    """Return SQL for the digest that a row's identity derives from, over thread_id, msg_id, utc, writer and text.

    A source that numbers its messages is keyed by its number, any other by what the message says.
    """
    body = (
        "msg_id" if job.reading.platform_ids else f"epoch_us(utc) || {_SEP} || writer || {_SEP} || coalesce(text, '')"
    )
    return job.namespace.digest_sql(f"thread_id || {_SEP} || {body}") + "::UUID"


def _time_sql(job: Ingest, batch: "pa.Table") -> tuple[str, str]:
    """Return SQL for the UTC time and for a remark where the clock was changed just then."""
    if job.zone is None:
        return "ts::TIMESTAMPTZ", "NULL"
    import pyarrow.compute as pc

    span = pc.min_max(batch["ts"]).as_py()
    zone = offsets(job.zone, span["min"], span["max"])
    return zone.utc_sql("ts"), zone.note_sql("ts")


def _thread_sql(job: Ingest) -> str:
    if job.reading.thread is not None:
        return f"'{job.namespace.thread(job.source, job.reading.thread)}'::UUID"
    return job.namespace.of_sql("thread", f"'{job.source}' || {_SEP} || thread")


def _author_sql(job: Ingest) -> str:
    return canonical_sql(job, "coalesce(author, '')")


def canonical_sql(job: Ingest, author: str) -> str:
    """Return SQL for the name under which an author is stored."""
    if not job.aliases:
        return author
    names = ", ".join(literal(name) for name in job.aliases)
    canonical = ", ".join(literal(name) for name in job.aliases.values())
    return f"coalesce(map([{names}], [{canonical}])[{author}], {author})"


def attrs_sql(job: Ingest) -> str:
    """Return SQL for the JSON text of `attrs`; a plain text message takes the cheap way."""
    title = literal(_json(job.reading.thread)) if job.reading.thread is not None else "to_json(title)::VARCHAR"
    file = literal(f',"src_file":{_json(job.path.name)},"tz_source":"{job.zone or "UTC"}')
    tail = f"""',"thread":' || {title} || {file} || coalesce(' (' || zone_note || ')', '') || '"}}'"""
    media = "json_object('name', media_name, 'size', media_size, 'missing', media_missing)::VARCHAR"
    return f"""
        CASE WHEN kind = 'text' AND edited IS NOT TRUE AND mentions IS NULL AND extra IS NULL
        THEN '{{"kind":"text"' || {tail}
        ELSE concat('{{"kind":"', kind, '"',
            CASE WHEN edited THEN ',"edited":true' END,
            CASE WHEN media_name IS NOT NULL OR media_missing IS NOT NULL THEN ',"media":' || {media} END,
            CASE WHEN len(mentions) > 0 THEN ',"mentions":' || to_json(mentions)::VARCHAR END,
            CASE WHEN extra <> '{{}}' THEN ',' || substr(extra, 2, length(extra) - 2) END,
            {tail}) END"""


def _json(value: str | None) -> str:
    """Return JSON; a file name that is not valid UTF-8 has surrogates in it, which the engine would refuse."""
    return json.dumps(value, ensure_ascii=False).encode(errors="replace").decode()


# --- identity and order -------------------------------------------------------------------------------------------


def place(db: Database, job: Ingest, *, known: bool) -> None:
    """Make `placed`: for each staged row its twin number, its place among rows of one stamp, and if `known` its id.

    Identical messages of one stamp are told apart by an ordinal, so each keeps its id when the export around them
    is trimmed. `known`: the thread has messages already.
    """
    ids = f", {event_id_sql(job)} AS event_id, NULL::VARCHAR AS own_id" if known else ""
    db.execute(f"""
        CREATE OR REPLACE TEMP TABLE placed AS
        SELECT pos, twin, seq{ids}
        FROM (SELECT pos, thread_id, msg_id, base,
                     (row_number() OVER (PARTITION BY base ORDER BY pos))::INTEGER AS twin,
                     (row_number() OVER (PARTITION BY thread_id, ts ORDER BY pos) - 1)::INTEGER AS seq
              FROM staged)
    """)


def event_id_sql(job: Ingest) -> str:
    return job.namespace.of_sql("event", f"thread_id || {_SEP} || {msg_id_sql(job)}")


def msg_id_sql(job: Ingest) -> str:
    """Return SQL for a row's msg_id: the platform's, or 80 bits of its `base` and its number among its twins."""
    if job.reading.platform_ids:
        return "msg_id"
    return "concat((base::VARCHAR)[:23], CASE WHEN twin > 1 THEN '-' || (twin - 1) END)"


def insert(db: Database, job: Ingest, run: Run, *, known: bool) -> int:
    """Insert the staged rows, or if `known` those whose ids `stored` lacks; return how many."""
    event, message = (
        ("event_id", f"coalesce(own_id, {msg_id_sql(job)})") if known else (event_id_sql(job), msg_id_sql(job))
    )
    rows = db.execute(f"""
        INSERT INTO ir_messages ({", ".join(IR_MESSAGES.names)})
        SELECT {event}, {literal(job.namespace.tenant)}, {literal(job.source)}, thread_id, {message}, ts, seq, author,
               author_uuid, text, NULL, media_type, {attrs_sql(job)}, NULL, {now_sql(run)}, '{run.run_id}'
        FROM staged JOIN placed USING (pos) JOIN ({_authors_sql(job)}) USING (author)
             {"ANTI JOIN stored USING (event_id)" if known else ""}
    """)
    return int(rows[0][0])


def _authors_sql(job: Ingest) -> str:
    return (
        f"SELECT author, {job.namespace.of_sql('author', 'author')} AS author_uuid "
        "FROM (SELECT DISTINCT author FROM staged)"
    )


def now_sql(run: Run) -> str:
    return f"TIMESTAMPTZ '{run.started_at}'"
