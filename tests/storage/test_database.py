"""The workspace's file: who holds it, whether it is ours, and that a refusal leaves it as it was."""

import hashlib
import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4

import duckdb
import pytest
from egregora_core.errors import LockedError, SchemaError, WorkspaceError
from egregora_core.session import open_database
from egregora_core.session._core_tables import SCHEMA_VERSION
from egregora_core.storage import Database, _engine_memory
from egregora_core.tracking import RunStore

SECRET = UUID("5f0c1c1e-6d3b-4a57-9f36-6a52b0d1c111")
HOLD = textwrap.dedent("""
    import sys, duckdb
    connection = duckdb.connect(sys.argv[1])
    print("held", flush=True)
    sys.stdin.readline()
    connection.close()
""")


@contextmanager
def held(path: Path) -> Iterator["subprocess.Popen[str]"]:
    """Have another process hold the file open until the block or its standard input ends."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A workspace's database, closed."""
    with open_database(tmp_path / "w.duckdb", secret=SECRET):
        pass
    return tmp_path / "w.duckdb"


def test_a_new_database_has_the_core_tables_and_its_version(path: Path) -> None:
    """Core's tables; version and the secret's check value in the comment on `runs`; the secret itself nowhere."""
    with open_database(path, secret=SECRET, read_only=True) as db:
        assert db.tables() == ["documents", "ir_messages", "known_names", "pseudonyms", "runs"]
        comment = db.scalar("SELECT comment FROM duckdb_tables() WHERE table_name = 'runs'")
    assert f'"schema": {SCHEMA_VERSION}' in comment
    assert SECRET.hex[:8] not in comment


def test_opening_again_writes_nothing(path: Path) -> None:
    """An unchanged workspace's file does not change, so its stamp fits."""
    before = _digest(path)
    with open_database(path, secret=SECRET):
        pass
    assert _digest(path) == before


@pytest.mark.parametrize("read_only", [False, True])
def test_a_database_that_is_held_names_the_holder(path: Path, read_only: bool) -> None:  # noqa: FBT001 - both ways
    """After the time-out, not before, the error says which process has it and which setting waits longer."""
    with held(path) as process:
        began = time.monotonic()
        with pytest.raises(LockedError) as refused:
            open_database(path, read_only=read_only, lock_timeout=0.3)
        assert time.monotonic() - began >= 0.3
    assert f"process {process.pid} (" in str(refused.value)
    assert "[database] lock_timeout" in str(refused.value)


def test_a_database_that_is_let_go_is_opened(path: Path) -> None:
    """Waiting is enough where the other process ends in time."""
    with held(path) as process:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
        with open_database(path, secret=SECRET, lock_timeout=30) as db:
            assert RunStore(db.connection).recent(1) == []


@pytest.mark.parametrize("read_only", [False, True])
def test_a_newer_database_is_refused(path: Path, read_only: bool) -> None:  # noqa: FBT001 - both ways
    """What a later version wrote is not guessed at, and not touched."""
    with duckdb.connect(path) as connection:
        connection.execute(f"""COMMENT ON TABLE runs IS '{{"schema": {SCHEMA_VERSION + 1}, "secret": "x"}}'""")
    before = _digest(path)
    with pytest.raises(WorkspaceError, match=r"newer Egregora.*upgrade with `pip install"):
        open_database(path, secret=SECRET, read_only=read_only)
    assert _digest(path) == before


@pytest.mark.parametrize("read_only", [False, True])
def test_another_workspaces_secret_is_refused(path: Path, read_only: bool) -> None:  # noqa: FBT001 - both ways
    """Its ids would be of two kinds."""
    before = _digest(path)
    with pytest.raises(WorkspaceError, match=r"secret\.key"):
        open_database(path, secret=uuid4(), read_only=read_only)
    assert _digest(path) == before


@pytest.mark.parametrize("comment", ["somebody else was here", "[1]", '{"schema": "x"}', '"text"'])
def test_a_comment_that_is_not_ours_is_refused(path: Path, comment: str) -> None:
    """A table `runs` of another program, or a changed comment, is an error that says so."""
    with duckdb.connect(path) as connection:
        connection.execute(f"COMMENT ON TABLE runs IS '{comment}'")
    with pytest.raises(WorkspaceError, match="comment on its table runs"):
        open_database(path, secret=SECRET)


@pytest.mark.parametrize("content", [b"this is no database at all\n" * 400, b"PK\x03\x04" + bytes(5000)])
def test_a_file_that_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    """Whatever it is, it stays what it is."""
    path = tmp_path / "w.duckdb"
    path.write_bytes(content)
    with pytest.raises(WorkspaceError, match="not a DuckDB database"):
        open_database(path, secret=SECRET)
    assert path.read_bytes() == content


def test_a_database_of_another_program_is_not_read(tmp_path: Path) -> None:
    """Reading needs our tables; without them the error says how they come about."""
    path = tmp_path / "w.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute("CREATE TABLE something AS SELECT 1 AS a")
    with pytest.raises(WorkspaceError, match=r"documents, ir_messages, known_names, pseudonyms, runs.*egregora run"):
        open_database(path, read_only=True)


def test_a_missing_database_cannot_be_read(tmp_path: Path) -> None:
    """Reading creates nothing."""
    with pytest.raises(WorkspaceError, match="run `egregora run EXPORT` first"):
        open_database(tmp_path / "w.duckdb", read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """The opener makes no directories."""
    with pytest.raises(WorkspaceError, match="check that the directory exists and may be written"):
        open_database(tmp_path / "no" / "w.duckdb", secret=SECRET)


def test_a_read_only_directory_is_an_error(tmp_path: Path) -> None:
    """Said at once, not after the time-out of a lock."""
    if os.geteuid() == 0:
        pytest.skip("root writes anywhere")
    tmp_path.chmod(0o500)
    with pytest.raises(WorkspaceError, match="cannot be opened"):
        open_database(tmp_path / "w.duckdb", secret=SECRET)


def test_a_table_that_differs_is_refused_and_nothing_is_changed(path: Path) -> None:
    """One table that cannot be mended keeps the others from being mended."""
    with duckdb.connect(path) as connection:
        connection.execute("ALTER TABLE runs DROP COLUMN error")
        connection.execute("ALTER TABLE documents DROP COLUMN body")
    before = _digest(path)
    with pytest.raises(SchemaError, match="table documents lacks column body, which must not be null"):
        open_database(path, secret=SECRET)
    assert _digest(path) == before


def test_an_older_table_gets_its_new_columns(path: Path) -> None:
    """A nullable column that a new version brings is added on opening."""
    with duckdb.connect(path) as connection:
        connection.execute("ALTER TABLE runs DROP COLUMN error")
    with open_database(path, secret=SECRET) as db:
        assert "error" in db.columns("runs")


def test_a_transaction_is_all_or_nothing(path: Path) -> None:
    """Tables made in it go with it, also when it is Ctrl-C that ends it."""
    with open_database(path, secret=SECRET) as db:

        def interrupted() -> None:
            with db.transaction():
                db.execute("CREATE TABLE stage_x AS SELECT 1 AS a")
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            interrupted()
        assert "stage_x" not in db.tables()
        with db.transaction():
            db.execute("CREATE TABLE stage_x AS SELECT 1 AS a")
        assert "stage_x" in db.tables()


def test_an_ibis_backend_is_the_same_connection(path: Path) -> None:
    """It sees what the open transaction made."""
    with open_database(path, secret=SECRET) as db, db.transaction():
        db.execute("CREATE TABLE stage_x AS SELECT 1 AS a")
        assert db.ibis().table("stage_x").count().to_pyarrow().as_py() == 1


def test_the_engine_fetches_nothing(path: Path) -> None:
    """No extension is installed or loaded behind anybody's back: there is no network in this product."""
    with open_database(path, secret=SECRET) as db:
        found = db.execute(
            "SELECT value FROM duckdb_settings() "
            "WHERE name IN ('autoinstall_known_extensions', 'autoload_known_extensions')"
        )
        assert found == [("false",), ("false",)]
        with pytest.raises(duckdb.Error):
            db.execute("SELECT * FROM read_parquet('https://example.invalid/x.parquet')")
        assert db.scalar("SELECT current_setting('TimeZone')") == "UTC"


def test_the_engine_leaves_memory_to_others(tmp_path: Path) -> None:
    """It takes a third of what it would take by itself, and never more than 2 GB; less while an export is read."""
    with duckdb.connect() as alone:
        alone.execute("SET memory_limit = '900MB'")

        def held(connection: duckdb.DuckDBPyConnection) -> str:
            return str(connection.execute("SELECT current_setting('memory_limit')").fetchall()[0][0])

        with Database(alone.cursor(), tmp_path / "w.duckdb") as db:
            assert held(db.connection) == "285.1 MiB"
            with db.memory.for_ingestion():
                assert held(db.connection) == "133.5 MiB"
            assert held(db.connection) == "285.1 MiB"
    with open_database(tmp_path / "w.duckdb") as db:
        amount, unit = held(db.connection).split()
        assert unit == "MiB" or float(amount) <= 1.9


def test_a_log_is_merged_where_more_is_in_use_than_that_should_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index of a large table cannot be let go of; the file would be read with an ever longer log."""
    monkeypatch.setattr(_engine_memory, "_INGESTION", 1_000_000)
    with open_database(tmp_path / "w.duckdb") as db:
        db.execute("CREATE TABLE large AS SELECT uuid() AS id FROM range(100_000)")
        db.execute("CREATE UNIQUE INDEX by_id ON large (id)")
    assert not (tmp_path / "w.duckdb.wal").exists()


def test_what_lies_beside_a_database_is_not_ours(tmp_path: Path) -> None:
    """A folder that somebody else made stays, whatever it is called; two databases of one folder spill apart."""
    for name in ("spill", "temp"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "thesis.txt").write_text("mine")
    for name in ("a.duckdb", "b.duckdb"):
        with open_database(tmp_path / name) as db:
            place = Path(str(db.scalar("SELECT current_setting('temp_directory')")))
            assert place.name == f"{name}.spill"
    assert (tmp_path / "spill" / "thesis.txt").read_text() == "mine"


def test_a_limit_below_what_is_in_use_ends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine refuses such a limit; what it holds is let go of as its work goes on."""
    monkeypatch.setattr(_engine_memory, "_INGESTION", 1_000_000)
    with open_database(tmp_path / "w.duckdb") as db:
        db.execute("CREATE TABLE large AS SELECT uuid() AS id FROM range(100_000)")
        db.execute("CREATE UNIQUE INDEX by_id ON large (id)")
        with db.memory.for_ingestion():
            assert db.scalar("SELECT count(*) FROM large") == 100_000


def test_storing_documents_has_more_room_for_as_long_as_it_takes(tmp_path: Path) -> None:
    with duckdb.connect() as alone:
        alone.execute("SET memory_limit = '900MB'")
        with Database(alone, tmp_path / "w.duckdb") as db:
            seen, limit = list[str](), "SELECT current_setting('memory_limit')"
            with db.memory.for_documents():
                seen.append(db.scalar(limit))
            with db.memory.for_writers():
                seen.append(db.scalar(limit))
                with db.memory.for_documents():
                    seen.append(db.scalar(limit))
                seen.append(db.scalar(limit))
    assert seen == ["285.1 MiB", "285.1 MiB", "418.6 MiB", "285.1 MiB"]
