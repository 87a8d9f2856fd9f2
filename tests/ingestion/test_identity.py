"""Who and what is told apart by the platform's ids; what somebody or something is called may change."""

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from door import Desk, say
from egregora_core.errors import EgregoraError

ANA, BO = {"id": "U1", "names": ["Ana Kelemen", "anakel"]}, {"id": "U2", "names": ["Bo Quarrel"]}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def _two_bobs() -> list[dict[str, object]]:
    return [
        say(text, author, minute, msg_id=str(minute), thread=thread)
        for thread, other in (("22", "B1"), ("23", "B2"))
        for minute, (text, author) in enumerate([(f"from {other}", other), (f"to {other}", "ME")], 1)
    ]


BOBS = [{"id": "B1", "names": ["Bob"]}, {"id": "B2", "names": ["Bob"]}, {"id": "ME", "names": ["Me"]}]


def test_two_chats_of_one_title_stay_two(desk: Desk) -> None:
    """Platforms number messages by chat: nothing of the second chat is lost, and nothing is its first's."""
    titles = [{"id": "22", "title": "Bob", "kind": "direct"}, {"id": "23", "title": "Bob", "kind": "direct"}]
    desk.ingest(desk.write(_two_bobs(), threads=titles, people=BOBS))
    rows = desk.query("SELECT count(*), count(DISTINCT thread_id), count(DISTINCT attrs->>'thread') FROM ir_messages")
    assert rows == [(4, 2, 1)]


@pytest.mark.slow
def test_two_people_of_one_name_stay_two(desk: Desk) -> None:
    """Whoever the platform tells apart is told apart, in texts' authors and in pseudonyms."""
    desk.run(desk.write(_two_bobs(), people=BOBS))
    rows = desk.query("SELECT DISTINCT author_raw, author_uuid FROM ir_messages")
    assert sorted(name for name, _ in rows) == ["Bob", "Bob", "Me"]
    assert desk.query("SELECT count(DISTINCT author_raw) FROM stage_privacy") == [(3,)]


@pytest.mark.slow  # several whole commands
def test_a_renamed_channel_stays_one(desk: Desk) -> None:
    """The same messages under a new title are no new messages; what is stored gets the new title."""
    first = [say("a", minute=1, msg_id="1", thread="C1"), say("b", minute=2, msg_id="2", thread="C1")]
    desk.ingest(desk.write(first, threads=[{"id": "C1", "title": "general"}], people=[ANA]))
    more = [*first, say("c", minute=3, msg_id="3", thread="C1")]
    desk.ingest(desk.write(more, threads=[{"id": "C1", "title": "plaza"}], people=[ANA]))
    assert desk.query("SELECT attrs->>'thread', count(*) FROM ir_messages GROUP BY ALL") == [("plaza", 3)]


def test_the_one_chat_of_an_export_may_have_an_id_too(desk: Desk) -> None:
    """An export of one chat names its id once; its title is told after the messages."""
    for title in ("general", "plaza"):
        desk.ingest(desk.write([say("a", msg_id="1")], thread="C1", threads=[{"id": "C1", "title": title}]))
    assert desk.query("SELECT attrs->>'thread', count(*) FROM ir_messages GROUP BY ALL") == [("plaza", 1)]


@pytest.mark.slow  # whole runs, again and again
def test_a_renamed_chat_keeps_its_pages(desk: Desk) -> None:
    """No document is about the chat as it was called before."""
    for title in ("general", "plaza"):
        desk.run(desk.write([say("a", msg_id="1", thread="C1")], threads=[{"id": "C1", "title": title}], people=[ANA]))
    assert desk.query("SELECT kind, count(*) FROM documents GROUP BY ALL ORDER BY 1") == [("post", 1), ("profile", 1)]


@pytest.mark.slow
def test_a_renamed_person_stays_one(desk: Desk) -> None:
    """Old messages are called by the new name, and the old name is still known for one."""
    desk.ingest(desk.write([say("a", msg_id="1")], thread="C1", people=[{"id": "U1", "names": ["Roland"]}]))
    later = [say("a", msg_id="1"), say("who is roland fitch?", minute=1, msg_id="2")]
    desk.run(desk.write(later, thread="C1", people=[{"id": "U1", "names": ["Roland Fitch"]}]))
    assert desk.query("SELECT DISTINCT author_raw FROM ir_messages") == [("Roland Fitch",)]
    assert desk.query("SELECT count(DISTINCT author_uuid) FROM ir_messages") == [(1,)]
    assert desk.query("SELECT name FROM known_names WHERE kind = 'person' ORDER BY place") == [
        ("Roland Fitch",),
        ("Roland",),
    ]
    assert desk.query("SELECT text FROM stage_privacy ORDER BY ts") == [("a",), (f"who is {desk.called('Roland')}?",)]


@pytest.mark.slow  # many readings
def test_the_newest_export_says_what_is_called_how(desk: Desk) -> None:
    """In whatever order exports are read: names and titles are those of the latest, all others were names.

    Each order is a chat and a person of its own, who are in those exports alone whose turn it is in their order.
    """
    left = {"".join(map(str, order)): list(order) for order in permutations(range(3))}
    for n in (0, 1, 2, 0, 1, 0, 2):  # the shortest row that has each order in it
        read = [order for order, rest in left.items() if rest[:1] == [n]]
        for order in read:
            left[order].pop(0)
        export = desk.write(
            [say("a", f"U{order}", msg_id="1", thread=f"C{order}") for order in read],
            threads=[{"id": f"C{order}", "title": f"{order} title {n}"} for order in read],
            people=[{"id": f"U{order}", "names": [f"{order} Name {n}"]} for order in read],
            as_of=f"2024-06-0{n + 1}T00:00:00",
        )
        desk.ingest(export)
    assert not any(left.values())
    called = desk.query("SELECT author_raw, attrs->>'thread' FROM ir_messages ORDER BY ALL")
    assert called == [(f"{order} Name 2", f"{order} title 2") for order in left]
    kept = desk.query("""
        SELECT kind, list(name ORDER BY place)[1], count(*) FROM known_names GROUP BY kind, identity ORDER BY ALL
    """)
    assert kept == [
        (kind, f"{order} {word} 2", 3) for kind, word in (("other", "title"), ("person", "Name")) for order in left
    ]


def test_without_a_date_an_export_is_as_old_as_its_last_message(desk: Desk) -> None:
    """The shorter export is the older one."""
    chat = [say("a", msg_id="1"), say("b", minute=1, msg_id="2")]
    desk.ingest(desk.write(chat, thread="C1", people=[{"id": "U1", "names": ["New"]}]))
    desk.ingest(desk.write(chat[:1], thread="C1", people=[{"id": "U1", "names": ["Old"]}]))
    assert desk.query("SELECT DISTINCT author_raw FROM ir_messages") == [("New",)]


@pytest.mark.slow  # several whole commands
def test_people_who_never_write_are_masked(desk: Desk) -> None:
    """The export told their names, and the handles of those who write."""
    people = [{"id": "U1", "names": ["Roland Fitch", "rolandk77"]}, {"id": "U9", "names": ["Quentin Lurker", "qlurk"]}]
    text = "ask Quentin Lurker about it, or ping rolandk77 or @qlurk"
    desk.run(desk.write([say(text, msg_id="1")], thread="C1", people=people))
    ((masked,),) = desk.query("SELECT text FROM stage_privacy")
    roland, quentin = desk.called("Roland Fitch"), desk.called("qlurk")
    assert masked == f"ask {quentin} about it, or ping {roland} or @{quentin}"


@pytest.mark.slow  # whole runs, again and again
def test_a_name_that_only_a_later_export_tells_is_masked_in_old_texts(desk: Desk) -> None:
    """The messages are the same, the people are not: privacy runs again."""
    chat = [say("ask Quentin Lurker", msg_id="1")]
    desk.run(desk.write(chat, thread="C1", people=[ANA]))
    desk.run(desk.write(chat, thread="C1", people=[ANA, {"id": "U9", "names": ["Quentin Lurker"]}]))
    assert desk.query("SELECT text FROM stage_privacy") == [(f"ask {desk.called('Quentin Lurker')}",)]


@pytest.mark.slow  # several whole commands
def test_who_is_mentioned_by_id_gets_their_pseudonym(desk: Desk) -> None:
    """Of two of one name the right one."""
    chat = [say("hi @Bob", "ME", msg_id="1", mentions=["B2", "nobody"]), say("yes", "B2", 1, msg_id="2")]
    desk.run(desk.write(chat, thread="C1", people=BOBS))
    ((mentions, bob),) = desk.query("""
        SELECT (list(attrs->>'mentions' ORDER BY ts))[1], (list(author_raw ORDER BY ts))[2] FROM stage_privacy
    """)
    assert mentions == f'["{bob}","[name]"]'


def test_an_author_whom_nobody_names_is_called_as_before(desk: Desk) -> None:
    """An export without a person's name, as of a deleted account, takes no name away."""
    desk.ingest(desk.write([say("a", msg_id="1")], thread="C1", people=[ANA]))
    desk.ingest(desk.write([say("b", minute=1, msg_id="2"), say("c", "U7", 2, msg_id="3")], thread="C1", people=[]))
    assert desk.query("SELECT author_raw FROM ir_messages ORDER BY ts") == [("Ana Kelemen",), ("Ana Kelemen",), ("U7",)]


def test_ids_of_two_platforms_are_not_one_person(desk: Desk) -> None:
    """`7` of one platform is nobody of another: only names and aliases join."""
    desk.ingest(desk.write([say("a", "7", msg_id="1")], thread="C1", people=[{"id": "7", "names": ["Ana"]}]))
    (desk.path / "WhatsApp Chat with 7.txt").write_text("04/03/2024, 18:58 - 7: hello\n25/03/2024, 19:02 - Ana: hi\n")
    desk.ingest(desk.path / "WhatsApp Chat with 7.txt", timezone="UTC")
    assert desk.query("SELECT count(DISTINCT author_uuid) FROM ir_messages") == [(3,)]


@pytest.mark.slow  # several readings
@pytest.mark.parametrize("late", [False, True])
def test_aliases_join_people_of_several_platforms(tmp_path: Path, *, late: bool) -> None:
    """By any of their names, or by source and id; also where the alias comes after the messages."""
    people = [ANA, BO, {"id": "U3", "names": ["Cy Torben", "cyto"]}, {"id": "U4", "names": ["Di Mellor", "dimel"]}]
    aliases = '[authors.aliases]\n"Anna" = ["Ana Kelemen"]\n"Cyril" = ["cyto"]\n"Diana" = ["door:U4"]\n'
    desk = Desk(tmp_path, "" if late else aliases)
    chat = [say(f"{n}", f"U{n}", n, msg_id=str(n)) for n in range(1, 5)]
    desk.ingest(desk.write(chat, thread="C1", people=people))
    (tmp_path / "egregora.toml").write_text(aliases)
    (tmp_path / "WhatsApp Chat with x.txt").write_text(
        "04/03/2024, 18:58 - Anna: hello\n05/03/2024, 18:58 - Cyril: hello\n06/03/2024, 18:58 - Diana: hello\n"
        "25/03/2024, 19:02 - Z: hi\n"
    )
    desk.ingest(tmp_path / "1.door", tmp_path / "WhatsApp Chat with x.txt", timezone="UTC")
    rows = desk.query("SELECT author_raw, count(*), count(DISTINCT author_uuid) FROM ir_messages GROUP BY 1 ORDER BY 1")
    assert rows == [("Anna", 2, 1), ("Bo Quarrel", 1, 1), ("Cyril", 2, 1), ("Diana", 2, 1), ("Z", 1, 1)]
    assert desk.query(
        "SELECT count(*) FROM known_names WHERE identity NOT IN (SELECT author_uuid FROM ir_messages)"
    ) == [(0,)]


@pytest.mark.slow  # several whole commands
def test_names_reach_neither_runs_nor_later_tables(desk: Desk) -> None:
    """They stand in `known_names` and `ir_messages` alone."""
    desk.run(
        desk.write([say("a", msg_id="1")], thread="C1", threads=[{"id": "C1", "title": "Plaza"}], people=[ANA, BO])
    )
    tables = [t for (t,) in desk.query("SELECT table_name FROM duckdb_tables() WHERE NOT temporary")]
    for table in set(tables) - {"known_names", "ir_messages"}:
        said = str(desk.query(f'SELECT t::VARCHAR FROM "{table}" AS t'))
        assert not [name for name in ("Kelemen", "anakel", "Quarrel", "Plaza") if name in said], table


@pytest.mark.parametrize("wrong", [{"people": [{"id": 7, "names": ["x"]}]}, {"people": [{"id": "U1", "names": "Ana"}]}])
def test_people_that_are_none_are_an_error(desk: Desk, wrong: dict[str, Any]) -> None:
    """It names the source and no person."""
    with pytest.raises(EgregoraError, match="source 'door'") as caught:
        desk.ingest(desk.write([say("a", msg_id="1")], "", thread="C1", **wrong))
    assert "Ana" not in str(caught.value)


def test_one_person_may_have_several_ids(desk: Desk) -> None:
    """They are one, called by one name, in exports that know it and in those read before; no message changes its id."""
    chat = [say("a", "tom", 1), say("b", "tommy", 2)]
    desk.ingest(desk.write(chat[:1], thread="T", people=[{"id": "tom", "names": ["tom"]}]))
    before = desk.query("SELECT event_id FROM ir_messages")
    desk.ingest(desk.write(chat, thread="T", people=[{"id": "tom", "names": ["tommy", "tom"], "also": ["tommy"]}]))
    assert desk.query("SELECT DISTINCT author_raw FROM ir_messages") == [("tommy",)]
    assert desk.query("SELECT count(DISTINCT author_uuid), count(*) FROM ir_messages") == [(1, 2)]
    assert desk.query("SELECT event_id FROM ir_messages WHERE text = 'a'") == before


@pytest.mark.slow  # several whole commands
@pytest.mark.parametrize("people", [None, []])
@pytest.mark.parametrize("ids_first", [True, False])
def test_two_who_say_the_same_at_once_are_two(desk: Desk, people: list[Any] | None, *, ids_first: bool) -> None:
    """Where one export has ids of messages and the other none, and nobody has another name than the export's own."""
    known: dict[str, Any] = {} if people is None else {"people": people}
    exports = [
        desk.write([say("a", "U1", msg_id="1"), say("ok", "U1", 1, msg_id="2")], thread="T", **known),
        desk.write([say("a", "U1"), say("ok", "U2", 1)], thread="T", **known),
    ]
    for export in exports if ids_first else reversed(exports):
        desk.ingest(export)
    assert desk.query("SELECT text, count(*) FROM ir_messages GROUP BY text ORDER BY text") == [("a", 1), ("ok", 2)]
