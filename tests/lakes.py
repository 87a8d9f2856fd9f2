"""What tests of lakes share: when they can run, workspaces in a lake, and what is in them to be compared."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from egregora_core.session import open_database
from egregora_core.workspace import read_early

SCRIPTS = Path(__file__).parents[1] / "scripts"

needs_postgres = pytest.mark.skipif(
    not (shutil.which("psql") and any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))),
    reason="PostgreSQL is not on this machine: apt-get install postgresql",
)

_OF_A_RUN = {"created_at", "created_by_run"}
_SAID = (
    "step, stage, tenant_id, status, rows_in, rows_out, input_fingerprint, output_fingerprint, config_hash, code_ref"
)


def lake_workspace(directory: Path, url: str, *, like: Path | None = None, settings: str = "") -> Path:
    """Make a workspace whose tables are in a lake; `like` another one, it has its secret, so ids can be compared."""
    (directory / ".egregora").mkdir(parents=True)
    data = directory.parent / "files"
    (directory / "egregora.toml").write_text(
        f'[database]\nurl = "{url}"\ndata = "{data}"\n{settings}', encoding="utf-8"
    )
    if like is not None:
        shutil.copy(like / ".egregora" / "secret.key", directory / ".egregora" / "secret.key")
    return directory


def rows(workspace: Path, sql: str) -> list[tuple[Any, ...]]:
    """Return what a SELECT finds in a workspace, wherever its tables are."""
    with open_database(read_early(workspace).database, read_only=True) as db:
        return db.execute(sql)


def contents(workspace: Path) -> Mapping[str, list[tuple[Any, ...]]]:
    """Return all rows of all tables but `runs`, without when and by which run they were written."""
    with open_database(read_early(workspace).database, read_only=True) as db:
        found = {}
        for table in db.tables():
            names = [name for name in db.columns(table) if name not in _OF_A_RUN]
            columns = ", ".join(f'"{name}"::VARCHAR' for name in names)
            if table != "runs":
                found[table] = db.execute(f"SELECT {columns} FROM {table} ORDER BY ALL")
        return found


def said(workspace: Path) -> list[tuple[Any, ...]]:
    """Return what `runs` says that is the same wherever the work was done, in the order of the runs."""
    return rows(workspace, f"SELECT {_SAID} FROM runs WHERE status <> 'cached' ORDER BY run_id")
