"""Live Elo: the textbook's numbers, and points that never leave the pool."""

import numpy as np
import pytest
from egregora_elo.ratings import Games, expected, play
from hypothesis import given
from hypothesis import strategies as st


def after(ratings: list[float], a: int, b: int, score: float, gain: float = 32.0, scale: float = 400.0) -> list[float]:
    rated = list(ratings)
    play(Games(np.array([a]), np.array([b]), np.array([score]), np.array([gain])), rated, scale)
    return rated


@pytest.mark.parametrize(
    ("ratings", "score", "wanted"),
    [
        ((1500, 1500), 1, (1516, 1484)),
        ((1500, 1500), 0.5, (1500, 1500)),
        ((1400, 1600), 1, (1424.311902, 1575.688098)),
        ((1400, 1600), 0.5, (1408.311902, 1591.688098)),
        ((2400, 2000), 0.5, (2386.909091, 2013.090909)),
        ((3000, 1000), 1, (3000.00032, 999.99968)),
    ],
)
def test_one_comparison_moves_what_the_formula_says(
    ratings: tuple[float, float], score: float, wanted: tuple[float, float]
) -> None:
    """R' = R + K (W - We), with K = 32 and scale 400."""
    assert after([*ratings], 0, 1, score) == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize(("difference", "share"), [(0, 0.5), (100, 0.6400649998), (400, 10 / 11), (-400, 1 / 11)])
def test_expected_score_is_that_of_every_reference(difference: float, share: float) -> None:
    """Ten wins out of eleven at 400 points."""
    assert expected(difference, 400) == pytest.approx(share, abs=1e-9)


def test_a_huge_gain_overflows_nothing() -> None:
    """Ratings thousands of scales apart are still numbers."""
    rated = after([1500.0, 1500.0], 0, 1, 1, gain=1e9)
    assert after(rated, 1, 0, 1) == pytest.approx([5e8 + 1500 - 32, -5e8 + 1500 + 32])


games = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.integers(1, 5),
        st.sampled_from([0.0, 0.5, 1.0]),
        st.floats(0, 10, allow_subnormal=False),
    ),
    min_size=1,
)


@given(games)
def test_points_never_leave_the_pool(found: list[tuple[int, int, float, float]]) -> None:
    """What one gains the other loses, whatever the weight; weight 0 moves nothing."""
    a, shift, score, weight = (np.array(column) for column in zip(*found, strict=True))
    ratings = [1500.0] * 6

    played = play(Games(a, (a + shift) % 6, score, 32 * weight), ratings, 400)

    assert sum(ratings) == pytest.approx(6 * 1500, abs=1e-6)
    assert not played.delta[weight == 0].any()


def test_equals_evalica() -> None:
    """A thousand comparisons give what evalica's Elo gives."""
    import evalica  # which loads pandas and scipy: not for whoever only collects tests

    winners = {1.0: evalica.Winner.X, 0.0: evalica.Winner.Y, 0.5: evalica.Winner.Draw}
    random = np.random.default_rng(3)
    a = random.integers(0, 20, 1000)
    b = (a + random.integers(1, 20, 1000)) % 20
    score = random.choice([0.0, 0.5, 1.0], 1000)
    ratings = [1500.0] * 20

    play(Games(a, b, score, np.full(1000, 32.0)), ratings, 400)

    theirs = evalica.elo(
        [str(k) for k in a], [str(k) for k in b], [winners[s] for s in score], initial=1500, k=32, scale=400
    )
    assert [theirs.scores[str(k)] for k in range(20)] == pytest.approx(ratings, abs=1e-9)


def test_history_is_a_chain() -> None:
    """The rating before a comparison is the one after the document's previous comparison."""
    ratings = [1500.0] * 3
    games = Games(np.array([0, 0, 1]), np.array([1, 2, 2]), np.array([1.0, 0.0, 0.5]), np.full(3, 32.0))
    played = play(games, ratings, 400)

    assert played.before_a[1] == played.before_a[0] + played.delta[0]
    assert played.before_b[2] == played.before_b[1] - played.delta[1]
    assert ratings[2] == played.before_b[2] - played.delta[2]
