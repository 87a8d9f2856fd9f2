"""A full disk, a damaged file and an odd path are named, with what to do: none of them reads like a fault of ours."""

import resource
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import duckdb
import pytest
from egregora_core.errors import EgregoraError, WorkspaceError
from egregora_core.session import open_database
from egregora_core.tracking import Run, RunStore
from egregora_core.tracking._runs import GONE
from egregora_core.workspace import Workspace
from support import at_work, egregora

CHAT = "".join(f"15/03/2024, 10:{n % 60:02d} - Person {n % 3}: message {n}\n" for n in range(3000))


def refused(*arguments: str | Path, cwd: Path, named: str | Path) -> str:
    """Check that a command fails with one message that names the file and blames nobody; return it."""
    done = egregora(*map(str, arguments), cwd=cwd)
    assert done.returncode in {1, 2}, done.stdout
    assert done.stderr.count("error: ") == 1
    assert "fault in" not in done.stderr
    assert "Traceback" not in done.stderr
    assert str(named) in done.stderr
    return done.stderr


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A database of several blocks."""
    path = tmp_path_factory.mktemp("large") / "egregora.duckdb"
    with open_database(path) as db:
        db.execute("CREATE TABLE stage_large AS SELECT md5(range::VARCHAR) || range AS words FROM range(50000)")
    return path.read_bytes()


def database_of(workspace: Path) -> Path:
    return workspace / ".egregora" / "egregora.duckdb"


# --- damage -------------------------------------------------------------------------------------------------------


def _overwritten(at: int) -> Callable[[bytes], bytes]:
    return lambda content: content[:at] + bytes(range(1, 256)) * 64 + content[at + 255 * 64 :]


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda _: b"", id="empty"),
        pytest.param(lambda content: content[:100], id="a beginning"),
        pytest.param(lambda content: content[:4096], id="a header"),
        pytest.param(lambda content: content[: len(content) // 2], id="half"),
        pytest.param(lambda content: content[: len(content) // 4 * 3], id="three quarters"),
        pytest.param(_overwritten(0), id="beginning overwritten"),
        pytest.param(_overwritten(4096), id="header overwritten"),
        pytest.param(_overwritten(12288), id="first block overwritten"),
        pytest.param(_overwritten(300_000), id="a block overwritten"),
    ],
)
def test_a_damaged_database_is_named(large: bytes, tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    """Whatever part of it is gone or overwritten, when it is opened or later, for readers and for writers."""
    path = tmp_path / "egregora.duckdb"
    for read_only in (True, False):
        path.write_bytes(damage(large))
        with (
            pytest.raises(WorkspaceError, match=r"damaged|not a DuckDB database") as told,
            open_database(path, read_only=read_only) as db,
        ):
            db.execute("SELECT sum(length(words)) FROM stage_large")
        assert str(told.value).startswith(f"{path} is ")
        assert "move it away" in str(told.value)


def test_damage_blames_nobody(demo_workspace: Path) -> None:
    database = database_of(demo_workspace)
    database.write_bytes(database.read_bytes()[:5000])
    for command in (["run"], ["runs"], ["query", "from runs"], ["forget", "--thread", "x", "--yes"]):
        assert "damaged" in refused(*command, "--workspace", demo_workspace, cwd=demo_workspace, named=database)


def _directory(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.mkdir()


def _brackets(path: Path) -> None:
    path.write_text("[" * 100_000, encoding="utf-8")


def _site_is_a_file(workspace: Path) -> Path:
    shutil.rmtree(workspace / "site")
    (workspace / "site").write_text("mine", encoding="utf-8")
    return workspace / "site"


def _manifest_is(make: Callable[[Path], None]) -> Callable[[Path], Path]:
    def damage(workspace: Path) -> Path:
        make(workspace / "site" / ".egregora-manifest.json")
        return workspace / "site" / ".egregora-manifest.json"

    return damage


def _pages_are_a_file(workspace: Path) -> Path:
    shutil.rmtree(workspace / "site")
    (workspace / "site").mkdir()
    (workspace / "site" / "docs").write_text("mine", encoding="utf-8")
    return workspace / "site" / "docs"


def _in_home(name: str, make: Callable[[Path], None]) -> Callable[[Path], Path]:
    def damage(workspace: Path) -> Path:
        make(workspace / ".egregora" / name)
        return workspace / ".egregora" / name

    return damage


def _settings_are_brackets(workspace: Path) -> Path:
    (workspace / "egregora.toml").write_text("a = " + "[" * 100_000, encoding="utf-8")
    return workspace / "egregora.toml"


@pytest.mark.slow  # whole runs, again and again
@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(_site_is_a_file, id="site is a file"),
        pytest.param(_pages_are_a_file, id="site/docs is a file"),
        pytest.param(_manifest_is(_directory), id="the manifest is a directory"),
        pytest.param(_manifest_is(_brackets), id="the manifest is brackets"),
        pytest.param(_in_home("run.json", _directory), id="run.json is a directory"),
        pytest.param(_in_home("secret.key", _directory), id="secret.key is a directory"),
        pytest.param(_in_home("secret.key", _brackets), id="secret.key is brackets"),
        pytest.param(_in_home("egregora.duckdb", _directory), id="the database is a directory"),
        pytest.param(_settings_are_brackets, id="the settings are brackets"),
    ],
)
def test_what_is_in_the_way_is_named(demo_workspace: Path, damage: Callable[[Path], Path]) -> None:
    """The error names the very file, and goes away when the file is moved away or mended."""
    named = damage(demo_workspace)
    refused("run", "--force", "all", "--workspace", demo_workspace, cwd=demo_workspace, named=named)


def test_a_progress_note_that_makes_no_sense_is_written_anew(demo_workspace: Path) -> None:
    """Nothing stands on it: a hundred thousand brackets in it keep nobody from working."""
    _brackets(demo_workspace / ".egregora" / "run.json")
    assert Workspace(demo_workspace).progress() is None
    egregora("run", cwd=demo_workspace, code=0)
    egregora("runs", cwd=demo_workspace, code=0)


@pytest.mark.parametrize("command", [["run", "chat.txt"], ["runs"], ["query", "select 1"], ["config", "show"]])
def test_a_name_that_is_too_long_is_told(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "chat.txt").write_text(CHAT, encoding="utf-8")
    told = refused(*command, "--workspace", tmp_path / ("w" * 300), cwd=tmp_path, named=tmp_path)
    assert "name too long" in told


# --- a full disk --------------------------------------------------------------------------------------------------


@contextmanager
def little_room(limit: int) -> Iterator[None]:
    """Let no file of this process grow beyond so many bytes: what is refused is refused as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "dont_write_bytecode", True)  # it would be cut off, and in the way of every process
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.slow  # several whole commands
@pytest.mark.parametrize("limit", [5_000, 100_000])
def test_a_full_disk_is_named(tmp_path: Path, limit: int) -> None:
    """At whatever size it is full; nothing is said to be running, and with room the same command goes on."""
    (tmp_path / "chat.txt").write_text(CHAT, encoding="utf-8")
    command = ["ingest", "chat.txt", "--thread", "Test", "--timezone", "UTC"]
    with little_room(limit):
        told = refused(*command, cwd=tmp_path, named=database_of(Path()))
    assert "no more room" in told
    if database_of(tmp_path).exists():
        (tmp_path / ".egregora" / "run.json").unlink()  # it names this process, which is alive
        assert " running " not in egregora("runs", cwd=tmp_path, code=0).stdout
    egregora(*command, cwd=tmp_path, code=0)


def test_what_a_process_left_running_is_shown_as_interrupted(tmp_path: Path) -> None:
    """A row that a process left as running, as on a full disk, is shown as what it is: interrupted."""
    path = tmp_path / "a'b.duckdb"
    with open_database(path) as db:
        RunStore(db.connection).start(Run(UUID(int=0), "ingestion", "whatsapp", "default"))
    with open_database(path, read_only=True) as db:
        RunStore(db.connection).show_who_is_gone()
        (run,) = RunStore(db.connection).recent(5)
        assert (run.status, run.error) == ("interrupted", GONE)
        assert db.execute("SELECT status FROM runs") == [("interrupted",)]


# --- paths --------------------------------------------------------------------------------------------------------

ODD = [
    "~",
    "~root",
    "a#b",
    "a%20b",
    "a;b",
    "a'b",
    'a"b',
    "a:b",
    "a\nb",
    "s3:",
    "md:x",
    "a*b",
    "[a]",
    "a\\b",
    ":memory:",
    "é",
]


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty directory to be in, and an empty home."""
    (tmp_path / "home").mkdir()
    (tmp_path / "cwd").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path / "cwd")
    yield tmp_path / "cwd"
    assert list((tmp_path / "home").iterdir()) == []


@pytest.mark.slow  # several whole commands
@pytest.mark.parametrize("name", ODD)
def test_a_path_is_taken_as_it_is(elsewhere: Path, name: str) -> None:
    """Whatever a directory is called, and named from where one is: its database is in it, and nothing is elsewhere."""
    path = Workspace(Path(name)).home / "egregora.duckdb"
    with at_work(Path(name), compact=True) as session:
        session.runs.start(Run(UUID(int=0), "ingestion", "whatsapp", "default"))
    with open_database(path, read_only=True) as db:
        assert len(RunStore(db.connection).recent(5)) == 1
    assert [str(file.relative_to(elsewhere)) for file in elsewhere.iterdir()] == [name]
    assert (elsewhere / path).is_file()


@pytest.mark.parametrize("name", ["a?b", "a?access_mode=READ_ONLY", "?"])
def test_a_directory_that_the_engine_cannot_work_in_is_refused(elsewhere: Path, name: str) -> None:
    """It would look for its log elsewhere, and lose what is in it. Nothing is made."""
    with (
        pytest.raises(WorkspaceError, match="question mark"),
        at_work(Path(name)),
    ):
        pass
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("name", ["e?x.duckdb", ":memory:", "~", "x y'z"])
def test_a_database_may_be_called_anything(elsewhere: Path, name: str) -> None:
    with open_database(Path(name)) as db:
        RunStore(db.connection).start(Run(UUID(int=0), "ingestion", "whatsapp", "default"))
    with duckdb.connect(elsewhere / name, read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM runs").fetchall() == [(1,)]
    assert [file.name for file in elsewhere.iterdir()] == [name]


def test_what_could_not_be_made_leaves_nothing_behind(tmp_path: Path) -> None:
    """A new database that fails is gone, or its half would be in the way of the next."""
    path = tmp_path / "no" / "e.duckdb"
    with pytest.raises(EgregoraError):
        open_database(path)
    assert list(tmp_path.iterdir()) == []
