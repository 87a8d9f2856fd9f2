"""The engine takes one processor while there is little to work on, all of them for more, and fewer in little memory."""

from pathlib import Path

import duckdb
from egregora_core.storage import Database, open_file, take_processors

_ASKED = "SELECT current_setting('threads')"


def test_a_small_database_is_written_with_one_processor_and_a_large_one_with_all(tmp_path: Path) -> None:
    """By the file as it is opened, by what it has become since, and by what is about to come."""
    ((every,),) = duckdb.connect().execute(_ASKED).fetchall()

    def opened(*, read_only: bool = False) -> Database:
        return open_file(tmp_path / "some.duckdb", lambda _db: None, read_only=read_only)

    with opened() as db:
        take_processors(db, 15_000_000)
        assert db.scalar(_ASKED) == 1
        take_processors(db, 16_000_000)
        assert db.scalar(_ASKED) == every
    with opened(read_only=True) as db:
        assert db.scalar(_ASKED) == every
    with opened() as db:
        assert db.scalar(_ASKED) == 1
        db.execute("CREATE TABLE much AS SELECT uuid() AS id FROM range(1_200_000)")
        db.execute("CHECKPOINT")
        take_processors(db)
        assert db.scalar(_ASKED) == every
    with opened() as db:
        assert db.scalar(_ASKED) == every


def test_no_more_threads_share_little_memory_than_find_enough_of_it(tmp_path: Path) -> None:
    """Of sixteen processors, too: what each thread holds does not spill, and what it lacks would end an ingestion."""
    path = tmp_path / "some.duckdb"
    with Database(duckdb.connect(path, config={"threads": 16}), path) as db:
        assert 2 < db.scalar(_ASKED) <= 16
        with db.memory.for_writers():
            assert 2 < db.scalar(_ASKED) <= 5
        with db.memory.for_ingestion():
            assert db.scalar(_ASKED) == 2
            with db.memory.for_reading():
                assert db.scalar(_ASKED) == 2
        assert 2 < db.scalar(_ASKED) <= 16
        with db.memory.for_ingestion():
            take_processors(db, 16_000_000)
            assert db.scalar(_ASKED) == 2
