"""What is recorded of a chat: when and how it was last read, and whether that still holds.

The messages of the table are the record; a run only counts while the messages that it read are still there.
"""

import itertools
from collections.abc import Callable, Mapping
from typing import Any

from egregora_core.ingestion._ingesting import fingerprint_messages
from egregora_core.ingestion._wall_clock import Known
from egregora_core.session import Session
from egregora_core.tracking import Run, RunStore


def facts_of(session: Session, source: str) -> Callable[[str], Mapping[str, Any]]:
    """Return what tells the facts of a chat's last reading, where all that it read is still as it left it."""

    def facts(title: str) -> Mapping[str, Any]:
        last = last_reading(session, source, title)
        runs = session.runs.completed(session.tenant, "ingestion")
        intact = last is not None and not is_gone(last, runs) and is_intact(session, runs[0])
        return last.attrs.get("facts", {}) if last is not None and intact else {}

    return facts


def recorded(session: Session, source: str, title: str | None) -> Known | None:
    """Return zone, date order and first year of the last ingestion of a thread, where the thread still has messages."""
    if title is None:
        return None
    thread = str(session.namespace.thread(source, title))
    if not session.db.scalar(
        "SELECT count(*) FROM ir_messages WHERE tenant_id = ? AND thread_id = ?", [session.tenant, thread]
    ):
        return None
    last = last_reading(session, source, title)
    return _recorded_in(last, thread) if last else None


def recorded_chats(session: Session, source: str) -> dict[str, Known]:
    """Return the same of all chats of a source that have messages, by thread id, the last read first."""
    rows = session.db.execute(
        "SELECT DISTINCT thread_id::VARCHAR FROM ir_messages WHERE tenant_id = ? AND source = ?",
        [session.tenant, source],
    )
    there = {thread for (thread,) in rows}
    known: dict[str, Known] = {}
    for run in session.runs.completed(session.tenant, "ingestion"):
        if run.stage == source:
            for thread in there.intersection(run.attrs.get("thread_ids", ())).difference(known):
                known[thread] = _recorded_in(run, thread)
    return known


def _recorded_in(run: Run, thread: str) -> Known:
    found = {"timezone": zone_in(run, thread), **{key: run.attrs.get(key) for key in ("date_order", "year")}}
    return {key: value for key, value in found.items() if value is not None}


def last_reading(session: Session, source: str, title: str | None) -> Run | None:
    """Return the last completed ingestion of a thread, be it of an export that holds it alone or of several."""
    if title is None:
        return None
    thread = str(session.namespace.thread(source, title))
    runs = session.runs.completed(session.tenant, "ingestion")
    return next((run for run in runs if run.stage == source and thread in run.attrs.get("thread_ids", ())), None)


def zones_of(runs: RunStore, tenant: str) -> dict[str, str | None]:
    """Return for each chat, by thread id, the zone of its wall clock at its last reading; None where it gave UTC."""
    zones: dict[str, str | None] = {}
    for run in runs.completed(tenant, "ingestion"):
        if run.attrs.get("messages"):  # else nothing was read: something was forgotten
            for thread in run.attrs.get("thread_ids", ()):
                zones.setdefault(thread, zone_in(run, thread))
    return zones


def zone_in(run: Run, thread: str) -> str | None:
    """Return the zone that an ingestion read a chat in: most are the same, others are told apart by thread."""
    zone = run.attrs.get("timezones", {}).get(thread, run.attrs.get("timezone"))
    return None if zone is None else str(zone)


def is_gone(last: Run, runs: list[Run]) -> bool:
    """Tell whether a thread that `last` read was replaced or forgotten by a later run (`runs`: newest first)."""
    if last.attrs.get("gone"):
        return True
    touched = set(last.attrs.get("thread_ids", ()))
    later = itertools.takewhile(lambda run: run.run_id != last.run_id, runs)
    return any(run.attrs.get("replaced") and touched & set(run.attrs.get("thread_ids", ())) for run in later)


def is_intact(session: Session, newest: Run) -> bool:
    """Tell whether the messages are as the newest ingestion left them."""
    rows = session.db.scalar("SELECT count(*) FROM ir_messages WHERE tenant_id = ?", [session.tenant])
    if rows != newest.rows_out:
        return False
    return session.trusted or fingerprint_messages(session.db, session.tenant) == newest.output_fingerprint
