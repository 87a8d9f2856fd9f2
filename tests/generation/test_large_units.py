"""A unit that is larger than memory: what is held on the disk reads like what is in memory, as often as one likes."""

import json
import pickle
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

import duckdb
import pyarrow as pa
import pytest
from egregora_core.builtin.summary._writer import write_post, write_profile
from egregora_core.errors import UnitRefusedError
from egregora_core.generation import Chats, DocumentStore, Guard, HeldMessages, plan_units, write_units
from egregora_core.generation._planning import BoundWriter
from egregora_core.generation._unit_messages import read_units
from egregora_core.messages import DOCUMENTS, IR_MESSAGES, ChatZones
from egregora_core.plugins import Document, Unit
from egregora_core.privacy import KnownName, name_finder
from egregora_core.settings import WindowSettings
from egregora_core.storage import Database, _engine_memory
from hypothesis import given
from hypothesis import strategies as st

CHATS = Chats("stage_privacy", "default", ChatZones("Europe/Berlin"))
MESSAGES = 20_000
"""More than two batches."""
TEXTS = """
    ['good morning', 'the garden', 'planting tomatoes #garden', 'https://example.org/' || i % 7, '😀 ' || i, NULL]
    [1 + i * 5 % 13 % 6]"""
FILL = """
    INSERT INTO stage_privacy BY NAME
    SELECT md5('event ' || i)::UUID AS event_id, 'default' AS tenant_id, 'test' AS source, 'm' || i AS msg_id,
        md5('thread ' || (i % 3 = 0))::UUID AS thread_id,
        TIMESTAMPTZ '2023-10-01 00:00:00Z' + INTERVAL (i * 211) SECOND AS ts, 0 AS seq,
        ['Amber Heron', 'Brave Badger', ''][1 + i * 7 % 11 % 3] AS author_raw,
        md5('author ' || i * 7 % 11 % 3)::UUID AS author_uuid, {text} AS text,
        json_object('kind', ['text', 'media', 'poll'][1 + i % 3], 'thread', 'Chat ' || i % 3) AS attrs,
        now() AS created_at
    FROM range({count}) AS t(i)
"""


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    directory = tmp_path_factory.mktemp("large")
    config: dict[str, str | bool | int | float | list[str]] = {"temp_directory": str(directory / "spill")}
    with duckdb.connect(directory / "egregora.duckdb", config=config) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(IR_MESSAGES.ddl("stage_privacy"))
        connection.execute(DOCUMENTS.ddl())
        connection.execute(FILL.format(count=MESSAGES, text=TEXTS))
        yield connection


def _units(con: duckdb.DuckDBPyConnection, kind: str, windows: WindowSettings, most: int) -> list[Unit]:
    writer = BoundWriter("any", "window" if kind == "window" else "author", "1", lambda _: (), {}, "c", "r")
    units = plan_units(con, CHATS, [writer], windows).units[kind]
    with con.cursor() as cursor:
        return [
            Unit(
                writer.unit,
                row["unit_key"],
                UUID(row["thread_id"]) if row["thread_id"] else None,
                UUID(row["author_uuid"]) if row["author_uuid"] else None,
                row["window_start"].astimezone(UTC),
                row["window_end"].astimezone(UTC),
                row["timezone"],
                messages,
            )
            for row, messages in read_units(cursor, CHATS, kind, units, most=most)
        ]


@pytest.mark.slow  # several commands, or many cases
@pytest.mark.parametrize("most", [0, 1_000_000])
@pytest.mark.parametrize(
    ("kind", "size", "overlap"), [("author", 1, 0), ("window", 15_000, 0), ("window", 9_000, 4_000), ("window", 700, 1)]
)
def test_what_is_on_the_disk_is_read_as_from_memory(
    con: duckdb.DuckDBPyConnection, kind: str, size: int, overlap: int, most: int
) -> None:
    """Units have the same rows in the same order, whatever part of them is on the disk, and each time they are read."""
    windows = WindowSettings(by="messages", size=size, overlap=overlap)
    whole, held = (_units(con, kind, windows, bound) for bound in (1 << 40, most))

    assert [unit.key for unit in held] == [unit.key for unit in whole]
    for expected, unit in zip(whole, held, strict=True):
        assert unit.count == expected.messages.num_rows
        assert unit.messages.equals(expected.messages)
        for _ in range(2):
            assert pa.Table.from_batches(unit.batches()).equals(expected.messages)
        texts = [text for batch in unit.batches("text") for text in batch.column("text").to_pylist()]
        assert texts == expected.messages.column("text").to_pylist()


@pytest.mark.parametrize("kind", ["window", "author"])
def test_documents_are_the_same_in_batches(con: duckdb.DuckDBPyConnection, kind: str) -> None:
    """The built-in writers count part by part what they would count of a table of all."""
    write = write_post if kind == "window" else write_profile
    for unit in _units(con, kind, WindowSettings(by="messages", size=MESSAGES), 0):
        one_batch = pa.Table.from_batches([unit.messages.combine_chunks().to_batches()[0]])
        small = HeldMessages(pa.RecordBatchReader.from_batches(one_batch.schema, one_batch.to_batches(777)), most=0)
        expected = list(write(unit))

        assert list(write(replace(unit, messages=one_batch))) == expected
        assert list(write(replace(unit, messages=small.rows(0, one_batch.num_rows)))) == expected


def test_long_documents_are_stored_beside_messages_that_fill_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is sorted for the next units stays in the engine: storing has room of its own, and both end."""
    monkeypatch.setattr(_engine_memory, "_SORTING", 100_000_000)
    monkeypatch.setattr(_engine_memory, "_LEAST_OF_SORTING", 100_000_000)
    path = tmp_path / "egregora.duckdb"
    alone = duckdb.connect(path)
    alone.execute("SET memory_limit = '900MB'")
    with Database(alone, path) as db:
        db.execute("SET TimeZone = 'UTC'")
        db.execute(IR_MESSAGES.ddl("stage_privacy"))
        db.execute(DOCUMENTS.ddl())
        db.execute(FILL.format(count=400_000, text="repeat(md5(i::VARCHAR), 3)"))
        windows = WindowSettings(by="messages", size=100_000)
        writer = BoundWriter("long", "window", "1", _long, {}, "c", "r")
        store = DocumentStore(db, "default", uuid4(), lambda key: uuid5(NAMESPACE_URL, key))
        with db.memory.for_writers():
            (outcome,) = write_units(db, plan_units(db.connection, CHATS, [writer], windows), store)
        found = db.execute("SELECT count(*), sum(strlen(body)), count(DISTINCT attrs->>'unit') FROM documents")
    assert not path.with_name("egregora.duckdb.wal").exists()  # the log is merged, which takes as much
    assert outcome.failed == 0
    assert found == [(4 * outcome.written, 4 * 10_000_000 * outcome.written, outcome.written)]


def _long(unit: Unit) -> Iterator[Document]:
    for number in range(4):
        yield Document("post", f"{unit.key.replace('/', '-')}-{number}", "A title", "words " * 1_666_666 + "ends")


@given(
    sizes=st.lists(st.integers(0, 5), max_size=8),
    cuts=st.lists(st.tuples(st.integers(0, 40), st.integers(1, 20)), max_size=6),
    most=st.sampled_from([0, 20, 60, 1 << 20]),
)
def test_any_slices_of_any_batches_are_right(sizes: list[int], cuts: list[tuple[int, int]], most: int) -> None:
    """Units may overlap and leave gaps, and batches may be empty; the first row of a unit never falls."""
    batches = [
        pa.record_batch({"n": pa.array(range(start, start + size), pa.int64())}) for start, size in _starts(sizes)
    ]
    schema = pa.schema([("n", pa.int64())])
    held = HeldMessages(pa.RecordBatchReader.from_batches(schema, batches), most=most)
    for first, rows in sorted(cuts):
        if first + rows <= sum(sizes):
            found = held.rows(first, first + rows)
            assert found.table()["n"].to_pylist() == list(range(first, first + rows))
            assert [n for batch in found.batches() for n in batch["n"].to_pylist()] == list(range(first, first + rows))


def _starts(sizes: Sequence[int]) -> Iterator[tuple[int, int]]:
    start = 0
    for size in sizes:
        yield start, size
        start += size


def test_a_unit_goes_into_another_process_whole(con: duckdb.DuckDBPyConnection) -> None:
    """What is on the disk of one process is no other's: a unit that is pickled takes its messages along."""
    unit = _units(con, "author", WindowSettings(), 0)[0]
    again = pickle.loads(pickle.dumps(unit))  # noqa: S301 - written in the line before

    assert again == unit


def test_nothing_is_left_on_the_disk(con: duckdb.DuckDBPyConnection) -> None:
    """The file of a unit has no name: whatever happens, nobody finds messages beside the database."""
    (place,) = con.execute("SELECT current_setting('temp_directory')").fetchall()[0]
    units = _units(con, "author", WindowSettings(), 0)

    assert sum(unit.count for unit in units) > MESSAGES // 2
    assert {file.name for file in Path(place).parent.iterdir()} <= {"egregora.duckdb", "egregora.duckdb.wal"}


def _guarded(con: duckdb.DuckDBPyConnection, body: str) -> list[Document]:
    unit = _units(con, "author", WindowSettings(), 0)[1]
    event = unit.messages.column("event_id")[unit.count - 1].as_py()
    known = [KnownName("Ann Garden"), KnownName("Bo Quarrel")]
    guard = Guard("markdown", name_finder(known))
    return guard.pass_on(unit, [Document("post", "a", "A title", body.replace("EVENT", event), {})])


def test_a_guard_looks_at_all_batches(con: duckdb.DuckDBPyConnection) -> None:
    """A link leads to any message or address of a unit, and to no other."""
    body = "[1](message:EVENT) [2](https://example.org/6) [3](https://example.com/)\n"
    (passed,) = _guarded(con, body)

    assert "(message:" in passed.body
    assert "[2](https://example.org/6)" in passed.body
    assert "example.com" not in passed.body


def test_a_guard_lets_no_name_through(con: duckdb.DuckDBPyConnection) -> None:
    """A word of a name that no message of the unit says is somebody's name."""
    with pytest.raises(UnitRefusedError, match="names somebody"):
        _guarded(con, "Quarrel was there")


def test_a_window_of_one_message_is_as_it_was() -> None:
    """A table of one row is a unit as well: what writers are tested with."""
    row = dict.fromkeys(IR_MESSAGES.names) | {"text": "x", "author_raw": "A", "ts": datetime(2024, 1, 1, tzinfo=UTC)}
    row |= {"attrs": json.dumps({"kind": "text"}), "thread_id": str(UUID(int=1))}
    at = row["ts"]
    unit = Unit("window", "k/days/1", UUID(int=1), None, at, at, "UTC", pa.Table.from_pylist([row]))  # type: ignore[arg-type]  # `at` is a time

    assert unit.count == 1
    assert [batch.num_rows for batch in unit.batches()] == [1]
