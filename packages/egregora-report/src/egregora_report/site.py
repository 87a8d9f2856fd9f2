"""The publisher: all files of the report, each with what it is made of, so that the host makes only what changed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from egregora_core.plugins.specs import PublishedFile


def publish(
    documents: Iterator[Mapping[str, Any]],
    *,
    messages: Any,
    title: str = "Conversations",
    search: bool = True,
    languages: Sequence[str] = (),
) -> Iterator[PublishedFile]:
    """Yield the files of the report; see `PublisherSpec`."""
    from egregora_report.facts import facts_of
    from egregora_report.model import world_of

    del documents, search
    with facts_of(messages) as facts:
        world = world_of(facts)
        if not world.chats:
            return
        yield from _assets()
        yield from _overviews(facts, world, title, languages)


def _assets() -> Iterator[PublishedFile]:
    from egregora_report import charts
    from egregora_report.html import asset, script, style_sheet

    yield PublishedFile("assets/style.css", style_sheet())
    for name in ("page.js", "overview.js"):
        yield PublishedFile(f"assets/{name}", asset(name))
    made_with = charts.made_with()
    yield PublishedFile("assets/vega.js", charts.runtime, made_of=made_with)
    yield PublishedFile("assets/charts.js", lambda: script("charts", charts.specifications()), made_of=made_with)


_TILES = (
    ("messages", "messages"),
    ("people", "people wrote"),
    ("active", "active days"),
    ("average", "messages a day"),
    ("busiest", "busiest day"),
    ("streak", "longest streak"),
    ("silence", "longest silence"),
)
_CHARTS = (
    ("timeline", "Over time", "", "Bars: messages over time, by person"),
    ("clock", "When", "half", "Heat map: messages by day of the week and hour"),
    ("calendar", "Day by day", "half", "Calendar: messages on each day"),
    ("answers", "Who answers whom", "half", "Circles: how often each person answers each other one"),
    ("speed", "How fast", "half", "Bars: how long each person typically takes to answer"),
)


def _overviews(facts: Any, world: Any, title: str, languages: Sequence[str]) -> Iterator[PublishedFile]:
    from egregora_report.html import page, script
    from egregora_report.model import long_date
    from egregora_report.overview import overview_data, scope_of
    from egregora_report.stopping import common_words_of

    common = common_words_of(facts, languages)
    about = [(None, "index.html", "data/overview.js")]
    for chat, path, data in about:
        scope = scope_of(facts, world, chat)
        told = overview_data(scope, common)
        yield PublishedFile(data, script("overview", told))
        lead = f"{world.messages:,} messages from {long_date(world.first)} to {long_date(world.last)}."
        yield PublishedFile(
            path,
            page(
                "overview.html",
                path,
                site=title,
                menu=[("Overview", "index.html")],
                chat=chat,
                lead=lead,
                tiles=_TILES,
                charts_top=_CHARTS,
                data_href=data,
                pages_href="",
            ),
        )
