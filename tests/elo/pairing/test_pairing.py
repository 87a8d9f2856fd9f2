"""Which pair comes next, and when it is enough."""

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from egregora_elo.errors import ComparisonError
from egregora_elo.ledger import Ledger
from egregora_elo.pairing import propose, propose_many
from egregora_elo.recording import ImportOptions, import_file

Write = Callable[..., Path]


def pair(ledger: Ledger, seed: int = 0, judge: str | None = None) -> tuple[set[str], str]:
    found = propose(ledger, Random(seed), judge=judge)
    return {found.document_a, found.document_b}, found.reason


def test_groups_are_connected_first(ledger: Ledger, write: Write) -> None:
    """While comparisons leave groups apart, the next pair is of two of them, a small one first."""
    import_file(ledger, write([("a", "b", "a"), ("b", "c", "a"), ("x", "y", "a")]), ImportOptions(allow_unknown=True))
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
    import_file(ledger, write(rows), ImportOptions(allow_unknown=True))
    documents, reason = pair(ledger)

    assert reason == "swiss"
    assert documents == {"d", "b"}


def test_when_all_have_met_the_least_known_difference_comes_next(ledger: Ledger, write: Write) -> None:
    """Of three, the pair that was compared once and is close is worth more than those compared often."""
    rows = [("a", "b", "a"), ("a", "b", "b")] * 30 + [("b", "c", "a"), ("b", "c", "b")] * 2
    rows += [("a", "c", "a"), ("a", "c", "b")] * 20
    import_file(ledger, write(rows), ImportOptions(allow_unknown=True))

    assert pair(ledger) == ({"b", "c"}, "information")


def test_a_judge_is_not_shown_a_pair_again(ledger: Ledger, write: Write) -> None:
    """What one judge skipped or judged is for others, while there is anything else."""
    rows = [("a", "b", "a", "ann"), ("b", "c", "a", "ann"), ("c", "d", "b", "ann"), ("a", "d", "skip", "ann")]
    import_file(ledger, write(rows, ("a", "b", "winner", "judge")), ImportOptions(allow_unknown=True))
    seen = {frozenset(row[:2]) for row in rows}

    assert all(frozenset(pair(ledger, seed, "ann")[0]) not in seen for seed in range(20))
    assert any(frozenset(pair(ledger, seed, "bob")[0]) in seen for seed in range(20))


@pytest.mark.slow  # counts many throws
def test_sides_are_left_to_chance(ledger: Ledger, write: Write) -> None:
    """The least judged of two is shown first about as often as not."""
    rows = [("a", "b", "a"), ("b", "a", "a"), ("b", "c", "a"), ("c", "d", "a"), ("a", "c", "a"), ("b", "c", "b")]
    import_file(ledger, write(rows), ImportOptions(allow_unknown=True))
    first = [propose(ledger, Random(seed)).document_a for seed in range(200)]

    assert set(first) == {"b", "d"}
    assert 70 < first.count("d") < 130


def test_only_the_kinds_that_are_wanted(ledger: Ledger, add_document: Callable[..., str]) -> None:
    """Profiles are not compared with posts; fewer than two documents are an error that says what to do."""
    add_document(1, "post")
    add_document(2, "person", kind="profile")
    with pytest.raises(ComparisonError, match=r"too few documents to compare, 1 \(kinds: post\)"):
        propose(ledger, Random(0))


# --- many at once -------------------------------------------------------------------------------------------------


def pairs(ledger: Ledger, count: int, judge: str | None = None) -> list[tuple[frozenset[str], str]]:
    found = propose_many(ledger, Random(0), count, judge=judge)
    return [(frozenset((each.document_a, each.document_b)), each.reason) for each in found]


@pytest.mark.slow  # proposes sixty times
def test_the_first_of_many_is_the_one_that_comes_next(ledger: Ledger, write: Write) -> None:
    """Whatever the reason, asking for more changes neither the first pair nor its sides."""
    rows = [("a", "b", "a"), ("b", "a", "a")]
    for number, more in enumerate(([], [("c", "d", "a")], [("b", "c", "a")], [("a", "c", "tie"), ("a", "d", "b")])):
        rows += more
        import_file(ledger, write(rows, name=f"{number}.csv"), ImportOptions(allow_unknown=True, source="votes"))
        for seed in range(5):
            assert propose_many(ledger, Random(seed), 1)[0] == propose(ledger, Random(seed))
            many = propose_many(ledger, Random(seed), 20)
            one = propose(ledger, Random(seed))
            assert {many[0].document_a, many[0].document_b} == {one.document_a, one.document_b}


def test_many_connect_a_new_field_and_never_repeat(ledger: Ledger, add_document: Callable[..., str]) -> None:
    """Each is chosen as if those before had been judged: eight documents take seven links, then neighbours."""
    for number in range(8):
        add_document(number, f"d{number}")
    found = pairs(ledger, 28)

    assert [reason for _, reason in found] == ["connect"] * 7 + ["swiss"] * 21
    assert len({pair for pair, _ in found}) == 28
    times = [sum(document in pair for pair, _ in found[:8]) for document in set().union(*(pair for pair, _ in found))]
    assert max(times) - min(times) <= 4
    assert pairs(ledger, 50) == found


def test_a_judge_that_has_had_all_pairs_is_told_so(ledger: Ledger, write: Write) -> None:
    """`information` is the reason of what has met; before it come the pairs that this judge has not had."""
    rows = [("a", "b", "a", "ann"), ("b", "c", "a", "ann"), ("a", "c", "b", "bob")]
    import_file(ledger, write(rows, ("a", "b", "winner", "judge")), ImportOptions(allow_unknown=True))

    assert pairs(ledger, 9, "ann")[0] == (frozenset("ac"), "swiss")
    assert {reason for _, reason in pairs(ledger, 9, "ann")[1:]} == {"information"}
    assert {reason for _, reason in pairs(ledger, 9)} == {"information"}
    assert len(pairs(ledger, 9)) == len(pairs(ledger, 9, "ann")) == 3
    assert pairs(ledger, 0) == []
