"""Votes: one comparison recorded, what it changed, and which was a judge's last."""

from dataclasses import dataclass

from egregora_core.plugin import literal

from egregora_elo.ledger import Ledger, rating_rows
from egregora_elo.recording._comparisons import Comparison, record


@dataclass(frozen=True)
class _Standing:
    elo: float
    rank: int
    comparisons: int


def record_one(ledger: Ledger, comparison: Comparison) -> list[str]:
    """Append a comparison, and return for a and for b what it changed, for people.

    Raises UsageError for a document with itself.
    """
    before = _standings(ledger)
    record(ledger, [comparison])
    after = _standings(ledger)
    return [_change(before.get(document.id), after[document.id]) for document in (comparison.a, comparison.b)]


def _standings(ledger: Ledger) -> dict[str, _Standing]:
    rated = rating_rows(ledger)
    columns = (rated[name].to_pylist() for name in ("document_id", "rating", "rank", "comparisons"))
    return {document: _Standing(*standing) for document, *standing in zip(*columns, strict=True)}


def _change(before: _Standing | None, after: _Standing) -> str:
    if not after.comparisons:
        return "not compared with anything yet"
    if before == after:
        return f"unchanged, live Elo {after.elo:.0f}, rank {after.rank}"
    if before is None or not before.comparisons:
        return f"live Elo {after.elo:.0f}, rank {after.rank} (new)"
    elo = f"live Elo {before.elo:.0f} → {after.elo:.0f} ({after.elo - before.elo:+.0f})"
    moved = f"rank {before.rank} → {after.rank}" if before.rank != after.rank else f"rank {after.rank}"
    return f"{elo}, {moved}"


@dataclass(frozen=True)
class Vote:
    """A vote that was cast, and on what."""

    id: str
    document_a: str
    document_b: str
    outcome: str


def last_vote(ledger: Ledger, judge: str) -> Vote | None:
    """Return a judge's latest vote that is not void."""
    found = ledger.rows(
        f"SELECT id, document_a, document_b, outcome FROM elo_history WHERE {_votes(ledger, judge)} "
        "ORDER BY sequence DESC LIMIT 1"
    )
    return Vote(*found[0]) if found else None


def votes(ledger: Ledger, judge: str) -> int:
    """Count a judge's votes that are not void."""
    return int(ledger.value(f"SELECT count(*) FROM elo_history WHERE {_votes(ledger, judge)}"))


def _votes(ledger: Ledger, judge: str) -> str:
    return f"{ledger.valid} AND source = 'vote' AND judge = {literal(judge)}"
