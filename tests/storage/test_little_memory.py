"""All messages are looked through with little memory, and with more where that is not enough."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from egregora_core.storage import Database, in_bounded_memory, in_little_memory, open_file

_SETTINGS = ("memory_limit", "threads", "allocator_flush_threshold")


@pytest.mark.parametrize(("limited", "numbers"), [(in_little_memory, 12_000_000), (in_bounded_memory, 30_000_000)])
def test_what_needs_more_memory_is_done_with_more(tmp_path: Path, limited: Callable[..., Any], numbers: int) -> None:
    """A list that cannot be spilled is made all the same; afterwards all is as it was."""

    def settings(db: Database) -> list[object]:
        return [db.scalar(f"SELECT current_setting('{name}')") for name in _SETTINGS]

    limits = []
    with open_file(tmp_path / "some.duckdb", lambda _db: None) as db:
        before = settings(db)

        def work() -> int:
            limits.append(db.scalar("SELECT current_setting('memory_limit')"))
            return int(db.scalar(f"SELECT len(list(number)) FROM range({numbers}) AS t(number)"))

        assert limited(db, work) == numbers
        assert settings(db) == before
    first, second = limits
    assert first != second == before[0]
