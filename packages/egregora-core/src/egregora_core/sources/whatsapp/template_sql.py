"""A template as SQL: a message's line → its time and what follows its header.

Most files allow `strptime` on a slice; what that leaves open (other digits, calendars, marks) is read field by field.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from egregora_core.sources.whatsapp.dates import ERAS
from egregora_core.sources.whatsapp.header import period_words
from egregora_core.sources.whatsapp.template import Template
from egregora_core.sources.whatsapp.words import MARKS
from egregora_core.specs import DateOrder
from egregora_core.sql import literal

_BUDDHIST = 2400
_CENTURY_AHEAD = 40


@dataclass(frozen=True)
class Dialect:
    """A template and the order of its dates: all that is needed to read a line."""

    template: Template
    order: DateOrder
    buddhist: bool = False
    """Years of two digits are counted from the death of the Buddha."""


def split_sql(dialects: Sequence[Dialect]) -> tuple[str, str]:
    """Return SQL over `lines(l)` for the header and the rest of a line: a complete FROM clause, `head` and `rest`."""
    slice_ = _slice(dialects[0].template) if len(dialects) == 1 else None
    if slice_ is not None:
        end, skip = slice_
        return f"(SELECT l, instr(l, {literal(end)}) AS p FROM lines)", f"left(l, p + {len(end) - 1})\x1esubstr(l, p + {skip})"
    pattern = literal("^(?:" + "|".join(_plain_groups(d.template) for d in dialects) + ")")
    return f"(SELECT l, regexp_extract(l, {pattern}) AS h FROM lines)", "h\x1esubstr(l, length(h) + 1)"


def time_sql(dialects: Sequence[Dialect], head: str) -> str:
    """Return SQL for the time that a header gives; null where it gives none."""
    if len(dialects) == 1:
        fields = _time_of_fields(dialects[0], head)
        fast = _strptime_format(dialects[0])
        if fast is None:
            return fields
        return f"coalesce(try_strptime(ltrim({head}, {literal(MARKS)}), {literal(fast)}), {fields})"
    cases = " ".join(
        f"WHEN regexp_matches({head}, {literal('^' + _plain_groups(d.template) + '$')}) THEN {_time_of_fields(d, head)}"
        for d in dialects
    )
    return f"CASE {cases} END"


def _plain_groups(template: Template) -> str:
    import re

    return re.sub(r"\(\?P<\w+>", "(?:", template.regex())


def _slice(template: Template) -> tuple[str, int] | None:
    """Return the text that ends a header and the length to the body, where no earlier place can look like it."""
    *before, end = template.shape.literals
    if template.shape.bracket:
        return "]", len(end)
    simple = end.startswith(" ") and len(end) == 3 and end.isascii()
    return (end, 3) if simple and not any(end.strip() in text for text in before[3:]) else None


def _strptime_format(dialect: Dialect) -> str | None:
    """Return the header as a format for strptime, or None where it takes more than that."""
    template, raw = dialect.template, dialect.template.raw_literals
    shape = template.shape
    if raw is None or dialect.buddhist or len(raw) != 6 + shape.seconds:
        return None
    years = shape.years[dialect.order.index("Y") // 2]
    date = [{"D": "%d", "M": "%m", "Y": "%Y" if years == 4 else "%y"}[part] for part in dialect.order]
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
    return text[: text.rindex("]") + 1] if shape.bracket else text


def _time_of_fields(dialect: Dialect, head: str) -> str:
    template = dialect.template
    names = _group_order(template)
    pattern = literal("^" + template.regex().replace("?P<", "?P<"))
    groups = f"regexp_extract({head}, {pattern}, [{', '.join(map(literal, names))}])"
    parts = dict(zip(dialect.order, "abc", strict=True))
    year = _year_sql(dialect, parts["Y"])
    second = _number(template, "s") if template.shape.seconds else "0"
    return (
        f"(SELECT TRY(make_timestamp({year}, {_number(template, parts['M'])}, {_number(template, parts['D'])}, "
        f"{_hour_sql(template)}, {_number(template, 'm')}, {second}::DOUBLE)) FROM (SELECT {groups} AS g))"
    )


def _group_order(template: Template) -> list[str]:
    import re

    return re.findall(r"\?P<(\w+)>", template.regex())


def _digits(template: Template, name: str) -> str:
    zeros = sorted(template.zeros - {"0"})
    if not zeros:
        return f"g.{name}"
    source = "".join(chr(ord(zero) + digit) for zero in zeros for digit in range(10))
    return f"translate(g.{name}, {literal(source)}, {literal('0123456789' * len(zeros))})"


def _number(template: Template, name: str) -> str:
    return f"TRY_CAST({_digits(template, name)} AS BIGINT)"


def _year_sql(dialect: Dialect, name: str) -> str:
    template = dialect.template
    length = template.shape.years[0 if name == "a" else 1]
    if length == 0:
        eras = " ".join(f"WHEN contains(g.{name}, {literal(era)}) THEN {base}" for era, base in ERAS.items())
        return f"TRY_CAST(regexp_extract({_digits(template, name)}, '[0-9]+') AS BIGINT) + CASE {eras} END"
    number = _number(template, name)
    if length == 4:
        return f"{number} - CASE WHEN {number} >= {_BUDDHIST} THEN 543 WHEN {number} < 200 THEN -1911 ELSE 0 END"
    return f"{number} + {1957 if dialect.buddhist else 2000}"


def _hour_sql(template: Template) -> str:
    hour = _number(template, "h")
    if not template.shape.twelve_hours:
        return f"CASE {hour} WHEN 24 THEN 0 ELSE {hour} END"
    plain = "lower(regexp_replace(g.p, '[.\\s\\x{a0}\\x{202f}\\x{2009}\\x{200e}\\x{200f}]', '', 'g'))"
    halves: dict[str, list[str]] = {}
    for word, halved in period_words().items():
        halves.setdefault(halved, []).append(word)
    cases = " ".join(
        f"WHEN {plain} IN ({', '.join(map(literal, words))}) THEN {_half_sql(halved, hour)}"
        for halved, words in halves.items()
    )
    # An hour over 12 beside a day period is one of a 24-hour clock.
    return f"CASE WHEN {hour} > 12 THEN {hour} ELSE CASE {cases} END + {hour} % 12 END"


def _half_sql(halves: str, hour: str) -> str:
    if set(halves) == {"a"}:
        return "0"
    if set(halves) == {"p"}:
        return "12"
    return f"CASE WHEN substr('{halves}', ({hour} % 12 + 1)::INTEGER, 1) = 'p' THEN 12 ELSE 0 END"
