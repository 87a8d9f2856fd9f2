"""`query`, `export`, `forget` and `runs`: what they print does no harm, and nothing is lost without a word."""

import csv
import io
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from egregora_core import cli
from egregora_core.storage import harmless, harmless_sql, is_formula, is_formula_sql

Run = Callable[..., tuple[int, str, str]]

HOSTILE = "chr(27) || '[31mred' || chr(155) || '2J' || chr(8238) || 'txet'"
"""A text that would colour, clear and turn a terminal, as SQL."""


class Screen(io.StringIO):
    """What a terminal is to the program that writes to it."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of one chat, in which a name and two texts are formulas."""
    directory = tmp_path_factory.mktemp("made")
    lines = ["=cmd|x: hello", 'Bo: =HYPERLINK("https://example.org","look")', "Bo: +1", "Bo: @SUM(A1)", "Ana: - 5"]
    chat = "".join(f"0{n}/03/2024, 18:58 - {line}\n" for n, line in enumerate(lines, 1))
    (directory / "WhatsApp Chat with Book club.txt").write_text(chat, encoding="utf-8")
    with pytest.raises(SystemExit) as stop:
        cli.main(
            ["run", "-w", str(directory), str(directory / "WhatsApp Chat with Book club.txt"), "--timezone", "UTC"]
        )
    assert not stop.value.code
    return directory


@pytest.fixture
def run(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]) -> Run:
    """A function that runs a command on that workspace from an empty directory."""
    monkeypatch.chdir(tmp_path)

    def called(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stop:
            cli.main(["--workspace", str(made), *arguments])
        out, err = capsysbinary.readouterr()
        return int(stop.value.code or 0), out.decode("utf-8", "surrogateescape"), err.decode()

    return called


@pytest.fixture
def look(made: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """A function that runs a command on that workspace at a terminal and returns what is on it."""

    def seen(*arguments: str, columns: int = 80) -> str:
        screen = Screen()
        with monkeypatch.context() as patched:
            patched.setattr(sys, "stdout", screen)
            patched.setenv("COLUMNS", str(columns))
            with pytest.raises(SystemExit):
                cli.main(["--workspace", str(made), *arguments])
        return screen.getvalue()

    return seen


# --- query ----------------------------------------------------------------------------------------------------------


@pytest.mark.slow  # several whole commands
@pytest.mark.parametrize(
    ("statement", "near"),
    [
        ("from messages", "ir_messages"),
        ("select * from mesages", "ir_messages"),
        ("from main.docs", "documents"),
        ("select 1 from runs join stage_privcy on true", "stage_privacy"),
        ("select txt from stage_privacy", "text"),
        ("select r.stat from runs r", "status"),
        ("select author from ir_messages order by tz", "author_raw"),
        ("select cuont(*) from runs", "count"),
        ("pivot mesages on source using count(*)", "ir_messages"),
    ],
)
def test_a_misspelt_name_gets_a_guess(statement: str, near: str, run: Run) -> None:
    """Tables, columns and functions."""
    code, _, err = run("query", statement)
    assert code == 2
    assert f"did you mean '{near}'" in err


@pytest.mark.parametrize("column", ["kind from ir_messages", "m.kind from stage_privacy m"])
def test_a_column_that_is_an_attribute_is_said_to_be_one(column: str, run: Run) -> None:
    code, _, err = run("query", f"select {column}")
    assert code == 2
    assert "have it: attrs->>'kind'" in err


def test_a_table_like_no_other_gets_the_list(run: Run) -> None:
    """Whoever knows no name is shown all of them."""
    _, _, err = run("query", "from zzzzzzzz")
    assert all(name in err for name in ("documents", "ir_messages", "runs", "stage_privacy"))


@pytest.mark.slow  # several commands, or many cases
@pytest.mark.parametrize("end", ["", ";", " ;  "])
@pytest.mark.parametrize("around", ["{}", "from ({})", "with p as ({}) select * from p"])
def test_a_pivot_is_one_statement(around: str, end: str, run: Run) -> None:
    """The engine makes two of it; whoever wrote it wrote one."""
    pivot = "pivot (select source, attrs->>'kind' as kind from ir_messages) on kind using count(*)"
    statement = around.format(pivot) + end
    code, out, err = run("query", statement, "--json")
    assert code == 0, err
    assert json.loads(out) == [{"source": "whatsapp", "text": 5}]
    assert run("query", statement)[1].split() == ["source", "text", "whatsapp", "5"]


@pytest.mark.parametrize(
    "statement",
    [
        "select 1; select 2",
        "pivot runs on step using count(*); select 1",
        "select 1; pivot runs on step using count(*)",
        "pivot runs on step using count(*); create temp table x as select 1",
        "create temp table x as select 1",
        "create type t as enum ('a'); select 1",
        "select 1) as q; drop table runs; select * from (select 1",
        "",
    ],
)
def test_more_than_one_statement_or_another_one_is_refused(statement: str, run: Run) -> None:
    """What the engine adds to a pivot opens no door."""
    assert run("query", statement)[0] == 2
    assert run("query", "select count(*) > 0 as there from runs", "--csv")[1] == "there\ntrue\n"


def test_a_refusal_is_about_what_was_asked(run: Run) -> None:
    """Nothing, something from outside, JSON without parentheses: each gets its own advice."""
    for nothing in ("", "  ", ";"):
        assert "say what to select" in run("query", nothing)[2]
    for outside in ("select * from read_csv('/etc/passwd')", "from read_text('x')", "from 'x.parquet'"):
        code, _, err = run("query", outside)
        assert (code, "JSON" in err) == (2, False), err


def test_csv_has_the_line_ends_of_this_system(run: Run) -> None:
    """Every line ends with a line feed alone, so that `cut`, `sort` and `diff` work; texts keep theirs."""
    _, out, _ = run(
        "query", "select 1 as a, 'x' || chr(13) || chr(10) as b union all select 2, 'x' order by a", "--csv"
    )
    assert out == 'a,b\n1,"x\r\n"\n2,x\n'


def test_data_in_a_pipe_are_as_they_are_stored(run: Run) -> None:
    """Nothing is taken out of what a program reads."""
    _, out, _ = run("query", f"select {HOSTILE} as t", "--csv")
    assert out == "t\n\x1b[31mred\x9b2J\u202etxet\n"


@pytest.mark.parametrize("form", [["--csv"], ["--json"], []])
def test_a_terminal_is_not_commanded(form: list[str], look: Callable[..., str]) -> None:
    """No form passes on what it would obey, columns' names included."""
    seen = look("query", f'select {HOSTILE} as "a\x1b[2Jb"', *form)
    assert "red" in seen
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", seen)


def test_json_says_the_same_with_everything_escaped(run: Run) -> None:
    """U+009B and U+202E too, in a pipe as well, for somebody will look at it."""
    _, out, _ = run("query", f"select {HOSTILE} as t, chr(8232) as u", "--json")
    assert json.loads(out) == [{"t": "\x1b[31mred\x9b2J\u202etxet", "u": "\u2028"}]
    assert out.isascii()


# --- spreadsheets ---------------------------------------------------------------------------------------------------

FORMULAS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3+cmd", "@SUM(A1)", "\t=1", "\rx", "\n=1", "  =1", "\ufeff=1", "\u200e@x"]
FORMULAS += [
    "\uff1dHYPERLINK(1)",
    "\uff0b1",
    "\uff0d1",
    "\uff20x",
    "\u3000=1",
    "\x00=1",
    "- item",
    "-",
    "=",
    "+55 a",
    "\xa0=1",
]
TEXTS = ["", "a", "a=1", "1+1", "'=1", "+1", "-5", "-1,234.5", "+1e-7", "-12%", "x@y", " a", "😀=1", "\u0301a", "5-"]


@pytest.mark.parametrize("cell", [*FORMULAS, *TEXTS], ids=ascii)
def test_what_a_spreadsheet_would_run_is_told_from_text_and_numbers(cell: str) -> None:
    """By Python and by the engine alike; a quotation mark in front makes it text."""
    dangerous = cell in FORMULAS
    found = duckdb.execute(f"SELECT {is_formula_sql('c')}, {harmless_sql('c')} FROM (SELECT $1 AS c)", [cell])

    assert is_formula(cell) == dangerous
    assert harmless(cell) == ("'" + cell if dangerous else cell)
    assert found.fetchall() == [(dangerous, harmless(cell))]


@pytest.mark.parametrize(("options", "formulas"), [([], 0), (["--raw"], 0), (["--raw", "--exact"], 4)])
def test_an_exported_csv_runs_nowhere_unless_it_is_wanted(options: list[str], formulas: int, run: Run) -> None:
    """Names and texts; how many cells were changed is said, and the way to have them as they are."""
    code, _, err = run("export", "--format", "csv", "-o", "out.csv", *options)
    assert code == 0, err
    rows = list(csv.DictReader(Path("out.csv").read_text(encoding="utf-8").splitlines()))
    assert len(rows) == 5
    assert sum(is_formula(cell) for row in rows for cell in row.values()) == formulas
    assert "+1" in {row["text"] for row in rows}
    assert ("--exact leaves it out" in err) == ("--exact" not in options)


def test_a_query_as_csv_runs_nowhere_either(run: Run) -> None:
    """The same, with the same option; other forms are no spreadsheet's."""
    statement = "select '=1' as a, -5 as b, '-5' as c, '@x' as d"
    _, out, err = run("query", statement, "--csv")
    assert (out, "2 cells begin" in err) == ("a,b,c,d\n'=1,-5,-5,'@x\n", True)
    assert run("query", statement, "--csv", "--exact")[1:] == ("a,b,c,d\n=1,-5,-5,@x\n", "")
    assert json.loads(run("query", statement, "--json")[1])[0]["a"] == "=1"


# --- export ---------------------------------------------------------------------------------------------------------


def test_a_file_that_is_there_is_not_replaced_unless_it_is_said(run: Run, made: Path) -> None:
    """Named or by default; it stays as it was, and the error says both ways on."""
    Path("mine.csv").write_text("precious")
    for arguments in (["-o", "mine.csv"], ["-o", "mine.csv", "--format", "csv", "--raw"]):
        code, _, err = run("export", *arguments)
        assert (code, "--overwrite" in err, "--output" in err) == (2, True, True)
    assert Path("mine.csv").read_text() == "precious"
    assert run("export", "-o", "mine.csv", "--format", "parquet")[0] == 2
    Path("mine.csv").rename("mine")
    assert run("export", "-o", "mine", "--overwrite")[0] == 0
    assert Path("mine").read_bytes().startswith(b"PAR1")

    assert run("export", "--format", "jsonl")[0] == 0
    assert run("export", "--format", "jsonl")[0] == 2
    (made / "messages.jsonl").unlink()


@pytest.mark.parametrize(
    ("name", "begins"), [("a.csv", b"event_id,"), ("b.JSONL", b'{"'), ("c.ndjson", b'{"'), ("d.parquet", b"PAR1")]
)
def test_the_end_of_a_files_name_says_its_format(name: str, begins: bytes, run: Run) -> None:
    """In any case of its letters; any other end is Parquet's, and one that contradicts --format is refused."""
    assert run("export", "-o", name)[0] == 0
    assert Path(name).read_bytes().startswith(begins)
    other = "csv" if name == "d.parquet" else "parquet"
    code, _, err = run("export", "-o", f"x{name}", "--format", other)
    assert (code, "contradict" in err, Path(f"x{name}").exists()) == (2, True, False)
    assert run("export", "-o", f"{name}.bak")[0] == 0
    assert Path(f"{name}.bak").read_bytes().startswith(b"PAR1")


def test_a_dash_is_standard_output(run: Run) -> None:
    """The data alone go there, whatever the format; what is said about them goes to the other one."""
    assert run("export", "-o", "file.csv", "--format", "csv")[0] == 0
    code, out, err = run("export", "-o", "-", "--format", "csv")
    assert code == 0
    assert out == Path("file.csv").read_text(encoding="utf-8")
    assert "5 messages written to standard output" in err
    _, out, _ = run("export", "--output=-", "--format", "jsonl")
    assert [json.loads(line)["source"] for line in out.splitlines()] == ["whatsapp"] * 5
    assert run("export", "-o", "-")[1].startswith("PAR1")
    assert not Path("-").exists()


def test_bytes_are_not_shown_on_a_terminal(look: Callable[..., str]) -> None:
    """Text is."""
    assert look("export", "-o", "-") == ""
    assert len(look("export", "-o", "-", "--format", "jsonl").splitlines()) == 5


# --- forget ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [[], ["--yes"]])
def test_forgetting_nothing_says_what_there_is(arguments: list[str], run: Run, look: Callable[..., str]) -> None:
    """Chats by id, sources, and how to find people; a chat's title, which may be a name, at a terminal alone."""
    code, out, err = run("forget", *arguments)
    assert code == 2
    assert "--thread, --author and --source" in err
    assert re.search(r"^[0-9a-f-]{36}  whatsapp  5$", out, re.MULTILINE)
    assert "Book club" not in out + err
    for columns in (100, 60):
        seen = look("forget", *arguments, columns=columns)
        assert re.search(r"^p-[0-9a-f]{8}  whatsapp +5 +Book club$", seen, re.MULTILINE)
    listed = run("query", out.split('"')[1])[1]
    assert "Ana" in listed


def test_forgetting_two_things_at_once_is_wrong_use_before_anybody_is_asked(run: Run) -> None:
    """Nothing is opened for writing."""
    code, _, err = run("forget", "--thread", "x", "--author", "y")
    assert (code, "exactly one" in err, "--yes" in err) == (2, True, False)


# --- runs -----------------------------------------------------------------------------------------------------------


def test_without_an_id_the_last_run_is_meant(run: Run, tmp_path: Path) -> None:
    """To show, to explain and to trace; where there is none, that is said."""
    newest = json.loads(run("runs", "--json")[1])[0]["run_id"]
    assert json.loads(run("runs", "show", "--json")[1])["run_id"] == newest
    assert newest in run("runs", "show")[1]
    assert newest in run("runs", "explain")[1]
    assert json.loads(run("runs", "lineage", "--json")[1])[0]["run_id"] == newest
    with pytest.raises(SystemExit) as stop:
        cli.main(["runs", "show", "-w", str(tmp_path)])
    assert stop.value.code == 2


# --- tables ---------------------------------------------------------------------------------------------------------


@pytest.mark.slow  # several commands, or many cases
@pytest.mark.parametrize("columns", [60, 80, 120])
@pytest.mark.parametrize(
    "command",
    [["runs"], ["plugins"], ["config", "show"], ["schema", "show"], ["query", "select step, stage, status from runs"]],
)
def test_tables_fit_the_terminal(command: list[str], columns: int, look: Callable[..., str], run: Run) -> None:
    """No line is wider than it, there are as many as in a pipe, and a run's id is never cut."""
    seen = look(*command, columns=columns).splitlines()
    piped = run(*command)[1].splitlines()
    assert max(map(len, seen)) <= columns
    assert len(seen) == len(piped)
    assert "…" in "".join(seen) or seen == piped
    if command == ["runs"]:
        assert [line.split()[0] for line in seen] == [line.split()[0] for line in piped]
