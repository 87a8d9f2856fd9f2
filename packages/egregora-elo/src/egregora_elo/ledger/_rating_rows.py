"""The rows of `elo_ratings`: what live Elo and the board say of each document.

They can be made again from the comparisons at any time. Where the stored ones are of other settings they are made for
the reader alone, and stay as they are until the next comparison or rebuild.
"""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from egregora_elo.ledger._ledger import CHUNK, SCORE, Ledger
from egregora_elo.ledger._playing import index, played
from egregora_elo.ratings import PROVISIONAL, Board, Integers, Model, PairCounter, Pairs, fit, placed
from egregora_elo.tables import ELO_RATINGS

if TYPE_CHECKING:
    import pyarrow as pa


def is_current(ledger: Ledger) -> bool:
    """Tell whether `elo_ratings` holds numbers of this model (or nothing at all, as there is nothing to rate)."""
    models = ledger.rows(f"SELECT DISTINCT model FROM elo_ratings WHERE {ledger.mine}")
    if not models:
        return bool(ledger.value(f"SELECT count(*) = 0 FROM elo_history WHERE {ledger.valid}"))
    return models == [(ledger.settings.model_key(),)] and ledger.condition == "true"


def rating_rows(ledger: Ledger) -> "pa.Table":
    """Return the rows of `elo_ratings`, or what they would be where the stored ones are of another model."""
    if is_current(ledger):
        return ledger.arrow(f"SELECT * FROM elo_ratings WHERE {ledger.mine} ORDER BY rank, document_id")
    documents = index(ledger)
    ratings = [ledger.settings.initial] * len(documents)
    for _ in played(ledger, "elo_history", ratings):
        pass
    return _rated(ledger, documents, ratings)


def fitted_board(ledger: Ledger) -> tuple[list[str], Board]:
    """Fit the board, and return it with the documents that its arrays are about."""
    documents, pairs = counted_pairs(ledger)
    return documents, _fit(ledger, len(documents), pairs)


def counted_pairs(ledger: Ledger) -> tuple[list[str], Pairs]:
    """Count the comparisons by pair, and return them with the documents that their numbers are."""
    documents = index(ledger)
    return documents, _pairs(ledger, len(documents))


def write_ratings(ledger: Ledger, documents: list[str], ratings: list[float]) -> None:
    table = _rated(ledger, documents, ratings)
    ledger.connection.execute(f"DELETE FROM elo_ratings WHERE {ledger.mine}")
    ledger.execute_with(table, "INSERT INTO elo_ratings BY NAME SELECT * FROM given")


def _rated(ledger: Ledger, documents: list[str], ratings: list[float]) -> "pa.Table":
    """Return the rows of `elo_ratings`, best first."""
    import pyarrow as pa

    pairs = _pairs(ledger, len(documents))
    board = _fit(ledger, len(documents), pairs)
    totals = _totals(ledger)
    places = placed(board)
    points = ledger.settings.scale / np.log(10)
    since = dict(ledger.rows(f"SELECT document_id, epoch_us(created_at) FROM elo_ratings WHERE {ledger.mine}"))
    now = int(datetime.now(UTC).timestamp() * 1e6)
    columns: dict[str, Any] = {
        "tenant_id": [ledger.tenant] * len(documents),
        "document_id": documents,
        "rating": ratings,
        **{name: totals[name] for name in totals.column_names},
        "created_at": pa.array([since.get(d, now) for d in documents], pa.timestamp("us", "UTC")),
        "board": np.round(ledger.settings.initial + points * board.strength, 9),
        "se": np.round(points * board.se, 9),
        "rank": places.rank.astype(np.int32),
        "rank_low": places.low.astype(np.int32),
        "rank_high": places.high.astype(np.int32),
        "tier": places.tier.astype(np.int32),
        "status": _statuses(*(totals[name].to_numpy() for name in ("comparisons", "wins", "losses"))),
        "component": (board.component + 1).astype(np.int32),
        "model": [ledger.settings.model_key()] * len(documents),
        "fit": [_found(ledger, board, pairs)] * len(documents),
    }
    table = pa.table({name: columns[name] for name in ELO_RATINGS.names})
    return table.take(np.argsort(places.rank, kind="stable"))  # documents are in the order of their ids


def _pairs(ledger: Ledger, size: int) -> Pairs:
    counter = PairCounter(size)
    reader = ledger.connection.execute(
        f"SELECT a.item, b.item, CASE shown_first WHEN 'a' THEN 1 WHEN 'b' THEN -1 ELSE 0 END::BIGINT, {SCORE}, "
        "weight FROM elo_history JOIN elo_items AS a ON a.document_id = document_a "
        "JOIN elo_items AS b ON b.document_id = document_b "
        f"WHERE {ledger.valid} AND {ledger.counts}"
    ).to_arrow_reader(CHUNK)
    for batch in reader:
        counter.add(*(column.to_numpy() for column in batch.columns))
    return counter.pairs()


def _fit(ledger: Ledger, size: int, pairs: Pairs) -> Board:
    return fit(size, pairs, Model(ledger.settings.prior == "always", ledger.settings.prior_sd))


def _totals(ledger: Ledger) -> "pa.Table":
    """Return comparisons, wins, losses, ties and the last time of each document, in the order of `elo_items`."""
    sides = " UNION ALL ".join(
        f"SELECT document_{side} AS document_id, {ledger.counts} AS counted, outcome = '{side}' AS won, "
        f"outcome IN ('a', 'b') AND outcome <> '{side}' AS lost, timestamp FROM elo_history WHERE {ledger.valid}"
        for side in ("a", "b")
    )
    return ledger.arrow(
        "SELECT count(*) FILTER (counted) AS comparisons, count(*) FILTER (won) AS wins, "
        "count(*) FILTER (lost) AS losses, count(*) FILTER (counted AND NOT won AND NOT lost) AS ties, "
        f"max(timestamp) FILTER (counted) AS last_updated FROM ({sides}) JOIN elo_items USING (document_id) "
        "GROUP BY item ORDER BY item"
    )


def _found(ledger: Ledger, board: Board, pairs: Pairs) -> str:
    points = ledger.settings.scale / float(np.log(10))
    order = None if board.order_effect is None else round(board.order_effect * points, 9)
    error = None if board.order_se is None else round(board.order_se * points, 9)
    sds = [group.prior_sd for group in board.groups if group.prior_sd is not None]
    weight = round(float(pairs.weight.sum()), 9)
    return json.dumps({"order_effect": order, "order_se": error, "prior_sd": sds[0] if sds else None, "weight": weight})


def _statuses(comparisons: Integers, wins: Integers, losses: Integers) -> list[str]:
    """Say of each document what to keep in mind when its numbers are read."""
    found = []
    for number, won, lost in zip(comparisons.tolist(), wins.tolist(), losses.tolist(), strict=True):
        notes = ["provisional"] if number < PROVISIONAL else []
        notes += ["undefeated"] if won and not lost else []
        notes += ["winless"] if lost and not won else []
        found.append(", ".join(notes) or "established")
    return found
