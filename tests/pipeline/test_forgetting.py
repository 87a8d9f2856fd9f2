"""`forget`: what it promises is literally true of every table, of the file's bytes and of the pages."""

import shutil
import stat
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import duckdb
import pytest
from egregora_core.messages import pseudonym
from egregora_core.session import open_database
from support import egregora
from terminals import Terminal

SOLO = """01/03/2024, 18:58 - Ana Reis: hello there #zebra
01/03/2024, 19:58 - Zoe Quark: hi to you #quokka
14/03/2024, 19:58 - Ana Reis: fine
"""
OTHER = """01/03/2024, 18:58 - Ana Reis: hello again #lion
01/03/2024, 19:58 - Bob Stone: who has met Zoe Quark?
14/03/2024, 19:58 - Ana Reis: Zoe said so
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of two chats: Zoe wrote in one and is named in the other."""
    base = tmp_path_factory.mktemp("made")
    for title, text in (("Solo", SOLO), ("Other", OTHER)):
        (base / f"WhatsApp Chat with {title}.txt").write_text(text, encoding="utf-8")
    files = [path.name for path in base.glob("*.txt")]
    egregora("run", *files, "--timezone", "UTC", "--date-order", "dmy", cwd=base, code=0)
    for file in base.glob("*.txt"):
        file.unlink()
    return base


@pytest.fixture
def here(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "w"))


def _ids(workspace: Path, what: str, where: str) -> list[str]:
    with open_database(_file(workspace), read_only=True) as db:
        return [str(value) for (value,) in db.execute(f"SELECT DISTINCT {what} FROM ir_messages WHERE {where}")]


def _file(workspace: Path) -> Path:
    return workspace / ".egregora" / "egregora.duckdb"


def _change(workspace: Path, *statements: str) -> None:
    with duckdb.connect(_file(workspace)) as connection:
        for statement in statements:
            connection.execute(statement)


def _traces(workspace: Path, ids: Sequence[str], words: Sequence[str] = ()) -> list[tuple[str, str]]:
    """Return which file has which id (as text, its first eight digits or its sixteen bytes in any order) or word."""
    wanted = {word: [word.encode()] for word in words}
    for each in ids:
        raw = UUID(each).bytes
        flipped = bytes([raw[0] ^ 0x80]) + raw[1:8]  # how the engine orders uuids
        wanted[each] = [each[:8].encode(), raw, raw[:8][::-1], raw[8:][::-1], flipped, flipped[::-1]]
    return [
        (str(path.relative_to(workspace)), what)
        for path in sorted(workspace.rglob("*"))
        if path.is_file()
        for what, forms in wanted.items()
        if any(form in path.read_bytes() for form in forms)
    ]


CHOICES: list[tuple[list[str], str, list[str]]] = [
    (["--author", "Zoe Quark"], "author_raw = 'Zoe Quark'", ["Zoe", "Quark", "quokka"]),
    (["--thread", "Solo"], "attrs->>'thread' = 'Solo'", ["Zoe", "Quark", "quokka", "zebra", "Solo"]),
    (["--source", "whatsapp"], "true", ["Zoe", "quokka", "zebra", "Ana", "Solo"]),
]


@pytest.mark.slow  # whole runs, again and again
@pytest.mark.parametrize(("choice", "where", "words"), CHOICES, ids=["author", "thread", "source"])
def test_nothing_in_the_workspace_holds_what_was_forgotten(
    choice: list[str], where: str, words: list[str], here: Path
) -> None:
    """No id, no name, no text: in no table and no page, nor in the file's bytes, at once and after the next run."""
    ids = {*_ids(here, "event_id", where), *(_ids(here, "author_uuid", "author_raw = 'Zoe Quark'"))}
    if "--author" not in choice:
        ids |= {*_ids(here, "thread_id", where)}
    assert len(_traces(here, [*ids], words)) >= len(words)

    egregora("forget", *choice, "--yes", cwd=here, code=0)
    assert _traces(here, [*ids], words) == []
    egregora("run", cwd=here)
    assert _traces(here, [*ids], words) == []


@pytest.mark.slow  # several whole commands
def test_tables_of_plugins_are_looked_into_whatever_they_are_called(here: Path) -> None:
    """Rows about somebody who is gone go with them, in whatever column and type the id stands; others stay."""
    (zoe,), (ana,) = (_ids(here, "author_uuid", f"author_raw = '{name}'") for name in ("Zoe Quark", "Ana Reis"))
    (thread,) = _ids(here, "thread_id", "attrs->>'thread' = 'Solo'")
    (event,) = _ids(here, "event_id", "text LIKE '%quokka%'")
    _change(
        here,
        'CREATE TABLE "x odd" ("a b" UUID, n INTEGER)',
        f"INSERT INTO \"x odd\" VALUES ('{zoe}', 1), ('{ana}', 2), ('{thread}', 3)",
        "CREATE TABLE y_json (j JSON)",
        f"""INSERT INTO y_json VALUES ('{{"who":["{zoe.upper()}"]}}'), ('{{"who":["{ana}"]}}')""",
        "CREATE TABLE z_list (l VARCHAR[])",
        f"INSERT INTO z_list VALUES (['x', '{pseudonym(zoe)}']), (['{pseudonym(ana)}'])",
        "CREATE TABLE stage_kept (k VARCHAR)",
        f"INSERT INTO stage_kept VALUES ('m/{event}'), ('{zoe.replace('-', '')}'), ('w/{thread}/1')",
    )

    egregora("forget", "--author", pseudonym(zoe), "--yes", cwd=here, code=0)

    with open_database(_file(here), read_only=True) as db:
        assert db.execute('SELECT n FROM "x odd" ORDER BY 1') == [(2,), (3,)]
        assert db.execute("SELECT j->>'$.who[0]' FROM y_json") == [(ana,)]
        assert db.execute("SELECT l FROM z_list") == [([pseudonym(ana)],)]
        assert db.execute("SELECT k FROM stage_kept") == [(f"w/{thread}/1",)]
    assert _traces(here, [zoe, event]) == []


@pytest.mark.slow  # several whole commands
def test_what_is_recorded_of_a_reading_loses_the_ids(here: Path) -> None:
    """Zones by chat, failures by unit, words of an error: what else is recorded there stays."""
    (thread,) = _ids(here, "thread_id", "attrs->>'thread' = 'Solo'")
    (zoe,) = _ids(here, "author_uuid", "author_raw = 'Zoe Quark'")
    facts = f'{{"timezones":{{"{thread}":"Asia/Tokyo"}},"failures":[["{zoe}","ValueError"]],"unit":"{zoe}","n":1}}'
    _change(here, f"UPDATE runs SET attrs = '{facts}', error = 'unit {zoe} failed' WHERE stage = 'profiles'")

    egregora("forget", "--thread", thread, "--yes", cwd=here, code=0)

    with open_database(_file(here), read_only=True) as db:
        ((attrs, error),) = db.execute("SELECT attrs::VARCHAR, error FROM runs WHERE stage = 'profiles'")
    assert attrs == '{"timezones": {}, "failures": [["ValueError"]], "n": 1}'
    assert error == "unit [name] failed"
    assert _traces(here, [thread, zoe]) == []


def test_a_reply_to_what_is_gone_answers_nothing(here: Path) -> None:
    """The pointer goes, in the messages and in what stages made of them; the reply stays."""
    (event,) = _ids(here, "event_id", "text LIKE '%quokka%'")
    pointing = f'json_merge_patch(attrs, \'{{"reply_to":"{event}","thread_root":"{event}"}}\')'
    _change(
        here,
        *(f"UPDATE {table} SET attrs = {pointing} WHERE text = 'fine'" for table in ("ir_messages", "stage_privacy")),
    )

    egregora("forget", "--author", "Zoe Quark", "--yes", cwd=here, code=0)

    with open_database(_file(here), read_only=True) as db:
        for table in ("ir_messages", "stage_privacy"):
            keys = f"SELECT DISTINCT json_keys(attrs) FROM {table} WHERE text = 'fine'"
            assert db.execute(keys) == db.execute(f"SELECT DISTINCT json_keys(attrs) FROM {table} WHERE text <> 'fine'")


@pytest.mark.slow  # several commands, or many cases
def test_every_document_of_a_chat_goes_that_somebody_forgotten_wrote_in(here: Path) -> None:
    """Also the profiles of those who answered: they were written from that chat. The next run writes them again."""
    egregora("forget", "--author", "Bob Stone", "--yes", cwd=here, code=0)
    with open_database(_file(here), read_only=True) as db:
        assert db.execute("SELECT kind, count(*) FROM documents GROUP BY 1 ORDER BY 1") == [("post", 2), ("profile", 1)]
    egregora("run", cwd=here, code=0)
    with open_database(_file(here), read_only=True) as db:
        assert db.execute("SELECT kind, count(*) FROM documents GROUP BY 1 ORDER BY 1") == [("post", 4), ("profile", 2)]


# --- asking ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("option", ["--author", "--thread", "--source"])
@pytest.mark.parametrize("yes", [[], ["--yes"]])
def test_what_is_not_there_is_told_before_anybody_is_asked(option: str, yes: list[str], here: Path) -> None:
    """In a pipe as well: the answer is the same, and nothing was opened for writing."""
    before = _file(here).stat().st_mtime_ns
    said = egregora("forget", option, "Nobody", *yes, cwd=here, code=2).stderr
    assert said.startswith("error: no ")
    assert "--yes" not in said
    assert _file(here).stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("key", "code", "told"), [(b"\x03", 130, "interrupted; nothing was removed"), (b"n\n", 1, "nothing was removed")]
)
def test_whoever_does_not_say_yes_removes_nothing(key: bytes, code: int, told: str, here: Path) -> None:
    """The question says how much it is about; Ctrl-C and a no end with one line that says so."""
    terminal = Terminal(["-m", "egregora_core", "forget", "--author", "Zoe Quark"], cwd=here, columns=100)
    assert terminal.until(lambda: b"[y/N]" in terminal.seen)
    asked = terminal.lines()
    terminal.press(key)
    assert asked == ["Remove 1 message of author 'Zoe Quark', and 4 documents, for good? [y/N]"]
    assert terminal.code() == code
    assert "".join(terminal.lines()).partition("[y/N]")[2].strip() == told
    assert b"Aborted" not in terminal.seen
    assert _ids(here, "event_id", "author_raw = 'Zoe Quark'")


# --- interrupted ----------------------------------------------------------------------------------------------------


def _copy(workspace: Path) -> Path:
    return Path(shutil.copytree(workspace, workspace.with_name("copy")))


def _fails(monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "disk")

    monkeypatch.setattr(where, full)


@pytest.mark.slow  # whole runs, again and again
@pytest.mark.parametrize(
    ("where", "told", "left"),
    [
        ("egregora_core.pipeline._forgetting.strike_out", "before it removed anything: give it again", 1),
        ("egregora_core.session._opening.compact_database", "after it had removed the messages", 0),
    ],
)
def test_the_next_run_finishes_a_forget_that_broke_off_or_says_that_it_did_nothing(
    where: str, told: str, left: int, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its mark is the owner's alone; commands that do neither leave it where it is."""
    marker = here / ".egregora" / "forgetting"
    with monkeypatch.context() as patched:
        _fails(patched, where)
        egregora("forget", "--author", "Zoe Quark", "--yes", cwd=here, code=1)
    assert stat.S_IMODE(marker.stat().st_mode) == 0o600
    egregora("forget", "--author", "Zoee", "--yes", cwd=_copy(here), code=2 if left else 0)
    egregora("runs", "prune", cwd=here, code=0)
    egregora("run", "--dry-run", cwd=here, code=0)
    assert marker.exists()

    assert told in egregora("run", cwd=here, code=0).stderr

    assert not marker.exists()
    assert bool(_traces(here, [], ["quokka"])) == bool(left)
    assert len(_ids(here, "event_id", "author_raw = 'Zoe Quark'")) == left
    assert "forget" not in egregora("run", cwd=here, code=0).stderr
