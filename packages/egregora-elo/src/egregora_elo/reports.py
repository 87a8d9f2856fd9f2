"""What the commands print: the leaderboard in its four forms, a document's history, the matrix."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from egregora_core.plugin import harmless

from egregora_elo.board import Floats
from egregora_elo.documents import candidates, names
from egregora_elo.ledger import Ledger
from egregora_elo.stopping import Progress, progress

FIELDS = (
    "rank",
    "document_id",
    "slug",
    "title",
    "board",
    "se",
    "rank_low",
    "rank_high",
    "tier",
    "elo",
    "comparisons",
    "wins",
    "losses",
    "ties",
    "status",
    "component",
    "last_updated",
)
"""What a row of the leaderboard has."""

HEADINGS = ("rank", "range", "tier", "board", "±", "live Elo", "n", "id", "document", "status", "group")


def leaderboard(ledger: Ledger) -> list[dict[str, Any]]:
    """Return the rows of the leaderboard, best first."""
    known = names(ledger)
    rows = []
    for row in ledger.ratings().to_pylist():
        document = known.get(row["document_id"])
        found = {**row, "elo": row["rating"], "slug": None, "title": None}
        if document is not None:
            found |= {"slug": document.slug, "title": document.title}
        found["last_updated"] = row["last_updated"].isoformat() if row["last_updated"] else None
        rows.append({field: found[field] for field in FIELDS})
    return rows


def findings(ledger: Ledger) -> dict[str, Any]:
    """Return what the fit found for all documents: order effect and its error in points, prior, weight."""
    rated = ledger.ratings()
    found: dict[str, Any] = json.loads(rated["fit"][0].as_py()) if rated.num_rows else {}
    return found


def stop_rule(ledger: Ledger) -> Progress:
    """Say how far the judging is. A document that may be judged and never was is a group of its own."""
    rated = ledger.ratings()
    documents = rated["document_id"].to_pylist()
    waiting = len(set(candidates(ledger)) - set(documents))
    groups = len(set(rated["component"].to_pylist())) + waiting
    board, se = (np.array(rated[name].to_pylist(), dtype=float) for name in ("board", "se"))
    return progress(
        board,
        se,
        max(groups, 1),
        sum(rated["comparisons"].to_pylist()) // 2,
        shrunk=bool(findings(ledger).get("prior_sd")),
        leader=len(documents) > 1 and rated["rank_high"][0].as_py() == 1,
        half=lambda: _first_half(ledger, documents),
    )


def _first_half(ledger: Ledger, documents: Sequence[str]) -> Floats | None:
    """Return what the board of the first half of the comparisons says of all documents, if it compares them all."""
    middle = ledger.value(
        f"SELECT quantile_disc(sequence, 0.5) FROM elo_history WHERE {ledger.valid} AND {ledger.counts}"
    )
    known, board = replace(ledger, condition=f"({ledger.condition}) AND sequence <= {middle}").board()
    if len(board.groups) > 1 or len(known) < len(documents):
        return None
    strength = dict(zip(known, board.strength.tolist(), strict=True))
    return np.array([strength[document] for document in documents])


def order_line(found: Mapping[str, Any]) -> str | None:
    """Say what being shown first is worth, where that is known."""
    if found.get("order_effect") is None:
        return None
    effect, error = found["order_effect"], found["order_se"]
    low, high = effect - 1.96 * error, effect + 1.96 * error
    return f"shown first is worth {effect:+.0f} points ({low:+.0f} to {high:+.0f}); the board allows for it"


def table_rows(rows: Sequence[Mapping[str, Any]], ids: Mapping[str, str]) -> list[tuple[Any, ...]]:
    """Return the cells of the leaderboard for people, under HEADINGS; `ids` are short ones, by document."""
    return [
        (
            row["rank"],
            f"{row['rank_low']}-{row['rank_high']}",
            row["tier"],
            f"{row['board']:.0f}",
            f"{1.96 * row['se']:.0f}",
            f"{row['elo']:.0f}",
            row["comparisons"],
            ids[row["document_id"]],
            row["title"] or row["document_id"],
            row["status"],
            row["component"],
        )
        for row in rows
    ]


def as_csv(rows: Sequence[Mapping[str, Any]], *, exact: bool = False) -> str:
    """Return CSV; cells that a spreadsheet would run, such as a title, are made harmless unless `exact`."""
    text = io.StringIO()
    writer = csv.DictWriter(text, FIELDS, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        cells = {name: harmless(value) if isinstance(value, str) else value for name, value in row.items()}
        writer.writerow(row if exact else cells)
    return text.getvalue()


def as_markdown(rows: Sequence[Mapping[str, Any]], ids: Mapping[str, str]) -> str:
    lines = [f"| {' | '.join(HEADINGS)} |", f"|{'---|' * len(HEADINGS)}"]
    lines += ["| " + " | ".join(_cell(str(cell)) for cell in cells) + " |" for cells in table_rows(rows, ids)]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    for mark in "\\`*_[]<>|":
        text = text.replace(mark, f"\\{mark}")
    return text.replace("\n", " ")


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
