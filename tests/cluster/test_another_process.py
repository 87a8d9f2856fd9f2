"""Where a cluster does the rest, another process reads exports and counts messages: nobody notices by what is told."""

import os
import pickle
import re
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import inline_engine
import pytest
from egregora_core.errors import DateOrderError, ExportError, NoDatabaseError, StageError
from lakes import lake_workspace, rows
from support import WITHOUT_REPORT, egregora, install_plugin

pytestmark = pytest.mark.cluster

_LONGEST_SECONDS = 60
_SLOW = """
import os, signal
from egregora_core.plugin import Recognised, SourceSpec, hookimpl

EGREGORA_API = 1


@hookimpl
def register_sources():
    return [SourceSpec("slow", "egregora_slow:recognise", "egregora_slow:read")]


def recognise(export):
    return Recognised("certain", "its name") if export.path.suffix == ".slow" else Recognised("no")


def read(export, options):
    text = export.path.read_text()
    if text == "dies":
        os.kill(os.getpid(), signal.SIGKILL)
    if text == "fails":
        raise LookupError("Zorblax Quist")
    print(os.getpid(), flush=True)
    signal.pause()
"""
_COUNTING = """
from egregora_core.plugin import PublishedFile, PublisherSpec, hookimpl

EGREGORA_API = 1


@hookimpl
def register_publishers():
    return [
        PublisherSpec("counting", "1", "egregora_counting:count"),
        PublisherSpec("failing", "1", "egregora_counting:fail"),
    ]


def count(documents, messages):
    yield PublishedFile("count.txt", f"{messages.count().execute()} {len(list(documents))}")


def fail(documents, messages):
    raise LookupError(messages.text.execute()[0])
"""


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """A new workspace whose tasks are done in the process that asks for them, with a source that reads `*.slow`."""
    engine = Path(inline_engine.__file__).read_text(encoding="utf-8")
    install_plugin(tmp_path / "site", "egregora-inline", {"inline_engine": engine})
    install_plugin(tmp_path / "site", "egregora-slow", {"egregora_slow": _SLOW})
    settings = '[engine]\nname = "inline"\n'
    return lake_workspace(tmp_path / "w", f"ducklake:sqlite:{tmp_path}/c.sqlite", settings=settings)


def _environment(site: Path) -> dict[str, str]:
    path = os.pathsep.join([str(site), *sys.path])
    return {**os.environ, **WITHOUT_REPORT, "PYTHONPATH": path, "TZ": "UTC"}


def test_what_it_tells_is_told_and_what_it_asks_is_asked_here(lake: Path, tmp_path: Path) -> None:
    """Of the phone's time zone somebody is asked; then the steps go on with what was read."""
    export = tmp_path / "WhatsApp Chat with Bo.txt"
    export.write_text("13/01/2024, 10:00 - Zorblax Quist: hello\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", _A_RUN, lake, export],
        check=True,
        capture_output=True,
        text=True,
        env=_environment(tmp_path / "site"),
    )
    asked, reads, runs, *_, told = done.stdout.splitlines()
    assert (asked, reads, runs) == ("asked", "reads it (certain: its lines, and its name)", "runs: new file")
    assert told == "['completed'] 1"
    assert rows(lake, "SELECT epoch(ts) FROM stage_privacy") == [(datetime(2024, 1, 13, 1, tzinfo=UTC).timestamp(),)]


_A_RUN = """
import sys
from pathlib import Path
from egregora_core.pipeline import run_pipeline
from egregora_core.plugins import App
from egregora_core.session import Command, RunOptions
from egregora_core.settings import load_settings

def ask():
    print("asked")
    return "Asia/Tokyo"

app = App(disabled=["egregora-elo", "egregora-llm"])
lake, export = map(Path, sys.argv[1:])
options = RunOptions(ask_zone=ask)
command = Command(app, load_settings(lake, app), options, lambda line: print(line.text))
summary = run_pipeline(command, [export])
print([line.run.status for line in summary.lines if line.run and line.step == "ingestion"], summary.messages)
"""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("dies", "was ended by signal 9 (SIGKILL)"),
        ("fails", "LookupError"),
    ],
)
def test_what_ends_it_is_told_here(text: str, told: str, lake: Path, tmp_path: Path) -> None:
    """With the words and the exit code of one process, and without what an error of somebody else's quotes."""
    (tmp_path / "chat.slow").write_text(text, encoding="utf-8")
    done = egregora("-w", str(lake), "run", "chat.slow", cwd=tmp_path, code=1, site=tmp_path / "site")
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert "Zorblax" not in done.stderr
    assert rows(lake, "SELECT count(*) FROM runs WHERE status = 'running'") == [(0,)]


def test_errors_arrive_as_they_were_raised() -> None:
    """With type, words and facts, whatever they are made of."""
    raised = [
        NoDatabaseError("here"),
        StageError("wrong", facts={"rows": 3}),
        DateOrderError("open"),
        ExportError("no"),
    ]
    raised[2].thread = "Bo"  # type: ignore[attr-defined]  # of a DateOrderError
    for error in raised:
        found = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
        assert (type(found), str(found), vars(found)) == (type(error), str(error), vars(error))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["Ctrl-C", "kill -9"])
def test_it_ends_when_the_process_that_waits_for_it_does(number: signal.Signals, lake: Path, tmp_path: Path) -> None:
    """Nobody reads on alone; that it was interrupted is said once."""
    (tmp_path / "chat.slow").write_text("reads on", encoding="utf-8")
    command = [sys.executable, "-m", "egregora_core", "-w", str(lake), "run", "chat.slow"]
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env=_environment(tmp_path / "site"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as waiting:
        assert waiting.stdout
        assert int(waiting.stdout.readline()) != waiting.pid
        waiting.send_signal(number)
        left, errors = waiting.communicate(timeout=_LONGEST_SECONDS)  # till no process is left that could write there
    assert (left, waiting.returncode) == ("", 130 if number == signal.SIGINT else -number)
    assert errors.count("interrupted;") == (number == signal.SIGINT)
    assert rows(lake, "SELECT count(*) FROM runs WHERE status = 'running'") == [(0,)]


def test_a_publisher_that_reads_messages_makes_what_it_makes_on_one_machine(lake: Path, tmp_path: Path) -> None:
    """Where one fails, its type and place are told, and nothing of what it quotes."""
    install_plugin(tmp_path / "site", "egregora-counting", {"egregora_counting": _COUNTING})
    (tmp_path / "chat.txt").write_text("13/01/2024, 10:00 - Zorblax Quist: hello\n", encoding="utf-8")
    done = egregora("-w", str(lake), "run", "chat.txt", cwd=tmp_path, code=1, site=tmp_path / "site")
    assert (lake / "counting" / "count.txt").read_text(encoding="utf-8") == "1 2"
    assert re.search(r"failing failed: LookupError at egregora_counting.py:\d+", done.stderr)
    assert not re.search("Zorblax|hello", done.stderr)
