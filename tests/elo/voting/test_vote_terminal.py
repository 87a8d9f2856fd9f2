"""Voting in a real terminal: the command under a pseudo-terminal, one key at a time."""

import fcntl
import os
import pty
import re
import shutil
import struct
import subprocess
import termios
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest
from egregora_elo.voting import in_lines, laid_out
from forked import Forked, command
from support import WITHOUT_REPORT, egregora

PROMPT = re.compile(rb"q quit\r\n$")
STYLE = re.compile(r"\x1b\[[0-9;]*m")
WIDE = "日本語のテキスト 🎉🚆 e\u0301tude ação\tend " * 8


@dataclass
class Terminal:
    """One `egregora elo vote` at a terminal of a given size."""

    process: "subprocess.Popen[bytes]"
    master: int
    shown: list[str] = field(default_factory=list)
    styled: str = ""
    """The last screen with its bold letters and colours."""

    def screen(self) -> str:
        """Read until the keys are offered and the terminal is in the hands of the reader of keys, or until the end."""
        seen = b""
        while not PROMPT.search(seen):
            try:
                read = os.read(self.master, 65536)
            except OSError:  # how Linux tells that the other end is closed
                read = b""
            if not read:
                break
            seen += read
        else:
            while termios.tcgetattr(self.master)[3] & termios.ECHO:
                os.sched_yield()
        self.styled = seen.decode().replace("\r\n", "\n")
        self.shown.append(STYLE.sub("", self.styled))
        return self.shown[-1]

    def press(self, key: str) -> str:
        os.write(self.master, key.encode())
        return self.screen()

    def code(self) -> int:
        """Wait for the end and return the exit code."""
        code = self.process.wait()
        os.close(self.master)
        return code


Sit = Callable[..., Terminal]


@pytest.fixture(scope="module")
def ranked(made_by_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's workspace, with tables for a ranking: to be copied."""
    workspace = Path(shutil.copytree(made_by_demo, tmp_path_factory.mktemp("ranked") / "w"))
    egregora("init-elo", cwd=workspace, code=0)
    return workspace


@pytest.fixture
def workspace(ranked: Path, tmp_path: Path) -> Path:
    """A workspace of one's own with such tables."""
    return Path(shutil.copytree(ranked, tmp_path / "w"))


@pytest.fixture
def sit(workspace: Path) -> Iterator[Sit]:
    """A function that starts a session and waits for the first pair."""
    running: list[subprocess.Popen[bytes]] = []

    def seated(columns: int = 80, rows: int = 24, *options: str) -> Terminal:
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        environment = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES"}}
        voting = command("elo", "vote", *options)
        process: Forked[bytes] = Forked(
            voting, cwd=workspace, env=environment, stdin=slave, stdout=slave, stderr=slave, start_new_session=True
        )
        os.close(slave)
        running.append(process)
        terminal = Terminal(process, master)
        terminal.screen()
        return terminal

    yield seated
    for process in running:
        process.kill()
        process.wait()


def rows(workspace: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(workspace / ".egregora/egregora.duckdb", read_only=True) as database:
        return database.execute(sql).fetchall()


def outcomes(workspace: Path) -> list[tuple[str, bool]]:
    return rows(workspace, "SELECT outcome, voided_at IS NULL FROM elo_history ORDER BY sequence")


def cells(text: str) -> int:
    """The width of a text without joined emoji, by the Unicode tables themselves."""
    return sum((unicodedata.east_asian_width(c) in "WF") + 1 for c in text if not unicodedata.combining(c))


def pair(screen: str) -> str:
    """Return the two texts of a screen without what the last answer changed."""
    return screen[screen.index("──") :]


# --- keys ---------------------------------------------------------------------------------------------------------


@pytest.mark.slow  # a session at a terminal; test_commands.py votes by keys in this process
def test_each_key_does_what_it_says(workspace: Path, sit: Sit) -> None:
    """One key an answer, told with what it changed; one that means nothing shows the keys again; q leaves."""
    terminal = sit()
    first = terminal.press("1")
    assert re.search(r"^left  live Elo 1516, rank 1 \(new\)\nright live Elo 1484, rank 2 \(new\)\ngo on", first)
    assert "live Elo 1500 → 1516" not in first
    for key in "2tbs":
        assert "\ngo on: " in terminal.press(key)
    assert "│" not in terminal.press("x")
    left = terminal.press("q")

    assert terminal.code() == 0
    assert "votes of me so far: 5; `egregora elo vote` goes on" in left
    assert outcomes(workspace) == [(key, True) for key in ("a", "b", "tie", "both_bad", "skip")]


@pytest.mark.slow
def test_a_skip_changes_nothing_and_says_so(sit: Sit) -> None:
    """A skipped document has no rank that anybody gave it."""
    assert sit().press("s").count("not compared with anything yet") == 2


@pytest.mark.slow
def test_undo_shows_the_same_pair_again(workspace: Path, sit: Sit) -> None:
    """Whoever pressed the wrong key wants to press the right one; undo may be repeated, also in the next session."""
    terminal = sit()
    first = pair(terminal.shown[0])
    second = pair(terminal.press("1"))
    assert second != first
    undone = terminal.press("u")
    assert re.match(r"the last vote \(a, \w+\) is void; judge it again\n", undone)
    assert pair(undone) == first
    assert pair(terminal.press("2")) != first
    terminal.press("\x03")
    assert terminal.code() == 0

    later = sit()
    assert pair(later.press("u")) == first
    assert later.press("u").startswith("there is no vote to undo\n")
    assert outcomes(workspace) == [("a", False), ("b", False)]


@pytest.mark.slow
def test_leaving_keeps_what_was_voted(workspace: Path, sit: Sit) -> None:
    """Ctrl-C and Ctrl-D are as good as q; the next session counts on and proposes other pairs."""
    before: list[str] = []
    for votes, key in enumerate(("\x03", "\x04"), start=1):
        terminal = sit()
        assert pair(terminal.shown[0]) not in before
        before.append(pair(terminal.shown[0]))
        terminal.press("1")
        told = terminal.press(key)
        assert terminal.code() == 0
        assert f"votes of me so far: {votes};" in told
        assert "Abort" not in told
        assert outcomes(workspace) == [("a", True)] * votes


# --- what is shown ------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_it_is_blind(workspace: Path, sit: Sit) -> None:
    """No id, slug or title, before an answer and after it; no rating and no rank before, which is no hint then."""
    with duckdb.connect(workspace / ".egregora/egregora.duckdb") as database:
        database.execute("UPDATE documents SET title = 'by Nobody in particular ' || slug")
    terminal = sit(200, 200)
    known = rows(workspace, "SELECT document_id::VARCHAR, slug, title FROM documents WHERE kind = 'post'")
    first, answered = terminal.shown[0], terminal.press("1")

    for shown in (first, answered):
        assert not any(name in shown for document in known for name in document)
    for shown in (first, pair(answered)):
        assert not re.search(r"Elo|rank|15[0-9]{2}|14[0-9]{2}", shown)


@pytest.mark.slow
def test_nobody_in_a_document_is_told_by_name(workspace: Path, sit: Sit) -> None:
    """Not as its author, in its text or heading, or by where a link leads; in one document one person stays one."""
    ((ana, bo),) = rows(
        workspace, "SELECT min(title), max(title) FROM documents WHERE kind = 'profile' AND title <> ''"
    )
    text = f"# {ana} and {bo.upper()}\n\nBy [{ana}](../profiles/{ana.lower()}.md)\n\n**{bo}**: {ana}'s, not {ana}s"
    filled(workspace, text, f"{bo} alone <https://example.org/{ana}>")
    terminal = sit(120)

    for shown in (terminal.styled, terminal.press("1")):
        assert not any(name.casefold() in shown.casefold() for name in (ana, bo) if f"{name}s" not in shown)
    first = terminal.shown[0]
    assert "Person A and Person B" in first
    assert "By Person A" in first
    assert "Person B: Person A's" in first
    assert "profiles" not in terminal.styled
    assert "Person A alone" in first


@pytest.mark.slow
def test_markdown_is_shown_as_what_it_means(workspace: Path, sit: Sit) -> None:
    """Headings, lists, emphasis, entities and escapes are no marks on the screen; what is bold is bold."""
    body = "## A day\n\n- **bold** one\n- two &amp; `code`\n\n1\\. no list\n\n[a link](document:x) end"
    filled(workspace, body, "plain")
    terminal = sit(100)
    shown = terminal.shown[0]

    for text in ("A day", "• bold one", "• two & code", "1. no list", "a link end"):
        assert text in shown
    assert not re.search(r"##|\*\*|`|&amp;|\]\(|document:", shown)
    assert "\x1b[1m" in terminal.styled


@pytest.mark.slow
def test_a_judgement_is_on_what_was_shown(workspace: Path, sit: Sit) -> None:
    """A document that is written anew while a judge reads was not judged anew."""
    terminal = sit()
    with duckdb.connect(workspace / ".egregora/egregora.duckdb") as other:
        other.execute("UPDATE documents SET body = body || ' and more'")
    terminal.press("1")
    ((stale,),) = rows(
        workspace,
        "SELECT count(*) FROM elo_history JOIN documents ON document_id::VARCHAR = document_a "
        "WHERE content_a <> md5(title || chr(10) || body)",
    )
    assert stale == 1


@pytest.mark.slow  # three processes at once
def test_two_people_vote_while_a_run_goes_on(workspace: Path, sit: Sit) -> None:
    """Whoever finds the database in use waits: no answer is lost, none is counted twice, and the run ends well."""
    judges = [sit(), sit()]
    run_again = command("run", "--force", "privacy", "--force", "generation", "--force", "publication")
    answers = 0
    environment = {**os.environ, **WITHOUT_REPORT}
    with Forked(run_again, cwd=workspace, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as run:
        while run.poll() is None:
            for judge in judges:
                judge.press("12"[answers % 2])
                answers += 1
        assert run.stdout is not None
        assert run.returncode == 0, run.stdout.read()
    for judge in judges:
        judge.press("q")
        assert judge.code() == 0

    assert answers > 0
    assert len(outcomes(workspace)) == answers
    assert {status for (status,) in rows(workspace, "SELECT DISTINCT status FROM runs")} <= {"completed", "cached"}


def filled(workspace: Path, *bodies: str) -> None:
    """Keep as many posts as there are bodies, with these bodies."""
    with duckdb.connect(workspace / ".egregora/egregora.duckdb") as database:
        kept = database.execute("SELECT document_id::VARCHAR FROM documents WHERE kind = 'post' ORDER BY 1").fetchall()
        for (document,), body in zip(kept[: len(bodies)], bodies, strict=True):
            database.execute("UPDATE documents SET body = $1 WHERE document_id = $2", [body, document])
        left_out = [document for (document,) in kept[len(bodies) :]]
        database.execute("DELETE FROM documents WHERE document_id::VARCHAR IN (SELECT unnest($1))", [left_out])


@pytest.mark.parametrize("columns", [80, pytest.param(200, marks=pytest.mark.slow)])
def test_wide_characters_keep_their_column(workspace: Path, sit: Sit, columns: int) -> None:
    """CJK characters and emoji take two cells, combining marks none: the middle line stays straight."""
    filled(workspace, WIDE, f"plain {WIDE}")
    lines = pair(sit(columns).shown[0]).splitlines()[:-1]

    top, bottom = (number for number, line in enumerate(lines) if line.startswith("──"))
    middle = lines[top].index("┬")
    inside = lines[top + 1 : bottom]
    assert middle == (columns - 3) // 2 + 1
    assert "🎉" in inside[0] + inside[1]
    assert {cells(line.partition("│")[0]) for line in inside} == {middle}
    assert max(map(cells, lines[top : bottom + 1])) <= columns


@pytest.mark.slow
def test_without_room_one_is_below_the_other(workspace: Path, sit: Sit) -> None:
    """At 40 columns nothing is wider than the terminal, and both documents are on the screen."""
    filled(workspace, WIDE, f"plain {WIDE}")
    terminal = sit(40)
    lines = terminal.shown[0].splitlines()

    assert [line.strip("─ ") for line in lines if line.startswith("──")] == ["left", "right", ""]
    assert max(map(cells, lines)) <= 40
    assert len(lines) <= 24
    assert terminal.shown[0].count("日本語のテキスト") >= 2
    assert max(len(line) for line in terminal.press("x").splitlines()) <= 40


@pytest.mark.slow
def test_a_long_document_is_cut_and_says_so(workspace: Path, sit: Sit) -> None:
    """What does not fit is counted; m shows all of it, and the same pair is still to be judged."""
    filled(workspace, "  \n".join(f"line {n}" for n in range(400)), "short")
    terminal = sit()
    shown = terminal.shown[0]
    assert len(shown.splitlines()) <= 24
    more = re.search(r"… (\d+) more lines: m", shown)
    assert more
    assert shown.count("line ") + int(more[1]) == 400
    assert "line 399" not in shown

    whole = terminal.press("m")
    assert all(f"line {n}\n" in whole or f"line {n} " in whole for n in range(400))
    terminal.press("1")
    assert outcomes(workspace) == [("a", True)]


# --- layout -------------------------------------------------------------------------------------------------------


def test_a_text_cannot_command_the_terminal() -> None:
    """Escape sequences, carriage returns and reversals of direction are not passed on, as entities neither."""
    shown = laid_out("one\x1b[2J\x07\x9b2J\rtwo\r\n\r\nthree\x00\u202e &#155;4&#x202e;", "b", 80, 24)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", shown)
    lines = [line.partition("│")[0].strip() for line in shown.splitlines()[1:4]]
    assert lines[:2] == ["one[2J2Jtwo", ""]
    assert re.fullmatch("three .?4", lines[2])


def test_a_word_longer_than_the_column_is_broken() -> None:
    """A link is shown whole, in pieces."""
    link = "https://example.org/" + "x" * 100
    shown = laid_out(link, "", 80, 24)
    assert "".join(line.partition("│")[0].strip() for line in shown.splitlines()[1:-1]) == link


def test_an_empty_text_and_a_tiny_screen() -> None:
    """Neither is an error."""
    assert laid_out("", "", 80, 24).count("\n") == 2
    assert "left" in laid_out("a b c " * 50, "", 12, 3)
    assert in_lines(["1 left", "2 right"], 8) == "1 left\n2 right"
