"""While a writer waits for a model, others read the workspace, nobody else writes it, and a kill is seen as ever."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from egregora_core.errors import LockedError
from forked import Forked, command
from support import WITHOUT_REPORT, at_work, egregora, install_plugin

pytestmark = pytest.mark.slow  # each of them is a run that waits, and others beside it

THINKER = '''
"""A writer that thinks until a file is there: one for each day."""

import os
import time
from pathlib import Path

from egregora_core.plugin import Document, Spent, WriterSpec, hookimpl

EGREGORA_API = 1
PLACE = Path(os.environ["THINKER"])


@hookimpl
def register_writers():
    return [WriterSpec("thoughts", "window", "1", "thinker_module:write")]


def write(unit):
    day = unit.window_start.strftime("%d")
    yield Spent({"requests": 1})
    (PLACE / f"thinks-{day}").touch()
    while not (PLACE / f"go-{day}").exists():
        time.sleep(0.01)
    yield Document("thought", f"day-{day}", f"Day {day}", "Something.")
'''
CHAT = "".join(f"{day:02}/03/2024, 10:00 - Ana: word {day}\n" for day in range(1, 4))
EXPORT = ("WhatsApp Chat with Thinkers.txt", "--timezone", "UTC", "--date-order", "dmy")
SETTINGS = "[windows]\nby = 'days'\nsize = 1\n[database]\nlock_timeout = 2\n"


class Thinking:
    """A run in a process of its own, whose writer thinks about the first day."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.workspace = base / "w"
        install_plugin(base / "site", "egregora-thinker", {"thinker_module": THINKER})
        self.process = self.start()
        self.until("thinks-01")

    def start(self) -> "subprocess.Popen[bytes]":
        environment = {**os.environ, **WITHOUT_REPORT, "PYTHONPATH": str(self.base / "site"), "THINKER": str(self.base)}
        with (self.base / "said").open("wb") as said:
            return Forked(
                command("run", *EXPORT),
                cwd=self.workspace,
                stdout=said,
                stderr=subprocess.STDOUT,
                env=environment,
            )

    def until(self, name: str) -> None:
        deadline = time.monotonic() + 60
        while not (self.base / name).exists():
            assert self.process.poll() is None, (self.base / "said").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def go(self, *days: int) -> None:
        for day in days:
            (self.base / f"go-{day:02}").touch()

    def ends(self) -> int:
        return self.process.wait(timeout=60)

    def asks(self, sql: str) -> list[dict[str, object]]:
        """Query as anybody would, in this process: it waits for the moment in which the run lets go of the database."""
        answer: list[dict[str, object]] = json.loads(
            egregora("query", "--json", sql, cwd=self.workspace, code=0).stdout
        )
        return answer


@pytest.fixture(scope="module")
def masked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which the steps before that of writers have run: they are no part of what is tested."""
    workspace = tmp_path_factory.mktemp("masked")
    (workspace / "egregora.toml").write_text(SETTINGS, encoding="utf-8")
    (workspace / EXPORT[0]).write_text(CHAT, encoding="utf-8")
    egregora("--disable", "summary", "run", *EXPORT, cwd=workspace, code=0)
    return workspace


@pytest.fixture
def thinking(masked: Path, tmp_path: Path) -> Iterator[Thinking]:
    shutil.copytree(masked, tmp_path / "w")
    found = Thinking(tmp_path)
    yield found
    found.process.kill()
    found.process.wait()


def test_others_read_while_a_writer_thinks(thinking: Thinking) -> None:
    """`query` and `runs` answer, and see what is finished; the run they see is running, and ends as if alone."""
    assert thinking.asks("SELECT count(*) AS n FROM ir_messages") == [{"n": 3}]
    thinking.go(1)
    thinking.until("thinks-02")
    assert thinking.asks("SELECT slug FROM documents WHERE kind = 'thought'") == [{"slug": "day-01"}]
    (run,) = [
        run
        for run in json.loads(egregora("runs", "--json", cwd=thinking.workspace, code=0).stdout)
        if run["stage"] == "thoughts"
    ]
    assert run["status"] == "running"
    thinking.go(2, 3)
    assert thinking.ends() == 0
    assert thinking.asks("SELECT count(*) AS n FROM documents WHERE kind = 'thought'") == [{"n": 3}]


def test_nobody_else_writes_while_a_writer_thinks(thinking: Thinking) -> None:
    """Whoever wants to is told which process has it, and does not take the run for one whose process is gone."""
    assert thinking.asks("SELECT count(*) AS n FROM ir_messages") == [{"n": 3}]  # it is let go of at this moment
    refused = egregora("runs", "prune", cwd=thinking.workspace, code=1)
    assert f"is in use by process {thinking.process.pid} (" in refused.stderr
    with pytest.raises(LockedError), at_work(thinking.workspace):
        pass
    thinking.go(1, 2, 3)
    assert thinking.ends() == 0
    assert thinking.asks("SELECT DISTINCT status FROM runs ORDER BY 1") == [
        {"status": "cached"},
        {"status": "completed"},
    ]


def test_a_kill_while_a_writer_thinks_is_seen(thinking: Thinking) -> None:
    """The row of a killed run becomes `interrupted` at the next start; what was finished, and spent, is kept."""
    thinking.go(1)
    thinking.until("thinks-02")
    assert thinking.asks("SELECT slug FROM documents WHERE kind = 'thought'") == [{"slug": "day-01"}]
    thinking.process.kill()
    thinking.process.wait()
    shown = "SELECT status, attrs->>'spent' AS spent FROM runs WHERE stage = 'thoughts'"
    assert thinking.asks(shown) == [{"status": "interrupted", "spent": '{"requests":1}'}]
    thinking.go(2, 3)
    thinking.process = thinking.start()
    assert thinking.ends() == 0
    assert [row["status"] for row in thinking.asks(f"{shown} ORDER BY run_id")] == ["interrupted", "completed"]
    assert thinking.asks("SELECT count(*) AS n FROM documents WHERE kind = 'thought'") == [{"n": 3}]


def test_who_reads_on_is_waited_for(thinking: Thinking) -> None:
    """A reader that does not end holds the run up, which says so, loses nothing, and goes on when it can."""
    assert thinking.asks("SELECT count(*) AS n FROM ir_messages") == [{"n": 3}]
    database = thinking.workspace / ".egregora" / "egregora.duckdb"
    progress = thinking.workspace / ".egregora" / "run.json"
    with duckdb.connect(database, read_only=True):
        thinking.go(1, 2, 3)
        deadline = time.monotonic() + 60
        while "waiting for another process" not in progress.read_text(encoding="utf-8"):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert thinking.process.poll() is None
    assert thinking.ends() == 0
    assert thinking.asks("SELECT count(*) AS n FROM documents WHERE kind = 'thought'") == [{"n": 3}]


def test_a_program_that_writes_without_asking_is_noticed(thinking: Thinking) -> None:
    """What the run knew of the database may be wrong then: it ends, and what was finished stays."""
    assert thinking.asks("SELECT count(*) AS n FROM ir_messages") == [{"n": 3}]
    with duckdb.connect(thinking.workspace / ".egregora" / "egregora.duckdb") as foreign:
        foreign.execute("DELETE FROM documents")
    thinking.go(1, 2, 3)
    assert thinking.ends() == 1
    assert "was written by another program" in (thinking.base / "said").read_text(encoding="utf-8")
    thinking.process = thinking.start()
    assert thinking.ends() == 0
    assert thinking.asks("SELECT count(*) AS n FROM documents WHERE kind = 'thought'") == [{"n": 3}]
