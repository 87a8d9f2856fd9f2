"""Which pair comes next, and when it is enough."""

from collections.abc import Callable
from pathlib import Path
from random import Random

import numpy as np
import pytest
from egregora_elo.errors import ComparisonError
from egregora_elo.importing import import_file
from egregora_elo.ledger import Ledger
from egregora_elo.pairing import propose
from egregora_elo.reports import stop_rule
from egregora_elo.stopping import progress

Write = Callable[..., Path]


def pair(ledger: Ledger, seed: int = 0, judge: str | None = None) -> tuple[set[str], str]:
    found = propose(ledger, Random(seed), judge=judge)
    return {found.document_a, found.document_b}, found.reason


def test_groups_are_connected_first(ledger: Ledger, write: Write) -> None:
    """While comparisons leave groups apart, the next pair is of two of them, a small one first."""
    import_file(ledger, write([("a", "b", "a"), ("b", "c", "a"), ("x", "y", "a")]), allow_unknown=True)
    documents, reason = pair(ledger)

    assert reason == "connect"
    assert len(documents & {"x", "y"}) == 1


def test_as_many_votes_as_documents_connect_all(ledger: Ledger, write: Write, add_document: Callable[..., str]) -> None:
    """Each proposal of a fresh field links two groups: n - 1 votes link n documents."""
    for number in range(8):
        add_document(number, f"d{number}")
    for vote in range(7):
        found = propose(ledger, Random(vote))
        assert found.reason == "connect"
        import_file(ledger, write([(found.document_a, found.document_b, "a")], name=f"{vote}.csv"))
    assert propose(ledger, Random(0)).reason == "swiss"


def test_swiss_pairs_neighbours_that_have_not_met(ledger: Ledger, write: Write) -> None:
    """One of the least judged documents meets the nearest on the board that it has not met."""
    rows = [("a", "b", "a"), ("b", "a", "a"), ("b", "c", "a"), ("c", "d", "a"), ("a", "c", "a"), ("b", "c", "b")]
    import_file(ledger, write(rows), allow_unknown=True)
    documents, reason = pair(ledger)

    assert reason == "swiss"
    assert documents == {"d", "b"}


def test_when_all_have_met_the_least_known_difference_comes_next(ledger: Ledger, write: Write) -> None:
    """Of three, the pair that was compared once and is close is worth more than those compared often."""
    rows = [("a", "b", "a"), ("a", "b", "b")] * 30 + [("b", "c", "a"), ("b", "c", "b")] * 2
    rows += [("a", "c", "a"), ("a", "c", "b")] * 20
    import_file(ledger, write(rows), allow_unknown=True)

    assert pair(ledger) == ({"b", "c"}, "information")


def test_a_judge_is_not_shown_a_pair_again(ledger: Ledger, write: Write) -> None:
    """What one judge skipped or judged is for others, while there is anything else."""
    rows = [("a", "b", "a", "ann"), ("b", "c", "a", "ann"), ("c", "d", "b", "ann"), ("a", "d", "skip", "ann")]
    import_file(ledger, write(rows, ("a", "b", "winner", "judge")), allow_unknown=True)
    seen = {frozenset(row[:2]) for row in rows}

    assert all(frozenset(pair(ledger, seed, "ann")[0]) not in seen for seed in range(20))
    assert any(frozenset(pair(ledger, seed, "bob")[0]) in seen for seed in range(20))


def test_sides_are_left_to_chance(ledger: Ledger, write: Write) -> None:
    """The least judged of two is shown first about as often as not."""
    rows = [("a", "b", "a"), ("b", "a", "a"), ("b", "c", "a"), ("c", "d", "a"), ("a", "c", "a"), ("b", "c", "b")]
    import_file(ledger, write(rows), allow_unknown=True)
    first = [propose(ledger, Random(seed)).document_a for seed in range(200)]

    assert set(first) == {"b", "d"}
    assert 70 < first.count("d") < 130


def test_only_the_kinds_that_are_wanted(ledger: Ledger, add_document: Callable[..., str]) -> None:
    """Profiles are not compared with posts; fewer than two documents are an error that says what to do."""
    add_document(1, "post")
    add_document(2, "person", kind="profile")
    with pytest.raises(ComparisonError, match=r"too few documents to compare, 1 \(kinds: post\)"):
        propose(ledger, Random(0))


# --- when to stop -------------------------------------------------------------------------------------------------


def test_stop_rule_estimates_what_is_left() -> None:
    """At half the reliability it takes nine times as many comparisons: the error must fall to a ninth."""
    board = np.array([-10.0, 0.0, 10.0])  # variance 100
    found = progress(board, np.full(3, np.sqrt(50)), 1, 100, shrunk=False)

    assert found.reliability == pytest.approx(0.5)
    assert found.left == 800
    assert str(found) == "go on: reliability 0.50 of 0.90; about 800 comparisons left"
    assert str(progress(board, np.full(3, np.sqrt(5)), 1, 900, shrunk=False, leader=True)) == (
        "enough: reliability 0.95 of 0.90; about 0 comparisons left; the first is told apart from all others"
    )


def test_stop_rule_says_when_nothing_can_be_said() -> None:
    """Groups apart need links first; noise alone has no estimate; nor have two documents of which one always won."""
    board, error = np.array([-1.0, 0.0, 1.0]), np.full(3, 5.0)
    unknown = "too little is known to say how many comparisons are left"
    assert str(progress(board, error, 3, 9, shrunk=True)).endswith("about 2 more comparisons link them")
    assert str(progress(board, error, 1, 9, shrunk=False)) == f"go on: reliability 0.00 of 0.90; {unknown}"
    assert str(progress(board[:2], error[:2], 1, 9, shrunk=True)) == f"go on: {unknown}"
    assert str(progress(board[:0], error[:0], 1, 0, shrunk=False)) == f"go on: {unknown}"


def test_two_documents_are_enough_when_told_apart() -> None:
    """Two have no variance between them: what is left is until the difference is twice its error."""
    board, error = np.array([-1.0, 1.0]), np.full(2, 1.0)  # the difference is as large as its error
    found = progress(board, error, 1, 100, shrunk=False)

    assert found.left == 285  # 1.96 squared, less what there is
    assert not found.done
    assert progress(board, error / 2, 1, 400, shrunk=False, leader=True).done


def test_stop_rule_tells_whether_the_order_stands() -> None:
    """Beside the reliability stands how the order agrees with the first half's; it decides nothing."""
    board, error = np.arange(10.0), np.full(10, 5.0)
    other = board[[1, 0, *range(2, 10)]]
    assert "agrees 0.99 with that of the first half" in str(
        progress(board, error, 1, 50, shrunk=True, half=lambda: other)
    )
    assert not progress(board, error, 1, 50, shrunk=True, half=lambda: board).done


def test_a_document_that_was_never_compared_is_not_enough(
    ledger: Ledger, write: Write, add_document: Callable[..., str]
) -> None:
    """However well the others are known: it is a group of its own."""
    import_file(ledger, write([("x", "y", "a")] * 30 + [("x", "y", "b")] * 3), allow_unknown=True)
    assert stop_rule(ledger).done

    add_document(1, "new")
    assert str(stop_rule(ledger)).startswith("go on: 2 groups of documents are not linked")
