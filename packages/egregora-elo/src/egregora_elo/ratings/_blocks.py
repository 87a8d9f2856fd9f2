"""The comparisons of one group as a system of equations: its curvature, solved or inverted.

In a group without a prior all members may move alike and nothing changes; its system is made regular before it is
solved, and what that adds is taken out of the inverse.
"""

from dataclasses import dataclass

import numpy as np

from egregora_elo.ratings._arrays import Floats, Integers

_DIRECT = 256
"""Up to so many documents a system is solved outright, faster than by iteration."""
_CG_STEPS = 60
_CG_TOLERANCE = 1e-4


@dataclass(frozen=True)
class Block:
    """The comparisons of one group, with `first` and `second` counted within it."""

    members: Integers
    rows: Integers
    first: Integers
    second: Integers
    free: bool


def spread(block: Block, values: Floats) -> Floats:
    """Return what each member gets of values that its pairs' first gains and second loses."""
    size = len(block.members)
    return np.asarray(np.bincount(block.first, values, size) - np.bincount(block.second, values, size), np.float64)


def _degrees(block: Block, curves: Floats) -> Floats:
    size = len(block.members)
    return np.asarray(np.bincount(block.first, curves, size) + np.bincount(block.second, curves, size), np.float64)


def hessian(block: Block, curves: Floats, order: Integers, sd: float) -> Floats:
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


def solved(matrix: Floats, right: Floats) -> Floats:
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


def inverted(block: Block, curves: Floats, order: Integers, sd: float) -> Floats:
    size = len(block.members)
    inverse = np.asarray(np.linalg.inv(hessian(block, curves, order, sd)), np.float64)
    if block.free:
        inverse -= 1 / (_centre(_degrees(block, curves)) * size * size)
    return inverse
