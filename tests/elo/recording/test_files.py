"""What a file may look like, and on which of its lines something is wrong."""

import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from egregora_core.errors import UsageError
from egregora_elo.errors import ComparisonError
from egregora_elo.ledger import Ledger
from egregora_elo.recording import Imported, ImportOptions, import_file

HEAD = "a,b,winner\n"


@pytest.fixture
def take(ledger: Ledger, tmp_path: Path) -> Any:
    """A function that imports a text, or bytes, as a file of a given name."""

    def taken(content: str | bytes, name: str = "votes.csv", **options: Any) -> Imported:
        path = tmp_path / name
        data = content.encode() if isinstance(content, str) else content
        path.write_bytes(gzip.compress(data) if name.lower().endswith(".gz") else data)
        return import_file(ledger, path, ImportOptions(allow_unknown=True, **options))

    return taken


def labels(ledger: Ledger) -> list[str]:
    return [label for (label,) in ledger.rows("SELECT document_id FROM elo_ratings ORDER BY 1")]


# --- what is read -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        "a;b;winner\nx;y;a\n",
        "a|b|winner\nx|y|a\n",
        '\ufeff"a";"b";"winner"\r\n"x";"y";"a"\r\n',
        "\ufeffa,b,winner\nx,y,a",
        " a , b , winner \nx,y,a\n",
        "A,B,Winner\nx,y,a\n",
        ",a,b,winner\n0,x,y,a\n",
        "a,b,winner,\nx,y,a,\n",
        "\n\na,b,winner\n\nx,y,a\n\n",
        "a,b,winner\rx,y,a\r",
    ],
)
def test_csv_as_programs_write_it(take: Any, ledger: Ledger, content: str) -> None:
    """Semicolons, a byte order mark, blanks, blank lines, an index without a name, any line ending."""
    assert take(content) == Imported(1, 1, 0, 0, 2)
    assert labels(ledger) == ["x", "y"]


@pytest.mark.parametrize("name", ["votes.csv.gz", "VOTES.CSV.GZ", "votes.jsonl.gz"])
def test_compressed_files(take: Any, ledger: Ledger, name: str) -> None:
    """A .gz is read as what it holds, and its lines are those of what it holds."""
    if ".jsonl" in name:
        good, bad = '{"a": "x", "b": "y", "winner": "a"}\n', '\n{"a": "x", "b": "y", "winner": "TYPO"}\n'
    else:
        good, bad = HEAD + "x,y,a\n", "\nx,y,TYPO\n"
    with pytest.raises(ComparisonError, match=f"{name}:{3 if '.jsonl' in name else 4}: unknown winner"):
        take(good + bad, name)
    assert take(good, name).added == 1


def test_a_name_with_special_marks_is_that_file_alone(take: Any, ledger: Ledger) -> None:
    """`votes[1].csv` is no pattern, and a folder's name no column."""
    take(HEAD + "p,q,a\n", "votes1.csv")
    take(HEAD + "x,y,a\n", "votes[1].csv")
    take(HEAD + "v,w,a\n", "*.csv")
    assert labels(ledger) == ["p", "q", "v", "w", "x", "y"]


def test_a_field_that_only_late_lines_have(take: Any, ledger: Ledger) -> None:
    """In JSON Lines a field may appear at any line: it is read all the same."""
    row = {"a": "x", "b": "y", "winner": "a"}
    lines = [json.dumps(row)] * 25_000 + [json.dumps({**row, "judge": "ann"})]
    take("\n".join(lines), "votes.jsonl")
    assert ledger.value("SELECT count(*) FROM elo_history WHERE judge = 'ann'") == 1


def test_a_file_may_change_its_form(take: Any, ledger: Ledger, tmp_path: Path) -> None:
    """Csv exported again as Parquet, or renamed: the same comparisons, found again."""
    content = HEAD + "x,y,a\ny,x,tie\n"
    assert take(content).added == 2
    pq.write_table(pa.table({"a": ["x", "y"], "b": ["y", "x"], "winner": ["a", "tie"]}), tmp_path / "votes.parquet")
    assert import_file(ledger, tmp_path / "votes.parquet").copy_of == "votes.csv"
    assert take(content, "renamed.csv").added == 0
    assert ledger.value("SELECT count(*) FROM elo_history") == 2


def test_labels_are_what_they_look_like(take: Any, ledger: Ledger) -> None:
    """Case, blanks, scripts and forms of one letter make different labels: nobody said that they are the same."""
    names = ["Ann", "ann", "Ann ", "ação", "ac\u0327a\u0303o", "日本", "🎉"]
    done = take(HEAD + "".join(f"{name},0,a\n" for name in names))
    assert sorted(labels(ledger)) == sorted([*names, "0"])
    assert [set(group) for group in done.alike] == [{"Ann", "ann", "Ann "}, {"ação", "ac\u0327a\u0303o"}]


def test_a_label_like_one_that_is_known(take: Any) -> None:
    """Told once, when it is new; with equal labels there is nothing to tell."""
    assert take(HEAD + "x,y,a\n").alike == ()
    assert take(HEAD + "x,y,a\nx, y,b\n").alike == ((" y", "y"),)
    assert take(HEAD + "x,y,a\nx, y,b\nx, y,b\n").alike == ()


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2024-05-01 12:00:00", "2024-05-01 12:00:00+00"),
        ("2024-05-01T12:00:00Z", "2024-05-01 12:00:00+00"),
        ("2024-05-01T12:00:00.5+02:00", "2024-05-01 10:00:00.5+00"),
        ("2024-05-01", "2024-05-01 00:00:00+00"),
        ("1714564800", "2024-05-01 12:00:00+00"),
        ("1714564800.5", "2024-05-01 12:00:00.5+00"),
    ],
)
def test_timestamps(take: Any, ledger: Ledger, written: str, moment: str) -> None:
    """With a zone, without one (then UTC), or in seconds since 1970."""
    take(f"a,b,winner,timestamp\nx,y,a,{written}\n")
    assert ledger.value("SELECT timestamp::VARCHAR FROM elo_history") == moment


@pytest.mark.parametrize("value", ["1e300", "99999999999999999999", "1714564800000", "inf", "nan", "10000-01-01"])
def test_a_timestamp_out_of_reach_is_an_error_of_its_row(take: Any, value: str) -> None:
    """A number that no calendar has is told with its line, and does not stop the reading."""
    with pytest.raises(ComparisonError, match=r"votes.csv:3: no timestamp"):
        take(f"a,b,winner,timestamp\nx,y,a,1714564800\nx,y,a,{value}\n")


@pytest.mark.parametrize("value", ["1e308", "1e10", "inf", "-0.1"])
def test_a_weight_out_of_reach(take: Any, value: str) -> None:
    """A weight that would make ratings infinite is an error of its row."""
    with pytest.raises(ComparisonError, match=r"votes.csv:2: no weight"):
        take(f"a,b,winner,weight\nx,y,a,{value}\n")


# --- what is refused ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (HEAD + '"two\nlines",y,a\nx,y,TYPO\n', ":4: unknown winner 'TYPO'"),
        (HEAD + "x,y,a\n\n\nx,y,TYPO\n", ":5: unknown winner 'TYPO'"),
        ("\n\n" + HEAD + "x,y,TYPO\n", ":4: unknown winner 'TYPO'"),
        (HEAD + "x,y,a\nx,y\nx,y,TYPO\n", ":3: fewer columns than the first line names"),
        (HEAD + "x,y,a\nx,y\nx,y,TYPO\n", ":4: unknown winner 'TYPO'"),
        (HEAD + '"é\né",y,a\nx,y,a,b,c\n', ":4: more columns than the first line names"),
        (HEAD + 'x,y,a\n"x,y,a\n', ":3: a quoted value does not end"),
        (HEAD.encode() + b"x,y,a\ncaf\xe9,y,a\n", ":3: it is not UTF-8"),
    ],
)
def test_the_line_is_that_of_the_file(take: Any, content: str | bytes, told: str) -> None:
    """Blank lines, line breaks in quotes and rows that are none all count as the lines that they take."""
    with pytest.raises(ComparisonError) as caught:
        take(content)
    assert f"votes.csv{told}" in str(caught.value)


def test_rows_that_are_none_can_be_left_out(take: Any, ledger: Ledger) -> None:
    """`--skip-invalid` leaves them out and counts them, in csv as in JSON Lines."""
    assert take(HEAD + "x,y,a\nx,y\nx,y,a,b\nx,y,TYPO\n", skip_invalid=True) == Imported(4, 1, 0, 3, 2)
    lines = '{"a": "p", "b": "q", "winner": "a"}\n\nno json\n{"a": "x"\n{"a": "x", "b": "y", "winner": "nobody"}\n'
    with pytest.raises(
        ComparisonError, match=r"(?s)^3 of its.*:3: no comparison.*:4: no comparison.*:5: unknown winner"
    ):
        take(lines, "votes.jsonl")
    assert take(lines, "votes.jsonl", skip_invalid=True) == Imported(4, 1, 0, 3, 2)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("votes.csv", "", "is empty: its first line must name the columns"),
        ("votes.csv", "\n \n", "is empty"),
        ("votes.jsonl", "", "is empty; write one object a line"),
        ("votes.jsonl", '\n[{"a": "x", "b": "y", "winner": "a"}]', ":2: no JSON object; write one object a line"),
        ("votes.jsonl", '\ufeff{"a": "x", "b": "y", "winner": "a"}', "begins with a byte order mark"),
        ("votes.csv", HEAD.encode("utf-16"), "is written in UTF-16: save it as UTF-8"),
        ("votes.csv", "a,b,winner,Winner\nx,y,a,b\n", ":1: two columns are called 'winner'"),
        ("votes.parquet", "", "cannot be read"),
    ],
)
def test_a_file_that_is_no_such_file(take: Any, name: str, content: str | bytes, told: str) -> None:
    """One message says what is wrong with it and what to do."""
    with pytest.raises(ComparisonError) as caught:
        take(content, name)
    assert f"{name}{told if told.startswith(':') else f' {told}'}" in str(caught.value)


def test_a_header_alone_is_no_error(take: Any) -> None:
    """No comparison yet is a number of comparisons."""
    assert take(HEAD) == Imported(0, 0, 0, 0, 0)


def test_a_compressed_file_that_is_broken(ledger: Ledger, tmp_path: Path) -> None:
    """Neither a wrong suffix nor a cut file is a traceback."""
    path = tmp_path / "votes.csv.gz"
    for content in (b"a,b,winner\n", gzip.compress(HEAD.encode() * 5000)[:40]):
        path.write_bytes(content)
        with pytest.raises(ComparisonError, match=r"votes.csv.gz cannot be read"):
            import_file(ledger, path, ImportOptions(allow_unknown=True))


@pytest.mark.parametrize("name", ["folder.csv", "votes.gz", "votes.parquet.gz", "votes"])
def test_wrong_use(ledger: Ledger, tmp_path: Path, name: str) -> None:
    """A directory and an unknown kind are wrong use."""
    path = tmp_path / name
    path.mkdir() if name.startswith("folder") else path.write_text("x")
    with pytest.raises(UsageError, match="is a directory" if path.is_dir() else "comparisons are read from"):
        import_file(ledger, path)
