"""Writers: what they are called for, what is kept, and what a failure costs."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4, uuid5

import duckdb
import pytest
from egregora_core.generation import (
    BoundWriter,
    Chats,
    DocumentStore,
    Plan,
    WriterOutcome,
    kept_table,
    plan_units,
    write_units,
)
from egregora_core.messages import DOCUMENTS, IR_MESSAGES, ChatZones
from egregora_core.plugins import Document, Kept, Unit
from egregora_core.settings import WindowSettings

ROOT = UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
START = datetime(2024, 3, 11, 12, 0, tzinfo=UTC)
CHATS = Chats("stage_privacy", "default", ChatZones("UTC"))
FIVES = WindowSettings(by="messages", size=5)


@pytest.fixture
def con(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(tmp_path / "egregora.duckdb", config={"autoload_known_extensions": "false"})
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(IR_MESSAGES.ddl("stage_privacy"))
    connection.execute(DOCUMENTS.ddl())
    yield connection
    connection.close()


def fill(con: duckdb.DuckDBPyConnection, count: int, thread: str = "a", first: int = 0) -> None:
    """Insert messages a minute apart, of two authors in turn, three to a stamp."""
    rows = []
    for n in range(first, first + count):
        ts = START + timedelta(minutes=n // 3)
        author = uuid5(ROOT, f"author {n % 2}")
        ids = [str(uuid5(ROOT, f"{thread} {n}")), "default", "test", str(uuid5(ROOT, thread)), f"m{n}"]
        who = [f"p-{author.hex[:8]}", str(author)]
        rows.append([*ids, ts, n % 3, *who, f"text {n}", None, None, '{"kind":"text"}', None, ts, None])
    con.executemany(f"INSERT INTO stage_privacy VALUES ({', '.join('?' * 16)})", rows)


def listing(unit: Unit) -> Iterable[Document]:
    """Write down which messages came, in which order."""
    slug = unit.key.replace("/", "-")
    yield Document("post", slug, "A title", "\n".join(unit.messages.column("text").to_pylist()), {"n": 1})


def bound(function: Callable[..., Iterable[Document | Kept]] = listing, **changes: Any) -> BoundWriter:
    values: dict[str, Any] = {
        "name": "listing",
        "unit": "window",
        "version": "1",
        "settings": {},
        "config_hash": "c",
        "code_ref": "r",
    }
    return BoundWriter(function=function, **(values | changes))


def write(
    con: duckdb.DuckDBPyConnection,
    *writers: BoundWriter,
    windows: WindowSettings = FIVES,
    interval: float = 0.25,
) -> list[WriterOutcome]:
    return written(con, plan_units(con, CHATS, writers, windows), interval=interval)


def written(con: duckdb.DuckDBPyConnection, plan: Plan, *, interval: float = 0.25) -> list[WriterOutcome]:
    kept = store(con)
    outcomes = write_units(con, plan, kept, interval=interval)
    kept.settle_slugs()
    return outcomes


def store(con: duckdb.DuckDBPyConnection) -> DocumentStore:
    return DocumentStore(con, "default", uuid4(), lambda key: uuid5(ROOT, key))


def bodies(con: duckdb.DuckDBPyConnection) -> list[str]:
    rows = con.execute("SELECT body FROM documents ORDER BY thread_id, window_start, body").fetchall()
    return [body for (body,) in rows]


def expected(first: int, last: int) -> str:
    return "\n".join(f"text {n}" for n in range(first, last + 1))


def test_each_window_arrives_whole_and_in_order(con: duckdb.DuckDBPyConnection) -> None:
    fill(con, 13)
    (outcome,) = write(con, bound())
    assert bodies(con) == [expected(0, 4), expected(5, 9), expected(10, 12)]
    assert outcome.facts() == {"num_windows": 3, "windows_reused": 0, "total_posts": 3}


@pytest.mark.parametrize("overlap", [1, 4])
def test_a_message_may_be_in_several_windows(con: duckdb.DuckDBPyConnection, overlap: int) -> None:
    fill(con, 12)
    write(con, bound(), windows=WindowSettings(by="messages", size=5, overlap=overlap))
    step = 5 - overlap
    starts = [0, *range(step, 12 - overlap, step)]
    assert bodies(con) == [expected(start, min(start + 4, 11)) for start in starts]


def test_authors_get_all_of_theirs(con: duckdb.DuckDBPyConnection) -> None:
    fill(con, 4)
    fill(con, 3, thread="b")
    (outcome,) = write(con, bound(unit="author"))
    assert sorted(len(body.split("\n")) for body in bodies(con)) == [3, 4]
    assert outcome.facts() == {"num_authors": 2, "authors_reused": 0, "total_posts": 2}


def test_only_what_changed_is_written_again(con: duckdb.DuckDBPyConnection) -> None:
    """Appending touches the last window; an edit touches its own; nothing touches nothing."""
    fill(con, 13)
    write(con, bound())
    ids = con.execute("SELECT document_id, created_by_run FROM documents ORDER BY 1").fetchall()
    assert write(con, bound())[0].reused == 3
    assert con.execute("SELECT document_id, created_by_run FROM documents ORDER BY 1").fetchall() == ids

    fill(con, 4, first=13)
    con.execute("UPDATE stage_privacy SET text = 'edited' WHERE msg_id = 'm1'")
    (outcome,) = write(con, bound())
    assert (outcome.written, outcome.reused) == (3, 1)
    assert bodies(con)[0].startswith("text 0\nedited\n")
    assert bodies(con)[2:] == [expected(10, 14), expected(15, 16)]


@pytest.mark.slow
def test_scattered_units_are_read_right(con: duckdb.DuckDBPyConnection) -> None:
    """However many windows of a thread need work, and wherever they are, each gets its own messages."""
    fill(con, 1500)
    write(con, bound())
    con.execute("UPDATE stage_privacy SET text = 'edited' WHERE substr(msg_id, 2)::INTEGER % 10 = 7")
    (outcome,) = write(con, bound())
    assert (outcome.written, outcome.reused) == (150, 150)
    numbers = [f"text {n}" if n % 10 != 7 else "edited" for n in range(1500)]
    assert bodies(con) == ["\n".join(numbers[start : start + 5]) for start in range(0, 1500, 5)]


@pytest.mark.parametrize("change", [{"version": "2"}, {"config_hash": "d"}, {"code_ref": "s"}])
def test_another_writer_writes_everything_again(con: duckdb.DuckDBPyConnection, change: dict[str, Any]) -> None:
    fill(con, 13)
    write(con, bound())
    assert write(con, bound(**change))[0].written == 3
    assert len(bodies(con)) == 3


def test_units_that_are_gone_take_their_documents_along(con: duckdb.DuckDBPyConnection) -> None:
    fill(con, 13)
    write(con, bound(), bound(name="other", unit="author"))
    con.execute("DELETE FROM stage_privacy WHERE substr(msg_id, 2)::INTEGER > 9")
    write(con, bound())
    assert con.execute("SELECT writer, count(*) FROM documents GROUP BY 1 ORDER BY 1").fetchall() == [
        ("listing", 2),
        ("other", 2),
    ]


def test_no_document_is_an_answer_too(con: duckdb.DuckDBPyConnection) -> None:
    """A unit that yields nothing is done; where the table that notes it is dropped, it is done again."""
    fill(con, 13)
    silent = bound(lambda _unit: [])
    assert write(con, silent)[0].written == 3
    assert write(con, silent)[0].reused == 3
    con.execute("DROP TABLE stage_generation_units")
    assert write(con, silent)[0].written == 3


def test_a_lost_document_is_written_again(con: duckdb.DuckDBPyConnection) -> None:
    fill(con, 13)
    write(con, bound())
    con.execute("DELETE FROM documents WHERE body LIKE 'text 5%'")
    assert write(con, bound())[0].written == 1
    assert len(bodies(con)) == 3


def test_without_its_notes_everything_is_replaced_not_doubled(con: duckdb.DuckDBPyConnection) -> None:
    fill(con, 13)
    write(con, bound())
    con.execute("DROP TABLE stage_generation_units")
    assert write(con, bound())[0].written == 3
    assert len(bodies(con)) == 3


def test_one_bad_unit_does_not_stop_the_others(con: duckdb.DuckDBPyConnection) -> None:
    """It keeps its old document, is counted and named without a word of its messages, and is tried again."""
    fill(con, 13)
    write(con, bound())

    def picky(unit: Unit) -> Iterable[Document]:
        text = unit.messages.column("text").to_pylist()
        if "text 6" in text:
            raise ValueError(text[0])
        return listing(unit)

    (outcome,) = write(con, bound(picky, version="2"))
    assert (outcome.status, outcome.written, outcome.failed) == ("degraded", 2, 1)
    assert "ValueError" in json.dumps(outcome.facts())
    assert "text" not in json.dumps(outcome.facts())
    assert len(bodies(con)) == 3
    assert write(con, bound(version="2"))[0].written == 1


def test_if_all_fail_the_writer_failed(con: duckdb.DuckDBPyConnection) -> None:
    fill(con, 13)
    (outcome,) = write(con, bound(lambda _unit: 1 / 0))  # type: ignore[arg-type,return-value]  # the bug under test
    assert (outcome.status, outcome.failed) == ("failed", 3)


def test_a_crash_keeps_what_was_committed(con: duckdb.DuckDBPyConnection) -> None:
    """What kills the process at one unit leaves the ones before, and the next run does the rest."""
    fill(con, 50)
    calls = 0

    def mortal(unit: Unit) -> Iterable[Document]:
        nonlocal calls
        calls += 1
        if calls == 7:
            raise KeyboardInterrupt
        return listing(unit)

    with pytest.raises(KeyboardInterrupt):
        write(con, bound(mortal), interval=0)
    assert len(bodies(con)) == 6
    (outcome,) = write(con, bound())
    assert (outcome.reused, outcome.written) == (6, 4)
    assert bodies(con) == [expected(start, start + 4) for start in range(0, 50, 5)]


def test_slugs_do_not_clash(con: duckdb.DuckDBPyConnection) -> None:
    """Units that choose one slug get different ones, and the same ones again."""
    fill(con, 13)
    same = bound(lambda unit: [Document("post", "Same" if unit.key.endswith("5") else "same", "t", unit.key)])
    write(con, same)
    slugs = con.execute("SELECT slug, body FROM documents ORDER BY ALL").fetchall()
    assert len({slug.casefold() for slug, _ in slugs}) == 3
    plan = plan_units(con, CHATS, [same], FIVES, force=True)
    written(con, plan)
    assert con.execute("SELECT slug, body FROM documents ORDER BY ALL").fetchall() == slugs


def test_slugs_do_not_depend_on_the_order_of_finishing(con: duckdb.DuckDBPyConnection) -> None:
    """Whichever unit is written first, the same document has the bare slug; who is alone with a slug gets it bare."""
    fill(con, 13)
    same = bound(lambda unit: [Document("post", "same", "t", unit.key)])
    plan = plan_units(con, CHATS, [same], FIVES)
    written(con, plan)
    slugs = con.execute("SELECT slug, body FROM documents ORDER BY ALL").fetchall()
    con.execute("DELETE FROM documents; DELETE FROM stage_generation_units")
    for key in [unit["unit_key"] for unit in reversed(plan.units["window"])]:
        one = replace(plan, writers=(replace(plan.writers[0], work=frozenset({key})),))
        written(con, one)
    assert con.execute("SELECT slug, body FROM documents ORDER BY ALL").fetchall() == slugs

    ((bare,),) = con.execute("SELECT body FROM documents WHERE slug = 'same'").fetchall()
    gone = replace(plan.writers[0], work=frozenset(), orphans=(bare,))
    written(con, replace(plan, writers=(gone,)))
    assert con.execute("SELECT count(*) FROM documents WHERE slug = 'same'").fetchall() == [(1,)]


@pytest.mark.parametrize(
    "wrong",
    [
        "text",
        Document("post", "../up", "t", "b"),
        Document("post", "a/b", "t", "b"),
        Document("post", "", "t", "b"),
        Document("post", ".hidden", "t", "b"),
        Document("post", "a\nb", "t", "b"),
        Document("post", "x" * 121, "t", "b"),
        Document("Po st", "slug", "t", "b"),
        Document("post", "slug", " ", "b"),
        Document("post", "slug", "t", "b", {"at": START}),
        Document("post", "slug", "t", "b", {"n": float("nan")}),
        Document("post", "slug", "t", "\ud800"),
        Document("post", "slug", "t", None),  # type: ignore[arg-type]  # the bug under test
    ],
)
def test_what_writers_return_is_checked(con: duckdb.DuckDBPyConnection, wrong: Any) -> None:
    """A document that breaks the contract fails its unit, with a reason."""
    fill(con, 3)
    (outcome,) = write(con, bound(lambda _unit: [wrong]))
    assert outcome.status == "failed"
    assert "writer 'listing', document 1" in outcome.failures[0][1]


def test_writers_get_their_settings_and_progress_is_told(con: duckdb.DuckDBPyConnection) -> None:
    fill(con, 13)
    seen: list[tuple[int, int]] = []

    def named(unit: Unit, *, tone: str) -> Iterable[Document]:
        return [Document("post", unit.key.replace("/", "-"), "t", tone)]

    plan = plan_units(con, CHATS, [bound(named, settings={"tone": "dry"})], FIVES)
    assert plan.total == 3
    write_units(con, plan, store(con), progress=lambda done, total: seen.append((done, total)))
    assert bodies(con) == ["dry"] * 3
    assert seen == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_no_messages_leave_no_documents(con: duckdb.DuckDBPyConnection) -> None:
    fill(con, 3)
    write(con, bound())
    con.execute("DELETE FROM stage_privacy")
    (outcome,) = write(con, bound())
    assert (outcome.units, outcome.status, bodies(con)) == (0, "completed", [])


# --- what a writer keeps ------------------------------------------------------------------------------------------


def test_what_a_writer_keeps_comes_back_with_its_unit(con: duckdb.DuckDBPyConnection) -> None:
    """Also of a unit that failed; what a unit of other messages does not yield again goes, and so do units' that go."""
    con.execute(kept_table("test_kept").ddl())
    fill(con, 10)
    came: list[dict[str, str]] = []
    fails = True

    def paying(unit: Unit, *, kept: dict[str, str]) -> Iterable[Document | Kept]:
        came.append(dict(kept))
        yield Kept("question", f"answer of {unit.messages.num_rows}")
        if fails:
            raise TimeoutError
        yield Kept("again", "yes")
        yield from listing(unit)

    def keeping() -> list[tuple[str, int]]:
        return con.execute("SELECT key, count(*) FROM test_kept GROUP BY 1 ORDER BY 1").fetchall()

    writer = bound(paying, keeps="test_kept", settings={"kept": {}})
    write(con, writer)
    assert keeping() == [("question", 2)]
    fails = False
    write(con, writer)
    assert came[2:] == [{"question": "answer of 5"}] * 2
    assert keeping() == [("again", 2), ("question", 2)]
    ((made_of,),) = con.execute("SELECT made_of FROM test_kept WHERE key = 'again' LIMIT 1").fetchall()
    assert len(made_of.split()) == 5

    con.execute("UPDATE stage_privacy SET text = 'edited' WHERE text = 'text 0'")
    con.execute("UPDATE test_kept SET key = 'old' WHERE key = 'again'")
    write(con, writer)
    assert keeping() == [("again", 1), ("old", 1), ("question", 2)]
    con.execute("DELETE FROM stage_privacy WHERE text <> 'edited'")
    write(con, writer)
    assert keeping() == [("again", 1), ("question", 1)]


def test_units_of_another_writer_are_left_out(con: duckdb.DuckDBPyConnection) -> None:
    """Their documents go, and come back when nobody else writes them any more."""
    fill(con, 10)
    write(con, bound())
    assert len(bodies(con)) == 2
    ((key,),) = con.execute("SELECT attrs->>'unit' FROM documents ORDER BY window_start LIMIT 1").fetchall()
    (outcome,) = write(con, bound(left_out=frozenset({key})))
    assert (outcome.units, outcome.written, len(bodies(con))) == (1, 0, 1)
    write(con, bound())
    assert len(bodies(con)) == 2
