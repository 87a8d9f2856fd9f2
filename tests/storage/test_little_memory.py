"""A driver looks through all messages with little memory, and has more where that is not enough."""

from pathlib import Path

from egregora_core.storage import Database, in_little_memory, open_file

_SETTINGS = ("memory_limit", "threads", "allocator_flush_threshold")


def test_what_needs_more_memory_than_a_driver_has_is_done_with_more(tmp_path: Path) -> None:
    """A list that cannot be spilled is made all the same; afterwards all is as it was."""

    def settings(db: Database) -> list[object]:
        return [db.scalar(f"SELECT current_setting('{name}')") for name in _SETTINGS]

    limits = []
    with open_file(tmp_path / "some.duckdb", lambda _db: None) as db:
        before = settings(db)

        def work() -> int:
            limits.append(db.scalar("SELECT current_setting('memory_limit')"))
            return int(db.scalar("SELECT len(list(number)) FROM range(12_000_000) AS t(number)"))

        assert in_little_memory(db, work) == 12_000_000
        assert settings(db) == before
    first, second = limits
    assert first != second == before[0]
