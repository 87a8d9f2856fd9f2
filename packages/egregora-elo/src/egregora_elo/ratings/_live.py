"""Live Elo: R' = R + K (W - We), one comparison after the other (Elo, The Rating of Chessplayers, 1978).

The result depends on the order of the comparisons. Read it as "how is it going", never as "which is best".
"""

import math
from collections.abc import Iterator, MutableSequence
from typing import NamedTuple

import numpy as np

from egregora_elo.ratings._arrays import Floats, Integers

_BOXED = 8192
"""Comparisons that are Python objects at a time: each takes some 150 bytes then."""


class Games(NamedTuple):
    """Comparisons in their order, a column each.

    `a` and `b` index the ratings; `score` is what a got (1, 1/2, 0); `gain` is K times the weight, 0 where the
    comparison does not count.
    """

    a: Integers
    b: Integers
    score: Floats
    gain: Floats


class Played(NamedTuple):
    """What a chunk of comparisons did: ratings before each of them, and what a gained and b lost."""

    before_a: Floats
    before_b: Floats
    delta: Floats


def play(games: Games, ratings: MutableSequence[float], scale: float) -> Played:
    """Play comparisons in order, changing `ratings` in place. What a gains b loses, whatever the weight."""
    # We = 1/(1 + 10^(-x)) = 1/2 + tanh(...)/2, which cannot overflow.
    slope = math.log(10) / (2 * scale)
    tanh = math.tanh

    def moves() -> Iterator[float]:
        columns = (games.a, games.b, games.gain * (games.score - 0.5), games.gain * 0.5)
        for start in range(0, len(games.a), _BOXED):
            lists = (column[start : start + _BOXED].tolist() for column in columns)
            for i, j, offset, half in zip(*lists, strict=True):
                mine, theirs = ratings[i], ratings[j]
                delta = offset - half * tanh((mine - theirs) * slope)
                ratings[i] = mine + delta
                ratings[j] = theirs - delta
                yield mine
                yield theirs
                yield delta

    # Numbers go into the array as they come: three lists of floats would take twice as long.
    played = np.fromiter(moves(), np.float64, 3 * len(games.a)).reshape(-1, 3)
    return Played(*np.ascontiguousarray(played.T))


def expected(difference: float, scale: float) -> float:
    """Return the expected score of a document that is `difference` points better."""
    return 0.5 + 0.5 * math.tanh(difference * math.log(10) / (2 * scale))
