"""Statistics tested as statistics: seeded simulations of documents whose true strengths are known."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pytest
from egregora_elo.ratings import Board, Evidence, Games, Pairs, Progress, fit, placed, play, progress

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


class Simulation:
    """`games` comparisons of `size` documents with normal strengths of sd `spread`; `bias` helps what is shown."""

    def __init__(self, seed: int, size: int, games: int, spread: float = 1.0, bias: float = 0.0) -> None:
        random = np.random.default_rng(seed)
        self.true = random.normal(0, spread, size)
        self.a = random.integers(0, size, games)
        self.b = (self.a + random.integers(1, size, games)) % size
        chance = 1 / (1 + np.exp(self.true[self.b] - self.true[self.a] - bias))  # a is shown first
        self.won = (random.random(games) < chance).astype(float)

    def board(self, *, order: bool = False) -> Board:
        size, flipped = len(self.true), self.a > self.b
        first, second = np.minimum(self.a, self.b), np.maximum(self.a, self.b)
        shown = np.where(flipped, -1, 1) if order else np.zeros_like(first)
        key = (first * size + second) * 3 + shown + 1
        found, place = np.unique(key, return_inverse=True)
        score = np.bincount(place, np.where(flipped, 1 - self.won, self.won)).astype(float)
        pair = found // 3
        weight = np.bincount(place).astype(float)
        return fit(size, Pairs(pair // size, pair % size, found % 3 - 1, weight, score))

    def live(self, order: Integers) -> Floats:
        ratings = [1500.0] * len(self.true)
        play(Games(self.a[order], self.b[order], self.won[order], np.full(len(order), 32.0)), ratings, 400)
        return np.array(ratings)


def tau(x: Floats, y: Floats) -> float:
    """Return Kendall's rank correlation."""
    upper = np.triu_indices(len(x), 1)
    signs = np.sign(x[:, None] - x[None, :]) * np.sign(y[:, None] - y[None, :])
    return float(signs[upper].mean())


def covered(simulations: Iterator[Simulation]) -> tuple[float, float]:
    """Return how often board ± 1.96 se holds the true strength, and the rank interval the true rank."""
    strengths, ranks = [], []
    for simulation in simulations:
        board = simulation.board()
        true = simulation.true - simulation.true.mean()
        strengths.append(np.abs(board.strength - true) <= 1.96 * board.se)
        rank = np.argsort(np.argsort(-true)) + 1
        places = placed(board)
        ranks.append((places.low <= rank) & (rank <= places.high))
    return float(np.mean(strengths)), float(np.mean(ranks))


@pytest.mark.parametrize(("size", "games", "spread"), [(20, 600, 1.0), (20, 1500, 2.0), (60, 1500, 1.0)])
def test_intervals_cover(size: int, games: int, spread: float) -> None:
    """At 50 comparisons a document and more, 95 % intervals hold the truth about 95 times of 100, ranks at least."""
    strength, rank = covered(Simulation(seed, size, games, spread) for seed in range(40))

    assert 0.93 <= strength <= 0.985
    assert rank >= 0.95


def test_intervals_stay_honest_where_data_are_few() -> None:
    """At ten comparisons a document of a wide field, some undefeated, a fixed prior would cover about 65 of 100."""
    strength, rank = covered(Simulation(seed, 40, 320, 2.0) for seed in range(30))

    assert strength >= 0.85
    assert rank >= 0.95


def test_a_known_order_is_recovered() -> None:
    """Of a hundred documents and 100 000 comparisons the board finds nearly the whole order; live Elo finds less."""
    simulation = Simulation(1, 100, 100_000)
    board = tau(simulation.board().strength, simulation.true)
    live = tau(simulation.live(np.arange(100_000)), simulation.true)

    assert board > 0.94
    assert live < board - 0.05


def test_order_alone_moves_live_elo_and_not_the_board() -> None:
    """The same 120 comparisons of 6 documents in other orders: live Elo moves by tens of points, leaders change."""
    simulation = Simulation(7, 6, 120, spread=0.3)
    random = np.random.default_rng(0)
    finals = np.array([simulation.live(random.permutation(120)) for _ in range(200)])
    boards = []
    for _ in range(5):
        order = random.permutation(120)
        shuffled = Simulation(7, 6, 120, spread=0.3)
        shuffled.a, shuffled.b, shuffled.won = simulation.a[order], simulation.b[order], simulation.won[order]
        boards.append(shuffled.board().strength)

    assert 15 < finals.std(axis=0).mean() < 40
    assert len(set(finals.argmax(axis=1).tolist())) > 1
    assert np.ptp(boards, axis=0).max() < 1e-9


def test_position_bias_is_measured_and_removed() -> None:
    """A bias of one unit is found within its error, and allowing for it never loses against ignoring it."""
    gains = []
    for seed in range(10):
        simulation = Simulation(seed, 50, 1500, bias=1.0)
        allowed = simulation.board(order=True)
        assert allowed.order_effect is not None
        assert allowed.order_se is not None
        assert abs(allowed.order_effect - 1.0) < 4 * allowed.order_se
        gains.append(tau(allowed.strength, simulation.true) - tau(simulation.board().strength, simulation.true))

    assert np.mean(gains) > 0


def test_the_stop_rule_stops_near_its_forecast_and_near_its_target() -> None:
    """Told early how many comparisons are left, and given them, the board is as reliable as the rule said.

    Reliability is checked against the truth: it is the squared correlation with the true strengths.
    """
    reached, true = [], []
    for seed in range(30):
        early = stopped(Simulation(seed, 40, 240))
        assert early.left is not None
        later = Simulation(seed, 40, 240 + early.left)
        found = stopped(later)
        assert found.reliability is not None
        reached.append(found.reliability)
        true.append(float(np.corrcoef(later.board().strength, later.true)[0, 1] ** 2))

    assert 0.88 <= np.mean(reached) <= 0.92
    assert 0.87 <= np.mean(true) <= 0.93
    assert min(reached) > 0.8


def stopped(simulation: Simulation) -> Progress:
    board = simulation.board()
    (group,) = board.groups
    games = len(simulation.a)
    return progress(Evidence(board.strength, board.se, 1, games, shrunk=group.prior_sd is not None))
