"""What the commands print is true, and says which file, chat or tenant it is about."""

import json
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from support import egregora

CHAT = "04/03/2024, 18:58 - Ana: hello\n25/03/2024, 19:02 - Bo: hi\n"


def _egregora(*arguments: str, cwd: Path, code: int = 0) -> "CompletedProcess[str]":
    return egregora(*arguments, cwd=cwd, code=code)


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A directory with the export of one chat."""
    (tmp_path / "WhatsApp Chat with Ana.txt").write_text(CHAT, encoding="utf-8")
    return tmp_path


def test_runs_name_the_tenant_where_there_are_several(here: Path) -> None:
    """One tenant needs no column; of two, each row says whose it is, unless one was asked for."""
    _egregora("ingest", "WhatsApp Chat with Ana.txt", "--timezone", "UTC", cwd=here)
    assert "tenant" not in _egregora("runs", cwd=here).stdout
    assert json.loads(_egregora("runs", "--json", cwd=here).stdout)[0]["tenant_id"] == "default"

    _egregora("ingest", "WhatsApp Chat with Ana.txt", "--timezone", "UTC", "--tenant", "club", cwd=here)
    heading, newest, older = _egregora("runs", cwd=here).stdout.splitlines()

    assert "tenant" in heading
    assert (" club " in newest, " default " in older) == (True, True)
    assert "tenant" not in _egregora("runs", "--tenant", "club", cwd=here).stdout


def test_each_of_several_exports_is_named(here: Path) -> None:
    """Lines and notes about one of two exports say about which; nothing of a file name is recorded."""
    (here / "WhatsApp Chat with Bo.txt").write_text(CHAT.replace("hello", "hullo"), encoding="utf-8")
    names = ["WhatsApp Chat with Ana.txt", "WhatsApp Chat with Bo.txt"]
    done = _egregora("ingest", *names, cwd=here)

    lines = [line.split(maxsplit=1)[1] for line in done.stdout.splitlines()]
    said = ("reads it (certain: its lines, and its name)", "runs: new file")
    assert lines == [f"{name}: {line}" for name in names for line in said]
    assert all(f"note: {name}: times are read as" in done.stderr for name in names)
    assert "Chat with" not in _egregora("runs", "--json", cwd=here).stdout
    (alone,) = _egregora("ingest", names[0], cwd=here).stdout.splitlines()
    assert names[0] not in alone


def test_a_file_that_is_read_as_another_chat_says_so(here: Path) -> None:
    """A new title is no changed setting."""
    _egregora("ingest", "WhatsApp Chat with Ana.txt", "--timezone", "UTC", cwd=here)
    again = _egregora("ingest", "WhatsApp Chat with Ana.txt", "--timezone", "UTC", "--thread", "Club", cwd=here)

    assert again.stdout.splitlines()[-1].split(maxsplit=1)[1] == "runs: read before as another chat"
    assert "now there twice" in again.stderr


def test_validate_reads_a_known_chat_in_its_zone(here: Path) -> None:
    """What the workspace has recorded of a chat counts for `validate` as it does for `ingest`, refusals included."""
    command = ("validate", "WhatsApp Chat with Ana.txt")
    _egregora("ingest", command[1], "--timezone", "Asia/Tokyo", cwd=here)
    before = (here / ".egregora" / "egregora.duckdb").read_bytes()
    facts = json.loads(_egregora(*command, "--json", cwd=here).stdout)

    assert (facts["timezone"], facts["timezone_from"]) == ("Asia/Tokyo", "thread")
    assert facts["first (UTC)"] == "2024-03-04 09:58:00Z"
    assert "times are read as" not in facts.get("notes", "")
    assert "Asia/Tokyo" in _egregora(*command, "--timezone", "UTC", cwd=here, code=1).stderr
    assert (here / ".egregora" / "egregora.duckdb").read_bytes() == before


def test_validate_advises_only_what_it_can_do(here: Path) -> None:
    """It has no --replace, and needs none."""
    done = _egregora("validate", "WhatsApp Chat with Ana.txt", cwd=here)

    assert "another zone: --timezone ZONE" in done.stdout
    assert "--replace" not in done.stdout + done.stderr
    assert not (here / ".egregora").exists()
    assert "no such file" in _egregora("validate", "absent.txt", cwd=here, code=1).stderr


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("--thread", "select distinct thread_id, attrs->>'thread' as title from ir_messages"),
        ("--author", "select distinct author_uuid, author_raw as name from ir_messages"),
        ("--source", "whatsapp"),
    ],
)
def test_forgetting_what_is_not_there_says_how_to_find_it(option: str, told: str, here: Path) -> None:
    """The names of people and chats are in no error: it gives the query that lists them, and that query works."""
    _egregora("ingest", "WhatsApp Chat with Ana.txt", "--timezone", "UTC", cwd=here)
    said = _egregora("forget", option, "Anna", "--yes", cwd=here, code=2).stderr

    assert told in said
    assert "Ana" not in said.replace("Anna", "")
    if option != "--source":
        listed = _egregora("query", said.split('"')[1], cwd=here).stdout
        assert "Ana" in listed
