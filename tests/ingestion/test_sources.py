"""The way in: which source reads an export, what it may yield, and what is said and recorded of it."""

import bz2
import gzip
import json
import lzma
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow as pa
import pytest
from door import Desk, say
from egregora_core.errors import EgregoraError, ExportError, SchemaError, UsageError
from egregora_core.exports import Export
from egregora_core.ingestion import tables
from egregora_core.pipeline import check_export, run_ingestion
from egregora_core.plugins import App, Reading, ReadOptions, Recognised, SettingsSpec, SourceSpec, hookimpl
from egregora_core.session import Command, Line, RunOptions
from egregora_core.settings import load_settings
from pydantic import BaseModel

# --- two sources that are sure of what their files say ------------------------------------------------------------


class SureSettings(BaseModel):
    """The settings of the first one."""

    greeting: str = "hello"


def first(export: Export) -> Recognised:
    return _said(export, 0)


def second(export: Export) -> Recognised:
    return _said(export, 1)


def _said(export: Export, place: int) -> Recognised:
    name = next(iter(export.find("*.sure")), None)
    return Recognised(export.head(name).split()[place], "so it says") if name else Recognised("no")  # type: ignore[arg-type]  # as the test wrote it


def read(export: Export, options: ReadOptions, *, greeting: str = "none") -> Reading:
    for name in export.find("*.sure"):
        list(export.lines(name))
    said = {"ts": datetime(2024, 5, 1, tzinfo=UTC), "author": "Ana", "kind": "text"}
    return Reading(
        iter([[{**said, "text": "always"}, {**said, "text": greeting}]]),
        options.thread or "T",
        zoned=True,
    )


def _plugin() -> ModuleType:
    module = ModuleType("egregora_sure")
    module.EGREGORA_API = 1  # type: ignore[attr-defined] # a module is what a plugin is

    @hookimpl
    def register_sources() -> list[SourceSpec]:
        return [SourceSpec(name, f"{__name__}:{name}", f"{__name__}:read") for name in ("first", "second")]

    @hookimpl
    def register_settings() -> SettingsSpec:
        return SettingsSpec(f"{__name__}:SureSettings")

    module.register_sources = register_sources  # type: ignore[attr-defined] # as above
    module.register_settings = register_settings  # type: ignore[attr-defined] # as above
    return module


class Table:
    """A workspace at which these two sources are asked."""

    def __init__(self, path: Path) -> None:
        self.path, self.app, self.lines = path, App([_plugin()], discover=False), list[Line]()

    def write(self, first: str, second: str, name: str = "x.sure") -> Path:
        (self.path / name).write_text(f"{first} {second}", encoding="utf-8")
        return self.path / name

    def command(self, **options: Any) -> Command:
        self.lines = []
        return Command(self.app, load_settings(self.path, self.app), RunOptions(**options), self.lines.append)

    def ingest(self, export: Path, **options: Any) -> str:
        run_ingestion(self.command(**options), [export])
        return self.lines[-1].text

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        from egregora_core.session import open_database

        with open_database(self.path / ".egregora" / "egregora.duckdb", read_only=True) as db:
            return db.execute(sql)


@pytest.fixture
def table(tmp_path: Path) -> Table:
    return Table(tmp_path)


@pytest.mark.parametrize(
    ("sure", "chosen"), [("certain likely", "first"), ("maybe likely", "second"), ("no maybe", "second")]
)
def test_the_surest_source_reads_and_says_why(table: Table, sure: str, chosen: str) -> None:
    """`run` prints it before the work, `validate` with what was found."""
    export = table.write(*sure.split())
    assert table.ingest(export) == "runs: new file"
    told = sure.split()[["first", "second"].index(chosen)]
    assert (table.lines[0].stage, table.lines[0].text) == (chosen, f"reads it ({told}: so it says)")
    assert check_export(table.command(), export)["source"] == f"{chosen} ({told}: so it says)"


@pytest.mark.parametrize("sure", ["certain", "likely", "maybe"])
def test_two_that_are_equally_sure_are_a_question(table: Table, sure: str) -> None:
    """Nothing is read, and the error says how to answer."""
    with pytest.raises(ExportError, match=r"first \(so it says\) and second .*--source first"):
        table.ingest(table.write(sure, sure))
    assert table.ingest(table.path / "x.sure", source="second") == "runs: new file"
    assert table.lines[0].text == "reads it (named with --source)"


def test_another_source_than_before_reads_anew(table: Table) -> None:
    """An export stands as what it was read as."""
    export = table.write("certain", "likely")
    table.ingest(export)
    assert table.ingest(export, source="second") == "runs: new file"
    assert table.ingest(export, source="second").startswith("stands")
    assert table.ingest(export, source="first").startswith("stands")


def test_a_source_that_is_not_there_is_a_wrong_use(table: Table) -> None:
    """With the nearest name."""
    with pytest.raises(UsageError, match="did you mean 'first'"):
        table.ingest(table.write("no", "no"), source="frist")


def test_settings_of_a_source_are_part_of_its_reading(table: Table) -> None:
    """It gets the fields that it names, and another value reads the export again."""
    export = table.write("certain", "no")
    table.ingest(export)
    assert table.query("SELECT text FROM ir_messages") == [("always",), ("hello",)]
    (table.path / "egregora.toml").write_text('[sure]\ngreeting = "good day"\n')
    assert table.ingest(export) == "runs: config changed ([sure] greeting)"
    assert ("good day",) in table.query("SELECT text FROM ir_messages")


def test_recognise_must_return_what_it_promises(table: Table, capsys: pytest.CaptureFixture[str]) -> None:
    """5.0 and "surely" are reported as the plugin's fault, and win nothing."""
    with pytest.raises(ExportError, match="not a chat export"):
        table.ingest(table.write("surely", "surely"))
    assert any("expected a Recognised" in warning for warning in [*table.app.warnings, capsys.readouterr().err])


# --- what nobody reads --------------------------------------------------------------------------------------------

UNREAD = {
    "x.xml": ("<?xml version='1.0'?><smses count='1'>", "SMS.*egregora-sources"),
    "a.mbox": ("From ana@example.org Mon Jan  1 00:00:00 2024\n", "mbox.*egregora-sources"),
    "#plaza.log": ("--- Log opened Mon Jan 01 00:00:00 2024\n", "IRC.*egregora-sources"),
}


@pytest.mark.parametrize("name", UNREAD)
def test_what_nobody_reads_is_told_as_what_it_seems_to_be(table: Table, name: str) -> None:
    """With the package that reads it."""
    content, said = UNREAD[name]
    (table.path / name).write_text(content)
    with pytest.raises(ExportError, match=said):
        table.ingest(table.path / name)


FOREIGN = {
    "Ana.html": (
        '<div class="message">\n<div class="sent iMessage">\n<p><span class="timestamp">',
        "imessage-exporter.*txt",
    ),
    "talk.txt": ("홍길동 님과 카카오톡 대화\n저장한 날짜 : 2021-08-01 12:00:00\n", "KakaoTalk"),
    "en.txt": ("KakaoTalk Chats with Ana\nDate Saved : Aug 1, 2021 12:00 PM\n", "KakaoTalk"),
    "line.txt": ("\ufeff[LINE] Chat history with Ana\nSaved on: 2021/08/01 12:00\n", "LINE"),
    "msgstore.db": ("SQLite format 3\0", "WhatsApp"),
    "main.db": ("SQLite format 3\0", "SQLite"),
    "conversations.json": ('[{"title": "x", "mapping": {"a": {}}}]', "ChatGPT"),
    "direct-messages.js": ("window.YTD.direct_messages.part0 = [", "Twitter"),
    "meeting.txt": ("12:00:01\t From  Ana  to  Everyone : hello\n", "Zoom"),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_what_no_package_reads_is_told_as_what_it_seems_to_be(table: Table, name: str) -> None:
    """With what can be done, which is not to install something."""
    content, platform = FOREIGN[name]
    (table.path / name).write_text(content)
    with pytest.raises(ExportError, match=platform) as caught:
        table.ingest(table.path / name)
    assert "which no source reads; " in str(caught.value)
    assert "pip install" not in str(caught.value)


def test_what_its_own_source_cannot_read_is_not_told_to_be_installed(table: Table) -> None:
    """Its beginning looks like Telegram's, the rest is cut off: who asks its source learns where."""
    (table.path / "result.json").write_text('{"type": "personal_chat", "id": 1')
    with pytest.raises(ExportError, match=r"Telegram, but not one that can be read.*--source telegram") as caught:
        table.ingest(table.path / "result.json")
    assert "pip install" not in str(caught.value)


def test_what_nobody_knows_is_told_in_few_words(table: Table) -> None:
    """What there is, by name, and how to ask for more: not all that every source might take."""
    (table.path / "a.txt").write_text("hello\n")
    with pytest.raises(ExportError) as caught:
        table.ingest(table.path / "a.txt")
    said = str(caught.value).removeprefix(f"{table.path}/")
    assert said.startswith("a.txt: not a chat export that any installed source can read")
    assert "telegram" in said
    assert "`egregora plugins info PLUGIN`" in said
    assert len(said) < 400


PACKED: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress}


@pytest.mark.parametrize("name", PACKED)
def test_what_is_packed_is_told_to_be(table: Table, name: str) -> None:
    """Archives of mailing lists come so."""
    (table.path / "2024-May.txt.gz").write_bytes(PACKED[name](b"From ana@example.org Mon Jan  1 00:00:00 2024\n"))
    with pytest.raises(ExportError, match=rf"is packed \({name}\); unpack it"):
        table.ingest(table.path / "2024-May.txt.gz")


def test_a_zip_that_nobody_reads_is_looked_into(table: Table) -> None:
    """A Slack workspace is known by its list of channels."""
    with zipfile.ZipFile(table.path / "x.zip", "w") as archive:
        archive.writestr("channels.json", '[{"id": "C1", "creator": "U1"}]')
    with pytest.raises(ExportError, match=r"Slack.*--source slack"):
        table.ingest(table.path / "x.zip")


# --- folders ------------------------------------------------------------------------------------------------------


def test_what_no_source_opens_is_not_read(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unchanged folder with videos is known by its chat; another size of a video is another folder."""
    folder = table.path / "export"
    folder.mkdir()
    (folder / "x.sure").write_text("certain no")
    (folder / "video.mp4").write_bytes(b"1" * 1000)
    assert table.ingest(folder) == "runs: new file"

    opened: list[str] = []
    plain = Path.open

    def watched(self: Path, *arguments: Any, **options: Any) -> Any:
        opened.append(self.suffix)
        return plain(self, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", watched)
        assert table.ingest(folder).startswith("stands")
    assert ".sure" in opened
    assert ".mp4" not in opened
    (folder / "x.sure").write_text("likely no")
    assert table.ingest(folder) == "runs: new file"
    (folder / "video.mp4").write_bytes(b"1" * 1001)
    assert table.ingest(folder) == "runs: new file"


def test_no_name_of_a_file_is_recorded(table: Table) -> None:
    """Folders and files are called after people."""
    folder = table.path / "export"
    folder.mkdir()
    (folder / "x.sure").write_text("certain no")
    (folder / "Ana.Kelemen").write_text("x")
    table.ingest(folder)
    assert "elemen" not in str(table.query("SELECT r::VARCHAR FROM runs AS r")).casefold()


def test_thread_is_for_chats_that_have_no_name(tmp_path: Path) -> None:
    """Where the export says which chats it holds, --thread is refused, never passed over."""
    desk = Desk(tmp_path)
    with pytest.raises(ExportError, match="leave --thread out"):
        desk.ingest(desk.write([say("a", thread="C1")]), thread="X")


def test_a_folder_of_wall_clocks_keeps_its_zone(tmp_path: Path) -> None:
    """What several chats were read with is known when the export has grown."""
    desk = Desk(tmp_path)
    chats = [say("a", thread="A"), say("b", thread="B")]
    desk.ingest(desk.write(chats, zoned=False), timezone="Asia/Tokyo")
    desk.ingest(desk.write([*chats, say("c", minute=1, thread="B")], zoned=False))
    assert desk.query("SELECT count(*), count(DISTINCT attrs->>'tz_source') FROM ir_messages") == [(3, 1)]


def test_reading_several_chats_again_tells_no_falsehood(tmp_path: Path) -> None:
    """The messages are there once, and nobody is told that they are there twice."""
    desk = Desk(tmp_path)
    export = desk.write([say("a", thread="A"), say("b", thread="B")])
    desk.ingest(export)
    for options in ({"force": frozenset({"ingestion"})}, {"replace": True}):
        desk.ingest(export, **options)
        assert desk.notices == []
    assert desk.query("SELECT count(*) FROM ir_messages") == [(2,)]


# --- reports ------------------------------------------------------------------------------------------------------


def test_validate_says_once_what_is_left_out(tmp_path: Path) -> None:
    """By a name of its own; what a source notes beside it stays a note."""
    desk = Desk(tmp_path)
    report = {"left_out": {"stories": 12}, "notices": ["mind the gap"]}
    app = App(desk.plugins, discover=False)
    command = Command(app, load_settings(tmp_path, app), RunOptions(), desk.lines.append)
    facts = check_export(command, desk.write([say("a")], thread="T", report=report))
    assert (facts["left_out"], facts["notes"]) == ({"stories": 12}, "mind the gap")


def test_a_report_is_told_and_recorded_under_keys_of_its_own(tmp_path: Path) -> None:
    """Whatever the facts are called, the host's record is the host's, and the next reading is as before."""
    desk = Desk(tmp_path)
    facts = {"timezone": "Mars/Olympus", "messages": 99, "thread_ids": [], "style": "new"}
    report = {"left_out": {"stories": 12, "calls": 0}, "notices": ["mind the gap"], "facts": {"late": True}}
    desk.ingest(desk.write([say("a")], thread="T", facts=facts, report=report))
    assert desk.notices == ["mind the gap", "left out, as no message says it: stories (12)"]
    ((attrs,),) = desk.query("SELECT attrs FROM runs WHERE step = 'ingestion'")
    attrs = json.loads(attrs)
    assert (attrs["messages"], len(attrs["thread_ids"])) == (1, 1)
    assert attrs["facts"] == {**facts, "late": True}
    assert attrs["left_out"] == {"stories": 12, "calls": 0}
    desk.ingest(desk.write([say("a"), say("b", minute=1)], thread="T", facts=facts))
    assert desk.query("SELECT count(*) FROM ir_messages") == [(2,)]


def test_a_name_among_facts_is_not_recorded(tmp_path: Path) -> None:
    """Of a person, a handle, a chat, or an author without an id."""
    desk = Desk(tmp_path)
    people = [{"id": "U1", "names": ["Ana Kelemen", "anakel"]}]
    facts = {"owner": "Ana Kelemen", "list": [{"x": "anakel"}], "Plaza": 1, "style": "new"}
    threads = [{"id": "T", "title": "Plaza"}]
    desk.ingest(desk.write([say("a")], thread="T", people=people, threads=threads, facts=facts))
    desk.ingest(desk.write([say("a", "Bo")], thread="U", facts={"by": "Bo"}))
    said = str(desk.query("SELECT r::VARCHAR FROM runs AS r"))
    assert not [name for name in ("Kelemen", "anakel", "Plaza", '"by"') if name in said]
    assert "style" in said


# --- batches ------------------------------------------------------------------------------------------------------

TS = datetime(2024, 5, 1, tzinfo=UTC)
GOOD = {"ts": TS, "author": "Ana", "text": "private", "kind": "text"}
WRONG: dict[str, tuple[Any, str]] = {
    "a list of texts": (["private"], "a batch is a list"),
    "a text": ("private", "a batch is a str"),
    "edited of texts": ({**GOOD, "edited": "private"}, "column 'edited': its values are str, expected bool"),
    "ts of texts": ({**GOOD, "ts": "private"}, "column 'ts': its values are str, expected timestamp"),
    "ts of numbers": (pa.table({"ts": [17], "kind": ["text"]}), "column 'ts': it is int64, expected timestamp"),
    "ts as seconds": (
        {**GOOD, "ts": 1714557600},
        "column 'ts': its values are int of another unit, expected timestamp",
    ),
    "ts as seconds in a fraction": ([{**GOOD, "ts": 17.5}], "column 'ts': its values are float, expected timestamp"),
    "edited_at as a number": (
        [GOOD, {**GOOD, "edited_at": 17}],
        "column 'edited_at': its values are int of another unit, expected",
    ),
    "the time of a reaction as a number": (
        {**GOOD, "reactions": [{"emoji": "+1", "ts": 17}]},
        "column 'reactions', its `ts`: its values are int of another unit",
    ),
    "a misspelt key of media": (
        {**GOOD, "media": [{"filename": "private"}]},
        "column 'media': an item has a key 'filename'.*did you mean 'name'",
    ),
    "an unknown key of media": (
        {**GOOD, "media": [{"name": "a"}, {"width": 17}]},
        "column 'media': an item has a key 'width'.*; there are name, url",
    ),
    "an unknown key of reactions": (
        [GOOD, {**GOOD, "reactions": [{"who": "private"}]}],
        "column 'reactions': an item has a key 'who'",
    ),
    "a name as a key": (
        {**GOOD, "reactions": [{"Ana Private": 1}]},
        "column 'reactions': an item has a key of another name",
    ),
    "an unknown key of media in Arrow": (
        pa.table({"ts": [TS], "kind": ["media"], "media": [[{"filename": "private"}]]}),
        "column 'media': an item has a key 'filename'.*did you mean 'name'",
    ),
    "an update without an id": (
        {**GOOD, "update": "delete"},
        "column 'update': 1 row has no msg_id, so update nothing",
    ),
    "updates among messages with ids": (
        [{**GOOD, "msg_id": "1"}, *[{**GOOD, "update": "edit"}] * 2],
        "column 'update': 2 rows have no msg_id",
    ),
    "mentions of a text": ({**GOOD, "mentions": "private"}, "column 'mentions'"),
    "edited of a text": ({**GOOD, "edited": "private"}, "column 'edited'"),
    "a misspelt column": ({**GOOD, "autor": "Ana"}, "there is no column 'autor'; did you mean 'author'"),
    "no ts": ({"kind": "text"}, "column 'ts' is missing"),
    "an unknown kind": ({**GOOD, "kind": "weird"}, "column 'kind': 'weird' is none of text"),
    "a kind that is a text": ({**GOOD, "kind": "Private words"}, "column 'kind': something else"),
}


def _read(*batches: Any, thread: str | None = "T", zoned: bool = True) -> list[dict[str, Any]]:
    reading = Reading(iter(batches), thread, zoned=zoned)
    return [row for table in tables("ext", reading) for row in table.to_pylist()]


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_batch_is_an_error_that_names_source_and_column(what: str) -> None:
    """And never a value: it may be somebody's words."""
    batch, said = WRONG[what]
    with pytest.raises(SchemaError, match=f"source 'ext'.*{said}") as caught:
        _read(batch)
    assert "rivate" not in str(caught.value)


@pytest.mark.parametrize("batch", [GOOD, {**GOOD, "thread": None}])
def test_each_row_says_its_chat_where_the_export_does_not(batch: Any) -> None:
    """Without it, nobody knows where a message belongs."""
    with pytest.raises(SchemaError, match="'thread'"):
        _read(batch, thread=None)


@pytest.mark.parametrize(
    "batch", [pa.table({"ts": pa.array([TS], pa.timestamp("us", "UTC")), "kind": ["text"]}), {"ts": TS, "kind": "text"}]
)
def test_a_wall_clock_has_no_zone(batch: Any) -> None:
    """Whoever says that times have none, and gives one, means something else, be it in Arrow or in a row."""
    with pytest.raises(SchemaError, match="column 'ts': it has a time zone"):
        _read(batch, zoned=False)


def test_times_may_be_microseconds() -> None:
    """A source that counts them need not make objects; milliseconds and nanoseconds are refused, as seconds are."""
    micros = int(TS.timestamp()) * 10**6
    for row in _read({**GOOD, "ts": micros, "edited_at": TS}, {**GOOD, "ts": micros, "edited_at": None}):
        assert row["ts"] == TS.replace(tzinfo=None)
    for other in (micros // 1000, micros * 1000):
        with pytest.raises(SchemaError, match="'ts': its values are int of another unit"):
            _read({**GOOD, "ts": other})


def test_rows_lists_of_rows_and_tables_are_one() -> None:
    """In the order in which they come."""
    rows = [{**GOOD, "text": str(number)} for number in range(5)]
    table = pa.Table.from_pylist([{**rows[3], "ts": TS.replace(tzinfo=None)}])
    found = _read(rows[0], rows[1:3], table, rows[4])
    assert [row["text"] for row in found] == ["0", "1", "2", "3", "4"]
    assert {row["ts"] for row in found} == {TS.replace(tzinfo=None)}


def test_rows_may_be_tuples_among_others() -> None:
    """Their values are of the columns that the reading says; other rows may have more."""
    rows = [("a", TS, "text"), {"ts": TS, "kind": "media", "text": "b", "data": None}, ("c", TS, "text")]
    reading = Reading(iter([rows, [("d", TS, "text")], rows[1]]), "T", zoned=True, columns=("text", "ts", "kind"))
    found = [row for table in tables("ext", reading) for row in table.to_pylist()]
    assert [(row["text"], row["kind"]) for row in found] == [
        *(("a", "text"), ("b", "media"), ("c", "text"), ("d", "text"), ("b", "media")),
    ]


@pytest.mark.parametrize("row", [(), ("a",), ("a", TS, "text", None)])
def test_a_tuple_of_other_columns_is_an_error(row: tuple[Any, ...]) -> None:
    """Its values would stand under wrong names."""
    reading = Reading(iter([[("a", TS, "text"), row]]), "T", zoned=True, columns=("text", "ts", "kind"))
    with pytest.raises(SchemaError, match="source 'ext': a row is a tuple of other columns"):
        list(tables("ext", reading))


def test_rows_are_cut_by_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many come at once."""
    from egregora_core.ingestion import _batches

    monkeypatch.setattr(_batches, "_BYTES", 3000)
    reading = Reading(iter([[GOOD] * 100]), "T", zoned=True)
    sizes = [table.num_rows for table in tables("ext", reading)]
    assert (sum(sizes), max(sizes) < 20) == (100, True)


def test_half_a_character_is_no_error() -> None:
    """JSON may hold one; the message is worth more than its emoji."""
    assert _read({**GOOD, "text": "a\ud83d b", "mentions": ["\ude00"]})[0]["text"] == "a\ufffd b"


def test_a_read_that_returns_something_else_is_an_error(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a traceback."""
    monkeypatch.setattr(f"{__name__}.read", lambda *_, **__: [])
    with pytest.raises(EgregoraError, match="source 'first': read returned a list, expected a Reading"):
        table.ingest(table.write("certain", "no"))
