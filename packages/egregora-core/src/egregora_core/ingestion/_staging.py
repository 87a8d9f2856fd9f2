"""In SQL: the messages of one export on their way in: in UTC, with the ids and the order that they will have.

`staged` holds them as the source gave them; `placed` their places. Both are temporary and spill to disk when they grow.
"""

import os
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from egregora_core.ingestion._batches import tables
from egregora_core.ingestion._folding import REACTION, fold
from egregora_core.ingestion._job import SEP, Ingest, now_sql
from egregora_core.ingestion._message_sql import attrs_sql, canonical_sql, event_id_sql, msg_id_sql, thread_text
from egregora_core.ingestion._naming import meet
from egregora_core.ingestion._parts import parts_of
from egregora_core.ingestion._seen import mark_deleted
from egregora_core.messages import IR_MESSAGES, offsets
from egregora_core.plugins import SOURCE_COLUMNS
from egregora_core.session import ExportProgress
from egregora_core.storage import Database, literal, temporary_table
from egregora_core.tracking import Run

if TYPE_CHECKING:
    import pyarrow as pa

    from egregora_core.storage import Connection

_COMMON = {"ts": "TIMESTAMPTZ", "author": "VARCHAR", "text": "VARCHAR"}
"""What every message has, beside its position."""

_PER_EXPORT = {"thread_id": "UUID", "title": "VARCHAR", "msg_id": "VARCHAR"}
"""What every message of some exports has, and no message of others."""

_SPECIAL = {
    "kind": "VARCHAR",
    "event": "VARCHAR",
    "edited": "BOOLEAN",
    "edited_at": "TIMESTAMPTZ",
    "reply_to": "VARCHAR",
    "thread_root": "VARCHAR",
    "forwarded_from": "VARCHAR",
    "mentions": "VARCHAR[]",
    "reactions": f"{REACTION}[]",
    "media_name": "VARCHAR",
    "media_url": "VARCHAR",
    "media_type": "VARCHAR",
    "media_size": "BIGINT",
    "media_missing": "BOOLEAN",
    "more_media": "VARCHAR",
    "data": "VARCHAR",
    "change": "VARCHAR",
    "zone_note": "VARCHAR",
}
"""What few messages have. In memory a null takes as much room as a value, so these have a table of their own."""


def stage(db: Database, job: Ingest, progress: ExportProgress) -> "Staged | None":
    """Copy all batches into `staged`, in UTC, with their places in `placed`; return the export as it is known now.

    None where what was read does not hold: all of the export has to be read by `job.whole` then.

    They go to a database of their own in memory (which spills to disk), by connections of their own: rows that the
    caller's transaction had not committed yet would be scanned by one thread alone. While one batch is copied, the
    source works on the next.
    """
    here, repeated = _per_export(job), 0
    with closing(db.cursor()) as writer:
        writer.execute("ATTACH IF NOT EXISTS ':memory:' AS staging")
        writer.execute(f"CREATE OR REPLACE TABLE staging.common ({_columns({'pos': 'BIGINT', **here, **_COMMON})})")
        writer.execute(f"CREATE OR REPLACE TABLE staging.special ({_columns({'pos': 'BIGINT', **_SPECIAL})})")
        with db.memory.for_reading():
            copied = _copy_all(writer, job, progress)
        job = replace(job, native=copied.native)
        db.memory.grant_looks(copied.rows, copied.bytes_per_row)
        meet(writer, job)
        if job.native:
            repeated = _last_of_each(writer, job)
            fold(writer, job)
            mark_deleted(writer, job, event_id_sql(job), staged_sql(job))
        _place(writer, job)
        if not _is_continued(writer, job):
            return None
    db.execute(f"CREATE OR REPLACE TEMP VIEW staged AS {staged_sql(job)}")
    db.execute("CREATE OR REPLACE TEMP VIEW placed AS FROM staging.placed")
    return Staged(job, copied.rows, repeated, copied.bytes_per_row)


@dataclass(frozen=True)
class Staged:
    """An export whose batches are read."""

    job: Ingest
    rows: int
    repeated: int
    """Messages with an id that a later one of their chat has."""
    bytes_per_row: int
    """Of the batch in which messages hold most."""


def _last_of_each(writer: "Connection", job: Ingest) -> int:
    """Keep, of messages that a platform numbered twice, the last one; return how many went."""
    keys = "msg_id" if job.reading.thread is not None else "thread_id, msg_id"
    rows = writer.execute(f"""
        DELETE FROM staging.common WHERE pos IN (
            SELECT pos FROM staging.common LEFT JOIN (SELECT pos, change FROM staging.special) USING (pos)
            WHERE msg_id IS NOT NULL AND change IS NULL
            QUALIFY row_number() OVER (PARTITION BY {keys} ORDER BY pos DESC) > 1)
    """).fetchall()
    return int(rows[0][0])


def unstage(db: Database) -> None:
    """Drop what `stage` and `identify` made."""
    db.execute("DROP VIEW IF EXISTS temp.placed; DROP VIEW IF EXISTS temp.staged; DROP TABLE IF EXISTS temp.identified")
    with closing(db.cursor()) as writer:
        writer.execute("DETACH DATABASE IF EXISTS staging")


def _per_export(job: Ingest) -> dict[str, str]:
    """Return the columns of `_PER_EXPORT` that this export has."""
    absent = set() if job.native else {"msg_id"}
    if job.reading.thread is not None:
        absent |= {"thread_id", "title"}
    return {name: kind for name, kind in _PER_EXPORT.items() if name not in absent}


def _columns(kinds: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in kinds.items())


def staged_sql(job: Ingest, part: str = "true") -> str:
    """Return the SELECT that puts the parts of a message together again, of rows whose `pos` meets a condition.

    `author` is by what the author is told from others: the name, or where the platform gives ids, the id made of it.
    """
    here = _per_export(job)
    fixed = "" if "thread_id" in here else f", {_thread_sql(job)} AS thread_id"
    absent = "".join(f", NULL::{_PER_EXPORT[name]} AS {name}" for name in ("title", "msg_id") if name not in here)
    special = "".join(f", {name}" for name in _SPECIAL if name != "kind")
    titled = "title" in here
    others = {"authors.key AS author": job.by_id, "coalesce(chats.title, common.title) AS title": titled}
    replaced = ", ".join(column for column, wanted in others.items() if wanted)
    return (
        f"SELECT common.*{f' REPLACE ({replaced})' if replaced else ''}{fixed}{absent}{special}, "
        "CASE WHEN special.pos IS NULL THEN 'text' ELSE special.kind END AS kind, special.pos IS NULL AS plain "
        f"FROM (FROM staging.common WHERE {part}) AS common LEFT JOIN (FROM staging.special WHERE {part}) AS special "
        "USING (pos)"
        f"{' JOIN staging.authors USING (author)' if job.by_id else ''}"
        f"{_TITLES if titled else ''}"
    )


_TITLES = (
    " LEFT JOIN (SELECT identity, name AS title FROM staging.named WHERE place = 0) AS chats "
    "ON chats.identity = common.thread_id"
)


class _Copied(NamedTuple):
    rows: int
    native: bool
    """Whether some have ids of the platform: only then is there a column for these."""
    bytes_per_row: int


def _copy_all(writer: "Connection", job: Ingest, progress: ExportProgress) -> _Copied:
    """Copy the batches in threads of their own, a few at a time."""
    import pyarrow as pa

    position = widest = 0
    copying: deque[Future[None]] = deque()
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for batch in tables(job.source, job.reading):
            if not batch.num_rows:
                continue
            if not job.native and "msg_id" in batch.column_names and batch["msg_id"].null_count < batch.num_rows:
                while copying:
                    copying.popleft().result()
                writer.execute("ALTER TABLE staging.common ADD COLUMN msg_id VARCHAR")
                job = replace(job, native=True)
            copying.append(pool.submit(_copy, writer, job, batch, position))
            position += batch.num_rows
            widest = max(widest, _bytes_to_look_at(batch) // batch.num_rows)
            if len(copying) > 1:
                copying.popleft().result()
            pa.default_memory_pool().release_unused()
            progress.messages_read(position)
        for rest in copying:
            rest.result()
    pa.default_memory_pool().release_unused()  # what comes now needs the room
    progress.start("storing the messages")
    return _Copied(position, job.native, widest)


def _bytes_to_look_at(batch: "pa.Table") -> int:
    """Return what the engine holds to look at rows: of lists it makes texts, which are longer, and JSON of these."""
    lists = batch.select([name for name in ("mentions", "reactions", "media") if name in batch.column_names])
    return int(batch.nbytes + _BYTES_OF_A_LIST * lists.nbytes)


_BYTES_OF_A_LIST = 5
"""For each byte of a list."""


def _copy(writer: "Connection", job: Ingest, batch: "pa.Table", position: int) -> None:
    with closing(writer.cursor()) as connection:
        connection.register("batch", batch)
        for statement in _staging_sql(job, batch, position):
            connection.execute(statement)


def _staging_sql(job: Ingest, batch: "pa.Table", position: int) -> Iterator[str]:
    """Yield the two INSERTs that take a batch in."""
    have = set(batch.column_names)
    columns = ", ".join(
        f'"{name}"::{kind} AS "{name}"' if name in have else f'NULL::{kind} AS "{name}"'
        for name, kind in SOURCE_COLUMNS.items()
    )
    utc, note, edited_at = _time_sql(job, batch)
    source = f"(SELECT {position} + row_number() OVER () - 1 AS pos, {columns} FROM batch)"
    if "thread_id" in _per_export(job):
        source = f"(SELECT *, {_thread_sql(job)} AS thread_id FROM {source})"
    values = {"thread_id": "thread_id", "title": "thread", "msg_id": "msg_id"}
    here = _per_export(job)
    taken = "".join(f", {values[name]}" for name in here)
    into = ", ".join(["pos", *here, *_COMMON])
    yield f"INSERT INTO staging.common ({into}) SELECT pos{taken}, {utc}, {_author_sql(job)}, text FROM {source}"
    rare = " OR ".join(f'"{name}" IS NOT NULL' for name in _RARE if name in have)
    yield (
        f"INSERT INTO staging.special SELECT pos, kind, event, edited OR edited_at IS NOT NULL, {edited_at}, "
        f"{_event_of(job, 'reply_to')}, {_event_of(job, 'thread_root')}, "
        f"forwarded_from, mentions, reactions, {_MEDIA}, "
        f'data, "update", note FROM (SELECT *, {note} AS note FROM {source}) '
        f"WHERE kind IS DISTINCT FROM 'text' OR note IS NOT NULL{f' OR {rare}' if rare else ''}"
    )


_RARE = [name for name in SOURCE_COLUMNS if name not in {"thread", "msg_id", "ts", "author", "text", "kind"}]
_MEDIA = (
    "media[1].name, media[1].url, media[1].type, media[1].size, media[1].missing, "
    "CASE WHEN len(media) > 1 THEN to_json(media[2:])::VARCHAR END"
)


def _event_of(job: Ingest, column: str) -> str:
    """Return SQL for the event_id of the message whose msg_id a column has."""
    event = job.namespace.of_sql("event", f"{thread_text(job)} || {SEP} || {column}")
    return f"CASE WHEN {column} IS NOT NULL THEN {event} END::VARCHAR"


def _time_sql(job: Ingest, batch: "pa.Table") -> tuple[str, str, str]:
    """Return SQL for the UTC time, for a remark where the clock was changed just then, and for `edited_at` in UTC."""
    if job.zones is None:
        return "ts::TIMESTAMPTZ", "NULL", "edited_at::TIMESTAMPTZ"
    import pyarrow.compute as pc

    columns = [name for name in ("ts", "edited_at") if name in batch.column_names]
    spans = [span for name in columns if (span := pc.min_max(batch[name]).as_py())["min"] is not None]
    first, last = min(span["min"] for span in spans), max(span["max"] for span in spans)
    zones = {zone: offsets(zone, first, last) for zone in job.zones.names}
    utc, edited = ({zone: each.utc_sql(name) for zone, each in zones.items()} for name in ("ts", "edited_at"))
    notes = {zone: each.note_sql("ts") for zone, each in zones.items()}
    return job.zones.sql(utc), job.zones.sql(notes), job.zones.sql(edited)


def _thread_sql(job: Ingest) -> str:
    if job.reading.thread is not None:
        return f"'{job.namespace.thread(job.source, job.reading.thread)}'::UUID"
    return job.namespace.of_sql("thread", f"'{job.source}' || {SEP} || thread")


def _author_sql(job: Ingest) -> str:
    if job.by_id:  # aliases join people, whom the source tells later
        return "coalesce(author, '') AS author"
    return canonical_sql(job.aliases, "coalesce(author, '')")


# --- identity and order -------------------------------------------------------------------------------------------


def _place(writer: "Connection", job: Ingest) -> None:
    """Give each staged row its number among those that are equal, and its place among the rows of one stamp.

    Identical messages of one stamp are told apart by an ordinal, so each keeps its id when the export around them is
    trimmed. Messages meet here by a hash, which two of one stamp share once in 10^19 pairs: their ordinals would
    differ then, nothing else.
    """
    thread = "thread_id" if job.reading.thread is None else _thread_sql(job)
    writer.execute(f"""
        CREATE OR REPLACE TABLE staging.placed AS
        SELECT pos, (row_number() OVER (PARTITION BY thread_id, ts, said ORDER BY pos))::INTEGER AS ordinal,
               (row_number() OVER (PARTITION BY thread_id, ts ORDER BY pos) - 1)::INTEGER AS seq
        FROM (SELECT pos, {thread} AS thread_id, ts, hash(author, coalesce(text, '')) AS said FROM staging.common)
    """)


def identify(db: Database, job: Ingest) -> None:
    """Give `placed` the ids that the rows will have: needed where some of them may be stored already."""
    db.execute(f"""
        CREATE OR REPLACE TEMP TABLE identified AS
        SELECT pos, ordinal, seq, {event_id_sql(job)} AS event_id, NULL::VARCHAR AS own_id
        FROM staging.placed JOIN staged USING (pos)
    """)
    db.execute("CREATE OR REPLACE TEMP VIEW placed AS FROM identified")


def _is_continued(writer: "Connection", job: Ingest) -> bool:
    """Tell whether what the reading leaves out is read already, and nothing that it holds is older than that.

    Messages that were read before have to come out the same. Order by the phone's clock is order in time except where
    clocks change, which is no place to go on from.
    """
    continued = job.reading.continued
    if continued is None:
        return True
    if job.zone is not None and offsets(job.zone, continued.since, continued.since).changes:
        return False
    again = f"FROM staging.placed JOIN ({staged_sql(job)}) USING (pos) WHERE pos < {continued.again}"
    ids = f"(SELECT {event_id_sql(job)} AS event_id {again})"
    same = writer.execute(f"SELECT count(*) FROM {ids} SEMI JOIN ir_messages USING (event_id)").fetchall()
    early = writer.execute(f"SELECT count(*) FROM staging.common WHERE ts < {since_sql(job)}").fetchall()
    return bool(same == [(continued.again,)] and early == [(0,)])


def since_sql(job: Ingest) -> str:
    """Return SQL for the time from which on the export was read."""
    continued = job.reading.continued
    if continued is None:
        return "'-infinity'::TIMESTAMPTZ"
    since = f"TIMESTAMP '{continued.since}'"
    return since if job.zone is None else offsets(job.zone, continued.since, continued.since).utc_sql(since)


def insert(db: Database, job: Ingest, run: Run, *, known: bool) -> int:
    """Insert the staged rows, or if `known` those whose ids `stored` lacks; return how many."""
    lacking = "FROM placed ANTI JOIN stored USING (event_id)" if known else "FROM placed LIMIT 0"
    with temporary_table(db.connection, "lacking", lacking), db.joins_as_written():
        return sum(_insert_part(db, job, run, part, known=known) for part in parts(db, job, _PER_PART))


_PER_PART = 100_000
_PER_PART_OF_TEXTS = 500_000


def parts(db: Database, job: Ingest, rows: int) -> list[str]:
    """Return conditions on `pos` that cut the export into parts of so many rows, which fit memory.

    What platforms number holds much beside its text: of what they do not, there are fewer parts.
    """
    return parts_of(db.connection, rows if job.native else _PER_PART_OF_TEXTS)


def _insert_part(db: Database, job: Ingest, run: Run, part: str, *, known: bool) -> int:
    message = f"coalesce(own_id, {msg_id_sql(job)})" if known else msg_id_sql(job)
    event = "" if known else f", {event_id_sql(job)} AS event_id"
    placed = f"(FROM {'lacking' if known else 'placed'} WHERE {part})"
    rows = db.execute(f"""
        INSERT INTO ir_messages ({", ".join(IR_MESSAGES.names)})
        SELECT event_id, {literal(job.namespace.tenant)}, {literal(job.source)}, thread_id, {message}, ts, seq,
               author_raw, author_uuid, text, media_url, media_type, {attrs_sql(job)}, NULL, {now_sql(run)},
               '{run.run_id}'
        FROM (SELECT *{event} FROM ({staged_sql(job, part)}) JOIN {placed} USING (pos))
             JOIN ({_authors_sql(job)}) USING (author)
    """)
    return int(rows[0][0])


def _authors_sql(job: Ingest) -> str:
    if job.by_id:
        return "SELECT key AS author, author_raw, author_uuid FROM staging.authors"
    return (
        f"SELECT author, author AS author_raw, {job.namespace.of_sql('author', 'author')} AS author_uuid "
        "FROM (SELECT DISTINCT author FROM staging.common)"
    )
