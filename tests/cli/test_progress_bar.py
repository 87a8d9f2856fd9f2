"""What a person sees of a run in a terminal: whole lines, and below them one line that says how far it is."""

from pathlib import Path

import pytest
from egregora_core.plugins import ReadOptions
from egregora_core.session import ExportProgress, Progress
from support import egregora
from terminals import Terminal, spread, wrapped
from whatsapp_reading import read

SCRIPT = """
import sys
import click, typer
from egregora_core.cli._bar import progress_bar
from egregora_core.session._progress import Progress
with progress_bar(after=0) as screen:
    for percent in (12, 43):
        screen.report(Progress("ingestion", "reading the messages", percent * 300_000, 30_000_000, "bytes"))
        typer.echo(f"line at {percent}: " + "many words " * 12)
    input()
    click.echo("a note of a plugin", err=True)
    print("half a", end=" ")
    print("line [not markup] :smile: 1.5")
    screen.report(Progress("ingestion", "reading the messages", 3_000_000, 30_000_000, "bytes"))
    screen.report(Progress("generation", "writing posts", 7, 9))
    input()
typer.echo("done")
"""
SAID = [
    *(f"line at {percent}: " + "many words " * 12 for percent in (12, 43)),
    "a note of a plugin",
    "half a line [not markup] :smile: 1.5",
    "done",
]
SIZES = [60, 80, 120]
CHAT = "04/03/2024, 18:58 - Ana: hello\n25/03/2024, 19:02 - Bo: hi\n"


def _script(tmp_path: Path, columns: int = 80, environment: dict[str, str] | None = None) -> Terminal:
    return Terminal(["-c", SCRIPT], cwd=tmp_path, columns=columns, environment=environment)


@pytest.mark.slow  # several commands, or many cases
@pytest.mark.parametrize("columns", SIZES)
def test_the_bar_is_one_line_below_whole_lines(columns: int, tmp_path: Path) -> None:
    """Whatever prints while it is up, with click, typer or `print`, stands above it; it never goes back, and ends."""
    terminal = _script(tmp_path, columns)
    assert terminal.until(lambda: "43%" in "".join(terminal.lines()))
    *above, bar = terminal.lines()
    assert above == wrapped(SAID[:2], columns)
    assert bar.startswith("reading the messages")
    assert ("12.9 of 30.0 MB" in bar) == (columns > 60)

    terminal.press(b"\n")
    assert terminal.until(lambda: "77%" in "".join(terminal.lines()))
    *above, bar = terminal.lines()
    assert [line for line in above if line] == wrapped(SAID[:4], columns)
    assert bar.startswith("writing posts")
    assert b"10%" not in terminal.seen

    terminal.press(b"\n")
    assert terminal.code() == 0
    assert [line for line in terminal.lines() if line] == wrapped(SAID, columns)
    assert not terminal.screen.cursor.hidden


def test_without_colours_the_bar_has_none(tmp_path: Path) -> None:
    """NO_COLOR is about colours: the bar is there."""
    terminal = _script(tmp_path, environment={"NO_COLOR": "1"})
    assert terminal.until(lambda: "43%" in "".join(terminal.lines()))
    terminal.press(b"\n\n")

    assert terminal.code() == 0
    assert b"\x1b[3" not in terminal.seen
    assert b"\x1b[1;3" not in terminal.seen


def test_a_dumb_terminal_gets_lines_alone(tmp_path: Path) -> None:
    """It cannot take anything back."""
    terminal = _script(tmp_path, environment={"TERM": "dumb"})
    terminal.press(b"\n\n")

    assert terminal.code() == 0
    assert b"\x1b" not in terminal.seen
    assert "reading the messages" not in terminal.seen.decode()
    assert [line for line in terminal.lines() if line] == wrapped(SAID, 80)


@pytest.fixture(scope="module")
def standing(made_by_demo: Path) -> list[str]:
    """What the demo says in a pipe where all of it stands already."""
    done = egregora("--no-plugins", "demo", "w", cwd=made_by_demo.parent, code=0)
    return done.stdout.splitlines()


@pytest.mark.slow
def test_the_demo_in_a_terminal_says_what_it_says_in_a_pipe(ran_demo: tuple[Path, list[str]], tmp_path: Path) -> None:
    """Every line is whole, nothing else is left, and the cursor is where the next prompt belongs."""
    _says(ran_demo[1], 80, tmp_path)


@pytest.mark.slow
@pytest.mark.usefixtures("demo_workspace")
@pytest.mark.parametrize("columns", [60, 120])
def test_the_demo_in_another_terminal_does_so_too(columns: int, standing: list[str], tmp_path: Path) -> None:
    """Lines are as wide as the terminal, whose width none of the work depends on: it was done before."""
    _says(standing, columns, tmp_path)


def _says(piped: list[str], columns: int, tmp_path: Path) -> None:
    terminal = Terminal(["-m", "egregora_core", "--no-plugins", "demo", "w"], cwd=tmp_path, columns=columns)

    assert terminal.code() == 0
    commands = [line for line in piped if line.startswith("  ")]  # they stay in one piece, for whoever copies them
    said = piped[: -len(commands)]
    assert terminal.lines() == [*spread(said, columns), *wrapped(commands, columns)]
    assert (terminal.screen.cursor.x, terminal.screen.cursor.y) == (0, len(terminal.lines()))
    assert not terminal.screen.cursor.hidden


def test_what_is_said_to_a_pipe_is_lines_alone(tmp_path: Path) -> None:
    (tmp_path / "WhatsApp Chat with Ana.txt").write_text(CHAT, encoding="utf-8")
    done = egregora("ingest", "WhatsApp Chat with Ana.txt", "--timezone", "UTC", cwd=tmp_path, code=0)

    said = ["reads it (certain: its lines, and its name)", "runs: new file"]
    assert done.stdout.splitlines() == [f"{'ingestion/whatsapp':<24}{line}" for line in said]
    assert done.stderr == ""


# --- how far it is ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("progress", "percent", "amount"),
    [
        (Progress("ingestion", "x", 0, 100), 0, "0 of 100"),
        (Progress("ingestion", "x", 999, 1000), 99, "999 of 1,000"),
        (Progress("ingestion", "x", 1000, 1000), 100, "1,000 of 1,000"),
        (Progress("ingestion", "x", 3, None), None, "3"),
        (Progress("ingestion", "x"), None, ""),
        (Progress("ingestion", "x", 0, 0), None, ""),
        (Progress("ingestion", "x", 12_000_000, 32_200_000, "bytes"), 37, "12.0 of 32.2 MB"),
        (Progress("ingestion", "x", 1, 12_345, "bytes"), 0, "0 of 12 kB"),
        (Progress("ingestion", "x", 1, 999, "bytes"), 0, "1 of 999 bytes"),
    ],
)
def test_progress_says_no_more_than_is_done(progress: Progress, percent: int | None, amount: str) -> None:
    """100 % is only said of what is done; without a total there is no share."""
    assert (progress.percent, progress.amount) == (percent, amount)


@pytest.mark.slow  # several commands, or many cases
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-8-sig"])
def test_whatsapp_tells_how_many_bytes_it_has_read(encoding: str, tmp_path: Path) -> None:
    """Each pass over the export goes up, to the size of its file."""
    export = tmp_path / "WhatsApp Chat with Ana.txt"
    export.write_text("".join(f"{CHAT[:-1]} {n:0500}\n" for n in range(9_000)), encoding=encoding)
    size = export.stat().st_size
    told: list[tuple[int, int]] = []
    reading = read(export, ReadOptions(progress=lambda done, total: told.append((done, total))))
    before = len(told)
    rows = sum(batch.num_rows for batch in reading.batches)

    assert rows == 18_000
    assert {total for _, total in told} == {size}
    for one_pass in (told[:before], told[before:]):
        assert [done for done, _ in one_pass] == sorted(done for done, _ in one_pass)
        assert one_pass[0][0] < size
        assert one_pass[-1][0] == size


def test_a_second_look_at_an_export_is_called_one() -> None:
    """A bar that begins anew says why; a source that tells no bytes is measured by its messages."""
    heard: list[Progress] = []
    progress = ExportProgress(heard.append, " (2 of 3)")
    progress.start("looking how it is written")
    for done in (5, 9, 5, 9, 5):
        progress.bytes_read(done, 9)
    progress.messages_read(700)
    progress.start("reading the messages")
    progress.messages_read(800)

    assert [(one.doing, one.percent) for one in heard] == [
        ("looking how it is written (2 of 3)", None),
        ("looking how it is written (2 of 3)", 55),
        ("looking how it is written (2 of 3)", 100),
        *(("looking how it is written again (2 of 3)", percent) for percent in (55, 100, 55)),
        ("reading the messages (2 of 3)", None),
        ("reading the messages (2 of 3)", None),
    ]
    assert heard[-1].amount == "800"


@pytest.mark.slow
def test_a_question_has_the_terminal_for_itself(tmp_path: Path) -> None:
    """Its prompt, which ends no line, is seen at once, and no bar is drawn over it while nobody answers."""
    (tmp_path / "WhatsApp Chat with Ana.txt").write_text(CHAT, encoding="utf-8")
    command = ["-m", "egregora_core", "--no-plugins", "ingest", "WhatsApp Chat with Ana.txt"]
    terminal = Terminal(command, cwd=tmp_path, environment={"TZ": "UTC"})
    assert terminal.until(lambda: "(Enter keeps UTC):" in "".join(terminal.lines()))
    assert "(Enter keeps UTC):" in terminal.lines()[-1]

    terminal.press(b"Sao Paulo\n")
    assert terminal.code() == 0
    assert b"times are read as America/Sao_Paulo" in terminal.seen
