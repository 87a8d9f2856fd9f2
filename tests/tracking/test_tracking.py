"""Does a result stand, why not, and what is left when a stage does not end well."""

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from egregora_core.errors import EgregoraError, ExportError, SchemaError, StageError
from egregora_core.session import open_database
from egregora_core.storage import Database
from egregora_core.tracking import (
    Outcome,
    Run,
    RunStore,
    Verdict,
    Work,
    config_hash,
    decide,
    differences,
    run_stage_with_tracking,
)
from egregora_core.tracking._execution import describe

WORK = Work(
    "privacy", "privacy", "default", "in-1", {"privacy.mask_urls": True, "privacy.words": ["Ana"]}, "code-1", rows_in=10
)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path / "w.duckdb") as opened:
        yield opened


def _make(db: Database, value: int = 1) -> Outcome:
    db.execute(f"CREATE OR REPLACE TABLE stage_privacy AS SELECT {value} AS a")
    return Outcome(rows_out=1, output_fingerprint=f"out-{value}", attrs={"processed": 1})


def _run(db: Database, work: Work = WORK, value: int = 1, *, forced: bool = False) -> Run:
    verdict = decide(work, RunStore(db.connection).last_writer(work.tenant_id, work.step, work.stage), forced=forced)
    return run_stage_with_tracking(db, work, lambda _run: _make(db, value), verdict)


# --- deciding -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("work", "reason"),
    [
        (WORK, "same input, settings and code"),
        (replace(WORK, input_fingerprint="in-2"), "input changed"),
        (replace(WORK, input_fingerprint="in-2", rows_in=142), "132 new messages"),
        (replace(WORK, input_fingerprint="in-2", rows_in=11), "1 new message"),
        (replace(WORK, input_fingerprint="in-2", rows_in=8), "2 fewer messages"),
        (replace(WORK, config={**WORK.config, "privacy.mask_urls": False}), "config changed ([privacy] mask_urls)"),
        (replace(WORK, config={"privacy.words": ["Ana"]}), "config changed ([privacy] mask_urls)"),
        (
            replace(WORK, config={"privacy.mask_urls": 1, "privacy.words": [], "privacy.new": 0}),
            "config changed ([privacy] mask_urls, [privacy] new, [privacy] words)",
        ),
        (replace(WORK, code_ref="code-2"), "code changed"),
        (replace(WORK, input_fingerprint="in-2", code_ref="code-2"), "input changed; code changed"),
        (replace(WORK, rows_in=99, parent_run_id=UUID(int=3), attrs={"x": 1}), "same input, settings and code"),
    ],
)
def test_what_changed_is_said_in_the_words_that_run_prints(db: Database, work: Work, reason: str) -> None:
    """Input, settings and code decide, each with its own phrase; who the parent was does not."""
    last = _run(db)
    verdict = decide(work, last)
    assert verdict.reason == reason
    assert (verdict.stands == last) is (reason == "same input, settings and code")
    assert "; ".join(differences(work, last)) == ("" if verdict.stands else reason)


def test_documents_are_counted_as_documents(db: Database) -> None:
    """The noun fits the step."""
    work = replace(WORK, step="curation")
    assert differences(replace(work, input_fingerprint="in-2", rows_in=1010), _run(db, work)) == ["1,000 new documents"]


@pytest.mark.parametrize("status", ["degraded", "failed", "interrupted"])
def test_only_a_completed_result_stands(db: Database, status: str) -> None:
    """Whatever else it ended as, it is done again."""
    last = replace(_run(db), status=status)
    assert decide(WORK, last) == Verdict(None, f"run …{last.short_id} was {status}")


def test_force_damage_and_a_first_time_are_reasons(db: Database) -> None:
    """Each in its own words."""
    last = _run(db)
    assert decide(WORK, last, forced=True) == Verdict(None, "forced")
    assert decide(WORK, last, intact=False) == Verdict(None, "its result was changed from outside")
    assert decide(WORK, None) == Verdict(None, "first time")


def test_the_order_of_a_set_is_no_setting() -> None:
    """Another process hashes strings otherwise; the same settings must have the same hash in it."""
    code = "from egregora_core.tracking import config_hash; print(config_hash({'a.b': {'x', 'yy', 'zzz', 'w'}}))"
    found = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, check=True, capture_output=True, text=True
        ).stdout
        for seed in "1234"
    }
    assert len(found) == 1
    assert config_hash({"a.b": {1}}) != config_hash({"a.b": {2}})


# --- running ------------------------------------------------------------------------------------------------------


def test_output_and_completion_come_together(db: Database) -> None:
    """The row says what was read and made, and why it ran; of settings there are only hashes."""
    run = _run(db, replace(WORK, parent_run_id=UUID(int=5), attrs={"source_key": "k"}))
    assert RunStore(db.connection).get(run.run_id) == run
    assert (run.status, run.rows_in, run.rows_out, run.output_fingerprint) == ("completed", 10, 1, "out-1")
    assert (run.input_fingerprint, run.code_ref, run.parent_run_id) == ("in-1", "code-1", UUID(int=5))
    assert (run.attrs["reason"], run.attrs["processed"], run.attrs["source_key"]) == ("first time", 1, "k")
    assert set(run.attrs["config"]) == {"privacy.mask_urls", "privacy.words"}
    assert "Ana" not in str(run)


def test_a_standing_result_is_one_cached_row(db: Database) -> None:
    """Nothing is executed; the row names the run whose result stands, also the second time."""
    wrote = _run(db)
    for _ in range(2):
        cached = _run(db, value=2)
        assert (cached.status, cached.attrs["cached_from"]) == ("cached", str(wrote.run_id))
        assert (cached.rows_out, cached.output_fingerprint) == (1, "out-1")
        assert RunStore(db.connection).get(cached.run_id) == cached
    assert db.execute("FROM stage_privacy") == [(1,)]
    assert len(RunStore(db.connection).recent(10)) == 3
    assert _run(db, value=3, forced=True).status == "completed"
    assert db.execute("FROM stage_privacy") == [(3,)]


def test_a_failing_stage_leaves_nothing_but_its_row(db: Database) -> None:
    """The old output stays, the new one is gone, and the record says type and place, never what the error said."""
    _run(db)

    def execute(_run: Run) -> Outcome:
        _make(db, 2)
        raise ValueError("could not parse: private words of Ana")

    work = replace(WORK, code_ref="code-2")
    with pytest.raises(StageError, match=r"privacy/privacy failed: ValueError at test_tracking\.py:\d+") as refused:
        run_stage_with_tracking(db, work, execute, Verdict(None, "code changed"))
    assert isinstance(refused.value.__cause__, ValueError)
    (failed, _) = RunStore(db.connection).recent(2)
    assert failed.status == "failed"
    assert failed.finished_at is not None
    assert failed.rows_out is None
    assert "ValueError at test_tracking.py" in str(failed.error)
    assert "private" not in f"{failed}{refused.value}"
    assert db.execute("FROM stage_privacy") == [(1,)]
    assert decide(WORK, RunStore(db.connection).last_writer("default", "privacy", "privacy")).stands is not None


def test_our_own_errors_keep_their_words(db: Database) -> None:
    """They are written to hold no text; they come out as they are."""
    error = SchemaError("stage 'x', output: column 'ts' is string")

    def execute(_run: Run) -> Outcome:
        raise error

    with pytest.raises(SchemaError) as refused:
        run_stage_with_tracking(db, WORK, execute, Verdict(None, "first time"))
    assert refused.value is error
    assert RunStore(db.connection).recent(1)[0].error == str(error)


def test_an_exports_name_is_printed_but_not_recorded(db: Database) -> None:
    """The file is named after the people in it."""

    def execute(_run: Run) -> Outcome:
        raise ExportError("WhatsApp Chat with Ana.zip: no message in it")

    with pytest.raises(ExportError, match="with Ana"):
        run_stage_with_tracking(db, WORK, execute, Verdict(None, "new file"))
    error = str(RunStore(db.connection).recent(1)[0].error)
    assert error.startswith("ExportError at test_tracking.py:")
    assert "Ana" not in error


def test_ctrl_c_is_recorded_and_goes_on(db: Database) -> None:
    """It is an interruption, not a failure, and nothing of the output is visible."""

    def execute(_run: Run) -> Outcome:
        _make(db)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_stage_with_tracking(db, WORK, execute, Verdict(None, "first time"))
    assert RunStore(db.connection).recent(1)[0].status == "interrupted"
    assert "stage_privacy" not in db.tables()


def test_a_stage_with_its_own_transactions_keeps_what_it_committed(db: Database) -> None:
    """Generation commits finished units; its row completes last, or fails with them kept."""
    own = replace(WORK, own_transactions=True)

    def execute(_run: Run) -> Outcome:
        _make(db)
        raise RuntimeError

    with pytest.raises(StageError):
        run_stage_with_tracking(db, own, execute, Verdict(None, "first time"))
    assert db.execute("FROM stage_privacy") == [(1,)]
    done = run_stage_with_tracking(db, own, lambda _run: replace(_make(db, 2), status="degraded"), Verdict(None, "x"))
    assert RunStore(db.connection).get(done.run_id) == done
    assert done.status == "degraded"


def test_the_first_error_is_told_where_not_even_the_record_can_be_written(tmp_path: Path) -> None:
    """A full disk or a lost connection: the row stays `running`, and the next to open the file finds it stale."""
    with open_database(tmp_path / "w.duckdb") as db:

        def execute(_run: Run) -> Outcome:
            db.connection.close()
            raise OSError

        with pytest.raises(StageError, match="OSError"):
            run_stage_with_tracking(db, WORK, execute, Verdict(None, "first time"))
    with open_database(tmp_path / "w.duckdb") as db:
        assert RunStore(db.connection).recent(1)[0].status == "interrupted"


def test_observers_hear_of_beginning_and_end(db: Database) -> None:
    """However it ends; a result that stands is no run."""
    heard: list[tuple[str, str]] = []

    def notify(hook: str, run: Run) -> None:
        heard.append((hook, run.status))

    def broken(_run: Run) -> Outcome:
        raise RuntimeError

    done = run_stage_with_tracking(db, WORK, lambda _run: _make(db), Verdict(None, "x"), notify=notify)
    with pytest.raises(StageError):
        run_stage_with_tracking(db, WORK, broken, Verdict(None, "x"), notify=notify)
    run_stage_with_tracking(db, WORK, broken, Verdict(done, "same"), notify=notify)
    assert heard == [
        ("run_started", "running"),
        ("run_finished", "completed"),
        ("run_started", "running"),
        ("run_finished", "failed"),
    ]


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.EIO, "Input/output error", "/home/x/WhatsApp Chat with Ana.txt"),
        PermissionError(errno.EACCES, "Permission denied", "/home/x/WhatsApp Chat with Ana.zip"),
        OSError(errno.ENOSPC, "No space left on device", "/home/x/a", None, "/home/x/Ana.part"),
        OSError("cannot read what Ana sent"),
    ],
)
def test_a_file_that_the_disk_refuses_is_not_named_in_the_record(db: Database, error: OSError) -> None:
    """Exports are named after people: whoever is at the terminal is told which file it is, the table is not."""

    def execute(_run: Run) -> Outcome:
        raise error

    with pytest.raises(EgregoraError):
        run_stage_with_tracking(db, WORK, execute, Verdict(None, "first time"))
    (run,) = RunStore(db.connection).recent(1)
    assert run.error is not None
    assert type(error).__name__ in run.error
    assert "Ana" not in run.error
    assert not error.errno or os.strerror(error.errno) in run.error


def test_an_error_without_a_traceback_is_described_by_its_type() -> None:
    """There may be no place to name."""
    assert describe(ValueError("private")) == "ValueError"
