"""A pseudonym is two kind words, one person's alone, and whose it is never changes."""

import re
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

import duckdb
import pytest
from egregora_core.messages import PSEUDONYMS
from egregora_core.privacy import KnownName, Register, two_words, without_two_words
from egregora_core.privacy._name_owners import key_of, key_sql
from egregora_core.privacy._name_patterns import name_patterns
from egregora_core.privacy._pseudonym_words import LANGUAGES, words_of
from egregora_core.privacy._pseudonyms import give_pseudonyms, words_in

NAMES = """
    Adler Alba Alondra Amber Anna Autumn Braun Brook Carmen Castillo Coelho Coral Cruz Dawn Daisy Dolores Falcão
    Ferreira Finch Fink Forest Fox Garza Gómez Grace Hazel Heidi Hirsch Hope Iris Ivy Jasmine Jay Joaninha Joy
    Kaiser Klein Leal León Lily Linda Lobo Lopez Luna Luz Martin Mercedes Milan Olive Olivia Paloma Pinto Raven
    Reyes River Robin Rosa Rose Ruby Sandy Scarlett Schwarz Serena Sierra Silva Silvestre Sky Sol Stella Stern
    Stiller Sunny Violet Vogel Wolf Wren
"""


@pytest.fixture
def con() -> Iterator[Any]:
    with duckdb.connect() as opened:
        opened.execute(PSEUDONYMS.ddl())
        yield opened


def ids(*numbers: int) -> list[str]:
    return [str(uuid5(NAMESPACE_DNS, str(number))) for number in numbers]


def give(con: Any, who: Sequence[str], *, tenant: str = "a", language: str = "en", avoid: Sequence[str] = ()) -> Any:
    return give_pseudonyms(con, Register(tenant, language, "people"), who, words_in(avoid))


def pairs(language: str, kind: Any) -> list[str]:
    """Return every pseudonym of two words."""
    noun_first, by_gender = words_of(language, kind)
    both = [(noun, adjective) for adjectives, nouns in by_gender for noun in nouns for adjective in adjectives]
    return [" ".join(pair if noun_first else reversed(pair)) for pair in both]


# --- the words ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["people", "chats"])
def test_words_are_many_different_and_no_names(language: str, kind: Any) -> None:
    """Thousands of pairs of two capitalised words, each once, none of a list of names; any of them is recognised."""
    found = pairs(language, kind)
    words = {word for pair in found for word in pair.split(" ")}
    assert len(set(found)) == len(found) > 5_000
    assert all(word[0].isupper() and word[1:].islower() and word.isalpha() for word in words)
    assert not words_in(words) & words_in(NAMES.split())
    assert all(re.fullmatch(two_words(), pair) for pair in found[::97])


@pytest.mark.parametrize("language", LANGUAGES)
def test_pseudonyms_leave_a_text_and_words_stay(language: str) -> None:
    """Wherever a pseudonym stands, behind another capital too; one word of it, or a part of a word, is a word."""
    for pair in pairs(language, "people")[::97]:
        one, two = pair.split(" ")
        text = f"{pair}: So {pair}’s and {pair} 2. {one} und {two}; {one} {two}x, x{pair}"
        assert without_two_words(text) == f" : So  ’s and   2. {one} und {two}; {one} {two}x, x{pair}"
    assert without_two_words("") == ""


def test_people_and_chats_are_never_called_the_same() -> None:
    """A chat is called after a place, a person after an animal."""
    for language in LANGUAGES:
        assert not set(pairs(language, "people")) & set(pairs(language, "chats"))


# --- whose they are -----------------------------------------------------------------------------------------------


def test_nobody_s_pseudonym_changes_because_others_come(con: Any) -> None:
    """Who has one keeps it; who comes first has the same alone as among thousands, but for those that are taken."""
    first = give(con, ids(*range(20)))
    everybody = give(con, ids(*range(3_000)))
    assert {who: everybody[who] for who in first} == first
    assert len(set(everybody.values())) == 3_000
    assert give(con, ids(7)) == {ids(7)[0]: first[ids(7)[0]]}


def test_the_order_of_ids_decides_nothing(con: Any) -> None:
    """The same people at once have the same pseudonyms, in whatever order they are given."""
    assert give(con, ids(1, 2, 3)) == give(con, ids(3, 1, 2), tenant="b")


def test_tenants_and_languages_do_not_mix(con: Any) -> None:
    """In another language everybody has another name, and back in the first one the old."""
    english = give(con, ids(1, 2))
    german = give(con, ids(1, 2), language="de")
    assert set(german.values()) <= set(pairs("de", "people"))
    assert give(con, ids(1, 2)) == english
    assert con.execute("SELECT count(*) FROM pseudonyms WHERE tenant_id = 'a'").fetchone() == (4,)


def test_more_people_than_words_have_numbers(con: Any) -> None:
    """Past what two words can tell apart a number follows; all stay different, and the old ones as they were."""
    first = give(con, ids(*range(100)))
    everybody = give(con, ids(*range(25_000)))
    assert len(set(everybody.values())) == 25_000
    assert {who: everybody[who] for who in first} == first
    assert all(re.fullmatch(two_words() + "( [0-9]+)?", name) for name in everybody.values())


def test_a_new_pseudonym_has_no_word_of_a_known_name(con: Any) -> None:
    """Nobody is called Heron something beside an author whose name that is, in whatever case and accents."""
    everybody = give(con, ids(*range(4_000)), avoid=["Lúcia Hëron", "ana-otter"])
    assert not [name for name in everybody.values() if re.search("Heron|Otter", name)]


# --- whose a name in a text is ------------------------------------------------------------------------------------


def owners(*known: KnownName) -> dict[str, str]:
    return dict(name_patterns(known).owners_of)


def person(name: str, number: int, pseudonym: str) -> KnownName:
    return KnownName(name, ids(number)[0], "person", pseudonym)


def test_a_word_of_two_people_is_nobody_s() -> None:
    """A whole name is one person's; a word that two have, or somebody whom nobody knows better, is ambiguous."""
    found = owners(
        person("Ana Silva", 1, "Quiet Heron"), person("Bob Silva", 2, "Calm Otter"), KnownName("Bob Stone", None)
    )
    assert (found["=anasilva"], found["=bobsilva"], found["=ana"]) == ("Quiet Heron", "Calm Otter", "Quiet Heron")
    assert found["=silva"] == found["=bob"] == found["=bobstone"] == "?"


def test_two_people_of_one_name_stay_two() -> None:
    """A platform with ids knows two of the name: nobody can tell who is meant."""
    assert owners(person("Ana", 1, "Quiet Heron"), person("Ana", 2, "Calm Otter"))["=ana"] == "?"


def test_two_names_of_one_person_are_that_person_s() -> None:
    """Who was renamed, or is spoken of under the name with a sign more."""
    found = owners(person("Ana Reis", 1, "Quiet Heron"), person("Ana Silva", 1, "Quiet Heron"), KnownName("~ Ana Reis"))
    assert set(found.values()) == {"Quiet Heron"}


def test_a_name_that_is_another_s_with_an_ending_is_nobody_s() -> None:
    """Martina is rarely a case of Martin, nor Mario one of Maria; who is called so is meant by it."""
    martin = person("Martin", 1, "Quiet Heron")
    assert owners(martin)["~martina"] == "?"
    assert owners(martin, person("Martina", 2, "Calm Otter"))["=martina"] == "Calm Otter"
    assert "~mario" not in owners(person("Maria", 1, "Quiet Heron"))


WRITTEN = (
    "Ana Müller",
    "김 민수",
    "राजेश",
    "İbrahim",
    "Zé́lia",
    "Σωκράτης",
    "ΣΩΚΡΆΤΗΣ",
    "🌸",
    "محمد",
    "Straße",
    "Łukasz",
)


@pytest.mark.parametrize("text", [*WRITTEN, "O'Brien 2"])
def test_the_engine_makes_the_same_keys(text: str) -> None:
    """What a name is looked up by is the same in Python and in SQL."""
    import ibis

    backend = ibis.duckdb.connect()
    query = backend.compile(key_sql(ibis.literal(text)))
    assert backend.con.execute(query).fetchone() == (key_of(text),)
    backend.disconnect()
