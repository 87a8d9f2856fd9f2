"""The report's files, made of an invented chat: what is in them, what can never be, and which are made again."""

import json
import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import pytest
from egregora_core.plugin import Site
from egregora_core.privacy import KnownName, name_words
from egregora_core.publication import PublicationResult, publish_files
from egregora_report import reading, searching
from egregora_report.site import publish
from invented_chat import Row, habits, identity, message, table_of

NOON = datetime(2024, 3, 4, 12, tzinfo=UTC)

NOBODYS = Site()


def made(directory: Path, rows: Iterable[Row], site: Site = NOBODYS, **settings: Any) -> PublicationResult:
    """Make the report of some messages, without what only charts need."""
    files = publish(iter([]), messages=table_of(rows), site=site, **settings)
    kept = (file for file in files if not file.path.endswith(("vega.js", "charts.js", ".svg", ".png")))
    return publish_files(directory, kept, publisher="report", made_by="test")


def talk(directory: Path) -> str:
    """Return all reading pages, one after the other."""
    return "\n".join(path.read_text() for path in sorted(directory.glob("chats/*/2*.html")))


def data_of(path: Path) -> Any:
    """Return the value that a script of the report gives."""
    text = path.read_text()
    return json.loads(text[text.index(",") + 1 : text.rindex(")")])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of two chats, of some thousand messages."""
    directory = tmp_path_factory.mktemp("site")
    made(directory, [*habits(), *habits(60, 3, identity("harbour"), "Old Harbour")])
    return directory


# --- what is there ----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_every_message_is_on_one_page_and_has_a_permalink(site: Path) -> None:
    """Nothing is lost between pages, and nothing stands twice."""
    found = re.findall(r'<(?:article|p) class="[^"]*" id="(m[0-9a-f]{12})"', talk(site))
    assert len(found) == len(set(found)) == len(habits()) + len(habits(60, 3, identity("harbour")))


def test_every_link_leads_somewhere(site: Path) -> None:
    """Each link and picture of each page is a file of the report, and each anchor is on its page."""
    for page in site.rglob("*.html"):
        for target in re.findall(r'(?:href|src)="([^"#:]*)(?:#[^"]*)?"', page.read_text()):
            if target and not target.endswith(("vega.js", "charts.js", ".svg", ".png")):
                assert (page.parent / target).is_file(), f"{page.relative_to(site)}: {target}"
    anchors = {page.name + "#" + found for page in site.glob("chats/*/2*.html") for found in ids_of(page)}
    quoted = re.findall(r'class="q" href="([^"]+)"', talk(site))
    assert quoted
    assert set(quoted) <= anchors


def ids_of(page: Path) -> list[str]:
    return re.findall(r'id="(m[0-9a-f]{12})"', page.read_text())


def test_pages_load_nothing_from_elsewhere(site: Path) -> None:
    """Each page has a strict policy, and nothing that it would have to forbid."""
    for page in site.rglob("*.html"):
        text = page.read_text()
        assert "default-src &#39;none&#39;; script-src &#39;self&#39;" in text
        assert not re.search(FORBIDDEN, text)


def test_counts_of_the_overview_are_those_of_the_messages(site: Path) -> None:
    """All cubes add up to the messages of people, whatever was joined to keep them small."""
    data, rows = data_of(site / "data.js"), [*habits(), *habits(60, 3, identity("harbour"))]
    assert sum(data["hours"]["cells"][3::4]) == len(rows)
    edited = data["kinds"]["names"].index("edited")
    cells = data["kinds"]["cells"]
    assert sum(n for thing, n in zip(cells[2::4], cells[3::4], strict=True) if thing != edited) == len(rows)
    assert data["people"][0]["name"] == "Amber Heron"


def test_words_that_set_a_person_apart_are_theirs(site: Path) -> None:
    """Who talks of orchards has them among the words of their page, and nobody else's."""
    page = next(site.glob(f"people/p-{str(identity('Amber Heron'))[:8]}.html")).read_text()
    words = re.findall(r'<li class="w\d" title="\d+ times" dir="auto">([^<]+)</li>', page)
    assert set(words[:5]) == {"orchard", "ladder", "pruning", "apples", "graft"}
    assert not {"the", "and", "was"} & set(words)


def big_words(directory: Path) -> str:
    """Return, in small letters, all that pages show large of what people wrote: titles, lists of words, and sites."""
    found = []
    for page in directory.rglob("*.html"):
        text = page.read_text()
        found += re.findall(r"<title>(.*?)</title>|<h1[^>]*>(.*?)</h1>", text)
        found += re.findall(r'<li class="w\d"[^>]*>([^<]+)</li>|<span class="sub">(.*?)</span></div>', text)
        found += re.findall(r'<div><a href="[^"]*" dir="auto">(.*?)</a>', text)
    words, links = data_of(directory / "data.js")["words"]["names"], data_of(directory / "data.js")["links"]["names"]
    return " ".join(
        [*("".join(each) if isinstance(each, tuple) else each for each in found), *words, *links]
    ).casefold()


def test_no_word_of_a_name_is_shown_large(tmp_path: Path) -> None:
    """What privacy leaves of a name in a text is no title, no favourite word, no word of a year and no site."""
    rows = [
        message(n, NOON + timedelta(days=30 * (n // 20), minutes=n), author, text)
        for n, (author, text) in enumerate(
            [
                ("Amber Heron", "kathryn said https://kathryn.example.dev is weird, kpetrovic"),
                ("Blue Tern", "the tide is late, kathryn's birthday, hfaran"),
            ]
            * 60
        )
    ]
    picked = name_words([KnownName("Kathryn Petrović"), KnownName("Hassan Faran")])
    made(tmp_path, rows, Site(name_words=picked))
    shown = big_words(tmp_path)
    assert "birthday" in shown
    assert "weird" in shown
    assert not [name for name in ("kathryn", "petrovic", "faran") if name in shown]


def test_no_piece_of_a_pseudonym_is_shown_large(tmp_path: Path) -> None:
    """Words that stand in texts only since they are somebody's pseudonym say nothing of who uses them."""
    said = ("Thoughtful Redwing, look at the orchard", "as Jovial Grotto 3 said, Álvaro Zzyx: ferry")
    rows = [
        message(n, NOON + timedelta(days=9 * (n // 20), minutes=n), ("Amber Heron", "Blue Tern")[n % 2], said[n % 2])
        for n in range(80)
    ]
    made(tmp_path, rows, Site(shown_names={"Dusky Owl": "Álvaro Zzyx"}))
    shown = big_words(tmp_path)
    assert "orchard" in shown
    assert "ferry" in shown
    assert not [word for word in ("thoughtful", "redwing", "jovial", "grotto", "álvaro", "zzyx") if word in shown]


def test_media_calls_and_polls_are_told(site: Path) -> None:
    """What is no text says what it is; a poll has a bar for each option."""
    text = talk(site)
    assert "📷 Photo" in text
    assert "🚫 Message deleted" in text
    assert '<figcaption dir="auto">When do we meet?</figcaption>' in text
    assert '<meter min="0" max="3" value="2">' in text
    assert "<i>edited</i>" in text


@pytest.mark.slow  # several whole commands
def test_a_thread_is_told_where_it_begins_and_where_it_goes_on(tmp_path: Path) -> None:
    """Its first message says how many answers it has; what follows each other in it quotes the beginning once."""
    first = message(0, NOON, "Amber Heron", "which book is next?")
    root = first["event_id"]
    rows = [first]
    for n, said in enumerate(("one on bees", "fine with me"), 1):
        rows.append(message(n, NOON + timedelta(minutes=n), "Blue Tern", said, thread_root=root))
    rows.append(message(3, NOON + timedelta(minutes=3), "Blue Tern", "who has the key?"))
    rows.append(message(4, NOON + timedelta(days=40), "Amber Heron", "it came", thread_root=root))
    made(tmp_path, rows)
    text = talk(tmp_path)
    assert "🧵 3 answers</a>" in text
    assert text.count("🧵 <b>Amber Heron</b>") == 2

    rows.append(message(5, NOON + timedelta(days=40, minutes=1), "Blue Tern", "good", thread_root=root))
    written = [Path(path).stem for path in made(tmp_path, rows).written if re.search(r"chats/.*/\d", path)]
    assert written == ["2024-03-04", "2024-04-13"]


@pytest.mark.slow  # a report each
@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"seconds": 3725}, "📞 Call, 1 h 2 min"),
        ({"seconds": 65, "missed": False}, "📞 Call, 1 min 5 s"),
        ({"seconds": 7}, "📞 Call, 7 s"),
        ({"seconds": 0, "missed": True}, "📞 Call, missed"),
        ({}, "📞 Call<"),
        ({"seconds": "x"}, "📞 Call<"),
    ],
)
def test_a_call_says_how_long_it_was(tmp_path: Path, data: dict[str, Any], told: str) -> None:
    made(tmp_path, [message(1, NOON, "Amber Heron", None, kind="call", data=data)])
    assert told in talk(tmp_path)


def test_who_is_quoted_is_answered(tmp_path: Path) -> None:
    """Whoever wrote in between is not; without a quotation it is who wrote before."""
    asked = message(0, NOON, "Amber Heron", "who comes?")
    between = message(1, NOON + timedelta(minutes=1), "Coral Finch", "it rains")
    answer = message(2, NOON + timedelta(minutes=2), "Blue Tern", "I do", reply_to=asked["event_id"])
    made(tmp_path, [asked, between, answer])
    data = data_of(tmp_path / "data.js")
    names = [one["name"] for one in data["people"]]
    cells = data["replies"]["cells"]
    told = {(names[p], names[q]) for p, q in zip(cells[1::5], cells[2::5], strict=True)}
    assert told == {("Coral Finch", "Amber Heron"), ("Blue Tern", "Amber Heron")}


def test_a_long_day_has_several_pages(tmp_path: Path) -> None:
    """A day with more messages than a page takes is cut; others are not."""
    rows = [message(n, NOON + timedelta(seconds=n), "Amber Heron", f"number {n}") for n in range(1_300)]
    made(tmp_path, rows)
    assert {path.stem for path in tmp_path.glob("chats/*/2*.html")} == {
        f"2024-03-04{part}" for part in ("", "-2", "-3", "-4")
    }


def test_nobody_and_nothing_is_fine(tmp_path: Path) -> None:
    """Without messages there is no report; with the platform's own alone there is one."""
    assert made(tmp_path / "none", []).files == 0
    made(tmp_path / "system", [message(1, NOON, "", "Messages are encrypted")])
    assert "Messages are encrypted" in talk(tmp_path / "system")


# --- what can never be ------------------------------------------------------------------------------------------

HOSTILE = (
    "<script>alert(1)</script>", "</div></article><img src=x onerror=alert(1)>", '" onmouseover="alert(1)', "' onfocus='alert(1)",
    "<svg/onload=alert(1)>", "javascript:alert(1)", 'https://example.org/"onmouseover=alert(1)//', "https://example.org/<script>alert(1)</script>",
    "https://example.org/'><img src=x onerror=alert(1)>", "&lt;script&gt;alert(1)&lt;/script&gt;", "&#60;script&#62;", "<!--", "-->", "]]>",
    "</script><script>alert(1)</script>", "<style>*{display:none}</style>", "<base href=//evil.example>", "<meta http-equiv=refresh content=0>",
    "{{ 7 * 7 }}", "{% raw %}", "${alert(1)}", "\u202egnp.exe", "\x00\x07\x1b[31m", "\u2028alert(1)\u2029", "\ue000https://x\ue001<b>", "<a href='x'>y</a>",
    'http://a.example?x=<b>&y="z"', "<plaintext>", "<iframe srcdoc='<script>alert(1)</script>'>", "<title></title><textarea>",
    'POLL:\n<b>q</b>\nOPTION: <script>alert(1)</script> (3 votes)\nOPTION: " onclick="alert(1) (1 vote)', "\\u003cscript>", "<ﬁgure>", "＜script＞",
)  # fmt: skip
FORBIDDEN = r"<script(?![^>]* src=)|<style|style=|<(?:img|script|link)[^>]*(?:src|href)=.?https?:|\son\w+="
ALLOWED = {
    "html", "head", "meta", "title", "link", "script", "body", "a", "header", "div", "nav", "button", "main", "p", "h1", "h2", "h3", "article", "b",
    "span", "time", "i", "ul", "li", "figure", "figcaption", "label", "meter", "footer", "noscript", "fieldset", "legend", "select", "dl", "dt", "dd",
    "section", "small", "strong", "input", "ol", "img",
}  # fmt: skip


class Markup(HTMLParser):
    """What a browser would see of a page: its elements and attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a chat in which everything that people write or are called is an attack."""
    directory = tmp_path_factory.mktemp("attacked")
    rows: list[Row] = []
    for number, text in enumerate(HOSTILE * 3):
        kind = "poll" if "OPTION" in text else "text"
        more: dict[str, Any] = {"reactions": [{"emoji": text, "author": text}], "kind": kind, "thread": text}
        if number:
            more["reply_to"] = rows[-1]["event_id"]
        rows.append(message(number, NOON + timedelta(minutes=number), text, text, **more))
    rows.append(message(9_999, NOON, "", "<script>alert('system')</script>"))
    made(directory, rows, title="<script>alert('title')</script>")
    return directory


def test_no_text_becomes_markup(attacked: Path) -> None:
    """Whatever stands in a message, a name, a reaction, a title: pages have the report's own elements alone."""
    for page in attacked.rglob("*.html"):
        seen = Markup()
        seen.feed(page.read_text())
        assert seen.elements <= ALLOWED, page.name
        assert not [name for name in seen.attributes if name.startswith("on") or name in {"style", "srcdoc"}], page.name
        assert all(re.match(r"(?:https?://(?!evil)|[\w./#-]*$|data:,$)", link) for link in seen.links), page.name


def test_no_text_ends_a_script(attacked: Path) -> None:
    """Data in scripts is JSON in which nothing begins markup, so that it may stand inside a page as well."""
    for path in [*attacked.glob("*.js"), *attacked.glob("search/**/*.js"), *attacked.glob("people/*.js")]:
        text = path.read_text()
        assert "<" not in text, path.name
        assert not {"\u2028", "\u2029"} & set(text), path.name
        json.loads(text[text.index(",") + 1 : text.rindex(")")])


def test_control_characters_are_gone(attacked: Path) -> None:
    """No page holds what a terminal or an XML reader would stumble over."""
    for page in attacked.rglob("*.html"):
        assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", page.read_text()), page.name


# --- only what changed ------------------------------------------------------------------------------------------


def test_unchanged_messages_write_nothing(tmp_path: Path) -> None:
    """The same again: each file stands, and no reading page or part of the index is even made."""
    made(tmp_path, habits(90))
    again = made(tmp_path, habits(90))
    assert (again.written, again.removed, again.kept_edited) == ([], [], [])


@pytest.mark.slow  # several whole commands
def test_messages_that_come_later_change_the_end_alone(tmp_path: Path) -> None:
    """After a re-export with a few more messages, reading pages before the last month stay as they are."""
    rows = habits(200)
    made(tmp_path, rows)
    at = rows[-1]["ts"]
    more = [message(90_000 + n, at + timedelta(minutes=n + 1), "Blue Tern", "the ferry is late") for n in range(20)]
    written = made(tmp_path, [*rows, *more]).written
    pages = [path for path in written if re.search(r"chats/.*/\d", path)]
    assert [Path(path).name for path in pages] == [f"{at:%Y-%m}-01.html"] or len(pages) <= 2
    assert len(list(tmp_path.glob("chats/*/2*.html"))) > 5


def test_an_edit_changes_its_page_and_those_that_quote_it(tmp_path: Path) -> None:
    """A message that was edited is shown as it is now, also where an answer quotes it."""
    rows = [message(n, NOON + timedelta(days=40 * n), "Amber Heron", f"number {n}") for n in range(4)]
    rows[3] = message(3, rows[3]["ts"], "Blue Tern", "you said", reply_to=rows[0]["event_id"])
    made(tmp_path, rows)
    rows[0] = message(0, rows[0]["ts"], "Amber Heron", "number nought", edited=True)
    written = [path for path in made(tmp_path, rows).written if re.search(r"chats/.*/\d", path)]
    assert [Path(path).stem for path in written] == ["2024-03-04", "2024-07-02"]
    assert talk(tmp_path).count("number nought") == 2


# --- how it grows -----------------------------------------------------------------------------------------------


def test_no_message_is_compared_with_every_other(tmp_path: Path) -> None:
    """Tables are joined by what is equal: ten times the messages are ten times the work, not a hundred times."""
    messages = table_of(habits(90))
    connection = messages.get_backend().con
    connection.execute("CALL enable_logging('QueryLog', storage := 'memory')")
    explained: set[str] = set()
    said: list[tuple[str, str]] = []
    for file in publish(iter([]), messages=messages, site=Site()):
        if not file.path.endswith(".html"):
            continue
        asked = connection.execute("SELECT message FROM duckdb_logs WHERE type = 'QueryLog'").fetchall()
        for sql in {
            sql for (sql,) in asked if sql.lstrip().startswith(("CREATE", "SELECT", "FROM", "INSERT"))
        } - explained:
            explained.add(sql)
            with suppress(duckdb.CatalogException):  # a table that was needed for a moment
                said += [(sql, plan) for _, plan in connection.execute(f"EXPLAIN {sql}").fetchall()]
    assert len(said) > 20
    assert [sql for sql, plan in said if "NL_JOIN" in plan or "NESTED_LOOP" in plan] == []


def one_day(*texts: str, **more: Any) -> list[Row]:
    """Return messages of one day, by two people in turn."""
    return [
        message(n, NOON + timedelta(minutes=n), ("Amber Heron", "Blue Tern")[n % 2], text, **more)
        for n, text in enumerate(texts)
    ]


@pytest.mark.slow  # a report each
@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("see https://example.org/[name] and", "https://example.org/[name]"),
        ("see https://example.org/[name]/x.", "https://example.org/[name]/x"),
        ("(https://example.org/wiki/X_(y)).", "https://example.org/wiki/X_(y)"),
        ("(see https://example.org/[name])", "https://example.org/[name]"),
        ("[https://example.org/a?b=c]!", "https://example.org/a?b=c"),
    ],
)
def test_a_link_is_the_whole_address(tmp_path: Path, text: str, address: str) -> None:
    """Brackets in pairs belong to it, as around what privacy put there; those around it, and what ends a sentence, do not."""
    made(tmp_path, one_day(text))
    assert re.findall(r'<a href="(https[^"]*)"', talk(tmp_path)) == [address]


def test_each_day_has_a_part_of_its_page(tmp_path: Path) -> None:
    """The name of a day stays in sight while its messages are, and no longer."""
    rows = [message(n, NOON + timedelta(days=n // 2, minutes=n), "Amber Heron", "hello") for n in range(6)]
    made(tmp_path, rows)
    text = talk(tmp_path)
    parts = re.findall(r'<section class="of-day">(.*?)</section>', text, re.DOTALL)
    assert [part.count("<article") for part in parts] == [2, 2, 2]
    assert [part.count("<h2") for part in parts] == [1, 1, 1]


def test_what_there_is_too_little_of_has_no_heading(tmp_path: Path) -> None:
    """A chat of few words has no favourite words, and dates that are a title are not said again."""
    made(tmp_path, [message(0, NOON - timedelta(days=90), "", "Amber Heron made this group"), *one_day("one", "two")])
    pages = {path.name: path.read_text() for path in tmp_path.rglob("*.html")}
    assert not any("Favourite words" in text or "Words of the year" in text for text in pages.values())
    assert pages["pages.html"].count("4 March 2024</a>") == 1
    assert '<span class="sub">4 March 2024' not in pages["pages.html"]
    assert '<span class="n">2</span>' in pages["pages.html"]
    assert data_of(tmp_path / "data.js")["first"] == "2024-03-04"


@pytest.mark.slow  # two reports of its own
def test_the_index_of_a_busy_month_is_made_in_parts_as_that_of_any(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it at once would not fit memory; what is found is the same."""
    when = [NOON + timedelta(minutes=place) for place in range(2500)]
    rows = [message(place, at, "Ana", f"hello {place} wor{place % 7}d") for place, at in enumerate(when)]

    def index(name: str) -> dict[str, str]:
        made(tmp_path / name, rows)
        return {path.name: path.read_text() for path in sorted((tmp_path / name / "search").rglob("*.js"))}

    whole = index("whole")
    monkeypatch.setattr(searching, "TOGETHER", 300)
    assert index("parts") == whole
    assert len(whole) == 1 + 8 + 7  # its list, shards of words, and of messages


@pytest.mark.slow  # two reports of its own
def test_reactions_are_put_together_in_parts_as_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of millions of messages would not fit memory; pages are the same."""
    said = [[{"emoji": "👍", "author": "Ana"}] * (n % 3) + [{"emoji": "🐦", "count": n}] for n in range(50)]
    rows = [
        message(n, NOON + timedelta(minutes=n), "Ana", f"hello {n}", reactions=reactions)
        for n, reactions in enumerate(said)
    ]

    def pages(name: str) -> dict[str, str]:
        made(tmp_path / name, rows)
        return {str(path.relative_to(tmp_path / name)): path.read_text() for path in (tmp_path / name).rglob("*.html")}

    whole = pages("whole")
    monkeypatch.setattr(reading, "_TOGETHER", 7)
    assert pages("parts") == whole
    assert sum(text.count('aria-label="Reactions"') for text in whole.values()) == 50


def test_two_reports_are_two_feeds(tmp_path: Path) -> None:
    """A feed and its entries are known by ids of these pages, and it says when it has real names."""
    ids = []
    for name, chosen in (("one", "0a" * 16), ("two", "0b" * 16)):
        made(tmp_path / name, one_day("hello"), Site(str(UUID(chosen)), {"Amber Heron": "Amber Heron"}))
        feed = (tmp_path / name / "feed.xml").read_text()
        assert "REAL NAMES" in feed
        ids.append(set(re.findall("<id>(.*?)</id>", feed)))
    assert len(ids[0]) == 2
    assert not ids[0] & ids[1]
