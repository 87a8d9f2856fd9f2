"""A page for each year, with a picture to share."""

from collections.abc import Iterator, Sequence
from functools import partial

from egregora_core.people import PALETTE
from egregora_core.plugin import PublishedFile

from egregora_report.drawing import Drawing, made_with
from egregora_report.report import Report, digest
from egregora_report.years import Year, picture


def drawing_of(report: Report, years: Sequence[Year]) -> Drawing:
    """Return what draws the picture of each year."""
    colours = [colour.light for colour in PALETTE]
    title, real_names = report.settings.title, report.real_names
    return Drawing({str(year.year): picture(year, title, colours, real_names=real_names) for year in years})


def year_files(report: Report, years: Sequence[Year], drawing: Drawing) -> Iterator[PublishedFile]:
    listed = [each.year for each in reversed(years)]
    for year in years:
        path = f"years/{year.year}.html"
        yield PublishedFile(path, report.page("year.html", path, year=year, years=listed))
        name = str(year.year)
        made_of = digest(made_with(), drawing.asked[name])
        yield PublishedFile(f"years/{name}.svg", partial(drawing.svg, name), made_of=made_of)
        yield PublishedFile(f"years/{name}.png", partial(drawing.png, name), made_of=made_of)
