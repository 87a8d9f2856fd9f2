"""Documents in publishing order, a few of them in memory at a time.

Each may be as long as its window, and an engine hands out thousands of rows at once: so their order is asked for first,
and then some by their ids.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

from egregora_core.interrupts import interruptible
from egregora_core.messages import DOCUMENTS
from egregora_core.pipeline._step_output import Relation, output_of
from egregora_core.session import Progress, Session
from egregora_core.storage import lacks_memory

_CHARACTERS = 2_000_000
"""About so much is read at once."""
_FIRST, _MOST = 20, 200
"""So many documents at first, and then as many as those before let expect."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def document_rows(session: Session, documents: Relation) -> Iterator[dict[str, Any]]:
    """Yield documents by kind, chat, time and slug: ids and `attrs` as text, moments in UTC."""
    source, apart = output_of(documents.table, session.tenant), False
    with closing(session.db.cursor()) as cursor, interruptible(cursor):
        ids = "document_id::VARCHAR, thread_id::VARCHAR"
        listed = cursor.execute(f"SELECT {ids} FROM {source} ORDER BY kind, thread_id, window_start, slug").fetchall()
        done, count = 0, _FIRST
        while some := listed[done : done + count]:
            # Of several the engine reads what is stored beside them, too, be it far longer. One is found by the table's
            # key, if nothing else is asked of it; a lake has none.
            alone = not session.db.is_lake and (apart or count <= _FIRST)
            try:
                if alone:
                    rows = _read(cursor, documents.table, [f"document_id = '{id_}'" for id_, _ in some])
                else:
                    rows = _read(cursor, source, [_named(some)])
            except Exception as error:
                if alone or not lacks_memory(error):
                    raise
                apart = True
                continue
            for id_, _ in some:
                session.progress(Progress("publication", "writing the pages", done, documents.rows))
                yield rows[id_]
                done += 1
            characters = sum(len(row["body"]) for row in rows.values())
            count = max(1, min(_MOST, _CHARACTERS * len(some) // max(1, characters)))


def _read(cursor: Any, source: str, conditions: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return documents by their ids: those of which a condition is true, with a query each."""
    # Without Arrow, whose import takes a driver's memory by half as much again, and without the engine's moments, which
    # ask for pytz.
    moments = [column.name for column in DOCUMENTS.columns if column.duckdb_type == "TIMESTAMPTZ"]
    others = ("attrs", "document_id", "thread_id", "created_by_run")
    replaced = ", ".join(
        [f"{name}::VARCHAR AS {name}" for name in others] + [f"epoch_us({name}) AS {name}" for name in moments]
    )
    found = dict[str, dict[str, Any]]()
    for condition in conditions:
        cursor.execute(f"SELECT * REPLACE ({replaced}) FROM {source} WHERE {condition}")
        names = [name for name, *_ in cursor.description or ()]
        for values in cursor.fetchall():
            row = dict(zip(names, values, strict=True))
            found[row["document_id"]] = row | {name: _moment(row[name]) for name in moments}
    return found


def _named(group: Sequence[tuple[str, str | None]]) -> str:
    """Return SQL that is true of some documents, given by ids and chats."""
    # Not as a list: that becomes a join, which reads all documents. By its chats the engine knows files to leave alone.
    where = " OR ".join(f"document_id = '{id_}'" for id_, _ in group)
    threads = [thread for _, thread in group if thread is not None]
    if len(threads) == len(group):
        return f"thread_id BETWEEN '{min(threads)}' AND '{max(threads)}' AND ({where})"
    return where


def _moment(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else _EPOCH + timedelta(microseconds=microseconds)


__all__ = ["document_rows"]
