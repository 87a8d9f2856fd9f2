"""When it is enough: what is told of how far the judging is."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from egregora_elo.ledger import Ledger
from egregora_elo.ratings import Evidence, Floats, Progress, progress
from egregora_elo.recording import ImportOptions, import_file
from egregora_elo.reports import stop_rule

Write = Callable[..., Path]


def progress_of(board: Floats, se: Floats, groups: int, comparisons: int, **more: Any) -> Progress:
    return progress(Evidence(board, se, groups, comparisons, **more))


def test_stop_rule_estimates_what_is_left() -> None:
    """At half the reliability it takes nine times as many comparisons: the error must fall to a ninth."""
    board = np.array([-10.0, 0.0, 10.0])  # variance 100
    found = progress_of(board, np.full(3, np.sqrt(50)), 1, 100, shrunk=False)

    assert found.reliability == pytest.approx(0.5)
    assert found.left == 800
    assert str(found) == "go on: reliability 0.50 of 0.90; about 800 comparisons left"
    assert str(progress_of(board, np.full(3, np.sqrt(5)), 1, 900, shrunk=False, leader=True)) == (
        "enough: reliability 0.95 of 0.90; about 0 comparisons left; the first is told apart from all others"
    )


def test_stop_rule_says_when_nothing_can_be_said() -> None:
    """Groups apart need links first; noise alone has no estimate; nor have two documents of which one always won."""
    board, error = np.array([-1.0, 0.0, 1.0]), np.full(3, 5.0)
    unknown = "too little is known to say how many comparisons are left"
    assert str(progress_of(board, error, 3, 9, shrunk=True)).endswith("about 2 more comparisons link them")
    assert str(progress_of(board, error, 1, 9, shrunk=False)) == f"go on: reliability 0.00 of 0.90; {unknown}"
    assert str(progress_of(board[:2], error[:2], 1, 9, shrunk=True)) == f"go on: {unknown}"
    assert str(progress_of(board[:0], error[:0], 1, 0, shrunk=False)) == f"go on: {unknown}"


def test_two_documents_are_enough_when_told_apart() -> None:
    """Two have no variance between them: what is left is until the difference is twice its error."""
    board, error = np.array([-1.0, 1.0]), np.full(2, 1.0)  # the difference is as large as its error
    found = progress_of(board, error, 1, 100, shrunk=False)

    assert found.left == 285  # 1.96 squared, less what there is
    assert not found.done
    assert progress_of(board, error / 2, 1, 400, shrunk=False, leader=True).done


def test_stop_rule_tells_whether_the_order_stands() -> None:
    """Beside the reliability stands how the order agrees with the first half's; it decides nothing."""
    board, error = np.arange(10.0), np.full(10, 5.0)
    other = board[[1, 0, *range(2, 10)]]
    assert "agrees 0.99 with that of the first half" in str(
        progress_of(board, error, 1, 50, shrunk=True, half=lambda: other)
    )
    assert not progress_of(board, error, 1, 50, shrunk=True, half=lambda: board).done


def test_a_document_that_was_never_compared_is_not_enough(
    ledger: Ledger, write: Write, add_document: Callable[..., str]
) -> None:
    """However well the others are known: it is a group of its own."""
    import_file(ledger, write([("x", "y", "a")] * 30 + [("x", "y", "b")] * 3), ImportOptions(allow_unknown=True))
    assert stop_rule(ledger).done

    add_document(1, "new")
    assert str(stop_rule(ledger)).startswith("go on: 2 groups of documents are not linked")
