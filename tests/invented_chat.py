"""An invented chat after privacy, as a publisher gets it: people with habits, and everything that a page can show."""

import json
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5
from zoneinfo import ZoneInfo

import duckdb
import ibis

Row = dict[str, Any]
ZONE = "Europe/Lisbon"
COLUMNS = {
    "event_id": "UUID", "tenant_id": "VARCHAR", "source": "VARCHAR", "thread_id": "UUID", "msg_id": "VARCHAR",
    "ts": "TIMESTAMPTZ", "seq": "INTEGER", "author_raw": "VARCHAR", "author_uuid": "UUID", "text": "VARCHAR",
    "media_url": "VARCHAR", "media_type": "VARCHAR", "attrs": "JSON", "pii_flags": "JSON", "created_at": "TIMESTAMPTZ",
    "created_by_run": "UUID", "timezone": "VARCHAR", "local_ts": "TIMESTAMP",
}  # fmt: skip

PEOPLE = {
    "Amber Heron": ("orchard ladder pruning apples graft", "🍎🌳", 9.0),
    "Blue Tern": ("ferry tide harbour timetable delayed", "⛴️😅", 6.0),
    "Coral Finch": ("piano rehearsal score encore tuning", "🎹🎶", 4.0),
    "Dusky Owl": ("telescope nebula clouds eclipse saturn", "🔭✨", 2.0),
    "Elm Sparrow": ("dough oven rye starter crumb", "🍞🔥", 1.0),
}
_FRAMES = (
    "I think the {} is fine now", "did anybody see the {}?", "not again, the {}", "we could bring the {} on Saturday",
    "haha {}", "the {} and the {}, of course", "yes", "no idea", "see you at eight", "who has time for the {} tomorrow?",
    "good morning", "that {} was better than the last {}", "I will call you later", "what about the {}?", "thank you so much",
    "read this: https://example.org/{}", "https://weather.example.com/{} looks good", "ok", "never mind the {}",
)  # fmt: skip


def identity(name: str) -> UUID:
    return uuid5(NAMESPACE_URL, name)


def message(number: int, when: datetime, author: str, text: str | None, **more: Any) -> Row:
    """One message. `when` is UTC; `kind` and whatever else goes into `attrs`; columns by their names."""
    columns = {key: more.pop(key) for key in list(more) if key in COLUMNS}
    thread = columns.pop("thread_id", None) or identity("garden")
    attrs = {"kind": "text" if author else "system", "thread": "Quiet Meadow", "tz_source": ZONE, **more}
    return {
        "event_id": identity(f"{thread} {number}"), "tenant_id": "default", "source": "whatsapp", "thread_id": thread,
        "msg_id": str(number), "ts": when, "seq": 0, "author_raw": author,
        "author_uuid": identity(author or "system"), "text": text, "media_url": None, "media_type": None,
        "attrs": json.dumps(attrs, default=str), "pii_flags": None, "created_at": when, "created_by_run": None,
        "timezone": ZONE, "local_ts": when.astimezone(ZoneInfo(ZONE)).replace(tzinfo=None), **columns,
    }  # fmt: skip


def habits(days: int = 420, seed: int = 7, thread: UUID | None = None, title: str = "Quiet Meadow") -> list[Row]:
    """Return some thousand messages of people who talk about what they love, in the evening and on weekends."""
    chance = random.Random(seed)
    names, start = list(PEOPLE), datetime(2023, 2, 3, tzinfo=UTC)
    rows: list[Row] = []
    more: Mapping[str, Any] = {"thread_id": thread or identity("garden"), "thread": title}
    for day in range(days):
        at = start + timedelta(days=day)
        if 150 < day < 163:
            continue  # everybody is on holiday
        talks = chance.choices((0, 1, 2, 3), (3, 4, 2, 1 + 3 * (at.weekday() > 4)))[0]
        for _ in range(talks):
            when = at + timedelta(hours=min(23, max(6, chance.gauss(19 if at.weekday() < 5 else 14, 3))))
            for _ in range(chance.randint(2, 9)):
                author = chance.choices(
                    names, [PEOPLE[name][2] * (0.3 if day < 80 and name == "Dusky Owl" else 1) for name in names]
                )[0]
                rows.append(_said(chance, len(rows), when, author, rows, more))
                when += timedelta(seconds=chance.expovariate(1 / 240))
    return rows


def _said(
    chance: random.Random, number: int, when: datetime, author: str, before: Sequence[Row], more: Mapping[str, Any]
) -> Row:
    loved, pictures, _ = PEOPLE[author]
    frame = chance.choice(_FRAMES)
    text = frame.replace("{}", "%s") % tuple(chance.choice(loved.split()) for _ in range(frame.count("{}")))
    if chance.random() < 0.18:
        text += " " + chance.choice([pictures[:1], pictures[-1:], "😂", "❤️", "👍"])
    given = dict(more)
    if before and chance.random() < 0.12:
        given["reply_to"] = before[-chance.randint(1, min(9, len(before)))]["event_id"]
    if chance.random() < 0.08:
        others = [name for name in PEOPLE if name != author]
        given["reactions"] = [{"emoji": chance.choice("👍😂🎉"), "author": name} for name in chance.sample(others, 2)]
    if chance.random() < 0.03:
        given["edited"] = True
    kind = chance.random()
    if kind < 0.05:
        return message(
            number,
            when,
            author,
            None,
            kind="media",
            media_type=chance.choice(("image/jpeg", "video/mp4", "audio/ogg")),
            media={"missing": True},
            **given,
        )
    if kind < 0.06:
        return message(number, when, author, None, kind="deleted", **given)
    if kind < 0.064:
        return message(
            number,
            when,
            author,
            "When do we meet?\nOPTION: Friday (2 votes)\nOPTION: Saturday (3 votes)\nOPTION: never (0 votes)",
            kind="poll",
            **given,
        )
    if kind < 0.068:
        return message(number, when, author, "", kind="call", **given)
    return message(number, when, author, text, **given)


def table_of(rows: Iterable[Row]) -> Any:
    """Return rows as what a publisher gets: an ibis table, in a database of its own."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    connection.execute(f"CREATE TABLE invented ({columns})")
    listed = [tuple(row[name] for name in COLUMNS) for row in rows]
    for part in _parts(listed):
        marks = ", ".join(f"({', '.join('?' * len(COLUMNS))})" for _ in part)
        connection.execute(f"INSERT INTO invented VALUES {marks}", [value for row in part for value in row])
    return ibis.duckdb.from_connection(connection).table("invented")


def _parts(rows: Sequence[Any], size: int = 200) -> Iterator[Sequence[Any]]:
    return (rows[at : at + size] for at in range(0, len(rows), size))
