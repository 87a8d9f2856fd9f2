"""Which dates the headers of a block have, in which of the text's styles: read by Arrow and the engine, not by line."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from egregora_core.plugin import literal
from egregora_core.sources.whatsapp.dates import DateEvidence
from egregora_core.sources.whatsapp.engine import Engine
from egregora_core.sources.whatsapp.header import DATE
from egregora_core.sources.whatsapp.neighbours import Dated
from egregora_core.sources.whatsapp.template import Template
from egregora_core.sources.whatsapp.words import plain

if TYPE_CHECKING:
    import pyarrow as pa

_SPLIT = "|"
"""Stands between the number of a style and a date; no date holds it."""


def dates_of(evidence: Sequence[DateEvidence], lines: "pa.Table", engine: Engine) -> list[Dated]:
    """Return the dates of lines in order, neighbours of one style and date only once."""
    template = evidence[0].template
    if len(evidence) > 1:
        texts = _runs(engine.table(_styles_sql([each.template for each in evidence]), lines))
    elif _is_sliceable(template):
        texts = _date_slices(template, lines)
    elif len(evidence[0].candidates()) == 1 and template.shape.years != (2, 2):
        return []
    else:
        groups = f"(SELECT {_groups_sql(template)} AS g FROM lines)"
        texts = _runs(engine.table(f"SELECT {_date_sql(template, 'g')} AS d FROM {groups}", lines))
    return [dated for dated, _ in groupby(_numbers(texts))]


def _is_sliceable(template: Template) -> bool:
    return template.zeros == {"0"} and not template.marks and not template.shape.time_first


def _date_slices(template: Template, lines: "pa.Table") -> list[str]:
    import pyarrow as pa
    import pyarrow.compute as pc

    # In brackets, a mark of three bytes may stand before the date.
    width = 8 + sum(map(len, template.shape.literals[1:3])) + 4 * template.shape.bracket
    starts = pc.binary_slice(lines["l"].chunk(0).cast(pa.binary()), 0, width)
    return [value.decode("utf-8", "ignore") for value in pc.run_end_encode(starts).values.to_pylist()]


def _runs(found: "pa.Table") -> list[str]:
    import pyarrow.compute as pc

    return [value or "" for value in pc.run_end_encode(found["d"].combine_chunks()).values.to_pylist()]


def _styles_sql(templates: Sequence[Template]) -> str:
    """Return a SELECT of each line's style (its number) and date; a style is what the header matches first."""
    heads = literal(f"^(?:{'|'.join(template.plain_regex() for template in templates)})")
    alike = (f"regexp_full_match(l, {literal(template.plain_regex())})" for template in templates)
    groups = ", ".join(
        f"CASE WHEN {is_it} THEN {_groups_sql(template)} END AS g{number}"
        for number, (is_it, template) in enumerate(zip(alike, templates, strict=True))
    )
    dates = ", ".join(
        f"{literal(f'{number}{_SPLIT}')} || {_date_sql(template, f'g{number}')}"
        for number, template in enumerate(templates)
    )
    return (
        f"SELECT coalesce({dates}) AS d FROM (SELECT {groups} FROM (SELECT regexp_extract(l, {heads}) AS l FROM lines))"
    )


def _groups_sql(template: Template) -> str:
    names = re.findall(r"\?P<(\w+)>", template.regex())
    return f"regexp_extract(l, {literal('^' + template.regex())}, [{', '.join(map(literal, names))}])"


def _date_sql(template: Template, groups: str) -> str:
    _, s1, s2, *_ = template.shape.literals
    return f"{groups}.a || {literal(s1)} || {groups}.b || {literal(s2)} || {groups}.c"


def _numbers(texts: list[str]) -> Iterator[Dated]:
    known: dict[str, Dated | None] = {}
    for text in texts:
        if text not in known:
            known[text] = _dated(text)
        found = known[text]
        if found is not None:
            yield found


def _dated(text: str) -> Dated | None:
    style, split, date = text.partition(_SPLIT)
    match = re.match(rf"\[?{DATE}", plain(date if split else text))
    return (int(style) if split else 0, tuple(int(re.sub(r"\D", "", match[name])) for name in "abc")) if match else None
