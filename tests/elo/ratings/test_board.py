"""The board: equal to evalica and choix where those are defined, and right where they are not."""

import numpy as np
import numpy.typing as npt
import pytest
from egregora_elo.ratings import Board, Model, Pairs, components, fit, placed, strongly_connected
from hypothesis import given
from hypothesis import strategies as st

POINTS = 400 / np.log(10)
Wins = npt.NDArray[np.float64]


def pairs_of(wins: Wins) -> Pairs:
    """Return a matrix of wins (row beats column) as counted pairs."""
    upper = np.triu(wins + wins.T, 1)
    first, second = np.nonzero(upper)
    return Pairs(first, second, np.zeros_like(first), upper[first, second], wins[first, second])


def board_of(wins: Wins, *, always: bool = False) -> Board:
    return fit(len(wins), pairs_of(wins), Model(always=always))


def round_robin(seed: int, size: int, least: int = 1) -> Wins:
    """Return a matrix in which every two met, and everyone beat everyone at least once."""
    wins = np.random.default_rng(seed).integers(least, 9, (size, size)).astype(float)
    np.fill_diagonal(wins, 0)
    return wins


def listed(wins: Wins) -> list[tuple[int, int]]:
    return [(i, j) for i, j in zip(*np.nonzero(wins), strict=True) for _ in range(int(wins[i, j]))]


# --- equal to others ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_equals_evalica_and_choix(seed: int) -> None:
    """Where the estimate exists, it is theirs."""
    import choix  # which loads scipy, as evalica loads pandas: not for whoever only collects tests
    import evalica

    wins = round_robin(seed, 6)
    ours = board_of(wins).strength
    games = listed(wins)

    theirs = evalica.bradley_terry(
        [str(i) for i, _ in games], [str(j) for _, j in games], [evalica.Winner.X] * len(games), tolerance=1e-12
    )
    scores = np.log([theirs.scores[str(k)] for k in range(6)])
    assert scores - scores.mean() == pytest.approx(ours, abs=1e-6)
    assert choix.ilsr_pairwise(6, [(int(i), int(j)) for i, j in games]) == pytest.approx(ours, abs=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_prior_equals_choix(seed: int) -> None:
    """With the prior, it is choix's penalised estimate: alpha = 1 / (2 sd²)."""
    import choix

    wins = round_robin(seed, 5, least=0)
    wins[0, 1:], wins[1:, 0] = 2, 0  # 0 is undefeated

    theirs = choix.opt_pairwise(5, [(int(i), int(j)) for i, j in listed(wins)], alpha=0.5, tol=1e-10)
    assert board_of(wins).strength == pytest.approx(theirs, abs=1e-5)


# --- right where others are not -----------------------------------------------------------------------------------


def test_undefeated_document_is_finite() -> None:
    """Of a > b, a > c, b > c the order is kept, with wide errors (i.i.d. N(0, 1) prior, computed independently)."""
    board = board_of(np.array([[0.0, 1, 1], [0, 0, 1], [0, 0, 0]]))

    assert board.strength == pytest.approx([0.5910618298, 0, -0.5910618298], abs=1e-9)
    assert board.se == pytest.approx([0.8641811182, 0.8533743161, 0.8641811182], abs=1e-9)
    assert board.groups[0].prior_sd == 1


def test_long_chain_is_as_long_as_it_is() -> None:
    """99 links of 3:2 are 99 log(3/2) long; an iteration that stops at its limit says a quarter of that."""
    first = np.arange(99)
    board = fit(100, Pairs(first, first + 1, np.zeros(99, np.int64), np.full(99, 5.0), np.full(99, 3.0)))

    assert board.strength[0] - board.strength[99] == pytest.approx(99 * np.log(1.5), abs=1e-6)


def test_groups_that_nothing_links_are_not_compared() -> None:
    """Each has its own centre, and a rank may be anywhere in the other group's."""
    wins = np.zeros((5, 5))
    wins[0, 1], wins[1, 0] = 90, 10
    wins[2, 3], wins[3, 2] = 60, 40
    board = board_of(wins)
    places = placed(board)

    assert board.component.tolist() == [0, 0, 1, 1, 2]
    assert board.strength[:2].sum() == pytest.approx(0)
    assert board.strength[0] == pytest.approx(np.log(9) / 2)
    assert (places.low[0], places.high[0], places.low[1], places.high[1]) == (1, 4, 2, 5)
    assert (places.low[4], places.high[4]) == (1, 5)
    assert places.tier[0] == places.tier[4]


def test_nothing_at_all_has_a_board() -> None:
    """No documents are no error."""
    none = np.zeros(0, np.int64)
    assert placed(fit(0, Pairs(none, none, none, np.zeros(0), np.zeros(0)))).rank.tolist() == []


# --- errors and ranks ---------------------------------------------------------------------------------------------


def test_standard_errors_are_those_of_the_information() -> None:
    """The covariance is the pseudo-inverse of the Fisher information, its mean direction left out."""
    wins = round_robin(5, 7)
    board = board_of(wins)
    chance = 1 / (1 + np.exp(board.strength[None, :] - board.strength[:, None]))
    information = -(wins + wins.T) * chance * (1 - chance)
    np.fill_diagonal(information, 0)
    np.fill_diagonal(information, -information.sum(axis=1))

    assert board.groups[0].covariance == pytest.approx(np.linalg.pinv(information), abs=1e-9)


def test_order_effect_is_found_and_allowed_for() -> None:
    """Sides that win by being shown first alone leave equal documents equal, and the effect is what it is."""
    first, second = np.triu_indices(4, 1)
    board = fit(
        4,
        Pairs(
            np.tile(first, 2),
            np.tile(second, 2),
            np.repeat([1, -1], 6),
            np.full(12, 100.0),
            np.repeat([75.0, 25.0], 6),
        ),
    )

    assert board.strength == pytest.approx(np.zeros(4), abs=1e-9)
    assert board.order_effect == pytest.approx(np.log(3), abs=1e-9)
    assert board.order_se == pytest.approx((1200 * 0.75 * 0.25) ** -0.5, abs=1e-9)


def test_order_that_tells_nothing_takes_nothing() -> None:
    """One comparison cannot tell position from strength: the prior shares it, and neither runs away."""
    one = np.array([0])
    board = fit(2, Pairs(one, one + 1, np.array([1]), np.array([1.0]), np.array([1.0])))

    assert 0 < board.strength[0] < 1
    assert board.order_effect is not None
    assert 0 < board.order_effect < 1


def test_tiers_and_intervals_separate_what_is_far_apart() -> None:
    """A document that beats the others 99 times of 100 is alone in its tier; the others are not told apart."""
    wins = np.array([[0.0, 99, 99], [1, 0, 50], [1, 50, 0]])
    places = placed(board_of(wins))

    assert places.rank.tolist() == [1, 2, 2]
    assert places.low.tolist() == [1, 2, 2]
    assert places.high.tolist() == [1, 3, 3]
    assert places.tier.tolist() == [1, 2, 2]


def test_prior_widens_to_the_spread_of_the_data() -> None:
    """Documents far apart are not pulled together where they were compared often."""
    true = np.linspace(-6, 6, 25)
    wins = np.zeros((25, 25))
    for i in range(24):
        wins[i, i + 1] = round(200 / (1 + np.exp(true[i + 1] - true[i])))
        wins[i + 1, i] = 200 - wins[i, i + 1]
    wins[24, 23], wins[23, 24] = 200, 0  # the best is undefeated
    (group,) = board_of(wins).groups

    assert group.prior_sd is not None
    assert 2 < group.prior_sd < 8


# --- whatever the data --------------------------------------------------------------------------------------------

tournaments = st.integers(2, 6).flatmap(
    lambda size: st.lists(st.integers(0, 4), min_size=size * size, max_size=size * size).map(
        lambda cells: np.array(cells, float).reshape(size, size) * (1 - np.eye(size))
    )
)


@given(tournaments, st.randoms(use_true_random=False))
def test_names_and_order_do_not_matter(wins: Wins, random: "np.random.Generator") -> None:
    """Renaming the documents renames the result, whatever was compared."""
    order = list(range(len(wins)))
    random.shuffle(order)
    plain, renamed = board_of(wins), board_of(wins[np.ix_(order, order)])

    assert renamed.strength == pytest.approx(plain.strength[order], abs=1e-7)
    assert renamed.se == pytest.approx(plain.se[order], abs=1e-6)
    assert placed(renamed).high.tolist() == placed(plain).high[order].tolist()


@given(tournaments)
def test_estimate_is_the_maximum(wins: Wins) -> None:
    """The slope is zero: each document won what the strengths expect, less what the prior holds back."""
    board = board_of(wins)
    chance = 1 / (1 + np.exp(board.strength[None, :] - board.strength[:, None]))
    slope = wins.sum(axis=1) - ((wins + wins.T) * chance).sum(axis=1)
    for group in board.groups:
        if group.prior_sd is not None:
            slope[group.members] -= board.strength[group.members] / group.prior_sd**2

    assert slope == pytest.approx(np.zeros(len(wins)), abs=1e-6)


def test_graph_by_hand() -> None:
    """Groups are numbered by size; a cycle is strongly connected, a path is not."""
    first, second = np.array([3, 4, 0, 1, 2]), np.array([4, 3, 1, 2, 0])
    group = components(6, first, second)
    assert group.tolist() == [0, 0, 0, 1, 1, 2]
    assert strongly_connected(group, first, second).tolist() == [True, True, True]
    assert strongly_connected(group, first[:4], second[:4]).tolist() == [False, True, True]
