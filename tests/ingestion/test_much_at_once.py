"""Messages that are very long, or hold very long lists: they are taken in parts, and however long, not refused."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from egregora_core.errors import WorkspaceError
from egregora_core.ingestion import tables
from egregora_core.plugins import Reading
from egregora_core.session import open_database
from egregora_core.storage import explained
from support import at_work, egregora

_FIRST = datetime(2024, 1, 1, tzinfo=UTC)
_WORDS = "the ferry left before the tide came in, "


def test_rows_with_long_lists_come_in_small_tables() -> None:
    """A batch is as large as what its rows hold, not as their texts are."""
    reactions = [{"emoji": "heart", "author": f"U{number}"} for number in range(500)]
    row = {"ts": _FIRST, "author": "Ana", "kind": "text", "text": "hello", "reactions": reactions}
    reading = Reading(iter([[row] * 500]), "T", zoned=True)
    sizes = [table.num_rows for table in tables("ext", reading)]
    assert sum(sizes) == 500
    assert max(sizes) <= 128  # each has 500 dicts of some hundred bytes


def _long(count: int, length: int) -> Iterator[dict[str, Any]]:
    text = (_WORDS * (length // len(_WORDS) + 1))[:length]
    for number in range(count):
        yield {
            "ts": f"2024-01-01T{number // 60 % 24:02}:{number % 60:02}:00Z",
            "author": "Ana",
            "text": f"{number} {text}",
        }


@pytest.mark.slow  # 200 MB, which is more than the engine may hold at first
def test_messages_of_a_hundred_thousand_letters_are_read(tmp_path: Path) -> None:
    """Many of them at once are more than fits; they are all stored, as they are."""
    with (tmp_path / "chat.jsonl").open("w", encoding="utf-8") as file:
        for message in [{"ts": "2023-12-31T10:00:00Z", "author": "Ana", "text": "hello"}, *_long(1_800, 110_000)]:
            file.write(json.dumps(message) + "\n")
    egregora("ingest", "chat.jsonl", cwd=tmp_path, code=0)
    assert not (tmp_path / ".egregora/egregora.duckdb.wal").exists()  # the log is merged, though that takes as much
    with at_work(tmp_path) as session:
        assert session.db.execute("SELECT count(*), min(length(text)) FILTER (text <> 'hello') FROM ir_messages") == [
            (1_801, 110_002)
        ]


@pytest.mark.slow  # a million reactions
def test_a_channel_in_which_many_react_to_every_message_is_read(tmp_path: Path) -> None:
    """Who reacted is looked up some messages at a time."""
    people = [f"U{number:04}" for number in range(60)]
    reactions = [{"name": "heart", "users": people, "count": len(people)}]
    profile = {"real_name": "Ana Kelemen"}
    messages = [
        {
            "type": "message",
            "user": "U0001",
            "user_profile": profile,
            "text": "hi",
            "ts": f"{1705300000 + number}.000100",
        }
        | {"reactions": reactions}
        for number in range(16_000)
    ]
    (tmp_path / "2024-01-15.json").write_text(json.dumps(messages), encoding="utf-8")
    egregora("ingest", "2024-01-15.json", cwd=tmp_path, code=0)
    with at_work(tmp_path) as session:
        counted = "SELECT json_array_length(attrs->'reactions'), count(*) FROM ir_messages GROUP BY 1"
        assert session.db.execute(counted) == [(60, 16_000)]
        known = "SELECT count(*) FROM ir_messages WHERE (attrs->>'$.reactions[1].author') = author_uuid::VARCHAR"
        assert session.db.scalar(known) == 16_000


def test_too_little_memory_is_told_as_that(tmp_path: Path) -> None:
    """It is no fault in the code, and there is something to do."""
    path = tmp_path / "egregora.duckdb"
    with open_database(path) as db:
        db.execute("SET memory_limit = '1MB'")
        with pytest.raises(duckdb.OutOfMemoryException) as raised:
            db.execute("SELECT list(repeat(range::VARCHAR, 100)) FROM range(1000000)")
        told = explained(raised.value, db.path)
    assert isinstance(told, WorkspaceError)
    assert "more memory than it may take" in str(told)


@pytest.mark.parametrize("kind", [duckdb.FatalException, OSError])
def test_too_little_memory_is_told_as_that_whoever_says_so(tmp_path: Path, kind: type[Exception]) -> None:
    """A commit that could not be taken back ends in an error of another kind, and so does what Arrow reads."""
    error = kind("FATAL Error: Failed to rollback.\nOriginal Error: Out of Memory Error: failed to pin block")
    assert "more memory than it may take" in str(explained(error, tmp_path / "egregora.duckdb"))
