"""The workspace: made once, a secret that nobody else can read, errors that say what to do."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest
from egregora_core.errors import WorkspaceError
from egregora_core.workspace import Workspace


def test_making_the_object_touches_nothing(tmp_path: Path) -> None:
    """Only `create` does."""
    assert Workspace(tmp_path / "w").progress() is None
    assert list(tmp_path.iterdir()) == []


def test_what_is_made_is_kept_out_of_version_control(tmp_path: Path) -> None:
    """`.egregora/` ignores itself, and making it again changes nothing."""
    workspace = Workspace(tmp_path / "deep" / "w")
    workspace.create()
    ignore = workspace.home / ".gitignore"
    assert ignore.read_text() == "*\n"
    ignore.write_text("*\n!kept\n")

    workspace.create()

    assert ignore.read_text() == "*\n!kept\n"


def test_the_secret_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    """Mode 0600 under any umask, one line, nothing left beside it."""
    workspace = Workspace(tmp_path)
    workspace.create()
    before = os.umask(0)
    try:
        secret = workspace.secret(database=tmp_path / "none.duckdb")
    finally:
        os.umask(before)

    assert workspace.secret(database=tmp_path / "none.duckdb") == secret
    assert stat.S_IMODE(workspace.secret_file.stat().st_mode) == 0o600
    assert UUID(workspace.secret_file.read_text().strip()) == secret
    assert sorted(path.name for path in workspace.home.iterdir()) == [".gitignore", "secret.key"]


def test_a_secret_is_never_made_for_a_database_that_has_one(tmp_path: Path) -> None:
    """Its ids were made with the lost one, and another would give other ids."""
    workspace = Workspace(tmp_path)
    workspace.create()
    database = tmp_path / "egregora.duckdb"
    database.touch()

    with pytest.raises(WorkspaceError, match=r"secret\.key is missing"):
        workspace.secret(database=database)
    assert not workspace.secret_file.exists()


def test_a_malformed_secret_is_refused(tmp_path: Path) -> None:
    """Nothing is made up in its place."""
    workspace = Workspace(tmp_path)
    workspace.create()
    workspace.secret_file.write_bytes(b"\xff\xfe")

    with pytest.raises(WorkspaceError, match="restore it from a backup"):
        workspace.secret(database=tmp_path / "none.duckdb")


def test_a_path_that_is_no_directory_is_refused(tmp_path: Path) -> None:
    """A file, or a place below one."""
    (tmp_path / "file").touch()

    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(WorkspaceError, match="--workspace DIR"):
            Workspace(path).create()


def test_progress_that_cannot_be_read_is_none(tmp_path: Path) -> None:
    """It is a note for people: whatever is wrong with it is nobody's error."""
    workspace = Workspace(tmp_path)
    workspace.create()
    for content in ("", "{", "[]", '{"stamp": [1, 2]}'):
        workspace.run_json.write_text(content)
        assert workspace.progress() is None
    workspace.run_json.write_text('{"pid": 1, "doing": "reading", "done": 2, "total": 3}')
    assert workspace.progress() == {"pid": 1, "doing": "reading", "done": 2, "total": 3}


def test_many_at_once_get_one_secret(tmp_path: Path) -> None:
    """Whoever comes first makes it; the others read it."""
    workspace = Workspace(tmp_path)
    workspace.create()

    with ThreadPoolExecutor(8) as threads:
        secrets = set(threads.map(lambda _: workspace.secret(database=tmp_path / "none.duckdb"), range(32)))

    assert len(secrets) == 1
