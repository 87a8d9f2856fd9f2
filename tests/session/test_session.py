"""A session on a workspace: the stamp that makes results trusted, the progress that others read, the compacting."""

import json
import os
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from egregora_core.errors import LockedError
from egregora_core.session import Progress
from egregora_core.workspace import Workspace
from support import at_work


def _trusted(path: Path) -> bool:
    with at_work(path) as session:
        return session.trusted


def _run_json(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((path / ".egregora" / "run.json").read_text(encoding="utf-8"))
    return content


def test_what_was_closed_here_is_trusted(tmp_path: Path) -> None:
    """A new workspace, and one that nobody else has written since, need no look at their content."""
    assert [_trusted(tmp_path) for _ in range(3)] == [True, True, True]


def test_what_somebody_else_wrote_is_not_trusted_until_it_is_stamped_again(tmp_path: Path) -> None:
    """Another program's row, and a stamp that is gone or nonsense, cost the trust of one session."""
    assert _trusted(tmp_path)
    with duckdb.connect(tmp_path / ".egregora" / "egregora.duckdb") as connection:
        connection.execute("CREATE TABLE other AS SELECT range AS n FROM range(1000)")
    assert not _trusted(tmp_path)
    assert _trusted(tmp_path)

    for nonsense in (None, "", "[]", '{"stamp": 7}', '{"pid": 1}'):
        stamp = tmp_path / ".egregora" / "run.json"
        stamp.unlink() if nonsense is None else stamp.write_text(nonsense, encoding="utf-8")
        assert not _trusted(tmp_path)
        assert _trusted(tmp_path)


def test_a_session_that_fails_leaves_no_stamp(tmp_path: Path) -> None:
    """What it wrote may be half of something: the next session looks."""
    assert _trusted(tmp_path)

    def fail() -> None:
        with at_work(tmp_path) as session:
            session.db.execute("CREATE TABLE half AS SELECT range AS n FROM range(1000)")
            session.progress(Progress("privacy", "taking names out"))
            raise KeyError("half")

    with pytest.raises(KeyError, match="half"):
        fail()

    assert not _trusted(tmp_path)


def test_progress_is_passed_on_and_told_to_others(tmp_path: Path) -> None:
    """Every report reaches the caller; each new step is in run.json at once, with the process, and goes at the end."""
    reading, storing = (Progress("ingestion", doing, 0, 500, "bytes") for doing in ("reading", "storing"))
    heard: list[Progress] = []
    told = []
    with at_work(tmp_path, progress=heard.append) as session:
        for report in (reading, replace(reading, done=500), storing):
            session.progress(report)
            told.append(Workspace(tmp_path).progress())

    assert heard == [reading, replace(reading, done=500), storing]
    assert told[0] == {"pid": os.getpid(), **asdict(reading)}
    assert told[2] == {"pid": os.getpid(), **asdict(storing)}
    assert Workspace(tmp_path).progress() is None
    assert list(_run_json(tmp_path)) == ["stamp"]
    assert not list((tmp_path / ".egregora").glob("*.part"))


@pytest.mark.parametrize("compact", [True, False])
def test_compacting_takes_what_was_deleted_off_the_disk(tmp_path: Path, *, compact: bool) -> None:
    """A deleted row stays in free blocks unless the file is written anew; what is left is the same, and stamped."""
    path = tmp_path / ".egregora" / "egregora.duckdb"
    with at_work(tmp_path) as session:
        session.db.execute("CREATE TABLE kept AS SELECT range AS n FROM range(1000)")
        session.db.execute("CREATE TABLE gone AS SELECT 'Marta-' || md5(range::VARCHAR) AS secret FROM range(5000)")
    assert b"Marta-" in path.read_bytes()

    with at_work(tmp_path, compact=compact) as session:
        session.db.execute("DROP TABLE gone")

    assert (b"Marta-" in path.read_bytes()) != compact
    with at_work(tmp_path) as session:
        assert session.trusted
        assert session.db.scalar("SELECT sum(n) FROM kept") == 499_500


def test_a_failed_session_is_not_compacted(tmp_path: Path) -> None:
    """The file is written anew only where all went well."""
    path = tmp_path / ".egregora" / "egregora.duckdb"
    assert _trusted(tmp_path)
    inode = path.stat().st_ino
    with pytest.raises(KeyError), at_work(tmp_path, compact=True):
        raise KeyError

    assert path.stat().st_ino == inode


def test_one_session_holds_the_workspace_alone(tmp_path: Path) -> None:
    """A second process is refused, and so is not taken for the first one's end: its row stays `running`."""
    assert _trusted(tmp_path)
    with at_work(tmp_path) as session:
        session.progress(Progress("privacy", "taking names out", 1, 2))
        code = (
            "from pathlib import Path\nfrom egregora_core.plugins import App\n"
            "from egregora_core.session import Command, open_session\n"
            "from egregora_core.settings import load_settings\n"
            "app = App(discover=False)\n"
            f"settings = load_settings(Path({str(tmp_path)!r}), app, {{'database.lock_timeout': 0}})\n"
            "with open_session(Command(app, settings)): pass"
        )
        second = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert LockedError.__name__ in second.stderr
        assert _run_json(tmp_path)["step"] == "privacy"


def test_what_a_killed_program_wrote_is_not_trusted(tmp_path: Path) -> None:
    """Its rows stand in the log beside the file, which itself is as it was."""
    assert _trusted(tmp_path)
    assert _trusted(tmp_path)
    path = tmp_path / ".egregora" / "egregora.duckdb"
    code = (
        f"import duckdb, os\ncon = duckdb.connect({str(path)!r})\n"
        "con.execute('CREATE TABLE foreign_rows AS SELECT 1 AS x')\nos._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert path.with_name("egregora.duckdb.wal").exists()
    assert not _trusted(tmp_path)
    assert _trusted(tmp_path)
