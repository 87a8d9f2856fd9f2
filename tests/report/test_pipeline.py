"""The report as a plugin: made by `run`, opened by `open`, in one file by `report`, and never with a name in it."""

import shutil
import tracemalloc
import webbrowser
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import egregora_report
import pytest
from egregora_core.plugin import Site
from egregora_devtools.conformance import PublisherConformance
from egregora_report.site import publish
from invented_chat import message, table_of
from support import egregora

ON = {"EGREGORA_REPORT__ENABLED": "true"}


@pytest.mark.slow  # each of its tests makes the report, some in processes of their own
class TestReport(PublisherConformance):
    """The suite for publishers, with a page for each document."""

    plugin = egregora_report
    settings = "[report]\nsummaries = true\n"
    verbatim = False
    streams = False  # the charts' engine alone is half of what the kit allows; below, what documents add


@pytest.mark.slow  # 12 megabytes of documents
def test_bodies_of_documents_are_never_all_in_memory(tmp_path: Path) -> None:
    """With eleven times as many documents, memory grows by a small part of their texts."""

    def peak(many: int) -> int:
        documents = (document(number, "word " * 10_000) for number in range(many))
        messages = table_of([message(1, datetime(2024, 3, 4, tzinfo=UTC), "Amber Heron", "hello")])
        tracemalloc.start()
        try:
            for file in publish(documents, messages=messages, site=Site()):
                if file.path.startswith("writings/"):
                    file.read()
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(1)
    assert peak(220) - peak(20) < 200 * 50_000 / 4


def document(number: int, body: str) -> dict[str, Any]:
    """Return a document of a writer that is not core's."""
    return {
        "document_id": str(uuid5(NAMESPACE_URL, str(number))), "kind": "post", "slug": f"day-{number}", "title": f"Day {number}",
        "body": body, "window_start": datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=number), "writer": "poet",
        "attrs": {"tags": ["spring", "<b>"], "rank": 3, "front_matter": ["rank"]},
    }  # fmt: skip


def test_what_writers_wrote_has_pages(tmp_path: Path) -> None:
    """Markdown becomes HTML, links lead to other documents, tags have pages; no HTML and no picture gets through."""
    other = str(uuid5(NAMESPACE_URL, "1"))
    body = f"# Title\n\n<script>alert(1)</script> [next](document:{other}) ![x](https://evil.example/x.png) [y](javascript:alert(1))\n"
    messages = table_of([message(1, datetime(2024, 3, 4, tzinfo=UTC), "Amber Heron", "hello")])
    files = publish(iter([document(0, body), document(1, "second")]), messages=messages, site=Site())
    pages = {file.path: file.read().decode() for file in files if file.path.startswith("writings/")}
    first = pages["writings/post/day-0.html"]
    assert "<h1>Title</h1>" in first
    assert 'href="../../writings/post/day-1.html"' in first
    assert "<dt>rank</dt><dd>3</dd>" in first
    assert not any(bad in first for bad in ("<script>alert", "<img", 'href="javascript'))
    assert sum(path.startswith("writings/tags/") for path in pages) == 2


@pytest.mark.slow  # the whole pipeline, with charts
@pytest.mark.usefixtures("demo_workspace")
def test_run_makes_the_report_once_and_forget_takes_it_back(tmp_path: Path) -> None:
    """The pages are made, stand, and are gone when all that they were made of is forgotten."""
    egregora("run", "-w", "w", cwd=tmp_path, environment=ON, code=0)
    pages = tmp_path / "w/report"
    assert (pages / "index.html").is_file()
    again = egregora("run", "-w", "w", cwd=tmp_path, environment=ON, code=0).stdout
    assert "publication/report      stands" in again
    assert f"start at {Path('w/report/index.html')}" in again
    assert "Finished. Twice." in reading(pages)
    egregora("forget", "--source", "whatsapp", "--yes", "-w", "w", cwd=tmp_path, environment=ON, code=0)
    assert not list(pages.rglob("*.html"))


def reading(pages: Path) -> str:
    return "\n".join(path.read_text() for path in sorted(pages.glob("chats/*/2*.html")))


@pytest.fixture(scope="module")
def made_of_family(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the report of a chat whose people are called by their names in it."""
    base = tmp_path_factory.mktemp("family")
    chat = (
        "12/03/24, 10:00 - Ludovica Trevisan: good morning Anselm\n12/03/24, 10:01 - Anselm Okonkwo: good morning Ludovica!\n"
        "12/03/24, 10:02 - Ludovica Trevisan: did Okonkwo & sons write to ludovica@example.org?\n"
    ) * 30
    name = "WhatsApp Chat with Trevisan family.txt"
    (base / name).write_text(chat)
    egregora("run", name, "--timezone", "UTC", "--date-order", "dmy", cwd=base, environment=ON, code=0)
    return base


@pytest.mark.slow  # the whole pipeline, with charts
def test_no_file_holds_a_name(made_of_family: Path, tmp_path: Path) -> None:
    """Whoever writes or is spoken of has a pseudonym in pages, data, index, feed and pictures."""
    shutil.copytree(made_of_family, tmp_path, dirs_exist_ok=True)
    names = ("Ludovica", "Trevisan", "Anselm", "Okonkwo")
    egregora("report", "--single-file", "one.html", cwd=tmp_path, environment=ON, code=0)
    files = [*(tmp_path / "report").rglob("*"), tmp_path / "one.html"]
    assert tmp_path / "report/index.html" in files
    for path in files:
        if path.is_file() and path.name != "vega.js":
            held = path.read_bytes().decode(errors="replace").casefold()
            found = [name for name in names if name.casefold() in held]
            assert not found, path.name


@pytest.mark.slow  # the whole pipeline, with charts
@pytest.mark.usefixtures("demo_workspace")
def test_single_file_without_messages(tmp_path: Path) -> None:
    """The command says where the file is, how large and what is not in it."""
    said = egregora("report", "--single-file", "out/one.html", "--no-messages", "-w", "w", cwd=tmp_path, code=0).stdout
    text = (tmp_path / "out/one.html").read_text()
    assert said.startswith(f"{Path('out/one.html')}: ")
    assert "without photos, voice and video" in said
    assert "Finished. Twice." not in text
    assert "http://" not in text.partition("<body")[2].partition("<script>")[0]


@pytest.mark.slow  # whole runs, one after the other
def test_open_opens_html_first(demo_workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a name it opens pages for a browser where there are some; with one, those of that publisher."""
    asked: list[str] = []

    def opened(address: str) -> bool:
        asked.append(address)
        return True

    monkeypatch.setattr(webbrowser, "open", opened)
    (demo_workspace / "report").mkdir()
    (demo_workspace / "report/index.html").write_text("<p>")
    egregora("open", cwd=demo_workspace, code=0)
    egregora("open", "markdown", cwd=demo_workspace, code=0)
    assert [address.rpartition("/w/")[2] for address in asked] == ["report/index.html", "site/docs/index.md"]


def test_open_says_what_to_do(demo_workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing published, a publisher nobody knows, no browser: each is told in one line."""
    monkeypatch.setattr(webbrowser, "open", lambda _address: False)
    assert "nothing was published yet" in egregora("open", "-w", "empty", cwd=tmp_path, code=2).stderr
    assert "there is markdown" in egregora("open", "nobody", cwd=demo_workspace, code=2).stderr
    assert "open this file" in egregora("open", cwd=demo_workspace, code=0).stderr


@pytest.mark.slow  # the whole pipeline, with charts
def test_names_that_are_wanted_are_on_the_pages_alone(made_of_family: Path, tmp_path: Path) -> None:
    """`[people]` puts a name in the place of a pseudonym, in authors and in texts, and every page says so."""
    shutil.copytree(made_of_family, tmp_path, dirs_exist_ok=True)
    (tmp_path / "egregora.toml").write_text('[people]\nnames = { "Ludovica Trevisan" = "Aunt <Ludo> \\\\1" }\n')
    egregora("run", cwd=tmp_path, environment=ON, code=0)
    pages = [path.read_text() for path in (tmp_path / "report").rglob("*.html")]
    assert pages
    assert all("THESE PAGES SHOW REAL NAMES" in page for page in pages)
    talk = reading(tmp_path / "report")
    assert "Aunt &lt;Ludo&gt; \\1</a>" in talk
    assert "good morning Aunt &lt;Ludo&gt; \\1!" in talk
    assert "Anselm" not in talk
