"""Who writes, told from the whole file: names hold colons, and so do lines that no one wrote.

A body's first `: ` usually ends the author. What is decided here are the exceptions: longer names that always recur,
texts before a colon that are no names, and on iOS the name under which the app itself writes. What occurs once is a
name, however long, unless the app's words, a quotation that it cuts or the look of prose tell otherwise.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from egregora_core.builtin.whatsapp._app_lines import find_signs, is_cut, is_notice, is_sentence, tells_of, tells_of_you
from egregora_core.builtin.whatsapp._characters import MARKS, SPACES
from egregora_core.builtin.whatsapp._long_names import Colons
from egregora_core.builtin.whatsapp._markers import Signs
from egregora_core.builtin.whatsapp._name_counts import LongerRow, Row, Tally, longer_sql, tails_sql
from egregora_core.plugin import literal

_RARE = 2
_MANY = 100_000
_MANY_LONGER = 1000
_MOST_LONGER = 100
_MOST_NO_NAMES = 5000
_WROTE = _RARE + 1
_CLEAR = 500
"""Who writes a text that often needs no more counting."""

Ask = Callable[[str], list[Any]]
"""Runs a SELECT over the lines of a chunk and returns its rows."""


@dataclass(frozen=True)
class Authors:
    """The exceptions to "the author is what stands before the first colon"."""

    long_names: tuple[str, ...] = ()
    no_names: tuple[str, ...] = ()
    no_starts: tuple[str, ...] = ()
    signs: Signs = field(default_factory=Signs)


class Census(Colons):
    """A count of what stands before colons."""

    def __init__(self, known: Mapping[str, bool]) -> None:
        super().__init__(known)
        self.names.update({name: _writer() for name in self.known})

    def add(self, rows: list[Row], newline: str, ask: Ask, *, ios: bool) -> None:
        """Add one chunk's counts, and look closer at what may be the beginning of a longer name."""
        always = self._add(rows)
        if not always:
            return
        found: list[LongerRow] = ask(longer_sql(newline, always, ios=ios))
        for name, longer, *row in found:
            known = self.longer.setdefault(name, {})
            if longer in known or len(known) < _MANY_LONGER:
                known.setdefault(longer, Tally()).add(row)
        self._add_tails(lambda tails: ask(tails_sql(newline, tails)))

    def _add_tails(self, count: Callable[[list[str]], list[tuple[str, str, int]]]) -> None:
        """Count who writes what may be the rest of a longer name, until that is clear."""
        likely = (text for name, longer in self.longer.items() for text in longer if text.count(": ") == 1 and name)
        wanted = {text.split(": ", 1)[1] for text in likely}
        wanted = {tail for tail in wanted if sum(self.tails.get(tail, {}).values()) < _CLEAR}
        for tail, name, times in count(sorted(wanted)[:_MANY_LONGER]) if wanted else ():
            writers = self.tails.setdefault(tail, {})
            writers[name] = writers.get(name, 0) + times

    def _add(self, rows: list[Row]) -> list[str]:
        """Add counts; return the names in them that another colon has always followed."""
        always = []
        for name, *row in rows:
            if name not in self.names and _bare(name) in self.known:
                self.names[name] = _writer()
            tally = self.names.setdefault(name, Tally())
            tally.add(row)
            if tally.continued == tally.count and not is_notice(name):
                always.append(name)
            else:
                self.longer.pop(name, None)
        if len(self.names) > _MANY:
            self.names = {name: tally for name, tally in self.names.items() if tally.count > 1}
        return always

    def authors(self, title: str | None, *, ios: bool) -> Authors:
        long_names = self.long_names()
        no_names = tuple(islice(self._no_names(), _MOST_NO_NAMES))
        names = {**self.names, **long_names}
        for name in no_names:
            names.pop(name, None)
        known = {name for name in self.known if ": " in name}
        longest = (*long_names, *known, *_colon_title(title))
        return Authors(
            tuple(sorted(set(longest), key=lambda name: (-len(name), name)))[:_MOST_LONGER],
            no_names,
            self._starts(longest),
            find_signs(names, title) if ios else Signs(android=True),
        )

    def is_doubtful(self) -> bool:
        """Tell whether only all of a chat tells of some names whether they are the beginnings of longer ones."""
        always = (
            _bare(name)
            for name, tally in self.names.items()
            if tally.continued and tally.continued == tally.count - _WROTE and _bare(name) in self.known
        )
        longer = {name.split(": ", 1)[0] for name in self.long_names()} if self.known else set()
        unsure = (name for name in longer if not self.is_first_part(name))
        return not all(self.known.get(name) for name in (*always, *unsure))

    def describe(self, signs: Signs, title: str | None) -> tuple[str, bool, bool]:
        """Return how the app's texts are told, without any name: of the app's own it says where it stands."""
        place = "none" if signs.chat_name is None else "title" if signs.chat_name == title else "other"
        counted = (names.get(signs.chat_name or "") for names in (self.names, *self.longer.values()))
        if place == "other" and any(tally is not None and tally.first == 0 for tally in counted):
            place = "opening"
        return place, signs.is_group, signs.unmarked

    def _no_names(self) -> Iterator[str]:
        """Yield what stands before a colon in a line that nobody wrote."""
        for name, tally in self.names.items():
            if name not in self.known and self._is_no_name(name, tally):
                yield name

    def _is_no_name(self, name: str, tally: Tally) -> bool:
        if is_notice(name) or tells_of_you(name):
            return True
        words = name.split(" ")
        starts = (" ".join(words[:end]) for end in range(1, min(len(words), 8)))
        if any(start in self.names and tells_of(name, start) for start in starts):
            return True
        if tally.count > _RARE:
            return False
        return is_sentence(name) or is_cut(name, tally.sample)

    def _starts(self, long_names: Sequence[str]) -> tuple[str, ...]:
        """Return starts of lines that hold a longer name but are no one's: `Your security code with Ana: Home`."""
        if not long_names:
            return ()
        first = [(f" {name.split(': ')[0]}", name) for name in long_names]
        rare = (name for name, tally in self.names.items() if tally.count <= _RARE)
        found = (name[: -len(end)] + f" {whole}" for name in rare for end, whole in first if name.endswith(end))
        return tuple(islice(found, _MOST_LONGER))


def _colon_title(title: str | None) -> tuple[str, ...]:
    """Return the chat's title if it is a name with a colon; who has it may have written little."""
    return (title,) if title is not None and ": " in title else ()


def _writer() -> Tally:
    """Return what is counted of somebody who wrote before: neither rare, nor silent, nor always continued."""
    return Tally(count=_WROTE)


def _bare(name: str) -> str:
    """Return a name as it is stored: a phone number comes wrapped in marks."""
    return name.strip(MARKS + SPACES)


# --- as SQL -------------------------------------------------------------------------------------------------------


def split_sql(newline: str, authors: Authors) -> str:
    """Return a SELECT over `lines(…, rest)`: its other columns, `author` (null where no one wrote) and body `t`."""
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
              FROM (SELECT *, {end} AS e FROM (SELECT *, instr(rest, ': ') AS q FROM lines)))
    """


def _bare_colon_sql(n: str) -> str:
    """Return SQL for the place of a colon that ends the first line: an author of an empty one."""
    return (
        f"CASE WHEN contains(rest, ':' || {n}) AND substr(rest, instr(rest, {n}) - 1, 1) = ':' "
        f"THEN instr(rest, {n}) - 1 "
        f"WHEN ends_with(rest, ':') AND NOT contains(rest, {n}) THEN length(rest) ELSE 0 END"
    )
