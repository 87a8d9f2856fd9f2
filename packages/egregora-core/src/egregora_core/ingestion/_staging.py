"""In SQL: the messages of one export on their way in: in UTC, with the ids and the order that they will have.

`staged` holds them as the source gave them; `placed` their places. Both are temporary and spill to disk when they grow.
"""

import json
import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from egregora_core.ingestion._wall_clock import Known
from egregora_core.messages import IR_MESSAGES, ChatZones, Namespace, offsets
from egregora_core.plugins import SOURCE_COLUMNS, Reading
from egregora_core.session import ExportProgress
from egregora_core.storage import Database, literal
from egregora_core.tracking import Run

if TYPE_CHECKING:
    import pyarrow as pa

    from egregora_core.storage import Connection

_COMMON = {"ts": "TIMESTAMPTZ", "author": "VARCHAR", "text": "VARCHAR"}
"""What every message has, beside its position."""

_PER_EXPORT = {"thread_id": "UUID", "title": "VARCHAR", "msg_id": "VARCHAR"}
"""What every message of some exports has, and no message of others."""

_SPECIAL = {
    **{name: kind for name, kind in SOURCE_COLUMNS.items() if name not in {*_COMMON, *_PER_EXPORT, "thread"}},
    "zone_note": "VARCHAR",
}
"""What few messages have. In memory a null takes as much room as a value, so these have a table of their own."""

_SEP = "chr(31)"


@dataclass(frozen=True)
class Ingest:
    """One export, opened: what is needed to turn its batches into rows."""

    reading: Reading
    source: str
    namespace: Namespace
    path: Path
    zone: str | None
    """IANA zone of the wall clock, but of chats in `known`; null where the source gives UTC."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Other name → canonical name."""
    replace: bool = False
    replaced: frozenset[str] = frozenset()
    """Ids of the threads that this command has forgotten and begun to read again."""
    zone_from: str | None = None
    """Who says so: see `ZoneChoice.origin`."""
    known: Mapping[str, Known] = field(default_factory=dict)
    """What is recorded of chats that may be in an export of several, by thread id: each is read as it was before."""
    thread_given: bool = False
    whole: Callable[[], Reading] = field(kw_only=True)
    """Reads all of the export."""

    @property
    def zones(self) -> ChatZones | None:
        """The zones of the wall clock; None where the source gives UTC."""
        if self.zone is None:
            return None
        zones = {thread: known["timezone"] for thread, known in self.known.items() if "timezone" in known}
        return ChatZones(self.zone, {thread: zone for thread, zone in zones.items() if zone != self.zone})


def stage(db: Database, job: Ingest, progress: ExportProgress) -> int | None:
    """Copy all batches into `staged`, in UTC, with their places in `placed`; return the count.

    None where what was read does not hold: all of the export has to be read by `job.whole` then.

    They go to a database of their own in memory (which spills to disk), by connections of their own: rows that the
    caller's transaction had not committed yet would be scanned by one thread alone. While one batch is copied, the
    source works on the next.
    """
    here = _per_export(job)
    with closing(db.connection.cursor()) as writer:
        writer.execute("ATTACH IF NOT EXISTS ':memory:' AS aside")
        writer.execute(f"CREATE OR REPLACE TABLE aside.common ({_columns({'pos': 'BIGINT', **here, **_COMMON})})")
        writer.execute(f"CREATE OR REPLACE TABLE aside.special ({_columns({'pos': 'BIGINT', **_SPECIAL})})")
        position = _copy_all(writer, job, progress)
        if job.reading.platform_ids:  # of rows that a platform numbered twice the last one counts
            writer.execute(
                "DELETE FROM aside.common WHERE pos NOT IN "
                f"(SELECT max(pos) FROM aside.common GROUP BY msg_id{', thread_id' if 'thread_id' in here else ''})"
            )
        _place(writer, job)
        if not _is_continued(writer, job):
            return None
    db.execute(f"CREATE OR REPLACE TEMP VIEW staged AS {_staged_sql(job)}")
    db.execute("CREATE OR REPLACE TEMP VIEW placed AS FROM aside.placed")
    return position


def unstage(db: Database) -> None:
    """Drop what `stage` and `identify` made."""
    db.execute("DROP VIEW placed; DROP VIEW staged; DROP TABLE IF EXISTS identified")
    with closing(db.connection.cursor()) as writer:
        writer.execute("DROP TABLE aside.placed; DROP TABLE aside.common; DROP TABLE aside.special")


def _per_export(job: Ingest) -> dict[str, str]:
    """Return the columns of `_PER_EXPORT` that this export has."""
    absent = {"msg_id"} if not job.reading.platform_ids else set()
    if job.reading.thread is not None:
        absent |= {"thread_id", "title"}
    return {name: kind for name, kind in _PER_EXPORT.items() if name not in absent}


def _columns(kinds: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in kinds.items())


def _staged_sql(job: Ingest) -> str:
    """Return the SELECT that puts the parts of a message together again."""
    here = _per_export(job)
    fixed = "" if "thread_id" in here else f", {_thread_sql(job)} AS thread_id"
    absent = "".join(f", NULL::{_PER_EXPORT[name]} AS {name}" for name in ("title", "msg_id") if name not in here)
    special = "".join(f", {name}" for name in _SPECIAL if name != "kind")
    return (
        f"SELECT common.*{fixed}{absent}{special}, CASE WHEN special.pos IS NULL THEN 'text' ELSE kind END AS kind "
        "FROM aside.common LEFT JOIN aside.special USING (pos)"
    )


def _copy_all(writer: "Connection", job: Ingest, progress: ExportProgress) -> int:
    """Copy the batches in threads of their own, a few at a time; return how many messages they held."""
    position = 0
    copying: deque[Future[None]] = deque()
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for batch in job.reading.batches:
            if not batch.num_rows:
                continue
            copying.append(pool.submit(_copy, writer, job, batch, position))
            position += batch.num_rows
            if len(copying) > 1:
                copying.popleft().result()
            progress.messages_read(position)
        for rest in copying:
            rest.result()
    progress.start("storing the messages")
    return position


def _copy(writer: "Connection", job: Ingest, batch: "pa.Table", position: int) -> None:
    with closing(writer.cursor()) as connection:
        connection.register("batch", batch)
        for statement in _staging_sql(job, batch, position):
            connection.execute(statement)


def _staging_sql(job: Ingest, batch: "pa.Table", position: int) -> Iterator[str]:
    """Yield the two INSERTs that take a batch in."""
    have = set(batch.column_names)
    columns = ", ".join(
        f"{name}::{kind} AS {name}" if name in have else f"NULL::{kind} AS {name}"
        for name, kind in SOURCE_COLUMNS.items()
    )
    utc, note = _time_sql(job, batch)
    source = f"(SELECT {position} + row_number() OVER () - 1 AS pos, {columns} FROM batch)"
    if "thread_id" in _per_export(job):
        source = f"(SELECT *, {_thread_sql(job)} AS thread_id FROM {source})"
    values = {"thread_id": "thread_id", "title": "thread", "msg_id": "msg_id"}
    here = "".join(f", {values[name]}" for name in _per_export(job))
    yield f"INSERT INTO aside.common SELECT pos{here}, {utc}, {_author_sql(job)}, text FROM {source}"
    columns = ", ".join(name for name in _SPECIAL if name != "zone_note")
    rare = " OR ".join(f"{name} IS NOT NULL" for name in _SPECIAL if name not in {"kind", "zone_note"} and name in have)
    yield (
        f"INSERT INTO aside.special SELECT pos, {columns}, note FROM (SELECT *, {note} AS note FROM {source}) "
        f"WHERE kind IS DISTINCT FROM 'text' OR note IS NOT NULL{f' OR {rare}' if rare else ''}"
    )


def _time_sql(job: Ingest, batch: "pa.Table") -> tuple[str, str]:
    """Return SQL for the UTC time and for a remark where the clock was changed just then."""
    if job.zones is None:
        return "ts::TIMESTAMPTZ", "NULL"
    import pyarrow.compute as pc

    span = pc.min_max(batch["ts"]).as_py()
    zones = {zone: offsets(zone, span["min"], span["max"]) for zone in job.zones.names}
    utc = {zone: each.utc_sql("ts") for zone, each in zones.items()}
    return job.zones.sql(utc), job.zones.sql({zone: each.note_sql("ts") for zone, each in zones.items()})


def _thread_sql(job: Ingest) -> str:
    if job.reading.thread is not None:
        return f"'{job.namespace.thread(job.source, job.reading.thread)}'::UUID"
    return job.namespace.of_sql("thread", f"'{job.source}' || {_SEP} || thread")


def _author_sql(job: Ingest) -> str:
    return canonical_sql(job.aliases, "coalesce(author, '')")


def canonical_sql(aliases: Mapping[str, str], author: str) -> str:
    """Return SQL for the name under which an author is stored."""
    if not aliases:
        return author
    names = ", ".join(literal(name) for name in aliases)
    canonical = ", ".join(literal(name) for name in aliases.values())
    return f"coalesce(map([{names}], [{canonical}])[{author}], {author})"


def attrs_sql(job: Ingest) -> str:
    """Return SQL for the JSON text of `attrs`; a plain text message takes the cheap way."""
    title = literal(_json(job.reading.thread)) if job.reading.thread is not None else "to_json(title)::VARCHAR"
    file = literal(f',"src_file":{_json(job.path.name)},"tz_source":"')
    start = f"""',"thread":' || {title} || {file} || {job.zones.sql() if job.zones else "'UTC'"}"""
    tail = f"""{start} || coalesce(' (' || zone_note || ')', '') || '"}}'"""
    media = "json_object('name', media_name, 'size', media_size, 'missing', media_missing)::VARCHAR"
    return f"""
        CASE WHEN kind = 'text' AND edited IS NOT TRUE AND mentions IS NULL AND extra IS NULL AND zone_note IS NULL
        THEN ('{{"kind":"text"' || {start} || '"}}')::JSON
        ELSE concat('{{"kind":"', kind, '"',
            CASE WHEN edited THEN ',"edited":true' END,
            CASE WHEN media_name IS NOT NULL OR media_missing IS NOT NULL THEN ',"media":' || {media} END,
            CASE WHEN len(mentions) > 0 THEN ',"mentions":' || to_json(mentions)::VARCHAR END,
            CASE WHEN extra <> '{{}}' THEN ',' || substr(extra, 2, length(extra) - 2) END,
            {tail})::JSON END"""


def _json(value: str | None) -> str:
    """Return JSON; a file name that is not valid UTF-8 has surrogates in it, which the engine would refuse."""
    return json.dumps(value, ensure_ascii=False).encode(errors="replace").decode()


# --- identity and order -------------------------------------------------------------------------------------------


def _place(writer: "Connection", job: Ingest) -> None:
    """Give each staged row its number among its twins, and its place among the rows of one stamp.

    Identical messages of one stamp are told apart by an ordinal, so each keeps its id when the export around them is
    trimmed. Messages meet here by a hash, which two of one stamp share once in 10^19 pairs: their ordinals would
    differ then, nothing else.
    """
    writer.execute(f"""
        CREATE OR REPLACE TABLE aside.placed AS
        SELECT pos, (row_number() OVER (PARTITION BY thread_id, ts, said ORDER BY pos))::INTEGER AS twin,
               (row_number() OVER (PARTITION BY thread_id, ts ORDER BY pos) - 1)::INTEGER AS seq
        FROM (SELECT pos, thread_id, ts, hash(author, coalesce(text, '')) AS said FROM ({_staged_sql(job)}))
    """)


def identify(db: Database, job: Ingest) -> None:
    """Give `placed` the ids that the rows will have: needed where some of them may be stored already."""
    db.execute(f"""
        CREATE OR REPLACE TEMP TABLE identified AS
        SELECT pos, twin, seq, {event_id_sql(job)} AS event_id, NULL::VARCHAR AS own_id
        FROM aside.placed JOIN staged USING (pos)
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
    again = f"FROM aside.placed JOIN ({_staged_sql(job)}) USING (pos) WHERE pos < {continued.again}"
    ids = f"(SELECT {event_id_sql(job)} AS event_id {again})"
    same = writer.execute(f"SELECT count(*) FROM {ids} SEMI JOIN ir_messages USING (event_id)").fetchall()
    early = writer.execute(f"SELECT count(*) FROM aside.common WHERE ts < {since_sql(job)}").fetchall()
    return bool(same == [(continued.again,)] and early == [(0,)])


def since_sql(job: Ingest) -> str:
    """Return SQL for the time from which on the export was read."""
    continued = job.reading.continued
    if continued is None:
        return "'-infinity'::TIMESTAMPTZ"
    since = f"TIMESTAMP '{continued.since}'"
    return since if job.zone is None else offsets(job.zone, continued.since, continued.since).utc_sql(since)


def event_id_sql(job: Ingest) -> str:
    """Return SQL for a row's event_id, over thread_id and msg_id, or ts, author, text and twin.

    A source that numbers its messages is keyed by its number, any other by what the message says, and by its number
    among its twins.
    """
    thread = "thread_id"
    if job.reading.thread is not None:
        thread = literal(str(job.namespace.thread(job.source, job.reading.thread)))
    if job.reading.platform_ids:
        return job.namespace.of_sql("event", f"{thread} || {_SEP} || msg_id")
    ordinal = f"CASE WHEN twin > 1 THEN {_SEP} || twin END"
    said = f"concat({thread}, {_SEP}, epoch_us(ts), {_SEP}, author, {_SEP}, text, {ordinal})"
    return job.namespace.of_sql("event", said)


def msg_id_sql(job: Ingest) -> str:
    """Return SQL for a row's msg_id, over event_id and msg_id: the platform's, or the beginning of its event_id."""
    return "msg_id" if job.reading.platform_ids else "(event_id::VARCHAR)[:23]"


def insert(db: Database, job: Ingest, run: Run, *, known: bool) -> int:
    """Insert the staged rows, or if `known` those whose ids `stored` lacks; return how many."""
    message = f"coalesce(own_id, {msg_id_sql(job)})" if known else msg_id_sql(job)
    event = "" if known else f", {event_id_sql(job)} AS event_id"
    rows = db.execute(f"""
        INSERT INTO ir_messages ({", ".join(IR_MESSAGES.names)})
        SELECT event_id, {literal(job.namespace.tenant)}, {literal(job.source)}, thread_id, {message}, ts, seq, author,
               author_uuid, text, NULL, media_type, {attrs_sql(job)}, NULL, {now_sql(run)}, '{run.run_id}'
        FROM (SELECT *{event} FROM staged JOIN placed USING (pos)) JOIN ({_authors_sql(job)}) USING (author)
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
