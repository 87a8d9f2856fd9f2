"""Comparisons are the truth: whatever is done, the ratings are those of a replay."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from egregora_core.messages import DOCUMENTS
from egregora_core.storage import TableSchema
from egregora_elo.documents import find, stale_sql
from egregora_elo.ledger import ELO_COLUMNS, Ledger, rating_rows, rebuild
from egregora_elo.recording import Comparison, ImportOptions, import_file, record_one, void_by_id
from egregora_elo.settings import RankingSettings
from egregora_elo.tables import ELO_HISTORY, ELO_RATINGS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

Write = Callable[..., Path]

votes = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.integers(1, 4),
        st.sampled_from(["a", "b", "tie", "skip", "both_bad"]),
        st.sampled_from(["", "a", "b"]),
        st.sampled_from(["1", "0", "2.5"]),
        st.booleans(),
    ).map(lambda v: (f"d{v[0]}", f"d{(v[0] + v[1]) % 5}", *v[2:])),
    min_size=1,
    max_size=25,
)


def new_ledger(**values: Any) -> Ledger:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for table in (DOCUMENTS, ELO_HISTORY, ELO_RATINGS):
        connection.execute(table.ddl())
    return Ledger(connection, "default", RankingSettings(**values))


def take(ledger: Ledger, path: Path, rows: list[Any], name: str) -> None:
    lines = ["a,b,winner,shown_first,weight", *(",".join(row[:5]) for row in rows)]
    (path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    import_file(ledger, path / name, ImportOptions(allow_unknown=True))


def numbers(ledger: Ledger) -> list[tuple[Any, ...]]:
    """Return all that a replay makes: ratings without when they were first made, and the history's derived columns."""
    kept = [name for name in ELO_RATINGS.names if name != "created_at"]
    derived = ", ".join(ELO_COLUMNS)
    return [
        *ledger.rows(f"SELECT {', '.join(kept)} FROM elo_ratings WHERE {ledger.mine} ORDER BY document_id"),
        *ledger.rows(f"SELECT {derived} FROM elo_history WHERE {ledger.valid} ORDER BY sequence"),
    ]


_SOME = settings(
    max_examples=min(80, settings().max_examples),  # each is a ledger in a database, written several times
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@_SOME
@given(votes, votes)
def test_any_history_is_its_replay(tmp_path: Path, first: list[Any], second: list[Any]) -> None:
    """Appending goes on exactly where a replay would be, replaying again changes nothing, points stay in the pool."""
    ledger = new_ledger()
    take(ledger, tmp_path, first, "first.csv")
    take(ledger, tmp_path, second, "second.csv")
    appended = numbers(ledger)

    rebuild(ledger)

    assert numbers(ledger) == appended
    ratings = [rating for (rating,) in ledger.rows("SELECT rating FROM elo_ratings")]
    assert sum(ratings) == pytest.approx(1500 * len(ratings), abs=1e-6)


@_SOME
@given(votes)
def test_void_is_never_having_had_it(tmp_path: Path, rows: list[Any]) -> None:
    """Replaying after some are void gives what their absence would have given; they stay on record."""
    ledger, other = new_ledger(), new_ledger()
    take(ledger, tmp_path, rows, "votes.csv")
    void = [id_ for (id_,), row in zip(ledger.rows("SELECT id FROM elo_history ORDER BY sequence"), rows) if row[5]]  # noqa: B905 - a copy of the file adds no rows
    if void:
        void_by_id(ledger, void)
    kept = [row for row in rows if not row[5]]
    if kept:
        take(other, tmp_path, kept, "others.csv")

    assert numbers(ledger) == numbers(other)
    assert ledger.value("SELECT count(*) FROM elo_history") == len(rows)


def test_tables_are_what_is_documented(ledger: Ledger) -> None:
    """History has the named columns in order, first and last; both tables know whose a row is."""
    named = "document_a document_b content_a content_b outcome shown_first judge source weight timestamp voided_at"
    assert ELO_HISTORY.names == ("id", "tenant_id", "sequence", *named.split(), *ELO_COLUMNS, "rationale", "attrs")
    assert {"rating", "comparisons", "wins", "losses", "ties", "last_updated", "created_at"} <= set(ELO_RATINGS.names)
    tables: tuple[TableSchema, ...] = (ELO_HISTORY, ELO_RATINGS)
    assert all("tenant_id" in table.names for table in tables)


def test_first_win_is_sixteen_points(ledger: Ledger, write: Write) -> None:
    """1500 against 1500 gives 1516 and 1484, in the ratings and in the history."""
    import_file(ledger, write([("x", "y", "b")]), ImportOptions(allow_unknown=True))

    assert ledger.rows("SELECT document_id, rating, wins, losses, ties FROM elo_ratings ORDER BY 1") == [
        ("x", 1484.0, 0, 1, 0),
        ("y", 1516.0, 1, 0, 0),
    ]
    assert ledger.rows(f"SELECT {', '.join(ELO_COLUMNS)} FROM elo_history") == [(1500.0, 1500.0, 1484.0, 1516.0)]


def test_another_k_is_a_replay(ledger: Ledger, write: Write) -> None:
    """Stored ratings of other settings are not shown as those of these; a rebuild or the next append renews them."""
    import_file(ledger, write([("x", "y", "a"), ("x", "z", "a")]), ImportOptions(allow_unknown=True))
    doubled = replace(ledger, settings=RankingSettings(k=64, initial=1000, scale=200))
    shown = {row["document_id"]: row["rating"] for row in rating_rows(doubled).to_pylist()}

    assert shown["y"] == 968
    assert dict(ledger.rows("SELECT document_id, rating FROM elo_ratings"))["y"] == 1484
    import_file(doubled, write([("y", "z", "tie")], name="more.csv"))
    appended = numbers(doubled)
    rebuild(doubled)
    assert numbers(doubled) == appended
    assert ledger.value("SELECT min(elo_a_before) FROM elo_history") == 968


def test_skip_says_nothing_and_both_bad_is_no_tie(ledger: Ledger, write: Write) -> None:
    """Neither moves a rating, but both are on record; a setting makes both bad a tie."""
    rows = [("x", "y", "a"), ("x", "y", "skip"), ("x", "y", "both_bad")]
    import_file(ledger, write(rows), ImportOptions(allow_unknown=True))
    ties = "SELECT rating, comparisons, ties FROM elo_ratings WHERE document_id = 'x'"

    assert ledger.rows(ties) == [(1516.0, 1, 0)]
    assert ledger.value("SELECT count(*) FROM elo_history") == 3
    rebuild(replace(ledger, settings=RankingSettings(both_bad="tie")))
    ((rating, comparisons, tied),) = ledger.rows(ties)
    assert rating < 1516
    assert (comparisons, tied) == (2, 1)


def test_tenants_do_not_meet(ledger: Ledger, write: Write) -> None:
    """The same file in two tenants is two histories, and a rebuild of one leaves the other."""
    other = replace(ledger, tenant="other")
    path = write([("x", "y", "a")])
    for each in (ledger, other):
        assert import_file(each, path, ImportOptions(allow_unknown=True)).added == 1
    before = numbers(other)
    import_file(ledger, write([("x", "y", "a")] * 3, name="more.csv"))
    rebuild(replace(ledger, settings=RankingSettings(k=1)))

    assert numbers(other) == before
    assert other.value(f"SELECT max(sequence) FROM elo_history WHERE {other.mine}") == 1


def test_last_updated_is_when_it_was_judged(ledger: Ledger, write: Write) -> None:
    """The latest timestamp of a document's comparisons; none where the file has none."""
    head = ("a", "b", "winner", "timestamp")
    rows = [("x", "y", "a", "2024-05-01T10:00:00Z"), ("x", "z", "a", ""), ("x", "y", "b", "1704067200.5")]
    import_file(ledger, write(rows, head), ImportOptions(allow_unknown=True))

    assert ledger.rows("SELECT document_id, last_updated::VARCHAR FROM elo_ratings ORDER BY 1") == [
        ("x", "2024-05-01 10:00:00+00"),
        ("y", "2024-05-01 10:00:00+00"),
        ("z", None),
    ]


def test_created_at_survives_a_replay(ledger: Ledger, write: Write) -> None:
    """When a document was first rated is not rewritten."""
    import_file(ledger, write([("x", "y", "a")]), ImportOptions(allow_unknown=True))
    ledger.connection.execute("UPDATE elo_ratings SET created_at = TIMESTAMPTZ '2020-01-01 00:00:00Z'")
    rebuild(ledger)

    assert ledger.value("SELECT count(*) FROM elo_ratings WHERE year(created_at) = 2020") == 2


def test_status_says_what_to_keep_in_mind(ledger: Ledger, write: Write) -> None:
    """Fewer than ten comparisons are provisional; undefeated and winless are said in any case."""
    rows = [("best", "mid", "a")] * 10 + [("mid", "low", "a")] * 5 + [("low", "mid", "a")] * 2 + [("mid", "last", "a")]
    import_file(ledger, write(rows), ImportOptions(allow_unknown=True))

    assert dict(ledger.rows("SELECT document_id, status FROM elo_ratings")) == {
        "best": "undefeated",
        "mid": "established",
        "low": "provisional",
        "last": "provisional, winless",
    }


def test_a_rewritten_document_makes_its_comparisons_stale(
    ledger: Ledger, add_document: Callable[..., str], connection: duckdb.DuckDBPyConnection
) -> None:
    """They are kept, and can be told from the others."""
    for number, slug in enumerate(("one", "two", "three"), 1):
        add_document(number, slug)
    one, two, three = (find(ledger, slug) for slug in ("one", "two", "three"))
    for a, b in ((one, two), (two, three)):
        record_one(ledger, Comparison(a, b, "a", "a", "me", "record"))
    stale = f"SELECT count(*) FROM elo_history WHERE {ledger.valid} AND {stale_sql(ledger)}"
    assert ledger.value(stale) == 0

    connection.execute("UPDATE documents SET body = 'rewritten' WHERE slug = 'one'")

    assert ledger.value(stale) == 1
    fresh = replace(ledger, condition=f"NOT {stale_sql(ledger)}")
    assert {row["document_id"] for row in rating_rows(fresh).to_pylist()} == {two.id, three.id}
    assert rating_rows(ledger).num_rows == 3
