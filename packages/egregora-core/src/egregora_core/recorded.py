"""What is recorded of a chat: when and how it was last read, and whether that still holds.

The messages of the table are the record; a run only counts while the messages that it read are still there.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from egregora_core.ingestion import fingerprint_messages
from egregora_core.runs import Run
from egregora_core.session import Session
from egregora_core.specs import Before
from egregora_core.sql import literal

if TYPE_CHECKING:
    from egregora_core.settings import LoadedSettings

Lookup = Callable[[str], Before | None]
"""By a chat's title."""


def before_of(session: Session, settings: "LoadedSettings", source: str) -> Lookup:
    """Return what tells a source of a chat's last reading, where all that it read is still as it left it."""

    def before(title: str) -> Before | None:
        last = last_reading(session, source, title)
        runs = session.db.runs.completed(session.tenant, "ingestion")
        if last is None or is_gone(last, runs) or not is_intact(session, runs[0]):
            return None
        mine = (
            f"FROM ir_messages WHERE tenant_id = {literal(session.tenant)} "
            f"AND thread_id = '{session.namespace.thread(source, title)}'"
        )
        names = [name for (name,) in session.db.execute(f"SELECT DISTINCT author_raw {mine}")]
        others = itertools.chain.from_iterable(settings.authors.aliases.values())

        def texts_of(author: str) -> Iterator[str | None]:
            yield from (text for (text,) in session.db.execute(f"SELECT text {mine} AND author_raw = ?", [author]))

        def missing_media() -> set[str]:
            named = f"SELECT DISTINCT attrs->>'$.media.name' {mine} AND contains(attrs::VARCHAR, '\"missing\":true')"
            return {name for (name,) in session.db.execute(named) if name is not None}

        return Before(last.attrs, frozenset({*names, *others}) - {""}, texts_of, missing_media)

    return before


def recorded(session: Session, source: str, title: str | None) -> Mapping[str, Any] | None:
    """Return zone and date order of the last ingestion of a thread, where the thread still has messages."""
    if title is None:
        return None
    thread = session.namespace.thread(source, title)
    if not session.db.scalar(
        "SELECT count(*) FROM ir_messages WHERE tenant_id = ? AND thread_id = ?", [session.tenant, str(thread)]
    ):
        return None
    last = last_reading(session, source, title)
    return last.attrs if last else None


def last_reading(session: Session, source: str, title: str | None) -> Run | None:
    """Return the last completed ingestion of a thread."""
    thread = str(session.namespace.thread(source, title)) if title is not None else None
    runs = session.db.runs.completed(session.tenant, "ingestion")
    return next((run for run in runs if run.stage == source and run.attrs.get("thread_id") == thread), None)


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
