"""Which rows of a file are here already: by their ids, or, where it has none, by what they say.

Two equal rows are two comparisons, so it is counted: of a file read again, the third of three equal rows is known only
if three were here. Rows are read from `elo_rows` and the view `elo_staged` of it, which an import makes.
"""

from collections.abc import Callable

from egregora_core.plugin import literal

from egregora_elo.errors import ComparisonError
from egregora_elo.ledger import CHUNK, MEMORY_MATCHING, Ledger
from egregora_elo.recording._comparisons import NO_FILES

Place = Callable[[int], str]
"""What to call a row of the file, by its number from 1."""

_CONTENT = "document_a, document_b, outcome, shown_first, judge, weight, timestamp"
"""What makes two rows of a file without ids the same comparison."""


def copied(ledger: Ledger, source: str) -> str | None:
    """Return the other source whose comparisons are exactly these: a file under another name."""
    if not ledger.value(f"SELECT count(*) FROM elo_history WHERE {ledger.mine} AND source <> {literal(source)}"):
        return None
    content = f"count(*) AS many, sum(hash({_CONTENT})::HUGEINT) AS total"
    found = ledger.rows(
        f"SELECT source FROM (SELECT source, {content} FROM elo_history WHERE {ledger.mine} GROUP BY source) "
        f"WHERE source NOT IN ({', '.join(map(literal, (*NO_FILES, source)))}) "
        f"AND (many, total) IN (SELECT (many, total) FROM (SELECT {content} FROM elo_staged)) LIMIT 1"
    )
    return str(found[0][0]) if found else None


def drop_known(ledger: Ledger, place: Place, source: str, *, has_ids: bool) -> None:
    """Delete the rows of `elo_rows` that are here already; raises where an id is that of another comparison."""
    given = f"FROM elo_history WHERE {ledger.mine} AND source = {literal(source)}"
    again = bool(ledger.value(f"SELECT count(*) {given}"))
    if again:
        here, there = _shared_beginning(ledger, given, has_ids=has_ids)
        ledger.connection.execute(f"DELETE FROM elo_rows WHERE sequence <= {here}")
        given += f" AND sequence > {there}"
    if has_ids:
        _drop_known_ids(ledger, place)
    plain = "AND id IS NULL" if has_ids else ""
    if again and ledger.value(f"SELECT count(*) FROM elo_rows WHERE true {plain}"):
        ledger.hold_to(MEMORY_MATCHING)
        # The n-th of equal rows is the n-th of those that are here already, so a file that has grown adds its new rows.
        number = f"{_CONTENT}, row_number() OVER (PARTITION BY {_CONTENT} ORDER BY sequence) AS nth"
        ledger.connection.execute(
            "DELETE FROM elo_rows WHERE sequence IN (SELECT s.sequence FROM "
            f"(SELECT sequence, {number} FROM elo_staged) AS s JOIN (SELECT {number} {given}) AS h "
            f"ON {_same([*_CONTENT.split(', '), 'nth'])}) {plain}"
        )


def _drop_known_ids(ledger: Ledger, place: Place) -> None:
    """Delete rows whose id is here already, or stands in the file before; raises where it is another comparison's."""
    given = "SELECT id FROM elo_rows WHERE id IS NOT NULL"
    here = f"SELECT id FROM elo_history WHERE {ledger.mine}"
    if ledger.value(f"SELECT count(*) FROM ({here})"):
        ledger.hold_to(MEMORY_MATCHING)
    ledger.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE elo_seen AS {given} GROUP BY id HAVING count(*) > 1 "
        f"UNION SELECT id FROM ({here}) WHERE id IN ({given})"
    )
    if ledger.value("SELECT count(*) FROM elo_seen"):
        _conflicts(ledger, place)
        ledger.connection.execute(
            f"DELETE FROM elo_rows WHERE id IN ({here}) OR (id IN (FROM elo_seen) AND sequence NOT IN "
            "(SELECT min(sequence) FROM elo_rows WHERE id IN (FROM elo_seen) GROUP BY id))"
        )
    ledger.connection.execute("DROP TABLE elo_seen")


def _conflicts(ledger: Ledger, place: Place) -> None:
    """Raise where an id of `elo_seen` stands for two different comparisons, here or in the file."""
    seen = "WHERE id IN (FROM elo_seen)"
    found = ledger.rows(
        f"WITH known AS (SELECT id, {_CONTENT} FROM elo_history {seen} AND {ledger.mine} "
        f"UNION SELECT id, {_CONTENT} FROM elo_staged {seen}) "
        "SELECT sequence, id FROM elo_rows WHERE id IN (SELECT id FROM known GROUP BY id HAVING count(*) > 1) "
        "ORDER BY sequence"
    )
    if found:
        row, id_ = found[0]
        raise ComparisonError(
            f"{place(row)}: id {str(id_)[:40]!r} is that of another comparison ({len(found):,} such rows); "
            "give each comparison an id of its own, or read ids from another column: --column id=COLUMN"
        )


def _same(names: list[str]) -> str:
    return " AND ".join(f"s.{name} IS NOT DISTINCT FROM h.{name}" for name in names)


def _shared_beginning(ledger: Ledger, given: str, *, has_ids: bool) -> tuple[int, int]:
    """Return up to which sequence the rows of `elo_staged` are, one by one, those that were `given` before.

    The first number is a sequence of `elo_staged`, the second the same place in `elo_history`. A file that was
    imported before, and may have grown, is known for what it is a piece at a time, however large it is.
    """
    ((first, last),) = ledger.rows("SELECT coalesce(min(sequence), 1), coalesce(max(sequence), 0) FROM elo_rows")
    base = ledger.value(f"SELECT min(sequence) {given}") - first
    same = _same([*_CONTENT.split(", "), *(["id"] if has_ids else [])])
    for start in range(first, last + 1, CHUNK):
        end = min(start + CHUNK - 1, last)
        other = ledger.value(
            "SELECT min(coalesce(s.sequence, h.sequence)) "
            f"FROM (SELECT * FROM elo_staged WHERE sequence BETWEEN {start} AND {end}) AS s FULL JOIN "
            f"(SELECT * REPLACE (sequence - {base} AS sequence) {given} "
            f"AND sequence BETWEEN {start + base} AND {end + base}) AS h ON s.sequence = h.sequence AND {same} "
            "WHERE s.sequence IS NULL OR h.sequence IS NULL"
        )
        if other is not None:
            return other - 1, other - 1 + base
    return last, last + base
