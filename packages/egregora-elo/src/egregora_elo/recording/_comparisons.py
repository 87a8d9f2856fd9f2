"""Comparisons that were made one by one: recorded, however many at once, and taken back by their ids."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from egregora_core.plugin import UsageError, literal

from egregora_elo.documents import Document, labels_sql
from egregora_elo.errors import ComparisonError
from egregora_elo.ledger import Ledger, append, rebuild, void
from egregora_elo.recording._outcomes import OUTCOMES
from egregora_elo.tables import ELO_HISTORY

HEAVIEST = 1_000_000_000
"""A weight is a number of comparisons; beyond it the numbers that it moves are none."""

NO_FILES = ("vote", "record", "program")
"""What `source` says of comparisons that come from no file."""


@dataclass(frozen=True)
class Comparison:
    """One judgement of two documents, as they were when they were shown.

    `outcome` is `a`, `b`, `tie`, `both_bad` or `skip`; `shown_first` is `a` or `b`, None where nobody knows.
    """

    a: Document
    b: Document
    outcome: str
    shown_first: str | None = None
    judge: str | None = None
    source: str = "program"
    weight: float = 1.0
    """How many comparisons it counts for."""
    rationale: str | None = None
    """Why, in the judge's words."""
    attrs: Mapping[str, Any] | None = None
    """What else is to be kept of it, as JSON has it."""


def record(ledger: Ledger, comparisons: Iterable[Comparison]) -> list[str]:
    """Append comparisons in their order, and return the ids that they were given. To be called in a transaction.

    Raises UsageError for a document with itself, ComparisonError for what is none; nothing is recorded then.
    """
    import pyarrow as pa

    comparisons, now = list(comparisons), datetime.now(UTC)
    _check(ledger, comparisons)
    rows = [_row(ledger, number, comparison, now) for number, comparison in enumerate(comparisons, 1)]
    if not rows:
        return []
    types = {column.name: column.duckdb_type for column in ELO_HISTORY.columns}
    typed = ", ".join(f"{name}::{types[name]} AS {name}" for name in rows[0])
    ledger.execute_with(
        pa.Table.from_pylist(rows), f"CREATE OR REPLACE TEMP TABLE elo_staged AS SELECT {typed} FROM given"
    )
    append(ledger, "elo_staged")
    ledger.connection.execute("DROP TABLE elo_staged")
    return [row["id"] for row in rows]


def _check(ledger: Ledger, comparisons: Sequence[Comparison]) -> None:
    """Raise where a comparison cannot be taken. A document with a content was there when it was shown, and counts."""
    labels = {document.id for each in comparisons for document in (each.a, each.b) if document.content is None}
    named = ", ".join(map(literal, labels)) or "NULL"
    known = {
        label
        for (label,) in ledger.rows(f"SELECT document_id FROM ({labels_sql(ledger)}) WHERE document_id IN ({named})")
    }
    for number, each in enumerate(comparisons, 1):
        if each.a.id == each.b.id:
            raise UsageError(f"{each.a.slug or each.a.id} cannot be compared with itself: name two documents")
        if problem := _problem(each, labels - known):
            raise ComparisonError(f"comparison {number}: {problem}; nothing was recorded")


def _problem(comparison: Comparison, unknown: Collection[str]) -> str | None:
    """Say what is wrong with a comparison, None where nothing is."""
    if comparison.outcome not in OUTCOMES:
        return f"{comparison.outcome[:40]!r} is no outcome: say {', '.join(OUTCOMES)}"
    if comparison.shown_first not in {None, "a", "b"}:
        return "shown_first is a, b or None"
    if not 0 <= comparison.weight <= HEAVIEST:
        return f"{comparison.weight} is no weight: say a number from 0 to {HEAVIEST:,}"
    if missing := [document.id for document in (comparison.a, comparison.b) if document.id in unknown]:
        return f"unknown document {missing[0][:40]!r}: take documents as `propose` and `find` return them"
    return None


def _row(ledger: Ledger, number: int, comparison: Comparison, now: datetime) -> dict[str, Any]:
    a, b = comparison.a, comparison.b
    return {
        "id": uuid4().hex[:16],
        "tenant_id": ledger.tenant,
        "sequence": number,
        "document_a": a.id,
        "document_b": b.id,
        "content_a": a.content,
        "content_b": b.content,
        "outcome": comparison.outcome,
        "shown_first": comparison.shown_first,
        "judge": comparison.judge,
        "source": comparison.source,
        "weight": comparison.weight,
        "timestamp": now,
        "voided_at": None,
        "rationale": comparison.rationale,
        "attrs": None if comparison.attrs is None else json.dumps(comparison.attrs, ensure_ascii=False),
    }


def weigh(ledger: Ledger, judge: str, weight: float) -> None:
    """Have each comparison of a judge count for so much, and replay. To be called in a transaction."""
    if not 0 <= weight <= HEAVIEST:
        raise UsageError(f"{weight} is no weight: say a number from 0 to {HEAVIEST:,}")
    ledger.connection.execute(
        f"UPDATE elo_history SET weight = {float(weight)} WHERE {ledger.mine} AND judge = {literal(judge)}"
    )
    rebuild(ledger)


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
    void(ledger, list(ids))
    return len(ids)
