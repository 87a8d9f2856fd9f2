"""Kill commands that change what is there already: what they began is either undone or finished by the next one."""

import os
import random
import shutil
import signal
import subprocess
from pathlib import Path

import duckdb
import pytest
from egregora_core.session import open_database
from forked import Forked, command
from support import WITHOUT_REPORT, egregora

pytestmark = pytest.mark.slow  # kills at random moments, one process each

MESSAGES = 3_000
CHAT = "".join(
    f"{1 + n // 1440 % 28:02d}/03/2024, {n // 60 % 24:02d}:{n % 60:02d} - Person {n % 5}: word{n} {n * 7919}\n"
    for n in range(MESSAGES)
)
KILLS = 3
"""How often each command is killed, at moments spread over its time."""


def _killed(workspace: Path, seconds: float, *arguments: str) -> None:
    process = Forked(
        command(*arguments),
        cwd=workspace,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **WITHOUT_REPORT},
    )
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()


def _pages(workspace: Path) -> dict[str, str]:
    return {
        str(path.relative_to(workspace)): path.read_text(encoding="utf-8")
        for path in sorted((workspace / "site").rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


def _moments(longest: float) -> list[float]:
    """Return moments from a command's start to beyond its end: one that has just begun does nothing yet."""
    return [longest * (0.3 + 0.8 * n / KILLS) + random.uniform(0, longest / KILLS) for n in range(KILLS)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("made")
    for name in ("Club", "Team"):
        (base / f"WhatsApp Chat with {name}.txt").write_text(CHAT.replace("word", name), encoding="utf-8")
        egregora("run", f"WhatsApp Chat with {name}.txt", "--timezone", "UTC", cwd=base, code=0)
    return base


def test_a_forget_that_is_killed_is_finished_by_the_next(made: Path, tmp_path: Path) -> None:
    """Before its transaction nothing is gone, after it everything will be: from tables, pages and the file's bytes."""
    for number, moment in enumerate(_moments(2.5)):
        workspace = Path(shutil.copytree(made, tmp_path / str(number)))
        _killed(workspace, moment, "forget", "--thread", "Club", "--yes")
        with open_database(workspace / ".egregora" / "egregora.duckdb", read_only=True) as db:
            left = {table: db.scalar(f"SELECT count(*) FROM {table}") for table in ("ir_messages", "stage_privacy")}
        assert len(set(left.values())) == 1, left
        assert set(left.values()) <= {2 * MESSAGES, MESSAGES}

        egregora(
            "forget",
            "--thread",
            "Club",
            "--yes",
            cwd=workspace,
            code=0 if left["ir_messages"] == 2 * MESSAGES else None,
        )
        egregora("run", cwd=workspace, code=0)

        assert not any("Club" in text for text in _pages(workspace).values())
        names = sorted(path.name for path in (workspace / ".egregora").iterdir())
        assert names == [".gitignore", "egregora.duckdb", "run.json", "secret.key"]
        content = (workspace / ".egregora" / "egregora.duckdb").read_bytes()
        assert b"Club199" not in content
        shutil.rmtree(workspace)


def test_a_publication_over_pages_that_are_there_is_finished_by_the_next_run(made: Path, tmp_path: Path) -> None:
    """At any moment each page is whole, an old one or a new one, and the next run makes all of them new."""
    settings = '[windows]\nby = "messages"\nsize = 25\n'
    wanted = Path(shutil.copytree(made, tmp_path / "wanted"))
    (wanted / "egregora.toml").write_text(settings, encoding="utf-8")
    egregora("run", cwd=wanted, code=0)
    old, new = _pages(made), _pages(wanted)
    workspace = Path(shutil.copytree(made, tmp_path / "killed"))
    (workspace / "egregora.toml").write_text(settings, encoding="utf-8")
    for moment in _moments(6.0):
        _killed(workspace, moment, "run")
        for page, text in _pages(workspace).items():
            assert text in {old.get(page), new.get(page)}, page
    egregora("run", cwd=workspace, code=0)
    assert _pages(workspace) == new


def test_an_import_of_comparisons_that_is_killed_leaves_all_or_nothing(made: Path, tmp_path: Path) -> None:
    """The next import of the same file adds what is missing, and nothing twice."""
    workspace = Path(shutil.copytree(made, tmp_path / "w"))
    (workspace / "egregora.toml").write_text("[ranking]\nenabled = true\n", encoding="utf-8")
    egregora("init-elo", cwd=workspace, code=0)
    rows = "".join(f"model{n % 97},model{n % 89 + 100},{'ab'[n % 2]}\n" for n in range(200_000))
    (workspace / "battles.csv").write_text("model_a,model_b,winner\n" + rows, encoding="utf-8")
    importing = ["elo", "import", "battles.csv", "--allow-unknown"]
    for moment in _moments(4.0):
        _killed(workspace, moment, *importing)
        with duckdb.connect(workspace / ".egregora" / "egregora.duckdb", read_only=True) as connection:
            assert connection.execute("SELECT count(*) FROM elo_history").fetchall() in [[(0,)], [(200_000,)]]
    egregora(*importing, cwd=workspace)
    with duckdb.connect(workspace / ".egregora" / "egregora.duckdb", read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM elo_history").fetchall() == [(200_000,)]
