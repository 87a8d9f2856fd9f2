"""What SQL reads by a name while a block runs: there inside of it, gone behind it, and no hindrance to the next."""

from collections.abc import Iterator

import duckdb
import pyarrow as pa
import pytest
from egregora_core.storage import arrow_view, quoted, temporary_table, transaction


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as opened:
        yield opened


def names(connection: duckdb.DuckDBPyConnection) -> list[str]:
    found = connection.execute("SELECT table_name FROM duckdb_tables() UNION SELECT view_name FROM duckdb_views()")
    return [name for (name,) in found.fetchall() if name in {"lent", 'odd " name'}]


def test_a_temporary_table_is_computed_once_and_ends_with_its_block(connection: duckdb.DuckDBPyConnection) -> None:
    """Its rows stay as they were found, whatever becomes of where they are from."""
    connection.execute("CREATE TABLE source AS SELECT 1 AS x")
    with temporary_table(connection, "lent", "SELECT x + 1 AS y FROM source"):
        connection.execute("DELETE FROM source")
        assert connection.execute("FROM lent").fetchall() == [(2,)]
    assert names(connection) == []


def test_after_an_error_the_next_temporary_table_takes_the_name(connection: duckdb.DuckDBPyConnection) -> None:
    """The error that is seen is the first one, in a transaction or not."""
    with pytest.raises(ZeroDivisionError), temporary_table(connection, "lent", "SELECT 1 AS x"):
        raise ZeroDivisionError
    with (
        pytest.raises(duckdb.CatalogException, match="nothing"),
        transaction(connection),
        temporary_table(connection, "lent", "SELECT 2 AS x"),
    ):
        connection.execute("FROM nothing")
    with temporary_table(connection, "lent", "SELECT 3 AS x"):
        assert connection.execute("FROM lent").fetchall() == [(3,)]


def test_an_arrow_view_ends_with_its_block_also_after_an_error(connection: duckdb.DuckDBPyConnection) -> None:
    """Nothing holds the rows then."""
    rows = pa.table({"x": [1, 2]})
    with arrow_view(connection, "lent", rows):
        assert connection.execute("SELECT sum(x) FROM lent").fetchall() == [(3,)]
    assert names(connection) == []
    with pytest.raises(ZeroDivisionError), arrow_view(connection, "lent", rows):
        raise ZeroDivisionError
    assert names(connection) == []


def test_a_quoted_name_is_read_whatever_is_in_it(connection: duckdb.DuckDBPyConnection) -> None:
    name = 'odd " name'
    with temporary_table(connection, quoted(name), "SELECT 1 AS x"):
        assert names(connection) == [name]
