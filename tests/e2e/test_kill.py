"""Kill the process at any moment, in any step: no partial output is ever visible, and the next run makes it good."""

import json
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

MESSAGES = 6_000
STEPS = ("ingestion", "privacy", "generation", "publication")
_PROVENANCE = "EXCLUDE (created_at, created_by_run)"


def _export(path: Path) -> Path:
    lines = [
        f"{1 + n // 400:02d}/03/2024, {8 + n // 60 % 12:02d}:{n % 60:02d} - "
        f"Person {n % 7}: message {n} to Person {n % 5}\n"
        for n in range(MESSAGES)
    ]
    path.write_text("".join(lines), encoding="utf-8")
    return path


def _start(workspace: Path, export: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "egregora_core", "run", str(export), "-w", str(workspace), "--timezone", "UTC"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _finish(workspace: Path, export: Path) -> None:
    assert _start(workspace, export).wait(timeout=120) == 0


def _workspace(path: Path, secret: Path) -> Path:
    """Make a workspace with the reference's secret, so that ids can be compared."""
    (path / ".egregora").mkdir(parents=True)
    shutil.copy(secret, path / ".egregora" / "secret.key")
    return path


def _state(workspace: Path) -> dict[str, object]:
    """Return all that a user can see, without when and by which run it was written."""
    with duckdb.connect(workspace / ".egregora" / "egregora.duckdb", read_only=True) as connection:
        tables = [
            name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall()
        ]
        content = {
            table: connection.execute(
                f"SELECT count(*), sum(hash(t::VARCHAR)::HUGEINT) FROM (SELECT * {_PROVENANCE} FROM {table}) t"
            ).fetchall()
            for table in tables
            if table in {"ir_messages", "documents"} or table == "stage_privacy"
        }
    site = workspace / "site" / "docs"
    files = {str(file.relative_to(site)): file.read_text(encoding="utf-8") for file in site.rglob("*.md")}
    return {**content, "files": files}


def _partial(workspace: Path, whole: dict[str, object]) -> Iterator[str]:
    """Yield which message table is visible with anything but all of its rows."""
    path = workspace / ".egregora" / "egregora.duckdb"
    if not path.exists():
        return
    with duckdb.connect(path) as connection:  # read-write, so that a write-ahead log is replayed
        for (table,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall():
            if table in whole and table != "documents":
                rows = connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]
                if rows not in {0, MESSAGES}:
                    yield f"{table}: {rows}"


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, dict[str, object]]:
    """An export, and the workspace and state of an undisturbed run over it."""
    base = tmp_path_factory.mktemp("reference")
    export = _export(base / "WhatsApp Chat with Kill.txt")
    workspace = base / "workspace"
    workspace.mkdir()
    _finish(workspace, export)
    return export, workspace / ".egregora" / "secret.key", _state(workspace)


def _kill_in(step: str, process: "subprocess.Popen[bytes]", run_json: Path, grace: float) -> None:
    """Wait until the process says that it is in `step`, give it `grace` seconds, and kill it."""
    while process.poll() is None:
        try:
            said = json.loads(run_json.read_text(encoding="utf-8")).get("step", "")
        except (OSError, ValueError):
            continue
        if said.startswith(step):
            break
    try:
        process.wait(timeout=grace)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
    process.wait()


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_in_any_step_leaves_nothing_partial_and_is_made_good(
    step: str, reference: tuple[Path, Path, dict[str, object]], tmp_path: Path
) -> None:
    """Killed twice in a row within a step at random moments, the run resumes to the state of an undisturbed one."""
    export, secret, whole = reference
    workspace = _workspace(tmp_path / "workspace", secret)
    random_ = random.Random(step)
    for _ in range(2):
        _kill_in(step, _start(workspace, export), workspace / ".egregora" / "run.json", random_.uniform(0, 0.3))
        assert list(_partial(workspace, whole)) == []

    _finish(workspace, export)

    assert _state(workspace) == whole
    with duckdb.connect(workspace / ".egregora" / "egregora.duckdb", read_only=True) as connection:
        left = connection.execute("SELECT count(*) FROM runs WHERE status = 'running'").fetchall()
    assert left == [(0,)]
