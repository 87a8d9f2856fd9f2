"""Ctrl-C at any moment: the run is `interrupted`, the exit code says so, and the same command goes on from there."""

import json
import random
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from egregora_core.plugins import STEPS
from forked import Forked, command
from support import WITHOUT_REPORT, install_plugin
from terminals import Terminal

CHAT = "WhatsApp Chat with Stop.txt"
SAID = "interrupted; what was finished is kept, the same command goes on from there"
STUCK = '''
"""Hangs in one place, which the environment names, in a way of its own, and says so before."""

import os
import signal
import sys
import threading

import duckdb
from egregora_core.plugin import hookimpl
from egregora_core.plugin import PublisherSpec, StageSpec, WriterSpec

EGREGORA_API = 1
running = ""


@hookimpl
def register_stages():
    return [
        StageSpec("extra", "enrichment", "1", "stuck_module:enrich"),
        StageSpec("tidy", "curation", "1", "stuck_module:curate"),
    ]


@hookimpl
def register_writers():
    return [WriterSpec("notes", "window", "1", "stuck_module:write")]


@hookimpl
def register_publishers():
    return [PublisherSpec("sheets", "1", "stuck_module:publish")]


@hookimpl
def run_started(run):
    global running
    running = run.step
    if run.step in {"ingestion", "privacy"} and reached(run.step):
        while True:
            signal.pause()


def reached(step):
    if not os.environ.get("STUCK") == running == step:  # a stage is also called before it runs, to know its code
        return False
    print("here", file=sys.stderr, flush=True)
    return True


def enrich(data):
    if reached("enrichment"):  # of which the engine makes an error of its own
        duckdb.sql("SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b").fetchall()
    return data


def curate(data):
    if reached("curation"):
        threading.Event().wait()
    return data


def write(unit):
    while reached("generation"):
        try:
            signal.pause()
        except BaseException:
            pass
    return []


def publish(documents):
    list(documents)
    if reached("publication"):
        try:
            signal.pause()
        except BaseException:
            raise ValueError
    return []
'''
PLACES = {
    "ingestion": "its beginning",
    "privacy": "its beginning",
    "enrichment": "an endless query",
    "generation": "code that catches everything",
    "curation": "a lock",
    "publication": "another error",
}
"""Where in each step the plugin hangs."""


def _write_chat(path: Path, messages: int) -> None:
    lines = (
        f"{1 + n // 1440 % 28:02d}/{1 + n // 40320 % 12:02d}/{2020 + n // 483840}, {n // 60 % 24:02d}:{n % 60:02d} - "
        f"Person {n % 7}: message {n} to Person {n % 5}\n"
        for n in range(messages)
    )
    path.write_text("".join(lines), encoding="utf-8")


def _runs(workspace: Path) -> list[tuple[str, str]]:
    with duckdb.connect(workspace / ".egregora/egregora.duckdb", read_only=True) as database:
        return database.execute("SELECT step, status FROM runs ORDER BY run_id").fetchall()


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A directory with a chat and the plugin."""
    _write_chat(tmp_path / CHAT, 60)
    install_plugin(tmp_path / "plugins", "egregora-stuck", {"stuck_module": STUCK})
    return tmp_path


def _terminal(here: Path, stuck: str = "", *options: str) -> Terminal:
    environment = {**WITHOUT_REPORT, "PYTHONPATH": str(here / "plugins"), "STUCK": stuck}
    command = ["-m", "egregora_core", "run", CHAT, "--timezone", "UTC", *options]
    return Terminal(command, cwd=here, columns=100, environment=environment)


def _seen(terminal: Terminal, text: str) -> Callable[[], bool]:
    return lambda: text in "\n".join(terminal.lines())


@pytest.mark.slow  # a process for each place in which a run can hang
def test_ctrl_c_in_any_step_interrupts_it_and_the_next_run_goes_on(here: Path) -> None:
    """However the step hangs: in the engine, in a lock, in code that swallows what is raised or makes its own of it."""
    for step, place in PLACES.items():
        terminal = _terminal(here, step)
        assert terminal.until(_seen(terminal, "here")), place
        terminal.press(b"\x03")

        assert (place, terminal.code()) == (place, 130)
        assert terminal.lines()[-1] == SAID
        assert not terminal.screen.cursor.hidden
        assert _runs(here)[-1] == (step, "interrupted")
        assert {status for _, status in _runs(here)} <= {"completed", "cached", "interrupted"}

    terminal = _terminal(here)
    assert terminal.code() == 0
    assert {status for _, status in _runs(here)[-8:]} == {"completed", "cached"}
    assert "60 messages, " in "\n".join(terminal.lines())


@pytest.mark.slow  # processes that are waited for
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_a_command_that_nobody_looks_at(number: signal.Signals, code: int, here: Path) -> None:
    """Without a terminal, too; being asked to end is an interruption with its own exit code."""
    run = command("run", CHAT, "--timezone", "UTC")
    environment = {**WITHOUT_REPORT, "PYTHONPATH": str(here / "plugins"), "STUCK": "ingestion"}
    with Forked(run, cwd=here, stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "here\n"
        process.send_signal(number)
        assert process.stderr.read() == f"{SAID}\n"

    assert process.returncode == code
    assert _runs(here) == [("ingestion", "interrupted")]


@pytest.mark.slow
def test_ctrl_c_while_waiting_for_another_process_ends_the_wait(here: Path) -> None:
    """The database is held: nothing is recorded, and nothing of the other process is disturbed."""
    (here / "egregora.toml").write_text("[database]\nlock_timeout = 3600\n", encoding="utf-8")
    holder = _terminal(here, "curation")  # a writer lets go of it
    assert holder.until(_seen(holder, "here"))
    waiting = Terminal(["-m", "egregora_core", "runs", "show", "a"], cwd=here)
    assert waiting.until(_seen(waiting, "is at work: "))
    waiting.press(b"\x03")

    assert waiting.code() == 130
    holder.press(b"\x03")
    assert holder.code() == 130
    assert _runs(here)[-1] == ("curation", "interrupted")


@pytest.mark.slow
def test_ctrl_c_at_random_moments_of_a_long_run(tmp_path: Path) -> None:
    """From the first moment to the last page; each run takes up where the last one was stopped.

    The bar of a long run writes all the time, so a moment is a number of bytes that were written.
    """
    _write_chat(tmp_path / CHAT, 15_000)
    moments, codes = random.Random(7), []
    for step in ["", *STEPS] * 2:
        terminal = _terminal(tmp_path)
        if terminal.until(_in_step(tmp_path, terminal, step)):
            terminal.until(_written(terminal, len(terminal.seen) + moments.randrange(0, 4000)))
            terminal.press(b"\x03")

        codes.append(terminal.code())
        assert codes[-1] in {0, 130}, (step, terminal.lines())
        if (tmp_path / ".egregora/egregora.duckdb").exists():
            assert {status for _, status in _runs(tmp_path)} <= {"completed", "cached", "interrupted"}
    assert _terminal(tmp_path).code() == 0
    assert 130 in codes, "no moment lay inside a run"


def _written(terminal: Terminal, length: int) -> Callable[[], bool]:
    return lambda: len(terminal.seen) >= length


def _in_step(workspace: Path, terminal: Terminal, step: str) -> Callable[[], bool]:
    def there() -> bool:
        try:
            said = json.loads((workspace / ".egregora/run.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            said = {}
        return not step or (said.get("pid"), said.get("step")) == (terminal.process.pid, step)

    return there
