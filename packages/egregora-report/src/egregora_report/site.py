"""The publisher: all files of the report, each with what it is made of, so that the host makes only what changed."""

import hashlib
from base64 import b64decode
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from egregora_core.plugin import Attachment, PublishedFile

from egregora_report.tiles import CHARTS, TILES, lead_of, tiles_of

if TYPE_CHECKING:
    from egregora_report.cutting import Page
    from egregora_report.facts import Facts, NameWords
    from egregora_report.model import Chat, World
    from egregora_report.overview import Scope
    from egregora_report.writings import Writing

MOST_AT_ONCE = 48
"""No query makes more reading pages."""
_ENTRIES = 40
"""So many entries are in the feed."""
_IN_MEMORY = 1_000_000
"""Bytes of what writers wrote that wait in memory."""
CHARTS_FROM = 50
"""A chat with fewer messages has no charts of its own …"""
CHARTS_FOR = 60
"""… nor has one after so many larger ones."""


def publish(  # noqa: PLR0913 - what the host gives, each by its name
    documents: Iterator[Mapping[str, Any]],
    *,
    messages: Any,
    attachments: Sequence[Attachment] = (),
    shown_names: Mapping[str, str] = {},
    name_words: "NameWords | None" = None,
    site_id: str = "00000000-0000-0000-0000-000000000000",
    **settings: Any,
) -> Iterator[PublishedFile]:
    """Yield the files of the report; see `PublisherSpec`. The settings are fields of `ReportSettings`.

    Where there are `shown_names`, each page says so.
    """
    from egregora_report.cutting import pages_of
    from egregora_report.facts import facts_of, keep_telling_words, nobodys
    from egregora_report.media import files_of, keep_media, shown
    from egregora_report.model import world_of
    from egregora_report.settings import ReportSettings
    from egregora_report.stopping import common_words_of

    asked = ReportSettings(**settings)
    with facts_of(messages, shown_names.values()) as facts:
        world = world_of(facts)
        if not world.chats:
            return
        common = common_words_of(facts, asked.languages)
        left_out = keep_telling_words(facts, common, name_words or nobodys)
        media = shown(attachments)
        keep_media(facts, media)
        pages = pages_of(facts, world.chats)
        report = Report(
            facts, world, asked.title, left_out, pages, asked.search, bool(shown_names), bool(media), site_id
        )
        yield from report.assets()
        writings = yield from report.writings(documents, counted=asked.summaries)
        yield from report.overviews()
        yield from report.chats()
        yield from report.people()
        yield from report.years()
        yield from report.reading()
        yield from files_of(media)
        yield report.feed(writings)
        if asked.search:
            yield from report.finding()


@dataclass(frozen=True)
class Report:
    """What all parts of the report share."""

    facts: "Facts"
    world: "World"
    title: str
    left_out: Sequence[str]
    """The words and sites that are in no list."""
    pages: "Mapping[int, Sequence[Page]]"
    search: bool
    real_names: bool
    media: bool
    id: str = ""
    """A UUID of these pages among all others, for the feed."""
    has_writings: "list[Writing]" = field(default_factory=list)

    @cached_property
    def menu(self) -> list[tuple[str, str]]:
        found = [("Overview", "index.html"), ("Chats", self._chats_path), ("People", "people/index.html")]
        (last,) = self.facts.row("SELECT year(max(day)) FROM report_day")
        if last:  # somebody wrote
            found.append(("Years", f"years/{last}.html"))
        if self.has_writings:
            found.append(("Writings", "writings/index.html"))
        return [*found, ("Search", "search.html")] if self.search else found

    @property
    def _chats_path(self) -> str:
        return "chats/index.html" if len(self.world.chats) > 1 else f"{self.world.chats[0].folder}/pages.html"

    @cached_property
    def with_charts(self) -> "set[int]":
        """Chats that have charts of their own: where there is one alone, the front page is about it."""
        large = [chat.number for chat in self.world.chats if chat.messages >= CHARTS_FROM and chat.people]
        return set(large[:CHARTS_FOR]) if len(self.world.chats) > 1 else set()

    def page(self, template: str, path: str, **values: Any) -> str:
        from egregora_report.html import page

        return page(
            template, path, site=self.title, menu=self.menu, real_names=self.real_names, media=self.media, **values
        )

    def assets(self) -> Iterator[PublishedFile]:
        """Yield what all pages load."""
        from egregora_report import charts
        from egregora_report.html import asset, script, style_sheet

        yield PublishedFile("assets/style.css", style_sheet())
        for name in ("page.js", "overview.js", "reading.js", "search.js", "drawing.js", "person.js"):
            yield PublishedFile(f"assets/{name}", asset(name))
        made_with = charts.made_with()
        yield PublishedFile("assets/vega.js", lambda: charts.apart("runtime"), made_of=made_with)
        yield PublishedFile(
            "assets/charts.js", lambda: script("charts", charts.apart("specifications")), made_of=made_with
        )

    # --- what writers wrote -----------------------------------------------------------------------------------------

    def writings(
        self, documents: Iterator[Mapping[str, Any]], *, counted: bool
    ) -> Generator[PublishedFile, None, "list[Writing]"]:
        """Yield a page for each document that has one, and their lists; return them."""
        from egregora_report.writings import cited, shown, tag_path

        listed: list[Writing] = []
        paths: dict[str, str] = {}
        wanted: set[str] = set()
        with SpooledTemporaryFile(_IN_MEMORY) as spool:  # a body may link to a later document, so all are read first
            places = []
            for writing, body in shown(documents, counted=counted, common=set(self.left_out)):
                listed.append(writing)
                wanted |= cited(body)
                paths[writing.id] = writing.path
                places.append((spool.tell(), spool.write(body.encode())))
            self.has_writings.extend(listed[:1])
            paths |= self._places_of(wanted)
            for writing, (offset, length) in zip(listed, places, strict=True):
                spool.seek(offset)
                yield PublishedFile(writing.path, self._writing(writing, spool.read(length).decode(), paths))
        if listed:
            latest = sorted(listed, key=lambda one: (str(one.day or ""), one.path), reverse=True)
            tags = sorted({tag for writing in listed for tag in writing.tags})
            path = "writings/index.html"
            values = {"writings": latest, "tags": tags, "heading": "Writings", "tag_path": tag_path}
            yield PublishedFile(path, self.page("writings.html", path, **values))
            for tag in tags:
                of_tag = [writing for writing in latest if tag in writing.tags]
                values = {"writings": of_tag, "tags": [], "heading": tag, "tag_path": tag_path}
                yield PublishedFile(tag_path(tag), self.page("writings.html", tag_path(tag), **values))
        return listed

    def _places_of(self, messages: "set[str]") -> dict[str, str]:
        """Return where messages can be read, by their ids."""
        if not messages:
            return {}
        folders = {chat.number: chat.folder for chat in self.world.chats}
        self.facts.insert("report_cited", "event_id UUID", [[each] for each in sorted(messages)])
        rows = self.facts.rows("""
            SELECT m.event_id::VARCHAR, m.c, page.name, m.mid
            FROM (SELECT * FROM report_m SEMI JOIN report_cited USING (event_id)) m
            ASOF JOIN report_page page ON m.c = page.c AND m.pos >= page.low""")
        return {event_id: f"{folders[c]}/{name}#m{mid}" for event_id, c, name, mid in rows}

    def _writing(self, writing: "Writing", body: str, paths: Mapping[str, str]) -> str:
        from egregora_report.model import long_date
        from egregora_report.writings import rendered, tag_path

        root = "../" * writing.path.count("/")
        day = long_date(writing.day) if writing.day else ""
        html = rendered(body, paths, root)
        return self.page("writing.html", writing.path, one=writing, day=day, body=html, tag_path=tag_path)

    def feed(self, writings: "Sequence[Writing]") -> PublishedFile:
        """Return the feed: what was written last, and the last pages of the chats."""
        from egregora_report.html import page

        space = UUID(self.id)
        entries = [(one.title, one.path, one.day, one.kind) for one in writings if one.day]
        for chat in self.world.chats:
            for part in self.pages[chat.number][-_ENTRIES:]:
                told = f"{part.written:,} message{'' if part.written == 1 else 's'}, {part.dates}"
                entries.append((f"{chat.title}: {part.title}", f"{chat.folder}/{part.name}", part.last, told))
        latest = sorted(entries, key=lambda entry: (entry[2], entry[1]), reverse=True)[:_ENTRIES]
        listed = [(uuid5(space, path), title, path, *more) for title, path, *more in latest]
        values: dict[str, Any] = {
            "site": self.title,
            "id": self.id,
            "updated": f"{self.world.last}T00:00:00Z",
            "entries": listed,
        }
        values |= {"real_names": self.real_names}
        return PublishedFile("feed.xml", page("feed.xml", "feed.xml", **values))

    # --- overviews ----------------------------------------------------------------------------------------------

    def overviews(self) -> Iterator[PublishedFile]:
        """Yield the front page, and one for each chat that is large enough."""
        about: list[tuple[Chat | None, str]] = [(None, "index.html")]
        about += [(chat, f"{chat.folder}/index.html") for chat in self.world.chats if chat.number in self.with_charts]
        for chat, path in about:
            data = path.replace("index.html", "data.js")
            scope = self._scope(chat)
            made_of = digest(
                self._content_of(chat), *((person.name, person.hue) for person in scope.people), *self.left_out
            )
            yield PublishedFile(data, partial(_overview_script, scope), made_of=made_of)
            yield PublishedFile(path, self._overview(chat, path))

    def _scope(self, chat: "Chat | None") -> "Scope":
        from egregora_report.overview import scope_of

        return scope_of(self.facts, self.world, chat)

    def _content_of(self, chat: "Chat | None") -> str:
        """Return what stands for all messages of a chat, or of all."""
        listed = self.pages.values() if chat is None else [self.pages[chat.number]]
        return digest(*(f"{page.chat} {page.name} {page.made_of}" for of_one in listed for page in of_one))

    def _overview(self, chat: "Chat | None", path: str) -> str:
        from egregora_report.html import href

        read = f"{chat.folder}/pages.html" if chat else self._chats_path
        return self.page(
            "overview.html",
            path,
            chat=chat,
            lead=lead_of(self.world, chat),
            tiles=TILES,
            charts_top=CHARTS,
            pages_href=href(path, read),
            one_chat=bool(chat) or len(self.world.chats) == 1,
        )

    # --- chats and their pages ------------------------------------------------------------------------------------

    def chats(self) -> Iterator[PublishedFile]:
        """Yield the list of chats, and for each the list of its pages."""
        from itertools import groupby

        from egregora_report.model import long_date

        if len(self.world.chats) > 1:
            listed = [(chat, chat.number in self.with_charts) for chat in self.world.chats]
            yield PublishedFile("chats/index.html", self.page("chats.html", "chats/index.html", chats=listed))
        for chat in self.world.chats:
            parts, path = self.pages[chat.number], f"{chat.folder}/pages.html"
            years = [(year, list(of_one)) for year, of_one in groupby(parts, lambda part: part.first.year)]
            yield PublishedFile(
                path,
                self.page(
                    "pages.html",
                    path,
                    chat=chat,
                    first=long_date(chat.first.date()),
                    last=long_date(chat.last.date()),
                    parts=parts,
                    years=years,
                    overview=chat.number in self.with_charts,
                ),
            )

    # --- people ---------------------------------------------------------------------------------------------------

    def people(self) -> Iterator[PublishedFile]:
        """Yield a page for each person, and their list."""
        from egregora_report.html import script
        from egregora_report.model import long_date
        from egregora_report.persons import drawn, portraits

        found = portraits(self.facts, self.world.people)
        more = len(self.world.people) - len(found)
        listed = self.page("people.html", "people/index.html", people=found, more=more)
        yield PublishedFile("people/index.html", listed)
        for one in found:
            yield PublishedFile(f"people/{one.person.slug}.js", script("person", drawn(one)))
            yield PublishedFile(
                one.person.path,
                self.page(
                    "person.html",
                    one.person.path,
                    one=one,
                    first=long_date(one.person.first.date()),
                    last=long_date(one.person.last.date()),
                    tiles=tiles_of(one, self.world),
                ),
            )

    def years(self) -> Iterator[PublishedFile]:
        """Yield a page for each year, with a picture to share."""
        from egregora_core.people import PALETTE

        from egregora_report import charts
        from egregora_report.years import picture, years_of

        found = years_of(self.facts, self.world)
        for year in found:
            path = f"years/{year.year}.html"
            listed = [each.year for each in reversed(found)]
            yield PublishedFile(path, self.page("year.html", path, year=year, years=listed))
            asked = picture(year, self.title, [colour.light for colour in PALETTE], real_names=self.real_names)
            made = _Once(partial(charts.apart, "pictures", asked))
            made_of = digest(charts.made_with(), asked)
            yield PublishedFile(f"years/{year.year}.svg", partial(made.part, "svg"), made_of=made_of)
            yield PublishedFile(f"years/{year.year}.png", partial(made.bytes_of, "png"), made_of=made_of)

    def reading(self) -> Iterator[PublishedFile]:
        """Yield the reading pages; messages are fetched for some pages at once, when the first of them is made."""
        from egregora_report.reading import prepare

        prepare(self.facts)
        for chat in self.world.chats:
            parts = self.pages[chat.number]
            made = _InTurn(self.facts, parts, sides=chat.people == 2)  # noqa: PLR2004 - two people face each other
            for place, part in enumerate(parts):
                before = parts[place - 1].name if place else ""
                after = parts[place + 1].name if place + 1 < len(parts) else ""
                path = f"{chat.folder}/{part.name}"
                told = {"chat": chat, "part": part, "before": before, "after": after}
                about = (self.title, self.menu, chat.title, chat.timezone, part.words, part.dates, before, after)
                yield PublishedFile(
                    path,
                    partial(self._reading_page, path, told, partial(made.body, place)),
                    made_of=digest(part.made_of, *about),
                )

    def finding(self) -> Iterator[PublishedFile]:
        """Yield the search page and its index."""
        from egregora_report.searching import index_files

        yield PublishedFile("search.html", self.page("search.html", "search.html"))
        yield from index_files(self.facts)

    def _reading_page(self, path: str, told: Mapping[str, Any], body: Callable[[], Any]) -> str:
        return self.page("reading.html", path, **told, body=body())


class _Once:
    """Something that is made when it is first asked for."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    @cached_property
    def _made(self) -> Any:
        return self._make()

    def part(self, name: str) -> str:
        return str(self._made[name])

    def bytes_of(self, name: str) -> bytes:
        return b64decode(self._made[name])


class _InTurn:
    """The messages of a chat's pages, asked for one after the other: the longer the row, the more are fetched at once."""

    def __init__(self, facts: "Facts", parts: "Sequence[Page]", *, sides: bool) -> None:
        self._facts, self._parts, self._sides = facts, parts, sides
        self._held: Mapping[int, Any] = {}
        self._next, self._many = 0, 1

    def body(self, place: int) -> Any:
        from egregora_report.reading import bodies

        number = self._parts[place].number
        if number not in self._held:
            self._many = min(MOST_AT_ONCE, self._many * 4) if place == self._next else 1
            self._held = bodies(self._facts, self._parts[place : place + self._many], sides=self._sides)
            self._next = place + self._many
        return self._held[number]


def _overview_script(scope: "Scope") -> str:
    from egregora_report.html import script
    from egregora_report.overview import overview_data

    return script("overview", overview_data(scope))


def digest(*parts: Any) -> str:
    """Return what stands for some values."""
    return hashlib.sha256("\x1f".join(map(repr, parts)).encode()).hexdigest()
