"""Comparisons added, declared void, and replayed.

Comparisons are the truth: nothing here changes one, except that it may be declared void. Everything in `elo_ratings`,
and the four derived columns of `elo_history`, can be made again at any time and comes out the same.
"""

from datetime import UTC, datetime

from egregora_core.plugin import bind, literal

from egregora_elo.ledger._ledger import Ledger
from egregora_elo.ledger._playing import ELO_COLUMNS, index, played, within
from egregora_elo.ledger._rating_rows import is_current, write_ratings


def append(ledger: Ledger, staged: str) -> None:
    """Add the comparisons of table `staged`, whose columns are those of `elo_history` that are not derived.

    `sequence` in it starts at 1 and grows. Where the ratings are of this model the replay goes on from them, which
    gives exactly what a whole one would; else everything is replayed.
    """
    base = ledger.value(f"SELECT coalesce(max(sequence), 0) FROM elo_history WHERE {ledger.mine}")
    current = is_current(ledger)
    known = dict(ledger.rows(f"SELECT document_id, rating FROM elo_ratings WHERE {ledger.mine}")) if current else {}
    documents = index(ledger, staged)
    ratings = [known.get(document, ledger.settings.initial) for document in documents]
    for chunk in played(ledger, staged, ratings):
        ledger.execute_with(
            chunk,
            f"INSERT INTO elo_history BY NAME SELECT * REPLACE (sequence + {base} AS sequence) FROM {staged} "
            f"JOIN given USING (sequence) WHERE {within(chunk)}",
        )
    if current:
        write_ratings(ledger, documents, ratings)
    else:
        rebuild(ledger)


def void(ledger: Ledger, ids: list[str]) -> None:
    """Declare comparisons void, and replay the others."""
    ledger.connection.execute(
        bind(f"UPDATE elo_history SET voided_at = ? WHERE {ledger.mine} AND ", [datetime.now(UTC)])
        + f"id IN ({', '.join(map(literal, ids))})"
    )
    rebuild(ledger)


def rebuild(ledger: Ledger) -> None:
    """Replay all comparisons. To be called in a transaction, so that no reader sees half of it."""
    documents = index(ledger)
    ratings = [ledger.settings.initial] * len(documents)
    for chunk in played(ledger, "elo_history", ratings):
        ledger.execute_with(
            chunk,
            f"UPDATE elo_history SET {', '.join(f'{name} = given.{name}' for name in ELO_COLUMNS)} FROM given "
            f"WHERE {ledger.mine} AND elo_history.sequence = given.sequence AND elo_history.{within(chunk)}",
        )
    nothing = ", ".join(f"{name} = NULL" for name in ELO_COLUMNS)
    ledger.connection.execute(
        f"UPDATE elo_history SET {nothing} WHERE {ledger.mine} AND voided_at IS NOT NULL AND elo_a_before IS NOT NULL"
    )
    write_ratings(ledger, documents, ratings)
