"""In SQL: a staged row's ids, its author's name and its attributes, as expressions over the columns that it has.

The same expressions give new rows their ids and stored ones new ids: what they say is who a message is.
"""

import json
from collections.abc import Mapping

from egregora_core.ingestion._folding import iso_sql
from egregora_core.ingestion._job import SEP, Ingest
from egregora_core.storage import literal


def event_id_sql(job: Ingest) -> str:
    """Return SQL for a row's event_id, over thread_id and msg_id, or ts, author, text and ordinal.

    A source that numbers its messages is keyed by its number, any other by what the message says, and by its number
    among those that are equal.
    """
    thread = thread_text(job)
    nth = f"CASE WHEN ordinal > 1 THEN {SEP} || ordinal END"
    said = f"concat({thread}, {SEP}, epoch_us(ts), {SEP}, author, {SEP}, text, {nth})"
    derived = job.namespace.of_sql("event", said)
    if not job.native:
        return derived
    given = job.namespace.of_sql("event", f"{thread} || {SEP} || msg_id")
    return f"CASE WHEN msg_id IS NULL THEN {derived} ELSE {given} END"


def msg_id_sql(job: Ingest) -> str:
    """Return SQL for a row's msg_id, over event_id and msg_id: the platform's, or the beginning of its event_id."""
    return "coalesce(msg_id, (event_id::VARCHAR)[:23])" if job.native else "(event_id::VARCHAR)[:23]"


def thread_text(job: Ingest) -> str:
    """Return SQL for the text of a row's thread_id."""
    if job.reading.thread is None:
        return "thread_id"
    return literal(str(job.namespace.thread(job.source, job.reading.thread)))


def canonical_sql(aliases: Mapping[str, str], author: str) -> str:
    """Return SQL for the name under which an author is stored."""
    if not aliases:
        return author
    names = ", ".join(literal(name) for name in aliases)
    canonical = ", ".join(literal(name) for name in aliases.values())
    return f"coalesce(map([{names}], [{canonical}])[{author}], {author})"


def attrs_sql(job: Ingest) -> str:
    """Return SQL for the JSON text of `attrs`; a plain text message takes the cheap way."""
    title = "to_json(title)::VARCHAR"
    if job.reading.thread is not None:
        title = literal(_json(job.reading.thread if job.title is None else job.title))
    file = literal(f',"src_file":{_json(job.path.name)},"tz_source":"')
    start = f"""',"thread":' || {title} || {file} || {job.zones.sql() if job.zones else "'UTC'"}"""
    tail = f"""{start} || coalesce(' (' || zone_note || ')', '') || '"}}'"""
    media = "json_object('name', media_name, 'size', media_size, 'missing', media_missing)::VARCHAR"
    return f"""
        CASE WHEN plain THEN ('{{"kind":"text"' || {start} || '"}}')::JSON
        ELSE concat('{{"kind":"', kind, '"',
            CASE WHEN event IS NOT NULL THEN ',"event":"' || event || '"' END,
            CASE WHEN change IS NOT NULL THEN ',"update":"' || change || '"' END,
            CASE WHEN edited THEN ',"edited":true' END,
            CASE WHEN edited_at IS NOT NULL THEN ',"edited_at":"' || {iso_sql("edited_at")} || '"' END,
            CASE WHEN reply_to IS NOT NULL THEN ',"reply_to":"' || reply_to || '"' END,
            CASE WHEN thread_root IS NOT NULL THEN ',"thread_root":"' || thread_root || '"' END,
            CASE WHEN forwarded_from IS NOT NULL THEN ',"forwarded_from":' || to_json(forwarded_from)::VARCHAR END,
            CASE WHEN media_name IS NOT NULL OR media_missing IS NOT NULL THEN ',"media":' || {media} END,
            CASE WHEN more_media IS NOT NULL THEN ',"more_media":' || more_media END,
            CASE WHEN len(mentions) > 0 THEN ',"mentions":' || to_json(mentions)::VARCHAR END,
            CASE WHEN reactions IS NOT NULL THEN ',"reactions":' || to_json(reactions)::VARCHAR END,
            CASE WHEN data IS NOT NULL THEN ',"data":' || data END,
            {tail})::JSON END"""


def _json(value: str | None) -> str:
    """Return JSON; a file name that is not valid UTF-8 has surrogates in it, which the engine would refuse."""
    return json.dumps(value, ensure_ascii=False).encode(errors="replace").decode()
