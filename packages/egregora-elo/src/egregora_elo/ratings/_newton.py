"""Newton's method for the board: strengths, and what being shown first is worth, where the posterior is highest."""

from dataclasses import dataclass

import numpy as np

from egregora_elo.ratings._arrays import Flags, Floats, Integers
from egregora_elo.ratings._blocks import Block, hessian, inverted, solved, spread
from egregora_elo.ratings._board import Board, Group
from egregora_elo.ratings._pairs import Pairs

_ORDER_SD = 1.0
"""Prior of the order effect where the data do not bound it: about 2.7 to 1 for either side."""
_STEPS = 200
_LARGEST_STEP = 2.0
_SAFE_STEP = 0.5
"""Below it a logistic likelihood's curvature changes too little for Newton's method to overshoot."""
_LAST_STEP = 1e-5
"""The error left after such a step is its square."""


@dataclass(frozen=True)
class State:
    strength: Floats
    order: float


@dataclass(frozen=True)
class Problem:
    pairs: Pairs
    blocks: tuple[Block, ...]
    knows_order: bool
    order_precision: float

    @classmethod
    def of(cls, pairs: Pairs, group: Integers, free: Flags) -> "Problem":
        order = np.argsort(group, kind="stable")
        bounds = np.searchsorted(group[order], np.arange(len(free) + 1))
        place = np.empty(len(group), dtype=np.int64)
        place[order] = np.arange(len(group)) - bounds[group[order]]
        owner = group[pairs.first]
        by_owner = np.argsort(owner, kind="stable")
        row_bounds = np.searchsorted(owner[by_owner], np.arange(len(free) + 1))
        blocks = []
        for number in range(len(free)):
            rows = by_owner[row_bounds[number] : row_bounds[number + 1]]
            members = order[bounds[number] : bounds[number + 1]]
            blocks.append(Block(members, rows, place[pairs.first[rows]], place[pairs.second[rows]], bool(free[number])))
        knows = bool(np.any((pairs.order != 0) & (pairs.weight > 0)))
        bounded = knows and _bounds_order(pairs)
        return cls(pairs, tuple(blocks), knows, 0.0 if bounded else _ORDER_SD**-2)

    def solve(self, state: State, sd: float) -> State:
        """Maximise the posterior by Newton's method, whose error squares with each step; long steps are checked."""
        for _ in range(_STEPS):
            step = self._step(state, sd)
            largest = max(float(np.abs(step.strength).max(initial=0.0)), abs(step.order))
            state = self._uphill(state, step, largest, sd) if largest > _SAFE_STEP else _moved(state, step, 1.0)
            if largest < _LAST_STEP:
                break
        return state

    def _uphill(self, state: State, step: State, largest: float, sd: float) -> State:
        """Shorten a step until it does not lead down."""
        before = self._value(state, sd)
        share = min(1.0, _LARGEST_STEP / largest)
        while self._value(new := _moved(state, step, share), sd) < before and share * largest > _SAFE_STEP / 2:
            share /= 2
        return new

    def _odds(self, state: State) -> Floats:
        pairs = self.pairs
        return state.strength[pairs.first] - state.strength[pairs.second] + state.order * pairs.order

    def _value(self, state: State, sd: float) -> float:
        pairs, odds = self.pairs, self._odds(state)
        value = float(pairs.score @ odds - pairs.weight @ np.logaddexp(0.0, odds))
        for block in self.blocks:
            if not block.free:
                value -= float(np.square(state.strength[block.members]).sum()) / (2 * sd * sd)
        return value - state.order**2 * self.order_precision / 2

    def _step(self, state: State, sd: float) -> State:
        """Return the Newton step. Groups share only the order effect, which is eliminated first (Schur complement)."""
        slopes, curves = self._derivatives(state)
        step = np.zeros(len(state.strength))
        along = np.zeros(len(state.strength))
        slope = float(slopes @ self.pairs.order) - self.order_precision * state.order
        curve = float(curves @ np.square(self.pairs.order)) + self.order_precision
        for block in self.blocks:
            if len(block.members) == 1:
                continue  # nothing is known of it: it stays where the prior has its mode
            gradient = spread(block, slopes[block.rows])
            if not block.free:
                gradient -= state.strength[block.members] / (sd * sd)
            curvature = hessian(block, curves[block.rows], self.pairs.order[block.rows], sd)
            if not self.knows_order:
                step[block.members] = solved(curvature, gradient)
                continue
            border = spread(block, curves[block.rows] * self.pairs.order[block.rows])
            step[block.members] = toward = solved(curvature, gradient)
            along[block.members] = aside = solved(curvature, border)
            slope -= float(border @ toward)
            curve -= float(border @ aside)
        order = slope / curve if self.knows_order else 0.0
        return State(step - along * order, order)

    def _derivatives(self, state: State) -> tuple[Floats, Floats]:
        chance = 1 / (1 + np.exp(-np.clip(self._odds(state), -700, 700)))
        return self.pairs.score - self.pairs.weight * chance, self.pairs.weight * chance * (1 - chance)

    def board(self, state: State, sd: float) -> Board:
        """Return the fit with its errors: the inverse of the curvature, the order effect's uncertainty included."""
        _, curves = self._derivatives(state)
        order = self.pairs.order
        curve = float(curves @ np.square(order)) + self.order_precision
        found: list[tuple[Block, Floats, Floats]] = []
        for block in self.blocks:
            covariance = inverted(block, curves[block.rows], order[block.rows], sd)
            border = spread(block, curves[block.rows] * order[block.rows])
            along = covariance @ border
            curve -= float(border @ along)
            found.append((block, covariance, along))
        component = np.empty(len(state.strength), dtype=np.int64)
        strength = state.strength.copy()
        groups = []
        for number, (block, covariance, along) in enumerate(found):
            component[block.members] = number
            if block.free:  # no prior holds its mean
                strength[block.members] -= strength[block.members].mean()
            if self.knows_order:
                np.add(covariance, np.outer(along, along / curve), out=covariance)
            groups.append(Group(block.members, covariance, None if block.free else sd))
        effect, error = (state.order, curve**-0.5) if self.knows_order else (None, None)
        return Board(strength, component, tuple(groups), effect, error)


def _moved(state: State, step: State, share: float) -> State:
    return State(state.strength + share * step.strength, state.order + share * step.order)


def _bounds_order(pairs: Pairs) -> bool:
    """Tell whether the data bound the order effect whatever the strengths.

    They do where of one pair each side won when shown first, and of one pair each side won when shown second: with
    every group strongly connected that is enough for the estimate to exist.
    """
    key = pairs.first * (pairs.second.max(initial=0) + 1) + pairs.second
    lost = pairs.weight - pairs.score
    first_leads, second_leads = pairs.order == 1, pairs.order == -1
    both_first = np.intersect1d(key[first_leads & (pairs.score > 0)], key[second_leads & (lost > 0)])
    both_second = np.intersect1d(key[first_leads & (lost > 0)], key[second_leads & (pairs.score > 0)])
    return bool(len(both_first) and len(both_second))
