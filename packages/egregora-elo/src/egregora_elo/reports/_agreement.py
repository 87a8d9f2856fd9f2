"""Judges apart: how many comparisons each made, which side it favours, and how far it agrees with people.

A machine that judges says so in `attrs` (`"machine": true`); everybody else is people. Agreement is Cohen's kappa over
the pairs that both judged, with a better, b better and neither as its three answers: 0 is what chance would give.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from egregora_core.plugin import literal

from egregora_elo.ledger import SCORE, Ledger, fitted_board

_MACHINE = "coalesce(attrs->>'machine' = 'true', false)"


@dataclass(frozen=True)
class JudgeReport:
    """What there is to know of one judge before its comparisons are believed. Points are on the Elo scale."""

    judge: str | None
    machine: bool
    comparisons: int
    weight: float
    """What all of them count for together."""
    first_won: float | None
    """Share of the decided comparisons in which what was shown first won; None where it is not known."""
    order_effect: float | None
    """Points that being shown first is worth to this judge, with the range that is not excluded (95 %)."""
    low: float | None
    high: float | None
    shared: int
    """Pairs that people judged, too; of a person, other people."""
    kappa: float | None
    """Agreement with them; None where there is none to tell."""


def judge_reports(ledger: Ledger) -> list[JudgeReport]:
    """Return a report of each judge, the busiest first."""
    rows = ledger.rows(
        f"SELECT judge, bool_or({_MACHINE}), count(*), sum(weight), "
        "avg((outcome = shown_first)::INT) FILTER (outcome IN ('a', 'b') AND shown_first IS NOT NULL) "
        f"FROM elo_history WHERE {ledger.valid} AND outcome <> 'skip' GROUP BY 1 ORDER BY 3 DESC, 1"
    )
    found = []
    for judge, machine, comparisons, weight, first in rows:
        low, effect, high = _order_effect(ledger, judge)
        mine, others = _answers(ledger, judge)
        shared = sorted(mine.keys() & others.keys())
        kappa = cohens_kappa([(mine[pair], others[pair]) for pair in shared])
        won = None if first is None else round(first, 3)
        found.append(JudgeReport(judge, machine, comparisons, weight, won, effect, low, high, len(shared), kappa))
    return found


def cohens_kappa(answers: Sequence[tuple[int, int]]) -> float | None:
    """Return how far two judges agree beyond chance: 1 always, 0 as chance would; None where nothing can be told."""
    if not answers:
        return None
    total = len(answers)
    observed = sum(one == other for one, other in answers) / total
    first, second = Counter(one for one, _ in answers), Counter(other for _, other in answers)
    expected = sum(first[each] * second[each] for each in first) / total**2
    return None if expected == 1 else round((observed - expected) / (1 - expected), 3)


def _answers(ledger: Ledger, judge: str | None) -> tuple[dict[tuple[str, str], int], dict[tuple[str, str], int]]:
    """Return what a judge, and what other people, said of each pair: 1, -1 or 0, for the smaller id."""
    mine = f"judge IS NOT DISTINCT FROM {literal(judge)}" if judge is not None else "judge IS NULL"
    rows = ledger.rows(
        f"SELECT {mine} AS mine, least(document_a, document_b), greatest(document_a, document_b), "
        f"sign(sum(({SCORE} - 0.5) * CASE WHEN document_a < document_b THEN 1 ELSE -1 END))::INT "
        f"FROM elo_history WHERE {ledger.valid} AND {ledger.counts} AND ({mine} OR NOT {_MACHINE}) GROUP BY ALL"
    )
    found: tuple[dict[tuple[str, str], int], dict[tuple[str, str], int]] = ({}, {})
    for is_mine, one, other, answer in rows:
        found[0 if is_mine else 1][one, other] = answer
    return found


def _order_effect(ledger: Ledger, judge: str | None) -> tuple[float | None, float | None, float | None]:
    alone = "judge IS NULL" if judge is None else f"judge = {literal(judge)}"
    _, board = fitted_board(replace(ledger, condition=f"({ledger.condition}) AND {alone} AND weight > 0"))
    if board.order_effect is None or board.order_se is None:
        return None, None, None
    points = ledger.settings.scale / np.log(10)
    effect, error = board.order_effect * points, 1.96 * board.order_se * points
    return round(float(effect - error), 1), round(float(effect), 1), round(float(effect + error), 1)
