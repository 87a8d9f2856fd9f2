"""When an export was made, chat by chat: which of two knows more of a chat.

A source may say it. Else it is the time of the chat's last message, since it may be another chat that was written in
last; where that is the same in both, as in a chat that is quiet, the last message of all of the export decides.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from egregora_core.errors import PluginError
from egregora_core.ingestion._job import Ingest
from egregora_core.messages import offsets

if TYPE_CHECKING:
    from egregora_core.storage import Connection


def date(writer: "Connection", job: Ingest) -> None:
    """Make `staging.as_of`: of each chat, when what the export tells of it was true, and when all of it was made."""
    thread, said = "thread_id", _said_sql(job)
    if job.reading.thread is not None:
        thread = f"'{job.namespace.thread(job.source, job.reading.thread)}'::UUID"
    as_of, made = (_at_least(job, f"coalesce({said}, {last})") for last in ("last", "max(last) OVER ()"))
    writer.execute(f"""
        CREATE OR REPLACE TABLE staging.as_of AS
        SELECT thread_id, {as_of} AS as_of, {made} AS made
        FROM (SELECT {thread} AS thread_id, max(ts) AS last FROM staging.common GROUP BY 1)
    """)


def _said_sql(job: Ingest) -> str:
    """Return SQL for when the source says that the export was made: as `ts`, UTC or by the clock of the chat."""
    when = job.reading.as_of
    if when is None:
        return "NULL::TIMESTAMPTZ"
    if not isinstance(when, datetime):
        found = type(when).__name__
        raise PluginError(f"source {job.source!r}: `Reading.as_of` is a {found}, expected a datetime")
    if when.tzinfo or job.zone is None:
        return f"TIMESTAMPTZ '{when.isoformat()}{'' if when.tzinfo else '+00:00'}'"
    return offsets(job.zone, when, when).utc_sql(f"TIMESTAMP '{when.isoformat()}'")


def _at_least(job: Ingest, when: str) -> str:
    return f"greatest({when}, TIMESTAMPTZ '{job.as_of_least}')" if job.as_of_least else when


__all__ = ["date"]
