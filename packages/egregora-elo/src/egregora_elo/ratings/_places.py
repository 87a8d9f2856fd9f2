"""Ranks, the intervals that hold them, and tiers: what a fit says about who is before whom, and what it leaves open.

Intervals come from differences, not from the strengths' own errors: two documents that always met the same others may
be told apart although neither strength is known well.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from egregora_elo.ratings._arrays import Floats, Integers
from egregora_elo.ratings._board import Board, Group

CONFIDENCE = 0.95
_SEPARATION_MARGIN = 1e-12


@dataclass(frozen=True)
class Places:
    """Ranks (1 the best), the intervals that hold each true rank with 95 % confidence, and tiers."""

    rank: Integers
    low: Integers
    high: Integers
    tier: Integers


def placed(board: Board) -> Places:
    """Compare every document with every other one of its group.

    The critical value is Šidák's for that many comparisons, so the interval holds the true rank with 95 % confidence.
    Documents of other groups may be anywhere: they widen the interval and never narrow it.
    """
    size = len(board.strength)
    better, worse = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    for group in board.groups:
        members, n = group.members, len(group.members)
        z = critical(n)
        variance = np.diag(group.covariance)
        for start in range(0, n, 512):  # a slab of the square at a time
            rows = slice(start, start + 512)
            gap = board.strength[members][None, :] - board.strength[members[rows]][:, None]
            error = np.sqrt(np.maximum(variance[None, :] + variance[rows, None] - 2 * group.covariance[rows], 0.0))
            better[members[rows]] = (gap > z * error + _SEPARATION_MARGIN).sum(axis=1)
            worse[members[rows]] = (-gap > z * error + _SEPARATION_MARGIN).sum(axis=1)
    values = np.round(board.strength, 9)
    rank = np.searchsorted(np.sort(-values), -values, side="left") + 1
    return Places(rank, 1 + better, size - worse, _tiers(board, values))


def critical(n: int) -> float:
    """Return the two-sided critical value for n - 1 comparisons (Šidák, 1967)."""
    single = CONFIDENCE ** (1 / max(n - 1, 1))
    return NormalDist().inv_cdf((1 + single) / 2)


def _tiers(board: Board, values: Floats) -> Integers:
    """Go down the board; a tier ends where a document is told apart from the tier's first one."""
    tier = np.empty(len(values), dtype=np.int64)
    place = {int(member): (group, k) for group in board.groups for k, member in enumerate(group.members)}
    head, number = -1, 0
    for item in np.argsort(-values, kind="stable").tolist():
        if head < 0 or _told_apart(board, place, head, item):
            head, number = item, number + 1
        tier[item] = number
    return tier


def _told_apart(board: Board, place: dict[int, tuple[Group, int]], head: int, item: int) -> bool:
    (group, i), (other, j) = place[head], place[item]
    if group is not other:
        return False
    c = group.covariance
    error = float(np.sqrt(max(c[i, i] + c[j, j] - 2 * c[i, j], 0.0)))
    gap = float(board.strength[head] - board.strength[item])
    return gap > critical(len(group.members)) * error + _SEPARATION_MARGIN
