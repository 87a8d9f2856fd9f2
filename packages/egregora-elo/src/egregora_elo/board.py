"""The board: a Bradley-Terry fit to all comparisons at once, so that their order does not matter.

P(i beats j) = 1 / (1 + exp(-(s_i - s_j + d))), where d is what being shown first is worth and enters with its sign; a
tie is half a win for each. Where the data determine every strength of a group (see `graph.py`), the estimate is plain
maximum likelihood. Where they do not, strengths get independent normal priors and the estimate is the posterior's
mode: an undefeated document then has a finite strength and an honest, wide error. A Laplace approximation gives the
errors. Strengths are relative to the mean of their group: two groups that nothing links cannot be compared.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from egregora_elo.graph import Flags, Integers, components, strongly_connected
from egregora_elo.places import Places, placed

Floats = npt.NDArray[np.float64]

PROVISIONAL = 10
"""Fewer comparisons say little: in simulations the 95 % interval then covers less than it says."""

_ORDER_SD = 1.0
"""Prior of the order effect where the data do not bound it: about 2.7 to 1 for either side."""
_STEPS = 200
_LARGEST_STEP = 2.0
_SAFE_STEP = 0.5
"""Below it a logistic likelihood's curvature changes too little for Newton's method to overshoot."""
_LAST_STEP = 1e-5
"""The error left after such a step is its square."""
_DIRECT = 256
"""Up to so many documents a system is solved outright, faster than by iteration."""
_CG_STEPS = 60
_CG_TOLERANCE = 1e-4
_PRIOR_STEPS = 60
_SPREAD_OF = 20
"""Of fewer documents a standard deviation is known to no better than a sixth."""


@dataclass(frozen=True)
class Pairs:
    """Counted comparisons: one row for each pair and order of showing.

    `order` is 1 where `first` was shown first, -1 where `second` was, 0 where nobody knows. `score` is how much of
    `weight` went to `first`.
    """

    first: Integers
    second: Integers
    order: Integers
    weight: Floats
    score: Floats


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

    def places(self) -> Places:
        return placed(self)


# --- fitting ------------------------------------------------------------------------------------------------------


def fit(size: int, pairs: Pairs, model: Model | None = None) -> Board:
    """Fit `size` documents; those without a comparison are groups of their own, at strength 0."""
    model = model or Model()
    group = components(size, pairs.first, pairs.second)
    free = _determined(group, pairs) & (not model.always)
    problem = _Problem.of(pairs, group, free)
    sd = model.least_sd
    state = problem.solve(_State(_guess(size, pairs), 0.0), sd)
    if _tells_spread(group, free, pairs):
        sd, state = _estimated_sd(problem, group, free, sd, state)
    return problem.board(state, sd)


def _determined(group: Integers, pairs: Pairs) -> Flags:
    """Return for each group whether its data alone determine every strength."""
    lost = pairs.weight - pairs.score
    winner = np.concatenate([pairs.first[pairs.score > 0], pairs.second[lost > 0]])
    loser = np.concatenate([pairs.second[pairs.score > 0], pairs.first[lost > 0]])
    return strongly_connected(group, winner, loser) & (np.bincount(group, minlength=1) > 1)


def _guess(size: int, pairs: Pairs) -> Floats:
    """Return where the search begins: the log-odds of each document's share of wins, which an average field gives."""
    won = np.bincount(pairs.first, pairs.score, size) + np.bincount(pairs.second, pairs.weight - pairs.score, size)
    met = np.bincount(pairs.first, pairs.weight, size) + np.bincount(pairs.second, pairs.weight, size)
    odds: Floats = np.log((won + 1) / (met - won + 1))
    return odds


@dataclass(frozen=True)
class _State:
    strength: Floats
    order: float


@dataclass(frozen=True)
class _Block:
    """The comparisons of one group, with `first` and `second` counted within it."""

    members: Integers
    rows: Integers
    first: Integers
    second: Integers
    free: bool


@dataclass(frozen=True)
class _Problem:
    pairs: Pairs
    blocks: tuple[_Block, ...]
    knows_order: bool
    order_precision: float

    @classmethod
    def of(cls, pairs: Pairs, group: Integers, free: Flags) -> "_Problem":
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
            blocks.append(
                _Block(members, rows, place[pairs.first[rows]], place[pairs.second[rows]], bool(free[number]))
            )
        knows = bool(np.any((pairs.order != 0) & (pairs.weight > 0)))
        bounded = knows and _bounds_order(pairs)
        return cls(pairs, tuple(blocks), knows, 0.0 if bounded else _ORDER_SD**-2)

    def solve(self, state: _State, sd: float) -> _State:
        """Maximise the posterior by Newton's method, whose error squares with each step; long steps are checked."""
        for _ in range(_STEPS):
            step = self._step(state, sd)
            largest = max(float(np.abs(step.strength).max(initial=0.0)), abs(step.order))
            state = self._uphill(state, step, largest, sd) if largest > _SAFE_STEP else _moved(state, step, 1.0)
            if largest < _LAST_STEP:
                break
        return state

    def _uphill(self, state: _State, step: _State, largest: float, sd: float) -> _State:
        """Shorten a step until it does not lead down."""
        before = self._value(state, sd)
        share = min(1.0, _LARGEST_STEP / largest)
        while self._value(new := _moved(state, step, share), sd) < before and share * largest > _SAFE_STEP / 2:
            share /= 2
        return new

    def _odds(self, state: _State) -> Floats:
        pairs = self.pairs
        return state.strength[pairs.first] - state.strength[pairs.second] + state.order * pairs.order

    def _value(self, state: _State, sd: float) -> float:
        pairs, odds = self.pairs, self._odds(state)
        value = float(pairs.score @ odds - pairs.weight @ np.logaddexp(0.0, odds))
        for block in self.blocks:
            if not block.free:
                value -= float(np.square(state.strength[block.members]).sum()) / (2 * sd * sd)
        return value - state.order**2 * self.order_precision / 2

    def _step(self, state: _State, sd: float) -> _State:
        """Return the Newton step. Groups share only the order effect, which is eliminated first (Schur complement)."""
        slopes, curves = self._derivatives(state)
        step = np.zeros(len(state.strength))
        along = np.zeros(len(state.strength))
        slope = float(slopes @ self.pairs.order) - self.order_precision * state.order
        curve = float(curves @ np.square(self.pairs.order)) + self.order_precision
        for block in self.blocks:
            if len(block.members) == 1:
                continue  # nothing is known of it: it stays where the prior has its mode
            gradient = _spread(block, slopes[block.rows])
            if not block.free:
                gradient -= state.strength[block.members] / (sd * sd)
            hessian = _hessian(block, curves[block.rows], self.pairs.order[block.rows], sd)
            if not self.knows_order:
                step[block.members] = _solved(hessian, gradient)
                continue
            border = _spread(block, curves[block.rows] * self.pairs.order[block.rows])
            step[block.members] = toward = _solved(hessian, gradient)
            along[block.members] = aside = _solved(hessian, border)
            slope -= float(border @ toward)
            curve -= float(border @ aside)
        order = slope / curve if self.knows_order else 0.0
        return _State(step - along * order, order)

    def _derivatives(self, state: _State) -> tuple[Floats, Floats]:
        chance = 1 / (1 + np.exp(-np.clip(self._odds(state), -700, 700)))
        return self.pairs.score - self.pairs.weight * chance, self.pairs.weight * chance * (1 - chance)

    def board(self, state: _State, sd: float) -> Board:
        """Return the fit with its errors: the inverse of the curvature, the order effect's uncertainty included."""
        _, curves = self._derivatives(state)
        order = self.pairs.order
        curve = float(curves @ np.square(order)) + self.order_precision
        found: list[tuple[_Block, Floats, Floats]] = []
        for block in self.blocks:
            inverse = _inverse(block, curves[block.rows], order[block.rows], sd)
            border = _spread(block, curves[block.rows] * order[block.rows])
            along = inverse @ border
            curve -= float(border @ along)
            found.append((block, inverse, along))
        component = np.empty(len(state.strength), dtype=np.int64)
        strength = state.strength.copy()
        groups = []
        for number, (block, inverse, along) in enumerate(found):
            component[block.members] = number
            if block.free:  # no prior holds its mean
                strength[block.members] -= strength[block.members].mean()
            if self.knows_order:
                np.add(inverse, np.outer(along, along / curve), out=inverse)
            groups.append(Group(block.members, inverse, None if block.free else sd))
        effect, error = (state.order, curve**-0.5) if self.knows_order else (None, None)
        return Board(strength, component, tuple(groups), effect, error)


def _moved(state: _State, step: _State, share: float) -> _State:
    return _State(state.strength + share * step.strength, state.order + share * step.order)


def _spread(block: _Block, values: Floats) -> Floats:
    """Return what each member gets of values that its pairs' first gains and second loses."""
    size = len(block.members)
    return np.asarray(np.bincount(block.first, values, size) - np.bincount(block.second, values, size), np.float64)


def _degrees(block: _Block, curves: Floats) -> Floats:
    size = len(block.members)
    return np.asarray(np.bincount(block.first, curves, size) + np.bincount(block.second, curves, size), np.float64)


def _hessian(block: _Block, curves: Floats, order: Integers, sd: float) -> Floats:
    """Return the curvature in the members' strengths; of a group without a prior, made regular (see `_centre`)."""
    size = len(block.members)
    matrix = np.zeros((size, size))
    cells, flat = block.first * size + block.second, matrix.reshape(-1)
    for shown in (-1, 0, 1):  # a pair stands at most once in each: assignment adds it up
        rows = order == shown
        if rows.all():
            flat[cells] -= curves
        elif rows.any():
            flat[cells[rows]] -= curves[rows]
    matrix += matrix.T
    diagonal = _degrees(block, curves)
    matrix[np.diag_indices(size)] = diagonal if block.free else diagonal + sd**-2
    if block.free:
        matrix += _centre(diagonal)
    return matrix


def _solved(matrix: Floats, right: Floats) -> Floats:
    """Solve a symmetric positive system: outright where it is small, else by conjugate gradients.

    Where each document met many others, the preconditioned system is nearly the identity, and a few products do.
    """
    if len(right) <= _DIRECT:
        return _outright(matrix, right)
    inverse = 1 / np.diag(matrix)
    solution, residual = np.zeros(len(right)), right
    scaled = inverse * residual
    direction, power = scaled, float(residual @ scaled)
    goal = power * _CG_TOLERANCE**2
    for _ in range(_CG_STEPS):
        if power <= goal:
            return solution
        product = matrix @ direction
        length = power / float(direction @ product)
        solution, residual = solution + length * direction, residual - length * product
        scaled = inverse * residual
        last, power = power, float(residual @ scaled)
        direction = scaled + (power / last) * direction
    return _outright(matrix, right)  # a long chain: as many steps as documents would be needed


def _outright(matrix: Floats, right: Floats) -> Floats:
    return np.asarray(np.linalg.solve(matrix, right), np.float64)


def _centre(diagonal: Floats) -> float:
    """Return what is added to each cell so that the free direction, moving all members alike, is held at 0."""
    return float(diagonal.mean()) / len(diagonal)


def _inverse(block: _Block, curves: Floats, order: Integers, sd: float) -> Floats:
    size = len(block.members)
    inverse = np.asarray(np.linalg.inv(_hessian(block, curves, order, sd)), np.float64)
    if block.free:
        inverse -= 1 / (_centre(_degrees(block, curves)) * size * size)
    return inverse


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


def _tells_spread(group: Integers, free: Flags, pairs: Pairs) -> bool:
    """Tell whether the documents that need a prior are many, and compared, enough to say how far apart they are."""
    needy = ~free[group]
    compared = pairs.weight[needy[pairs.first]].sum() * 2
    return bool(needy.sum() >= _SPREAD_OF and compared >= PROVISIONAL * needy.sum())


def _estimated_sd(problem: _Problem, group: Integers, free: Flags, sd: float, state: _State) -> tuple[float, _State]:
    """Widen the prior to what the data say (EM on its variance), never below where it began.

    In simulations a fixed sd of 1 covered 60 to 70 % where the true spread was 2.
    """
    needy = ~free[group]
    for _ in range(_PRIOR_STEPS):
        board = problem.board(state, sd)
        wider = float(np.sqrt(np.mean(np.square(board.strength[needy]) + np.square(board.se[needy]))))
        if wider <= sd * 1.001:
            break
        sd = wider
        state = problem.solve(state, sd)
    return sd, state


__all__ = ["PROVISIONAL", "Board", "Group", "Model", "Pairs", "fit"]
