"""An export into `ir_messages`: the same messages get the same ids, however often and however much of them is read.

Ingestion accumulates. Batches are staged beside the table, given ids, order and a place among what is stored, checked,
and become visible together. Nothing here depends on a message's position in its file except its reading order.
"""

from dataclasses import replace
from typing import Any
from uuid import UUID

from egregora_core.errors import ExportError, SchemaError
from egregora_core.ingestion._aliases import rename_stored
from egregora_core.ingestion._folding import update_stored
from egregora_core.ingestion._job import Ingest
from egregora_core.ingestion._merging import Merged, known_threads, merge
from egregora_core.ingestion._naming import rename, title_of
from egregora_core.ingestion._replacing import forget_threads
from egregora_core.ingestion._reports import report_of, told_of
from egregora_core.ingestion._seen import spans
from egregora_core.ingestion._staging import Staged, identify, insert, stage, unstage
from egregora_core.ingestion._wall_clock import changes_of_reading, new_chats_notice
from egregora_core.messages import EARLIEST, IR_MESSAGES, PLAUSIBLE_TIME, check_rows
from egregora_core.plugins import Reading, Report
from egregora_core.session import ExportProgress
from egregora_core.storage import Database, combined, fingerprint_relation, literal, measure_relation
from egregora_core.tracking import Outcome, Run


def ingest(db: Database, job: Ingest, run: Run, progress: ExportProgress) -> tuple[Outcome, list[str]]:
    """Add an export's messages to `ir_messages`, inside the caller's transaction; return the outcome and notices."""
    done = store(db, read(db, job, progress), run)
    unstage(db)
    return done


def read(db: Database, job: Ingest, progress: ExportProgress) -> Staged:
    """Read an export beside the tables, in which nothing changes; `unstage` drops what this makes."""
    progress.start("reading the messages")
    staged = stage(db, job, progress)
    return read(db, replace(job, reading=_whole(job)), progress) if staged is None else staged


def store(db: Database, staged: Staged, run: Run) -> tuple[Outcome, list[str]]:
    """Add what was read to `ir_messages`, inside the caller's transaction, which may be begun again."""
    job, rows = staged.job, staged.rows
    if job.native:
        db.memory.grant_long_rows()
    db.memory.grant_looks(rows, staged.bytes_per_row)
    found = db.execute(f"{_THREADS}{_UPDATED if job.native else ''}")
    if incomplete := sum(count for _, count in found):
        raise SchemaError(
            f"source {job.source!r}: {incomplete:,} of {rows:,} messages have no ts or no kind; give both"
        )
    if not rows:
        why = "".join(f" ({each})" for each in told_of(report_of(db, job)))
        raise ExportError(f"{job.path}: no message in it{why}; is it the right file?")
    threads = sorted({thread for thread, _ in found})
    _refuse_other_reading(job, threads)
    anew = [thread for thread in threads if job.replace and str(thread) not in job.replaced]
    if anew:
        forget_threads(db, job, anew)
    changed = update_stored(db, job, run) if job.native else 0
    known = known_threads(db, job, threads)
    if job.reading.thread is not None:
        job = replace(job, title=title_of(db, job, job.reading.thread))
    renamed = changed + rename(db, job, run)
    if known and job.aliases and not job.by_id:
        renamed += rename_stored(db, job, run, known)
    if known:
        identify(db, job)
    done = merge(db, job, run, known) if known else Merged(insert(db, job, run, known=False), 0, [])
    report = report_of(db, job)
    notices = [*_zone_notices(job, threads), *done.notices, *told_of(report), *_repeated(staged.repeated)]
    told = spans(db, job)
    written = f"(SELECT * FROM ir_messages WHERE created_by_run = '{run.run_id}')"
    try:
        check_rows(db.connection, written, IR_MESSAGES, where=f"{job.path}: source {job.source!r}, output")
    except SchemaError:
        _check_times(db, job, written)
        raise
    outcome = _outcome(db, job, rows, threads, replace(done, updated=done.updated + renamed))
    return replace(outcome, attrs={**outcome.attrs, **_reported(report), **told, "replaced": bool(anew)}), notices


def _check_times(db: Database, job: Ingest, written: str) -> None:
    """Refuse an export with a time at which nobody wrote: a date was misread, or a clock was wrong."""
    ((count, first),) = db.execute(f"SELECT count(*), min(ts)::VARCHAR FROM {written} WHERE NOT {PLAUSIBLE_TIME}")
    if count:
        what = "1 message has a time" if count == 1 else f"{count:,} messages have times"
        raise ExportError(
            f"{job.path}: {what} before {EARLIEST} or in the future, such as {first}; nothing of it is kept: correct "
            "the date in the file or take the message out, or is the order of day and month another (--date-order)?"
        )


def _repeated(count: int) -> list[str]:
    if not count:
        return []
    messages, have = ("message", "has") if count == 1 else ("messages", "have")
    return [f"{count:,} {messages} {have} an id that a later one of the chat has, too: of each the last was kept"]


def _reported(report: Report) -> dict[str, Any]:
    """Return what a source says of its reading, under keys of its own: the others are the host's."""
    said = {"facts": dict(report.facts), "left_out": dict(report.left_out)}
    return {key: value for key, value in said.items() if value}


_THREADS = "SELECT thread_id, count(*) FILTER (ts IS NULL OR kind IS NULL) FROM staged GROUP BY 1"
_UPDATED = " UNION SELECT thread_id, 0 FROM ir_messages SEMI JOIN staging.pending USING (event_id)"


def _whole(job: Ingest) -> Reading:
    """Read all of an export, in the date order in which it is recorded to be read."""
    reading = job.whole()
    if reading.facts.get("date_order") != job.reading.facts.get("date_order"):
        raise ExportError(
            f"{job.path}: its dates are written in more than one order; say with --date-order which holds"
        )
    return reading


def _refuse_other_reading(job: Ingest, threads: list[UUID]) -> None:
    """Raise ExportError where chats of an export of several would be read otherwise than they are recorded."""
    if job.replace:
        return
    known = [job.known[str(thread)] for thread in threads if str(thread) in job.known]
    zone = job.zone if job.zone_from == "option" else None
    if changes := changes_of_reading(known, zone, job.reading.facts.get("date_order")):
        raise ExportError(f"{job.path}: of its {len(threads):,} chats, {len(changes):,} would change: {changes[0]}")


def _zone_notices(job: Ingest, threads: list[UUID]) -> list[str]:
    """Say in which zone the new chats of an export are read, where it was not said before."""
    new = sum(str(thread) not in job.known for thread in threads)
    if not (new and job.known and job.zone and job.zone_from and job.zone_from != "option"):
        return []
    return [new_chats_notice(job.zone, job.zone_from, new)]


def _zones_of(job: Ingest, threads: list[UUID]) -> dict[str, Any]:
    """Return the zones of the threads for the record: one for all, and those that differ."""
    if job.zones is None:
        return {}
    others = {str(thread): zone for thread in threads if (zone := job.zones.others.get(str(thread)))}
    return {"timezone": job.zone, **({"timezones": others} if others else {})}


def messages_of(tenant: str) -> str:
    """Return the tenant's messages as a parenthesised SELECT."""
    return f"(SELECT * FROM ir_messages WHERE tenant_id = {literal(tenant)})"


def fingerprint_messages(db: Database, tenant: str) -> str:
    """Return the fingerprint of all messages of a tenant."""
    return fingerprint_relation(db.connection, messages_of(tenant))


def _outcome(db: Database, job: Ingest, rows: int, threads: list[UUID], done: Merged) -> Outcome:
    all_there_is = measure_relation(db.connection, messages_of(job.namespace.tenant))
    attrs = {
        "thread_ids": [str(thread) for thread in threads],
        "messages": rows,
        "added": done.added,
        "updated": done.updated,
        **({"continued": True} if job.reading.continued else {}),
        **_zones_of(job, threads),
    }
    return Outcome(
        rows_in=rows,
        rows_out=all_there_is.rows,
        output_fingerprint=combined([all_there_is]),
        attrs=attrs,
    )


__all__ = ["fingerprint_messages", "ingest", "messages_of", "read", "store"]
