"""Windows and author units: how threads are cut, and what a fingerprint sees."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid5

import duckdb
import pytest
from egregora_core.generation import Chats
from egregora_core.generation._windows import UNIT_COLUMNS, authors_sql, windows_sql
from egregora_core.messages import IR_MESSAGES, ChatZones
from egregora_core.settings import WindowBy, WindowSettings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

ROOT = UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
START = datetime(2024, 3, 11, 12, 0, tzinfo=UTC)
BYS: tuple[WindowBy, ...] = ("messages", "hours", "days", "bytes")


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(config={"autoload_known_extensions": "false"})
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(IR_MESSAGES.ddl("stage_privacy"))
    yield connection
    connection.close()


def row(  # one part of a message each
    name: str, ts: datetime, *, thread: str = "a", seq: int = 0, author: str = "ana", text: str = "hi"
) -> tuple[Any, ...]:
    author_raw = f"p-{author}" if author else ""
    ids = [str(uuid5(ROOT, part)) for part in (name, f"thread {thread}", f"author {author}")]
    attrs = '{"kind":"text"}'
    return (
        ids[0],
        "default",
        "test",
        ids[1],
        name,
        ts,
        seq,
        author_raw,
        ids[2],
        text,
        None,
        None,
        attrs,
        None,
        ts,
        None,
    )


def insert(con: duckdb.DuckDBPyConnection, rows: list[tuple[Any, ...]]) -> None:
    con.executemany(f"INSERT INTO stage_privacy VALUES ({', '.join('?' * 16)})", rows)


def units(con: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = con.execute(query).to_arrow_table().to_pylist()
    return rows


def chats(zones: ChatZones, tenant: str = "default") -> Chats:
    return Chats("stage_privacy", tenant, zones)


def windows(
    con: duckdb.DuckDBPyConnection, by: WindowBy, size: int, overlap: int = 0, zone: str = "UTC"
) -> list[dict[str, Any]]:
    return units(con, windows_sql(chats(ChatZones(zone)), WindowSettings(by=by, size=size, overlap=overlap)))


def test_messages_are_cut_in_reading_order(con: duckdb.DuckDBPyConnection) -> None:
    """Equal stamps are ordered by seq; each thread is cut by itself; the last window holds the rest."""
    insert(con, [row(f"m{n}", START + timedelta(minutes=n // 3), seq=n % 3) for n in range(8)])
    insert(con, [row("other", START, thread="b")])

    found = windows(con, "messages", 3)

    assert tuple(found[0]) == UNIT_COLUMNS
    sizes = sorted([(one["first_position"], one["last_position"], one["messages"]) for one in found])
    assert sizes == [(0, 0, 1), (0, 2, 3), (3, 5, 3), (6, 7, 2)]


def test_days_are_those_of_the_reader(con: duckdb.DuckDBPyConnection) -> None:
    """A message late in the evening belongs to that day, whatever UTC says; weeks begin on Monday."""
    insert(
        con,
        [
            row("late", datetime(2024, 3, 12, 2, 30, tzinfo=UTC)),
            row("noon", datetime(2024, 3, 12, 15, tzinfo=UTC)),
        ],
    )

    assert [key["unit_key"].split("/")[-1] for key in windows(con, "days", 1, zone="America/Sao_Paulo")] == [
        "2024-03-11",
        "2024-03-12",
    ]
    assert [key["unit_key"].split("/")[-1] for key in windows(con, "days", 7)] == ["2024-03-11"]


def test_a_day_that_has_begun_is_not_gone_back_to(con: duckdb.DuckDBPyConnection) -> None:
    """St John's set its clocks back at 00:01: a minute of the new day, then the old one again."""
    change = datetime(2010, 11, 7, 2, 31, tzinfo=UTC)
    insert(con, [row(f"m{n}", change + timedelta(seconds=30 * (n - 2))) for n in range(5)])

    found = windows(con, "days", 1, zone="America/St_Johns")

    assert sum(one["messages"] for one in found) == 5
    for before, after in pairwise(found):
        assert after["first_position"] == before["last_position"] + 1


def test_bytes_count_what_is_stored(con: duckdb.DuckDBPyConnection) -> None:
    """A message belongs to the window that it begins in; characters count as their UTF-8 bytes."""
    insert(con, [row(f"m{n}", START + timedelta(minutes=n), text="é" * 300) for n in range(4)])

    assert [(one["messages"], one["bytes"]) for one in windows(con, "bytes", 1000)] == [(2, 1200), (2, 1200)]


@given(
    gaps=st.lists(st.integers(0, 40_000), min_size=1, max_size=40),
    by=st.sampled_from(BYS),
    size=st.integers(1, 9),
    overlap=st.integers(0, 8),
    zone=st.sampled_from(["UTC", "America/Sao_Paulo", "Australia/Lord_Howe"]),
    grown=st.integers(0, 40),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_thread_that_grows_leaves_full_windows_alone(  # what the rule is about
    con: duckdb.DuckDBPyConnection,
    gaps: list[int],
    by: WindowBy,
    size: int,
    overlap: int,
    zone: str,
    grown: int,
) -> None:
    """Every message is in a window; appending changes no window but the last, and adds new ones."""
    size, overlap = (1000 * size + 1000 * overlap, 1000 * overlap) if by == "bytes" else (size + overlap, overlap)
    stamps = [START + timedelta(seconds=sum(gaps[: n + 1])) for n in range(len(gaps))]
    rows = [row(f"m{n}", ts, seq=stamps[:n].count(ts), text="x" * (n * 97 % 700)) for n, ts in enumerate(stamps)]
    con.execute("DELETE FROM stage_privacy")
    insert(con, rows[: max(1, len(rows) - grown)])
    before = windows(con, by, size, overlap, zone)
    con.execute("DELETE FROM stage_privacy")
    insert(con, rows)
    after = windows(con, by, size, overlap, zone)

    covered = [position for one in after for position in range(one["first_position"], one["last_position"] + 1)]
    assert set(covered) == set(range(len(rows)))
    assert sum(one["messages"] for one in after) == len(covered)
    assert len({one["unit_key"] for one in after}) == len(after)
    last_before = max(one["last_position"] for one in before)
    stable = [one for one in before if one["last_position"] < last_before]
    kept = {one["unit_key"]: one["unit_fingerprint"] for one in after}
    assert all(kept[one["unit_key"]] == one["unit_fingerprint"] for one in stable)


@pytest.mark.parametrize("change", ["text = 'Hi'", "text = NULL", "seq = 9", "attrs = '{}'", "media_type = 'a/b'"])
def test_an_edit_changes_exactly_its_window(con: duckdb.DuckDBPyConnection, change: str) -> None:
    """Any content column counts; who wrote a row, and when, does not; nor does the rows' order on disk."""
    insert(con, [row(f"m{n}", START + timedelta(minutes=n)) for n in range(6)])
    before = [one["unit_fingerprint"] for one in windows(con, "messages", 2)]

    con.execute("UPDATE stage_privacy SET created_at = now(), created_by_run = uuid()")
    con.execute("CREATE OR REPLACE TABLE stage_privacy AS SELECT * FROM stage_privacy ORDER BY ts DESC")
    assert [one["unit_fingerprint"] for one in windows(con, "messages", 2)] == before

    con.execute(f"UPDATE stage_privacy SET {change} WHERE msg_id = 'm2'")
    after = [one["unit_fingerprint"] for one in windows(con, "messages", 2)]
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, False, True]


def test_a_null_is_not_the_text_that_stands_for_it(con: duckdb.DuckDBPyConnection) -> None:
    insert(con, [row("m", START, text="-")])
    before = windows(con, "messages", 1)[0]["unit_fingerprint"]
    con.execute("UPDATE stage_privacy SET text = NULL")
    assert windows(con, "messages", 1)[0]["unit_fingerprint"] != before


def test_authors_are_people(con: duckdb.DuckDBPyConnection) -> None:
    """The platform is no author; the thread is named where there is one only."""
    insert(
        con,
        [
            row("1", START),
            row("2", START, thread="b"),
            row("3", START, author="bob"),
            row("4", START, author=""),
        ],
    )

    found = {one["unit_key"]: one for one in units(con, authors_sql(chats(ChatZones("UTC"))))}

    threads: dict[str, Any] = defaultdict(str)
    threads |= {key: one["thread_id"] for key, one in found.items()}
    assert {one["messages"] for one in found.values()} == {1, 2}
    assert threads[str(uuid5(ROOT, "author ana"))] is None
    assert threads[str(uuid5(ROOT, "author bob"))] == str(uuid5(ROOT, "thread a"))


def test_tenants_do_not_meet(con: duckdb.DuckDBPyConnection) -> None:
    insert(con, [row("1", START)])
    nobody = chats(ChatZones("UTC"), "it's me")
    assert units(con, windows_sql(nobody, WindowSettings())) == []
    assert units(con, authors_sql(nobody)) == []


def test_settings_fill_in_a_size_that_fits() -> None:
    """A reader gets weeks; whoever says another measure gets a sensible number of it."""
    assert WindowSettings() == WindowSettings(by="days", size=7, overlap=0)
    assert WindowSettings(by="messages").size == 200


@pytest.mark.parametrize(
    "wrong", [{"size": 0}, {"overlap": 7}, {"overlap": -1}, {"by": "bytes", "size": 10}, {"bye": 1}]
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        WindowSettings.model_validate(wrong)


@pytest.mark.parametrize(("more", "zone"), [(2, "Asia/Tokyo"), (1, "America/Sao_Paulo"), (0, "America/Sao_Paulo")])
def test_an_author_has_the_zone_of_most_of_their_messages(con: duckdb.DuckDBPyConnection, more: int, zone: str) -> None:
    """Of chats in several zones; where they are equal, the one that is first by name. A window has its chat's."""
    rows = [row(f"a{n}", START + timedelta(hours=n), thread="a") for n in range(2)]
    insert(con, rows + [row(f"b{n}", START + timedelta(hours=n), thread="b") for n in range(1 + more)])
    zones = ChatZones("America/Sao_Paulo", {str(uuid5(ROOT, "thread b")): "Asia/Tokyo"})
    (author,) = units(con, authors_sql(chats(zones)))
    assert (author["timezone"], author["messages"]) == (zone, 3 + more)

    cut = units(con, windows_sql(chats(zones), WindowSettings(by="hours", size=1)))
    assert {one["timezone"] for one in cut} == {"America/Sao_Paulo", "Asia/Tokyo"}
    assert {one["unit_key"][-13:] for one in cut if one["first_position"] == 0} == {"2024-03-11T09", "2024-03-11T21"}
