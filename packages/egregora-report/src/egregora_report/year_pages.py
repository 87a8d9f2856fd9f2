"""A page for each year, with a picture to share."""

from base64 import b64decode
from collections.abc import Callable, Iterator
from functools import cached_property, partial
from typing import Any

from egregora_core.people import PALETTE
from egregora_core.plugin import PublishedFile

from egregora_report import charts
from egregora_report.report import Report, digest
from egregora_report.years import picture, years_of


def year_files(report: Report) -> Iterator[PublishedFile]:
    found = years_of(report.facts, report.world)
    colours = [colour.light for colour in PALETTE]
    for year in found:
        path = f"years/{year.year}.html"
        listed = [each.year for each in reversed(found)]
        yield PublishedFile(path, report.page("year.html", path, year=year, years=listed))
        asked = picture(year, report.settings.title, colours, real_names=report.real_names)
        made = _Once(partial(charts.apart, "pictures", asked))
        made_of = digest(charts.made_with(), asked)
        yield PublishedFile(f"years/{year.year}.svg", partial(made.part, "svg"), made_of=made_of)
        yield PublishedFile(f"years/{year.year}.png", partial(made.bytes_of, "png"), made_of=made_of)


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
