"""Words that a page shows large are nobody's name, however the name is written."""

import pytest
from egregora_core.privacy import KnownName, name_words
from hypothesis import given
from hypothesis import strategies as st

PEOPLE = (
    "Kathryn Petrović",
    "Hassan Faran",
    "Søren Müller",
    "Ludovica Maria Trevisan",
    "Анна Ковальова",
    "王小明",
    "~ Ñandú 🌸",
    "xX_Shadow_Xx",
    "kwojtyla",
    "JohnAppleby",
    "heroeshannibal",
    "Siobhán O'Brien",
    "Bo Li",
    "anne-marie duchesne",
    "Γιώργος Παππάς",
)
OF_NAMES = (
    "kathryn Kathryn KATHRYN kathryn's kathryns kathrynnnn petrovic petrović petrovics kathrynpetrovic "
    "kpetrovic petrovick kathrynp kathryn92 kathryn_p hfaran faranh faran mrfaran soren søren soeren "
    "muller müller mueller smueller mullers ludovica trevisan lmtrevisan ltrevisan marias анна анны анне "
    "ковальова ковальовою 小明 王小明 我认识王小明吗 nandu ñandú shadow xxshadowxx john appleby johnappleby jappleby "
    "heroeshannibal wojtyla siobhan obrien o'brien o’brien sobrien bo li annemarie anne marie anne-marie "
    "duchesne ｋａｔｈｒｙｎ παππάς παππα γιωργος pre-kathryn"
)
ORDINARY = (
    "weird",
    "birthday",
    "orchard",
    "message",
    "review",
    "python",
    "telescope",
    "привет",
    "中国",
    "ferry",
    "book",
)


@pytest.mark.parametrize("word", OF_NAMES.split(" "))
def test_a_word_of_a_name_is_known_however_it_is_written(word: str) -> None:
    """Case, accents, spelling, endings, digits, long-drawn letters, and what handles make of names change nothing."""
    assert name_words(KnownName(name) for name in PEOPLE)([word, "weird"]) == {word}


def test_other_words_stay() -> None:
    """Who is called otherwise takes no word away."""
    assert not name_words(KnownName(name) for name in PEOPLE)(ORDINARY)


def test_a_title_counts_as_a_whole() -> None:
    """A chat that is called `Book club` takes neither word away; one that is called by one word, that."""
    picked = name_words([KnownName("Book club", role="title"), KnownName("Kathryn", role="title")])
    assert picked(["book", "club", "bookclub", "kathryn"]) == {"bookclub", "kathryn"}


def test_ordinary_words_of_names_are_known_too() -> None:
    """That a chat uses a name's word as a word makes it no topic."""
    assert name_words([KnownName("Rose Field"), KnownName("rose", role="word")])(["rose", "fields", "tulip"]) == {
        "rose",
        "fields",
    }


@given(
    name=st.text(
        st.characters(categories=["Ll", "Lu"], max_codepoint=0x17F, exclude_characters="ŉſİıĸ"), min_size=2, max_size=12
    ),
    shape=st.sampled_from(
        [str, str.lower, str.upper, str.title, "{}s".format, "{}'s".format, "{}7".format, "_{}_".format]
    ),
)
def test_a_name_is_known_in_every_shape(name: str, shape: object) -> None:
    """Whatever letters a first name has."""
    assert callable(shape)
    word = shape(name)
    assert name_words([KnownName(f"{name} Quistana")])([word]) == {word}
