"""What was deleted from a lake is gone from its files and its catalog, and what was not is still found."""

import os
import time
from pathlib import Path

import pytest
from egregora_core.session import open_database
from egregora_core.storage import compact_catalog, compact_lake
from egregora_core.workspace import Lake

NAME = "Quokka Marsupial"
UUIDS = ("00000000-0000-0000-0000-0000000000aa", "ffffffff-0000-0000-0000-0000000000bb")


@pytest.fixture(params=["sqlite:c.sqlite", "c.ducklake"], ids=["SQLite", "DuckDB"])
def lake(request: pytest.FixtureRequest, tmp_path: Path) -> Lake:
    kind, _, file = request.param.rpartition(":")
    return Lake(f"{kind}{':' if kind else ''}{tmp_path / file}", str(tmp_path / "files"))


@pytest.mark.slow
def test_what_stays_is_found_among_what_comes_later(lake: Lake) -> None:
    """Rows from before it was compacted are found by text, id and JSON, whatever is added afterwards."""
    first, later = UUIDS
    with open_database(lake) as db:
        db.execute("CREATE TABLE t (id UUID, who VARCHAR, said JSON, n BIGINT)")
        db.execute(f"INSERT INTO t VALUES ('{first}', 'ana', '{{\"a\": 1}}', 1), ('{first}', '{NAME}', NULL, 2)")
        db.execute("DELETE FROM t WHERE n = 2")
        compact_lake(db)
        for _ in range(2):
            db.execute(f"INSERT INTO t VALUES ('{later}', 'zoë \U0010fffd', '{{\"z\": 1}}', 9)")
    with open_database(lake, read_only=True) as db:
        for where in ("who = 'ana'", f"id = '{first}'", "said = '{\"a\": 1}'", "n = 1"):
            assert db.execute(f"SELECT n FROM t WHERE {where}") == [(1,)], where
        for where in ("who > 'zoë'", f"id = '{later}'", "said > '{\"b\": 0}'", "n > 2"):
            assert db.execute(f"SELECT count(*) FROM t WHERE {where}") == [(2,)], where


@pytest.mark.slow  # lakes are made and rewritten
def test_no_byte_is_left_of_what_was_deleted(lake: Lake) -> None:
    """Neither in a file of the lake nor in a free block of its catalog; tables and what is said of them stay."""
    with open_database(lake) as db:
        db.execute("CREATE TABLE t (who VARCHAR)")
        db.execute(f"INSERT INTO t VALUES ('ana'), ('{NAME}')")
    assert NAME.encode() in _bytes(lake)
    with open_database(lake) as db:
        db.execute(f"DELETE FROM t WHERE who = '{NAME}'")
        compact_lake(db)
    compact_catalog(lake)
    assert NAME.encode() not in _bytes(lake)
    with open_database(lake) as db:
        assert db.execute("FROM t") == [("ana",)]
        db.execute("INSERT INTO t VALUES ('bo')")


@pytest.mark.slow
def test_files_that_a_killed_process_left_go(lake: Lake) -> None:
    """No table names them; one that was written just now may be of a process at work, and stays."""
    with open_database(lake) as db:
        db.execute("CREATE TABLE t (who VARCHAR); INSERT INTO t VALUES ('ana')")
        (file,) = Path(lake.data).rglob("*.parquet")
        left, new = (file.with_name(f"{name}.parquet") for name in ("left", "new"))
        for each in (left, new):
            each.write_bytes(file.read_bytes())
        hour = time.time() - 3600
        os.utime(left, (hour, hour))
        compact_lake(db, alone=False)
        assert left.exists()
        compact_lake(db)
        assert {each.name for each in Path(lake.data).rglob("*.parquet")} == {file.name, "new.parquet"}
        assert db.execute("FROM t") == [("ana",)]


def _bytes(lake: Lake) -> bytes:
    """Return all that stands in the catalog's files and, uncompressed, in the lake's."""
    import duckdb

    assert lake.file is not None
    catalog = b"".join(file.read_bytes() for file in lake.file.parent.glob(f"{lake.file.name}*"))
    files = Path(lake.data).rglob("*.parquet")
    rows = "".join(str(duckdb.sql(f"SELECT COLUMNS(*)::VARCHAR FROM '{file}'").fetchall()) for file in files)
    return catalog + rows.encode()
