"""The pages of chats: overviews with charts, lists of pages, and the pages that one reads."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import count, groupby
from typing import Any

from egregora_core.plugin import PublishedFile

from egregora_report.cutting import Page
from egregora_report.facts import Facts
from egregora_report.html import href, script
from egregora_report.model import Chat, long_date
from egregora_report.overview import Scope, overview_data, scope_of
from egregora_report.reading import bodies, prepare
from egregora_report.report import Report, digest
from egregora_report.tiles import CHARTS, TILES, lead_of

MOST_AT_ONCE = 48
"""No query makes more reading pages."""


def overview_files(report: Report) -> Iterator[PublishedFile]:
    """Yield the front page, and one for each chat that is large enough."""
    about: list[tuple[Chat | None, str]] = [(None, "index.html")]
    large = [chat for chat in report.world.chats if chat.number in report.with_charts]
    about += [(chat, f"{chat.folder}/index.html") for chat in large]
    for chat, path in about:
        scope = scope_of(report.facts, report.world, chat)
        people = ((person.name, person.hue) for person in scope.people)
        made_of = digest(report.content_of(chat), *people, *report.left_out)
        yield PublishedFile(path.replace("index.html", "data.js"), partial(_data, scope), made_of=made_of)
        yield PublishedFile(path, _overview(report, chat, path))


def _data(scope: Scope) -> str:
    return script("overview", overview_data(scope))


def _overview(report: Report, chat: Chat | None, path: str) -> str:
    read = f"{chat.folder}/pages.html" if chat else report.chats_path
    return report.page(
        "overview.html",
        path,
        chat=chat,
        lead=lead_of(report.world, chat),
        tiles=TILES,
        charts_top=CHARTS,
        pages_href=href(path, read),
        one_chat=bool(chat) or len(report.world.chats) == 1,
    )


def list_files(report: Report) -> Iterator[PublishedFile]:
    """Yield the list of chats, and for each the list of its pages."""
    if len(report.world.chats) > 1:
        listed = [(chat, chat.number in report.with_charts) for chat in report.world.chats]
        yield PublishedFile("chats/index.html", report.page("chats.html", "chats/index.html", chats=listed))
    for chat in report.world.chats:
        parts, path = report.pages[chat.number], f"{chat.folder}/pages.html"
        values = {
            "chat": chat,
            "first": long_date(chat.first.date()),
            "last": long_date(chat.last.date()),
            "parts": parts,
            "years": [(year, list(of_one)) for year, of_one in groupby(parts, lambda part: part.first.year)],
            "overview": chat.number in report.with_charts,
        }
        yield PublishedFile(path, report.page("pages.html", path, **values))


def reading_files(report: Report) -> Iterator[PublishedFile]:
    """Yield the reading pages; messages are fetched for some pages at once, when the first of them is made."""
    prepare(report.facts)
    made = _InTurn(report.facts, [part for chat in report.world.chats for part in report.pages[chat.number]])
    turns = count()
    for chat in report.world.chats:
        parts = report.pages[chat.number]
        for place, part in enumerate(parts):
            before = parts[place - 1].name if place else ""
            after = parts[place + 1].name if place + 1 < len(parts) else ""
            path = f"{chat.folder}/{part.name}"
            told = {"chat": chat, "part": part, "before": before, "after": after}
            about = (report.settings.title, report.menu, chat.title, chat.timezone, part.words, part.dates)
            yield PublishedFile(
                path,
                partial(_reading_page, report, path, told, partial(made.body, next(turns))),
                made_of=digest(part.made_of, *about, before, after),
            )


def _reading_page(report: Report, path: str, told: Mapping[str, Any], body: Callable[[], Any]) -> str:
    return report.page("reading.html", path, **told, body=body())


class _InTurn:
    """The messages of pages, asked for one after the other: the longer the row, the more are fetched at once."""

    def __init__(self, facts: Facts, parts: Sequence[Page]) -> None:
        self._facts, self._parts = facts, parts
        self._held: Mapping[int, Any] = {}
        self._next, self._many = 0, 1

    def body(self, place: int) -> Any:
        number = self._parts[place].number
        if number not in self._held:
            self._many = min(MOST_AT_ONCE, self._many * 4) if place == self._next else 1
            self._held = bodies(self._facts, self._parts[place : place + self._many])
            self._next = place + self._many
        return self._held[number]
