"""The first pass: what one file's headers, dates and authors are, from all of it.

It is made with the template of the file's opening, and again where that met lines of another style that are messages.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from egregora_core.builtin.whatsapp._attachments import DATED_NAME, named_date
from egregora_core.builtin.whatsapp._authors import Authors, Census
from egregora_core.builtin.whatsapp._blocks import Block, Engine, blocks, starts_of, to_lines
from egregora_core.builtin.whatsapp._characters import trimmed
from egregora_core.builtin.whatsapp._checkpoint import Start
from egregora_core.builtin.whatsapp._date_order import Dated, Dates
from egregora_core.builtin.whatsapp._dialect import Clock, Dialect, cut_sql, day_of, numbers_of, of_style
from egregora_core.builtin.whatsapp._first_lines import settled
from egregora_core.builtin.whatsapp._header import Header, parse_header
from egregora_core.builtin.whatsapp._name_counts import census_sql
from egregora_core.builtin.whatsapp._styles import OtherStyles, Run, Style, runs_in
from egregora_core.builtin.whatsapp._template import Template, templates_of
from egregora_core.builtin.whatsapp._text import TextFile
from egregora_core.plugin import DateOrder, ExportError

_MOST_TURNS = 8
"""So often a text is read at most until all styles in it are known."""
_MOST_TIMELESS = 10_000
_SURE = 200
"""After so many lines of a style, and each time that they doubled, it is asked whether they are messages."""
_WITH_A_DATED_NAME = re.compile(b"(?m)^[^\n]*?(?:" + DATED_NAME.pattern.encode() + b")")
_MEDIA_LIMIT = 2000


@dataclass(frozen=True)
class Survey:
    """What is known of a file once all of it has been seen."""

    start: Start
    seen: "Findings"
    dialects: Sequence[Dialect]
    header: bytes
    """The expression for a header that gives a time, over UTF-8."""
    authors: Authors
    facts: Mapping[str, Any]

    @property
    def no_times(self) -> int:
        """How many headers at least have a date or a time that does not exist."""
        dates = zip(self.seen.dates.styles, self.dialects, strict=True)
        return self.seen.no_times + sum(style.over(dialect.order) for style, dialect in dates)


def survey(start: Start, engine: Engine, title: str | None, order: DateOrder | None) -> Survey:
    """Read the whole text from its start on once.

    Raises ExportError where it is no chat, DateOrderError where the order is open.
    """
    text, admitted = start.text, list[Sequence[Header]]()
    paddings = dict(enumerate(start.last.get("paddings", "")))
    for hasty in (*(True,) * _MOST_TURNS, False):
        templates = [settled(text, each.with_paddings(paddings)) for each in templates_of(start.headers, admitted)]
        seen = _pass(text, engine, Findings(templates, start.names), order, hasty=hasty)
        own = seen.own(order) if hasty else []
        if hasty and not start.last and seen.is_broken(order):
            text.crlf = False
        elif not own:
            break
        admitted += [style.headers for style in own]
    if seen.dates.is_open(order):
        _add_media(text, seen)
    dialects, dates = seen.dates.decide(order, text.where)
    seen.clock.dialects = dialects
    authors = seen.census.authors(title, ios=seen.ios)
    header = header_pattern(seen.templates, *seen.timeless(dialects, text.where))
    facts = {
        "template": " | ".join(template.describe() for template in seen.templates),
        "platform": "ios" if seen.ios else "android",
        "encoding": text.encoding,
        "headers": seen.headers,
        "paddings": seen.templates[0].paddings,
        "other_lines": seen.others.all,
    }
    if text.respell and text.respell.evidence:
        facts |= {"year": str(text.respell.first), "year_evidence": text.respell.evidence}
    return Survey(start, seen, dialects, header, authors, facts | dates)


def header_pattern(templates: Sequence[Template], *without: Iterable[str]) -> bytes:
    """Return the expression for a header of any of the templates, over UTF-8, but for some dates and some clocks."""
    found = b""
    # What the first template that fits refuses is not for the next ones to take: `cut_sql` cuts by the first, too.
    for style, each in reversed([*enumerate(templates)]):
        refused = ([text for number, text in map(of_style, sorted(texts)) if number == style] for texts in without)
        found = each.no_header(*refused) + b"(?:" + each.regex_bytes() + (b"|" + found if found else b"") + b")"
    return found


class Findings:
    """What was seen so far of a text: its dates, its names, and lines in another style."""

    def __init__(self, templates: Sequence[Template], known: Mapping[str, bool]) -> None:
        self.templates = templates
        self.ios = any(template.shape.bracket for template in templates)
        self.dates, self.clock = Dates(templates), Clock(templates)
        self.census, self.others = Census(known), OtherStyles()
        self.headers = self.size = self.no_times = 0
        self._dates: dict[str, Dated] = {}
        """Dates as written → style and numbers."""
        self._clocks: set[str] = set()
        """Clocks that give no time."""

    def note(self, seen: "_Look", engine: Engine) -> None:
        """Take note of a block's names and dates."""
        self.census.add(seen.names, seen.newline, partial(engine.rows, lines=seen.parts), ios=self.ios)
        self.headers += seen.parts.num_rows
        self._dates |= {text: numbers_of(text) for text in set(seen.dates) - self._dates.keys()}
        self.dates.add([dated for dated, _ in groupby(self._dates[text] for text in seen.dates)])
        self._clocks |= seen.clocks
        self.no_times += seen.no_times

    def timeless(self, dialects: Sequence[Dialect], where: str) -> tuple[list[str], set[str]]:
        """Return the dates and the clocks that give no time. Raises ExportError where there are very many."""
        dates = [text for text, (style, numbers) in self._dates.items() if day_of(numbers, *dialects[style]) is None]
        if len(dates) + len(self._clocks) > _MOST_TIMELESS:
            raise ExportError(f"{where}: thousands of its headers give no time; export the chat again")
        return dates, self._clocks

    def own(self, given: DateOrder | None) -> list[Style]:
        """Return the styles of lines that are messages, too."""
        if not self.others.count:
            return []
        writers = {trimmed(name) for name in self.census.names}
        return self.others.own(writers, self.dates.orders(given), self.headers)

    def is_broken(self, given: DateOrder | None) -> bool:
        """Tell whether lines behind line ends that end no message are messages all the same."""
        inner = self.others.inner
        return 2 * inner.fits(self.dates.orders(given)) > inner.count


class _Look(NamedTuple):
    """What was seen of a block."""

    newline: str
    parts: pa.Table
    names: list[Any]
    dates: list[str]
    """In order, neighbours that are the same only once."""
    clocks: set[str]
    """Those that give no time."""
    no_times: int
    """How many lines of what is new have one of them."""
    runs: list[Run]
    """Lines that would be headers in another style, by message."""


def _pass(text: TextFile, engine: Engine, found: "Findings", order: DateOrder | None, *, hasty: bool) -> "Findings":
    """Read the text; in haste, only up to where lines that are none so far surely are messages."""
    cut, begin = cut_sql(found.templates), len(text.opening)  # what is only read again for its beginning counts little
    wait = _SURE

    def chunks() -> Iterator[bytes]:
        for chunk in text.chunks():
            found.size += len(chunk)
            yield chunk

    def look(block: Block) -> "_Look":
        newline, lines = block.newline.decode(), to_lines(block)
        parts = engine.table(cut, lines)
        dates, clocks, no_times = parts["date"].combine_chunks(), found.clock.unread(parts), 0
        if clocks:
            timeless = pc.is_in(parts["clock"], value_set=pa.array(clocks)).combine_chunks()
            new = starts_of(lines) >= begin - (block.start or 0)
            no_times = int((timeless.to_numpy(zero_copy_only=False) & new).sum())
            dates = dates.filter(pc.invert(timeless))
        dates, parts = pc.run_end_encode(dates).values.to_pylist(), parts.select(["pos", "rest"])
        names = engine.rows(census_sql(newline, ios=found.ios), parts)
        return _Look(newline, parts, names, dates, clocks, no_times, runs_in(block))

    for seen in engine.map(look, blocks(chunks(), header_pattern(found.templates))):
        found.note(seen, engine)
        found.others.add(seen.runs, begin)
        if hasty and found.others.all >= wait:
            wait = 2 * found.others.all
            if found.is_broken(order) or found.own(order):
                return found
    return found


def _add_media(text: TextFile, found: "Findings") -> None:
    """Compare dates in the names of media files with their messages' dates."""
    seen = 0
    for block in blocks(text.chunks(), header_pattern(found.templates)):
        for match in _WITH_A_DATED_NAME.finditer(block.data):
            header = parse_header(match[0].decode("utf-8", "replace"))
            named = named_date((match[1] or match[2]).decode())
            seen += bool(header and named and found.dates.add_media(header, named))
        if seen > _MEDIA_LIMIT:
            return
