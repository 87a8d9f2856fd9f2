"""Who is linked to whom: the groups that comparisons join, and those in which everyone has been beaten by somebody.

A Bradley-Terry estimate exists in a group exactly where a chain of "not worse than" leads from each document to each
other one (Ford, Solution of a Ranking Problem from Binary Comparisons, 1957). One undefeated document breaks that.
"""

import numpy as np

from egregora_elo.ratings._arrays import Flags, Integers


def components(size: int, first: Integers, second: Integers) -> Integers:
    """Return each document's group, 0 the largest; groups of one size stand in the order of their first members."""
    label = np.arange(size)
    while True:
        low = np.minimum(label[first], label[second])
        before = label.copy()
        np.minimum.at(label, label[first], low)
        np.minimum.at(label, label[second], low)
        label = label[label]
        if np.array_equal(label, before):
            break
    roots, group, sizes = np.unique(label, return_inverse=True, return_counts=True)
    order = np.lexsort((roots, -sizes))
    number = np.empty(len(roots), dtype=np.int64)
    number[order] = np.arange(len(roots))
    return number[group]


def strongly_connected(group: Integers, winner: Integers, loser: Integers) -> Flags:
    """Return for each group whether every document of it is reached from every other one along `winner` to `loser`.

    A tie is an arrow in both directions.
    """
    _, start = np.unique(group, return_index=True)
    forward = _reached(len(group), start, winner, loser)
    backward = _reached(len(group), start, loser, winner)
    whole = np.ones(len(start), dtype=np.bool_)
    whole[group[~(forward & backward)]] = False
    return whole


def _reached(size: int, start: Integers, source: Integers, target: Integers) -> Flags:
    reached = np.zeros(size, dtype=np.bool_)
    reached[start] = True
    while True:
        news = target[reached[source] & ~reached[target]]
        if not len(news):
            return reached
        reached[news] = True
