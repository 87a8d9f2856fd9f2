"""Names on pages are the user's choice, and change nothing but pages."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from egregora_core.pipeline._publisher_call import without_tags_of_names
from egregora_core.pipeline._shown_names import with_names
from egregora_core.privacy import KnownName, name_words, two_words
from egregora_core.session import open_database
from support import egregora

CHAT = """01/03/2024, 18:58 - Ana Reis: hello Zoe
01/03/2024, 19:58 - Zoe Quark: hi Ana!
14/03/2024, 19:58 - Ana Reis: fine
"""
LATER = CHAT + "15/03/2024, 19:58 - Bob Stone: hello Ana, hello Zoe, I am Quarks cousin\n"


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("first")
    _run(root, CHAT)
    return root


@pytest.fixture
def here(first_run: Path, tmp_path: Path) -> Path:
    """A workspace of the test's own after a first run over a chat of two people."""
    return Path(shutil.copytree(first_run, tmp_path / "w"))


def _run(here: Path, chat: str) -> str:
    export = here / "WhatsApp Chat with Solo.txt"
    export.write_text(chat, encoding="utf-8")
    done = egregora("run", export.name, "--timezone", "UTC", "--date-order", "dmy", cwd=here, code=0)
    return done.stdout + done.stderr


def _stored(here: Path, sql: str) -> list[tuple[Any, ...]]:
    with open_database(here / ".egregora" / "egregora.duckdb", read_only=True) as db:
        return db.execute(sql)


def _pages(here: Path) -> dict[str, str]:
    return {str(path.relative_to(here)): path.read_text(encoding="utf-8") for path in (here / "site").rglob("*.md")}


def _people(here: Path) -> dict[str, str]:
    """Return the pseudonym of each author."""
    return dict(
        _stored(
            here,
            "SELECT DISTINCT m.author_raw, s.author_raw FROM ir_messages m JOIN stage_privacy s USING (event_id)",
        )
    )


@pytest.mark.slow  # whole runs, again and again
def test_people_are_told_apart_on_the_pages_and_stay_who_they_are(here: Path) -> None:
    """A mention is the pseudonym of whom it means; when others come, it still is, and no page is doubled."""
    people, pages = _people(here), _pages(here)
    (post,) = (text for path, text in pages.items() if re.search(r"/2024-02-26|/2024-03-01", path))
    assert f"hello {people['Zoe Quark']}" in post
    assert f"hi {people['Ana Reis']}!" in post

    _run(here, LATER)
    assert _people(here).items() >= people.items()
    assert set(_pages(here)) >= set(pages)
    assert len([path for path in _pages(here) if "/profiles/p-" in path]) == 3


@pytest.mark.slow  # several whole runs
def test_a_run_with_nothing_new_stands(here: Path) -> None:
    """Pseudonyms are given once; the next run scans and gives nothing."""
    again = _run(here, CHAT)
    assert again.count("stands (run") == 5


@pytest.mark.slow  # whole runs, again and again
def test_another_language_gives_other_words_on_the_same_pages(here: Path) -> None:
    """No page is called after a pseudonym, so none is doubled."""
    before = set(_pages(here))
    (here / "egregora.toml").write_text('[privacy]\npseudonym_language = "pt"\n', encoding="utf-8")
    _run(here, CHAT)
    assert set(_pages(here)) == before
    assert _stored(here, "SELECT DISTINCT language FROM pseudonyms ORDER BY 1") == [("en",), ("pt",)]


@pytest.mark.slow  # several whole commands
def test_shown_names_change_the_pages_alone(here: Path) -> None:
    """Said in big letters by config show, run and every page; tables are as they were, and all else stands."""
    tables = "SELECT body, title, attrs FROM documents ORDER BY ALL"
    people, before = _people(here), _stored(here, tables)
    assert "REAL NAMES" not in egregora("config", "show", cwd=here, code=0).stdout + "".join(_pages(here).values())

    settings = f'[people]\nnames = {{"{people["Ana Reis"]}" = "A*n*a <b>"}}\n[chats]\ntitles = {{"Solo" = "We two"}}\n'
    (here / "egregora.toml").write_text(settings, encoding="utf-8")
    told = _run(here, CHAT)
    assert "THE PAGES SHOW REAL NAMES of 1 person" in told
    assert told.count("stands (run") == 4
    assert "THE PAGES SHOW REAL NAMES" in egregora("config", "show", cwd=here, code=0).stdout
    assert _stored(here, tables) == before

    pages = _pages(here)
    assert {"THESE PAGES SHOW REAL NAMES" in text for text in pages.values()} == {True}
    written = "".join(pages.values())
    assert "hi A&#42;n&#42;a &#60;b&#62;!" in written
    assert "In We two, by" in written
    assert people["Zoe Quark"] in written
    assert people["Ana Reis"] not in written


@pytest.mark.slow  # several whole runs
def test_everybody_may_be_shown_by_the_name_in_the_export(here: Path) -> None:
    """`all` shows each author's name; an entry that fits nobody is told by its number, never by what it says."""
    (here / "egregora.toml").write_text('[people]\nall = true\nnames = {"Nobody Here" = "x"}\n', encoding="utf-8")
    told = _run(here, CHAT)
    assert "entry 1 of [people] names fits nothing that is stored" in told
    assert "Nobody" not in told
    assert "hello Zoe Quark" in "".join(_pages(here).values())
    assert "Zoe" not in str(_stored(here, "SELECT d::VARCHAR FROM documents d"))


@pytest.mark.slow  # whole runs, again and again
def test_forgetting_takes_the_pseudonym_along(here: Path) -> None:
    """By pseudonym too: no row, no text and no page holds the two words afterwards."""
    _run(here, LATER)
    zoe = _people(here)["Zoe Quark"]
    egregora("forget", "--author", zoe, "--yes", cwd=here, code=0)
    for table in ("pseudonyms", "stage_privacy", "documents"):
        assert zoe not in str(_stored(here, f"SELECT t::VARCHAR FROM {table} t"))
    assert zoe not in "".join(_pages(here).values())
    egregora("run", cwd=here, code=0)
    assert zoe not in "".join(_pages(here).values())


def test_a_number_behind_a_pseudonym_belongs_to_it_or_to_the_text() -> None:
    """`Quiet Heron 2` is somebody else than Quiet Heron, who may have 3 cakes; longer words are nobody."""
    text = "Quiet Heron 2 and Quiet Heron 3 and Quiet Heron, Quiet Herons"
    row = {"title": text, "body": text, "attrs": None}
    (shown,) = with_names(iter([row]), {"Quiet Heron": "A_b", "Quiet Heron 2": "C"})
    assert shown["title"] == "C and A_b 3 and A_b, Quiet Herons"
    assert shown["body"] == "C and A&#95;b 3 and A&#95;b, Quiet Herons"
    assert re.search(two_words(), text)


def test_no_tag_is_a_word_of_a_name() -> None:
    """Tags are headings: one that is of a name is left out on all pages, whoever wrote the document and when."""
    rows: list[dict[str, Any]] = [
        {"attrs": '{"tags": ["kathryn", "garden", "kpetrovic"], "messages": 3}'},
        {"attrs": None},
        {"attrs": "{}"},
    ]
    found = list(without_tags_of_names(iter(rows), name_words([KnownName("Kathryn Petrović")])))
    assert found == [{"attrs": '{"tags": ["garden"], "messages": 3}'}, {"attrs": None}, {"attrs": "{}"}]
