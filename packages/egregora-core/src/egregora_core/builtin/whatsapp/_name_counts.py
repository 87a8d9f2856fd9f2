"""What is counted of each text that stands before a colon, and the SQL that counts it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from egregora_core.builtin.whatsapp._phrases import phrases, word_parts
from egregora_core.plugin import literal

_SAID = 20
_FEW = 8
_PLACE = r"^[^:<>]{1,40}: ?https?://"
_FILE = r"<[^<>]*\.[A-Za-z0-9]{1,10}[^<>]*>|<[^<>]*[:：] ?[^<>]+>$"
_BRACKETS = r"^<[^<>=/\x22@:：{}]*[^\x21-\x7f][^<>=/\x22@:：{}]*>$"

Row = tuple[str, str, int, int, int, int, int, str, list[str] | None, str | None, int, int, bool]
"""Name, the longer one or nothing, then what is counted, as in `Tally`."""


@dataclass
class Tally:
    """What was counted of one name."""

    count: int = 0
    continued: int = 0
    """How often another `: ` follows in the same line, and not the app's text."""
    marked: int = 0
    """How often the app's mark follows."""
    attached: int = 0
    """How often that is a file, a place or a poll."""
    first: int = -1
    """Where it occurs first; -1 where it was not seen yet."""
    sample: str = ""
    """The beginning of a text after it."""
    said: set[str] = field(default_factory=set)
    """The beginnings of a few marked texts that are no files, with 0 for each digit."""
    opening: str = ""
    """The marked text that the export begins with, if it is this name's."""
    links: int = 0
    """Of a longer name: how often a link follows."""
    of_the_app: int = 0
    """Of a longer name: how often what follows is the app's and was not written behind a caption."""
    worded: bool = False
    """Of a longer name: different texts follow, and words among them."""

    def add(self, row: Sequence[Any]) -> None:
        """Add one chunk's counts: what follows the names in `Row`."""
        count, continued, marked, attached, first, sample, said, opening, links, of_the_app, worded = row
        self.count += count
        self.continued += continued
        self.marked += marked
        self.attached += attached
        self.first = first if self.first < 0 else self.first
        self.sample = self.sample or sample or ""
        self.said = set(sorted({*self.said, *(said or ())})[:_SAID])
        self.opening = self.opening or opening or ""
        self.links += links
        self.of_the_app += of_the_app
        self.worded |= worded


# --- as SQL -------------------------------------------------------------------------------------------------------

_BODIES = """SELECT pos, left(rest, q - 1) AS name, substr(rest, q + 2) AS body
             FROM (SELECT *, instr(rest, ': ') AS q FROM lines) WHERE q > 1"""


def census_sql(newline: str, *, ios: bool) -> str:
    """Return a SELECT of `Row`s over `lines(pos, rest)`."""
    n = literal(newline)
    return f"""
        SELECT name, '', {_counts_sql(n)}, 0, 0, FALSE FROM ({_marks_sql(_BODIES, n, ios=ios)})
        WHERE NOT contains(name, {n}) GROUP BY name
    """


def longer_sql(newline: str, names: Sequence[str], *, ios: bool) -> str:
    """Return a SELECT of `Row`s: each further way to split lines that start with one of the names."""
    n = literal(newline)
    starts = " OR ".join(f"starts_with(rest, {literal(name + ': ')})" for name in names)
    # To look at the starts of lines is faster, for a few names.
    wanted = starts if len(names) <= _FEW else f"name IN ({', '.join(map(literal, names))})"
    bodies = f"""
        SELECT *, substr(rest, length(longer) + 3) AS body FROM (
            SELECT *, unnest([array_to_string(parts[:i], ': ') FOR i IN range(2, least(len(parts), 5))]) AS longer
            FROM (SELECT *, string_split(string_split(rest, {n})[1], ': ') AS parts
                  FROM (SELECT pos, rest, left(rest, instr(rest, ': ') - 1) AS name FROM lines)
                  WHERE {wanted}))
    """
    return f"""
        SELECT name, longer, {_counts_sql(n)},
               count(*) FILTER (WHERE starts_with(body, 'http')),
               count(*) FILTER (WHERE {_of_the_app_sql(ios=ios)}),
               min(body) <> max(body) AND bool_or(regexp_matches(body, '\\pL'))
        FROM ({_marks_sql(bodies, n, ios=ios)}) GROUP BY ALL
    """


def tails_sql(newline: str, tails: Iterable[str]) -> str:
    """Return a SELECT of how often each of the texts stands between a name's colon and the next: tail, name, count."""
    wanted = ", ".join(map(literal, tails))
    return f"""
        SELECT tail, name, count(*) FROM (SELECT *, left(body, instr(body, ': ') - 1) AS tail FROM ({_BODIES}))
        WHERE tail IN ({wanted}) AND NOT contains(name, {literal(newline)}) GROUP BY ALL
    """


def _marks_sql(bodies: str, n: str, *, ios: bool) -> str:
    """Return a SELECT over `bodies` that adds `marked`, and on iOS what of the app's follows: `attached` and `said`."""
    if not ios:
        return (
            f"SELECT *, left(body, 1) = chr(8206) AS marked, FALSE AS attached, NULL::VARCHAR AS said FROM ({bodies})"
        )
    # Who writes from right to left does type that mark.
    words = literal(word_parts("omitted", "call", "sticker", "contact", "encrypted"))
    poll = rf"contains(body, {n}) AND regexp_matches(body, '[(（][^()（）]*\pN[^()（）]*[)）]')"
    return f"""
        SELECT *, CASE WHEN marked AND NOT attached THEN regexp_replace(left(app, 150), '[0-9]', '0', 'g') END AS said
        FROM (SELECT *, marked AND (regexp_matches(app, {literal(_FILE)}) OR regexp_matches(app, {literal(_PLACE)})
                                    OR ({poll})) AS attached
              FROM (SELECT *, CASE WHEN marked THEN substr(body, 2) END AS app
                    FROM (SELECT *, CASE unicode(body) WHEN 8206 THEN TRUE WHEN 8207
                                    THEN contains(body, '<') OR regexp_matches(lower(body), {words})
                                    ELSE FALSE END AS marked
                          FROM ({bodies}))))
    """


def _counts_sql(n: str) -> str:
    """Return the aggregates of a name's lines over what `_marks_sql` gives."""
    return (
        "count(*), "
        f"count(*) FILTER (WHERE contains(body, ': ') AND contains(string_split(body, {n})[1], ': ') AND NOT marked), "
        "count(*) FILTER (WHERE marked), count(*) FILTER (WHERE attached), min(pos), left(any_value(body), 200), "
        f"list_sort(list_distinct(list(said) FILTER (WHERE said IS NOT NULL)))[:{_SAID}], "
        "any_value(said) FILTER (WHERE pos = 0 AND said IS NOT NULL)"
    )


def _of_the_app_sql(*, ios: bool) -> str:
    """Return SQL for a body that the app wrote whole; on iOS a caption may stand before a file."""
    if ios:
        return (
            f"marked AND NOT contains(body, '<') AND NOT regexp_matches(lower(body), {literal(word_parts('omitted'))})"
        )
    said = ", ".join(literal(phrase.casefold()) for phrase in phrases("deleted", "calls"))
    return (
        f"starts_with(body, chr(8206)) OR regexp_matches(body, {literal(_BRACKETS)}) "
        f"OR rtrim(lower(body), '.。 ') IN ({said})"
    )
