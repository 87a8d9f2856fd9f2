"""In SQL: units of writing, which are one thread cut into windows, or all that one author wrote.

Every message has a coordinate that never falls in reading order: its position, its local day or hour, or the
bytes before it. Window `k` covers the coordinates from `k * step` up to `k * step + size`, where `step = size
- overlap`; its own messages are those from `k * step + overlap` on, and what comes before is context. A
window exists where it has messages of its own, so a thread that grows leaves every full window as it was: its
key, bounds and fingerprint.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from egregora_core.messages import IR_MESSAGES, ChatZones
from egregora_core.storage import PROVENANCE, Column, literal

UNIT_COLUMNS = (
    "unit_key",
    "thread_id",
    "author_uuid",
    "window_start",
    "window_end",
    "first_seq",
    "last_seq",
    "first_position",
    "last_position",
    "messages",
    "bytes",
    "unit_fingerprint",
    "timezone",
)
"""What both queries return. Positions count from 0 in the thread's reading order, and are null for authors.
"""

if TYPE_CHECKING:
    from egregora_core.settings import WindowBy, WindowSettings

_MONDAY = "1970-01-05"
"""Day 0 of the calendar that days and hours are counted in."""


@dataclass(frozen=True)
class Chats:
    """Where a tenant's messages stand, and in which zones they are told."""

    table: str
    """A name of ours."""
    tenant: str
    zones: ChatZones


def windows_sql(chats: Chats, windows: "WindowSettings") -> str:
    """Return the query for all windows of a tenant, ordered by thread and position; see `UNIT_COLUMNS`.

    `window_start` and `window_end` are the first and last `ts` in it. A window by bytes takes the messages
    that begin in it, so it may be longer than `size` by less than its last message.
    """
    by, overlap, zones = windows.by, windows.overlap, chats.zones
    step = windows.size - overlap
    own = f"floor((coordinate - {overlap}) / {step})::BIGINT"
    if by in {"messages", "bytes"}:
        own = f"greatest(0, {own})"
    return f"""
WITH messages AS (
    SELECT thread_id, ts, seq, {_BYTES} AS bytes, {_DIGEST} AS digest
    FROM {chats.table} WHERE tenant_id = {literal(chats.tenant)}
),
ordered AS (
    SELECT *, row_number() OVER reading - 1 AS position, {_coordinate(by, zones)} AS coordinate
    FROM messages WINDOW reading AS (PARTITION BY thread_id ORDER BY ts, seq ROWS UNBOUNDED PRECEDING)
),
{_members(own, step, overlap=overlap > 0)}
SELECT thread_id || '/{by}/' || {_start_label(by, step)} AS unit_key,
    thread_id, NULL::UUID AS author_uuid, min(ts) AS window_start, max(ts) AS window_end,
    arg_min(seq, position) AS first_seq, arg_max(seq, position) AS last_seq,
    min(position) AS first_position, max(position) AS last_position,
    {_AGGREGATES}, {zones.sql()} AS timezone
FROM members GROUP BY thread_id, k ORDER BY thread_id, first_position
"""  # the table's name is ours; the tenant and the zones are quoted


def authors_sql(chats: Chats) -> str:
    """Return the query for all authors of a tenant, ordered by id: the same columns as of windows.

    What the platform itself wrote has no author. `thread_id` is the thread of those who wrote in one alone.
    Who wrote in chats of several zones has the one in which most of their messages are, of equals the first by name.
    """
    return f"""
SELECT author_uuid::VARCHAR AS unit_key,
    CASE WHEN min(thread_id) = max(thread_id) THEN min(thread_id) END AS thread_id, author_uuid,
    min(ts) AS window_start, max(ts) AS window_end, NULL::INTEGER AS first_seq,
    NULL::INTEGER AS last_seq, NULL::BIGINT AS first_position,
    NULL::BIGINT AS last_position, {_AGGREGATES}, {_most_common_zone(chats.zones)} AS timezone
FROM (
    SELECT author_uuid, thread_id, ts, {_BYTES} AS bytes, {_DIGEST} AS digest
    FROM {chats.table} WHERE tenant_id = {literal(chats.tenant)} AND author_raw <> ''
)
GROUP BY author_uuid ORDER BY author_uuid
"""  # the table's name is ours; the tenant and the zones are quoted


def _most_common_zone(zones: ChatZones) -> str:
    """Return SQL for the zone that most rows of a group have, over the group's threads."""
    if not zones.others:
        return zones.sql()
    counts = f"map_entries(histogram({zones.sql()}))"
    return f"list_sort(list_transform({counts}, lambda one: {{'n': -one.value, 'zone': one.key}}))[1].zone"


def _coordinate(by: "WindowBy", zones: ChatZones) -> str:
    """Return SQL for a message's place on the axis that windows are cut on, within `WINDOW reading`.

    The running maximum matters at a clock change: a day or an hour that has begun is not gone back to.
    """
    local = zones.local_sql("ts")
    return {
        "messages": "row_number() OVER reading - 1",
        "bytes": "(sum(bytes) OVER reading - bytes)::BIGINT",
        "days": f"max(date_diff('day', DATE '{_MONDAY}', {local}::DATE)) OVER reading",
        "hours": f"max(date_diff('hour', TIMESTAMP '{_MONDAY}', {local})) OVER reading",
    }[by]


def _start_label(by: "WindowBy", step: int) -> str:
    start = f"k * {step}"
    return {
        "messages": f"({start})::VARCHAR",
        "bytes": f"({start})::VARCHAR",
        "days": f"strftime(DATE '{_MONDAY}' + ({start})::INTEGER, '%Y-%m-%d')",
        "hours": f"strftime(TIMESTAMP '{_MONDAY}' + to_hours({start}), '%Y-%m-%dT%H')",
    }[by]


def _members(own: str, step: int, *, overlap: bool) -> str:
    """Return the CTE `members`: every message with each window `k` that holds it."""
    if not overlap:
        return f"members AS (SELECT *, {own} AS k FROM ordered)"  # numbers and names of ours
    last = f"floor(coordinate / {step})::BIGINT"
    ctes = (
        f"placed AS (SELECT *, {own} AS own FROM ordered)",  # as above
        "windows AS (SELECT DISTINCT thread_id, own AS k FROM placed)",
        f"candidates AS (SELECT *, unnest(range(own, {last} + 1)) AS k FROM placed)",  # as above
        "members AS (SELECT candidates.* FROM candidates SEMI JOIN windows USING (thread_id, k))",
    )
    return ",\n".join(ctes)


def _canonical(column: Column) -> str:
    """Return a column as text such that no two rows read alike when joined: strings carry their length."""
    if column.type == "!timestamp('UTC', 6)":
        return f"epoch_us({column.name})"
    text = f"{column.name}::VARCHAR"
    if column.type.removeprefix("!") in {"string", "json"}:
        text = f"strlen({text}) || ':' || {text}"
    return f"coalesce({text}, '-')" if column.nullable else text


_IMPLIED = ("tenant_id", "source", "thread_id", "msg_id")
"""`event_id` is made of these, so they cost time and add nothing."""

_CONTENT = [column for column in IR_MESSAGES.columns if column.name not in (*PROVENANCE, *_IMPLIED)]
_DIGEST = f"md5_number_lower(concat_ws(' ', {', '.join(map(_canonical, _CONTENT))}))"
_BYTES = "coalesce(strlen(text), 0)"
_AGGREGATES = """count(*) AS messages, sum(bytes)::BIGINT AS bytes,
    md5(count(*) || ':' || sum(digest)) AS unit_fingerprint"""
