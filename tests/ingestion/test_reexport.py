"""A longer export of a chat that was read before: only its rest is read, with the same result as reading all of it.

Each test reads a long chat three times, as it comes and whole: those about rarer forms are slow by that, and CI's.
"""

import json
import random
import shutil
import unicodedata
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from egregora_core.errors import ExportError
from egregora_core.pipeline import run_ingestion
from egregora_core.plugins import App
from egregora_core.session import Command, RunOptions
from egregora_core.settings import load_settings
from egregora_core.tracking import Run, RunStore
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

START = datetime(2024, 1, 1, 8, 0)  # noqa: DTZ001 - a phone's wall clock
COUNT = 12_000
"""Messages of a chat that is long enough to go on from: some 550 KB."""
NAMES = ("Ana", "Bruno", "Work: Carla", "+55 11 91234-5678")
WORDS = ("see you", "ok", "the train is late again", "who brings: cake, tea", "não sei 😂", "note: milk", "yes\nand no")


def android(moment: datetime, author: str, text: str) -> str:
    return f"{moment:%d/%m/%Y, %H:%M} - {author}: {text}\n"


def ios(moment: datetime, author: str, text: str) -> str:
    mark = "\u200e" if author == "Hikers" else ""
    return f"[{moment:%d/%m/%Y, %H:%M:%S}] {author}: {mark}{text}\n"


COLUMNS = "event_id, msg_id, epoch_us(ts) AS stamp, seq, author_raw, text, attrs"
Line = Callable[[datetime, str, str], str]


def chat(
    count: int = COUNT,
    *,
    line: Line = android,
    start: datetime = START,
    names: Sequence[str] = NAMES,
    step: int = 40,
    seed: int = 1,
) -> list[str]:
    """Return messages with the header of one locale, `step` seconds apart on average."""
    dice, now, lines = random.Random(seed), start, []
    for number in range(count):
        now += timedelta(seconds=dice.randrange(2 * step))
        text = f"{dice.choice(WORDS)} {number % 50}" if dice.random() < 0.8 else "ok"
        lines.append(line(now, dice.choice(names), text))
    return lines


def later(lines: list[str], line: Line = android, names: Sequence[str] = NAMES, count: int = 90) -> list[str]:
    """Return what was written in the month after."""
    return [*lines, *chat(count, line=line, start=datetime(2024, 2, 1), names=names, seed=2)]  # noqa: DTZ001 - as above


@dataclass
class Shelf:
    """A workspace whose exports all claim to be one chat."""

    root: Path
    name: str = "WhatsApp Chat with Hikers.txt"
    encoding: str = "utf-8"

    def write(self, lines: Sequence[str]) -> Path:
        path = self.root / self.name
        text = "".join(lines).encode(self.encoding)
        if path.suffix == ".zip":
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("_chat.txt", text)
        else:
            path.write_bytes(text)
        return path

    def ingest(self, lines: Sequence[str], timezone: str = "America/Sao_Paulo", **options: Any) -> Run:
        """Read an export; return the run that read it."""
        app = App([], discover=False)
        loaded = load_settings(self.root, app)
        run_ingestion(Command(app, loaded, RunOptions(timezone=timezone, **options)), [self.write(lines)])
        with duckdb.connect(self.root / ".egregora" / "egregora.duckdb") as connection:
            connection.execute("SET TimeZone = 'UTC'")
            return RunStore(connection).completed("default", "ingestion")[0]

    def twin(self) -> "Shelf":
        """Return a copy of the workspace as it is, secret included."""
        root = self.root.parent / f"{self.root.name}-twin"
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(self.root, root)
        return Shelf(root, self.name, self.encoding)

    def messages(self) -> list[tuple[Any, ...]]:
        with duckdb.connect(self.root / ".egregora" / "egregora.duckdb", read_only=True) as connection:
            return connection.execute(f"SELECT {COLUMNS} FROM ir_messages ORDER BY ALL").fetchall()

    def authors(self) -> set[str]:
        with duckdb.connect(self.root / ".egregora" / "egregora.duckdb", read_only=True) as connection:
            return {
                author for (author,) in connection.execute("SELECT DISTINCT author_raw FROM ir_messages").fetchall()
            }

    def check(self, lines: Sequence[str], **options: Any) -> Run:
        """Read an export as it comes and, in a copy, all of it; both must come out the same. Return the former run."""
        twin = self.twin()
        run, whole = self.ingest(lines, **options), twin.ingest(lines, force=frozenset({"ingestion"}), **options)
        assert not whole.attrs.get("continued")
        assert self.differs_from(twin) == []
        for name in ("headers", "template", "date_order", "platform"):
            assert run.attrs["facts"][name] == whole.attrs["facts"][name], name
        return run

    def differs_from(self, twin: "Shelf") -> list[tuple[Any, ...]]:
        """Return the first messages that only one of two workspaces holds, or one holds more often."""
        with duckdb.connect() as connection:
            for name, each in (("mine", self), ("other", twin)):
                file = each.root / ".egregora" / "egregora.duckdb"
                connection.execute(f"ATTACH '{file}' AS {name} (READ_ONLY)")
            mine, other = (f"SELECT {COLUMNS} FROM {name}.ir_messages" for name in ("mine", "other"))
            return connection.execute(f"""
                (SELECT 'mine', * FROM ({mine} EXCEPT ALL {other}) LIMIT 3)
                UNION ALL (SELECT 'other', * FROM ({other} EXCEPT ALL {mine}) LIMIT 3)
            """).fetchall()


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    (tmp_path / "ws").mkdir()
    return Shelf(tmp_path / "ws")


@pytest.fixture(scope="module")
def first_read(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    root = tmp_path_factory.mktemp("first") / "ws"
    root.mkdir()
    shelf = Shelf(root)
    shelf.ingest(chat())
    return shelf


@pytest.fixture
def known(first_read: Shelf, tmp_path: Path) -> Shelf:
    """A workspace of the test's own in which `chat()` has been read: most stories begin there."""
    return Shelf(Path(shutil.copytree(first_read.root, tmp_path / "ws")))


@pytest.mark.slow
def test_only_the_rest_is_read(shelf: Shelf) -> None:
    """One percent more messages: little more than that is parsed."""
    old = chat(2 * COUNT)
    assert shelf.ingest(old).rows_in == 2 * COUNT

    run = shelf.check(later(old))

    assert run.attrs["continued"]
    assert run.attrs["added"] == 90
    assert run.rows_in is not None
    assert 90 < run.rows_in < 2 * COUNT // 3
    assert run.rows_out == 2 * COUNT + 90


@pytest.mark.slow  # several whole commands
def test_what_a_reading_leaves_for_the_next_one_names_nobody(known: Shelf) -> None:
    """Who wrote is noted as places in the text: no name and no text ever enters `runs`."""
    run = known.ingest(later(chat()))

    facts = json.dumps(run.attrs, ensure_ascii=False)
    text = known.write(later(chat())).read_bytes()
    assert run.attrs["continued"]
    assert not [name for name in NAMES if name in facts]
    named = {text[start : start + length].decode() for start, length, _ in run.attrs["facts"]["name_places"]}
    assert named == set(NAMES)


@pytest.mark.slow
def test_a_continued_reading_can_be_continued(shelf: Shelf) -> None:
    """Week after week only the last part is read."""
    lines = chat(2 * COUNT)
    shelf.ingest(lines)
    for week in range(2):
        lines = [*lines, *chat(300, start=START + timedelta(days=30 + 7 * week), seed=week)]
        run = shelf.check(lines)
        assert run.attrs["continued"]
        assert run.rows_in is not None
        assert run.rows_in < COUNT


@pytest.mark.slow  # several whole commands
def test_an_edit_near_the_end_costs_little(known: Shelf) -> None:
    """What was edited or deleted lately lies in the rest, and is found there."""
    old = chat()
    new = later(old)
    new[COUNT - 40] = new[COUNT - 40].replace("\n", " <This message was edited>\n", 1)

    run = known.check(new)

    assert run.attrs["updated"] == 1


@pytest.mark.slow  # several whole commands
def test_an_edit_in_the_beginning_makes_all_be_read(known: Shelf) -> None:
    """Nothing is missed that changed in what is there already."""
    old = chat()
    new = later(old)
    new[10] = new[10].replace("\n", " <This message was edited>\n", 1)

    run = known.check(new)

    assert not run.attrs.get("continued")
    assert run.attrs["updated"] == 1


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_any_encoding_can_be_continued(shelf: Shelf, encoding: str) -> None:
    """What counts are the characters."""
    shelf.encoding = encoding
    old = chat()
    shelf.ingest(old)

    assert shelf.check(later(old)).attrs["continued"]


@pytest.mark.slow
def test_line_ends_of_any_kind_can_be_continued(shelf: Shelf) -> None:
    r"""An export with `\\r\\n` is longer as a file than as text."""
    old = [line.replace("\n", "\r\n") for line in chat()]
    shelf.ingest(old)

    assert shelf.check([*old, *(line.replace("\n", "\r\n") for line in later([]))]).attrs["continued"]


@pytest.mark.slow
def test_a_zip_can_be_continued(tmp_path: Path) -> None:
    """The text counts, not how it is packed."""
    (tmp_path / "ws").mkdir()
    shelf = Shelf(tmp_path / "ws", "WhatsApp Chat - Hikers.zip")
    old = chat()
    shelf.ingest(old)

    assert shelf.check(later(old)).attrs["continued"]


@pytest.mark.slow
def test_the_app_is_recognised_in_the_rest(shelf: Shelf) -> None:
    """On iOS the app writes under the group's name: in the rest, too, and who joins there is an author."""
    names = (*NAMES, "Hikers")
    first = ios(START, "Hikers", "Messages and calls are end-to-end encrypted. No one outside of this chat can read.")
    old = [first, *chat(line=ios, names=names)]
    shelf.ingest(old)

    run = shelf.check(later(old, ios, (*names, "Dana", "Work: Eva")))

    assert run.attrs["continued"]
    authors = shelf.authors()
    assert {"Dana", "Work: Carla", ""} <= authors
    assert "Hikers" not in authors


@pytest.mark.slow
def test_a_known_author_who_lists_things_keeps_the_name(known: Shelf) -> None:
    """Someone whose every message in the rest goes on with another colon has no longer a longer name."""
    old = chat()
    moment = datetime(2024, 2, 1, 9)  # noqa: DTZ001 - as above
    lists = [android(moment + timedelta(minutes=n), "Dora", f"Shopping: {word}") for n, word in enumerate("abcdef")]

    first = known.check([*old, *lists[:1]])
    run = known.check([*old, *lists[:1], android(moment + timedelta(hours=1), "Dora", "hello"), *lists[1:]])

    assert first.attrs["continued"]
    assert run.attrs["continued"]
    assert "Dora: Shopping" not in known.authors()


@pytest.mark.slow
def test_a_clock_that_goes_back_makes_all_be_read(known: Shelf) -> None:
    """A message that equals one long before, stamp included, is another message."""
    old = chat()
    again = next(line for line in old[COUNT // 3 :] if line.endswith(": ok\n"))

    run = known.check([*later(old), again])

    assert not run.attrs.get("continued")
    assert run.attrs["added"] == 91


@pytest.mark.slow
def test_a_day_on_which_clocks_change_is_no_place_to_go_on_from(shelf: Shelf) -> None:
    """There an hour occurs twice, and the phone's clock does not tell what comes first."""
    zone = {"timezone": "America/New_York"}
    old = chat(start=datetime(2024, 11, 3, 0, 0), step=4)  # noqa: DTZ001 - as above
    shelf.ingest(old, **zone)

    run = shelf.check([*old, *chat(90, start=datetime(2024, 11, 4), seed=3)], **zone)  # noqa: DTZ001 - as above

    assert not run.attrs.get("continued")


def with_two_files() -> list[str]:
    """Return a chat that names two files, of which an export may lack any."""
    old = chat()
    for place, name in enumerate(("IMG-20240101-WA0001.jpg", unicodedata.normalize("NFD", "Café.pdf"))):
        old[20 + place] = android(START, "Ana", f"{name} (file attached)")
    return sorted(old)


@pytest.fixture(scope="module")
def first_with_files(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    root = tmp_path_factory.mktemp("files") / "ws"
    root.mkdir()
    (root / "recipe.pdf").write_bytes(b"cake")
    shelf = Shelf(root)
    shelf.ingest(with_two_files())
    return shelf


@pytest.fixture
def with_files(first_with_files: Shelf, tmp_path: Path) -> Shelf:
    return Shelf(Path(shutil.copytree(first_with_files.root, tmp_path / "ws")))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["IMG-20240101-WA0001.jpg", "Café.pdf"])
def test_media_that_come_later_are_found(with_files: Shelf, name: str) -> None:
    """A file that was missing belongs to a message that may stand anywhere.

    A chat may write `é` as two characters, and the file system as one.
    """
    (with_files.root / name).write_bytes(b"image")

    run = with_files.check(later(with_two_files()))

    assert not run.attrs.get("continued")
    assert run.attrs["updated"] == 1


@pytest.mark.slow
def test_aliases_hold_in_the_rest(shelf: Shelf) -> None:
    """The rest is stored under the same names; with other aliases all is read."""
    config = shelf.root / "egregora.toml"
    config.write_text('[authors.aliases]\nCarla = ["Work: Carla"]\n', encoding="utf-8")
    old = chat()
    shelf.ingest(old)

    assert shelf.check(later(old)).attrs["continued"]
    assert "Work: Carla" not in shelf.authors()

    config.write_text('[authors.aliases]\nCarla = ["Work: Carla"]\nAnna = ["Ana"]\n', encoding="utf-8")
    assert not shelf.check([*later(old), *later([])]).attrs.get("continued")


@pytest.mark.slow
def test_a_table_that_was_changed_from_outside_makes_all_be_read(known: Shelf) -> None:
    """What is not there any more was not read."""
    old = chat()
    with duckdb.connect(known.root / ".egregora" / "egregora.duckdb") as connection:
        connection.execute("SET TimeZone = 'UTC'; DELETE FROM ir_messages WHERE ts < '2024-01-02'")

    run = known.check(later(old))

    assert not run.attrs.get("continued")
    assert run.rows_out == COUNT + 90


@pytest.mark.slow  # several whole commands
def test_replace_reads_all(known: Shelf) -> None:
    """Who asks for a chat to be read again gets just that."""
    old = chat()

    run = known.ingest(later(old), replace=True)

    assert not run.attrs.get("continued")
    assert run.rows_out == COUNT + 90


@pytest.mark.slow
def test_files_that_no_message_names_change_nothing(with_files: Shelf) -> None:
    """A folder of downloads holds, and gets, much that no old message lacks, the media of new messages among it."""
    (with_files.root / "invoice.pdf").write_bytes(b"money")
    (with_files.root / "IMG-20240301-WA0001.jpg").write_bytes(b"image")
    moment = datetime(2024, 3, 1)  # noqa: DTZ001 - as above

    run = with_files.check(
        [*later(with_two_files()), android(moment, "Ana", "IMG-20240301-WA0001.jpg (file attached)")]
    )

    assert run.attrs["continued"]
    assert "recipe" not in json.dumps(run.attrs)


@pytest.mark.slow
def test_a_chat_whose_name_says_nothing_tells_the_app_by_its_first_line(tmp_path: Path) -> None:
    """Between two people the app writes under the name of one; who that is stands in the export's first line."""
    (tmp_path / "ws").mkdir()
    shelf, names = Shelf(tmp_path / "ws", "_chat.txt"), ("Ana", "Bruno")
    notice = (
        "\u200eMessages and calls are end-to-end encrypted. No one outside of this chat can read or listen to them."
    )
    old = [ios(START, "Ana", notice), *chat(line=ios, names=names)]
    shelf.ingest(old, thread="Ana")
    moment = datetime(2024, 3, 1)  # noqa: DTZ001 - as above

    run = shelf.check(
        [*later(old, ios, names), ios(moment, "Ana", "\u200eYour security code with Ana changed.")], thread="Ana"
    )

    assert run.attrs["continued"]
    assert ("", "Your security code with Ana changed.") in {(author, text) for *_, author, text, _ in shelf.messages()}


@pytest.mark.slow
def test_a_longer_name_may_show_in_the_rest(known: Shelf) -> None:
    """One message of `Home: Eva` is one of `Home`; many of them tell who she is."""
    old = chat()
    moment = datetime(2024, 2, 2)  # noqa: DTZ001 - as above
    more = [*later(old), android(moment, "Home: Eva", "hello")]
    known.check(more)

    run = known.check([*more, *chat(90, start=moment + timedelta(days=1), names=("Ana", "Home: Eva"))])

    assert not run.attrs.get("continued")
    assert "Home: Eva" in known.authors()


@pytest.mark.slow
def test_a_number_in_marks_is_somebody_who_is_known(shelf: Shelf) -> None:
    """Names are stored without the marks that exports put around phone numbers."""
    number = "\u202a+55\u00a011\u00a091234\u20115678\u202c"
    old = [
        *chat(COUNT // 3, line=ios, names=("Ana",)),
        *chat(line=ios, names=("Ana", number), start=START + timedelta(2)),
    ]
    shelf.ingest(old)
    moment = datetime(2024, 2, 1, 9)  # noqa: DTZ001 - as above
    lists = [ios(moment + timedelta(minutes=n), number, f"Shopping: {word}") for n, word in enumerate("abcdef")]

    shelf.check([*old, *chat(COUNT // 2, line=ios, names=("Ana",), start=START + timedelta(20))])
    shelf.check([*old, *chat(COUNT // 2, line=ios, names=("Ana",), start=START + timedelta(20)), *lists])

    assert not {author for *_, author, _, _ in shelf.messages() if "Shopping" in author}


@pytest.mark.slow  # several whole commands
@pytest.mark.parametrize("first", ["same", "given"])
def test_dates_in_another_order_make_all_be_read(shelf: Shelf, first: str) -> None:
    """What the rest tells of the order of all dates is heard; the chat is refused then, as it would be without rest."""

    def line(moment: datetime, author: str, text: str) -> str:
        return f"{moment:%m/%d/%Y, %H:%M} - {author}: {text}\n"

    start = datetime(2024, 5, 5, 0, 1)  # noqa: DTZ001 - as above
    old = chat(line=line, start=start, step=1 if first == "same" else 15)
    shelf.ingest(old, **({"date_order": "DMY"} if first == "given" else {}))
    before = shelf.messages()

    with pytest.raises(ExportError, match="date order"):
        shelf.ingest([*old, *chat(90, line=line, start=start + timedelta(days=9))])
    assert shelf.messages() == before


@pytest.mark.slow
def test_headers_are_told_from_pasted_ones_as_in_all_of_the_text(shelf: Shelf) -> None:
    """Where hours are written with and without a zero is decided by the lines that decide it when all is read."""

    def line(moment: datetime, author: str, text: str) -> str:
        return f"{moment:%d/%m/%Y}, {moment.hour}:{moment:%M} - {author}: {text}\n"

    def is_late(header: str) -> bool:
        return int(header[12:].partition(":")[0]) > 9 or header[:5] > "10/01"

    old = [each for each in chat(4 * COUNT, line=line, step=60) if is_late(each)]
    shelf.ingest(old)
    new = [*old, *chat(3000, line=line, start=datetime(2024, 3, 1))]  # noqa: DTZ001 - as above
    new[-100] += "01/01/2024, 08:30 - Pasted: x\n"

    shelf.check(new)


@pytest.mark.slow
@pytest.mark.parametrize("place", [100, COUNT - 10])
def test_lines_in_another_style_are_judged_as_in_all_of_the_text(shelf: Shelf, place: int) -> None:
    """A lost comma before and behind the place to go on from, and a paste: the table is the same."""

    def without(line: str) -> str:
        return line.replace(",", "", 1)

    old = chat()
    old[place] += "01/01/2020 08:30 - Pasted: x\n"
    shelf.ingest(old)
    new = later(old)
    new[-5:] = map(without, new[-5:])

    shelf.check(new)


@pytest.mark.slow
def test_an_app_that_marks_what_it_writes_did_so_in_the_rest(shelf: Shelf) -> None:
    """Marks that only stand in what is left out still tell that `image omitted` without one was typed."""
    old = chat(line=ios)
    when = datetime.strptime(old[8000][1:21], "%d/%m/%Y, %H:%M:%S")  # noqa: DTZ007 - as above
    old[8000] = ios(when, "Ana", "\u200eimage omitted")
    shelf.ingest(old)
    moment = datetime(2024, 3, 1)  # noqa: DTZ001 - as above

    shelf.check([*later(old, ios), ios(moment, "Ana", "image omitted")])


def test_a_last_header_without_a_day_is_no_message(shelf: Shelf) -> None:
    """30 February ends an export as it may stand anywhere else."""
    shelf.ingest([*chat(3000), "30/02/2024, 10:00 - Ana: x\n"])

    assert len(shelf.messages()) == 3000


@pytest.mark.slow  # a fuzz over whole readings
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_changed_comes_out_as_if_all_were_read(first_read: Shelf, tmp_path: Path, data: st.DataObject) -> None:
    """Edits, deletions and insertions at any place, and more behind: continued or not, the table is the same."""
    root = tmp_path / "ws"
    shutil.rmtree(root, ignore_errors=True)
    shelf = Shelf(Path(shutil.copytree(first_read.root, root)))
    new = later(chat(), count=data.draw(st.integers(0, 40)))
    for _ in range(data.draw(st.integers(0, 2))):
        place = COUNT - data.draw(st.integers(10, 8000))
        match data.draw(st.sampled_from(["edit", "delete", "insert"])):
            case "edit":
                new[place] = new[place].replace("\n", " indeed <This message was edited>\n", 1)
            case "delete":
                del new[place]
            case _:
                new.insert(place, new[place - 1])

    shelf.check(new)
