"""Kill the process at any moment, in any step: no partial output is ever visible, and the next run makes it good."""

import json
import os
import random
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest
from egregora_core.plugins import STEPS
from forked import Forked, command
from support import WITHOUT_REPORT

pytestmark = pytest.mark.slow  # dozens of processes, killed at random moments

MESSAGES = 3_000
KILLS = 2
"""How often the process is killed in each step, in a row."""

_PLUGIN = '''
"""A stage for each of the two steps that have no built-in one, slow enough to be hit."""

from egregora_core.plugin import hookimpl
from egregora_core.plugin import StageSpec

EGREGORA_API = 1


@hookimpl
def register_stages():
    return [
        StageSpec("shout", "enrichment", "1", "egregora_knell:shout"),
        StageSpec("sign", "curation", "1", "egregora_knell:sign"),
    ]


def shout(data):
    return data.mutate(text=_slow(data.text, 100).upper())


def sign(data):
    return data.mutate(title=_slow(data.title, 1) + "!", body=_slow(data.body, 50))


def _slow(column, times):
    return column.repeat(times).re_replace("([aeiou])([^aeiou]+)", r"\\2\\1").left(column.length())
'''


@dataclass
class _Scene:
    """An export, the plugin's folder, and what an undisturbed run over both made."""

    base: Path
    rows: dict[str, Counter[int]] = field(default_factory=dict)
    """Of each table but `runs`: hashes of its rows, without when and by which run they were written."""
    pages: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    """How long each step took."""

    def workspace(self, name: str) -> Path:
        """Make a workspace with the secret of the undisturbed one, so that ids can be compared."""
        path = self.base / name
        (path / ".egregora").mkdir(parents=True)
        (path / "egregora.toml").write_text('[windows]\nby = "messages"\nsize = 20\n', encoding="utf-8")
        secret = self.base / "undisturbed" / ".egregora" / "secret.key"
        if secret.exists():
            shutil.copy(secret, path / ".egregora" / "secret.key")
        return path

    def start(self, workspace: Path, *options: str) -> "subprocess.Popen[bytes]":
        export = self.base / "WhatsApp Chat with Kill.txt"
        return Forked(
            command("run", export, "-w", workspace, "--timezone", "UTC", *options),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **WITHOUT_REPORT, "PYTHONPATH": str(self.base / "plugins")},
        )


@dataclass
class _Report:
    """What killing a run again and again in one step came to."""

    partial: list[str] = field(default_factory=list)
    """What was visible after a kill and should not have been."""
    hits: set[str] = field(default_factory=set)
    """Runs of the step that a kill left `running`."""


@dataclass
class _End:
    """What a workspace came to in which each step was killed: the last run was not."""

    reports: dict[str, _Report]
    statuses: dict[str, str]
    """How each run stands."""
    rows: dict[str, Counter[int]]
    pages: dict[str, str]


def _write_inputs(base: Path) -> None:
    lines = (
        f"{1 + n // 400:02d}/03/2024, {8 + n // 60 % 12:02d}:{n % 60:02d} - "
        f"Person {n % 7}: message {n} to Person {n % 5}\n"
        for n in range(MESSAGES)
    )
    (base / "WhatsApp Chat with Kill.txt").write_text("".join(lines), encoding="utf-8")
    information = base / "plugins" / "egregora_knell-1.0.dist-info"
    information.mkdir(parents=True)
    (base / "plugins" / "egregora_knell.py").write_text(_PLUGIN, encoding="utf-8")
    (information / "METADATA").write_text("Name: egregora-knell\nVersion: 1.0\n", encoding="utf-8")
    (information / "entry_points.txt").write_text("[egregora]\nknell = egregora_knell\n", encoding="utf-8")


def _rows(connection: duckdb.DuckDBPyConnection) -> dict[str, Counter[int]]:
    """Return hashes of rows, without slugs: whose a slug is follows from all documents, and shows in the pages."""
    tables = connection.execute("SELECT table_name FROM duckdb_tables() WHERE table_name <> 'runs'").fetchall()
    kept = "COLUMNS(c -> c NOT IN ('created_at', 'created_by_run', 'slug'))"
    rows = f"SELECT hash(t::VARCHAR) FROM (SELECT {kept} FROM {{}}) t"
    return {
        table: Counter(value for (value,) in connection.execute(rows.format(table)).fetchall()) for (table,) in tables
    }


def _pages(workspace: Path) -> dict[str, str]:
    site = workspace / "site" / "docs"
    return {str(file.relative_to(site)): file.read_text(encoding="utf-8") for file in site.rglob("*.md")}


def _database(workspace: Path) -> Path:
    return workspace / ".egregora" / "egregora.duckdb"


def _reached(step: str, workspace: Path, pid: int, before: int) -> bool:
    """Tell whether the process is in `step`: it says so, or (in the first one) its database has a new record."""
    if step == "ingestion":
        return _log_time(workspace) != before
    try:
        said = json.loads((workspace / ".egregora" / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return (said.get("pid"), said.get("step")) == (pid, step)  # what a killed process said last stays there


def _log_time(workspace: Path) -> int:
    try:
        return _database(workspace).with_suffix(".duckdb.wal").stat().st_mtime_ns
    except OSError:
        return 0


def _exits(process: "subprocess.Popen[bytes]", within: float) -> bool:
    try:
        process.wait(timeout=within)
    except subprocess.TimeoutExpired:
        return False
    return True


def _kill_in(scene: _Scene, step: str, workspace: Path, after: float) -> None:
    """Run, and kill the process `after` seconds in `step`, which runs whether or not its result stands."""
    before = _log_time(workspace)
    process = scene.start(workspace, "--force", step)
    while not _reached(step, workspace, process.pid, before):
        if _exits(process, 0.002):
            raise AssertionError(f"the run ended before it came to {step}")
    if not _exits(process, after):
        process.send_signal(signal.SIGKILL)
    process.wait()


def _partial(found: dict[str, Counter[int]], whole: dict[str, Counter[int]]) -> Iterator[str]:
    """Yield the tables that hold a row which they should not, or only a part of what is to appear at one go."""
    for table, rows in found.items():
        if rows - whole[table]:
            yield f"{table}: {(rows - whole[table]).total()} wrong rows"
        elif rows and rows != whole[table] and table not in {"documents", "stage_generation_units"}:
            yield f"{table}: {rows.total()} of {whole[table].total()} rows"


def _kill_again_and_again(scene: _Scene, step: str, workspace: Path) -> _Report:
    report, random_ = _Report(), random.Random(step)
    for number in range(KILLS + (step == STEPS[0])):  # whose first kill may come before there is a table
        # The first kill comes as soon as the step is seen, the others anywhere in it and a little after.
        _kill_in(scene, step, workspace, random_.uniform(0, 1.2 * scene.seconds[step]) if number else 0)
        with duckdb.connect(_database(workspace)) as connection:  # read-write: what was logged is replayed
            if not number and not connection.execute("FROM duckdb_tables()").fetchall():
                continue  # the tables are made in one transaction, and the first kill came while it was written
            report.partial += _partial(_rows(connection), scene.rows)
            running = connection.execute("SELECT run_id::VARCHAR, step FROM runs WHERE status = 'running'").fetchall()
        report.hits |= {run for run, where in running if where == step}
        report.partial += [page for page, text in _pages(workspace).items() if scene.pages.get(page) != text]
    return report


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> _Scene:
    """Inputs, and what an undisturbed run makes of them."""
    scene = _Scene(tmp_path_factory.mktemp("kill"))
    _write_inputs(scene.base)
    workspace = scene.workspace("undisturbed")
    assert scene.start(workspace).wait(timeout=120) == 0
    with duckdb.connect(_database(workspace), read_only=True) as connection:
        scene.rows = _rows(connection)
        scene.seconds = dict(
            connection.execute("SELECT step, sum(duration_seconds) FROM runs GROUP BY step").fetchall()
        )
    scene.pages = _pages(workspace)
    assert set(scene.seconds) == set(STEPS)
    return scene


@pytest.fixture(scope="module")
def end(scene: _Scene) -> _End:
    """A workspace in which step after step is killed: none has been finished there before its first kill."""
    workspace = scene.workspace("killed")
    reports: dict[str, _Report] = {step: _kill_again_and_again(scene, step, workspace) for step in STEPS}
    assert scene.start(workspace).wait(timeout=120) == 0
    with duckdb.connect(_database(workspace), read_only=True) as connection:
        statuses = dict(connection.execute("SELECT run_id::VARCHAR, status FROM runs").fetchall())
        return _End(reports, statuses, _rows(connection), _pages(workspace))


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_in_any_step_leaves_nothing_partial_and_is_made_good(step: str, scene: _Scene, end: _End) -> None:
    """Killed again and again within a step, at random moments, the run resumes to the undisturbed end state."""
    report = end.reports[step]

    assert report.partial == []
    assert report.hits, "no kill came while the step ran"
    assert {end.statuses[run] for run in report.hits} == {"interrupted"}
    assert "running" not in end.statuses.values()
    assert end.rows == scene.rows
    assert end.pages == scene.pages
