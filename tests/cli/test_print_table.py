"""Tables for people: straight columns, and nothing that the terminal would obey."""

import io
import sys
from collections.abc import Callable

import pytest
from egregora_core.cli import print_facts, print_table
from egregora_core.cli._table import between_words
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len


class Screen(io.StringIO):
    """What a terminal is to the program that writes to it."""

    def isatty(self) -> bool:
        return True


def shown(columns: int, show: Callable[[], None]) -> list[str]:
    """Return the lines that something prints on a terminal so wide."""
    screen = Screen()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "stdout", screen)
        patched.setenv("COLUMNS", str(columns))
        show()
    return screen.getvalue().splitlines()


def test_columns_are_straight_whatever_the_characters(capsys: pytest.CaptureFixture[str]) -> None:
    """CJK characters and emoji take two cells of a terminal, combining marks none."""
    print_table(("name", "n"), [("日本", 1), ("e\u0301te\u0301", 2), ("🎉", 3), ("plain", 4)])
    assert capsys.readouterr().out.splitlines() == [
        "name   n",
        "日本   1",
        "e\u0301te\u0301    2",
        "🎉     3",
        "plain  4",
    ]


def test_a_cell_is_one_line_and_no_command(capsys: pytest.CaptureFixture[str]) -> None:
    """Line breaks are shown; escape sequences, carriage returns and turns of direction are not passed on."""
    print_table(("text",), [("one\r\ntwo\x1b[2J\x07\u202e\tend",)])
    assert capsys.readouterr().out == "text\none⏎two[2J end\n"


def test_a_narrow_terminal_shortens_the_widest_columns() -> None:
    """What does not fit ends in an ellipsis; what must stay whole does; columns stay straight."""
    rows = [("…3f2a1b", "a" * 30, "b" * 90), ("…000000", "short", "日本語" * 20)]
    lines = shown(50, lambda: print_table(("run", "step", "why"), rows, whole=("run",)))

    assert lines[0].split() == ["run", "step", "why"]
    assert lines[1].startswith("…3f2a1b  aaaa")
    assert lines[1].count("…") == 3
    assert {line.index(word) for line, word in zip(lines, ("step", "aaa", "short"), strict=True)} == {9}
    assert max(map(cell_len, lines)) <= 50
    assert cell_len(lines[2]) in {49, 50}  # a character of two cells may leave one over


def test_columns_without_room_are_left_out_and_named(capsys: pytest.CaptureFixture[str]) -> None:
    """Those that can be spared go first, then the last ones; never the first."""
    names = ("id", "one", "two", "three", "four")
    row = tuple(name * 12 for name in names)

    def table() -> None:
        print_table(names, [row], spare=("two", "one"))

    assert shown(60, table)[0].split() == ["id", "one", "three", "four"]
    assert "no room for two;" in capsys.readouterr().err
    assert shown(40, table)[0].split() == ["id", "three", "four"]
    assert shown(30, table)[0].split() == ["id", "three"]
    assert shown(4, table) == ["id", "idi…"]
    print_table(names, [row], spare=("two", "one"))
    assert capsys.readouterr().out.split() == [*names, *row]


def test_rows_stand_upright_where_columns_have_no_room() -> None:
    """If that is wanted: nothing is lost then, and each row has a line that says which it is."""
    names = ("id", "one", "two", "three", "four", "five")
    rows = [tuple(f"{name} {n} " * 4 for name in names) for n in range(2)]

    lines = shown(60, lambda: print_table(names, rows, spare=None))

    assert [line for line in lines if line.startswith("--")] == ["-- row 1 --", "-- row 2 --"]
    assert [line.split()[0] for line in lines if not line.startswith(("--", " "))] == [*names, *names]
    assert max(map(len, lines)) <= 60
    assert shown(200, lambda: print_table(names, rows, spare=None))[0].split() == [*names]


@given(st.lists(st.text("ab日-_", min_size=1, max_size=30), min_size=1, max_size=20), st.integers(20, 100))
def test_what_is_said_is_broken_between_words(words: list[str], columns: int) -> None:
    """Every word stays whole, none is lost, and a line is only wider than the terminal where one word is."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("COLUMNS", str(columns))
        lines = between_words(" ".join(words)).split("\n")
    assert [word for line in lines for word in line.split(" ")] == words
    assert all(cell_len(line) <= columns or " " not in line for line in lines)


def test_a_long_value_goes_on_below_itself() -> None:
    """Facts lose nothing; in a pipe each is one line."""

    def facts() -> None:
        print_facts([("name", "word " * 20), ("other", None), ("日本", "x" * 50)])

    lines = shown(40, facts)
    assert max(map(cell_len, lines)) <= 40
    assert [line[:5].strip() for line in lines if not line.startswith(" ")] == ["name", "other", "日本"]
    assert "".join(lines).count("word") == 20
    assert "".join(lines).count("x") == 50


@given(
    st.lists(st.lists(st.text(max_size=40), min_size=3, max_size=3), min_size=1, max_size=4),
    st.integers(min_value=1, max_value=120),
)
def test_no_line_is_wider_than_the_terminal(rows: list[list[str]], columns: int) -> None:
    """Whatever stands in the cells, and however little room there is."""
    lines = shown(columns, lambda: print_table(("a", "b", "c"), rows, whole=("b",), spare=("c",)))
    assert len(lines) == len(rows) + 1
    assert max(map(cell_len, lines)) <= columns


def test_facts_are_told_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    """Not as Python writes a dict or a list."""
    print_facts([("left_out", {"stories": 1200, "calls": 1}), ("zones", ["UTC", "Etc/GMT+1"]), ("none", {})])
    said = capsys.readouterr().out.splitlines()
    assert said == ["left_out  stories (1,200), calls (1)", "zones     UTC, Etc/GMT+1", "none"]
