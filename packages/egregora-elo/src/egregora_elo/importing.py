"""Comparisons from a file: csv, jsonl or parquet, checked whole before one of them is taken.

A label that nobody defined, a document compared with itself, a document that does not exist: each is an error with its
line, never a tie and never dropped in silence. Importing a file again adds only what it did not have before.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from egregora_core.errors import UsageError
from egregora_core.sql import literal

from egregora_elo.documents import documents_sql, labels_sql
from egregora_elo.errors import ComparisonError
from egregora_elo.ledger import MEMORY_READING, Ledger
from egregora_elo.matching import copied, drop_known

if TYPE_CHECKING:
    import duckdb

FIELDS: Mapping[str, tuple[str, ...]] = {
    "a": ("model_a", "left", "a", "document_a"),
    "b": ("model_b", "right", "b", "document_b"),
    "winner": ("winner", "outcome"),
    "id": ("id", "comparison_id"),
    "shown_first": ("shown_first",),
    "judge": ("judge", "voter"),
    "weight": ("weight",),
    "timestamp": ("timestamp", "ts", "tstamp"),
}
"""What is read of a file, and the columns that it is looked for in."""

_NEEDED = ("a", "b", "winner")
OUTCOMES: Mapping[str, tuple[str, ...]] = {
    "a": ("a", "model_a", "left"),
    "b": ("b", "model_b", "right"),
    "tie": ("tie",),
    "both_bad": ("both_bad", "bothbad", "both bad", "tie (bothbad)"),
    "skip": ("skip",),
}
"""What a winner may be called, in any case."""

_SHOWN_PROBLEMS = 5


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
        file = _opened(ledger, path, columns or {})
        _resolve(ledger, file, allow_unknown=allow_unknown)
        rows = _check(ledger, file)
    except duckdb.Error as error:
        raise ComparisonError(f"{path} cannot be read: {str(error).splitlines()[0]}") from error
    invalid = ledger.value("SELECT count(*) FROM elo_rows WHERE NOT fine")
    if invalid and not skip_invalid:
        raise ComparisonError(_told(ledger, file, invalid))
    declared = ledger.value("SELECT count(*) FROM elo_labels WHERE declared AND document_id IS NOT NULL")
    if invalid:
        ledger.connection.execute("DELETE FROM elo_rows WHERE NOT fine")
    _stage(ledger, file, source)
    has_ids = "id" in file.columns and bool(ledger.value("SELECT count(*) FROM elo_rows WHERE id IS NOT NULL"))
    copy = None if has_ids or named else copied(ledger, source)
    if copy:
        ledger.connection.execute("DELETE FROM elo_rows")
    else:
        drop_known(ledger, file.place, source, has_ids=has_ids)
    added = ledger.value("SELECT count(*) FROM elo_rows")
    if added:
        ledger.append("elo_staged")
    ledger.connection.execute("DROP VIEW elo_staged; DROP TABLE elo_rows; DROP TABLE elo_labels")
    return Imported(rows, added, rows - invalid - added, invalid, declared if added else 0, copy)


# --- reading ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _File:
    """A file to be read: its table function, its column for each field, and what a place in it is called."""

    path: Path
    reader: str
    columns: Mapping[str, str]
    offset: int
    noun: str

    def field(self, field: str) -> str:
        """Return SQL for a field as text; null where it is empty or absent."""
        column = self.columns.get(field)
        return "NULL::VARCHAR" if column is None else f"nullif({_name(column)}::VARCHAR, '')"

    @property
    def rows(self) -> str:
        """Return a SELECT of all fields, with the row's number from 1."""
        fields = ", ".join(f"{self.field(field)} AS {field}" for field in FIELDS)
        return f"SELECT row_number() OVER () AS sequence, {fields} FROM {self.reader}"

    def place(self, row: int) -> str:
        return f"{self.path}:{row + self.offset}" if self.noun == "line" else f"{self.path}, row {row}"


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _opened(ledger: Ledger, path: Path, columns: Mapping[str, str]) -> _File:
    if not path.is_file():
        raise UsageError(f"{path}: there is no such file; check the path")
    reader, offset, noun = _reader(ledger.connection, path)
    found = [name for name, *_ in ledger.rows(f"DESCRIBE SELECT * FROM {reader}")]
    return _File(path, reader, _columns(path, found, columns), offset, noun)


def _reader(connection: "duckdb.DuckDBPyConnection", path: Path) -> tuple[str, int, str]:
    """Return the table function that reads a file, the line before its first row, and what a place is called."""
    name = literal(str(path))
    suffix = path.suffix.lower()
    if suffix in {".csv", ".tsv"}:
        mark = "','" if suffix == ".csv" else "'\t'"
        options = f"header = true, all_varchar = true, delim = {mark}, quote = '\"', escape = '\"'"
        return f"read_csv({name}, {options})", 1, "line"
    if suffix in {".jsonl", ".ndjson"}:
        plain = f"read_json({name}, format = 'newline_delimited')"
        found = connection.execute(f"DESCRIBE SELECT * FROM {plain}").fetchall()
        typed = ", ".join(f"{literal(column)}: 'VARCHAR'" for column, *_ in found)
        return f"read_json({name}, format = 'newline_delimited', columns = {{{typed}}})", 0, "line"
    if suffix == ".parquet":
        return f"read_parquet({name})", 0, "row"
    raise UsageError(f"{path}: comparisons are read from .csv, .tsv, .jsonl and .parquet files")


def _columns(path: Path, found: list[str], given: Mapping[str, str]) -> dict[str, str]:
    """Return the file's column for each field that it has."""
    for field, column in given.items():
        if field not in FIELDS:
            raise UsageError(f"--column {field}=…: there is no such field; there are {', '.join(FIELDS)}")
        if column not in found:
            raise UsageError(f"{path}: there is no column {column!r}; there are {', '.join(found)}")
    by_name = {name.lower(): name for name in found}
    wanted = {
        field: given.get(field) or next((by_name[name] for name in names if name in by_name), None)
        for field, names in FIELDS.items()
    }
    for field in _NEEDED:
        if wanted[field] is None:
            raise UsageError(
                f"{path}: no column for {field} ({' or '.join(FIELDS[field])}) among {', '.join(found)}; "
                f"name it with --column {field}=COLUMN"
            )
    return {field: column for field, column in wanted.items() if column is not None}


# --- checking -----------------------------------------------------------------------------------------------------


def _resolve(ledger: Ledger, file: _File, *, allow_unknown: bool) -> None:
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


def _typed(file: _File) -> str:
    """Return a SELECT of the file's rows with documents, outcome and values, and with what is wrong with each."""
    return (
        "SELECT f.*, x.number AS number_a, y.number AS number_b, x.document_id AS document_a, "
        "y.document_id AS document_b, x.ambiguous AS vague_a, y.ambiguous AS vague_b, "
        f"CASE {_cases('winner', OUTCOMES)} END AS outcome, CASE {_cases('shown_first', ('a', 'b'))} "
        "WHEN shown_first = a THEN 'a' WHEN shown_first = b THEN 'b' END AS shown, "
        "CASE WHEN weight IS NULL THEN 1::DOUBLE ELSE try_cast(weight AS DOUBLE) END AS weighed, "
        "coalesce(try_cast(timestamp AS TIMESTAMPTZ), "
        "make_timestamptz((try_cast(timestamp AS DOUBLE) * 1e6)::BIGINT)) AS moment "
        f"FROM ({file.rows}) AS f LEFT JOIN elo_labels AS x ON x.label = a LEFT JOIN elo_labels AS y ON y.label = b"
    )


def _quoted(column: str) -> str:
    return f"chr(39) || left({column}, 40) || chr(39)"


_PROBLEMS = (
    ("a IS NULL OR b IS NULL", "'a document is missing'"),
    ("vague_a AND document_a IS NULL", f"'several documents have the slug ' || {_quoted('a')}"),
    ("vague_b AND document_b IS NULL", f"'several documents have the slug ' || {_quoted('b')}"),
    ("document_a IS NULL", f"'unknown document ' || {_quoted('a')}"),
    ("document_b IS NULL", f"'unknown document ' || {_quoted('b')}"),
    ("document_a = document_b", f"'a document compared with itself: ' || {_quoted('a')}"),
    ("winner IS NULL", "'the winner is missing'"),
    ("outcome IS NULL", f"'unknown winner ' || {_quoted('winner')}"),
    ("shown_first IS NOT NULL AND shown IS NULL", f"'unknown shown_first ' || {_quoted('shown_first')}"),
    ("weighed IS NULL OR NOT isfinite(weighed) OR weighed < 0", f"'no weight: ' || {_quoted('weight')}"),
    ("timestamp IS NOT NULL AND moment IS NULL", f"'no timestamp: ' || {_quoted('timestamp')}"),
)
"""What can be wrong with a row, the first that holds, and how it is told."""


def _check(ledger: Ledger, file: _File) -> int:
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


def _told(ledger: Ledger, file: _File, invalid: int) -> str:
    """Say what is wrong with the first rows, how many there are, and what can be done."""
    told = " ".join(f"WHEN {condition} THEN {words}" for condition, words in _PROBLEMS)
    problems = ledger.rows(
        f"SELECT sequence, CASE {told} END FROM ({_typed(file)}) "
        f"WHERE sequence IN (SELECT sequence FROM elo_rows WHERE NOT fine ORDER BY sequence LIMIT {_SHOWN_PROBLEMS}) "
        "ORDER BY sequence"
    )
    lines = [f"{file.place(row)}: {problem}" for row, problem in problems]
    if invalid > len(lines):
        lines.append(f"and {invalid - len(lines):,} more")
    hints = ["nothing was imported; correct the file, or leave such rows out with --skip-invalid"]
    if any("unknown document" in line for line in lines):
        hints.append("documents that exist nowhere else are declared with --allow-unknown")
    if any("unknown winner" in line for line in lines):
        hints.append(f"a winner is one of {', '.join(word for words in OUTCOMES.values() for word in words)}")
    return f"{invalid:,} of its rows cannot be taken:\n" + "\n".join([*lines, *hints])


# --- what is new --------------------------------------------------------------------------------------------------


def _stage(ledger: Ledger, file: _File, source: str) -> None:
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
