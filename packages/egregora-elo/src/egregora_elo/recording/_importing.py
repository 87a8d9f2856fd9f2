"""Comparisons from a file: csv, jsonl or parquet, all of them or none.

Importing a file again adds only what it did not have before.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from egregora_core.plugin import literal

from egregora_elo.documents import labels_sql
from egregora_elo.errors import ComparisonError
from egregora_elo.ledger import MEMORY_PLAYING, MEMORY_READING, Ledger, append
from egregora_elo.recording._checking import SHOWN, check, resolve, told
from egregora_elo.recording._files import File
from egregora_elo.recording._formats import opened
from egregora_elo.recording._matching import copied, drop_known


@dataclass(frozen=True)
class ImportOptions:
    """How a file is to be taken."""

    columns: Mapping[str, str] = field(default_factory=dict)
    """The file's column for a field, where it has another name than usual."""
    source: str | None = None
    """What to call it, other than the file's name: its comparisons are others than those of a file with equal rows."""
    allow_unknown: bool = False
    """Whether documents that nobody knows are declared."""
    skip_invalid: bool = False
    """Whether rows that are wrong are left out."""


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


def import_file(ledger: Ledger, path: Path, options: ImportOptions | None = None) -> Imported:
    """Append a file's comparisons; raises ComparisonError, with nothing written, where a row cannot be taken.

    To be called in a transaction.
    """
    options = options or ImportOptions()
    source = options.source or path.name
    file, rows, invalid = _read(ledger, path, options)
    declared = ledger.value("SELECT count(*) FROM elo_labels WHERE declared AND document_id IS NOT NULL")
    alike = _alike(ledger) if declared else ()
    if invalid:
        ledger.connection.execute("DELETE FROM elo_rows WHERE NOT fine")
    _stage(ledger, file, source)
    has_ids = "id" in file.columns and bool(ledger.value("SELECT count(*) FROM elo_rows WHERE id IS NOT NULL"))
    copy = None if has_ids or options.source is not None else copied(ledger, source)
    if copy:
        ledger.connection.execute("DELETE FROM elo_rows")
    else:
        drop_known(ledger, lambda row: file.place(*file.places([row])), source, has_ids=has_ids)
    added = ledger.value("SELECT count(*) FROM elo_rows")
    if added:
        ledger.hold_to(MEMORY_PLAYING)
        append(ledger, "elo_staged")
    ledger.connection.execute("DROP VIEW elo_staged; DROP TABLE elo_rows; DROP TABLE elo_labels")
    return Imported(rows, added, rows - invalid - added, invalid, *((declared, copy, alike) if added else (0, copy)))


def _read(ledger: Ledger, path: Path, options: ImportOptions) -> tuple[File, int, int]:
    """Make tables `elo_labels` and `elo_rows`; return the file, its number of rows, and how many are wrong."""
    import duckdb

    ledger.hold_to(MEMORY_READING)
    try:
        file = opened(ledger.connection, path, options.columns)
        resolve(ledger, file, allow_unknown=options.allow_unknown)
        rows = check(ledger, file) + len(file.broken)
    except duckdb.Error as error:
        raise ComparisonError(f"{path} cannot be read: {str(error).splitlines()[0]}") from error
    invalid = len(file.broken) + ledger.value("SELECT count(*) FROM elo_rows WHERE NOT fine")
    if invalid and not options.skip_invalid:
        raise ComparisonError(told(ledger, file, invalid))
    return file, rows, invalid


def _alike(ledger: Ledger) -> tuple[tuple[str, ...], ...]:
    """Return new labels with those that look the same, known ones included."""
    found = ledger.rows(
        "SELECT list(label ORDER BY label) FROM (SELECT label, bool_or(new) AS new FROM "
        "(SELECT label, declared AS new FROM elo_labels UNION ALL "
        f"SELECT document_id AS label, false AS new FROM ({labels_sql(ledger)})) GROUP BY label) "
        "GROUP BY lower(nfc_normalize(regexp_replace(trim(label), '\\s+', ' ', 'g'))) "
        f"HAVING count(*) > 1 AND bool_or(new) ORDER BY 1 LIMIT {SHOWN}"
    )
    return tuple(tuple(labels) for (labels,) in found)


def _stage(ledger: Ledger, file: File, source: str) -> None:
    """Make view `elo_staged` of `elo_rows`: what `append` takes."""
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
