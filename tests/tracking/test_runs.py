"""The runs table: what is recorded, found, kept, and what a row means."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import duckdb
import pytest
from egregora_core.errors import UsageError
from egregora_core.session import open_database
from egregora_core.storage import Database
from egregora_core.tracking import RUNS, Run, RunStore

NEW = Run(UUID(int=0), "privacy", "privacy", "default")


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path / "w.duckdb") as opened:
        yield opened


def _done(db: Database, run: Run = NEW, status: str = "completed") -> Run:
    return RunStore(db.connection).finish(replace(RunStore(db.connection).start(run), status=status))


def _insert(db: Database, run_id: str, **values: str) -> None:
    columns = {"step": "'privacy'", "stage": "'privacy'", "tenant_id": "'default'", "status": "'completed'", **values}
    db.execute(f"INSERT INTO runs (run_id, {', '.join(columns)}) VALUES ('{run_id}', {', '.join(columns.values())})")


def test_a_run_is_read_back_as_it_was_written(db: Database) -> None:
    """Every field survives, times in UTC to the microsecond, and every column of the schema is a field."""
    started = RunStore(db.connection).start(
        replace(NEW, rows_in=3, input_fingerprint="in", config_hash="c", code_ref="k", parent_run_id=UUID(int=7))
    )
    assert started.status == "running"
    ended = RunStore(db.connection).finish(
        replace(started, status="degraded", rows_out=2, output_fingerprint="out", error="it's", attrs={"a": [1, "ü"]})
    )
    assert RunStore(db.connection).get(started.run_id) == ended
    assert ended.started_at is not None
    assert ended.finished_at is not None
    assert ended.duration_seconds == (ended.finished_at - ended.started_at).total_seconds() >= 0
    assert set(RUNS.names) == set(Run.__dataclass_fields__)


def test_ids_grow_from_run_to_run(db: Database) -> None:
    """Many runs in one millisecond, or after a clock that was ahead, sort in the order in which they started."""
    ahead = UUID(int=(((time.time_ns() // 1_000_000) + 86_400_000) << 80) | (0x7 << 76) | (0x2 << 62))
    made = [_done(db).run_id for _ in range(20)]
    _insert(db, str(ahead))
    made += [ahead, *(_done(db).run_id for _ in range(20))]
    assert made == sorted(made)
    assert [run.run_id for run in RunStore(db.connection).recent(3)] == made[:-4:-1]


def test_a_run_is_found_by_any_unambiguous_part(db: Database) -> None:
    """The end first, since the beginnings are alike; as it is printed, with dashes, in capitals."""
    run = _done(db)
    text = str(run.run_id)
    for part in (
        run.short_id,
        f"…{run.short_id}",
        text,
        text.upper(),
        run.run_id.hex,
        text[-13:-2],
        f" {run.run_id.hex[-4:]} ",
    ):
        assert RunStore(db.connection).find(part) == run


def test_an_end_wins_over_a_middle(db: Database) -> None:
    """However many newer runs contain the digits somewhere, the one that ends in them is meant."""
    _insert(db, "00000000-0000-7000-8000-00000000beef")
    for n in range(30):
        _insert(db, f"beef0000-0000-7000-8000-0000000000{n:02x}")
    assert RunStore(db.connection).find("beef").run_id.hex.endswith("beef")


def test_several_matches_are_named(db: Database) -> None:
    """An ambiguous part is an error that lists the candidates."""
    _insert(db, "00000000-0000-7000-8000-0000000abc01")
    _insert(db, "00000000-0000-7000-8000-0000000abc02")
    with pytest.raises(UsageError, match="names several runs") as refused:
        RunStore(db.connection).find("abc")
    assert "0000000abc01" in str(refused.value)
    assert "0000000abc02" in str(refused.value)


@pytest.mark.parametrize("part", ["", "…", "ffffffffffff", "xyz", "' OR 1=1", "%"])
def test_what_is_no_part_of_an_id_is_refused(db: Database, part: str) -> None:
    """With the command that lists the runs."""
    _insert(db, "00000000-0000-7000-8000-0000000abc01")
    with pytest.raises(UsageError, match="egregora runs"):
        RunStore(db.connection).find(part)


def test_lineage_is_the_line_of_parents(db: Database) -> None:
    """Nearest first, up to the ingestion; a parent that was pruned ends it."""
    first = _done(db, replace(NEW, step="ingestion", stage="whatsapp", parent_run_id=UUID(int=1)))
    second = _done(db, replace(NEW, parent_run_id=first.run_id))
    third = _done(db, replace(NEW, step="generation", parent_run_id=second.run_id))
    assert RunStore(db.connection).lineage(third) == [third, second, first]


def test_lineage_has_all_that_a_publication_read(db: Database) -> None:
    """Every writer's last run before it, beside the one that is its parent; what came later is none of its input."""
    privacy = _done(db)
    posts = replace(NEW, step="generation", stage="posts", parent_run_id=privacy.run_id)
    _done(db, posts)
    first = _done(db, posts)
    second = _done(db, replace(posts, stage="profiles"))
    _done(db, replace(posts, tenant_id="other", stage="others"))
    last = _done(db, replace(NEW, step="publication", stage="markdown", parent_run_id=second.run_id))
    _done(db, posts)
    assert RunStore(db.connection).lineage(last) == [last, second, first, privacy]


def test_the_last_writer_is_neither_cached_nor_failed(db: Database) -> None:
    """What wrote the output that is there now, for this tenant and stage alone."""
    wrote = _done(db)
    cached = RunStore(db.connection).record_cached(NEW, wrote)
    failed = _done(db, status="failed")
    _done(db, replace(NEW, tenant_id="other"))
    _done(db, replace(NEW, stage="other"))
    assert RunStore(db.connection).last_writer("default", "privacy", "privacy") == wrote
    assert RunStore(db.connection).last_of_stage("default", "privacy", "privacy") == failed
    assert RunStore(db.connection).last_writer("nobody", "privacy", "privacy") is None
    assert (cached.status, cached.attrs["cached_from"]) == ("cached", str(wrote.run_id))
    assert {run.tenant_id for run in RunStore(db.connection).recent(10, "default")} == {"default"}


def test_a_rolled_back_completion_leaves_the_row_running(db: Database) -> None:
    """`completed` is visible with the output or not at all."""
    run = RunStore(db.connection).start(NEW)

    def fails_late() -> None:
        with db.transaction():
            db.execute("CREATE TABLE stage_privacy AS SELECT 1 AS a")
            RunStore(db.connection).finish(replace(run, status="completed"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails_late()
    assert RunStore(db.connection).get(run.run_id) == run
    assert "stage_privacy" not in db.tables()


def test_a_stale_running_row_becomes_interrupted_when_the_file_is_next_opened_for_writing(tmp_path: Path) -> None:
    """A reader may not say so: the process could be alive."""
    path = tmp_path / "w.duckdb"
    with open_database(path) as db:
        run = RunStore(db.connection).start(NEW)
        done = _done(db)
    with open_database(path, read_only=True) as db:
        assert RunStore(db.connection).get(run.run_id) == run
    with open_database(path) as db:
        stale = RunStore(db.connection).get(run.run_id)
        assert stale is not None
        assert (stale.status, stale.error) == ("interrupted", "its process ended before it did")
        assert RunStore(db.connection).get(done.run_id) == done


def test_prune_keeps_what_stands(db: Database) -> None:
    """Old rows go, but no output forgets who wrote it, no file that it was read, no failure that it came last."""
    long_ago = (datetime.now(UTC) - timedelta(days=100)).isoformat()
    old = _done(db)
    stands = _done(db)
    cached = RunStore(db.connection).record_cached(NEW, stands)
    failed_before = _done(db, replace(NEW, stage="other"), "failed")
    failed = _done(db, replace(NEW, stage="other"), "failed")
    imported = [_done(db, replace(NEW, step="ingestion")) for _ in range(2)]
    elsewhere = _done(db, replace(NEW, tenant_id="other"))
    db.execute(f"UPDATE runs SET started_at = '{long_ago}'")
    recent = _done(db, replace(NEW, stage="third"))
    assert RunStore(db.connection).prune(keep_days=101) == 0
    assert RunStore(db.connection).prune(keep_days=30) == 3
    kept = {run.run_id for run in RunStore(db.connection).recent(100)}
    assert kept == {run.run_id for run in (stands, failed, *imported, elsewhere, recent)}
    assert not kept & {old.run_id, cached.run_id, failed_before.run_id}
    assert RunStore(db.connection).last_writer("default", "privacy", "privacy") is not None


def test_no_key_but_the_run_id(db: Database) -> None:
    """No secondary index and no foreign key slows a write or refuses a row."""
    assert db.execute("SELECT count(*) FROM duckdb_indexes()") == [(0,)]
    _insert(db, "00000000-0000-7000-8000-0000000abc01", parent_run_id="uuid()")
    with pytest.raises(duckdb.ConstraintException):
        _insert(db, "00000000-0000-7000-8000-0000000abc01")
