"""The pages of what writers wrote: one for each document, their list, and a list for each tag."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import Any

from egregora_core.plugin import PublishedFile

from egregora_report.model import long_date
from egregora_report.report import Report
from egregora_report.writings import Writing, cited, rendered, shown, tag_path

_IN_MEMORY = 1_000_000
"""Bytes of bodies that wait in memory."""


@dataclass
class Writings:
    """All documents that have pages. Their bodies wait in a file: one may link to a later document."""

    _bodies: SpooledTemporaryFile[bytes]
    listed: list[Writing] = field(default_factory=list)
    cited: set[str] = field(default_factory=set)
    """The ids of the messages that they link to."""
    _places: list[tuple[int, int]] = field(default_factory=list)

    def add(self, writing: Writing, body: str) -> None:
        self.listed.append(writing)
        self.cited |= cited(body)
        self._places.append((self._bodies.tell(), self._bodies.write(body.encode())))

    def __iter__(self) -> Iterator[tuple[Writing, str]]:
        """Yield each with its body."""
        for writing, (offset, length) in zip(self.listed, self._places, strict=True):
            self._bodies.seek(offset)
            yield writing, self._bodies.read(length).decode()


@contextmanager
def read_writings(
    documents: Iterator[Mapping[str, Any]], *, counted: bool, common: Collection[str]
) -> Iterator[Writings]:
    """Read all documents, and keep those that have pages; see `writings.shown`."""
    with SpooledTemporaryFile(_IN_MEMORY) as bodies:
        writings = Writings(bodies)
        for writing, body in shown(documents, counted=counted, common=common):
            writings.add(writing, body)
        yield writings


def writing_files(report: Report, writings: Writings) -> Iterator[PublishedFile]:
    """Yield a page for each document, and their lists."""
    paths = {writing.id: writing.path for writing in writings.listed} | _places_of(report, writings.cited)
    for writing, body in writings:
        yield PublishedFile(writing.path, _writing_page(report, writing, body, paths))
    if not writings.listed:
        return
    latest = sorted(writings.listed, key=lambda one: (str(one.day or ""), one.path), reverse=True)
    tags = sorted({tag for writing in latest for tag in writing.tags})
    yield _list(report, "writings/index.html", "Writings", latest, tags)
    for tag in tags:
        yield _list(report, tag_path(tag), tag, [writing for writing in latest if tag in writing.tags], [])


def _places_of(report: Report, messages: Collection[str]) -> dict[str, str]:
    """Return where messages can be read, by their ids."""
    if not messages:
        return {}
    folders = {chat.number: chat.folder for chat in report.world.chats}
    report.facts.insert("report_cited", "event_id UUID", [[each] for each in sorted(messages)])
    rows = report.facts.rows("""
        SELECT m.event_id::VARCHAR, m.c, page.name, m.mid
        FROM (SELECT * FROM report_m SEMI JOIN report_cited USING (event_id)) m
        ASOF JOIN report_page page ON m.c = page.c AND m.pos >= page.low""")
    return {event_id: f"{folders[c]}/{name}#m{mid}" for event_id, c, name, mid in rows}


def _writing_page(report: Report, writing: Writing, body: str, paths: Mapping[str, str]) -> str:
    day = long_date(writing.day) if writing.day else ""
    html = rendered(body, paths, "../" * writing.path.count("/"))
    return report.page("writing.html", writing.path, one=writing, day=day, body=html, tag_path=tag_path)


def _list(report: Report, path: str, heading: str, writings: list[Writing], tags: list[str]) -> PublishedFile:
    values = {"writings": writings, "tags": tags, "heading": heading, "tag_path": tag_path}
    return PublishedFile(path, report.page("writings.html", path, **values))
