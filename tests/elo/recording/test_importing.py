"""Files of comparisons: taken as they are meant, or refused with line and reason."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from egregora_core.errors import UsageError
from egregora_elo.errors import ComparisonError
from egregora_elo.ledger import Ledger, void
from egregora_elo.recording import OUTCOMES, Imported, ImportOptions, import_file

Write = Callable[..., Path]
ROWS = [("x", "y", "model_a"), ("x", "y", "model_b"), ("y", "z", "tie"), ("x", "y", "model_a")]
HEAD = ("model_a", "model_b", "winner")


def outcomes(ledger: Ledger) -> list[str]:
    return [outcome for (outcome,) in ledger.rows("SELECT outcome FROM elo_history ORDER BY sequence")]


def take(ledger: Ledger, path: Path, **options: Any) -> Imported:
    return import_file(ledger, path, ImportOptions(allow_unknown=True, **options))


@pytest.mark.parametrize("suffix", ["csv", "tsv", "jsonl", "parquet"])
def test_every_format_says_the_same(ledger: Ledger, tmp_path: Path, suffix: str) -> None:
    """csv, tsv, jsonl and parquet give the same comparisons, in the file's order."""
    path = tmp_path / f"votes.{suffix}"
    table = [dict(zip(HEAD, row, strict=True)) for row in ROWS]
    if suffix == "parquet":
        pq.write_table(pa.Table.from_pylist(table), path)
    elif suffix == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in table), encoding="utf-8")
    else:
        mark = "," if suffix == "csv" else "\t"
        path.write_text("\n".join(mark.join(row) for row in [HEAD, *ROWS]), encoding="utf-8")

    assert take(ledger, path) == Imported(4, 4, 0, 0, 3)
    assert outcomes(ledger) == ["a", "b", "tie", "a"]


@pytest.mark.slow  # several commands, or many cases
@pytest.mark.parametrize(("word", "outcome"), [(word, outcome) for outcome in OUTCOMES for word in OUTCOMES[outcome]])
def test_every_word_for_an_outcome(ledger: Ledger, write: Write, word: str, outcome: str) -> None:
    """The words of the known formats, in any case; both bad and skip are no ties."""
    take(ledger, write([("x", "y", word.upper())], ("left", "right", "winner")))
    assert outcomes(ledger) == [outcome]


def test_labels_are_kept_as_the_file_says(ledger: Ledger, write: Write) -> None:
    """`a`, a number, a quoted name: declared documents are called what the file calls them."""
    take(ledger, write([("a", "b", "b"), ("007", "GPT, the 4th", "a"), ("b", "a", "a")]))

    assert [d for (d,) in ledger.rows("SELECT document_id FROM elo_ratings ORDER BY 1")] == [
        "007",
        "GPT, the 4th",
        "a",
        "b",
    ]
    assert ledger.rows("SELECT wins, losses FROM elo_ratings WHERE document_id = 'b'") == [(2, 0)]


def test_the_same_file_again_adds_nothing(ledger: Ledger, write: Write) -> None:
    """Equal rows of one file are separate comparisons; the file again, or grown, adds only what is new."""
    path = write(ROWS, HEAD)
    assert take(ledger, path).added == 4
    assert take(ledger, path) == Imported(4, 0, 4, 0, 0)

    write([*ROWS, ROWS[0]], HEAD)
    assert take(ledger, path) == Imported(5, 1, 4, 0, 0)
    assert len(outcomes(ledger)) == 5


@pytest.mark.slow  # a search among many files
def test_a_changed_file_adds_what_it_has_more_of(ledger: Ledger, write: Write) -> None:
    """Read again after any change, a file leaves each comparison as often as the fuller version has it."""
    random = Random(4)
    for number in range(8):
        own = replace(ledger, tenant=f"t{number}")
        versions = [[random.choice(ROWS) for _ in range(random.randrange(8))] for _ in range(2)]
        versions.append(versions[0][: random.randrange(9)] + versions[1])
        if number % 2:  # as a file that has grown
            versions[1] = versions[0] + versions[1]
        for version in versions:
            take(own, write(version, HEAD), source="mine")
            take(own, write([("x", "y", "tie")], HEAD), source=f"other {len(version)}")
        expected: Counter[tuple[str, ...]] = Counter()
        for version in versions:
            expected |= Counter((a, b, word.removeprefix("model_")) for a, b, word in version)
        found = own.rows(
            f"SELECT document_a, document_b, outcome, count(*) FROM elo_history WHERE {own.mine} AND source = 'mine' "
            "GROUP BY ALL"
        )
        assert {row[:3]: row[3] for row in found} == dict(expected), versions


def test_a_void_comparison_does_not_come_back(ledger: Ledger, write: Write) -> None:
    """Importing again does not undo an undo."""
    path = write(ROWS, HEAD)
    take(ledger, path)
    void(ledger, [ledger.value("SELECT id FROM elo_history WHERE sequence = 1")])

    assert take(ledger, path).added == 0


def test_a_copy_under_another_name_is_noticed(ledger: Ledger, write: Write) -> None:
    """Word for word the same is the same, unless it is given another source; other rows are others."""
    take(ledger, write(ROWS, HEAD))
    copy = write(ROWS, HEAD, "copy.csv")

    assert take(ledger, copy) == Imported(4, 0, 4, 0, 0, "votes.csv")
    assert take(ledger, write(ROWS[:2], HEAD, "day2.csv")).added == 2
    assert take(ledger, copy, source="second round").added == 4
    assert take(ledger, copy, source="second round").added == 0
    assert len(outcomes(ledger)) == 10


def test_ids_make_comparisons_unique(ledger: Ledger, write: Write) -> None:
    """An id is one comparison, in whatever file; another comparison under it is an error."""
    head = (*HEAD, "id")
    path = write([("x", "y", "model_a", "q1"), ("x", "y", "model_a", "q2"), ("x", "y", "model_a", "q1")], head)
    assert take(ledger, path) == Imported(3, 2, 1, 0, 2)
    assert take(ledger, write([("x", "y", "model_a", "q2"), ("y", "x", "tie", "q3")], head, "more.csv")).added == 1

    with pytest.raises(ComparisonError, match=r":2: id 'q1' is that of another"):
        take(ledger, write([("x", "y", "model_b", "q1")], head, "wrong.csv"))


BAD = [
    ("x", "y", "TYPO"),
    ("x", "x", "model_a"),
    ("x", "", "model_a"),
    ("x", "y", ""),
]


def test_what_is_wrong_is_told_with_its_line(ledger: Ledger, write: Write) -> None:
    """All problems at once, each with line and reason, and nothing is written."""
    path = write([ROWS[0], *BAD, ROWS[1]], HEAD)
    with pytest.raises(ComparisonError) as caught:
        take(ledger, path)

    told = str(caught.value)
    assert told.startswith("4 of its rows cannot be taken:")
    assert f"{path}:3: unknown winner 'TYPO'" in told
    assert f"{path}:4: a document compared with itself: 'x'" in told
    assert f"{path}:5: a document is missing" in told
    assert f"{path}:6: the winner is missing" in told
    assert outcomes(ledger) == []


def test_many_problems_are_counted(ledger: Ledger, write: Write) -> None:
    """The first few are shown, the others counted."""
    with pytest.raises(ComparisonError, match=r"(?s)^40 of its rows.*and 35 more"):
        take(ledger, write(BAD * 10, HEAD))


def test_skip_invalid_counts(ledger: Ledger, write: Write) -> None:
    """What is wrong is left out and counted."""
    assert take(ledger, write([ROWS[0], *BAD, ROWS[1]], HEAD), skip_invalid=True) == Imported(6, 2, 0, 4, 2)
    assert outcomes(ledger) == ["a", "b"]


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [("weight", "-1", "no weight: '-1'"), ("weight", "nan", "no weight"), ("weight", "much", "no weight"),
     ("timestamp", "yesterday", "no timestamp: 'yesterday'"), ("shown_first", "up", "unknown shown_first 'up'")],
)  # fmt: skip
def test_values_that_make_no_sense(ledger: Ledger, write: Write, column: str, value: str, reason: str) -> None:
    """A weight is a number from 0, a timestamp a time, and what was shown first one of the two."""
    with pytest.raises(ComparisonError, match=f"2: {reason}"):
        take(ledger, write([("x", "y", "model_a", value)], (*HEAD, column)))


def test_unknown_documents_are_refused(ledger: Ledger, write: Write, add_document: Callable[..., str]) -> None:
    """A label is a document's id, its slug, or a name that comparisons have already; else it must be allowed."""
    one, two = add_document(1, "one"), add_document(2, "two")
    for number in (3, 4):
        add_document(number, "twin", kind=f"kind{number}")
    path = write([(one, "two", "model_a"), ("one", "three", "model_a"), ("twin", "one", "tie")], HEAD)
    with pytest.raises(ComparisonError) as caught:
        import_file(ledger, path)
    assert ":3: unknown document 'three'" in str(caught.value)
    assert ":4: several documents have the slug 'twin'" in str(caught.value)
    assert "--allow-unknown" in str(caught.value)

    path = write([(one, "two", "model_a"), ("one", "three", "model_a")], HEAD)
    assert take(ledger, path).declared == 1
    assert import_file(ledger, write([("three", two, "model_b")], HEAD, "more.csv")).added == 1
    assert ledger.rows(
        "SELECT document_a, document_b, content_a IS NULL, content_b IS NULL FROM elo_history ORDER BY sequence"
    ) == [
        (one, two, False, False),
        (one, "three", False, True),
        ("three", two, True, False),
    ]


def test_columns_can_be_named(ledger: Ledger, write: Write) -> None:
    """A mapping says where a field stands; what was shown first may be the column of one side."""
    head = ("left_doc", "right_doc", "verdict", "w")
    path = write([("x", "y", "right", "2")], head)
    mapping = {"a": "left_doc", "b": "right_doc", "winner": "verdict", "weight": "w", "shown_first": "left_doc"}
    with pytest.raises(UsageError, match=r"no column for a .* --column a=COLUMN"):
        take(ledger, path)
    with pytest.raises(UsageError, match="no column 'nope'; there are left_doc"):
        take(ledger, path, columns={"a": "nope"})
    with pytest.raises(UsageError, match="no such field; there are a, b, winner"):
        take(ledger, path, columns={"c": "w"})

    take(ledger, path, columns=mapping)
    assert ledger.rows("SELECT outcome, shown_first, weight FROM elo_history") == [("b", "a", 2.0)]
    assert ledger.rows("SELECT rating FROM elo_ratings ORDER BY 1") == [(1468.0,), (1532.0,)]


@pytest.mark.parametrize(
    ("name", "content"),
    [("votes.csv", "a,b,winner\nx,y\n"), ("votes.jsonl", '{"a": "x", \n'), ("votes.parquet", "no parquet")],
)
def test_a_broken_file_is_an_error(ledger: Ledger, tmp_path: Path, name: str, content: str) -> None:
    """What cannot be read at all is named, and nothing is written."""
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(ComparisonError, match=name):
        take(ledger, tmp_path / name)


@pytest.mark.parametrize("name", ["votes.xlsx", "missing.csv"])
def test_what_is_no_such_file(ledger: Ledger, tmp_path: Path, name: str) -> None:
    """A missing file and an unknown kind are wrong use."""
    if name != "missing.csv":
        (tmp_path / name).write_text("x", encoding="utf-8")
    with pytest.raises(UsageError):
        take(ledger, tmp_path / name)
