"""Messages as a file: those of the last message stage, whole or not at all."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from egregora_core.errors import WorkspaceError
from egregora_core.messages import IR_MESSAGES
from egregora_core.pipeline import Form, export_messages
from egregora_core.pipeline._table_export import Format, last_message_table
from egregora_core.session import open_database
from egregora_core.storage import Database
from egregora_core.tracking import Run, RunStore


def _stage(db: Database, step: str, stage: str, status: str = "completed") -> None:
    run = Run(UUID(int=0), step, stage, "default")
    if status == "cached":
        RunStore(db.connection).record_cached(run, run)
    else:
        RunStore(db.connection).finish(replace(RunStore(db.connection).start(run), status=status))


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    """Three messages of one tenant and one of another, raw and pseudonymised."""
    with open_database(tmp_path / "w.duckdb") as opened:
        for n, tenant in ((2, "default"), (0, "default"), (1, "default"), (3, "other")):
            opened.execute(
                "INSERT INTO ir_messages VALUES (uuid(), ?, 'whatsapp', '00000000-0000-0000-0000-000000000001', 'm', "
                "TIMESTAMPTZ '2024-05-01 10:00:00+00', ?, 'Ana', uuid(), ?, NULL, NULL, '{}', NULL, now(), NULL)",
                [tenant, n, f'it\'s "{n}"\nline, two'],
            )
        opened.execute("CREATE TABLE stage_privacy AS SELECT * REPLACE ('p-1' AS author_raw) FROM ir_messages")
        opened.execute("CREATE TABLE stage_enrich AS SELECT * REPLACE ('p-2' AS author_raw) FROM ir_messages")
        yield opened


def _read(path: Path, format_: Format) -> list[dict[str, Any]]:
    if format_ == "parquet":
        return list(pq.read_table(path).select(["author_raw", "text", "seq"]).to_pylist())
    if format_ == "csv":
        options = pacsv.ParseOptions(newlines_in_values=True)
        return list(pacsv.read_csv(path, parse_options=options).select(["author_raw", "text", "seq"]).to_pylist())
    lines = path.read_text(encoding="utf-8").splitlines()
    return [{name: json.loads(line)[name] for name in ("author_raw", "text", "seq")} for line in lines]


@pytest.mark.parametrize("format_", ["parquet", "csv", "jsonl"])
def test_a_tenants_messages_come_out_pseudonymised_and_in_order(db: Database, tmp_path: Path, format_: Format) -> None:
    """Each format holds the same rows, in reading order, without another tenant's; nothing else is left behind."""
    _stage(db, "privacy", "privacy")
    path = tmp_path / "new folder" / f"it's.{format_}"
    assert export_messages(db, "default", Form(format_), path) == 3
    assert _read(path, format_) == [
        {"author_raw": "p-1", "text": f'it\'s "{n}"\nline, two', "seq": n} for n in range(3)
    ]
    assert list(path.parent.iterdir()) == [path]


def test_ids_in_parquet_are_text(db: Database, tmp_path: Path) -> None:
    """Not every reader knows the type that Parquet has for a UUID; each knows text. Other columns keep their types."""
    path = tmp_path / "out.parquet"
    export_messages(db, "default", Form("parquet", raw=True), path)

    types = {field.name: str(field.type) for field in pq.read_schema(path)}
    assert {types[column.name] for column in IR_MESSAGES.columns if "uuid" in column.type} == {"string"}
    assert (types["ts"], types["seq"]) == ("timestamp[us, tz=UTC]", "int32")
    assert pq.read_table(path)["thread_id"][0].as_py() == "00000000-0000-0000-0000-000000000001"


def test_raw_is_what_was_read(db: Database, tmp_path: Path) -> None:
    """Names and all, but only when it is asked for."""
    assert export_messages(db, "default", Form("jsonl", raw=True), tmp_path / "out.jsonl") == 3
    assert {row["author_raw"] for row in _read(tmp_path / "out.jsonl", "jsonl")} == {"Ana"}


def test_without_a_pseudonymised_table_nothing_is_written(db: Database, tmp_path: Path) -> None:
    """The error names the command, and the way to have the names."""
    for tenant, raw in (("default", False), ("nobody", False), ("nobody", True)):
        with pytest.raises(WorkspaceError, match="egregora"):
            export_messages(db, tenant, Form("csv", raw=raw), tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


def test_the_last_message_stage_is_the_last_one_of_the_last_run(db: Database) -> None:
    """Whether it was executed or its result stood; what came before or after in other steps does not count."""
    _stage(db, "privacy", "privacy")
    _stage(db, "enrichment", "enrich")
    _stage(db, "generation", "summary")
    assert last_message_table(db, "default") == "stage_enrich"
    _stage(db, "privacy", "privacy")
    _stage(db, "enrichment", "enrich", "cached")
    assert last_message_table(db, "default") == "stage_enrich"
    _stage(db, "privacy", "privacy", "cached")
    assert last_message_table(db, "default") == "stage_privacy"


def test_a_place_that_cannot_be_written_is_an_error(db: Database, tmp_path: Path) -> None:
    """A folder that is a file, a file that is a folder: one message, no half of a file."""
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder" / "inside").mkdir(parents=True)
    for path in (tmp_path / "file" / "out.csv", tmp_path / "folder"):
        with pytest.raises(WorkspaceError, match="cannot be written"):
            export_messages(db, "default", Form("csv", raw=True), path)
    assert not list(tmp_path.glob(".*.part"))
