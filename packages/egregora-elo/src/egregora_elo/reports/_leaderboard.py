"""The leaderboard: its rows, what the fit found for all of them, and the forms in which it is written."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from egregora_core.plugin import harmless

from egregora_elo.documents import names
from egregora_elo.ledger import Ledger, rating_rows

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
    for row in rating_rows(ledger).to_pylist():
        document = known.get(row["document_id"])
        found = {**row, "elo": row["rating"], "slug": None, "title": None}
        if document is not None:
            found |= {"slug": document.slug, "title": document.title}
        found["last_updated"] = row["last_updated"].isoformat() if row["last_updated"] else None
        rows.append({field: found[field] for field in FIELDS})
    return rows


def findings(ledger: Ledger) -> dict[str, Any]:
    """Return what the fit found for all documents: order effect and its error in points, prior, weight."""
    rated = rating_rows(ledger)
    found: dict[str, Any] = json.loads(rated["fit"][0].as_py()) if rated.num_rows else {}
    return found


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
