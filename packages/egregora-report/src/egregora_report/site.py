"""The publisher: all files of the report, each with what it is made of, so that the host makes only what changed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from egregora_core.plugin import Attachment, PublishedFile, Site

if TYPE_CHECKING:
    from egregora_report.drawing import Drawing


def publish(
    documents: Iterator[Mapping[str, Any]],
    *,
    messages: Any,
    site: Site,
    attachments: Sequence[Attachment] = (),
    **settings: Any,
) -> Iterator[PublishedFile]:
    """Yield the files of the report; see `PublisherSpec`. The settings are fields of `ReportSettings`."""
    from egregora_report.chat_pages import list_files, overview_files, reading_files
    from egregora_report.cutting import pages_of
    from egregora_report.facts import facts_of, keep_telling_words
    from egregora_report.feed import feed
    from egregora_report.media import files_of, keep_media, shown
    from egregora_report.model import world_of
    from egregora_report.people_pages import people_files
    from egregora_report.report import Report
    from egregora_report.searching import search_files
    from egregora_report.settings import ReportSettings
    from egregora_report.stopping import common_words_of
    from egregora_report.writing_pages import read_writings, writing_files
    from egregora_report.year_pages import drawing_of, year_files
    from egregora_report.years import years_of

    asked = ReportSettings(**settings)
    with facts_of(messages, site.shown_names.values()) as facts:
        world = world_of(facts)
        if not world.chats:
            return
        left_out = keep_telling_words(facts, common_words_of(facts, asked.languages), site.name_words)
        media = shown(attachments)
        keep_media(facts, media)
        pages = pages_of(facts, world.chats)
        with read_writings(documents, counted=asked.summaries, common=set(left_out)) as writings:
            report = Report(
                facts, world, pages, asked, site, left_out, media=bool(media), writings=bool(writings.listed)
            )
            years = years_of(facts, world)
            drawing = drawing_of(report, years)
            yield from asset_files(drawing)
            yield from writing_files(report, writings)
        yield from overview_files(report)
        yield from list_files(report)
        yield from people_files(report)
        yield from year_files(report, years, drawing)
        yield from reading_files(report)
        yield from files_of(media)
        yield feed(report, writings.listed)
        if asked.search:
            yield from search_files(report)


def asset_files(drawing: "Drawing") -> Iterator[PublishedFile]:
    """Yield what all pages load."""
    from egregora_report.drawing import made_with
    from egregora_report.html import asset, script, style_sheet

    yield PublishedFile("assets/style.css", style_sheet())
    for name in ("page.js", "overview.js", "reading.js", "search.js", "drawing.js", "person.js"):
        yield PublishedFile(f"assets/{name}", asset(name))
    made_of = made_with()
    yield PublishedFile("assets/vega.js", lambda: drawing.runtime, made_of=made_of)
    yield PublishedFile("assets/charts.js", lambda: script("charts", drawing.charts), made_of=made_of)
