"""Single comparisons: recorded one at a time, and taken back."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from egregora_core.plugin import UsageError, literal

from egregora_elo.documents import Known
from egregora_elo.ledger import Ledger
from egregora_elo.tables import ELO_HISTORY


@dataclass(frozen=True)
class Comparison:
    """One judgement of two documents."""

    a: Known
    b: Known
    outcome: str
    shown_first: str | None
    judge: str | None
    source: str


@dataclass(frozen=True)
class _Standing:
    elo: float
    rank: int
    comparisons: int


def record_one(ledger: Ledger, comparison: Comparison) -> list[str]:
    """Append a comparison, and return for a and for b what it changed, for people.

    Raises UsageError for a document with itself.
    """
    a, b = comparison.a, comparison.b
    if a.id == b.id:
        raise UsageError(f"{a.slug or a.id} cannot be compared with itself: name two documents")
    before = _standings(ledger)
    values = {
        "id": uuid4().hex[:16],
        "tenant_id": ledger.tenant,
        "sequence": 1,
        "document_a": a.id,
        "document_b": b.id,
        "content_a": a.content,
        "content_b": b.content,
        "outcome": comparison.outcome,
        "shown_first": comparison.shown_first,
        "judge": comparison.judge,
        "source": comparison.source,
        "weight": 1.0,
        "timestamp": datetime.now(UTC),
        "voided_at": None,
    }
    types = {column.name: column.duckdb_type for column in ELO_HISTORY.columns}
    row = ", ".join(f"{literal(value)}::{types[name]} AS {name}" for name, value in values.items())
    ledger.connection.execute(f"CREATE OR REPLACE TEMP TABLE elo_staged AS SELECT {row}")
    ledger.append("elo_staged")
    ledger.connection.execute("DROP TABLE elo_staged")
    after = _standings(ledger)
    return [_change(before.get(document.id), after[document.id]) for document in (a, b)]


def _standings(ledger: Ledger) -> dict[str, _Standing]:
    rated = ledger.ratings()
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


def void_by_id(ledger: Ledger, texts: list[str]) -> int:
    """Declare comparisons void, named by ids or beginnings of ids, and return how many they are.

    Raises UsageError for one that is not there.
    """
    ids: dict[str, None] = {}
    for text in texts:
        found = ledger.rows(
            f"SELECT id, voided_at IS NULL FROM elo_history WHERE {ledger.mine} "
            f"AND (id = {literal(text)} OR starts_with(id, {literal(text)})) ORDER BY id <> {literal(text)}, id LIMIT 5"
        )
        exact = [row for row in found if row[0] == text] or found
        if not exact:
            raise UsageError(f"no comparison has the id {text!r}; `egregora elo history DOCUMENT` shows them")
        if len(exact) > 1:
            raise UsageError(f"{text!r} may be {', '.join(row[0] for row in exact)}: give more of the id")
        if not exact[0][1]:
            raise UsageError(f"{exact[0][0]} is void already")
        ids[str(exact[0][0])] = None
    ledger.void(list(ids))
    return len(ids)


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
