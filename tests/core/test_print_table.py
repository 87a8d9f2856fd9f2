"""Tables for people: straight columns, and nothing that the terminal would obey."""

import pytest
from egregora_core.commands import print_table


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
