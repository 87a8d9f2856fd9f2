"""Exports into `ir_messages`: a message keeps its id and its place, whatever part of the chat an export holds."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pytest
from egregora_core.errors import ExportError
from egregora_core.ingestion import fingerprint_messages, ingest, lost_notices
from egregora_core.ingestion._job import Ingest
from egregora_core.messages import Namespace
from egregora_core.plugins import Reading
from egregora_core.session import ExportProgress, open_database
from egregora_core.storage import Database
from egregora_core.tracking import Outcome, Run, RunStore
from hypothesis import given, settings
from hypothesis import strategies as st

SECRET = UUID("5f0c1c1e-6d3b-4a57-9f36-6a52b0d1c111")
START = datetime(2024, 5, 1, 10, 0)  # noqa: DTZ001 - wall-clock times, as an export has them
TYPES = {
    "thread": pa.string(),
    "msg_id": pa.string(),
    "ts": pa.timestamp("us"),
    "author": pa.string(),
    "text": pa.string(),
    "kind": pa.string(),
    "edited": pa.bool_(),
    "media": pa.list_(
        pa.struct([("name", pa.string()), ("size", pa.int64()), ("missing", pa.bool_()), ("type", pa.string())])
    ),
    "mentions": pa.list_(pa.string()),
    "reply_to": pa.string(),
    "reactions": pa.list_(pa.struct([("emoji", pa.string()), ("author", pa.string())])),
}
Message = Mapping[str, Any]

ALL = "* REPLACE (epoch_us(ts) AS ts, epoch_us(created_at) AS created_at)"
"""Every column; times as numbers, since fetching them as objects needs pytz."""


@dataclass
class Chat:
    """A database that exports are ingested into."""

    db: Database
    tenant: str = "default"

    def ingest(
        self,
        messages: Sequence[Message],
        *,
        title: str | None = "Family",
        batch: int = 1000,
        zone: str | None = "America/Sao_Paulo",
        path: str = "chat.txt",
        **options: Any,
    ) -> tuple[Outcome, list[str]]:
        reading = Reading(_batches(messages, batch), title, zoned=zone is None)
        job = Ingest(
            reading, "whatsapp", Namespace(SECRET, self.tenant), Path(path), zone, whole=lambda: reading, **options
        )
        run = RunStore(self.db.connection).start(Run(UUID(int=0), "ingestion", "whatsapp", self.tenant))
        with self.db.transaction():
            outcome, notices = ingest(self.db, job, run, ExportProgress())
            RunStore(self.db.connection).finish(replace(run, status="completed"))
        return outcome, [*notices, *lost_notices(self.db, self.tenant, job.aliases)]

    def rows(self, columns: str, tail: str = "ORDER BY thread_id, ts, seq") -> list[tuple[Any, ...]]:
        return self.db.execute(f"SELECT {columns} FROM ir_messages WHERE tenant_id = '{self.tenant}' {tail}")

    def read(self) -> list[tuple[str, str | None]]:
        """Return (author, text) in reading order."""
        return [(author, text) for author, text in self.rows("author_raw, text")]

    def ids(self) -> list[tuple[UUID, str, str | None]]:
        return [(event, author, text) for event, author, text in self.rows("event_id, author_raw, text")]

    def seqs_are_dense(self) -> bool:
        broken = self.db.execute(
            "SELECT thread_id, ts FROM ir_messages GROUP BY thread_id, ts "
            "HAVING min(seq) <> 0 OR max(seq) <> count(*) - 1 OR count(DISTINCT seq) <> count(*)"
        )
        return not broken


def _batches(messages: Sequence[Message], size: int) -> Iterator[pa.Table]:
    """Yield Arrow tables; columns that no message has are left out, as sources do."""
    names = {name for message in messages for name in message} | {"ts", "author", "text", "kind"}
    for first in range(0, len(messages), size):
        part = messages[first : first + size]
        yield pa.table({name: pa.array([m.get(name) for m in part], TYPES[name]) for name in TYPES if name in names})


def say(text: str | None, author: str = "Ana", minute: int = 0, kind: str = "text", **more: Any) -> dict[str, Any]:
    return {"ts": START + timedelta(minutes=minute), "author": author, "text": text, "kind": kind, **more}


@pytest.fixture
def chat(shared: Chat) -> Chat:
    """A database that is as if it was new: to make one takes longer than most tests."""
    own = "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database()"
    for (table,) in shared.db.execute(own):
        shared.db.execute(f"DELETE FROM {table}")
    return shared


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chat]:
    """A database for properties, emptied by each example: opening one takes longer than an example."""
    with open_database(tmp_path_factory.mktemp("w") / "w.duckdb", secret=SECRET) as db:
        yield Chat(db)


BUSY = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(["Ana", "Bo", ""]), st.sampled_from(["ok", "hm", None])),
    min_size=4,
    max_size=40,
).map(lambda rows: [say(text, author, minute) for minute, author, text in sorted(rows, key=lambda row: row[0])])
"""Chats of a few minutes with many identical messages in each."""


# --- identity -----------------------------------------------------------------------------------------------------


def test_a_message_is_stored_as_it_was_read(chat: Chat) -> None:
    """Every column of IR v1 says what it should; what is null in the export stays null."""
    chat.ingest(
        [
            say("hello\n\nworld", "Ana"),
            say(None, "Bo", 1, "media", media=[{"name": "IMG.jpg", "size": 7, "missing": False, "type": "image/jpeg"}]),
            say("Ana added Bo", "", 2, "system"),
            say("hi @Bo", "Ana", 3, edited=True, mentions=["Bo"], reply_to="x"),
        ]
    )
    assert chat.read() == [("Ana", "hello\n\nworld"), ("Bo", None), ("", "Ana added Bo"), ("Ana", "hi @Bo")]
    attrs = [json.loads(text) for (text,) in chat.rows("attrs")]
    assert [a["kind"] for a in attrs] == ["text", "media", "system", "text"]
    assert attrs[0] == {"kind": "text", "thread": "Family", "src_file": "chat.txt", "tz_source": "America/Sao_Paulo"}
    assert attrs[1]["media"] == {"name": "IMG.jpg", "size": 7, "missing": False}
    assert (attrs[3]["edited"], attrs[3]["mentions"], UUID(attrs[3]["reply_to"]).version) == (True, ["Bo"], 5)
    space = Namespace(SECRET, "default")
    thread, author, epoch = chat.rows("thread_id, author_uuid, epoch(ts)")[0]
    assert (thread, author) == (space.thread("whatsapp", "Family"), space.author("Ana"))
    assert datetime.fromtimestamp(epoch, UTC) == datetime(2024, 5, 1, 13, 0, tzinfo=UTC)
    event, msg_id, stamp = chat.rows("event_id, msg_id, epoch_us(ts)")[0]
    assert event == space.of("event", str(thread), str(stamp), "Ana", "hello\n\nworld")
    assert str(event).startswith(msg_id)


def test_identical_messages_stay_separate(chat: Chat) -> None:
    """Two times "ok" in one minute is two messages."""
    chat.ingest([say("ok"), say("ok"), say("ok", "Bo"), say("ok")])
    assert len({event for event, *_ in chat.ids()}) == 4
    assert chat.rows("seq") == [(0,), (1,), (2,), (3,)]


def test_any_part_of_a_chat_gives_its_messages_the_ids_of_the_whole(shared: Chat) -> None:
    """Trimmed in front or extended behind, an export's whole minutes keep their ids, however many rows are alike."""

    @given(BUSY, st.integers(0, 3), st.integers(0, 3), st.integers(1, 7))
    def check(messages: list[Message], first: int, last: int, batch: int) -> None:
        start, end = START + timedelta(minutes=first), START + timedelta(minutes=last)
        part = [message for message in messages if start <= message["ts"] <= end]
        shared.db.execute("DELETE FROM ir_messages")
        shared.ingest(messages)
        whole = set(shared.rows("event_id, msg_id, ts::VARCHAR, seq, author_raw, text"))
        assert len(whole) == len(messages)
        if part:
            shared.db.execute("DELETE FROM ir_messages")
            shared.ingest(part, batch=batch)
            assert set(shared.rows("event_id, msg_id, ts::VARCHAR, seq, author_raw, text")) <= whole

    check()


EQUAL = {
    "known twice": [say("ok"), say("ok", "Bo"), say("ok"), say("hm")],
    "in another order": [say("hm"), say("ok", "Bo"), say("ok"), say("hm"), say("hm", "Bo")],
}


def test_no_cut_between_equal_messages_makes_an_edit_of_what_was_written_anew(chat: Chat) -> None:
    """Where equal messages hide in which place of a minute an export was cut, nothing replaces anything.

    Each cut is a chat of its own.
    """
    cuts = {
        f"{name}, {start}, {end}, {way}": (sorted({(m["author"], m["text"]) for m in messages}), parts)
        for name, messages in EQUAL.items()
        for end in range(2, len(messages) + 1)
        for start in range(end)
        for way, parts in enumerate(permutations((messages[:end], messages[start:])))
    }
    for place in range(2):
        said = [{**message, "thread": cut} for cut, (_, parts) in cuts.items() for message in parts[place]]
        chat.ingest(said, title=None, thread_given=True)
    found = defaultdict(set)
    for cut, *message in chat.rows("attrs->>'thread', author_raw, text"):
        found[cut].add(tuple(message))
    assert {cut: sorted(messages) for cut, messages in found.items()} == {
        cut: known for cut, (known, _) in cuts.items()
    }


@pytest.mark.slow  # six readings for each example
def test_overlapping_exports_add_up_to_the_whole(shared: Chat) -> None:
    """Whatever two overlapping slices come first, cut in the middle of a minute or not, nothing is doubled or lost."""

    def read(chats: Mapping[str, Sequence[Message]]) -> Outcome:
        said = [{**message, "thread": name} for name, messages in chats.items() for message in messages]
        return shared.ingest(said, title=None, thread_given=True)[0]

    @settings(max_examples=4)
    @given(st.lists(st.tuples(BUSY, st.data()), min_size=4, max_size=4))
    def check(drawn: list[tuple[list[Message], st.DataObject]]) -> None:
        chats, olds, news = {}, {}, {}
        for number, (messages, data) in enumerate(drawn):
            end = data.draw(st.integers(1, len(messages)))
            start = data.draw(st.integers(0, end - 1))
            name = f"chat {number}"
            chats[name], olds[name], news[name] = messages, messages[:end], messages[start:]
        for first, second in ((olds, news), (news, olds)):
            shared.db.execute("DELETE FROM ir_messages")
            read(first)
            before = set(shared.rows("event_id"))
            read(second)
            assert before <= set(shared.rows("event_id"))
            assert shared.seqs_are_dense()
            for name, messages in chats.items():
                # Two cuts within one minute full of equal messages can hide a few of them: each is told by its number.
                known = {(m["ts"], m["author"], m["text"]) for m in messages}
                rows = shared.rows("ts::VARCHAR, author_raw, text", f"AND (attrs->>'thread') = '{name}'")
                assert len(rows) <= len(messages)
                assert len(set(rows)) == len(known)
        read(chats)
        for name, messages in chats.items():
            rows = shared.rows("author_raw, text", f"AND (attrs->>'thread') = '{name}' ORDER BY ts, seq")
            assert rows == [(m["author"], m["text"]) for m in messages]
        outcome = read(chats)
        assert (outcome.attrs["added"], outcome.attrs["updated"]) == (0, 0)

    check()


def test_ingesting_again_changes_nothing(chat: Chat) -> None:
    """The second time there is nothing to add, and the rows still say that the first run wrote them."""
    messages = [say("ok", minute=n // 3) for n in range(30)]
    first, _ = chat.ingest(messages)
    rows = chat.rows(ALL)
    second, notices = chat.ingest(messages)
    assert (second.attrs["messages"], second.attrs["added"], second.attrs["updated"]) == (30, 0, 0)
    assert (second.output_fingerprint, notices) == (first.output_fingerprint, [])
    assert chat.rows(ALL) == rows


def test_a_longer_export_adds_its_new_messages(chat: Chat) -> None:
    """A week later, without its first half: only the new week is added, before and behind what is stored."""
    messages = [say(f"{n % 4}", minute=n // 5) for n in range(100)]
    chat.ingest(messages[:60])
    outcome, _ = chat.ingest(messages[30:])
    assert (outcome.attrs["added"], outcome.attrs["updated"], outcome.rows_out) == (40, 0, 100)
    assert chat.read() == [("Ana", message["text"]) for message in messages]
    assert chat.seqs_are_dense()


def test_tenants_never_touch_each_other(tmp_path: Path) -> None:
    """One file, two tenants: other ids, other rows, and replacing one's chat leaves the other's."""
    with open_database(tmp_path / "w.duckdb", secret=SECRET) as db:
        mine, theirs = Chat(db, "mine"), Chat(db, "theirs")
        mine.ingest([say("a"), say("b")])
        theirs.ingest([say("a"), say("b"), say("c")])
        assert not set(mine.rows("event_id")) & set(theirs.rows("event_id"))
        kept, print_ = theirs.rows(ALL), fingerprint_messages(db, "theirs")
        mine.ingest([say("a"), say("b, edited")])
        mine.ingest([say("z")], replace=True)
        assert mine.read() == [("Ana", "z")]
        assert (theirs.rows(ALL), fingerprint_messages(db, "theirs")) == (kept, print_)


# --- edits --------------------------------------------------------------------------------------------------------


def test_an_edited_message_keeps_its_id(chat: Chat) -> None:
    """The one message of a stamp and author that changed is the one that was edited."""
    chat.ingest([say("one"), say("two", "Bo"), say("three", minute=1)])
    before = chat.ids()
    outcome, _ = chat.ingest([say("uno", edited=True), say("two", "Bo"), say("three", minute=1)])
    assert (outcome.attrs["added"], outcome.attrs["updated"]) == (0, 1)
    assert [event for event, *_ in chat.ids()] == [event for event, *_ in before]
    assert chat.read()[0] == ("Ana", "uno")
    assert chat.rows("attrs->>'edited'")[0] == ("true",)


def test_a_second_edit_in_the_same_minute_keeps_both_ids(chat: Chat) -> None:
    """What was edited before is known by how it reads now, and leaves the other one free to be recognised."""
    chat.ingest([say("one"), say("two")])
    before = [event for event, *_ in chat.ids()]
    chat.ingest([say("uno", edited=True), say("two")])
    # Not one of the two has the wording that its id comes from, and still the chat is known.
    outcome, _ = chat.ingest([say("uno", edited=True), say("due", edited=True)])
    assert (outcome.attrs["added"], outcome.attrs["updated"]) == (0, 1)
    assert [event for event, *_ in chat.ids()] == before
    assert chat.read() == [("Ana", "uno"), ("Ana", "due")]


def test_an_edit_of_one_of_two_equal_messages_keeps_the_reading_order(chat: Chat) -> None:
    """Which of two equal messages was edited nobody can tell, but it reads where the export has it."""
    chat.ingest([say("ok"), say("ok"), say("bye", minute=1)])
    chat.ingest([say("okay", edited=True), say("ok"), say("bye", minute=1)])
    assert [text for _, text in chat.read()] == ["okay", "ok", "bye"]


@pytest.mark.parametrize("text", ["secret", None])
def test_a_deleted_message_keeps_its_id_and_loses_its_body(chat: Chat, text: str | None) -> None:
    """Deleted is an edit, also of a message that had no body."""
    kind = "text" if text else "media"
    chat.ingest([say(text, kind=kind), say("two", "Bo")])
    before = [event for event, *_ in chat.ids()]
    outcome, _ = chat.ingest([say(None, kind="deleted"), say("two", "Bo")])
    assert (outcome.attrs["added"], outcome.attrs["updated"]) == (0, 1)
    assert [event for event, *_ in chat.ids()] == before
    assert chat.rows("text, attrs->>'kind'")[0] == (None, "deleted")


def test_a_mark_alone_is_an_update(chat: Chat) -> None:
    """An edit that gives the same text again still says that it was edited."""
    chat.ingest([say("one")])
    outcome, _ = chat.ingest([say("one", edited=True)])
    assert outcome.attrs["updated"] == 1
    assert chat.rows("attrs->>'edited'") == [("true",)]


def test_ambiguous_edits_are_new_messages(chat: Chat) -> None:
    """Two changed messages of one author and minute: which is which is not guessed."""
    chat.ingest([say("one"), say("two")])
    outcome, _ = chat.ingest([say("uno"), say("due"), say("later", minute=1)], thread_given=True)
    assert outcome.attrs["added"] == 3
    assert chat.seqs_are_dense()
    again, _ = chat.ingest([say("uno"), say("due"), say("later", minute=1)])
    assert (again.attrs["added"], again.attrs["updated"]) == (0, 0)


@pytest.fixture
def versions() -> tuple[list[Message], list[Message]]:
    """A chat as it was exported first, and later: trimmed in front, one edit, one deletion, Bob under a new name."""
    first: list[Message] = [say(f"message {n}", "Bob" if n % 3 == 0 else "Ana", n // 2) for n in range(24)]
    later: list[Message] = [{**m, "author": "Bob (work)"} if m["author"] == "Bob" else m for m in first[4:]]
    later[3] = {**later[3], "text": "message 7 corrected", "edited": True}
    later[6] = {**later[6], "text": None, "kind": "deleted"}
    return first, later


RENAMED = {"Bob (work)": "Bob"}


@pytest.mark.slow  # several commands, or many cases
@pytest.mark.parametrize("order", ["01", "10", "010", "101", "0110"])
def test_edits_and_deletions_only_move_forward(
    chat: Chat, versions: tuple[list[Message], list[Message]], order: str
) -> None:
    """Whichever export comes first or last, what was edited stays edited and what was deleted stays deleted."""
    for number in order:
        chat.ingest(versions[int(number)], aliases=RENAMED)
    expected = [(m["author"], m["text"]) for m in versions[0]]
    expected[7], expected[10] = ("Ana", "message 7 corrected"), ("Ana", None)
    assert chat.read() == expected
    assert chat.rows("attrs->>'kind', attrs->>'edited'")[7] == ("text", "true")
    assert chat.rows("attrs->>'kind'")[10] == ("deleted",)
    assert chat.seqs_are_dense()


@pytest.mark.slow  # several commands, or many cases
@pytest.mark.parametrize("order", ["01", "10", "010", "101"])
def test_an_older_export_keeps_the_order_of_equal_messages(chat: Chat, order: str) -> None:
    """Which of two equal messages was edited the newer export alone knows; an older one moves neither back."""
    versions = (
        [say("ok"), say("ok"), say("x", "Bo"), say("bye", minute=1)],
        [say("okay", edited=True), say("ok"), say("y", "Bo", edited=True), say("bye", minute=1)],
    )
    for number in order:
        chat.ingest(versions[int(number)])
    assert [text for _, text in chat.read()] == ["okay", "ok", "y", "bye"]


def test_a_deleted_message_is_not_edited_back(chat: Chat) -> None:
    """A message is written, edited, deleted: an export from between the last two comes late."""
    chat.ingest([say("one"), say("bye", minute=1)])
    chat.ingest([say(None, kind="deleted"), say("bye", minute=1)])
    outcome, _ = chat.ingest([say("uno", edited=True), say("bye", minute=1)])
    assert (outcome.attrs["added"], outcome.attrs["updated"]) == (0, 0)
    assert chat.rows("text, attrs->>'kind'")[0] == (None, "deleted")


def test_of_two_edits_the_one_read_last_counts(chat: Chat) -> None:
    """No export says when a message was edited."""
    chat.ingest([say("one"), say("bye", minute=1)])
    for text in ("uno", "un", "uno"):
        chat.ingest([say(text, edited=True), say("bye", minute=1)])
        assert chat.read()[0] == ("Ana", text)


def test_a_platforms_older_export_undoes_nothing(chat: Chat) -> None:
    """Also where the platform numbers its messages."""
    chat.ingest([say("new", msg_id="1", edited=True), say("b", msg_id="2")], zone=None)
    outcome, _ = chat.ingest([say("old", msg_id="1"), say("b", msg_id="2")], zone=None)
    assert (outcome.attrs["updated"], chat.rows("text")) == (0, [("new",), ("b",)])


# --- order --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("backwards", [False, True])
def test_order_is_the_exports(chat: Chat, backwards: bool) -> None:  # noqa: FBT001 - both ways
    """`seq` counts from 0 in each stamp, in the order of the file, also where its clock runs backwards."""
    messages = [say(str(n), minute=n // 4) for n in range(12)]
    if backwards:
        messages = messages[8:] + messages[:8]
    chat.ingest(messages, batch=3)
    assert chat.read() == [("Ana", str(n)) for n in range(12)]
    assert chat.rows("seq") == [(n % 4,) for n in range(12)]


def test_a_stamp_that_comes_back_goes_on_counting(chat: Chat) -> None:
    """An export that jumps back to a minute adds to it."""
    chat.ingest([say("a"), say("b", minute=1), say("c")])
    assert chat.rows("text, seq") == [("a", 0), ("c", 1), ("b", 0)]


def test_the_beginning_of_a_minute_that_was_cut_off_comes_first(chat: Chat) -> None:
    """An older part is merged in front of its minute, and equal messages stand where the whole export has them."""
    whole = [say("A"), say("B"), say("A"), say("C")]
    chat.ingest(whole[1:])
    chat.ingest(whole)
    assert [text for _, text in chat.read()] == ["A", "B", "A", "C"]
    assert chat.seqs_are_dense()


def test_the_end_of_a_minute_that_was_cut_off_comes_last(chat: Chat) -> None:
    """The new export lacks the minute's beginning; what it adds stands behind what both have."""
    chat.ingest([say("A"), say("B")])
    chat.ingest([say("B"), say("C")])
    assert [text for _, text in chat.read()] == ["A", "B", "C"]


def test_the_beginning_of_a_minute_is_not_taken_for_an_edit(chat: Chat) -> None:
    """An older export ends in the minute in which the stored one begins: what each alone has is two messages."""
    chat.ingest([say("B"), say("C")])
    chat.ingest([say("A"), say("B")])
    assert [text for _, text in chat.read()] == ["A", "B", "C"]


def test_a_message_that_moves_counts_as_written(chat: Chat) -> None:
    """Stages that process changed rows alone find the renumbered ones by the run that wrote them."""
    chat.ingest([say("B"), say("later", minute=1)])
    (first,) = set(chat.rows("created_by_run"))
    chat.ingest([say("A"), say("B"), say("later", minute=1)])
    assert [run == first[0] for (run,) in chat.rows("created_by_run")] == [False, False, True]


# --- people and chats ---------------------------------------------------------------------------------------------


def test_a_renamed_contact_is_reported_without_a_name(chat: Chat) -> None:
    """The notice names the pseudonym and the setting that joins the two; no name is printed."""
    chat.ingest([say("a"), say("b", minute=1), say("c", "Bo", 2)])
    _, notices = chat.ingest([say("a", "Ana Maria"), say("b", "Ana Maria", 1), say("c", "Bo", 2)])
    (notice,) = notices
    pseudonym = f"p-{Namespace(SECRET, 'default').author('Ana').hex[:8]}"
    assert pseudonym in notice
    assert "[authors] aliases" in notice
    assert "Ana" not in notice


def test_another_tenants_author_is_not_named_in_a_notice(tmp_path: Path) -> None:
    """Two tenants know an Ana; the pseudonym in one's notice is one's own."""
    with open_database(tmp_path / "w.duckdb", secret=SECRET) as db:
        Chat(db, "first").ingest([say("a")])
        mine = Chat(db, "second")
        mine.ingest([say("a"), say("b", minute=1), say("c", "Bo", 2)])
        _, (notice,) = mine.ingest([say("a", "Ann"), say("b", "Ann", 1), say("c", "Bo", 2)])
        assert Namespace(SECRET, "second").author("Ana").hex[:8] in notice


def test_aliases_join_a_renamed_contact(chat: Chat) -> None:
    """Under an alias the other name's messages are the same messages."""
    chat.ingest([say("a"), say("b", minute=1), say("c", "Bo", 2)])
    renamed = [say("a", "Ana's new 'phone'"), say("b", "Ana's new 'phone'", 1), say("c", "Bo", 2)]
    outcome, notices = chat.ingest(renamed, aliases={"Ana's new 'phone'": "Ana"})
    assert (outcome.attrs["added"], notices) == (0, [])
    assert {author for author, _ in chat.read()} == {"Ana", "Bo"}


@pytest.mark.slow  # several whole commands
@pytest.mark.parametrize("order", ["01", "10"])
@pytest.mark.parametrize("last", [0, 1])
def test_an_alias_set_later_joins_what_is_stored(
    tmp_path: Path, versions: tuple[list[Message], list[Message]], order: str, last: int
) -> None:
    """Reading an export again with the alias leaves what there would be, had it been set from the beginning."""
    with open_database(tmp_path / "w.duckdb", secret=SECRET) as db:
        late, early = Chat(db, "late"), Chat(db, "early")
        for number in order:
            late.ingest(versions[int(number)])
            early.ingest(versions[int(number)], aliases=RENAMED)
        assert len(late.read()) > len(early.read()) == 24
        outcome, notices = late.ingest(versions[last], aliases=RENAMED)
        assert late.read() == early.read()
        columns = "ts::VARCHAR, seq, attrs->>'kind', attrs->>'edited'"
        assert late.rows(columns) == early.rows(columns)
        assert late.seqs_are_dense()
        assert (notices, outcome.attrs["added"]) == ([], 0)
        bob = Namespace(SECRET, "late").author("Bob")
        assert {author for (author,) in late.rows("author_uuid", "AND author_raw = 'Bob'")} == {bob}
        again, _ = late.ingest(versions[last], aliases=RENAMED)
        assert (again.attrs["added"], again.attrs["updated"]) == (0, 0)


def test_what_gets_another_name_gets_its_ids_and_its_run(chat: Chat) -> None:
    """Renamed rows are as if the canonical name had been read, and stages see them; the others stay as they are."""
    messages = [say("ok", "Bob (work)"), say("ok", "Bob (work)"), say("hm", "Ana", 1), say("hm", "Bob (work)", 2)]
    chat.ingest(messages)
    before = chat.rows("created_by_run")
    chat.ingest(messages, aliases=RENAMED)
    assert [a == b for a, b in zip(before, chat.rows("created_by_run"), strict=True)] == [False, False, True, False]
    ids = chat.rows("event_id, msg_id, author_uuid, seq")
    chat.ingest(messages, aliases=RENAMED, replace=True)
    assert chat.rows("event_id, msg_id, author_uuid, seq") == ids


def test_an_alias_joins_an_edit_under_the_other_name(chat: Chat) -> None:
    """Renamed and edited between two exports: one message, as it reads now."""
    chat.ingest([say("one", "Bob"), say("a"), say("bye", minute=1)])
    chat.ingest([say("uno", "Bob (work)", edited=True), say("a"), say("bye", minute=1)])
    chat.ingest([say("a"), say("bye", minute=1)], aliases=RENAMED)
    assert chat.read() == [("Bob", "uno"), ("Ana", "a"), ("Ana", "bye")]
    assert chat.seqs_are_dense()


@pytest.mark.slow  # several whole commands
def test_two_other_names_become_one(chat: Chat) -> None:
    """A number, then a name, then another: three copies of a message are one; equal ones of one export stay two."""
    for name in ("+1 555 0100", "Bob (work)", "Bob"):
        chat.ingest([say("ok", name), say("ok", name), say("a"), say(name[-3:], name, 1)])
    chat.ingest([say("a")], aliases={"+1 555 0100": "Bob", "Bob (work)": "Bob", "Bob": "Bob"})
    assert {author for author, _ in chat.read()} == {"Ana", "Bob"}
    assert sorted(str(text) for _, text in chat.read()) == sorted(["ok", "ok", "a", "100", "rk)", "Bob"])
    assert chat.seqs_are_dense()


def test_an_alias_changes_a_platforms_names_and_no_ids(chat: Chat) -> None:
    """Under the platform's own ids only the author changes."""
    messages = [say("a", "Bob (work)", msg_id="1"), say("b", msg_id="2")]
    chat.ingest(messages, zone=None)
    ids = chat.rows("event_id, msg_id, seq, text")
    chat.ingest(messages[1:], zone=None, aliases=RENAMED)
    assert chat.rows("event_id, msg_id, seq, text") == ids
    assert chat.rows("author_raw, author_uuid")[0] == ("Bob", Namespace(SECRET, "default").author("Bob"))


def test_an_alias_leaves_other_chats_and_tenants(tmp_path: Path) -> None:
    """Only the chat that is read is rewritten: each is read again under its own wall clock."""
    with open_database(tmp_path / "w.duckdb", secret=SECRET) as db:
        mine, theirs = Chat(db, "mine"), Chat(db, "theirs")
        theirs.ingest([say("a", "Bob (work)")])
        mine.ingest([say("a", "Bob (work)")], title="Work")
        mine.ingest([say("a", "Bob (work)")])
        kept, thread = theirs.rows(ALL), Namespace(SECRET, "mine").thread("whatsapp", "Work")
        mine.ingest([say("a", "Bob (work)")], aliases=RENAMED)
        assert theirs.rows(ALL) == kept
        assert mine.rows("author_raw", f"AND thread_id = '{thread}'") == [("Bob (work)",)]
        assert mine.rows("author_raw", f"AND thread_id <> '{thread}'") == [("Bob",)]


def test_two_chats_of_one_title_are_refused(chat: Chat) -> None:
    """Two `_chat.txt` without one message in common are two chats, unless the user says otherwise."""
    chat.ingest([say("a"), say("b")])
    before = chat.rows(ALL)
    with pytest.raises(ExportError, match="--thread") as refused:
        chat.ingest([say("x", minute=5), say("y", minute=6)])
    assert "Ana" not in str(refused.value)
    assert chat.rows(ALL) == before
    outcome, _ = chat.ingest([say("x", minute=5), say("y", minute=6)], thread_given=True)
    assert outcome.rows_out == 4


def test_replace_rereads_that_chat_alone(chat: Chat) -> None:
    """What the thread had is gone; other threads stay."""
    chat.ingest([say("a"), say("b")])
    chat.ingest([say("other")], title="Work")
    outcome, _ = chat.ingest([say("a")], replace=True, zone="Europe/Berlin")
    assert (outcome.attrs["replaced"], outcome.attrs["timezone"], outcome.rows_out) == (True, "Europe/Berlin", 2)
    assert {text for _, text in chat.read()} == {"a", "other"}


@pytest.mark.parametrize("zone", ["America/Sao_Paulo", "Europe/Berlin"])
def test_replace_says_what_it_loses(chat: Chat, versions: tuple[list[Message], list[Message]], zone: str) -> None:
    """Messages that only earlier exports held are counted, also where the reread gives every message another id."""
    first, later = versions
    chat.ingest(first)
    _, notices = chat.ingest(first, replace=True, zone=zone)
    assert notices == []
    same_bodies = [m for m in later if not (m.get("edited") or m["kind"] == "deleted")]
    _, notices = chat.ingest(same_bodies, replace=True, aliases=RENAMED, zone="Asia/Tokyo")
    assert notices == ["6 messages that only earlier exports held are gone"]


def test_replace_counts_no_edit_and_no_new_name_as_lost(
    chat: Chat, versions: tuple[list[Message], list[Message]]
) -> None:
    """What reads otherwise at the same time is the same message."""
    chat.ingest(versions[0])
    _, notices = chat.ingest(versions[1], replace=True)
    assert notices == ["4 messages that only earlier exports held are gone"]
    _, notices = chat.ingest(versions[1][1:], replace=True)
    assert notices == ["1 message that only earlier exports held is gone"]


def test_an_empty_export_is_an_error(chat: Chat) -> None:
    """Nothing in it is never what the user meant."""
    with pytest.raises(ExportError, match="no message in it"):
        chat.ingest([])


# --- platforms with ids -------------------------------------------------------------------------------------------


def test_the_last_of_a_platforms_duplicates_counts(chat: Chat) -> None:
    """An id that occurs twice in an export is one message, as it was written last."""
    chat.ingest([say("old", msg_id="1"), say("b", msg_id="2"), say("new", msg_id="1")], zone=None)
    assert chat.rows("msg_id, text, seq") == [("2", "b", 0), ("1", "new", 1)]


def test_platform_ids_are_unique_in_their_thread_only(chat: Chat) -> None:
    """Two channels count from 1 each; both keep the platform's numbers."""
    messages = [
        say(f"{thread}{n}", minute=n, msg_id=str(n), thread=thread) for thread in ("general", "random") for n in (1, 2)
    ]
    chat.ingest(messages, title=None, zone=None)
    assert sorted(chat.rows("msg_id, text")) == [
        ("1", "general1"),
        ("1", "random1"),
        ("2", "general2"),
        ("2", "random2"),
    ]
    assert len(set(chat.rows("thread_id"))) == len(set(chat.rows("attrs->>'thread'"))) == 2


def test_a_platforms_message_is_updated_under_its_id(chat: Chat) -> None:
    """An edit, and a reaction that came later, change the stored message; the rest is not touched."""
    chat.ingest([say("a", msg_id="1"), say("b", msg_id="2"), say("c", msg_id="3")], zone=None)
    again = [
        say("a", msg_id="1"),
        say("B", msg_id="2"),
        say("c", msg_id="3", reactions=[{"emoji": "+1", "author": "Bo"}]),
    ]
    outcome, _ = chat.ingest(again, zone=None, path="later.json")
    assert (outcome.attrs["added"], outcome.attrs["updated"]) == (0, 2)
    assert chat.rows("text, json_exists(attrs, '$.reactions')") == [("a", False), ("B", False), ("c", True)]


# --- time, media, odd characters ----------------------------------------------------------------------------------


def test_doubtful_times_are_recorded(chat: Chat) -> None:
    """A repeated and a skipped wall-clock time say so in `attrs.tz_source`."""
    times = [datetime(2024, 10, 27, 2, 30), datetime(2024, 3, 31, 2, 30), datetime(2024, 6, 1)]  # noqa: DTZ001 - wall-clock times
    chat.ingest([{"ts": ts, "author": "Ana", "text": "x", "kind": "text"} for ts in times], zone="Europe/Berlin")
    assert chat.rows("strftime(ts, '%m-%d %H:%M'), attrs->>'tz_source'") == [
        ("03-31 01:30", "Europe/Berlin (gap: offset before)"),
        ("05-31 22:00", "Europe/Berlin"),
        ("10-27 00:30", "Europe/Berlin (fold: first)"),
    ]


def test_batches_do_not_change_what_is_stored(shared: Chat) -> None:
    """However a source cuts its batches, the rows come out the same."""
    messages = [say("x", minute=n * 97, author="AB"[n % 2]) for n in range(20)]
    seen = []
    for size in (1, 7, 100):
        shared.db.execute("DELETE FROM ir_messages")
        shared.ingest(messages, batch=size)
        seen.append(shared.rows("event_id, epoch_us(ts), seq, attrs"))
    assert seen[0] == seen[1] == seen[2]


FOUND: dict[str, Any] = {"media": [{"name": "IMG.jpg", "size": 5, "missing": False, "type": "image/jpeg"}]}
MISSING: dict[str, Any] = {"media": [{"missing": True}]}


def test_media_that_is_found_later_replaces_what_was_missing(chat: Chat) -> None:
    """An export with files completes one without."""
    chat.ingest([say(None, kind="media", **MISSING)])
    outcome, _ = chat.ingest([say(None, kind="sticker", **FOUND)])
    assert (outcome.attrs["added"], outcome.attrs["updated"]) == (0, 1)
    assert chat.rows("attrs->>'kind', attrs->>'$.media.name', media_type") == [("sticker", "IMG.jpg", "image/jpeg")]


@pytest.mark.parametrize("text", [None, "edited caption"])
def test_media_that_is_missing_later_stays_found(chat: Chat, text: str | None) -> None:
    """An export without files takes nothing away, also where it edits the caption."""
    chat.ingest([say(None, kind="sticker", **FOUND), say("bye", minute=1)])
    outcome, _ = chat.ingest([say(text, kind="media", **MISSING), say("bye", minute=1)])
    assert (outcome.attrs["added"], outcome.attrs["updated"]) == (0, int(text is not None))
    found, _ = chat.rows("text, attrs->>'kind', attrs->>'$.media.name', attrs->>'$.media.missing', media_type")
    assert found == (text, "sticker", "IMG.jpg", "false", "image/jpeg")


ODD = [
    "it's",
    '"quoted"',
    "a\u2028b",
    "a\\b",
    "'; DROP TABLE runs; --",
    "{}",
    "a\tb",
    "🙂",
    "nul\x00nul",
    "?",
    "\x1f",
    "%s {x}",
]


@pytest.mark.slow  # several whole commands
@pytest.mark.parametrize("odd", ODD)
def test_odd_characters_go_through(chat: Chat, odd: str) -> None:
    """Titles, authors, bodies, file names and media names are data, whatever is in them."""
    messages = [
        say(odd, odd),
        say(
            odd,
            odd,
            1,
            "media",
            media=[{"name": odd, "missing": False}],
            mentions=[odd],
            reactions=[{"emoji": odd, "author": odd}],
        ),
    ]
    for _ in range(2):
        chat.ingest(messages, title=odd, path=odd, aliases={"nobody": odd, odd + "2": odd})
    assert chat.read() == [(odd, odd)] * 2
    plain, media = (json.loads(text) for (text,) in chat.rows("attrs"))
    assert plain["thread"] == plain["src_file"] == odd
    assert (media["media"]["name"], media["mentions"]) == (odd, [odd])
    assert (media["reactions"][0]["emoji"], media["reactions"][0]["author"]) == (odd, odd)
    assert chat.rows("thread_id, author_uuid")[0] == (
        Namespace(SECRET, "default").thread("whatsapp", odd),
        Namespace(SECRET, "default").author(odd),
    )


def test_a_file_name_that_is_no_utf8_goes_through(chat: Chat) -> None:
    """Linux allows any bytes in a name; Python shows them as lone surrogates."""
    chat.ingest([say("x")], path=b"caf\xe9.txt".decode(errors="surrogateescape"))
    assert chat.rows("attrs->>'src_file'") == [("caf?.txt",)]


def test_a_broken_row_stops_the_whole_export(chat: Chat) -> None:
    """A message of 1900 is a misread date: nothing of the export is kept; the error says where, and quotes no text."""
    with pytest.raises(ExportError, match=r"chat\.txt: 1 message has a time before 1990-01-01 .*1900-01-01") as refused:
        chat.ingest([say("private"), {**say("private"), "ts": datetime(1900, 1, 1)}])  # noqa: DTZ001 - wall-clock times
    assert "private" not in str(refused.value)
    assert "Ana" not in str(refused.value)
    assert chat.rows(ALL) == []
