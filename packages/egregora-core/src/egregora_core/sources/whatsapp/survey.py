"""The first pass: what one file's headers, dates and authors are, from all of it.

It is made with the template of the file's opening, and again where that met lines of another style that are messages.
"""

import hashlib
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any, Self

from egregora_core.plugin import DateOrder
from egregora_core.sources.whatsapp.authors import Authors, Census
from egregora_core.sources.whatsapp.clock import timed
from egregora_core.sources.whatsapp.dates import DateEvidence
from egregora_core.sources.whatsapp.decision import decide
from egregora_core.sources.whatsapp.engine import Engine
from egregora_core.sources.whatsapp.header import parse_header
from egregora_core.sources.whatsapp.lines import Block, blocks
from egregora_core.sources.whatsapp.mixed import Run, Strangers, Style
from egregora_core.sources.whatsapp.neighbours import Dated, Neighbours
from egregora_core.sources.whatsapp.opening import look_at, settled
from egregora_core.sources.whatsapp.strangers import Finder, Found, runs_in
from egregora_core.sources.whatsapp.style_dates import dates_of
from egregora_core.sources.whatsapp.tally import census_sql
from egregora_core.sources.whatsapp.template import Ballot, Template
from egregora_core.sources.whatsapp.template_sql import Dialect, rest_sql
from egregora_core.sources.whatsapp.text import TextFile
from egregora_core.sources.whatsapp.words import MARKS, SPACES
from egregora_core.sources.whatsapp.years import Yearless

if TYPE_CHECKING:
    import pyarrow as pa

_MOST_TURNS = 8
"""So often a text is read at most until all styles in it are known."""
_SURE = 200
"""After so many lines of a style, and each time that they doubled, it is asked whether they are messages."""
_MEDIA_DATE = re.compile(rb"(?m)^[^\n]*?(?:\b[A-Z]{2,4}-(\d{8})-WA\d|\d{8}-[A-Z]+-(\d{4}-\d\d-\d\d)-\d)")
_MEDIA_LIMIT = 2000


@dataclass(frozen=True)
class Survey:
    """What is known of a file once all of it has been seen."""

    dialects: tuple[Dialect, ...]
    authors: Authors
    facts: Mapping[str, Any]
    size: int
    """Of the text, in bytes."""
    doubtful: tuple[str, ...] = ()
    """Names of what the text leaves out that may be the beginnings of longer ones, by all that the text tells."""
    strangers: Strangers = field(default_factory=Strangers)
    """Lines that would be headers in another style, but are parts of messages."""
    no_days: int = 0
    """How many times at least headers have a date that does not exist."""
    no_times: int = 0
    """How many headers have a time that no clock shows."""

    @property
    def header(self) -> bytes:
        return header_pattern([dialect.template for dialect in self.dialects])


@dataclass(frozen=True)
class LeftOut:
    """What is known of the part of a text that is not read again."""

    authors: frozenset[str]
    opening: Ballot
    """The headers with which the whole text begins."""
    paddings: str
    """How all that was read writes small numbers (`Template.paddings`)."""


def survey(
    text: TextFile,
    engine: Engine,
    title: str | None,
    order: DateOrder | None,
    left_out: LeftOut | None = None,
) -> Survey:
    """Read the whole text once.

    Raises ExportError where it is no chat, DateOrderError where the order is open.
    """
    ballot = left_out.opening if left_out else look_at(text)
    known = left_out.authors if left_out else frozenset[str]()
    paddings = left_out.paddings if left_out else "-" * 6
    for _ in range(_MOST_TURNS):
        templates = [settled(text, template.with_paddings(paddings)) for template in ballot.templates()]
        found = _pass(text, engine, Findings.of(templates, known), order)
        if left_out is None and found.is_broken(order):
            text.crlf = False
        elif own := found.own(order):
            for style in own:
                ballot.admit(style.headers)
        else:
            return _surveyed(text, found, title, order)
    found = _pass(text, engine, Findings.of(ballot.templates(), known), order, hasty=False)
    return _surveyed(text, found, title, order)


def _surveyed(text: TextFile, found: "Findings", title: str | None, order: DateOrder | None) -> Survey:
    if order not in found.evidence[0].candidates() and any(each.is_open() for each in found.evidence):
        _add_media(text, found)
    dialects, dates = decide(found.evidence, found.neighbours, order, text.where)
    return conclude(text, found, dialects, dates, title)


def conclude(
    text: TextFile, found: "Findings", dialects: Sequence[Dialect], dates: Mapping[str, str], title: str | None
) -> Survey:
    """Return what is known once a text was seen and its dates are decided."""
    templates = [dialect.template for dialect in dialects]
    ios = any(template.shape.bracket for template in templates)
    authors = found.census.authors(title, ios=ios)
    form = [header_pattern(templates), *found.census.describe(authors.signs, title)]
    facts = {
        "template": " | ".join(template.describe() for template in templates),
        "platform": "ios" if ios else "android",
        "encoding": text.encoding,
        "headers": found.headers,
        "paddings": templates[0].paddings(),
        "strangers": found.strangers.all,
        "form": hashlib.sha256(repr(form).encode()).hexdigest()[:16],
        **dates,
    }
    if isinstance(text.respell, Yearless):
        facts |= {"year": str(text.respell.first), "year_evidence": text.respell.evidence}
    no_days = sum(x.over.get(y.order, 0) for x, y in zip(found.evidence, dialects, strict=True))
    doubtful = tuple(found.census.doubtful())
    return Survey(tuple(dialects), authors, facts, found.size, doubtful, found.strangers, no_days, found.no_times)


def header_pattern(templates: Sequence[Template]) -> bytes:
    """Return the expression for a header of any of the templates, over UTF-8."""
    return b"(?:" + b"|".join(template.regex_bytes() for template in templates) + b")"


@dataclass
class Findings:
    """What was seen so far of a text: its dates and its names."""

    evidence: list[DateEvidence]
    neighbours: Neighbours
    census: Census
    strangers: Strangers = field(default_factory=Strangers)
    headers: int = 0
    size: int = 0
    no_times: int = 0

    @classmethod
    def of(cls, templates: Sequence[Template], known: frozenset[str]) -> Self:
        """Return what is known before anything was seen."""
        evidence = [DateEvidence(template) for template in templates]
        return cls(evidence, Neighbours(evidence), Census(known))

    def note(self, seen: "_Look", engine: Engine, rest: str, *, ios: bool) -> None:
        """Take note of a block's names and dates; `rest` is SQL for what follows its headers."""
        self.census.add(seen.names, rest, seen.newline, partial(engine.rows, lines=seen.lines), ios=ios)
        self.headers += seen.lines.num_rows
        self.no_times += seen.no_times
        self.neighbours.add(seen.dates)
        for style, evidence in enumerate(self.evidence):
            evidence.add(fields for fields, _ in groupby(fields for number, fields in seen.dates if number == style))

    def add(self, run: Run, opening: int) -> None:
        """Take note of strangers, except in what is only read again for its beginning."""
        if run.lines[0].place >= opening:
            self.strangers.add(run)

    def writers(self) -> set[str]:
        return {name.strip(MARKS + SPACES) for name in self.census.names}

    def own(self, given: DateOrder | None) -> list[Style]:
        """Return the styles of lines that are messages, too."""
        return self.strangers.own(self.writers(), self.orders(given), self.headers) if self.strangers.count else []

    def is_broken(self, given: DateOrder | None) -> bool:
        """Tell whether lines behind line ends that end no message are messages all the same."""
        return self.strangers.soft.count > 0 and self.strangers.soft.is_in_time(self.orders(given))

    def templates(self) -> list[Template]:
        return [evidence.template for evidence in self.evidence]

    def orders(self, given: DateOrder | None) -> tuple[DateOrder, ...]:
        """Return in which orders the dates can be, as far as was seen."""
        possible = self.evidence[0].possible()
        return (given,) if given in possible else possible


def _pass(text: TextFile, engine: Engine, found: Findings, order: DateOrder | None, *, hasty: bool = True) -> Findings:
    """Read the text; in haste, only up to where lines that are none so far surely are messages."""
    templates = found.templates()
    rest = rest_sql([Dialect(template, "DMY") for template in templates])
    ios = any(template.shape.bracket for template in templates)
    finder, wait = Finder(), _SURE

    def chunks() -> Iterator[bytes]:
        for chunk in text.chunks():
            found.size += len(chunk)
            yield chunk

    def look(block: Block, lines: "pa.Table") -> "_Look":
        newline = block.newline.decode()
        rows = engine.rows(census_sql(rest, newline, ios=ios), lines)
        possible = timed(templates, lines, len(text.opening) - (block.start or 0))
        dates = dates_of(found.evidence, possible.lines, engine)
        return _Look(newline, lines, rows, dates, runs_in(block), possible.no_times)

    for seen in engine.map(look, blocks(chunks(), header_pattern(templates))):
        found.note(seen, engine, rest, ios=ios)
        for run in finder.add(seen.strangers):
            found.add(run, len(text.opening))
        found.strangers.add_odd([place for place in seen.strangers.odd if place >= len(text.opening)])
        if hasty and found.strangers.all >= wait:
            wait = 2 * found.strangers.all
            if found.is_broken(order) or found.own(order):
                return found
    for run in finder.rest():
        found.add(run, len(text.opening))
    return found


@dataclass(frozen=True)
class _Look:
    """What was seen of a block."""

    newline: str
    lines: "pa.Table"
    names: list[Any]
    dates: list[Dated]
    strangers: Found
    no_times: int


def _add_media(text: TextFile, found: Findings) -> None:
    """Compare dates in the names of media files with their messages' dates."""
    by_shape = {evidence.template.shape: evidence for evidence in found.evidence}
    seen = 0
    pattern = header_pattern([evidence.template for evidence in found.evidence])
    for block in blocks(text.chunks(), pattern):
        for match in _MEDIA_DATE.finditer(block.data):
            header = parse_header(match[0].decode("utf-8", "replace"))
            named = _date_of((match[1] or match[2]).decode())
            if header and named and header.shape in by_shape:
                by_shape[header.shape].add_media(header.numbers(), named)
                seen += 1
        if seen > _MEDIA_LIMIT:
            return


def _date_of(text: str) -> date | None:
    try:
        return date(*time.strptime(text.replace("-", ""), "%Y%m%d")[:3])
    except ValueError:
        return None
