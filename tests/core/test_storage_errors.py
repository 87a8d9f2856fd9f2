"""A full disk, a damaged file and an odd path are named, with what to do: none of them reads like a fault of ours."""

import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import duckdb
import pytest
from egregora_core.cli import main
from egregora_core.database import open_database
from egregora_core.errors import EgregoraError, WorkspaceError
from egregora_core.runs import GONE, Run
from egregora_core.session import open_session
from egregora_core.workspace import Workspace

CHAT = "".join(f"15/03/2024, 10:{n % 60:02d} - Person {n % 3}: message {n}\n" for n in range(600))


class Terminal:
    """The command line, in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.out = self.err = ""

    def __call__(self, *arguments: str | Path) -> int:
        code = 0
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as stop:
            code = int(stop.code or 0)
        self.out, self.err = self._capsys.readouterr()
        return code

    def refused(self, *arguments: str | Path, named: str | Path) -> str:
        """Check that a command fails with one message that names the file and blames nobody; return it."""
        assert self(*arguments) in {1, 2}, self.out
        assert self.err.count("error: ") == 1
        assert "fault in" not in self.err
        assert "Traceback" not in self.err
        assert str(named) in self.err
        return self.err


@pytest.fixture
def egregora(capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(capsys)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a chat in it, made once."""
    path = tmp_path_factory.mktemp("made")
    (path / "WhatsApp Chat with Test.txt").write_text(CHAT, encoding="utf-8")
    with pytest.raises(SystemExit) as stop:
        main(["run", str(path / "WhatsApp Chat with Test.txt"), "--timezone", "UTC", "--workspace", str(path)])
    assert not stop.value.code
    return path


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A database of several blocks."""
    path = tmp_path_factory.mktemp("large") / "egregora.duckdb"
    with open_database(path) as db:
        db.execute("CREATE TABLE stage_large AS SELECT md5(range::VARCHAR) || range AS words FROM range(50000)")
    return path.read_bytes()


@pytest.fixture
def workspace(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "here")
    return tmp_path / "here"


def chat_of(workspace: Path) -> Path:
    return workspace / "WhatsApp Chat with Test.txt"


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


def test_damage_blames_nobody(egregora: Terminal, workspace: Path) -> None:
    database = database_of(workspace)
    database.write_bytes(database.read_bytes()[:5000])
    for command in (
        ["run", chat_of(workspace)],
        ["runs"],
        ["query", "from runs"],
        ["forget", "--thread", "x", "--yes"],
    ):
        assert "damaged" in egregora.refused(*command, "--workspace", workspace, named=database)


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
def test_what_is_in_the_way_is_named(egregora: Terminal, workspace: Path, damage: Callable[[Path], Path]) -> None:
    """The error names the very file, and goes away when the file is moved away or mended."""
    named = damage(workspace)
    egregora.refused("run", "--force", "all", "--workspace", workspace, named=named)


def test_a_progress_note_that_makes_no_sense_is_written_anew(egregora: Terminal, workspace: Path) -> None:
    """Nothing stands on it: a hundred thousand brackets in it keep nobody from working."""
    _brackets(workspace / ".egregora" / "run.json")
    assert Workspace(workspace).progress() is None
    assert egregora("run", "--workspace", workspace) == 0
    assert egregora("runs", "--workspace", workspace) == 0


@pytest.mark.parametrize("command", ["run", "runs", "query", "config"])
def test_a_name_that_is_too_long_is_told(egregora: Terminal, made: Path, tmp_path: Path, command: str) -> None:
    more = {"run": [str(chat_of(made))], "query": ["select 1"], "config": ["show"]}.get(command, [])
    told = egregora.refused(command, *more, "--workspace", tmp_path / ("w" * 300), named=tmp_path)
    assert "name too long" in told


# --- a full disk --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [5_000, 100_000])
def test_a_full_disk_is_named(made: Path, tmp_path: Path, limit: int) -> None:
    """At whatever size it is full; nothing is said to be running, and with room the same command goes on."""

    def few_bytes() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    arguments = ["run", str(chat_of(made)), "--timezone", "UTC", "--workspace", str(tmp_path)]
    command = [sys.executable, "-m", "egregora_core", *arguments]
    full = subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=few_bytes)
    assert (full.returncode, "no more room" in full.stderr) == (1, True), full.stderr
    assert str(database_of(tmp_path)) in full.stderr
    if database_of(tmp_path).exists():
        with open_database(database_of(tmp_path), read_only=True) as db:
            assert "running" not in {run.status for run in db.runs.recent(10)}
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert not stop.value.code


def test_nobody_is_at_work_where_a_reader_gets_in(tmp_path: Path) -> None:
    """A row that a process left as running, as on a full disk, is shown as what it is: interrupted."""
    path = tmp_path / "a'b.duckdb"
    with open_database(path) as db:
        db.runs.start(Run(UUID(int=0), "ingestion", "whatsapp", "default"))
    with open_database(path, read_only=True) as db:
        (run,) = db.runs.recent(5)
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


@pytest.mark.parametrize("name", ODD)
def test_a_path_is_taken_as_it_is(elsewhere: Path, name: str) -> None:
    """Whatever a directory is called, and named from where one is: its database is in it, and nothing is elsewhere."""
    workspace = Workspace(Path(name))
    path = workspace.home / "egregora.duckdb"
    with open_session(workspace, path, "default", compact=True) as session:
        session.db.runs.start(Run(UUID(int=0), "ingestion", "whatsapp", "default"))
    with open_database(path, read_only=True) as db:
        assert len(db.runs.recent(5)) == 1
    assert [str(file.relative_to(elsewhere)) for file in elsewhere.iterdir()] == [name]
    assert (elsewhere / path).is_file()


@pytest.mark.parametrize("name", ["a?b", "a?access_mode=READ_ONLY", "?"])
def test_a_directory_that_the_engine_cannot_work_in_is_refused(elsewhere: Path, name: str) -> None:
    """It would look for its log elsewhere, and lose what is in it. Nothing is made."""
    workspace = Workspace(Path(name))
    with (
        pytest.raises(WorkspaceError, match="question mark"),
        open_session(workspace, workspace.home / "egregora.duckdb", "default"),
    ):
        pass
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("name", ["e?x.duckdb", ":memory:", "~", "x y'z"])
def test_a_database_may_be_called_anything(elsewhere: Path, name: str) -> None:
    with open_database(Path(name)) as db:
        db.runs.start(Run(UUID(int=0), "ingestion", "whatsapp", "default"))
    with duckdb.connect(elsewhere / name, read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM runs").fetchall() == [(1,)]
    assert [file.name for file in elsewhere.iterdir()] == [name]


def test_what_could_not_be_made_leaves_nothing_behind(tmp_path: Path) -> None:
    """A new database that fails is gone, or its half would be in the way of the next."""
    path = tmp_path / "no" / "e.duckdb"
    with pytest.raises(EgregoraError):
        open_database(path)
    assert list(tmp_path.iterdir()) == []
