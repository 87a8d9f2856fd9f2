"""A run over nothing makes nothing: it says that there are no messages, and how to get some."""

from pathlib import Path

import pytest
from support import egregora, install_plugin

CHAT = "WhatsApp Chat with Ana.txt"
TORN = """
from egregora_core.plugin import hookimpl
from egregora_core.plugin import Reading, Recognised, SourceSpec

EGREGORA_API = 1


@hookimpl
def register_sources():
    return [SourceSpec("torn", "torn_module:recognise", "torn_module:read")]


def recognise(path):
    return Recognised("certain")


def read(path, options):
    return Reading(batches(), "Torn", zoned=True)


def batches():
    raise OSError
    yield
"""


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A directory with the export of one chat."""
    text = "04/03/2024, 18:58 - Ana: hello\n25/03/2024, 19:02 - Bo: hi\n"
    (tmp_path / CHAT).write_text(text, encoding="utf-8")
    return tmp_path


def _refused(here: Path, *options: str) -> None:
    done = egregora("run", *options, cwd=here, code=2)
    assert "there are no messages yet" in done.stderr
    assert "egregora run EXPORT" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    "command",
    ["run", "query from\truns", "export", "forget --author x", "forget", "validate runs", "runs", "runs show"],
)
def test_where_there_is_nothing_every_command_says_so_alike(command: str, tmp_path: Path) -> None:
    """With one exit code and one way on; nothing is made."""
    done = egregora(*(word.replace("\t", " ") for word in command.split(" ")), cwd=tmp_path, code=2)
    assert "`egregora run EXPORT`" in done.stderr
    assert "ingest" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_several_exports_is_no_wrong_file(here: Path) -> None:
    """How to give them is said, as a shell takes it."""
    folder = here / "my chats"
    folder.mkdir()
    for name in ("Ana", "Bo"):
        (folder / f"WhatsApp Chat with {name}.txt").write_text((here / CHAT).read_text(encoding="utf-8"))
    (folder / "photo.jpg").write_bytes(b"\xff\xd8")

    refused = egregora("run", "my chats", cwd=here, code=1).stderr
    assert "holds 2 chat exports" in refused
    assert "'my chats'/*" in refused
    for text in folder.glob("*.txt"):
        text.unlink()
    assert "not a chat export" in egregora("run", "my chats", cwd=here, code=1).stderr


@pytest.mark.parametrize("options", [(), ("--force", "all"), ("--dry-run",)])
def test_after_a_failed_first_ingestion_a_run_publishes_nothing(options: tuple[str, ...], here: Path) -> None:
    """The workspace and its database are there, and no message."""
    site = here / "plugins"
    install_plugin(site, "egregora-torn", {"torn_module": TORN})
    failed = egregora("run", CHAT, "--source", "torn", cwd=here, site=site, code=1)
    assert "failed" in failed.stderr
    assert (here / ".egregora/egregora.duckdb").exists()

    _refused(here, *options)
    assert not (here / "site").exists()


@pytest.mark.slow  # several whole runs
def test_another_tenants_messages_are_none(here: Path) -> None:
    egregora("ingest", CHAT, "--timezone", "UTC", cwd=here, code=0)

    _refused(here, "--tenant", "club")
    assert not list(here.glob("site*"))
    assert egregora("run", cwd=here, code=0).stdout


@pytest.mark.slow  # several whole commands
def test_after_all_was_forgotten_a_run_leaves_no_page(here: Path) -> None:
    """Nothing is published, and what was stays taken back."""
    egregora("run", CHAT, "--timezone", "UTC", cwd=here, code=0)
    egregora("forget", "--source", "whatsapp", "--yes", cwd=here, code=0)
    before = sorted(here.glob("site/docs/**/*.md"))
    done = egregora("run", cwd=here, code=2)

    assert "there are no messages yet" in done.stderr
    assert sorted(here.glob("site/docs/**/*.md")) == before
    assert not list(here.glob("site/docs/posts/*"))
