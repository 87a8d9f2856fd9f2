"""A large export read once instead of twice: what most files turn out to be is assumed, and then found to hold or not.

Samples from all over the file give the template and the order of its dates. Which names hold colons only all of the
file can tell: it is read as if none did, and as if what looks like no name were none. Meanwhile all is counted that a
first pass counts; where that ends in anything else than what was assumed, all is read again.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from egregora_core.errors import DateOrderError
from egregora_core.sources.whatsapp.authors import Census, is_doubtful, split_census_sql, split_longer_sql
from egregora_core.sources.whatsapp.dates import DateEvidence
from egregora_core.sources.whatsapp.engine import Engine, to_lines
from egregora_core.sources.whatsapp.lines import Block, blocks
from egregora_core.sources.whatsapp.respell import respelling
from egregora_core.sources.whatsapp.survey import Findings, Survey, conclude, dates_of, decide, header_pattern, sampled
from egregora_core.sources.whatsapp.template import Ballot, Template
from egregora_core.sources.whatsapp.template_sql import Dialect
from egregora_core.sources.whatsapp.text import TextFile
from egregora_core.specs import DateOrder, ReadAgainError

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass
class Glance:
    """What is assumed of a text, and what is counted while it is read."""

    text: TextFile
    title: str | None
    order: DateOrder | None
    assumed: Survey
    found: Findings
    no_names: set[str] = field(default_factory=set)
    ballot: Ballot = field(default_factory=Ballot)

    def follow(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the chunks of the text, and let them vote."""
        return sampled(chunks, self.ballot)

    def look(self, block: Block, lines: "pa.Table", split: "pa.Table", engine: Engine) -> "Sight":
        """See a block, in any thread; `split` has its lines' `pos`, `author`, `t` and `counted`."""
        rows = engine.rows(split_census_sql(block.newline.decode()), split)
        return Sight(block, split, rows, dates_of(self.found.evidence, lines, engine))

    def doubtful(self, split: "pa.Table") -> tuple[str, ...]:
        """Return what looks like no name in a block, and is taken for none."""
        found = tuple(name for name in split["author"].unique().to_pylist() if name is not None and is_doubtful(name))
        self.no_names.update(found)
        return found

    def add(self, sight: "Sight", engine: Engine) -> None:
        """Count what was seen, in the order of the text."""
        always = self.found.census.add(sight.rows)
        if always:
            wanted = split_longer_sql(sight.block.newline.decode(), always)
            self.found.census.add_longer(engine.rows(wanted, sight.split))
        self.found.headers += sight.split.num_rows
        self.found.evidence[0].add(sight.dates[0])

    def conclude(self) -> Survey:
        """Return what the text was found to be. Raises ReadAgainError where it was read as something else."""
        templates = self.ballot.winners()
        if len(templates) != 1:
            raise ReadAgainError
        self.found.evidence[0].template = templates[0]
        try:
            dialects, dates = decide(self.text, self.found, self.order)
        except DateOrderError as error:
            raise ReadAgainError from error
        survey = conclude(self.text, self.found, dialects, dates, self.title)
        same = (
            _reads_alike(survey.dialects[0], self.assumed.dialects[0])
            and replace(survey.authors, no_names=()) == self.assumed.authors
            and set(survey.authors.no_names) == self.no_names
        )
        if not same or self.text.repaired or not _is_sure(dates):
            raise ReadAgainError
        return survey


@dataclass(frozen=True)
class Sight:
    """What is to be counted of one block."""

    block: Block
    split: "pa.Table"
    rows: list[Any]
    dates: list[Any]


def glance(text: TextFile, engine: Engine, title: str | None, order: DateOrder | None) -> Glance | None:
    """Look at samples of a text; None where they leave anything open, or where reading twice costs nothing."""
    samples = text.samples()
    lines = [sample.decode("utf-8", "replace").split("\n") for sample in samples]
    ballot = Ballot()
    ballot.add(lines[0] if lines else ())
    if not ballot.headers or respelling(lines[0], ballot, text.where):
        return None
    for some in lines[1:]:
        ballot.add(some)
    templates = ballot.winners()
    if len(templates) != 1 or templates[0].shape.bracket:
        return None
    evidence = _evidence(templates[0], samples, engine)
    seen = Findings([evidence], Census())
    if order is None and evidence.is_open():
        return None
    dialects, dates = decide(text, seen, order)
    if not _is_sure(dates):
        return None
    text.encoding = "utf-8"
    assumed = conclude(text, Findings([evidence], Census()), dialects, dates, title)
    return Glance(text, title, order, assumed, Findings([DateEvidence(templates[0])], Census()))


def _evidence(template: Template, samples: Iterable[bytes], engine: Engine) -> DateEvidence:
    evidence = DateEvidence(template)
    for sample in samples:
        for block in blocks(iter([sample]), header_pattern([template])):
            evidence.add(dates_of([evidence], to_lines(block, 0), engine)[0])
    return evidence


def _reads_alike(one: Dialect, other: Dialect) -> bool:
    """Tell whether two dialects read all headers alike, however often those were seen to be written how."""
    headers = one.template.same_headers(other.template) and one.template.plain_end == other.template.plain_end
    return headers and (one.order, one.buddhist) == (other.order, other.buddhist)


def _is_sure(dates: dict[str, str]) -> bool:
    return dates["date_order_confidence"] in {"certain", "given"}
