"""The collection of real and synthetic exports, each with what is known to be in it."""

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from egregora_core.plugins import ReadOptions
from support import SHARED, needs_shared, shared_files, some
from whatsapp_reading import how_sure, read

TRUTHS = [*shared_files("synthetic/whatsapp_*/*.truth.jsonl")]


def messages_of(path: Path) -> list[dict[str, Any]]:
    return [row for batch in read(path, ReadOptions()).batches for row in batch.to_pylist()]


def as_in_truth(rows: list[dict[str, Any]], *names: str) -> list[dict[str, Any]]:
    """Return rows with the columns that the truths of bugs have; who is nobody is null there."""
    found = [
        {
            "ts": row["ts"].isoformat(),
            "author": row["author"] or None,
            "kind": row["kind"],
            "text": row["text"],
            "edited": bool(row["edited"]),
            "media": row["media_name"],
        }
        for row in rows
    ]
    return [{name: value for name, value in row.items() if name in names} for row in found]


def bugs() -> list[tuple[str, str, str]]:
    """Return of each case its file, the name under which it was given, and its note."""
    if not (SHARED / "chats" / "bugs").is_dir():
        return []
    with (SHARED / "chats" / "bugs" / "CASES.tsv").open(encoding="utf-8") as stream:
        rows = list(csv.reader(stream, delimiter="\t"))[1:]
    return [(file, given.split("  --")[0].strip(), note) for file, _, given, note in rows]


def manifest() -> list[tuple[Path, int]]:
    if not (SHARED / "chats").is_dir():
        return []
    with (SHARED / "chats" / "MANIFEST.tsv").open(encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream, delimiter="\t") if row["path"].startswith("whatsapp/")]
    return [(SHARED / "chats" / row["path"], int(row["messages"])) for row in rows]


@pytest.mark.parametrize("truth", some(TRUTHS, 6), ids=lambda path: path.name.removesuffix(".truth.jsonl"))
def test_a_synthetic_export_is_read_row_by_row_as_it_was_made(truth: Path) -> None:
    """Time, author, kind, text, edit and media name of each message are the truth's."""
    got = [
        {
            "ts": row["ts"].isoformat(),
            "author": row["author"],
            "kind": row["kind"],
            "text": row["text"],
            **({"edited": True} if row["edited"] else {}),
            **({"media": row["media_name"]} if row["media_name"] else {}),
        }
        for row in messages_of(truth.with_name(truth.name.removesuffix(".truth.jsonl")))
    ]
    assert got == [json.loads(line) for line in truth.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(("file", "given", "note"), some(bugs(), 4), ids=lambda value: str(value)[:40])
def test_a_case_that_was_reported_is_read_row_by_row(file: str, given: str, note: str, tmp_path: Path) -> None:
    """Each is given under its own name; where a note leaves the kind open, only the words count."""
    path = tmp_path / given
    path.parent.mkdir(exist_ok=True)
    shutil.copyfile(SHARED / "chats" / "bugs" / file, path)
    truth = (SHARED / "chats" / "bugs" / file).with_suffix(".truth.jsonl").read_text(encoding="utf-8")
    names = {"ts", "author", "kind", "text", "edited", "media"} - ({"kind"} if "kind" in note else set())

    rows = [json.loads(line) for line in truth.splitlines()]
    assert as_in_truth(messages_of(path), *names) == [
        {name: row[name] for name in row if name in names} for row in rows
    ]


@needs_shared
@pytest.mark.parametrize(("path", "count"), some(manifest(), 5), ids=lambda value: getattr(value, "name", ""))
def test_each_header_of_a_public_export_is_a_message(path: Path, count: int) -> None:
    """The manifest counted the headers by hand; the file is also recognised for what it is."""
    assert len(messages_of(path)) == count
    assert how_sure(path) >= 1


@needs_shared
def test_no_other_platforms_export_is_surely_whatsapp() -> None:
    """A file of another platform may look a little like a chat, never like one without doubt."""
    others = [
        path
        for folder in ("discord", "imessage", "instagram", "irc", "kakaotalk", "mbox", "slack", "sms", "telegram")
        for path in shared_files(f"{folder}/*")
        if path.is_file()
    ]
    assert others
    assert [path.name for path in others if how_sure(path) >= 1] == []
