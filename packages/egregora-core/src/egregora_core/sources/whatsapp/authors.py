"""Who writes, told from the whole file: names hold colons, and so do lines that no one wrote.

A body's first `: ` usually ends the author. What is decided here are the exceptions: longer names that always recur,
texts before a colon that are no names, and on iOS the name under which the app itself writes.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from egregora_core.sources.whatsapp.markers import Signs
from egregora_core.sources.whatsapp.stems import LEFT_OUT
from egregora_core.sources.whatsapp.words import MARKS, SPACES
from egregora_core.sql import literal

_LONGEST_NAME = 100
_RARE = 2
_MANY = 100_000
_MANY_LONGER = 1000
_MOST_LONGER = 100
_NOTICE = 45
"""The app's first notice is wider than what it writes in place of a picture; an ideograph is two letters wide."""
_CUT_SINGLE = re.compile(r"(?:\S+ ){5,}'[^']*$")
"""An apostrophe before a word only starts a quotation after a few words."""
_SECURITY = re.compile(
    "security code with|código de segurança (?:com|de)|código de seguridad (?:con|de)|"
    "Sicherheitsnummer (?:für|von|mit)|"
    "code de sécurité (?:avec|de)|codice di sicurezza (?:con|di)"
)
_QUOTES = (("\u201c", "\u201d"), ("«", "»"), ("「", "」"), ("\u201e", "\u201c\u201d"))


@dataclass
class _Name:
    """What was counted of one name."""

    count: int = 0
    continued: int = 0
    """How often another `: ` follows in the same line."""
    marked: int = 0
    """How often the body starts with the app's mark."""
    attached: int = 0
    """How often that is an attachment."""
    longest: int = 0
    """The length of the longest such body that is no attachment."""
    first: int = -1
    """Where it occurs first; -1 where it was not seen yet."""
    first_longest: int = 0
    worded: bool = False
    """Different texts follow it, and words among them."""
    sample: str = ""
    """The start of one such body."""

    def add(self, count: int, continued: int, marked: int, attached: int, longest: int) -> None:
        self.count += count
        self.continued += continued
        self.marked += marked
        self.attached += attached
        self.longest = max(self.longest, longest)


@dataclass(frozen=True)
class Authors:
    """The exceptions to "the author is what stands before the first colon"."""

    long_names: tuple[str, ...] = ()
    no_names: tuple[str, ...] = ()
    no_starts: tuple[str, ...] = ()
    signs: Signs = field(default_factory=Signs)


_Row = tuple[int, int, int, int, int, int, int, str, bool]
"""Count, continued, marked, attached, longest, first, first_longest, sample, worded."""


@dataclass
class Census:
    """A count of what stands before colons."""

    known: frozenset[str] = frozenset()
    """Who is known to write, from what was read before."""
    names: dict[str, _Name] = field(default_factory=dict)
    longer: dict[str, dict[str, _Name]] = field(default_factory=dict)
    """Name → longer names that start with it, for names that another colon has always followed."""

    def __post_init__(self) -> None:
        self.names.update({name: _writer() for name in self.known})

    def add(self, rows: Iterable[tuple[str, *_Row]]) -> list[str]:
        """Add one chunk's counts; return the names of it that another colon has always followed."""
        always = []
        for name, *row in rows:
            if name not in self.names and _bare(name) in self.known:
                self.names[name] = _writer()
            entry = _add(self.names, name, row)
            if entry.continued == entry.count:
                always.append(name)
            else:
                self.longer.pop(name, None)
        if len(self.names) > _MANY:
            self.names = {name: entry for name, entry in self.names.items() if entry.count > 1}
        return always

    def add_longer(self, rows: Iterable[tuple[str, str, *_Row]]) -> None:
        for name, longer, *row in rows:
            found = self.longer.setdefault(name, {})
            if longer in found or len(found) < _MANY_LONGER:
                _add(found, longer, row)

    def authors(self, title: str | None, *, ios: bool) -> Authors:
        long_names = self._long_names()
        names = {**self.names, **long_names}
        known = {name for name in self.known if ": " in name}
        return Authors(
            tuple(sorted({*long_names, *known, *_colon_title(title)}, key=len, reverse=True))[:_MOST_LONGER],
            self._no_names(),
            self._starts((*long_names, *known, *_colon_title(title))),
            _signs(names, title) if ios else Signs(android=True),
        )

    def doubtful(self) -> list[str]:
        """Return the known names that another colon always followed here."""
        return [
            _bare(name)
            for name, entry in self.names.items()
            if entry.continued and entry.continued == entry.count - _WROTE and _bare(name) in self.known
        ]

    def describe(self, signs: Signs, title: str | None) -> tuple[str, bool, bool]:
        """Return how the app's texts are told, without any name: of the app's own it says where it stands."""
        place = "none" if signs.chat_name is None else "title" if signs.chat_name == title else "other"
        counted = (names.get(signs.chat_name or "") for names in (self.names, *self.longer.values()))
        if place == "other" and any(entry is not None and entry.first == 0 for entry in counted):
            place = "opening"
        return place, signs.is_group, signs.unmarked

    def _long_names(self) -> dict[str, _Name]:
        found: dict[str, _Name] = {}
        for name, longer in self.longer.items():
            recurring = {text: entry for text, entry in longer.items() if _is_name(name, text, entry)}
            chosen = _below(name, recurring)
            covered = sum(entry.count for entry in chosen.values())
            if name not in self.names or 3 * covered < 2 * self.names[name].count:
                continue
            # `Work: Carla: again` recurs too where she often writes "again: …"; a name's own part is never left out.
            while True:
                deeper: dict[str, _Name] = {}
                for text, entry in chosen.items():
                    below = _below(text, recurring)
                    whole = sum(each.count for each in below.values()) == entry.count
                    deeper |= below if whole else {text: entry}
                if deeper == chosen:
                    break
                chosen = deeper
            found |= chosen
        return found

    def _no_names(self) -> tuple[str, ...]:
        return tuple(
            name
            for name, entry in self.names.items()
            if _is_doubtful(name) and (len(name) > _LONGEST_NAME or entry.count <= _RARE)
        )[:5000]

    def _starts(self, long_names: Sequence[str]) -> tuple[str, ...]:
        """Return starts of lines that hold a longer name but are no one's: `Your security code with Ana: Home`."""
        if not long_names:
            return ()
        first = [(f" {name.split(': ')[0]}", name) for name in long_names]
        rare = (name for name, entry in self.names.items() if entry.count <= _RARE)
        found = (name[: -len(end)] + f" {whole}" for name in rare for end, whole in first if name.endswith(end))
        return tuple(islice(found, _MOST_LONGER))


def _colon_title(title: str | None) -> tuple[str, ...]:
    """Return the chat's title if it is a name with a colon; who has it may have written little."""
    return (title,) if title is not None and ": " in title else ()


_WROTE = _RARE + 1


def _writer() -> _Name:
    """Return what is counted of somebody who wrote before: neither rare, nor silent, nor always continued."""
    return _Name(count=_WROTE)


def _bare(name: str) -> str:
    """Return a name as it is stored: a phone number comes wrapped in marks."""
    return name.strip(MARKS + SPACES)


def _add(names: dict[str, _Name], name: str, row: Sequence[Any]) -> _Name:
    *counts, first, first_longest, sample, worded = row
    if name not in names:
        names[name] = _Name()
    if names[name].first < 0:
        names[name].first, names[name].first_longest = first, first_longest
    names[name].add(*counts)
    names[name].worded |= worded
    names[name].sample = names[name].sample or sample
    return names[name]


def _below(name: str, longer: dict[str, _Name]) -> dict[str, _Name]:
    """Return those of the longer names that go on one colon further than `name`."""
    start, depth = f"{name}: ", name.count(": ") + 1
    return {text: entry for text, entry in longer.items() if text.startswith(start) and text.count(": ") == depth}


def _is_name(name: str, longer: str, entry: _Name) -> bool:
    """Tell whether what goes on after a colon recurs as part of a name does.

    Two lines are few: `Zed: Price: 10` and `Zed: Price: 12` are a person's list, `Zed: ok: a` twice is a repetition.
    """
    if entry.count <= 1 or len(longer) > _LONGEST_NAME:
        return False
    return entry.count > _RARE or (entry.worded and not longer[len(name) + 2 :][:1].islower())


def _signs(names: dict[str, _Name], title: str | None) -> Signs:
    if not any(entry.marked for entry in names.values()):
        return Signs(title if title in names else None, unmarked=True)
    return _signs_by_marks(names, title)


def _signs_by_marks(names: dict[str, _Name], title: str | None) -> Signs:
    """Find the name under which the app writes: the chat's title, or whoever opens the export with its notice."""
    silent = [name for name, entry in names.items() if entry.marked == entry.count]
    if title is not None and title in silent:
        return Signs(title, is_group=names[title].longest > 0)
    opener = next((name for name, entry in names.items() if entry.first == 0 and entry.first_longest > _NOTICE), None)
    if opener is not None:
        return Signs(opener, is_group=opener in silent)
    noticed = [name for name in silent if names[name].longest > _NOTICE]
    if noticed:
        return Signs(max(noticed, key=lambda name: names[name].longest), is_group=True)
    told = _teller(names, silent)
    if told is not None:
        return Signs(told, is_group=True)
    return Signs(title) if title in names else Signs()


def _teller(names: dict[str, _Name], silent: Sequence[str]) -> str | None:
    """Return the one under whose name nothing stands but what others did: `Trip: Ana added Bob`."""
    for name in silent:
        entry = names[name]
        told = entry.sample.lstrip(MARKS).split(" ")
        starts = (" ".join(told[:length]) for length in range(1, len(told)))
        if not entry.attached and any(start in names and start not in silent for start in starts):
            return name
    return None


def _is_doubtful(name: str) -> bool:
    """Tell whether what stands before a colon looks like no name; if it is short, it still is one where it recurs."""
    return len(name) > _LONGEST_NAME or _is_cut(name) or _is_sentence(name)


def _is_sentence(text: str) -> bool:
    if _SECURITY.search(text):
        return True
    return len(text) > _LONGEST_NAME // 2 and ". " in text


def _is_cut(text: str) -> bool:
    """Tell whether a quotation starts in a text and does not end: `Ana changed the subject from "a`."""
    return (
        text.count('"') % 2 == 1
        or bool(_CUT_SINGLE.match(text))
        or any(text.count(start) > sum(text.count(end) for end in ends) for start, ends in _QUOTES if start not in ends)
    )


# --- as SQL -------------------------------------------------------------------------------------------------------


def split_sql(source: str, newline: str, authors: Authors) -> str:
    """Return a SELECT over `source(…, rest)`: its other columns, `author` (null where no one wrote) and body `t`."""
    n = literal(newline)
    end = f"CASE WHEN q > 0 AND NOT contains(left(rest, q - 1), {n}) THEN q ELSE {_bare_colon_sql(n)} END"
    for name in authors.long_names:
        end = f"CASE WHEN starts_with(rest, {literal(name + ': ')}) THEN {len(name) + 1} ELSE {end} END"
    name = "CASE WHEN e > 1 THEN left(rest, e - 1) END"
    if authors.no_names:
        names = ", ".join(map(literal, authors.no_names))
        name = f"CASE WHEN e > 1 AND left(rest, e - 1) NOT IN ({names}) THEN left(rest, e - 1) END"
    if authors.no_starts:
        starts = " OR ".join(f"starts_with(rest, {literal(start)})" for start in authors.no_starts)
        name = f"CASE WHEN NOT ({starts}) THEN {name} END"
    return f"""
        SELECT * EXCLUDE (rest, q, e),
               CASE WHEN author IS NULL THEN rest WHEN e = q OR substr(rest, e + 1, 1) = ' ' THEN substr(rest, e + 2)
                    ELSE substr(rest, e + 1) END AS t
        FROM (SELECT *, {name} AS author
              FROM (SELECT *, {end} AS e FROM (SELECT *, instr(rest, ': ') AS q FROM ({source}))))
    """


def _bare_colon_sql(n: str) -> str:
    """Return SQL for the place of a colon that ends the first line: an author of an empty one."""
    return (
        f"CASE WHEN contains(rest, ':' || {n}) AND substr(rest, instr(rest, {n}) - 1, 1) = ':' "
        f"THEN instr(rest, {n}) - 1 "
        f"WHEN ends_with(rest, ':') AND NOT contains(rest, {n}) THEN length(rest) ELSE 0 END"
    )


def census_sql(source: str, newline: str, *, ios: bool) -> str:
    """Return a SELECT of what `Census.add` takes over `source(pos, rest)`; marks are only looked for on iOS."""
    n = literal(newline)
    return f"""
        SELECT name, {_counts_sql(n, ios=ios)}, FALSE
        FROM (SELECT pos, left(rest, q - 1) AS name, substr(rest, q + 2) AS body
              FROM (SELECT *, instr(rest, ': ') AS q FROM ({source})) WHERE q > 1)
        WHERE NOT contains(name, {n}) GROUP BY name
    """


def longer_sql(source: str, newline: str, names: Sequence[str], *, ios: bool) -> str:
    """Return a SELECT of what `Census.add_longer` takes: each further way to split lines that start with a name."""
    n = literal(newline)
    wanted = ", ".join(map(literal, names))
    return f"""
        SELECT name, longer, {_counts_sql(n, ios=ios)},
               min(body) <> max(body) AND bool_or(regexp_matches(body, '\\pL'))
        FROM (SELECT *, substr(rest, length(longer) + 3) AS body FROM (
                SELECT *, unnest([array_to_string(parts[:i], ': ') FOR i IN range(2, least(len(parts), 5))]) AS longer
                FROM (SELECT pos, parts[1] AS name, parts, rest
                      FROM (SELECT pos, rest, string_split(string_split(rest, {n})[1], ': ') AS parts FROM ({source})))
                WHERE name IN ({wanted})))
        GROUP BY ALL
    """


def _counts_sql(n: str, *, ios: bool) -> str:
    """Return the aggregates of a name's lines, which are `_Row`, over `pos` and `body`."""
    continued = f"contains(body, ': ') AND contains(string_split(body, {n})[1], ': ')"
    marked = "left(body, 1) IN (chr(8206), chr(8207))"
    width = r"length(regexp_replace(body, '[\x{2E80}-\x{FFEF}]', 'xx', 'g'))"
    plain = f"CASE WHEN {marked} AND NOT contains(body, '<') THEN {width} ELSE 0 END"
    attached = f"{marked} AND (contains(body, '<') OR regexp_matches(lower(body), {literal(LEFT_OUT)}))"
    marks = f"count(*) FILTER (WHERE {marked}), count(*) FILTER (WHERE {attached}), max({plain})" if ios else "0, 0, 0"
    sample = f"coalesce(min(left(body, 100)) FILTER (WHERE {marked}), '')" if ios else "''"
    opening = f"arg_min({plain}, pos)" if ios else "0"
    return f"count(*), count(*) FILTER (WHERE {continued}), {marks}, min(pos), {opening}, {sample}"
