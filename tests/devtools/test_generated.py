"""One truth: what derives from code follows it, and the gate sees where a file does not."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from egregora_core.messages import IR_MESSAGES

ROOT = Path(__file__).parents[2]
DERIVED = ("schema/ir_v1.sql", "schema/ir_v1.json", "docs/architecture/ir-v1-spec.md")


def dev(*arguments: str, checkout: Path, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run `egregora-dev` on a checkout, with another core where `path` is given."""
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "from egregora_devtools.cli import main; main()",
            *arguments,
            "--checkout",
            str(checkout),
        ],
        env={**os.environ, **({"PYTHONPATH": str(path)} if path else {})},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of what the tool reads and writes, with core's source."""
    for name in DERIVED:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "packages/egregora-core/src", tmp_path / "src")
    return tmp_path


def test_files_are_what_the_code_says() -> None:
    """The files in the repository are up to date."""
    done = dev("generate-ir-schema", "--check", checkout=ROOT)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.slow  # a process
def test_a_new_column_reaches_every_derivative(copy: Path) -> None:
    """A column that is added in _ir.py, and nowhere else, is in the DDL, the JSON Schema and the specification."""
    source = copy / "src/egregora_core/messages/_ir.py"
    text = source.read_text(encoding="utf-8")
    column = '        Column("mood", "string", "How it was \'meant\'."),\n'
    mark = '        Column("created_at"'
    assert mark in text
    source.write_text(text.replace(mark, column + mark), encoding="utf-8")

    stale = dev("generate-ir-schema", "--check", checkout=copy, path=copy / "src")
    assert stale.returncode == 1
    for name in DERIVED:
        assert f"--- {name}\n+++ {name} (from code)\n@@ " in stale.stdout
        assert name in stale.stderr
    assert "+    mood VARCHAR,\n" in stale.stdout

    written = dev("generate-ir-schema", checkout=copy, path=copy / "src")
    assert written.stdout.splitlines() == [f"wrote {name}" for name in DERIVED]
    assert "mood VARCHAR" in (copy / DERIVED[0]).read_text(encoding="utf-8")
    row = json.loads((copy / DERIVED[1]).read_text(encoding="utf-8"))
    assert row["properties"]["mood"] == {
        "type": ["string", "null"],
        "description": "How it was 'meant'.",
        "x-ibis-type": "string",
    }
    assert "mood" in row["required"]
    assert "| `mood` | `string` | `VARCHAR` | yes | How it was 'meant'. |" in (copy / DERIVED[2]).read_text("utf-8")
    assert dev("generate-ir-schema", "--check", checkout=copy, path=copy / "src").returncode == 0


def test_an_edited_file_is_refused_with_a_diff(copy: Path) -> None:
    """Whoever edits a generated file is told what differs, and how to write it."""
    edited = copy / DERIVED[0]
    edited.write_text(edited.read_text(encoding="utf-8").replace("VARCHAR", "TEXT", 1), encoding="utf-8")
    done = dev("generate-ir-schema", "--check", checkout=copy)

    assert done.returncode == 1
    assert "-    tenant_id TEXT NOT NULL,\n+    tenant_id VARCHAR NOT NULL,\n" in done.stdout
    assert "run `egregora-dev generate-ir-schema`" in done.stderr


def test_ddl_makes_the_table_that_is_declared() -> None:
    """DuckDB, given the DDL, has the columns, types, nullability and meanings of `IR_MESSAGES`."""
    with duckdb.connect() as connection:
        connection.execute((ROOT / DERIVED[0]).read_text(encoding="utf-8"))
        found = connection.execute(
            "SELECT column_name, data_type, is_nullable, comment FROM duckdb_columns() "
            "WHERE NOT internal ORDER BY column_index"
        ).fetchall()

    declared = [(c.name, c.duckdb_type, c.nullable, c.description) for c in IR_MESSAGES.columns]
    assert [
        (name, kind.replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ"), *rest) for name, kind, *rest in found
    ] == declared
