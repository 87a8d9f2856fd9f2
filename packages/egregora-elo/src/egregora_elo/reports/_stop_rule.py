"""Whether to go on judging, by the comparisons as they are."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from egregora_elo.documents import candidates
from egregora_elo.ledger import Ledger, fitted_board, rating_rows
from egregora_elo.ratings import Evidence, Floats, Progress, progress
from egregora_elo.reports._leaderboard import findings


def stop_rule(ledger: Ledger) -> Progress:
    """Say how far the judging is. A document that may be judged and never was is a group of its own."""
    rated = rating_rows(ledger)
    documents = rated["document_id"].to_pylist()
    waiting = len(set(candidates(ledger)) - set(documents))
    groups = len(set(rated["component"].to_pylist())) + waiting
    board, se = (np.array(rated[name].to_pylist(), dtype=float) for name in ("board", "se"))
    return progress(
        Evidence(
            board,
            se,
            max(groups, 1),
            sum(rated["comparisons"].to_pylist()) // 2,
            shrunk=bool(findings(ledger).get("prior_sd")),
            leader=len(documents) > 1 and rated["rank_high"][0].as_py() == 1,
            half=lambda: _first_half(ledger, documents),
        )
    )


def _first_half(ledger: Ledger, documents: Sequence[str]) -> Floats | None:
    """Return what the board of the first half of the comparisons says of all documents, if it compares them all."""
    middle = ledger.value(
        f"SELECT quantile_disc(sequence, 0.5) FROM elo_history WHERE {ledger.valid} AND {ledger.counts}"
    )
    known, board = fitted_board(replace(ledger, condition=f"({ledger.condition}) AND sequence <= {middle}"))
    if len(board.groups) > 1 or len(known) < len(documents):
        return None
    strength = dict(zip(known, board.strength.tolist(), strict=True))
    return np.array([strength[document] for document in documents])
