"""Which answers of a model are believed: what is cited has to be there, and to hold what is claimed."""

from collections.abc import Mapping

import pytest
from egregora_llm.answers import Claim, Told, doubts, share_of_words
from egregora_llm.chat import Message
from labelled_claims import ENGLISH, HELD, MADE_UP, TITLES


def doubted(chat: Mapping[int, Message], text: str, cited: list[int], title: str = "") -> list[str]:
    told = Told(title=title or "…", claims=[Claim(text=text, messages=cited)])
    return [each.for_model for each in doubts(told, chat, same_language=True)]


def test_what_the_messages_hold_is_believed() -> None:
    """Figures, people, names and words of a claim that stand in what it cites raise no doubt."""
    refused = {text: said for chat, text, cited in HELD if (said := doubted(chat, text, cited))}
    assert refused == {}


def test_what_they_do_not_hold_is_not() -> None:
    """The doubt says which claim it is, and what about it."""
    said = {text: doubted(chat, text, cited) for chat, text, cited, _ in MADE_UP}
    assert [text for text, found in said.items() if not found] == []
    assert [(each, said[text]) for _, text, _, each in MADE_UP if each not in said[text][0]] == []
    assert all(found[0].startswith("claim 1 ") for found in said.values())


@pytest.mark.parametrize(("title", "fine"), TITLES)
def test_a_title_tells_nothing_that_is_not_there(title: str, fine: bool) -> None:  # noqa: FBT001  # labelled by hand
    """A headline's capitals are no names; a person, a date or a figure that was made up is doubted there as well."""
    found = doubted(ENGLISH, "They plan a hike to the mill.", [1], title)
    assert (found == []) is fine
    assert all(each.startswith("the title ") for each in found)


def test_another_language_shares_no_words() -> None:
    """What is told in another language than the chat's is not measured by its words, but by all else."""
    told = Told(title="Passeio", claims=[Claim(text="Combinam uma caminhada.", messages=[1])])
    assert doubts(told, ENGLISH, same_language=True) != []
    assert doubts(told, ENGLISH, same_language=False) == []


def test_the_share_of_words_is_by_their_beginnings() -> None:
    """An ending that grammar changes is no other word."""
    assert share_of_words("hiking hikes milling", [ENGLISH[1]]) == 0.0  # shorter than what is compared
    assert share_of_words("Sundays proposed", [ENGLISH[1]]) == 0.5


def test_a_doubt_names_the_word_to_the_model_alone() -> None:
    """So it can be put right; a record of the run repeats nothing that a model wrote."""
    told = Told(title="A hike", claims=[Claim(text="They hike to the mill with Alex.", messages=[1])])
    (doubt,) = doubts(told, ENGLISH, same_language=True)
    assert doubt.for_model == "claim 1 has a name that the messages it cites do not have: Alex"
    assert doubt.for_record == "a claim of the model has a name that the messages it cites do not have"
