"""What there is to know about the comparisons before their ranking is believed."""

from dataclasses import replace
from typing import Any

import numpy as np
from egregora_core.plugin import literal

from egregora_elo.documents import candidates, stale_sql
from egregora_elo.ledger import SCORE, Ledger, counted_pairs, fitted_board, rating_rows
from egregora_elo.ratings import Floats, Integers, Pairs
from egregora_elo.reports._agreement import judge_reports

_CYCLES_LIMIT = 2000
"""Above so many documents triads are not counted: it takes the cube of their number."""
_JUDGES_LIMIT = 20
"""At most so many judges are left out in turn: each takes a fit of its own."""


def audit(ledger: Ledger) -> dict[str, Any]:
    """Return the findings by topic; points are on the Elo scale."""
    documents, pairs = counted_pairs(ledger)
    return {
        "comparisons": _comparisons(ledger),
        "connectivity": _connectivity(ledger),
        "coverage": _coverage(ledger, len(documents), pairs),
        "cycles": _cycles(len(documents), pairs),
        "position": _position(ledger),
        "judges": _judges(ledger),
    }


def _comparisons(ledger: Ledger) -> dict[str, Any]:
    outcomes = dict(
        ledger.rows(f"SELECT outcome, count(*) FROM elo_history WHERE {ledger.valid} GROUP BY 1 ORDER BY 1")
    )
    return {
        "valid": sum(outcomes.values()),
        "outcomes": outcomes,
        "void": ledger.value(f"SELECT count(*) FROM elo_history WHERE {ledger.mine} AND voided_at IS NOT NULL"),
        "stale": ledger.value(f"SELECT count(*) FROM elo_history WHERE {ledger.valid} AND {stale_sql(ledger)}"),
    }


def _connectivity(ledger: Ledger) -> dict[str, Any]:
    rows = rating_rows(ledger).select(["document_id", "component", "status"]).to_pylist()
    sizes = np.bincount([row["component"] for row in rows])[1:].tolist() if rows else []
    rated = {row["document_id"] for row in rows}
    return {
        "groups": len(sizes),
        "sizes": sizes[:10],
        "undefeated": [row["document_id"] for row in rows if "undefeated" in row["status"]],
        "winless": [row["document_id"] for row in rows if "winless" in row["status"]],
        "never_compared": len([document for document in candidates(ledger) if document not in rated]),
    }


def _coverage(ledger: Ledger, size: int, pairs: Pairs) -> dict[str, Any]:
    counts = np.sort(rating_rows(ledger)["comparisons"].to_numpy())
    if not len(counts):
        return {"documents": 0}
    met = len(np.unique(pairs.first * size + pairs.second))
    return {
        "documents": size,
        "fewest": int(counts[0]),
        "median": float(np.median(counts)),
        "most": int(counts[-1]),
        "gini": round(_gini(counts), 3),
        "pairs_met": met,
        "pairs": size * (size - 1) // 2,
    }


def _gini(counts: Integers) -> float:
    """Return 0 where all documents were judged equally often, nearly 1 where one has it all. `counts` ascend."""
    total, n = counts.sum(), len(counts)
    if not total:
        return 0.0
    return float((2 * np.arange(1, n + 1) - n - 1) @ counts / (n * total))


def _cycles(size: int, pairs: Pairs) -> dict[str, Any]:
    """Count the triads of which each two were compared with a clear majority, and the circular ones among them."""
    if size > _CYCLES_LIMIT:
        return {"triads": None, "circular": None, "note": f"not counted above {_CYCLES_LIMIT:,} documents"}
    lead = np.zeros((size, size))
    np.add.at(lead, (pairs.first, pairs.second), pairs.score - (pairs.weight - pairs.score))
    beats: Floats = (lead - lead.T > 0).astype(float)
    either = beats + beats.T
    triads = round(float(np.trace(either @ either @ either)) / 6)
    circular = round(float(np.trace(beats @ beats @ beats)) / 3)
    return {"triads": triads, "circular": circular, "share": round(circular / triads, 3) if triads else None}


def _position(ledger: Ledger) -> dict[str, Any]:
    """Say how often what was shown first won, and what the fit says it is worth when strengths are allowed for."""
    ((decided, share),) = ledger.rows(
        f"SELECT count(*), avg((outcome = shown_first)::INT) FROM elo_history WHERE {ledger.valid} "
        "AND shown_first IS NOT NULL AND outcome IN ('a', 'b')"
    )
    _, board = fitted_board(ledger)
    if board.order_effect is None or board.order_se is None:
        return {"decided": decided, "first_won": share, "order_effect": None, "low": None, "high": None}
    points = ledger.settings.scale / np.log(10)
    effect, error = board.order_effect * points, board.order_se * points
    return {
        "decided": decided,
        "first_won": None if share is None else round(share, 3),
        "order_effect": round(float(effect), 6),
        "low": round(float(effect - 1.96 * error), 6),
        "high": round(float(effect + 1.96 * error), 6),
        "log_odds": round(board.order_effect, 9),
    }


def _judges(ledger: Ledger) -> list[dict[str, Any]]:
    """Say of each judge how many comparisons, how often in line with the board, and how the board moves without."""
    documents, board = fitted_board(ledger)
    points = ledger.settings.scale / np.log(10)
    all_points = dict(zip(documents, (board.strength * points).tolist(), strict=True))
    rated = f"(SELECT document_id, board FROM elo_ratings WHERE {ledger.mine})"
    found = ledger.rows(
        f"SELECT judge, count(*), avg(CASE WHEN {SCORE} = 0.5 THEN NULL ELSE "
        f"(sign({SCORE} - 0.5) = sign(x.board - y.board))::INT END) FROM elo_history "
        f"LEFT JOIN {rated} AS x ON x.document_id = document_a LEFT JOIN {rated} AS y ON y.document_id = document_b "
        f"WHERE {ledger.valid} AND {ledger.counts} GROUP BY 1 ORDER BY 2 DESC, 1"
    )
    apart = {each.judge: each for each in judge_reports(ledger)}
    rows = []
    for number, (judge, count, agreement) in enumerate(found):
        moved = None
        if len(found) > 1 and number < _JUDGES_LIMIT:
            others = f"({ledger.condition}) AND judge IS DISTINCT FROM {literal(judge)}"
            without = replace(ledger, condition=others)
            kept, fewer = fitted_board(without)
            shifts = [abs(s - all_points[d]) for d, s in zip(kept, (fewer.strength * points).tolist(), strict=True)]
            moved = round(max(shifts, default=0.0), 1)
        agrees = None if agreement is None else round(agreement, 3)
        alone = apart[judge]
        rows.append(
            {
                "judge": judge,
                "comparisons": count,
                "agreement": agrees,
                "largest_move_without": moved,
                "first_won": alone.first_won,
                "pairs_of_people": alone.shared,
                "kappa": alone.kappa,
            }
        )
    return rows
