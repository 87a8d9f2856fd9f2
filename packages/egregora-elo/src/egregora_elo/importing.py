"""Comparisons from a file: csv, jsonl or parquet, checked whole before one of them is taken.

A label that nobody defined, a document compared with itself, a document that does not exist: each is an error with its
line, never a tie and never dropped in silence. Importing a file again adds only what it did not have before.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from egregora_core.plugin import UsageError, literal

from egregora_elo.documents import documents_sql, labels_sql
from egregora_elo.errors import ComparisonError
from egregora_elo.files import File, opened
from egregora_elo.ledger import MEMORY_READING, Ledger
from egregora_elo.matching import copied, drop_known

OUTCOMES: Mapping[str, tuple[str, ...]] = {
    "a": ("a", "model_a", "left"),
    "b": ("b", "model_b", "right"),
    "tie": ("tie", "draw"),
    "both_bad": ("both_bad", "bothbad", "both bad", "tie (bothbad)"),
    "skip": ("skip",),
}
"""What a winner may be called, in any case."""

_SHOWN_PROBLEMS = 5
_HEAVIEST = 1_000_000_000
"""A weight is a number of comparisons; beyond it the numbers that it moves are none."""


@dataclass(frozen=True)
class Imported:
    """What became of a file's rows."""

    rows: int
    added: int
    known: int
    """Rows that were here already."""
    invalid: int
    declared: int
    """Documents that nobody knew before."""
    copy_of: str | None = None
    """The source whose comparisons these are, word for word; nothing was added then."""
    alike: tuple[tuple[str, ...], ...] = ()
    """Labels that differ in case, blanks or the form of a letter alone, where one of them is new; the first few."""


def outcome_of(text: str) -> str:
    """Return the outcome that a word stands for; raises UsageError for a word that stands for none."""
    for outcome, words in OUTCOMES.items():
        if text.strip().lower() in words:
            return outcome
    raise UsageError(f"{text[:40]!r} is no outcome: say a, b, tie, both_bad or skip")


def import_file(  # noqa: PLR0913 - a file, and how to take it
    ledger: Ledger,
    path: Path,
    *,
    columns: Mapping[str, str] | None = None,
    source: str | None = None,
    allow_unknown: bool = False,
    skip_invalid: bool = False,
) -> Imported:
    """Append a file's comparisons; raises ComparisonError, with nothing written, where a row cannot be taken.

    To be called in a transaction. `columns` maps fields to the file's columns; `source` is the file's name unless
    given; what a source that is given holds are other comparisons than those of a file with the same rows.
    """
    import duckdb

    named, source = source is not None, source or path.name
    ledger.hold_to(MEMORY_READING)
    try:
        file = opened(ledger.connection, path, columns or {})
        _resolve(ledger, file, allow_unknown=allow_unknown)
        rows = _check(ledger, file) + len(file.broken)
    except duckdb.Error as error:
        raise ComparisonError(f"{path} cannot be read: {str(error).splitlines()[0]}") from error
    invalid = len(file.broken) + ledger.value("SELECT count(*) FROM elo_rows WHERE NOT fine")
    if invalid and not skip_invalid:
        raise ComparisonError(_told(ledger, file, invalid))
    declared = ledger.value("SELECT count(*) FROM elo_labels WHERE declared AND document_id IS NOT NULL")
    alike = _alike(ledger) if declared else ()
    if invalid:
        ledger.connection.execute("DELETE FROM elo_rows WHERE NOT fine")
    _stage(ledger, file, source)
    has_ids = "id" in file.columns and bool(ledger.value("SELECT count(*) FROM elo_rows WHERE id IS NOT NULL"))
    copy = None if has_ids or named else copied(ledger, source)
    if copy:
        ledger.connection.execute("DELETE FROM elo_rows")
    else:
        drop_known(ledger, lambda row: file.place(*file.places([row])), source, has_ids=has_ids)
    added = ledger.value("SELECT count(*) FROM elo_rows")
    if added:
        ledger.append("elo_staged")
    ledger.connection.execute("DROP VIEW elo_staged; DROP TABLE elo_rows; DROP TABLE elo_labels")
    return Imported(rows, added, rows - invalid - added, invalid, *((declared, copy, alike) if added else (0, copy)))


# --- checking -----------------------------------------------------------------------------------------------------


def _resolve(ledger: Ledger, file: File, *, allow_unknown: bool) -> None:
    """Say in table `elo_labels` which document each label of the file is, and whether the file declares it.

    A label is a document's id, a name that comparisons already use, or a slug that only one document has.
    """
    named = " UNION ".join(f"SELECT DISTINCT {file.field(side)} AS label FROM {file.reader}" for side in ("a", "b"))
    ledger.connection.execute(
        "CREATE OR REPLACE TEMP TABLE elo_labels AS "
        f"WITH docs AS ({documents_sql(ledger)}), "
        "slugs AS (SELECT slug, min(document_id) AS document_id, count(*) AS many FROM docs GROUP BY slug), "
        f"used AS ({labels_sql(ledger)}), named AS ({named}), "
        "meant AS (SELECT label, coalesce(docs.document_id, used.document_id, "
        "CASE WHEN many = 1 THEN slugs.document_id END) AS document_id, coalesce(many, 0) > 1 AS ambiguous FROM named "
        "LEFT JOIN docs ON docs.document_id = label LEFT JOIN used ON used.document_id = label "
        "LEFT JOIN slugs ON slugs.slug = label WHERE label IS NOT NULL) "
        "SELECT (row_number() OVER (ORDER BY label))::INT AS number, label, "
        f"coalesce(meant.document_id, CASE WHEN {literal(allow_unknown)} AND NOT ambiguous THEN label END) "
        "AS document_id, ambiguous, meant.document_id IS NULL AS declared, content "
        "FROM meant LEFT JOIN docs ON docs.document_id = meant.document_id"
    )


def _alike(ledger: Ledger) -> tuple[tuple[str, ...], ...]:
    """Return new labels with those that look the same, known ones included."""
    found = ledger.rows(
        "SELECT list(label ORDER BY label) FROM (SELECT label, bool_or(new) AS new FROM "
        "(SELECT label, declared AS new FROM elo_labels UNION ALL "
        f"SELECT document_id AS label, false AS new FROM ({labels_sql(ledger)})) GROUP BY label) "
        "GROUP BY lower(nfc_normalize(regexp_replace(trim(label), '\\s+', ' ', 'g'))) "
        f"HAVING count(*) > 1 AND bool_or(new) ORDER BY 1 LIMIT {_SHOWN_PROBLEMS}"
    )
    return tuple(tuple(labels) for (labels,) in found)


def _cases(field: str, outcomes: Iterable[str]) -> str:
    """Return the branches of a CASE that turn words into outcomes."""
    return " ".join(
        f"WHEN lower(trim({field})) IN ({', '.join(map(literal, OUTCOMES[outcome]))}) THEN {literal(outcome)}"
        for outcome in outcomes
    )


def _typed(file: File) -> str:
    """Return a SELECT of the file's rows with documents, outcome and values, and with what is wrong with each."""
    return (
        "SELECT f.*, x.number AS number_a, y.number AS number_b, x.document_id AS document_a, "
        "y.document_id AS document_b, x.ambiguous AS vague_a, y.ambiguous AS vague_b, "
        f"CASE {_cases('winner', OUTCOMES)} END AS outcome, CASE {_cases('shown_first', ('a', 'b'))} "
        "WHEN shown_first = a THEN 'a' WHEN shown_first = b THEN 'b' END AS shown, "
        "CASE WHEN weight IS NULL THEN 1::DOUBLE ELSE try_cast(weight AS DOUBLE) END AS weighed, "
        f"CASE WHEN {_MOMENT} BETWEEN '0001-01-01' AND '9999-12-31' THEN {_MOMENT} END AS moment "
        f"FROM ({file.rows}) AS f LEFT JOIN elo_labels AS x ON x.label = a LEFT JOIN elo_labels AS y ON y.label = b"
    )


_MOMENT = (
    "coalesce(try_cast(timestamp AS TIMESTAMPTZ), "
    "make_timestamptz(try_cast(try_cast(timestamp AS DOUBLE) * 1e6 AS BIGINT)))"
)
"""A time as it is written, or as seconds since 1970. Of years with five digits nothing else here knows."""


def _quoted(column: str) -> str:
    return f"chr(39) || left({column}, 40) || chr(39)"


_PROBLEMS = (
    ("a IS NULL AND b IS NULL AND winner IS NULL", "'no comparison can be read from it'"),
    ("a IS NULL OR b IS NULL", "'a document is missing'"),
    ("vague_a AND document_a IS NULL", f"'several documents have the slug ' || {_quoted('a')}"),
    ("vague_b AND document_b IS NULL", f"'several documents have the slug ' || {_quoted('b')}"),
    ("document_a IS NULL", f"'unknown document ' || {_quoted('a')}"),
    ("document_b IS NULL", f"'unknown document ' || {_quoted('b')}"),
    ("document_a = document_b", f"'a document compared with itself: ' || {_quoted('a')}"),
    ("winner IS NULL", "'the winner is missing'"),
    ("outcome IS NULL", f"'unknown winner ' || {_quoted('winner')}"),
    ("shown_first IS NOT NULL AND shown IS NULL", f"'unknown shown_first ' || {_quoted('shown_first')}"),
    (
        f"weighed IS NULL OR isnan(weighed) OR weighed NOT BETWEEN 0 AND {_HEAVIEST}",
        f"'no weight: ' || {_quoted('weight')}",
    ),
    ("timestamp IS NOT NULL AND moment IS NULL", f"'no timestamp: ' || {_quoted('timestamp')}"),
)
"""What can be wrong with a row, the first that holds, and how it is told."""


def _check(ledger: Ledger, file: File) -> int:
    """Make table `elo_rows`, only as wide as the file, and return the number of rows."""
    kept = {"id": "id", "shown_first": "shown AS shown_first", "judge": "judge", "weight": "weighed AS weight"}
    kept["timestamp"] = "moment AS timestamp"
    fields = "".join(f", {sql}" for field, sql in kept.items() if field in file.columns)
    wrong = " OR ".join(f"({condition})" for condition, _ in _PROBLEMS)
    ledger.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE elo_rows AS SELECT sequence, number_a, number_b, outcome::{_OUTCOME} AS outcome"
        f"{fields}, NOT coalesce({wrong}, false) AS fine FROM ({_typed(file)})"
    )
    return int(ledger.value("SELECT count(*) FROM elo_rows"))


_OUTCOME = f"ENUM ({', '.join(map(literal, OUTCOMES))})"


def _told(ledger: Ledger, file: File, invalid: int) -> str:
    """Say what is wrong with the first rows, how many there are, and what can be done."""
    told = " ".join(f"WHEN {condition} THEN {words}" for condition, words in _PROBLEMS)
    problems = ledger.rows(
        f"SELECT sequence, CASE {told} END FROM ({_typed(file)}) "
        f"WHERE sequence IN (SELECT sequence FROM elo_rows WHERE NOT fine ORDER BY sequence LIMIT {_SHOWN_PROBLEMS}) "
        "ORDER BY sequence"
    )
    told_of = dict(zip(file.places([row for row, _ in problems]), [problem for _, problem in problems], strict=True))
    wrong = sorted({**told_of, **file.broken}.items())[:_SHOWN_PROBLEMS]
    lines = [f"{file.place(line)}: {problem}" for line, problem in wrong]
    if invalid > len(lines):
        lines.append(f"and {invalid - len(lines):,} more")
    hints = ["nothing was imported; correct the file, or leave such rows out with --skip-invalid"]
    if any("unknown document" in line for line in lines):
        hints.append("documents that exist nowhere else are declared with --allow-unknown")
    if any("unknown winner" in line for line in lines):
        hints.append(f"a winner is one of {', '.join(word for words in OUTCOMES.values() for word in words)}")
    return f"{invalid:,} of its rows cannot be taken:\n" + "\n".join([*lines, *hints])


# --- what is new --------------------------------------------------------------------------------------------------


def _stage(ledger: Ledger, file: File, source: str) -> None:
    """Make view `elo_staged` of `elo_rows`: what `Ledger.append` takes."""
    batch = uuid4().hex[:8]
    made = f"{literal(batch + '-')} || sequence"
    absent = {"shown_first": "NULL::VARCHAR", "judge": "NULL::VARCHAR", "weight": "1::DOUBLE"}
    absent["timestamp"] = "NULL::TIMESTAMPTZ"
    fields = ", ".join(name if name in file.columns else f"{sql} AS {name}" for name, sql in absent.items())
    ledger.connection.execute(
        f"CREATE OR REPLACE TEMP VIEW elo_staged AS SELECT {f'coalesce(id, {made})' if 'id' in file.columns else made} "
        f"AS id, {literal(ledger.tenant)} AS tenant_id, sequence, x.document_id AS document_a, "
        "y.document_id AS document_b, x.content AS content_a, y.content AS content_b, outcome::VARCHAR AS outcome, "
        f"{fields}, {literal(source)} AS source, NULL::TIMESTAMPTZ AS voided_at FROM elo_rows "
        "JOIN elo_labels AS x ON x.number = number_a JOIN elo_labels AS y ON y.number = number_b"
    )
