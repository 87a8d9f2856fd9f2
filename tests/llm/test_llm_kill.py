"""A long generation, from other processes: they read beside it, it is killed, and nothing is paid for twice."""

import json
import subprocess
from collections import Counter
from pathlib import Path
from threading import Condition

import pytest
from forked import Forked, command
from model_server import Asked, echo, model_server, prompt_of
from soup import Desk
from support import egregora

pytestmark = pytest.mark.slow  # a process of its own, and whole runs
WINDOWS = 12
AT_ONCE = 4
ANSWERED = 6
PATIENCE = 60
"""Seconds after which a test has failed."""


class Slow:
    """A model that answers some questions, and then lets wait."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.open = False
        self._changed = Condition()

    def answer(self, asked: Asked) -> str:
        with self._changed:
            self.asked.append(prompt_of(asked))
            number = len(self.asked)
            self._changed.notify_all()
            assert self._changed.wait_for(lambda: self.open or number <= ANSWERED, PATIENCE)
        return echo(asked)

    def until_asked(self, number: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.asked) >= number, PATIENCE)

    def let_go(self) -> None:
        with self._changed:
            self.open = True
            self._changed.notify_all()


def documents(here: Path) -> int:
    """Return how many posts a second process sees, while the first one waits for its model."""
    sql = "SELECT count(*) AS n FROM documents WHERE writer = 'llm_posts'"
    return int(json.loads(egregora("query", "--json", sql, cwd=here, code=0).stdout)[0]["n"])


def test_a_killed_generation_goes_on_and_pays_for_nothing_twice(tmp_path: Path) -> None:
    """What is under way at the moment is asked again, which is as many as run at once; all else was kept."""
    slow = Slow()
    with model_server(slow.answer) as server:
        desk = Desk(tmp_path, server.url)
        desk.settings |= {"concurrency": AT_ONCE, "timeout": PATIENCE}
        lines = (f"{day:02}/03/2024, 10:00 - Ana Reis: soup number {day}\n" for day in range(1, WINDOWS + 1))
        desk.chat.write_text("".join(lines), encoding="utf-8")
        desk.write_settings()
        egregora("ingest", desk.chat.name, "--date-order", "DMY", "--timezone", "UTC", cwd=tmp_path, code=0)
        with Forked(
            command("run", "--disable", "report"), cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            slow.until_asked(ANSWERED + AT_ONCE)
            for _ in range(20):
                if (seen := documents(tmp_path)) == ANSWERED:
                    break
            assert seen == ANSWERED
            assert "llm_posts" in egregora("runs", cwd=tmp_path, code=0).stdout
            assert process.poll() is None
            process.kill()
            process.communicate()
        slow.let_go()
        desk.run()
    assert len(desk.bodies()) == WINDOWS
    assert len(slow.asked) == WINDOWS + AT_ONCE
    assert sorted(Counter(slow.asked).values()) == [1] * (WINDOWS - AT_ONCE) + [2] * AT_ONCE
