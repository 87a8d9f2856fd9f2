"""When to stop judging: how much of what the board shows is the documents, and how much is chance.

Reliability is the share of the variance between documents that is not error: 0.90 means that another set of as many
comparisons would give nearly the same order. The error falls with the number of comparisons, which gives the estimate.
"""

from dataclasses import dataclass
from math import ceil

from egregora_elo.board import Floats

ENOUGH = 0.90
_ROUNDING = 1e-6


@dataclass(frozen=True)
class Progress:
    """How far the judging is. `left` is None where nothing can be said yet."""

    groups: int
    reliability: float | None
    left: int | None

    @property
    def done(self) -> bool:
        return self.groups == 1 and self.reliability is not None and self.reliability >= ENOUGH

    def __str__(self) -> str:
        if self.groups > 1:
            return (
                f"go on: {self.groups:,} groups of documents are not linked; about {self.left:,} more comparisons "
                "link them"
            )
        if self.reliability is None:
            return "go on: too little is known to say how many comparisons are needed"
        value = f"reliability {self.reliability:.2f} of {ENOUGH:.2f}"
        if self.done:
            return f"enough: {value}; about 0 comparisons left"
        if self.left is None:
            return f"go on: {value}; the documents cannot be told apart yet"
        return f"go on: {value}; about {self.left:,} comparisons left"


def progress(board: Floats, se: Floats, groups: int, comparisons: int, *, shrunk: bool) -> Progress:
    """Say how far the judging is, from the board and its errors (in any unit).

    `shrunk`: the numbers are a posterior's modes, which vary less than the strengths do, not more.
    """
    if groups > 1:
        return Progress(groups, None, groups - 1)
    if len(board) < 3:  # noqa: PLR2004 - two documents have no variance to speak of
        return Progress(groups, None, None)
    error = float((se**2).mean())
    between = float(board.var(ddof=1))
    true = between if shrunk else max(between - error, 0.0)
    reliability = true / (true + error) if true + error > 0 else 0.0
    wanted = true * (1 - ENOUGH) / ENOUGH
    left = ceil(comparisons * (error / wanted - 1) - _ROUNDING) if wanted > 0 else None
    return Progress(groups, reliability, max(left, 0) if left is not None else None)
