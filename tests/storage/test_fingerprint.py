"""Fingerprints: any edit of any cell shows, nothing else does."""

from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from egregora_core.storage import combined, fingerprint_relation, literal, measure_relation
from egregora_core.storage._fingerprint import fingerprint_table
from hypothesis import assume, given
from hypothesis import strategies as st

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
MOMENT = datetime(2024, 5, 1, tzinfo=UTC)
NESTED = pa.struct([("a", pa.list_(pa.string())), ("b", pa.int32())])
COLUMNS: dict[str, tuple[pa.DataType, st.SearchStrategy[Any]]] = {
    "text": (pa.string(), TEXT | st.none()),
    "author": (pa.string(), st.sampled_from(["", "NULL", "a", None])),
    "seq": (pa.int32(), st.integers(-(2**31), 2**31 - 1) | st.none()),
    "ts": (pa.timestamp("us", tz="UTC"), st.integers(0, 10**12).map(lambda us: MOMENT + timedelta(microseconds=us))),
    "score": (pa.float64(), st.floats(allow_nan=False).map(lambda value: value + 0.0)),
    "flag": (pa.bool_(), st.booleans() | st.none()),
    "raw": (pa.binary(), st.binary(max_size=3)),
    "list": (
        pa.list_(pa.string()),
        st.lists(st.sampled_from(["", "a", "a, b", "NULL", "'", None]), max_size=3) | st.none(),
    ),
    "deep": (NESTED, st.fixed_dictionaries({"a": st.lists(TEXT, max_size=2) | st.none(), "b": st.integers(0, 3)})),
    'odd"name': (pa.string(), TEXT),
}
ROWS = st.lists(st.fixed_dictionaries({name: values for name, (_, values) in COLUMNS.items()}), min_size=1, max_size=6)
SCHEMA = pa.schema([(name, kind) for name, (kind, _) in COLUMNS.items()])


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    opened = duckdb.connect()
    opened.execute("SET TimeZone = 'UTC'")
    return opened


def _of_rows(connection: duckdb.DuckDBPyConnection, rows: list[dict[str, Any]]) -> str:
    connection.register("rows", pa.Table.from_pylist(rows, SCHEMA))
    return fingerprint_relation(connection, "rows")


def _of(connection: duckdb.DuckDBPyConnection, select: str, **options: Any) -> str:
    return fingerprint_relation(connection, f"({select})", **options)


def test_any_edit_of_any_cell_changes_it(connection: duckdb.DuckDBPyConnection) -> None:
    """One value in one row of one column, of any type, nested ones included."""

    @given(ROWS, st.data())
    def check(rows: list[dict[str, Any]], data: st.DataObject) -> None:
        edited = data.draw(st.integers(0, len(rows) - 1))
        name = data.draw(st.sampled_from(list(COLUMNS)))
        value = data.draw(COLUMNS[name][1])
        assume(value != rows[edited][name])
        changed = [{**row, name: value} if n == edited else row for n, row in enumerate(rows)]
        assert _of_rows(connection, rows) != _of_rows(connection, changed)

    check()


def test_row_order_does_not_matter_and_row_count_does(connection: duckdb.DuckDBPyConnection) -> None:
    """A table is a bag of rows: the same rows are the same table, one more copy of a row is another."""

    @given(ROWS, st.randoms(use_true_random=False))
    def check(rows: list[dict[str, Any]], random: Any) -> None:
        shuffled = random.sample(rows, len(rows))
        assert _of_rows(connection, rows) == _of_rows(connection, shuffled)
        assert _of_rows(connection, rows) != _of_rows(connection, [*rows, rows[0]])
        assert _of_rows(connection, [*rows, rows[0]]) != _of_rows(connection, [*rows, rows[0], rows[0]])

    check()


def test_who_wrote_a_row_and_when_is_not_content(connection: duckdb.DuckDBPyConnection) -> None:
    """The same rows written by another run at another time are the same result."""
    plain = _of(connection, "SELECT 1 AS a")
    assert plain == _of(connection, "SELECT 1 AS a, now() AS created_at, uuid() AS created_by_run")
    assert plain != _of(connection, "SELECT 1 AS a, now() AS written_at")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1::INTEGER AS a", "1::BIGINT AS a"),
        ("1 AS a", "1 AS b"),
        ("'1' AS a", "1 AS a"),
        ("NULL::VARCHAR AS a", "'' AS a"),
        ("NULL::VARCHAR AS a", "'NULL' AS a"),
        ("'{}'::JSON AS a", "'{}' AS a"),
        ("'x' AS a, 'y' AS b", "'y' AS a, 'x' AS b"),
        ("NULL::VARCHAR AS a, 'x' AS b", "'x' AS a, NULL::VARCHAR AS b"),
        ("['a, b'] AS a", "['a', 'b'] AS a"),
        ("[NULL]::VARCHAR[] AS a", "[]::VARCHAR[] AS a"),
        ("{'x': 1, 'y': 2} AS a", "{'x': 2, 'y': 1} AS a"),
        ("MAP {'a': 1} AS a", "MAP {'a': 2} AS a"),
        ("TIMESTAMP '2024-01-01' AS a", "TIMESTAMPTZ '2024-01-01 00:00:00+00' AS a"),
    ],
)
def test_schema_and_place_of_a_value_count(connection: duckdb.DuckDBPyConnection, one: str, other: str) -> None:
    """A changed type, a renamed column, an empty string for a null, a value in the other column: all are edits."""
    assert _of(connection, f"SELECT {one}") != _of(connection, f"SELECT {other}")


def test_an_empty_table_has_one_too(connection: duckdb.DuckDBPyConnection) -> None:
    """No rows is a content; its schema still counts."""
    empty = _of(connection, "SELECT 1 AS a WHERE false")
    assert empty == _of(connection, "SELECT 2 AS a WHERE false")
    assert empty != _of(connection, "SELECT 'x' AS a WHERE false")
    assert empty != _of(connection, "SELECT 1 AS a")


def test_it_names_algorithm_and_engine(connection: duckdb.DuckDBPyConnection) -> None:
    """An engine that hashes otherwise can never match by accident."""
    head, _, digest = _of(connection, "SELECT 1 AS a").rpartition(":")
    assert head == f"content-v1+duckdb-{duckdb.__version__}:sha256"
    assert len(digest) == 64
    assert _of(connection, "SELECT 1 AS a", mode="stats").startswith("stats-v1+duckdb-")


BASE = [("2024-01-01", "Ana", "hello"), ("2024-01-02", "Bo", "there"), ("2024-01-03", "Ana", "you")]


def _messages(rows: list[tuple[str, str, str]]) -> str:
    values = ", ".join(f"(TIMESTAMPTZ {literal(ts + ' 00:00:00+00')}, {literal(a)}, {literal(t)})" for ts, a, t in rows)
    return f"SELECT * FROM (VALUES {values}) AS t (ts, author_raw, text)"


@pytest.mark.parametrize(
    ("rows", "seen"),
    [
        ([*BASE[:2], ("2024-01-03", "Ana", "you!")], True),
        ([*BASE[:2], ("2024-01-04", "Ana", "you")], True),
        (BASE[:2], True),
        ([*BASE[:2], ("2024-01-03", "Ana", "YOU")], False),
        ([*BASE[:2], ("2024-01-03", "Cy", "you")], False),
        ([BASE[0], ("2024-01-02", "Bo", "other"), BASE[2]], False),
    ],
)
def test_stats_sees_and_misses_what_it_says(
    connection: duckdb.DuckDBPyConnection,
    rows: list[tuple[str, str, str]],
    seen: bool,  # noqa: FBT001 - a column of the table above
) -> None:
    """Count, range, length show; an edit of equal length, another author, exchanged rows do not; `content` sees all."""
    before, after = _messages(BASE), _messages(rows)
    assert (_of(connection, before, mode="stats") != _of(connection, after, mode="stats")) is seen
    assert _of(connection, before) != _of(connection, after)


def test_an_expression_is_the_table_that_it_makes(connection: duckdb.DuckDBPyConnection) -> None:
    """A lazy ibis expression has the fingerprint of its materialised rows."""
    from ibis.backends.duckdb import Backend

    connection.execute("CREATE OR REPLACE TABLE made AS SELECT range AS n, 'x' || range AS t FROM range(100)")
    table = Backend.from_connection(connection).table("made")
    assert fingerprint_table(table) == fingerprint_relation(connection, "made")
    assert fingerprint_table(table.order_by(table.n.desc())) == fingerprint_table(table)
    assert fingerprint_table(table.filter(table.n < 50)) != fingerprint_table(table)
    assert fingerprint_table(table, mode="stats").startswith("stats-v1")


def test_measures_of_parts_are_that_of_the_whole() -> None:
    """However a table is cut, the sum over its parts is its fingerprint, and no part at all is an empty one."""
    con = duckdb.connect()
    con.execute("CREATE TABLE t AS SELECT i, 'text ' || i AS text FROM range(100) AS r(i)")
    whole = fingerprint_relation(con, "t")
    for parts in (1, 3, 7):
        measures = [measure_relation(con, f"(SELECT * FROM t WHERE i % {parts} = {n})") for n in range(parts)]
        assert combined(measures) == whole
    empty = "(SELECT * FROM t WHERE false)"
    assert combined([measure_relation(con, empty)] * 2) == fingerprint_relation(con, empty)
