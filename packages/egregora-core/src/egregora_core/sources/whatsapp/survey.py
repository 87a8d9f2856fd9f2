"""The first pass: what one file's headers, dates and authors are, from all of it.

The template comes from a sample of every chunk; the pass over the rest is made with the first chunk's template, and
made again in the rare case that the vote ends differently.
"""

import hashlib
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from egregora_core.errors import DateOrderError, ExportError
from egregora_core.sources.whatsapp.authors import Authors, Census
from egregora_core.sources.whatsapp.dates import DateEvidence
from egregora_core.sources.whatsapp.engine import Engine
from egregora_core.sources.whatsapp.header import DATE, parse_header
from egregora_core.sources.whatsapp.lines import Block, blocks
from egregora_core.sources.whatsapp.respell import respelling
from egregora_core.sources.whatsapp.tally import census_sql
from egregora_core.sources.whatsapp.template import Ballot, Template
from egregora_core.sources.whatsapp.template_sql import Dialect, rest_sql
from egregora_core.sources.whatsapp.text import TextFile
from egregora_core.sources.whatsapp.words import plain
from egregora_core.specs import DateOrder

if TYPE_CHECKING:
    import pyarrow as pa

_SAMPLE = 1 << 14
_FIRST_SAMPLE = 1 << 17
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

    @property
    def header(self) -> bytes:
        return header_pattern([dialect.template for dialect in self.dialects])


@dataclass(frozen=True)
class LeftOut:
    """What is known of the part of a text that is not read again."""

    authors: frozenset[str]
    vote: Ballot
    """Of the whole text, that part included."""


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
    if left_out is not None:
        found, _ = _pass(text, engine, left_out.vote.winners(), left_out.authors)
        return _surveyed(text, found, title, order)
    ballot = Ballot()
    lines = _sample(next(text.chunks(), b""), _FIRST_SAMPLE)
    ballot.add(lines)
    templates = ballot.winners()
    if text.respell is None and (respell := respelling(lines, ballot, text.where)):
        text.respell = respell
        return survey(text, engine, title, order)
    if not templates:
        raise ExportError(f"{text.where}: no WhatsApp chat in it; give the .txt or .zip that WhatsApp exported")
    found, ballot = _pass(text, engine, templates)
    first, templates = templates, ballot.winners()
    if len(first) != len(templates) or not all(map(Template.same_headers, first, templates)):
        found, _ = _pass(text, engine, templates)
    for evidence, template in zip(found.evidence, templates, strict=True):
        evidence.template = template
    return _surveyed(text, found, title, order)


def _surveyed(text: TextFile, found: "Findings", title: str | None, order: DateOrder | None) -> Survey:
    dialects, dates = decide(text, found, order)
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
        "form": hashlib.sha256(repr(form).encode()).hexdigest()[:16],
        **dates,
    }
    return Survey(tuple(dialects), authors, facts, found.size, tuple(found.census.doubtful()))


def header_pattern(templates: Sequence[Template]) -> bytes:
    """Return the expression for a header of any of the templates, over UTF-8."""
    return b"(?:" + b"|".join(template.regex_bytes() for template in templates) + b")"


@dataclass
class Findings:
    """What was seen so far of a text: its dates and its names."""

    evidence: list[DateEvidence]
    census: Census
    headers: int = 0
    size: int = 0


def sampled(chunks: Iterator[bytes], ballot: Ballot) -> Iterator[bytes]:
    """Yield the chunks of a text; the lines with which each begins vote."""
    for number, chunk in enumerate(chunks):
        ballot.add(_sample(chunk, _SAMPLE if number else _FIRST_SAMPLE))
        yield chunk


def _sample(chunk: bytes, size: int) -> list[str]:
    """Return the chunk's first and last lines (of a small one: all)."""
    if len(chunk) <= 2 * _FIRST_SAMPLE:
        return chunk.decode("utf-8", "replace").split("\n")
    parts = (chunk[:size], chunk[-_SAMPLE // 2 :].partition(b"\n")[2])
    return [line for part in parts for line in part.decode("utf-8", "replace").split("\n")]


def _pass(
    text: TextFile, engine: Engine, templates: list[Template], known: frozenset[str] = frozenset()
) -> tuple[Findings, Ballot]:
    ballot = Ballot()
    found = Findings([DateEvidence(template) for template in templates], Census(known))
    dialects = [Dialect(template, "DMY") for template in templates]
    rest = rest_sql(dialects)
    ios = any(template.shape.bracket for template in templates)

    def chunks() -> Iterator[bytes]:
        for chunk in sampled(text.chunks(), ballot):
            found.size += len(chunk)
            yield chunk

    def look(block: Block, lines: "pa.Table") -> tuple[str, "pa.Table", list[Any], Any]:
        newline = block.newline.decode()
        rows = engine.rows(census_sql(rest, newline, ios=ios), lines)
        return newline, lines, rows, dates_of(found.evidence, lines, engine)

    for newline, lines, rows, dates in engine.map(look, blocks(chunks(), header_pattern(templates))):
        found.census.add(rows, rest, newline, partial(engine.rows, lines=lines), ios=ios)
        found.headers += lines.num_rows
        for evidence, runs in zip(found.evidence, dates, strict=True):
            evidence.add(runs)
    return found, ballot


# --- dates --------------------------------------------------------------------------------------------------------

Dates = list[tuple[int, ...]]


def dates_of(evidence: list[DateEvidence], lines: "pa.Table", engine: Engine) -> list[Dates]:
    """Return for each template the dates of its lines in order, neighbours of one date only once."""
    if len(evidence) == 1:
        template = evidence[0].template
        if len(evidence[0].candidates()) == 1 and template.shape.years != (2, 2):
            return [[]]
        texts = _date_slices(template, lines) if _is_sliceable(template) else _date_groups(template, lines, engine)
        return [list(_numbers(texts))]
    headers = [header for line in lines["l"].to_pylist() if (header := parse_header(line))]
    return [[x.numbers() for x in headers if x.shape == each.template.shape] for each in evidence]


def _is_sliceable(template: Template) -> bool:
    return template.zeros == {"0"} and not template.marks and not template.shape.time_first


def _date_slices(template: Template, lines: "pa.Table") -> list[str]:
    import pyarrow as pa
    import pyarrow.compute as pc

    # In brackets, a mark of three bytes may stand before the date.
    width = 8 + sum(map(len, template.shape.literals[1:3])) + 4 * template.shape.bracket
    starts = pc.binary_slice(lines["l"].chunk(0).cast(pa.binary()), 0, width)
    return [value.decode("utf-8", "ignore") for value in pc.run_end_encode(starts).values.to_pylist()]


def _date_groups(template: Template, lines: "pa.Table", engine: Engine) -> list[str]:
    import pyarrow.compute as pc

    dates = engine.table(f"SELECT {_date_sql(template)} AS d FROM lines", lines)["d"].combine_chunks()
    return [value or "" for value in pc.run_end_encode(dates).values.to_pylist()]


def _date_sql(template: Template) -> str:
    from egregora_core.sql import literal

    names = re.findall(r"\?P<(\w+)>", template.regex())
    groups = f"regexp_extract(l, {literal('^' + template.regex())}, [{', '.join(map(literal, names))}])"
    _, s1, s2, *_ = template.shape.literals
    return f"(({groups}).a || {literal(s1)} || ({groups}).b || {literal(s2)} || ({groups}).c)"


def _numbers(texts: list[str]) -> Iterator[tuple[int, ...]]:
    known: dict[str, tuple[int, ...] | None] = {}
    last = None
    for text in texts:
        if text not in known:
            match = re.match(rf"\[?{DATE}", plain(text))
            known[text] = tuple(int(re.sub(r"\D", "", match[name])) for name in "abc") if match else None
        fields = known[text]
        if fields is not None and fields != last:
            last = fields
            yield fields


def decide(text: TextFile, found: Findings, order: DateOrder | None) -> tuple[list[Dialect], dict[str, str]]:
    """Decide the order for each template; the facts are those of the least sure one."""
    media_seen = False
    decided: list[tuple[DateEvidence, DateOrder, str, str] | None] = []
    for evidence in found.evidence:
        if order is not None and order in evidence.candidates():
            decided.append((evidence, order, "given", "--date-order"))
            continue
        if not media_seen and evidence.is_open():
            media_seen = True
            _add_media(text, found)
        try:
            decided.append((evidence, *evidence.decide(text.where)))
        except DateOrderError:
            if len(found.evidence) == 1:
                raise
            decided.append(None)
    settled = [each for each in decided if each is not None]
    for number, evidence in enumerate(found.evidence):
        if decided[number] is None:
            alike = [each for each in settled if each[1] in evidence.candidates()]
            if not alike:
                evidence.decide(text.where)
            decided[number] = (evidence, alike[0][1], "likely", "the other headers of the file")
    final = [each for each in decided if each is not None]
    dialects = [Dialect(each.template, chosen, each.is_buddhist(chosen)) for each, chosen, *_ in final]
    _, chosen, confidence, why = max(final, key=lambda each: ("certain", "given", "likely").index(each[2]))
    return dialects, {"date_order": chosen, "date_order_confidence": confidence, "date_order_evidence": why}


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
