"""Where a lake is: its URL, its files, and what is never said of it."""

from pathlib import Path

import pytest
from egregora_core.errors import SettingsError
from egregora_core.workspace import Lake, database_place, read_early, without_password
from support import egregora


def test_a_lake_is_named_by_its_catalog(tmp_path: Path) -> None:
    """Paths are relative to the workspace; a server's connection stands as it is."""
    server = database_place(tmp_path, "ducklake:postgres:dbname=x host=h", "files")
    assert server == Lake("postgres:dbname=x host=h", str(tmp_path / "files"))
    assert isinstance(server, Lake)
    assert server.is_shared
    assert server.file is None
    file = database_place(tmp_path, "ducklake:sqlite:c.sqlite", "/srv/files")
    assert file == Lake(f"sqlite:{tmp_path}/c.sqlite", "/srv/files")
    alone = database_place(tmp_path, "ducklake:c.ducklake", "s3://bucket/files")
    assert isinstance(alone, Lake)
    assert (alone.is_shared, alone.directory) == (False, None)


@pytest.mark.parametrize("url", ["ducklake:", "ducklake:sqlite:"])
def test_a_lake_without_a_catalog_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError, match="ducklake:postgres:CONNECTION"):
        database_place(tmp_path, url, "files")


def test_a_lake_without_a_place_for_its_files_is_refused(tmp_path: Path) -> None:
    """The error says which setting is missing, and what must be true of it."""
    (tmp_path / "egregora.toml").write_text('[database]\nurl = "ducklake:c.ducklake"\n', encoding="utf-8")
    with pytest.raises(SettingsError, match="every machine must reach them"):
        read_early(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "host=h password=tell-nobody user=u",
        "password = 'tell-nobody to \\' anybody' host=h",
        "postgresql://u:tell-nobody@h/x",
        'IO Error: unable to connect "PASSWORD=tell-nobody"',
    ],
)
def test_a_password_is_not_shown(text: str) -> None:
    assert "tell-nobody" not in without_password(text)
    assert "tell-nobody" not in str(Lake(f"postgres:{text}", "files"))


def test_an_engine_that_nobody_has_is_refused(tmp_path: Path) -> None:
    """The error names the engines there are."""
    (tmp_path / "egregora.toml").write_text('[engine]\nname = "sprak"\n', encoding="utf-8")
    chat = tmp_path / "WhatsApp Chat with Ana.txt"
    chat.write_text("30/01/2024, 18:00 - Ana: hello\n", encoding="utf-8")
    done = egregora("-w", ".", "run", str(chat), "--timezone", "UTC", cwd=tmp_path, code=2)
    assert "did you mean 'spark'?" in done.stderr


def test_an_engine_off_this_machine_needs_a_lake(tmp_path: Path) -> None:
    """A file is one process's, so the error says how the workspace gets into a lake."""
    (tmp_path / "egregora.toml").write_text('[engine]\nname = "spark"\nmaster = "local[2]"\n', encoding="utf-8")
    chat = tmp_path / "WhatsApp Chat with Ana.txt"
    chat.write_text("30/01/2024, 18:00 - Ana: hello\n", encoding="utf-8")
    done = egregora("-w", ".", "run", str(chat), "--timezone", "UTC", cwd=tmp_path, code=2)
    assert "egregora migrate" in done.stderr
