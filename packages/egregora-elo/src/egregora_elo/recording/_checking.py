"""The rows of a file, checked whole before one of them is taken.

A label that nobody defined, a document compared with itself, a document that does not exist: each is an error with its
line, never a tie and never dropped in silence.
"""

from collections.abc import Iterable

from egregora_core.plugin import literal

from egregora_elo.documents import documents_sql, labels_sql
from egregora_elo.ledger import Ledger
from egregora_elo.recording._comparisons import HEAVIEST
from egregora_elo.recording._files import File
from egregora_elo.recording._outcomes import OUTCOMES

SHOWN = 5
"""How many of the rows, or labels, that want a look are told."""


def resolve(ledger: Ledger, file: File, *, allow_unknown: bool) -> None:
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
        f"weighed IS NULL OR isnan(weighed) OR weighed NOT BETWEEN 0 AND {HEAVIEST}",
        f"'no weight: ' || {_quoted('weight')}",
    ),
    ("timestamp IS NOT NULL AND moment IS NULL", f"'no timestamp: ' || {_quoted('timestamp')}"),
)
"""What can be wrong with a row, the first that holds, and how it is told."""


def check(ledger: Ledger, file: File) -> int:
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


def told(ledger: Ledger, file: File, invalid: int) -> str:
    """Say what is wrong with the first rows, how many there are, and what can be done."""
    cases = " ".join(f"WHEN {condition} THEN {words}" for condition, words in _PROBLEMS)
    problems = ledger.rows(
        f"SELECT sequence, CASE {cases} END FROM ({_typed(file)}) "
        f"WHERE sequence IN (SELECT sequence FROM elo_rows WHERE NOT fine ORDER BY sequence LIMIT {SHOWN}) "
        "ORDER BY sequence"
    )
    told_of = dict(zip(file.places([row for row, _ in problems]), [problem for _, problem in problems], strict=True))
    wrong = sorted({**told_of, **file.broken}.items())[:SHOWN]
    lines = [f"{file.place(line)}: {problem}" for line, problem in wrong]
    if invalid > len(lines):
        lines.append(f"and {invalid - len(lines):,} more")
    hints = ["nothing was imported; correct the file, or leave such rows out with --skip-invalid"]
    if any("unknown document" in line for line in lines):
        hints.append("documents that exist nowhere else are declared with --allow-unknown")
    if any("unknown winner" in line for line in lines):
        hints.append(f"a winner is one of {', '.join(word for words in OUTCOMES.values() for word in words)}")
    return f"{invalid:,} of its rows cannot be taken:\n" + "\n".join([*lines, *hints])
