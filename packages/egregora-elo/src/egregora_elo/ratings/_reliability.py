"""When to stop judging: how much of what the board shows is the documents, and how much is chance.

Reliability is the share of the variance between documents that is not error: 0.90 means that another set of as many
comparisons would give nearly the same order. The error falls with the number of comparisons, which gives the estimate.

That the order has stopped changing decides nothing, though it is told: in simulations of ten documents that hardly
differ, it seemed to stand, by chance, in a fifth of the cases.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil

import numpy as np

from egregora_elo.ratings._arrays import Floats
from egregora_elo.ratings._places import critical

ENOUGH = 0.90
_ROUNDING = 1e-6
_PAIR = 2
_TELLING = 10
"""Of fewer documents, two orders agree by chance."""


@dataclass(frozen=True)
class Progress:
    """How far the judging is. `left` is None where nothing can be said yet."""

    groups: int
    reliability: float | None
    left: int | None
    kept: float | None = None
    """How the order agrees with that of the first half of the comparisons (Spearman); None where it was not asked."""
    leader: bool = False
    """Whether the first is told apart from all others."""

    @property
    def done(self) -> bool:
        return self.groups == 1 and self.left == 0

    def __str__(self) -> str:
        if self.groups > 1:
            left = "one more comparison links" if self.left == 1 else f"about {self.left:,} more comparisons link"
            return f"go on: {self.groups:,} groups of documents are not linked; {left} them"
        value = "" if self.reliability is None else f"reliability {self.reliability:.2f} of {ENOUGH:.2f}; "
        if self.left is None:
            return f"go on: {value}too little is known to say how many comparisons are left" + self._beside()
        left = f"about {self.left:,} {'comparison' if self.left == 1 else 'comparisons'} left"
        return f"{'enough' if self.done else 'go on'}: {value}{left}" + self._beside()

    def _beside(self) -> str:
        kept = "" if self.kept is None else f"; the order agrees {self.kept:.2f} with that of the first half"
        return kept + ("; the first is told apart from all others" if self.leader else "")


@dataclass(frozen=True)
class Evidence:
    """What is known so far: the board and its errors (in any unit), of how many groups, from how many comparisons."""

    board: Floats
    se: Floats
    groups: int
    comparisons: int
    shrunk: bool = False
    """Whether the numbers are a posterior's modes, which vary less than the strengths do, not more."""
    leader: bool = False
    """Whether the first is told apart from all others."""
    half: Callable[[], Floats | None] | None = None
    """Makes the board of the first half of the comparisons, where it has one; asked only while there is more to do."""


def progress(known: Evidence) -> Progress:
    """Say how far the judging is."""
    board, size = known.board, len(known.board)
    if known.groups > 1:
        return Progress(known.groups, None, known.groups - 1)
    if size <= _PAIR:  # they have no variance to speak of: two are told apart, or not
        left = None if known.shrunk or size < _PAIR else _until_told_apart(known)
        return Progress(known.groups, None, 0 if known.leader else left, leader=known.leader)
    error = float((known.se**2).mean())
    between = float(board.var(ddof=1))
    true = between if known.shrunk else max(between - error, 0.0)
    reliability = true / (true + error) if true + error > 0 else 0.0
    wanted = true * (1 - ENOUGH) / ENOUGH
    left = max(ceil(known.comparisons * (error / wanted - 1) - _ROUNDING), 0) if wanted > 0 else None
    found = Progress(known.groups, reliability, left, leader=known.leader)
    before = None if found.done or known.half is None or size < _TELLING else known.half()
    return found if before is None else replace(found, kept=_agreement(before, board))


def _until_told_apart(known: Evidence) -> int | None:
    """Of two, each is as far from the centre as the other, so their difference has twice the error of each."""
    gap = float(np.ptp(known.board)) / critical(_PAIR)
    return max(ceil(known.comparisons * ((2 * float(known.se[0]) / gap) ** 2 - 1)), 1) if gap > 0 else None


def _agreement(x: Floats, y: Floats) -> float | None:
    """Return Spearman's rank correlation; None where one of them ranks nothing."""
    ranks = np.array([_ranks(x), _ranks(y)])
    return float(np.corrcoef(ranks)[0, 1]) if (np.ptp(ranks, axis=1) > 0).all() else None


def _ranks(values: Floats) -> Floats:
    """Return ranks, of equals the mean of theirs."""
    found = np.round(values, 6)
    ordered = np.sort(found)
    mean: Floats = (np.searchsorted(ordered, found, "left") + np.searchsorted(ordered, found, "right")) / 2
    return mean
