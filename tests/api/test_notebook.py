"""A workspace as a notebook sees it: the verbs of the command line, tables as ibis tables."""

import shutil
import subprocess
import sys
from pathlib import Path

import egregora_core as eg
import pytest
from egregora_core.errors import NoDatabaseError, NoMessagesError, UsageError
from support import WITHOUT_REPORT, egregora

CHAT = """12/03/2024, 10:15 - Ana Reis: good morning
12/03/2024, 10:16 - Bruno Dias: good morning, Ana Reis
13/03/2024, 09:00 - Ana Reis: <Media omitted>
"""


@pytest.fixture(autouse=True)
def _no_report(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in WITHOUT_REPORT.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def chat(tmp_path: Path) -> Path:
    path = tmp_path / "WhatsApp Chat with Hikers.txt"
    path.write_text(CHAT, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which `CHAT` was taken through everything."""
    base = tmp_path_factory.mktemp("made")
    export = base / "WhatsApp Chat with Hikers.txt"
    export.write_text(CHAT, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in WITHOUT_REPORT.items():
            patch.setenv(name, value)
        with eg.open(base / "w") as ws:
            ws.run(export, timezone="UTC", date_order="DMY")
    return base / "w"


@pytest.fixture
def ran(made: Path, tmp_path: Path) -> Path:
    """The same, of one's own."""
    return Path(shutil.copytree(made, tmp_path / "w"))


@pytest.mark.slow
def test_a_chat_becomes_tables_without_names(chat: Path, tmp_path: Path) -> None:
    """One call from an export to tables; they are lazy, and hold pseudonyms alone."""
    with eg.open(tmp_path / "w") as ws:
        summary = ws.run(chat, timezone="Europe/Lisbon", date_order="DMY")
        assert (summary.messages, ws.tenant) == (3, "default")
        shown = repr(summary).splitlines()
        assert shown[1] == "ingestion/whatsapp      runs: new file"
        assert shown[-1] == f"open {tmp_path / 'w' / 'site' / 'docs' / 'index.md'}"
        assert "3 messages; documents: 1 of kind post, 2 of kind profile" in shown
        texts = ws.messages.order_by("ts").text.to_pyarrow().to_pylist()
        assert texts[0] == "good morning"
        assert "Ana" not in texts[1]
        assert ws.messages.ts.min().to_pyarrow().as_py().isoformat() == "2024-03-12T10:15:00+00:00"
        assert ws.documents.count().to_pyarrow().as_py() > 0
        assert set(ws.runs.step.to_pyarrow().to_pylist()) >= {"ingestion", "privacy", "generation"}


@pytest.mark.slow  # several commands, or many cases
def test_people_and_chats_are_counted(ran: Path) -> None:
    """Who wrote how much, and where: by pseudonym."""
    with eg.open(str(ran)) as ws:
        people = ws.people.order_by("messages").to_pyarrow().to_pylist()
        assert [person["messages"] for person in people] == [1, 2]
        assert not {person["author"] for person in people} & {"Ana Reis", "Bruno Dias"}
        (one,) = ws.chats.to_pyarrow().to_pylist()
        assert (one["messages"], one["source"]) == (3, "whatsapp")
        assert "Hikers" not in one["thread"]
        assert ws.query("SELECT count(*) AS n FROM ir_messages").to_pyarrow().to_pylist() == [{"n": 3}]


@pytest.mark.filterwarnings("ignore:The 'future.infer_string' option")  # ibis 12 asks pandas 3 for it
def test_every_table_is_fetched_as_every_frame(ran: Path) -> None:
    """Whole tables, ids and attributes included, become frames of polars and of pandas, and what a query finds does."""
    with eg.open(ran) as ws:
        for table in (ws.messages, ws.documents, ws.runs, ws.chats, ws.people, ws.query("SELECT * FROM ir_messages")):
            polars, pandas = table.to_polars(), table.to_pandas()
            assert list(polars.columns) == list(pandas.columns) == list(table.columns)
            assert len(polars) == len(pandas) > 0
        ids = ws.messages.event_id.to_polars().to_list()
        assert ws.messages.filter(ws.messages.event_id == ids[0]).count().to_pyarrow().as_py() == 1
        kinds = ws.messages.attrs.cast("json")["kind"].str
        assert set(kinds.to_polars()) == {"text", "media"}
        joined = ws.messages.join(ws.people, "author_uuid")
        assert joined.count().to_pyarrow().as_py() == len(ids)


@pytest.mark.slow  # whole runs, one after the other
def test_what_reads_makes_room_for_what_writes(chat: Path, tmp_path: Path) -> None:
    """Tables are taken anew after a run; a workspace that was closed is free for the command line."""
    ws = eg.open(tmp_path / "w")
    ws.ingest(chat, timezone="UTC", date_order="DMY")
    with pytest.raises(NoMessagesError):
        _ = ws.messages
    ws.run()
    assert ws.messages.count().to_pyarrow().as_py() == 3
    assert ws.run().messages == 3  # nothing is new, and the open table is no hindrance
    assert ws.messages.count().to_pyarrow().as_py() == 3
    ws.close()
    egregora("run", cwd=tmp_path / "w", code=0)


def test_forget_and_export(ran: Path, tmp_path: Path) -> None:
    """What goes, goes for good; what is exported is pseudonymised."""
    with eg.open(ran) as ws:
        assert ws.export(tmp_path / "out.csv", "csv") == 3
        assert "Ana" not in (tmp_path / "out.csv").read_text(encoding="utf-8")
        assert ws.forget(author="Ana Reis").messages == 2
        assert ws.messages.count().to_pyarrow().as_py() == 1
        with pytest.raises(UsageError):
            ws.forget(author="Ana Reis")
        with pytest.raises(UsageError, match="exactly one"):
            ws.forget()


def test_a_new_workspace_says_that_there_is_nothing(tmp_path: Path) -> None:
    """Opening makes nothing; reading says what to do."""
    ws = eg.open(tmp_path / "new")
    with pytest.raises(NoDatabaseError, match="egregora run"):
        _ = ws.messages
    assert not (tmp_path / "new").exists()
    assert "new" in repr(ws)


@pytest.mark.slow  # several whole commands
def test_another_tenant_sees_its_own(chat: Path, tmp_path: Path) -> None:
    """Nothing crosses from one tenant to another."""
    with eg.open(tmp_path, tenant="club") as ws:
        ws.run(chat, timezone="UTC", date_order="DMY")
        assert ws.messages.count().to_pyarrow().as_py() == 3
    with eg.open(tmp_path) as ws:
        assert ws.runs.count().to_pyarrow().as_py() == 0


def test_importing_the_package_costs_nothing() -> None:
    """The face is light: what is heavy comes with the first workspace."""
    code = "import sys, egregora_core; print(sorted({'duckdb', 'ibis', 'pydantic', 'typer'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_is_said_is_checked_as_on_the_command_line(chat: Path, tmp_path: Path) -> None:
    """A date order in small letters is one; what cannot be meant is refused before anything is read."""
    with eg.open(tmp_path / "w") as ws:
        for wrong in ({"date_order": "xyz"}, {"limit": -1}, {"year": 5}, {"force": "nothing"}):
            with pytest.raises(UsageError):
                ws.ingest(chat, timezone="UTC", **wrong)
        ws.ingest(chat, timezone="UTC", date_order="mdy")  # type: ignore[arg-type]  # as on the command line
        first = ws.query("SELECT min(ts) AS first FROM ir_messages").to_pyarrow()["first"][0].as_py()
        assert (first.month, first.day) == (12, 3)


def test_a_file_says_its_format_and_forgetting_names_what_it_left(ran: Path, tmp_path: Path) -> None:
    """As `--output` does; and a page that somebody edited stays and is named."""
    with eg.open(ran) as ws:
        ws.export(tmp_path / "m.csv")
        assert (tmp_path / "m.csv").read_bytes()[:8] == b"event_id"
        with pytest.raises(UsageError, match="no format"):
            ws.export(tmp_path / "m.out", "xlsx")  # type: ignore[arg-type]  # no such format
        (page,) = (tmp_path / "w/site/docs/posts").rglob("2024-*.md")
        page.write_text(page.read_text(encoding="utf-8") + "mine\n", encoding="utf-8")
        gone = ws.forget(source="whatsapp")
        assert gone.kept == (page,)


def test_looking_makes_nothing(chat: Path, tmp_path: Path) -> None:
    """Neither a dry run nor forgetting makes a workspace where there is none."""
    ws = eg.open(tmp_path / "new")
    with pytest.raises(NoDatabaseError):
        ws.forget(source="whatsapp")
    ws.run(chat, timezone="UTC", date_order="DMY", dry_run=True)
    assert not (tmp_path / "new").exists()


def test_warnings_are_told(tmp_path: Path) -> None:
    """What the command line prints as a warning is one in a notebook."""
    (tmp_path / "egregora.toml").write_text("[nobodys]\nx = 1\n", encoding="utf-8")
    with pytest.warns(UserWarning, match="no installed plugin has a section"):
        eg.open(tmp_path)
