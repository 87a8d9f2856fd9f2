"""Comparisons played in their order, a chunk at a time: live Elo before and after each of them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from egregora_elo.ledger._ledger import CHUNK, SCORE, Ledger
from egregora_elo.ratings import Games, play

if TYPE_CHECKING:
    import pyarrow as pa

ELO_COLUMNS = ("elo_a_before", "elo_b_before", "elo_a_after", "elo_b_after")


def index(ledger: Ledger, staged: str | None = None) -> list[str]:
    """Give the documents numbers from 0, in table `elo_items`, and return them in that order.

    They are those of the valid comparisons, or else those of table `staged` and all that are rated.
    """
    # Not a UNION of both sides: of a view that joins one table twice, DuckDB 1.5 takes one side for the other.
    source = staged or f"elo_history WHERE {ledger.valid}"
    named = f"SELECT DISTINCT unnest([document_a, document_b]) AS document_id FROM {source}"
    if staged:
        named += f" UNION SELECT document_id FROM elo_ratings WHERE {ledger.mine}"
    ledger.connection.execute(
        "CREATE OR REPLACE TEMP TABLE elo_items AS "
        "SELECT (row_number() OVER (ORDER BY document_id) - 1)::INT AS item, "
        f"document_id FROM ({named})"
    )
    return [document for (document,) in ledger.rows("SELECT document_id FROM elo_items ORDER BY item")]


def played(ledger: Ledger, table: str, ratings: list[float]) -> "Iterator[pa.Table]":
    """Play the valid comparisons of `table` in order, and yield `sequence` with live Elo beside, chunk by chunk.

    `ratings`, by number of the document, ends as the last comparison left it.
    """
    last = ledger.value(f"SELECT coalesce(max(sequence), 0) FROM {table} WHERE {ledger.mine}")
    for start in range(1, last + 1, CHUNK):
        found = ledger.arrow(
            f"SELECT sequence, a.item AS item_a, b.item AS item_b, {SCORE} AS score, "
            f"{ledger.moves} AS gain FROM {table} "
            "JOIN elo_items AS a ON a.document_id = document_a JOIN elo_items AS b ON b.document_id = document_b "
            f"WHERE {ledger.valid} AND sequence BETWEEN {start} AND {start + CHUNK - 1} ORDER BY sequence"
        )
        if found.num_rows:
            yield _chunk(ledger, found, ratings)


def _chunk(ledger: Ledger, found: "pa.Table", ratings: list[float]) -> "pa.Table":
    games = Games(*(found[name].to_numpy() for name in ("item_a", "item_b", "score", "gain")))
    result = play(games, ratings, ledger.settings.scale)
    table = found.select(["sequence"])
    for name, values in zip(
        ELO_COLUMNS,
        (result.before_a, result.before_b, result.before_a + result.delta, result.before_b - result.delta),
        strict=True,
    ):
        table = table.append_column(name, [values])
    return table


def within(chunk: "pa.Table") -> str:
    """Return the condition that lets the engine pass over all other rows by their blocks' bounds."""
    return f"sequence BETWEEN {chunk['sequence'][0]} AND {chunk['sequence'][-1]}"
