"""An export into `ir_messages`: the same messages get the same ids, however often and however much of them is read.

Ingestion accumulates. Batches are staged beside the table, given ids, order and a place among what is stored, checked,
and become visible together. Nothing here depends on a message's position in its file except its reading order.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from egregora_core.database import Database
from egregora_core.errors import ExportError
from egregora_core.fingerprint import fingerprint_relation
from egregora_core.ids import Namespace
from egregora_core.ir import IR_MESSAGES
from egregora_core.runs import Run
from egregora_core.specs import SOURCE_COLUMNS, Reading
from egregora_core.sql import literal
from egregora_core.timezones import offsets
from egregora_core.tracking import Outcome
from egregora_core.validation import check_rows

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


@dataclass
class _Tally:
    """What one ingestion counted."""

    rows: int = 0
    added: int = 0
    updated: int = 0
    threads: list[UUID] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def ingest(db: Database, job: Ingest, run: Run, progress: Any) -> tuple[Outcome, list[str]]:
    """Add an export's messages to `ir_messages`, inside the caller's transaction; return the outcome and notices."""
    tally = _Tally()
    db.execute(f"CREATE OR REPLACE TEMP TABLE staged ({', '.join(f'{n} {t}' for n, t in _STAGED.items())})")
    tally.rows = _stage(db, job, progress)
    tally.threads = [thread for (thread,) in db.execute("SELECT DISTINCT thread_id FROM staged ORDER BY 1")]
    if not tally.rows:
        raise ExportError(f"{job.path}: no message in it; is it the right file?")
    _identify(db, job)
    if job.replace:
        _forget_threads(db, job, tally)
    known = _known_threads(db, job, tally.threads)
    if known:
        _merge(db, job, run, tally, known)
    else:
        tally.added = _insert(db, job, run)
    check_rows(
        db.connection,
        f"(SELECT * FROM ir_messages WHERE created_by_run = '{run.run_id}')",
        IR_MESSAGES,
        where=f"source {job.source!r}, output",
    )
    db.execute("DROP TABLE staged")
    db.execute("DROP TABLE placed")
    return _outcome(db, job, tally), tally.notices


def messages_of(tenant: str) -> str:
    """Return the tenant's messages as a parenthesised SELECT."""
    return f"(SELECT * FROM ir_messages WHERE tenant_id = {literal(tenant)})"


def fingerprint_messages(db: Database, tenant: str) -> str:
    """Return the fingerprint of all messages of a tenant."""
    return fingerprint_relation(db.connection, messages_of(tenant))


def _outcome(db: Database, job: Ingest, tally: _Tally) -> Outcome:
    total = db.scalar("SELECT count(*) FROM ir_messages WHERE tenant_id = ?", [job.namespace.tenant])
    attrs = {
        "thread_ids": [str(thread) for thread in tally.threads],
        "messages": tally.rows,
        "added": tally.added,
        "updated": tally.updated,
        "replaced": job.replace,
        **({"timezone": job.zone} if job.zone else {}),
        **job.reading.facts,
    }
    return Outcome(
        rows_in=tally.rows,
        rows_out=total,
        output_fingerprint=fingerprint_messages(db, job.namespace.tenant),
        attrs=attrs,
    )


# --- staging ------------------------------------------------------------------------------------------------------


def _stage(db: Database, job: Ingest, progress: Any) -> int:
    """Copy all batches into `staged`, in UTC, with `attrs` and the digest that ids derive from; return the count."""
    position = 0
    for batch in job.reading.batches:
        if not batch.num_rows:
            continue
        db.connection.register("batch", batch)
        db.execute(f"INSERT INTO staged {_staging_sql(job, batch, position)}")
        db.connection.unregister("batch")
        position += batch.num_rows
        progress(position)
    return position


def _staging_sql(job: Ingest, batch: "pa.Table", position: int) -> str:
    have = set(batch.column_names)
    columns = ", ".join(
        f"{name}::{kind} AS {name}" if name in have else f"NULL::{kind} AS {name}"
        for name, kind in SOURCE_COLUMNS.items()
    )
    utc, note = _time_sql(job, batch)
    title = "NULL" if job.reading.thread is not None else "thread"
    # A source that numbers its messages is keyed by its number, any other by what the message says.
    body = (
        "msg_id" if job.reading.platform_ids else f"epoch_us(utc) || {_SEP} || writer || {_SEP} || coalesce(text, '')"
    )
    base = job.namespace.digest_sql(f"thread_id || {_SEP} || {body}")
    return f"""
        SELECT {position} + n, thread_id, {title}, utc, writer, text, kind, edited, media_name, media_size,
               media_missing, media_type, mentions, extra, msg_id, {note}, {base}::UUID
        FROM (SELECT *, {_thread_sql(job)} AS thread_id, {utc} AS utc, {_author_sql(job)} AS writer
              FROM (SELECT row_number() OVER () - 1 AS n, {columns} FROM batch))
    """


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
    author = "coalesce(author, '')"
    if not job.aliases:
        return author
    names = ", ".join(literal(name) for name in job.aliases)
    canonical = ", ".join(literal(name) for name in job.aliases.values())
    return f"coalesce(map([{names}], [{canonical}])[{author}], {author})"


def _attrs_sql(job: Ingest) -> str:
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


def _identify(db: Database, job: Ingest) -> None:
    """Make `placed`: for each staged row its event_id, its twin number and its place among rows of the same stamp.

    Identical messages of one stamp are told apart by an ordinal, so each keeps its id when the export around them
    is trimmed. Of rows that a platform numbered twice the last one counts.
    """
    if job.reading.platform_ids:
        db.execute("DELETE FROM staged WHERE pos NOT IN (SELECT max(pos) FROM staged GROUP BY base)")
    event = job.namespace.of_sql("event", f"thread_id || {_SEP} || {_msg_id_sql(job)}")
    db.execute(f"""
        CREATE OR REPLACE TEMP TABLE placed AS
        SELECT pos, twin::INTEGER AS twin, seq::INTEGER AS seq, {event} AS event_id, NULL::VARCHAR AS own_id
        FROM (SELECT pos, thread_id, msg_id, base,
                     row_number() OVER (PARTITION BY base ORDER BY pos) AS twin,
                     row_number() OVER (PARTITION BY thread_id, ts ORDER BY pos) - 1 AS seq
              FROM staged)
    """)


def _msg_id_sql(job: Ingest) -> str:
    """Return SQL for a row's msg_id: the platform's, or 80 bits of its digest and its number among its twins."""
    if job.reading.platform_ids:
        return "msg_id"
    return "concat((base::VARCHAR)[:23], CASE WHEN twin > 1 THEN '-' || (twin - 1) END)"


def _insert(db: Database, job: Ingest, run: Run, where: str = "") -> int:
    """Insert staged rows (all of them, or those of `placed` that satisfy `where`); return how many."""
    rows = db.execute(f"""
        INSERT INTO ir_messages ({", ".join(IR_MESSAGES.names)})
        SELECT event_id, {literal(job.namespace.tenant)}, {literal(job.source)}, thread_id,
               coalesce(own_id, {_msg_id_sql(job)}), ts, seq, author, author_uuid, text, NULL, media_type,
               {_attrs_sql(job)}, NULL, {_now(run)}, '{run.run_id}'
        FROM staged JOIN placed USING (pos) JOIN ({_authors_sql(job)}) USING (author) {where}
    """)
    return int(rows[0][0])


def _authors_sql(job: Ingest) -> str:
    return (
        f"SELECT author, {job.namespace.of_sql('author', 'author')} AS author_uuid "
        "FROM (SELECT DISTINCT author FROM staged)"
    )


def _now(run: Run) -> str:
    return f"TIMESTAMPTZ '{run.started_at}'"


# --- merging with what is stored ----------------------------------------------------------------------------------


def _known_threads(db: Database, job: Ingest, threads: list[UUID]) -> list[UUID]:
    marks = ", ".join("?" * len(threads))
    rows = db.execute(
        f"SELECT DISTINCT thread_id FROM ir_messages WHERE tenant_id = ? AND thread_id IN ({marks})",
        [job.namespace.tenant, *map(str, threads)],
    )
    return [thread for (thread,) in rows]


def _forget_threads(db: Database, job: Ingest, tally: _Tally) -> None:
    marks = ", ".join("?" * len(tally.threads))
    db.execute(
        f"DELETE FROM ir_messages WHERE tenant_id = ? AND source = ? AND thread_id IN ({marks})",
        [job.namespace.tenant, job.source, *map(str, tally.threads)],
    )


def _merge(db: Database, job: Ingest, run: Run, tally: _Tally, known: list[UUID]) -> None:
    """Add what is new, update what was edited, renumber the stamps that this touches."""
    marks = ", ".join(f"'{thread}'" for thread in known)
    db.execute(f"""
        CREATE OR REPLACE TEMP TABLE stored AS
        SELECT event_id, msg_id, thread_id, ts, seq, author_raw AS author, text, attrs, media_type
        FROM ir_messages WHERE tenant_id = {literal(job.namespace.tenant)} AND thread_id IN ({marks})
    """)
    _recognise_edited(db)
    common = db.scalar("SELECT count(*) FROM stored SEMI JOIN placed USING (event_id)")
    if not common and not job.thread_given and not job.reading.platform_ids:
        raise ExportError(
            f"{job.path}: a chat with this title is known, but not one message is in both; if they are the same chat, "
            "say so with --thread TITLE (its title); if not, give this one another title with --thread"
        )
    _adopt_edits(db)
    _report_renames(db, job, tally)
    tally.updated = _update(db, job, run)
    _renumber(db, run)
    tally.added = _insert(db, job, run, "ANTI JOIN stored USING (event_id)")
    db.execute("DROP TABLE stored")


_ONLY_NEW = "(SELECT staged.*, event_id, twin FROM staged JOIN placed USING (pos) ANTI JOIN stored USING (event_id))"
_ONLY_OLD = "(FROM stored ANTI JOIN placed USING (event_id))"


def _recognise_edited(db: Database) -> None:
    """Find messages that were edited before: they read as they are stored, under the id of their first wording."""
    number = "row_number() OVER (PARTITION BY thread_id, ts, author, text ORDER BY"
    db.execute(f"""
        UPDATE placed SET event_id = same.event_id, own_id = same.msg_id
        FROM (
            SELECT new.pos, old.event_id, old.msg_id
            FROM (SELECT pos, thread_id, ts, author, text, {number} pos) AS n FROM {_ONLY_NEW}) AS new
            JOIN (SELECT *, {number} seq) AS n FROM {_ONLY_OLD}) AS old
              ON (new.thread_id, new.ts, new.author, new.n) = (old.thread_id, old.ts, old.author, old.n)
             AND new.text IS NOT DISTINCT FROM old.text
        ) AS same
        WHERE placed.pos = same.pos
    """)


def _adopt_edits(db: Database) -> None:
    """Give a new message the id of the one stored message that it replaces.

    That is: of the same thread, stamp and author, one message is only in the export and one only in the table. Where
    the export begins or ends it may be cut in the middle of a stamp: there, one that is not marked as edited replaces
    nothing that may lie beyond the cut, which is all where equal messages hide the place of the cut.
    """
    db.execute(f"""
        UPDATE placed SET event_id = edit.event_id, own_id = edit.msg_id
        FROM (
            WITH ends AS (SELECT thread_id, min(ts) AS first, max(ts) AS last FROM staged GROUP BY ALL),
            common AS (
                SELECT thread_id, staged.ts, staged.ts = first AS at_start, staged.ts = last AS at_end,
                       min(pos) AS first_pos, max(pos) AS last_pos,
                       min(stored.seq) AS first_seq, max(stored.seq) AS last_seq, max(twin) > 1 AS hidden
                FROM ends JOIN staged USING (thread_id) JOIN placed USING (pos) JOIN stored USING (event_id)
                WHERE staged.ts IN (first, last) GROUP BY ALL
            )
            SELECT any_value(pos) AS pos, any_value(old.event_id) AS event_id, any_value(old.msg_id) AS msg_id
            FROM {_ONLY_NEW} AS new JOIN {_ONLY_OLD} AS old USING (thread_id, ts, author)
            LEFT JOIN common USING (thread_id, ts)
            GROUP BY thread_id, ts, author HAVING count(*) = 1 AND NOT bool_or(
                edited IS NOT TRUE AND kind <> 'deleted' AND coalesce(
                    hidden OR (at_start AND old.seq < first_seq AND pos > first_pos)
                    OR (at_end AND old.seq > last_seq AND pos < last_pos), false))
        ) AS edit
        WHERE placed.pos = edit.pos
    """)


def _update(db: Database, job: Ingest, run: Run) -> int:
    """Rewrite stored messages that the export shows edited, deleted, or with a file that was missing before.

    Where it is the export that lacks the file, what is known of the file stays.
    """
    folded = f"{_folded_sql('attrs')} <> {_folded_sql('old')}" if job.reading.platform_ids else "false"
    rows = db.execute(f"""
        UPDATE ir_messages SET text = fresh.text, attrs = fresh.attrs, media_type = fresh.media_type,
               created_at = {_now(run)}, created_by_run = '{run.run_id}'
        FROM (
            SELECT event_id, text, CASE WHEN lost THEN old_media_type ELSE media_type END AS media_type,
                   CASE WHEN lost THEN json_merge_patch(attrs, json_object('kind', old->>'kind', 'media', old->'media'))
                        ELSE attrs END AS attrs
            FROM (SELECT *, {_attrs_sql(job)} AS attrs,
                         coalesce(media_missing AND (old->>'$.media.missing') = 'false', false) AS lost
                  FROM staged JOIN placed USING (pos) JOIN (
                      SELECT event_id, text AS old_text, attrs AS old, media_type AS old_media_type FROM stored
                  ) USING (event_id))
            WHERE text IS DISTINCT FROM old_text
               OR (NOT lost AND kind IS DISTINCT FROM (old->>'kind'))
               OR (edited AND (old->'edited') IS NULL)
               OR (media_missing IS FALSE AND (old->>'$.media.missing') = 'true')
               OR {folded}
        ) AS fresh
        WHERE ir_messages.event_id = fresh.event_id
    """)
    return int(rows[0][0])


def _folded_sql(attrs: str) -> str:
    """Return SQL for what a platform folds into a message later (reactions, replies), without where it was read."""
    return f"""json_merge_patch({attrs}, '{{"kind":null,"src_file":null,"tz_source":null,"media":null}}')::VARCHAR"""


def _renumber(db: Database, run: Run) -> None:
    """Order the stamps that get new or edited messages, or that the export has in another order.

    Where the export holds all of a stamp, its order is taken; else each new message goes before the stored one that
    follows it in the export. A stored message that moves counts as written by this run, so that stages see it.
    """
    db.execute("""
        CREATE OR REPLACE TEMP TABLE renumbered AS
        WITH fresh AS (
            SELECT event_id, staged.thread_id, staged.ts, pos, stored.seq AS own,
                   stored.event_id IS NULL OR placed.seq <> stored.seq
                       OR staged.text IS DISTINCT FROM stored.text AS changed
            FROM staged JOIN placed USING (pos) LEFT JOIN stored USING (event_id)
        ), touched AS (
            SELECT DISTINCT thread_id, ts FROM fresh WHERE changed
        ), anchored AS (
            SELECT event_id, thread_id, ts, pos, own,
                   count(own) OVER (PARTITION BY thread_id, ts) = coalesce(held, 0) AS whole,
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
    """)
    db.execute("UPDATE placed SET seq = renumbered.seq FROM renumbered WHERE placed.event_id = renumbered.event_id")
    db.execute(f"""
        UPDATE ir_messages SET seq = renumbered.seq, created_at = {_now(run)}, created_by_run = '{run.run_id}'
        FROM renumbered
        WHERE ir_messages.event_id = renumbered.event_id AND ir_messages.seq <> renumbered.seq
    """)
    db.execute("DROP TABLE renumbered")


def _report_renames(db: Database, job: Ingest, tally: _Tally) -> None:
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
    for old, count in rows:
        tally.notices.append(
            f"author {pseudonym(job.namespace.author(old))} seems to have another name in this export ({count:,} "
            "messages are in both); to join them, set [authors] aliases in egregora.toml and ingest again "
            "with --replace"
        )


def pseudonym(uuid: UUID | str) -> str:
    """Return how an author or thread is called outside of `ir_messages`: `p-` and eight hex digits."""
    return f"p-{str(uuid).replace('-', '')[:8]}"


def iter_digest(path: Path) -> Iterator[bytes]:
    """Yield what identifies an export: a file's bytes, or a directory's names, sizes and text files."""
    if path.is_dir():
        for member in sorted(path.rglob("*")):
            if member.is_file():
                yield f"{member.relative_to(path)}\0{member.stat().st_size}\0".encode()
                if member.suffix == ".txt":
                    yield from iter_digest(member)
        return
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            yield chunk
