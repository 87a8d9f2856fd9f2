"""Who met whom: a document's comparisons one by one, and all of them counted by pair."""

from typing import Any

from egregora_elo.ledger import Ledger


def history(ledger: Ledger, document: str) -> list[dict[str, Any]]:
    """Return a document's comparisons, oldest first, as it saw them: opponent, result, live Elo before and after."""
    found = ledger.arrow(
        "WITH own AS (SELECT *, document_a = ? AS is_a FROM elo_history "
        f"WHERE {ledger.mine} AND (document_a = ? OR document_b = ?)) "
        "SELECT id, sequence, CASE WHEN is_a THEN document_b ELSE document_a END AS opponent, "
        "CASE WHEN outcome NOT IN ('a', 'b') THEN outcome WHEN (outcome = 'a') = is_a THEN 'won' ELSE 'lost' END "
        "AS result, CASE WHEN is_a THEN elo_a_before ELSE elo_b_before END AS elo_before, "
        "CASE WHEN is_a THEN elo_a_after ELSE elo_b_after END AS elo_after, "
        "CASE WHEN shown_first IS NULL THEN NULL ELSE (shown_first = 'a') = is_a END AS shown_first, judge, source, "
        "weight, strftime(timestamp, '%Y-%m-%dT%H:%M:%SZ') AS timestamp, "
        "strftime(voided_at, '%Y-%m-%dT%H:%M:%SZ') AS voided_at FROM own ORDER BY sequence",
        document,
        document,
        document,
    )
    rows: list[dict[str, Any]] = found.to_pylist()
    return rows


def matrix(ledger: Ledger) -> list[dict[str, Any]]:
    """Return for each two documents that met, in both directions, how often the first won, lost and tied."""
    sides = " UNION ALL ".join(
        f"SELECT document_{mine} AS document, document_{other} AS opponent, (outcome = '{mine}')::INT AS won, "
        f"(outcome = '{other}')::INT AS lost FROM elo_history WHERE {ledger.valid} AND {ledger.counts}"
        for mine, other in (("a", "b"), ("b", "a"))
    )
    found = ledger.arrow(
        "SELECT document, opponent, sum(won)::BIGINT AS wins, sum(lost)::BIGINT AS losses, "
        f"(count(*) - sum(won) - sum(lost))::BIGINT AS ties FROM ({sides}) GROUP BY ALL ORDER BY document, opponent"
    )
    rows: list[dict[str, Any]] = found.to_pylist()
    return rows
