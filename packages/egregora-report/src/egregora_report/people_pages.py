"""The pages of people: one for each, and their list."""

from collections.abc import Iterator

from egregora_core.plugin import PublishedFile

from egregora_report.html import script
from egregora_report.model import long_date
from egregora_report.persons import drawn, portraits
from egregora_report.report import Report
from egregora_report.tiles import tiles_of


def people_files(report: Report) -> Iterator[PublishedFile]:
    found = portraits(report.facts, report.world.people)
    more = len(report.world.people) - len(found)
    listed = report.page("people.html", "people/index.html", people=found, more=more)
    yield PublishedFile("people/index.html", listed)
    for one in found:
        person = one.person
        values = {
            "first": long_date(person.first.date()),
            "last": long_date(person.last.date()),
            "tiles": tiles_of(one, report.world),
        }
        yield PublishedFile(f"people/{person.slug}.js", script("person", drawn(one)))
        yield PublishedFile(person.path, report.page("person.html", person.path, one=one, **values))
