"""Which pair to judge next, and why.

First what links groups that nothing links: without it their documents cannot be compared at all. Then a Swiss pairing,
the least judged document against its nearest neighbour that it has not met: about as good as anything at every budget
tried, and cheap. When everybody has met, the pair whose answer is the least certain. Which of two is shown first is
chance, or the side would favour one of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

import numpy as np
from egregora_core.plugin import literal

from egregora_elo.board import Board, Floats
from egregora_elo.documents import candidates
from egregora_elo.errors import ComparisonError
from egregora_elo.ledger import Ledger

Met = frozenset[frozenset[str]]


@dataclass(frozen=True)
class Proposal:
    """A pair to judge: `document_a` is to be shown first. `reason` is `connect`, `swiss` or `information`."""

    document_a: str
    document_b: str
    reason: str
    why: str


@dataclass(frozen=True)
class _Field:
    """The documents that may be paired, in an order that chance gave them."""

    documents: list[str]
    strength: list[float]
    group: list[int]
    judged: list[int]


def propose(ledger: Ledger, random: Random, *, judge: str | None = None, readable: bool = False) -> Proposal:
    """Return the pair to judge next; with `judge`, never one that this judge has had already while others are left.

    Raises ComparisonError where there are fewer than two documents.
    """
    offered = candidates(ledger, readable=readable)
    if len(offered) < 2:  # noqa: PLR2004 - a pair
        kinds = ", ".join(ledger.settings.kinds)
        declare = "" if readable else "import comparisons with --allow-unknown, "
        raise ComparisonError(
            f"too few documents to compare, {len(offered)} (kinds: {kinds}): run `egregora run EXPORT` first, "
            f"{declare}or name other kinds in [ranking] kinds"
        )
    known, board = ledger.board()
    field = _field(offered, known, board, _judged(ledger), random)
    met = _met(ledger, judge)
    found = _connecting(field, met) or _swiss(field, met) or _informative(ledger, offered, known, board, random)
    a, b, reason, why = found
    first, second = random.sample([a, b], 2)
    return Proposal(first, second, reason, why)


def _judged(ledger: Ledger) -> dict[str, int]:
    sides = (f"SELECT document_{side} AS document_id FROM elo_history WHERE {ledger.valid}" for side in ("a", "b"))
    return dict(ledger.rows(f"SELECT document_id, count(*) FROM ({' UNION ALL '.join(sides)}) GROUP BY 1"))


def _met(ledger: Ledger, judge: str | None) -> Met:
    who = "true" if judge is None else f"judge = {literal(judge)}"
    rows = ledger.rows(f"SELECT DISTINCT document_a, document_b FROM elo_history WHERE {ledger.valid} AND {who}")
    return frozenset(map(frozenset, rows))


def _field(offered: list[str], known: list[str], board: Board, judged: dict[str, int], random: Random) -> _Field:
    place = {document: number for number, document in enumerate(known)}
    documents = random.sample(offered, len(offered))
    strength = [float(board.strength[place[d]]) if d in place else 0.0 for d in documents]
    new = len(known)
    group = [int(board.component[place[d]]) if d in place else new + k for k, d in enumerate(documents)]
    return _Field(documents, strength, group, [judged.get(d, 0) for d in documents])


def _connecting(field: _Field, met: Met) -> tuple[str, str, str, str] | None:
    sizes = {group: field.group.count(group) for group in set(field.group)}
    if len(sizes) == 1:
        return None
    order = sorted(range(len(field.documents)), key=lambda k: (sizes[field.group[k]], field.judged[k]))
    largest = max(sizes.values())
    others = sorted(range(len(field.documents)), key=lambda k: (sizes[field.group[k]] != largest, field.judged[k]))
    for k in order:
        for other in others:
            pair = (field.documents[k], field.documents[other])
            if field.group[k] != field.group[other] and frozenset(pair) not in met:
                why = f"{len(sizes)} groups of documents are not linked by any comparison; this one links two of them"
                return *pair, "connect", why
    return None


def _swiss(field: _Field, met: Met) -> tuple[str, str, str, str] | None:
    for k in sorted(range(len(field.documents)), key=field.judged.__getitem__):
        for other in sorted(
            range(len(field.documents)), key=lambda other: abs(field.strength[other] - field.strength[k])
        ):
            pair = (field.documents[k], field.documents[other])
            if k != other and frozenset(pair) not in met:
                why = "one of the least judged documents, against the nearest on the board that it has not met"
                return *pair, "swiss", why
    return None


def _informative(
    ledger: Ledger, offered: Iterable[str], known: list[str], board: Board, random: Random
) -> tuple[str, str, str, str]:
    """Return the pair that maximises p (1 - p) Var(difference): what its outcome is expected to tell."""
    allowed = set(offered)
    within = [k for k, document in enumerate(known) if document in allowed]
    members = np.array(random.sample(within, len(within)))
    variance = _variance(board, members)
    gap = board.strength[members][:, None] - board.strength[members][None, :]
    worth = variance / (4 * np.cosh(np.clip(gap / 2, -300, 300)) ** 2)
    np.fill_diagonal(worth, -1.0)
    i, j = np.unravel_index(int(worth.argmax()), worth.shape)
    points = np.sqrt(variance[i, j]) * ledger.settings.scale / np.log(10)
    why = f"every pair has met; of these two it is least known which is better (standard error {points:.0f} points)"
    return known[members[i]], known[members[j]], "information", why


def _variance(board: Board, members: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> Floats:
    """Return the variance of each difference. The field is one group by now, but for pairs that were only skipped."""
    covariance = np.diag(np.square(board.se))
    for group in board.groups:
        covariance[np.ix_(group.members, group.members)] = group.covariance
    found = covariance[np.ix_(members, members)]
    spread: Floats = np.diag(found)[:, None] + np.diag(found)[None, :] - 2 * found
    return spread
