"""The collection of real exports of Slack and Telegram, each with how many messages it has."""

import csv
from pathlib import Path

import pytest
from egregora_core.errors import ExportError
from read_export import read_export
from support import SHARED, needs_shared

PLATFORMS = ("slack/", "telegram/", "synthetic/telegram/")


def manifest() -> list[tuple[Path, int]]:
    if not (SHARED / "chats").is_dir():
        return []
    with (SHARED / "chats" / "MANIFEST.tsv").open(encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream, delimiter="\t") if row["path"].startswith(PLATFORMS)]
    return [(SHARED / "chats" / row["path"], int(row["messages"])) for row in rows]


@needs_shared
@pytest.mark.parametrize(("path", "messages"), manifest(), ids=lambda value: getattr(value, "name", ""))
def test_each_real_export_has_its_messages(path: Path, messages: int) -> None:
    """Those without any are refused, or empty."""
    try:
        assert len(read_export(path).rows) == messages
    except ExportError:
        assert messages == 0
