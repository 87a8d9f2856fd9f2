"""Which answers of a model are believed: what is cited has to be there, and to hold what is claimed."""

from datetime import UTC, datetime

import pytest
from egregora_llm.answers import Claim, Told, doubts, share_of_words, writes_nouns_so
from egregora_llm.chat import Message

WHEN = datetime(2024, 3, 1, 10, 15, tzinfo=UTC)
CHAT = {
    message.number: message
    for message in (
        Message(1, "e1", WHEN, "Amber Heron", "Shall we hike to the old mill on Sunday?"),
        Message(2, "e2", WHEN, "Quiet Otter", "Yes, I bring the soup, about 4 litres"),
        Message(3, "e3", WHEN, "Amber Heron", "The train to Porto leaves at 8:15"),
    )
}


def found(*claims: tuple[str, list[int]], title: str = "A hike") -> list[str]:
    told = Told(title=title, claims=[Claim(text=text, messages=cited) for text, cited in claims])
    return doubts(told, CHAT, same_language=True)


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("Amber Heron proposes a hike to the old mill.", [1]),
        ("Quiet Otter will bring 4 litres of soup.", [2]),
        ("They take the train to Porto at 8:15.", [3]),
        ("Two people plan a hike; the soup is on Quiet Otter.", [1, 2]),
        ("On 1 March somebody asks about a hike.", [1]),
    ],
)
def test_what_the_messages_hold_is_believed(text: str, cited: list[int]) -> None:
    """Numbers, people, names and words of a claim that stand in what it cites raise no doubt."""
    assert found((text, cited)) == []


@pytest.mark.parametrize(
    ("text", "cited", "doubt"),
    [
        ("They plan a hike.", [], "cites no message"),
        ("They plan a hike.", [0], "cites message 0"),
        ("They plan a hike.", [1, 4], "cites message 4"),
        ("They plan a hike.", [-1], "cites message -1"),
        ("Quiet Otter brings 5 litres of soup.", [2], "tells a number"),
        ("Quiet Otter wants to hike to the mill.", [1], "tells of a person"),
        ("They hike to the mill with Alex.", [1], "has a name"),
        ("Jamie Stone will hike to the mill.", [1], "has a name"),
        ("They eat the cake together.", [1], "shares no word"),
    ],
)
def test_what_they_do_not_hold_is_not(text: str, cited: list[int], doubt: str) -> None:
    """The doubt says which claim it is, and what about it."""
    (said,) = found(("They plan a hike.", [1]), (text, cited))
    assert said.startswith(f"claim 2 {doubt}")


def test_a_title_names_nobody_who_is_not_there() -> None:
    """A headline's capitals are no names; a person who was made up is one."""
    assert found(("They plan a hike.", [1]), title="A Hike To The Old Mill") == []
    assert found(("They plan a hike.", [1]), title="How Alex and Jamie plan a trip") != []


def test_in_german_a_capital_is_no_name() -> None:
    """Where nouns begin with a capital, a noun that no message has is not taken for a person; two in a row are."""
    texts = [
        "Wir treffen uns am Bahnhof, ich bringe die Suppe und das Brot mit",
        "Der Zug kommt um acht am Gleis zwei an",
    ]
    chat = {n: Message(n, f"e{n}", WHEN, "Stiller Otter", text) for n, text in enumerate(texts * 3, 1)}
    assert writes_nouns_so(chat.values())

    def doubted(text: str) -> list[str]:
        return doubts(Told(title="Ausflug", claims=[Claim(text=text, messages=[1])]), chat, same_language=True)

    assert doubted("Man trifft sich am Bahnhof zum Ausflug.") == []
    assert doubted("Man trifft Erika Mustermann am Bahnhof.") != []


def test_another_language_shares_no_words() -> None:
    """What is told in another language than the chat's is not measured by its words, but by all else."""
    told = Told(title="Passeio", claims=[Claim(text="Combinam uma caminhada.", messages=[1])])
    assert doubts(told, CHAT, same_language=True) != []
    assert doubts(told, CHAT, same_language=False) == []


def test_the_share_of_words_is_by_their_beginnings() -> None:
    """An ending that grammar changes is no other word."""
    assert share_of_words("hiking hikes milling", [CHAT[1]]) == 0.0  # shorter than what is compared
    assert share_of_words("Sundays proposed", [CHAT[1]]) == 0.5
