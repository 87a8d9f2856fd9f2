"""The board: strengths of documents with their errors, in groups that comparisons link.

Strengths are relative to the mean of their group: two groups that nothing links cannot be compared.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from egregora_elo.ratings._arrays import Floats, Integers

PROVISIONAL = 10
"""Fewer comparisons say little: in simulations the 95 % interval then covers less than it says."""


@dataclass(frozen=True)
class Model:
    """How the board is fitted. `always`: the prior is used even where an estimate exists without it."""

    always: bool = False
    least_sd: float = 1.0


@dataclass(frozen=True)
class Group:
    """One group's fit: its members, and the covariance of their strengths. `prior_sd` is None where there is none."""

    members: Integers
    covariance: Floats
    prior_sd: float | None


@dataclass(frozen=True)
class Board:
    """Strengths in natural-log units, their errors, and what is shared by all."""

    strength: Floats
    component: Integers
    groups: tuple[Group, ...]
    order_effect: float | None
    """Log-odds that being shown first is worth; None where no order is known."""
    order_se: float | None

    @cached_property
    def se(self) -> Floats:
        error = np.empty(len(self.strength))
        for group in self.groups:
            error[group.members] = np.sqrt(np.maximum(np.diag(group.covariance), 0.0))
        return error
