"""The report in a real browser, opened from the disk: nothing breaks, search finds, filters act, all can use it."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from egregora_core.plugin import Site
from egregora_core.publication import publish_files
from egregora_report.settings import ReportSettings
from egregora_report.single import single_file
from egregora_report.site import publish
from invented_chat import habits, identity, table_of
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"),
    reason="there is no Chromium on this machine; CI installs it (apt-get install chromium)",
)

Open = Callable[..., Page]
GARDEN = f"chats/c-{str(identity('garden'))[:8]}"
AMBER = f"people/p-{str(identity('Amber Heron'))[:8]}.html"
PAGES = (
    "index.html", f"{GARDEN}/index.html", f"{GARDEN}/pages.html", f"{GARDEN}/2023-05-01.html", "chats/index.html",
    "people/index.html", AMBER, "years/2023.html", "search.html",
)  # fmt: skip
POEM: dict[str, Any] = {
    "document_id": str(identity("poem")), "kind": "post", "slug": "poem", "title": "A poem", "writer": "poet",
    "body": "First verse.\n\nSecond verse.\n\n---\n\n1. A note\n", "window_start": None, "attrs": {},
}  # fmt: skip
DRAWN = "() => document.documentElement.dataset.drawn"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report without charts: quickly made."""
    directory = tmp_path_factory.mktemp("talk")
    files = publish(iter([POEM]), messages=table_of(habits(120)), site=Site())
    kept = (file for file in files if not file.path.endswith(("vega.js", "charts.js", ".svg", ".png")))
    publish_files(directory, kept, publisher="report")
    return directory


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole report of two chats."""
    directory = tmp_path_factory.mktemp("site")
    rows = [*habits(), *habits(60, 3, identity("harbour"), "Old Harbour")]
    publish_files(directory, publish(iter([]), messages=table_of(rows), site=Site()), publisher="report")
    return directory


@pytest.fixture
def opened(browser: Browser) -> Iterator[Open]:
    """A function that opens a file; in the end nothing may have gone wrong on any page, nor asked for the network."""
    wrong: list[str] = []
    contexts = []

    def opening(path: Path, *, width: int = 1200, scheme: Any = "light", query: str = "", wait: bool = True) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: wrong.append(f"{path.name}: {said.type}: {said.text}"))
        page.on("pageerror", lambda error: wrong.append(f"{path.name}: {error}"))
        page.on("request", lambda asked: None if asked.url[:5] in {"file:", "data:"} else wrong.append(asked.url))
        page.goto(path.as_uri() + query)
        if wait and page.locator(".chart").count():
            page.wait_for_function(DRAWN)
        return page

    yield opening
    for context in contexts:
        context.close()
    assert not wrong


def test_search_finds_and_opens_in_place(talk: Path, opened: Open) -> None:
    """Beginnings of words are enough, accents and case do not matter; a click leads to the message on its page."""
    page = opened(talk / "search.html")
    page.fill("#q", "TELÉSC")
    page.wait_for_function("() => document.documentElement.dataset.found?.startsWith('TELÉSC:')")
    texts = page.locator("#found li .t").all_inner_texts()
    assert texts
    assert all("telesc" in text.lower() for text in texts)
    page.locator("#found a").first.click()
    page.wait_for_selector(".m:target")
    assert "telescope" in page.locator(".m:target").inner_text()


def test_search_takes_all_words_and_one_person(talk: Path, opened: Open) -> None:
    """Several words are all in what is found, and the person is whose name is given."""
    page = opened(talk / "search.html")
    page.fill("#author", "amber")
    page.fill("#q", "the of cour")
    page.wait_for_function("() => document.documentElement.dataset.found?.startsWith('the of cour:')")
    assert {name for name in page.locator("#found b").all_inner_texts()} == {"Amber Heron"}  # noqa: C416 - a set of strings
    assert all(", of course" in text for text in page.locator("#found .t").all_inner_texts())
    page.fill("#q", "nosuchword")
    page.wait_for_function("() => document.documentElement.dataset.found === 'nosuchword:0'")


def test_the_keyboard_goes_through_messages_and_pages(talk: Path, opened: Open) -> None:
    """J goes from message to message, the right arrow to the next page."""
    page = opened(talk / GARDEN / "2023-03-02.html")
    page.keyboard.press("j")
    page.keyboard.press("j")
    messages = page.locator(".talk [id^=m]")
    assert page.evaluate("document.activeElement.id") == messages.nth(1).get_attribute("id")
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**/2023-04-01.html")


@pytest.mark.slow  # a browser looks at pages
def test_all_that_a_writer_wrote_is_to_be_seen(talk: Path, opened: Open) -> None:
    """Paragraphs, and what stands below them."""
    page = opened(talk / "writings/post/poem.html")
    assert page.locator("article").inner_text().split("\n\n") == ["First verse.", "Second verse.", "A note"]


@pytest.mark.slow  # every page, twice, with its charts
@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1200, "light")])
def test_no_page_breaks_scrolls_sideways_or_shuts_anybody_out(
    site: Path, opened: Open, width: int, scheme: str
) -> None:
    """On a phone that is dark and on a desk that is light: no error, nor what axe-core calls serious or critical."""
    from axe_playwright_python.sync_playwright import Axe

    for path in PAGES:
        page = opened(site / path, width=width, scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        found = Axe().run(page, options={"preload": False, "resultTypes": ["violations"]}).response["violations"]
        faults = [
            f"{each['id']}: {each['nodes'][0]['html'][:200]}"
            for each in found
            if each["impact"] in {"serious", "critical"}
        ]
        assert not faults, path


@pytest.mark.slow  # all charts, drawn again and again
def test_filters_act_on_every_chart_and_list(site: Path, opened: Open) -> None:
    """A person and a range of time: each chart shows something else than before, and so does each list."""
    page = opened(site / "index.html")

    def shown() -> dict[str, str]:
        charts = page.evaluate(
            "() => Object.fromEntries([...document.querySelectorAll('.card')].map((card) => "
            "[card.id, card.querySelector('canvas')?.toDataURL() ?? card.innerText]))"
        )
        return {**charts, "tiles": page.locator(".tiles").inner_text()}

    def after(step: str) -> dict[str, str]:
        page.wait_for_function(f"() => document.documentElement.dataset.drawn === '{step}'")
        return shown()

    everything = shown()
    page.get_by_role("button", name="Dusky Owl").click()
    one = after("2")
    assert [name for name, before in everything.items() if one[name] == before] == []
    assert page.locator("[data-tile=messages]").inner_text() == "254"
    page.get_by_role("button", name="2024").click()
    year = after("3")
    assert [
        name for name in ("timeline", "clock", "calendar", "answers", "tiles", "emoji") if year[name] == one[name]
    ] == []
    page.get_by_role("button", name="Show all").click()
    assert after("4") == everything


@pytest.mark.slow  # with Vega inside
def test_a_single_file_has_charts_and_every_message(tmp_path: Path, opened: Open) -> None:
    """One file draws its charts and opens its pages, with nothing beside it."""
    rows = habits(90)
    path = tmp_path / "all.html"
    path.write_text(
        "".join(single_file(table_of(rows), ReportSettings(title="A <b>title</b>"), Site().name_words)),
        encoding="utf-8",
    )
    page = opened(path)
    assert page.locator(".m").count() == len(rows)
    page.get_by_role("link", name="Chats").click()
    page.locator("#chats .list a").first.click()
    assert page.locator(".sheet.shown .m").count() > 20
    assert page.locator("#overview.shown").count() == 0


@pytest.mark.slow  # with Vega inside
def test_the_theme_is_a_choice(site: Path, opened: Open) -> None:
    """A click makes a light page dark, charts included."""
    page = opened(site / "index.html")
    before = page.locator("#clock canvas").evaluate("(canvas) => canvas.toDataURL()")
    page.get_by_role("button", name="Dark page").click()
    page.wait_for_function("() => document.documentElement.dataset.drawn === '2'")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.locator("#clock canvas").evaluate("(canvas) => canvas.toDataURL()") != before
