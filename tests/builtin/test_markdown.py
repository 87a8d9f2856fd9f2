"""The Markdown publisher: pages that MkDocs builds as they are."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from xml.etree import ElementTree as ET

import pytest
from egregora_core.builtin.markdown._publisher import MarkdownSettings, publish
from egregora_core.plain_text import COMMANDS
from egregora_core.plugin import Site
from egregora_core.publication import publish_files
from pydantic import ValidationError

START = datetime(2023, 12, 25, 12, tzinfo=UTC)


def document(
    kind: str, slug: str, title: str, *, thread: str | None = None, weeks: int = 0, **attrs: Any
) -> dict[str, Any]:
    start = START + timedelta(weeks=weeks)
    return {
        "kind": kind,
        "slug": slug,
        "title": title,
        "body": f"Body of {slug}\n",
        "thread_id": thread,
        "window_start": start,
        "window_end": start,
        "attrs": json.dumps({"date": start.date().isoformat(), "messages": 2, "unit": "u", **attrs}),
    }


DOCUMENTS = [
    document("digest", "all", "All of it", thread="a"),
    *(
        document("post", f"a{n}", f"Week {n}", thread="a", weeks=n, authors=["p-1", "p-2"], tags=["x"])
        for n in range(3)
    ),
    document(
        "post",
        "index",
        "Other <b> `thread`",
        thread="b",
        weeks=2,
        authors=["p-1"],
        tags=['"quoted": #', "ok"],
    ),
    document("profile", "p-1", "p-1", authors=["p-1"]),
]


def pages(documents: Iterable[dict[str, Any]], **settings: Any) -> dict[str, str]:
    files = list(publish(iter(documents), site=Site(), **settings))
    assert len({file.path for file in files}) == len(files)
    return {file.path: file.read().decode() for file in files}


def test_a_post_has_front_matter_and_links() -> None:
    """Title, date, authors and tags for programs; links to profiles and neighbours for people."""
    page = pages(DOCUMENTS)["docs/posts/2024/a1.md"]
    assert page == (
        '---\ntitle: "Week 1"\ndate: 2024-01-01\nauthors: ["p-1", "p-2"]\ntags: ["x"]\n---\n\n'
        "# Week 1\n\n"
        "In a, by [p-1](../../profiles/p-1.md), p-2\n\n"
        "Body of a1\n\n"
        "---\n\n← [Week 0](../2023/a0.md) · [Week 2](a2.md) →\n"
    )


def test_neighbours_are_of_the_same_thread() -> None:
    files = pages(DOCUMENTS)
    assert "→" not in files["docs/posts/2024/a2.md"]
    assert "←" not in files["docs/posts/2024/_index.md"]


def test_the_front_page_says_what_there_is() -> None:
    """How much of what, the latest posts, and each month."""
    front = pages(DOCUMENTS, title="Ours")["docs/index.md"]
    assert front.startswith(
        "# Ours\n\n8 messages in 4 posts of 2 chats by 2 authors, December 2023 to January 2024.\n\n"
        "![Messages over time](messages.svg)\n"
    )
    assert "- [January 2024](posts/2024/index.md#january-2024): 3 posts, 6 messages" in front
    assert "- [People](profiles/index.md): 1" in front
    assert "- [Digest](digest/index.md): 1" in front
    assert front.index("## 2024") < front.index("## 2023")


def test_the_front_page_shows_messages_over_time() -> None:
    """A bar for each month in between too; of one month alone there is nothing to draw."""
    picture = pages(DOCUMENTS)["docs/messages.svg"]
    drawn = ET.fromstring(picture)  # noqa: S314 - it is ours
    titles = [bar.findtext("{*}title") for bar in drawn.iter("{http://www.w3.org/2000/svg}rect")]
    assert titles == ["2023-12: 2", "2024-01: 6"]

    far = [document("post", f"a{n}", f"Week {n}", thread="a", weeks=n, messages=n) for n in (1, 2000)]
    assert pages(far)["docs/messages.svg"].count("<rect") == len(range(2024, 2063))

    one = pages(DOCUMENTS[2:4])
    assert "4 messages in 2 posts by 2 authors, January 2024.\n\n## Latest" in one["docs/index.md"]
    assert "docs/messages.svg" not in one


def test_messages_are_counted_once_where_two_writers_tell_of_them() -> None:
    twice = [*DOCUMENTS[1:4], *({**post, "writer": "other", "slug": f"o-{post['slug']}"} for post in DOCUMENTS[1:3])]
    assert "6 messages in 5 posts" in pages(twice)["docs/index.md"]


@pytest.mark.parametrize(
    "mark", ["\u202e", "\u202d", "\u2066", "\u2069", "\x9b2J", "\x1b[2J", "\x85", "\x00", "\ufffa"]
)
def test_no_page_is_turned_or_commands_a_terminal(mark: str) -> None:
    """In bodies, titles, tags, names and the settings of MkDocs, as a character or as YAML would read it back."""
    yaml = pytest.importorskip("yaml")
    made = document("post", "a", f"T{mark}t", authors=[f"p{mark}-1"], tags=[f"x{mark}"], extra=mark)
    made |= {"body": f"One{mark}two \u2066ab\u2069 &amp; all\n"}
    made["attrs"] = json.dumps({**json.loads(made["attrs"]), "front_matter": ["extra"]})
    files = pages([made, document("profile", "p", f"p{mark}-1")], title=f"Chats{mark}")

    for path, content in files.items():
        front = content.split("---")[1] if content.startswith("---") else "" if path.endswith(".md") else content
        assert not COMMANDS.search(content), path
        assert not COMMANDS.search(str(yaml.safe_load(front))), path
    assert "ab" in files["docs/posts/2023/a.md"]


def test_nothing_is_a_site_too() -> None:
    assert set(pages([])) == {"docs/index.md", "mkdocs.yml"}


def test_attrs_may_be_parsed_already_or_absent() -> None:
    one = DOCUMENTS[-1] | {"attrs": json.loads(DOCUMENTS[-1]["attrs"])}
    none = document("post", "x", "X") | {"attrs": None, "window_start": None}
    assert {"docs/profiles/p-1.md", "docs/posts/undated/x.md"} <= set(pages([none, one]))


def test_documents_are_linked_by_id() -> None:
    """A link to a document goes to its page; where it has none, its title is left."""
    known, unknown = str(UUID(int=1)), str(UUID(int=2))
    target = {**document("post", "other", "Other", thread="a"), "document_id": known}
    board = document("digest", "board", "Board") | {
        "body": f"1. [The \\[best\\] one](document:{known})\n2. [Gone](document:{unknown})\n"
    }

    page = pages([board, target])["docs/digest/board.md"]

    assert "1. [The \\[best\\] one](../posts/" in page
    assert page.splitlines()[-1] == "2. Gone"
    assert "document:" not in page


def test_further_front_matter_is_what_a_document_asks_for() -> None:
    """Texts, numbers and truth values of `attrs`, by name; nothing else can break the page's YAML."""
    asked = document(
        "digest",
        "d",
        "D",
        rank=3,
        tier="A: #1",
        provisional=True,
        nested={"a": 1},
        hidden=1,
        front_matter=["rank", "tier", "provisional", "nested", "absent", "not: a name"],
    )

    front = pages([asked])["docs/digest/d.md"].split("---\n")[1]

    assert "rank: 3\n" in front
    assert 'tier: "A: #1"\n' in front
    assert "provisional: true\n" in front
    assert not {"nested", "hidden", "absent", "not"} & {line.split(":")[0] for line in front.splitlines()}


@pytest.mark.parametrize("documents", [[], DOCUMENTS], ids=["empty", "full"])
def test_mkdocs_builds_it_as_it_is(tmp_path: Path, documents: list[dict[str, Any]]) -> None:
    """`mkdocs build --strict` has nothing to complain of, and no title becomes HTML."""
    pytest.importorskip("mkdocs")
    publish_files(
        tmp_path / "site", publish(iter(documents), site=Site(), title="<i>It's</i>: #1"), publisher="markdown"
    )
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet"]
    done = subprocess.run(command, cwd=tmp_path / "site", capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    html = [page.read_text() for page in (tmp_path / "site" / "site").rglob("*.html")]
    assert not any("<b>" in page or "<i>It" in page for page in html)
    shutil.rmtree(tmp_path / "site" / "site")


def test_settings_have_sensible_defaults() -> None:
    assert MarkdownSettings() == MarkdownSettings(directory="site", title="Conversations")


@pytest.mark.parametrize("directory", ["../evil", "/srv/www", ".", "a/../../b"])
def test_a_site_stays_in_the_workspace(directory: str) -> None:
    with pytest.raises(ValidationError, match="outside the workspace"):
        MarkdownSettings(directory=directory)
