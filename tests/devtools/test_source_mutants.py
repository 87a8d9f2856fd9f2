"""The suite of sources is honest: a good source passes it, and of each that does one thing wrong it says what.

`platforms/` holds two good sources. A mutant is one of them with a small edit; each test of the suite has one that
fails it.
"""

import importlib
import inspect
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest
from egregora_devtools.conformance import SourceConformance

PLATFORMS = Path(__file__).parent / "platforms"
sys.path.append(str(PLATFORMS))

import quill  # noqa: E402 - found beside this file
import scroll  # noqa: E402 - as above
from quill_suite import QuillConformance  # noqa: E402 - as above
from scroll_suite import ScrollConformance  # noqa: E402 - as above

pytestmark = pytest.mark.slow  # whole runs, again and again

SUITES: dict[str, type[SourceConformance]] = {"quill": QuillConformance, "scroll": ScrollConformance}


class TestQuill(QuillConformance):
    """The good source of JSON."""

    plugin = quill

    @pytest.mark.slow  # megabytes are written and read, in a process of their own
    def test_memory_is_bounded(self, tmp_path: Path) -> None:
        """As the kit says."""
        super().test_memory_is_bounded(tmp_path)


class TestScroll(ScrollConformance):
    """The good source of logs, which reads pieces by itself."""

    plugin = scroll
    chunk = "scroll:_CHUNK"

    @pytest.mark.slow  # megabytes are written and read, in a process of their own
    def test_memory_is_bounded(self, tmp_path: Path) -> None:
        """As the kit says."""
        super().test_memory_is_bounded(tmp_path)


@dataclass(frozen=True)
class Mutant:
    """Edits of a good source, the test that fails, and words of what it says."""

    what: str
    platform: str
    test: str
    says: str
    edits: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return f"{self.platform}: {self.what}"


def mutant(what: str, test: str, says: str, *edits: tuple[str, str], platform: str = "quill") -> Mutant:
    return Mutant(what, platform, f"test_{test}", says, edits)


COUNTER = ("_BATCH = 500\n", '_BATCH = 500\n_N = __import__("itertools").count(1)\n')
APPENDED = "            rows.append("
TEXT = '"text": _text(message, "text", where, needed=False),'
ID = '"msg_id": _text(message, "id", where),'
TIME = '"ts": _time(message, "at", where),'


def dropping(condition: str) -> tuple[str, str]:
    return APPENDED, f"            if {condition}:\n                continue\n{APPENDED}"


def text(value: str) -> tuple[str, str]:
    return TEXT, f'"text": (lambda text: text and {value})(_text(message, "text", where, needed=False)),'


def report(said: str) -> tuple[str, str]:
    return 'Report(facts={"version": 3}, left_out=left_out)', f"Report({said})"


REMEMBERING = (
    "            rows.append(",
    "            left_out.setdefault('_', []).append(message)\n            rows.append(",
)

MUTANTS = [
    mutant("each 5th message is dropped", "nothing_is_lost", "of 44 messages 36 are there", COUNTER, dropping("next(_N) % 5 == 0")),
    mutant("each 100th message is dropped", "no_message_is_lost_between_chunks", "of 1,201 messages are there", COUNTER, dropping("next(_N) % 100 == 0")),
    mutant("the first of each batch is dropped", "no_message_is_lost_between_chunks", "of 1,201 messages are there", ("                yield rows\n", "                yield rows[1:]\n")),
    mutant("a position is the id", "ids_survive_trimming", "other ids", COUNTER, (ID, '"msg_id": str(next(_N)),')),
    mutant("a random number is the id", "reading_is_deterministic", "another result", (ID, '"msg_id": str(__import__("random").random()),')),
    mutant("hash() is the id", "reading_is_the_same_in_every_process", "another process reads it otherwise", (ID, '"msg_id": str(hash(message["id"])),')),
    mutant("a heavy module is imported for registration", "import_is_light", "pyarrow", ("import json\n", "import json\nimport pyarrow\n")),
    mutant("slow modules of Python are imported for registration", "import_is_light", "asyncio", ("import json\n", "import json\nimport sqlite3, asyncio, http.client\n")),
    mutant("all of the JSON is loaded", "memory_is_bounded", "read in bounded chunks", ('in export.items(name, "chats.*.messages"):', 'in ((m, c) for c in json.load(export.open(name))["chats"] for m in c["messages"]):')),
    mutant("all of the text is read first", "memory_is_bounded", "read in bounded chunks", ("        for message, chat in export.items", "        whole = export.open(name).read()\n        for message, chat in export.items")),
    mutant("all is one batch", "memory_is_bounded", "read in bounded chunks", (">= _BATCH", ">= 1 << 30")),
    mutant("texts are normalised", "bodies_are_kept", "has another text", text('__import__("unicodedata").normalize("NFC", text)')),
    mutant("texts are cut at 4000", "bodies_are_kept", "has another text (4,000 characters instead of 5,000)", text("text[:4000]")),
    mutant("texts are cut at 6000", "bodies_are_kept", "has another text (6,000 characters instead of", text("text[:6000]")),
    mutant("texts are stripped", "bodies_are_kept", "has another text", text("text.strip()")),
    mutant("texts lose their NULs", "bodies_are_kept", "has another text", text('text.replace("\\0", "")')),
    mutant("an error quotes", "errors_quote_nothing", "quotes the export", ("a time {key!r} is none", "a time of {said} is none")),
    mutant("each JSON is claimed", "leaves_other_files_alone", "for an export", ("'{\"quill\": 3'", "'{'")),
    mutant("it prints", "reading_leaves_nothing_behind", "prints", ("    names = export.find", '    print("reading")\n    names = export.find')),
    mutant("the title is the id of a chat", "chats_are_told_apart_by_their_ids", "3 chats, of which two have one title, are 2", ('thread = _text(chat, "id", where)', 'thread = _text(chat, "title", where)')),
    mutant("all chats are one", "chats_are_told_apart_by_their_ids", "", ('"thread": thread,', '"thread": "all",')),
    mutant("seconds are lost", "nothing_is_lost", "times or authors differ", (TIME, '"ts": _time(message, "at", where).replace(second=0),')),
    mutant("times are 7 s late", "nothing_is_lost", "times or authors differ", (TIME, '"ts": _time(message, "at", where) + __import__("datetime").timedelta(seconds=7),')),
    mutant("answers are lost", "answers_lead_to_their_message", "has no reply_to", ('"answers"', '"answer"')),
    mutant("answers lead elsewhere", "answers_lead_to_their_message", "is not the msg_id of the message that is meant", ('_text(message, "answers", where, needed=False)', 'message.get("answers") and message["answers"] + "0"')),
    mutant("threads of answers are lost", "answers_lead_to_their_message", "has no thread_root", ('"under"', '"below"')),
    mutant("reactions are lost", "reactions_are_there", "instead of [1, 2]", ('_list(message, "reactions", where)', "[]")),
    mutant("edits are not marked", "edits_are_marked", "an edited message is not marked", (' if "edited" in message else None', ' if "editor" in message else None')),
    mutant("all kinds are text", "kinds_are_right", "stored as of kind 'text'", ('        "kind": kind,', '        "kind": "text" if kind in ("sticker", "call") else kind,'), ('json.dumps(message["data"]) if "data" in message', 'json.dumps(message["data"]) if "data" in message and kind != "call"')),
    mutant("names are in a column of its own", "columns_are_known", "there is no column 'sender'", ('"kind": kind,', '"kind": kind, "sender": message.get("by"),')),
    mutant("names of files are lost", "media_have_their_names", "not their names", ('{"name": _text(each, "name", where), "missing": True}', '{"missing": True}')),
    mutant("names are in facts", "reports_quote_nothing", "facts quotes the export", report('facts={"by": ", ".join(p.names[0] for p in people.values())}, left_out=left_out')),
    mutant("names are in notices", "reports_quote_nothing", "notices quotes the export", report('notices=[f"{p.names[0]} is here" for p in people.values()], left_out=left_out')),
    mutant("texts are in notices", "reports_quote_nothing", "notices quotes the export", report("left_out={k: v for k, v in left_out.items() if k != '_'}, notices=[m['text'] for m in left_out.get('_', []) if m.get('text')]"), REMEMBERING),
    mutant("recognise reads all of the file", "recognise_reads_little", "look at `export.head()`", ("    if any(export.head", "    export.path.is_file() and export.path.read_bytes()\n    if any(export.head")),
    mutant("a file stays open", "reading_leaves_nothing_behind", "a file is left open", ("    names = export.find", "    export.path.is_file() and export.path.open('rb').read(9)\n    names = export.find")),
]  # fmt: skip
"""What a source may do wrong: one of each kind."""

MORE = [
    mutant("a file stays open and is kept", "reading_leaves_nothing_behind", "files are open after reading", ("_BATCH = 500\n", "_BATCH = 500\n_OPEN = []\n"), ("    names = export.find", "    export.path.is_file() and _OPEN.append(export.path.open('rb'))\n    names = export.find")),
    mutant("a string names nothing", "registration_is_sound", "reed", (':read")', ':reed")')),
    mutant("it does not know its own", "recognises_its_exports", "not a chat export", ('"certain"', '"no"')),
    mutant("it does not say why", "recognises_its_exports", "say by what it is recognised", (', "the first words of its file"', "")),
    mutant("recognise returns a number", "leaves_other_files_alone", "give a Recognised", ('return Recognised("no")', "return 0")),
    mutant("kinds are its own", "messages_are_valid_ir", "none of text, media", ('        "kind": kind,', '        "kind": kind.upper(),')),
    mutant("what is left out is not counted", "counts_are_met", "holds something else than `counts` says", ('= left_out.get("messages of other kinds", 0) + 1', "= 0")),
    mutant("lines of the platform are dropped", "counts_are_met", "holds something else than `counts` says", dropping('kind == "system"')),
    mutant("only the first file of a folder is read", "counts_are_met", "holds something else than `counts` says", ("    yield rows\n\n\n", "        break\n    yield rows\n\n\n")),
    mutant("a text changes each time", "reading_again_adds_nothing", "read again, messages are others", text("str(__import__('time').time_ns())"), (ID, "")),
    mutant("people are in the order of a set", "reading_is_the_same_in_every_process", "another process reads it otherwise", ("people=people.values,", "people=lambda: [people[id_] for id_ in set(people)],")),
    mutant("wrong types are not looked for", "hostile_input_gives_typed_errors", "raise ExportError instead", ("    value = said.get(key) if isinstance(said, dict) else None", "    value = said[key] if needed else said.get(key)")),
    mutant("times that are none are not looked for", "hostile_input_gives_typed_errors", "ValueError", ("except (ValueError, OverflowError)", "except OverflowError")),
    mutant("lines of a text are joined", "bodies_of_several_lines_are_kept", "has another text", text('" ".join(text.split("\\n"))')),
    mutant("blank lines are dropped", "bodies_of_several_lines_are_kept", "has another text", text('text.replace("\\n\\n", "\\n")')),
    mutant("a zip is another thing", "folders_and_zips_read_as_files_do", "as a zip, it differs", ("    yield rows\n\n\n", "    yield rows[1:] if export.is_zip else rows\n\n\n")),
    mutant("ids count how many there are", "ids_survive_appending", "have changed", (ID, ""), text("f'{text}{export_size}'"), ("def _row(", "export_size = 0\n\n\ndef _row("), ("    rows: list[dict[str, Any]] = []", "    global export_size\n    export_size = export.size(names[0])\n    rows: list[dict[str, Any]] = []")),
    mutant("ids count from the last", "ids_survive_reordering", "messages are", COUNTER, (ID, '"msg_id": str(next(_N)),')),
    mutant("each export is of the same day", "newer_exports_count_in_either_order", "not the later export's", ("as_of=max(made, default=None)", "as_of=datetime(2099, 1, 1)")),
    mutant("edits are at another time", "edits_are_marked", "edited at another time", ('_time(message, "edited", where) if', '_time(message, "at", where) if')),
    mutant("reactions have no number", "reactions_are_there", "instead of [1, 2]", ('_list(message, "reactions", where)\n', '_list(message, "reactions", where)[:1]\n')),
    mutant("mentions are lost", "mentions_and_forwards_are_there", "0 mentions instead of 1", ('_list(message, "about", where)', '(_list(message, "about", where) if kind == "system" else [])')),
    mutant("forwards are not marked", "mentions_and_forwards_are_there", "a forwarded message is not marked", ('"from"', '"via"')),
    mutant("only the first file is kept", "media_have_their_names", "2 files, but not their names", ('_list(message, "files", where)\n', '_list(message, "files", where)[:1]\n')),
    mutant("data are lost", "data_is_there", "has no `data`", ('json.dumps(message["data"]) if "data" in message else None', "None")),
    mutant("data are others", "data_is_there", "has other `data`", ('json.dumps(message["data"])', 'json.dumps(message["data"] | ({"seconds": 60} if kind == "call" else {}))')),
    mutant("events are lost", "events_say_what_happened", "has the event None", ('"event": _text(message, "event", where, needed=False),', "")),
    mutant("events are about nobody", "events_say_what_happened", "does not say who", ('_list(message, "about", where)', '(_list(message, "about", where) if kind != "system" else [])')),
    mutant("events are somebody's", "events_say_what_happened", "has an author", ('needed=kind != "system"),', 'needed=kind != "system") or "u1",')),
    mutant("a name is the id of a person", "people_are_told_apart_by_their_ids", "people, of whom two have one name", ('"author": _text(message, "by", where, needed=kind != "system"),', '"author": _text(message, "by", where, needed=kind != "system") and f"u{int(message[\'by\'][1:]) % 3}",'), ("people=people.values,", "people=lambda: [Person(f'u{int(p.id[1:]) % 3}', p.names) for p in people.values()],")),
    mutant("people are called by their ids", "people_are_told_apart_by_their_ids", "an author has another name", ("people=people.values,", "people=lambda: [Person(p.id, [p.id]) for p in people.values()],")),
    mutant("who never writes is not told", "people_who_never_write_are_known", "missing in `Reading.people`", ("people=people.values,", "people=lambda: [p for p in people.values() if p.id != 'u9'],")),
    mutant("who never writes gets out", "no_name_gets_out", "holds a name after privacy", ("people=people.values,", "people=lambda: [p for p in people.values() if p.id != 'u9'],")),
    mutant("titles are not told", "chats_are_told_apart_by_their_ids", "a chat has another title", ("threads=threads.values,", "")),
    mutant("ids are not the platform's", "ids_of_messages_are_the_platforms", "give the platform's ids", (ID, '"msg_id": f"{message[\'id\']} {hash(message.get(\'text\'))}",')),
    mutant("reactions are nobody's", "reactions_are_there", "neither an author nor a count", (', "author": _text(each, "by", where)}', "}")),
    mutant("a file that was looked at stays open", "reading_leaves_nothing_behind", "a file is left open", ("    if any(export.head", "    export.path.is_file() and export.path.open('rb').read(9)\n    if any(export.head")),
    mutant("moments are taken for clock times", "times_are_moments_or_not", "the suite zoned = True", ("zoned=True", "zoned=False")),
    mutant("beginnings of texts are in notices", "reports_quote_nothing", "notices quotes the export", report("left_out={k: v for k, v in left_out.items() if k != '_'}, notices=[m['text'][:9] for m in left_out.get('_', []) if m.get('text')]"), REMEMBERING),
]  # fmt: skip
"""Others of the same kinds."""

LOGS = [
    mutant("the day is forgotten between pieces", "no_message_is_lost_between_chunks", "", ("        rows = []\n", "        rows = []\n        day = ''\n"), platform="scroll"),
    mutant("the rest of a line is forgotten between pieces", "no_message_is_lost_between_chunks", "messages are there", ("(rest + data)", "data"), platform="scroll"),
    mutant("a character is cut between pieces", "no_message_is_lost_between_chunks", "have another time or text", ('(rest + data).split(b"\\n")', '(rest + data.decode(errors="replace").encode()).split(b"\\n")'), platform="scroll"),
    mutant("the last line without an end is dropped", "no_message_is_lost_between_chunks", "", ('    yield [rest.decode(errors="replace")]\n', ""), ("file.read(_CHUNK)", "file.read(_CHUNK)[:-1]"), platform="scroll"),
    mutant("joins and leaves are dropped", "counts_are_met", "holds something else than `counts` says", ('                event = {"event"', '                continue\n                event = {"event"'), platform="scroll"),
    mutant("joins and leaves are dropped, and not in exports of the kit", "kinds_are_right", "a line about 'join'", ('                event = {"event"', '                continue\n                event = {"event"'), platform="scroll"),
    mutant("lines of other kinds are not counted", "counts_are_met", "holds something else than `counts` says", ("elif line:", "elif line is None:"), platform="scroll"),
    mutant("a text says where it stands", "ids_survive_trimming", "other ids", ('"text": found[3],', '"text": f"{found[3]}{len(rows)}",'), platform="scroll"),
]  # fmt: skip


ALL = [*MUTANTS, *LOGS, *MORE]


def _is_slow(case: Mutant) -> bool:
    """Tell whether it waits for CI: others of a kind, and what reads megabytes in a process of its own."""
    return case in MORE or case.test == "test_memory_is_bounded"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # some leave files open
@pytest.mark.parametrize(
    "case", [pytest.param(case, id=str(case), marks=[pytest.mark.slow] * _is_slow(case)) for case in ALL]
)
def test_mutants_fail(case: Mutant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each fails the test that is about what it does wrong, which says so."""
    made = _made(case, tmp_path, monkeypatch)
    with pytest.raises((Exception, pytest.fail.Exception)) as failed:
        _run(made, case.test, tmp_path / "here", monkeypatch)
    for file in vars(made.plugin).get("_OPEN", ()):
        file.close()
    assert case.says in str(failed.value)


def test_each_test_of_the_suite_has_a_mutant_that_fails_it() -> None:
    """No test is there that nothing fails."""
    tests = {name for name in dir(SourceConformance) if name.startswith("test_")}
    others = {
        "test_declarations_are_sound",  # it is about suites, see below
        "test_supports_what_its_exports_have",  # it skips, and never fails
    }
    assert {case.test for case in ALL} == tests - others


@pytest.mark.parametrize(
    ("declared", "says"),
    [
        ({"exports": ()}, "give `exports`"),
        ({"exports": (PLATFORMS / "gone.quill",), "counts": {}}, "not there: gone.quill"),
        ({"counts": {Path("club.quill"): {"text": 2}}}, "none of `exports`"),
        ({"supports": frozenset({"replies"})}, "`supports` has replies; there are chats, people"),
        ({"events": ("joined",)}, "`events` has joined; there are create, join"),
        ({"emoji": ()}, "leave `reaction` out of `supports`"),
        ({"precision": "hour"}, "precision is one of minute"),
        ({"chunk": "quill:_SIGNATURE"}, "is no number of a module"),
        ({"chunk": "quill:_GONE"}, "is no number of a module"),
        ({"chunk": "_BATCH"}, "is no number of a module"),
    ],
)
def test_slips_of_a_suite_are_told(declared: dict[str, object], says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What declares nothing that there is would leave out tests in silence."""
    suite = type("Suite", (QuillConformance,), {"plugin": quill, **declared})()
    with pytest.raises(AssertionError, match=re.escape(says)):
        suite.test_declarations_are_sound(monkeypatch)


@pytest.mark.parametrize("name", ["_ids", "chat", "task", "benches"])
def test_a_helper_of_the_name_of_one_of_the_suite_is_refused(name: str) -> None:
    """Else the suite would call it instead of its own, and fail in a place where nobody looks."""
    with pytest.raises(TypeError, match=f"Suite has {name}, and so has the suite.*another name"):
        type("Suite", (QuillConformance,), {name: lambda _: None})


@pytest.mark.parametrize(
    ("platform", "declared", "tests"),
    [
        ("scroll", {"timed_events": False}, ("test_nothing_is_lost", "test_events_say_what_happened")),
        ("quill", {"timed_events": False}, ("test_nothing_is_lost", "test_events_say_what_happened")),
        (
            "quill",
            {"emoji": ("\u2764\ufe0f",)},
            ("test_reactions_are_there", "test_newer_exports_count_in_either_order"),
        ),
    ],
)
def test_a_platform_may_say_less(
    platform: str,
    declared: dict[str, object],
    tests: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A good source passes where lines about people have the time of the line before them, or all reactions are one."""
    module = {"quill": quill, "scroll": scroll}[platform]
    suite = type("Suite", (SUITES[platform],), {"plugin": module, **declared})()
    for test in tests:
        _run(suite, test, tmp_path / test, monkeypatch)


def _made(case: Mutant, directory: Path, monkeypatch: pytest.MonkeyPatch) -> SourceConformance:
    """Return the suite of a mutant, which can be imported until the test ends."""
    source = (PLATFORMS / f"{case.platform}.py").read_text(encoding="utf-8")
    for old, new in case.edits:
        assert source.count(old) == 1, f"{old!r} is there {source.count(old)} times"
        source = source.replace(old, new)
    name = f"{case.platform}_mutant"
    (directory / f"{name}.py").write_text(source, encoding="utf-8")
    monkeypatch.syspath_prepend(directory)
    monkeypatch.delitem(sys.modules, name, raising=False)
    module: ModuleType = importlib.import_module(name)
    chunk = f"{name}:_CHUNK" if case.platform == "scroll" else f"{name}:_BATCH"
    suite: SourceConformance = type("Suite", (SUITES[case.platform],), {"plugin": module, "chunk": chunk})()
    return suite


def _run(suite: SourceConformance, test: str, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Call a test of a suite as pytest does, for each of its exports."""
    directory.mkdir()
    function = getattr(suite, test)
    names = inspect.signature(function).parameters
    for number, export in enumerate(suite.exports if "export" in names else suite.exports[:1]):
        here = directory / str(number)
        here.mkdir()
        given = {"tmp_path": here, "export": export, "monkeypatch": monkeypatch, "benches": suite.new_benches(here)}
        given["conformance_directory"] = here
        if "conformance_input" in names:
            given["conformance_input"] = suite.prepare(here)
        function(**{name: given[name] for name in names})
