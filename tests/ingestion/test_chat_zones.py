"""Each chat has the time zone that it was read in: its pages follow it, later exports keep it, and it is told."""

import io
import json
import re
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from types import ModuleType

import pytest
from egregora_core.cli._asking import ZoneQuestion
from egregora_core.errors import ExportError
from egregora_core.exports import Export
from egregora_core.messages import ChatZones, page_zones
from egregora_core.pipeline import forget, run_ingestion, run_pipeline
from egregora_core.plugins import App, Reading, ReadOptions, Recognised, SourceSpec, hookimpl
from egregora_core.session import Command, RunOptions, Summary, open_database
from egregora_core.settings import load_settings
from support import at_work

CHAT = "04/03/2024, 09:05 - Ana: hello\n25/03/2024, 23:55 - Bo: hi\n"
LATER = "26/03/2024, 07:10 - Ana: up?\n"


# A source of exports that hold several chats, as folders of logs do: `chat<TAB>wall clock<TAB>author<TAB>text`.


def recognise(export: Export) -> Recognised:
    return Recognised("certain" if export.path.suffix == ".logs" else "no")


def read(export: Export, options: ReadOptions) -> Reading:
    import pyarrow as pa
    import pyarrow.compute as pc

    rows = [line.split("\t") for line in export.path.read_text(encoding="utf-8").splitlines()]
    thread, stamp, author, text = (pa.array(column) for column in zip(*rows, strict=True))
    ts = pc.strptime(stamp, "%Y-%m-%d %H:%M", "us")
    kind = pa.array(["text"] * len(rows))
    table = pa.table({"thread": thread, "ts": ts, "author": author, "text": text, "kind": kind})
    facts = {"date_order": options.date_order} if options.date_order else {}
    return Reading(iter([table]), None, zoned=False, facts=facts)


def _logs_plugin() -> ModuleType:
    module = ModuleType("egregora_logs")
    module.EGREGORA_API = 1  # type: ignore[attr-defined] # a module is what a plugin is
    spec = SourceSpec(name="logs", recognise=f"{__name__}:recognise", read=f"{__name__}:read")

    @hookimpl
    def register_sources() -> Sequence[SourceSpec]:
        return [spec]

    module.register_sources = register_sources  # type: ignore[attr-defined] # as above
    return module


class Desk:
    """A workspace, and what is told at it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notes: list[str] = []
        self.app = App(plugins=[_logs_plugin()], discover=False)

    def write(self, name: str, content: str) -> Path:
        file = self.path / name
        file.write_text(content, encoding="utf-8")
        return file

    def run(self, *exports: Path, **options: object) -> Summary:
        return self._take(run_pipeline, exports, options)

    def ingest(self, *exports: Path, **options: object) -> Summary:
        """Take exports through the first step alone, where pages tell nothing more."""
        return self._take(run_ingestion, exports, options)

    def _take(self, verb: Callable[..., Summary], exports: Sequence[Path], options: Mapping[str, object]) -> Summary:
        settings = load_settings(self.path, self.app, {})
        said = RunOptions(**options)  # type: ignore[arg-type] # as a command line gives them
        found = verb(Command(self.app, settings, said), exports)
        self.notes = [line.text for line in found.lines if line.warning]
        return found

    def posts(self) -> str:
        return "\n".join(page.read_text("utf-8") for page in sorted(self.path.glob("site/docs/posts/*/2*.md")))

    def hours(self) -> list[str]:
        return re.findall(r"`(\d\d:\d\d)`", self.posts())

    def zones(self) -> set[str]:
        return set(re.findall(r"- Time zone: `(.+)`", self.posts()))

    def query(self, sql: str) -> list[tuple[object, ...]]:
        with open_database(self.path / ".egregora" / "egregora.duckdb", read_only=True) as db:
            return db.execute(sql)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A new workspace on a machine in UTC."""
    monkeypatch.setenv("TZ", "UTC")
    return Desk(tmp_path)


@pytest.fixture(scope="module")
def made_in_recife(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with pages of a chat of which somebody answered where its phone was."""
    return _made(tmp_path_factory, "run", "WhatsApp Chat with Club.txt", CHAT, ask_zone=lambda: "America/Recife")


@pytest.fixture(scope="module")
def made_in_tokyo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that took an export of two chats, `a.logs`."""
    return _made(tmp_path_factory, "ingest", "a.logs", LOGS, timezone="Asia/Tokyo")


def _made(factory: pytest.TempPathFactory, verb: str, name: str, text: str, **options: object) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "UTC")
        first = Desk(factory.mktemp("made"))
        getattr(first, verb)(first.write(name, text), **options)
        assert first.notes == []
    return first.path


@pytest.fixture
def recife(desk: Desk, made_in_recife: Path) -> Desk:
    shutil.copytree(made_in_recife, desk.path, dirs_exist_ok=True)
    return desk


@pytest.fixture
def tokyo(desk: Desk, made_in_tokyo: Path) -> Desk:
    shutil.copytree(made_in_tokyo, desk.path, dirs_exist_ok=True)
    return desk


def ran(summary_: Summary) -> list[str]:
    return [line.stage for line in summary_.lines if line.text.startswith("runs")]


# --- pages --------------------------------------------------------------------------------------------------------


@pytest.mark.slow  # whole runs, again and again
def test_pages_follow_the_zone_in_which_the_chat_stands(desk: Desk) -> None:
    """Obeying the first note leaves the hours as the phone showed them; the zone is on the pages."""
    chat = desk.write("WhatsApp Chat with Club.txt", CHAT)
    desk.run(chat)
    before, zones = desk.hours(), desk.zones()
    assert (before, zones) == (["09:05", "23:55"], {"UTC"})

    desk.run(chat, timezone="America/Sao_Paulo", replace=True)

    assert (desk.hours(), desk.zones()) == (before, {"America/Sao_Paulo"})
    assert ran(desk.run(chat)) == ran(desk.run()) == []


@pytest.mark.slow  # whole runs, again and again
def test_zones_that_share_their_offsets_are_told_apart(recife: Desk) -> None:
    """Where no message changes, the name of the zone on the pages still does."""
    assert recife.zones() == {"America/Recife"}
    recife.run(recife.path / "WhatsApp Chat with Club.txt", timezone="America/Sao_Paulo", replace=True)
    assert recife.zones() == {"America/Sao_Paulo"}
    assert recife.hours() == ["09:05", "23:55"]


@pytest.mark.slow  # whole runs, again and again
def test_another_chat_moves_no_page(recife: Desk) -> None:
    """Chats of two zones keep theirs, and what is written of the first is not written again."""
    written = recife.query("SELECT document_id, created_by_run FROM documents ORDER BY 1")
    bo = recife.write("WhatsApp Chat with Bo.txt", CHAT.replace("Ana:", "Cy:").replace("Bo:", "Di:"))

    recife.run(bo, timezone="Asia/Tokyo")

    assert written
    assert sorted(recife.hours()) == ["09:05", "09:05", "23:55", "23:55"]
    assert recife.zones() == {"Asia/Tokyo", "America/Recife"}
    assert set(written) <= set(recife.query("SELECT document_id, created_by_run FROM documents"))
    assert ran(recife.run()) == []


@pytest.mark.slow  # whole runs, again and again
def test_the_settings_overrule_every_chat(recife: Desk) -> None:
    """Who wants all pages in one zone says so; without it each chat has its own again."""
    recife.write("egregora.toml", '[pipeline]\ntimezone = "UTC"\n')
    recife.run()
    assert (recife.hours(), recife.zones()) == (["12:05", "02:55"], {"UTC"})

    (recife.path / "egregora.toml").unlink()
    recife.run()
    assert (recife.hours(), recife.zones()) == (["09:05", "23:55"], {"America/Recife"})


def test_the_usual_zone_is_that_of_most_chats() -> None:
    """A chat more in the usual zone changes nothing of what documents depend on; what is unknown counts elsewhere."""
    zones = page_zones({"a": "Asia/Tokyo", "b": "Asia/Tokyo", "c": None}, "UTC")
    assert zones == ChatZones("Asia/Tokyo", {"c": "UTC"})
    assert page_zones({"a": "Asia/Tokyo", "b": "Asia/Tokyo", "c": None, "d": "Asia/Tokyo"}, "UTC") == zones
    assert page_zones({}, "Europe/Rome") == ChatZones("Europe/Rome")


# --- exports of several chats -------------------------------------------------------------------------------------

LOGS = "Club\t2024-03-04 09:05\tAna\thello\nTeam\t2024-03-04 10:05\tBo\thi\n"
MORE = "Club\t2024-03-05 09:05\tAna\tup?\n"
NEW = "Family\t2024-03-05 20:00\tCy\tdinner\n"


@pytest.mark.slow  # whole runs, again and again
def test_an_export_of_several_chats_keeps_its_zone(tokyo: Desk) -> None:
    """What was said once holds for later exports, and for the chats that are new in them, which is told."""
    desk = tokyo
    desk.ingest(desk.write("b.logs", LOGS + MORE))
    assert desk.notes == []
    assert desk.query("SELECT count(*), count(DISTINCT attrs->>'tz_source') FROM ir_messages") == [(3, 1)]

    desk.run(desk.write("c.logs", LOGS + MORE + NEW))
    (note,) = desk.notes
    assert note.startswith("1 chat of this export is new; its times are read as Asia/Tokyo")
    assert set(desk.hours()) == {"09:05", "10:05", "20:00"}


@pytest.mark.slow  # several whole commands
def test_chats_of_one_export_may_have_several_zones(desk: Desk) -> None:
    """Each is read on as it was read before."""
    desk.ingest(desk.write("a.logs", LOGS.splitlines(keepends=True)[0]), timezone="Asia/Tokyo")
    desk.ingest(desk.write("b.logs", LOGS.splitlines(keepends=True)[1]), timezone="America/Recife")
    both = desk.write("c.logs", LOGS + MORE)
    desk.ingest(both)

    found = "SELECT attrs->>'thread', attrs->>'tz_source', count(*) FROM ir_messages GROUP BY ALL ORDER BY 1"
    assert desk.query(found) == [("Club", "Asia/Tokyo", 2), ("Team", "America/Recife", 1)]
    assert desk.notes == []
    assert ran(desk.ingest(both)) == []
    desk.ingest(desk.write("d.logs", LOGS + MORE + MORE.replace("05", "06")))
    assert desk.query(found) == [("Club", "Asia/Tokyo", 3), ("Team", "America/Recife", 1)]


@pytest.mark.slow  # whole runs, again and again
def test_another_zone_for_several_known_chats_is_refused_until_they_are_replaced(tokyo: Desk) -> None:
    """The advice holds: it rereads all chats of the export, and loses nothing that the export holds."""
    desk, logs = tokyo, tokyo.path / "a.logs"
    with pytest.raises(ExportError, match=r"of its 2 chats, 2 would change: .*--timezone Asia/Tokyo.*--replace"):
        desk.ingest(logs, timezone="Europe/Rome")

    desk.run(logs, timezone="Europe/Rome", replace=True)
    assert desk.query("SELECT attrs->>'tz_source', count(*) FROM ir_messages GROUP BY 1") == [("Europe/Rome", 2)]
    assert desk.notes == []
    assert sorted(desk.hours()) == ["09:05", "10:05"]


def test_another_date_order_for_several_known_chats_is_refused(desk: Desk) -> None:
    logs = desk.write("a.logs", LOGS)
    desk.ingest(logs, timezone="Asia/Tokyo", date_order="DMY")
    with pytest.raises(ExportError, match="read with date order DMY, now it would be MDY"):
        desk.ingest(logs, date_order="MDY")


def test_rereading_an_export_of_several_chats_tells_nothing_false(tokyo: Desk) -> None:
    """It was not read as another chat before, and nothing is there twice."""
    tokyo.ingest(tokyo.path / "a.logs", force=frozenset({"ingestion"}))
    assert tokyo.notes == []
    assert tokyo.query("SELECT count(*) FROM ir_messages") == [(2,)]


def test_parts_of_several_chats_that_do_not_overlap_are_joined(tokyo: Desk) -> None:
    """Monthly logs have no message in common: they are parts of the chats that they name, and it is told."""
    tokyo.ingest(tokyo.write("april.logs", MORE))
    (note,) = tokyo.notes
    assert note.startswith("1 chat of this export had messages under the same title before")
    assert tokyo.query("SELECT count(*) FROM ir_messages WHERE attrs->>'thread' = 'Club'") == [(2,)]


def test_a_forgotten_chat_has_no_zone_any_more(tokyo: Desk) -> None:
    with at_work(tokyo.path) as session:
        forget(session, source="logs")
    tokyo.ingest(tokyo.path / "a.logs", timezone="Europe/Rome")
    assert tokyo.query("SELECT attrs->>'tz_source', count(*) FROM ir_messages GROUP BY 1") == [("Europe/Rome", 2)]


def test_a_chat_alone_has_the_zone_that_it_had_among_others(tokyo: Desk) -> None:
    """What is recorded is recorded of each chat, in whichever kind of export it came."""
    runs = tokyo.query("SELECT attrs FROM runs WHERE step = 'ingestion'")
    attrs = json.loads(str(runs[0][0]))
    assert (attrs["timezone"], len(attrs["thread_ids"])) == ("Asia/Tokyo", 2)


# --- the question -------------------------------------------------------------------------------------------------


def test_on_a_machine_in_utc_the_zone_is_a_question_before_any_work(desk: Desk) -> None:
    """Where nobody can answer, the first thing that is told is what was assumed, and how to mend it."""
    found = desk.ingest(desk.write("WhatsApp Chat with Club.txt", CHAT))
    first = found.lines[0]
    assert first.warning
    assert first.text.startswith("times are read as UTC, as this machine's clock: was the phone there, too?")
    assert "--timezone ZONE --replace" in first.text


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("Europe/Lisbon\n", "Europe/Lisbon"),
        ("sao paulo\n", "America/Sao_Paulo"),
        ("  São Paulo \n", "America/Sao_Paulo"),
        ("brazil\nBrazil/East\n", "Brazil/East"),
        ("nowhere at all\nnew york\n", "America/New_York"),
        ("\n", None),
        ("", None),
        ("utc\n", "UTC"),
    ],
)
def test_an_answer_is_understood(monkeypatch: pytest.MonkeyPatch, typed: str, zone: str | None) -> None:
    """By city or zone, however it is written; what cannot be told is asked again, and Enter keeps UTC."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
    assert ZoneQuestion(nullcontext)() == zone


@pytest.mark.slow  # whole runs, again and again
def test_the_answer_is_recorded(recife: Desk) -> None:
    """Nobody is asked twice about a chat."""
    recife.run(recife.write("WhatsApp Chat with Club.txt", CHAT + LATER), ask_zone=_nobody)
    assert (recife.zones(), recife.hours()) == ({"America/Recife"}, ["09:05", "23:55", "07:10"])


def _nobody() -> str | None:
    raise AssertionError("what is known is not asked for")


def test_the_question_is_asked_once_for_a_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("brazi\nRecife\n"))
    question = ZoneQuestion(nullcontext)
    assert [question(), question()] == ["America/Recife", "America/Recife"]
    asked = capsys.readouterr().err
    assert asked.count("In which time zone") == 1
    assert "did you mean Brazil/" in asked


@pytest.mark.parametrize("known", ["option", "settings", "machine", "dry run"])
def test_what_is_known_is_not_asked_for(desk: Desk, monkeypatch: pytest.MonkeyPatch, known: str) -> None:
    """Nor is anything asked for in a dry run, which reads nothing."""
    chat = desk.write("WhatsApp Chat with Club.txt", CHAT)
    if known == "settings":
        desk.write("egregora.toml", '[pipeline]\ntimezone = "Europe/Rome"\n')
    if known == "machine":
        monkeypatch.setenv("TZ", "Europe/Rome")
    options: dict[str, object] = {"timezone": "Europe/Rome"} if known == "option" else {"dry_run": known == "dry run"}
    desk.ingest(chat, ask_zone=_nobody, **options)
