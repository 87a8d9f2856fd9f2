"""Identities: equal in SQL and in Python, keyed by secret and tenant, and in order where they tell time."""

import time
from uuid import UUID, uuid4, uuid5

import duckdb
import pytest
from egregora_core.messages import Namespace, uuid7
from egregora_core.storage import literal
from hypothesis import given
from hypothesis import strategies as st

SECRET = UUID("5f0c1c1e-6d3b-4a57-9f36-6a52b0d1c111")
TEXT = st.text(st.characters(exclude_categories=["Cs"]))


def test_uuid5_in_sql_equals_the_standard_library() -> None:
    """A whole column gets the very ids that Python would have given it, whatever Unicode the names hold."""
    connection = duckdb.connect()
    namespace = Namespace(SECRET, "default")

    @given(st.lists(TEXT, min_size=1))
    def check(names: list[str]) -> None:
        rows = ", ".join(f"({literal(name)})" for name in names)
        found = connection.execute(f"SELECT {namespace.of_sql('author', 'n')} FROM (VALUES {rows}) AS t (n)").fetchall()
        assert [row[0] for row in found] == [uuid5(namespace.uuid, f"author\x1f{name}") for name in names]
        assert [row[0] for row in found] == [namespace.author(name) for name in names]

    check()


def test_ids_of_one_input_are_always_the_same() -> None:
    """The value is pinned: a change of the scheme would give every stored message another identity."""
    namespace = Namespace(SECRET, "default")
    assert namespace.thread("whatsapp", "Família") == Namespace(SECRET, "default").thread("whatsapp", "Família")
    assert str(namespace.author("Ana")) == "ad5b93f0-da9d-5c0b-b38f-ce994833a2f3"


@pytest.mark.parametrize("other", [Namespace(SECRET, "second"), Namespace(uuid4(), "default")])
def test_another_tenant_or_secret_gives_other_ids(other: Namespace) -> None:
    """Nothing links one tenant's people to another's, nor published ids to names without the secret."""
    namespace = Namespace(SECRET, "default")
    assert namespace.author("Ana") != other.author("Ana")
    assert namespace.thread("whatsapp", "Ana") != other.thread("whatsapp", "Ana")
    query = f"SELECT {namespace.of_sql('event', 'x')} = {other.of_sql('event', 'x')} FROM (SELECT 'body' AS x)"
    assert duckdb.execute(query).fetchall() == [(False,)]


def test_nouns_do_not_meet() -> None:
    """An author and a thread of one name are two things."""
    namespace = Namespace(SECRET, "default")
    assert len({namespace.author("Ana"), namespace.of("thread", "Ana"), namespace.document("Ana")}) == 3


def test_uuid7_says_when_it_was_made() -> None:
    """It is RFC 9562's version 7: milliseconds first, then chance."""
    before = time.time_ns() // 1_000_000
    made = uuid7()
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    assert before <= made.int >> 80 <= time.time_ns() // 1_000_000


def test_uuid7_grows_even_where_the_clock_went_back() -> None:
    """The last id may be from a time that this machine's clock has not reached again."""
    ahead = UUID(int=(((time.time_ns() // 1_000_000) + 3_600_000) << 80) | (0x7 << 76) | (0x2 << 62) | 0xFFFF)
    line = [ahead]
    for _ in range(100):
        line.append(uuid7(after=line[-1]))
    assert line == sorted(line)
    assert len(set(line)) == len(line)
