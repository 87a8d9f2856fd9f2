"""A template as SQL: a message's line → its time and what follows its header.

Most files allow `strptime` on a slice; what that leaves open (other digits, calendars, marks) is read field by field.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from egregora_core.plugin import DateOrder, literal
from egregora_core.sources.whatsapp.fixed import FixedHeader, fixed_header
from egregora_core.sources.whatsapp.header import LONG_YEAR, period_words
from egregora_core.sources.whatsapp.template import BUDDHIST, Template
from egregora_core.sources.whatsapp.words import MARKS, SPACES


@dataclass(frozen=True)
class Dialect:
    """A template and the order of its dates: all that is needed to read a line."""

    template: Template
    order: DateOrder
    buddhist: bool = False
    """Years of two digits are counted from the death of the Buddha."""


def rest_sql(dialects: Sequence[Dialect]) -> str:
    """Return a SELECT over `lines(pos, l)` for `pos` and `rest`, all that follows a line's header."""
    _, rest, source = _split(dialects)
    return f"SELECT pos, {rest} AS rest FROM {source}"


def parse_sql(dialects: Sequence[Dialect]) -> str:
    """Return a SELECT over `lines(pos, l)` for `pos`, `ts` (null where the header gives none) and `rest`.

    Where `fixed` gives the header's places, `lines` has a column `fast` with the times that they gave.
    """
    head, rest, source = _split(dialects)
    fast = _fast_sql(dialects, head)
    if (header := fixed(dialects)) is not None:
        source = source.replace("SELECT pos, l,", "SELECT pos, l, fast,")
        rest = f"CASE WHEN fast IS NULL THEN {rest} ELSE substr(l, {header.width + 1}) END"
    groups = ", ".join(f"{_groups(dialect, one=len(dialects) == 1)} AS g{n}" for n, dialect in enumerate(dialects))
    times = ", ".join(_time(dialect, f"g{n}") for n, dialect in enumerate(dialects))
    return (
        f"SELECT pos, coalesce(fast, {times}) AS ts, rest "
        f"FROM (SELECT *, {groups} FROM (SELECT pos, {fast} AS fast, {head} AS head, {rest} AS rest FROM {source}))"
    )


def fixed(dialects: Sequence[Dialect]) -> FixedHeader | None:
    """Return where the fields of all headers stand, if they stand at fixed places."""
    if len(dialects) != 1 or dialects[0].buddhist or _slice(dialects[0].template) is None:
        return None
    return fixed_header(dialects[0].template, dialects[0].order)


def _fast_sql(dialects: Sequence[Dialect], head: str) -> str:
    if fixed(dialects) is not None:
        return "fast"
    form = _strptime_format(dialects[0]) if len(dialects) == 1 else None
    if form is None:
        return "NULL::TIMESTAMP"
    return f"try_strptime(ltrim({head}, {literal(MARKS)}), {literal(form)})"


def _split(dialects: Sequence[Dialect]) -> tuple[str, str, str]:
    """Return SQL for header and rest of a line, and for the table that they are read from."""
    slice_ = _slice(dialects[0].template) if len(dialects) == 1 else None
    if slice_ is not None:
        end, skip = slice_
        source = f"(SELECT pos, l, instr(l, {literal(end)}) AS p FROM lines)"
        return f"left(l, p + {skip - 1})", f"substr(l, p + {skip})", source
    pattern = literal("^(?:" + "|".join(d.template.plain_regex() for d in dialects) + ")")
    return "h", "substr(l, length(h) + 1)", f"(SELECT pos, l, regexp_extract(l, {pattern}) AS h FROM lines)"


def _slice(template: Template) -> tuple[str, int] | None:
    """Return the text that ends a header and the length to the body, where no earlier place can look like it."""
    *before, end = template.shape.literals
    if not template.plain_end:
        return None
    if template.shape.bracket:
        return "]", len(end)
    simple = end.startswith(" ") and len(end) == len(" - ") and end.isascii()
    return (end, 3) if simple and not any(end.strip() in text for text in before[3:]) else None


def _strptime_format(dialect: Dialect) -> str | None:
    """Return the header as a format for strptime, or None where it takes more than that."""
    template, raw = dialect.template, dialect.template.raw_literals
    shape = template.shape
    if raw is None or dialect.buddhist or len(raw) != 6 + shape.seconds:
        return None
    years = shape.years[dialect.order.index("Y") // 2]
    date = [{"D": "%d", "M": "%m", "Y": "%Y" if years == LONG_YEAR else "%y"}[part] for part in dialect.order]
    time = ["%I" if shape.twelve_hours else "%H", "%M", *(["%S"] if shape.seconds else [])]
    names = [*time, *date] if shape.time_first else [*date, *time]
    text = raw[0] + "".join(name + gap for name, gap in zip(names, raw[1:], strict=True))
    if shape.twelve_hours:
        for word in ("AM", "PM", "am", "pm"):
            if word in text:
                text = text.replace(word, "%p", 1)
                break
        else:
            return None
    return text


def _groups(dialect: Dialect, *, one: bool) -> str:
    """Return SQL for the header's groups, evaluated only where the fast way gave nothing."""
    names = ", ".join(map(literal, _group_order(dialect.template)))
    extract = f"regexp_extract(head, {literal('^' + dialect.template.regex())}, [{names}])"
    if one:
        return f"CASE WHEN fast IS NULL THEN {extract} END"
    return f"CASE WHEN regexp_full_match(head, {literal(dialect.template.plain_regex())}) THEN {extract} END"


def _time(dialect: Dialect, g: str) -> str:
    template = dialect.template
    parts = dict(zip(dialect.order, "abc", strict=True))
    date = (
        f"{_year_sql(dialect, g, parts['Y'])}, {_number(template, g, parts['M'])}, {_number(template, g, parts['D'])}"
    )
    second = _number(template, g, "s") if template.shape.seconds else "0"
    clock = f"{_hour_sql(template, g)}, {_number(template, g, 'm')}, {second}::DOUBLE"
    return f"TRY(make_timestamp({date}, {clock}))"


def _group_order(template: Template) -> list[str]:
    return re.findall(r"\?P<(\w+)>", template.regex())


def _digits(template: Template, g: str, name: str) -> str:
    zeros = sorted(template.zeros - {"0"})
    if not zeros:
        return f"{g}.{name}"
    source = "".join(chr(ord(zero) + digit) for zero in zeros for digit in range(10))
    return f"translate({g}.{name}, {literal(source)}, {literal('0123456789' * len(zeros))})"


def _number(template: Template, g: str, name: str) -> str:
    return f"TRY_CAST({_digits(template, g, name)} AS BIGINT)"


def _year_sql(dialect: Dialect, g: str, name: str) -> str:
    template = dialect.template
    length = template.shape.years[0 if name == "a" else 1]
    number = _number(template, g, name)
    if length == LONG_YEAR:
        return f"{number} - CASE WHEN {number} >= {BUDDHIST} THEN 543 WHEN {number} < 200 THEN -1911 ELSE 0 END"
    return f"{number} + {1957 if dialect.buddhist else 2000}"


def _hour_sql(template: Template, g: str) -> str:
    hour = _number(template, g, "h")
    if not template.shape.twelve_hours:
        return f"CASE {hour} WHEN 24 THEN 0 ELSE {hour} END"
    plain = f"lower(regexp_replace({g}.p, '[.\\s{SPACES}{MARKS}]', '', 'g'))"
    halves: dict[str, list[str]] = {}
    for word, halved in period_words().items():
        halves.setdefault(halved, []).append(word)
    cases = " ".join(
        f"WHEN {plain} IN ({', '.join(map(literal, words))}) THEN {_half_sql(halved, hour)}"
        for halved, words in halves.items()
    )
    # An hour over 12 beside a day period is one of a 24-hour clock.
    return f"CASE WHEN {hour} = 24 THEN 0 WHEN {hour} > 12 THEN {hour} ELSE CASE {cases} END + {hour} % 12 END"


def _half_sql(halves: str, hour: str) -> str:
    if set(halves) == {"a"}:
        return "0"
    if set(halves) == {"p"}:
        return "12"
    return f"CASE WHEN substr('{halves}', ({hour} % 12 + 1)::INTEGER, 1) = 'p' THEN 12 ELSE 0 END"
