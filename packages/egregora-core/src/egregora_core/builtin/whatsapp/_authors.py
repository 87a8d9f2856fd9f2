"""Who writes, told from the whole file: names hold colons, and so do lines that no one wrote.

A body's first `: ` usually ends the author. What is decided here are the exceptions: longer names that always recur,
texts before a colon that are no names, and on iOS the name under which the app itself writes. What occurs once is a
name, however long, unless the app's words, a quotation that it cuts or the look of prose tell otherwise.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from egregora_core.builtin.whatsapp._app_lines import find_signs, is_cut, is_notice, is_sentence, tells_of, tells_of_you
from egregora_core.builtin.whatsapp._characters import MARKS, SPACES, trimmed
from egregora_core.builtin.whatsapp._markers import Signs
from egregora_core.builtin.whatsapp._name_counts import Row, Tally, longer_sql, tails_sql
from egregora_core.builtin.whatsapp._phrases import word_parts, word_set

_RARE = 2
_MANY = 100_000
_MANY_LONGER = 1000
_MOST_LONGER = 100
_MOST_NO_NAMES = 5000
_WROTE = _RARE + 1
"""What is counted of somebody who wrote before, who is neither rare, nor silent, nor always continued."""
_LONGEST_NAME = 100
_SHARED = 20
"""Where others write a text at least once for so many times that one does, it is no name."""
_MOST_WORDS = 6
_PLACE = re.compile(word_parts("location"))
_NO_NAME = re.compile(rf"[{MARKS}<>?!]|https?|www\.|^[-*_`#•.,;)\]]|[,;]$")
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


class Census:
    """A count of what stands before colons, and which of the texts that hold one are names."""

    def __init__(self, known: Mapping[str, bool]) -> None:
        self.known = known
        """Who is known to write before, and whether the name is known to be no beginning of a longer one."""
        self.names = {name: Tally(_WROTE) for name in known}
        self.longer: dict[str, dict[str, Tally]] = {}
        """Name → longer names that start with it, for names that another colon has always followed."""
        self.tails: dict[str, Counter[str]] = {}
        """What follows such a name up to the second colon → who writes it how often."""

    def add(self, rows: list[Row], newline: str, ask: Ask, *, ios: bool) -> None:
        """Add one chunk's counts, and look closer at what another colon has always followed: a longer name may."""
        always = []
        for name, _, *row in rows:
            if name not in self.names and trimmed(name) in self.known:
                self.names[name] = Tally(_WROTE)
            tally = self.names.setdefault(name, Tally())
            tally.add(row)
            if tally.continued == tally.count and not is_notice(name):
                always.append(name)
            else:
                self.longer.pop(name, None)
        if len(self.names) > _MANY:
            self.names = {name: tally for name, tally in self.names.items() if tally.count > 1}
        if not always:
            return
        for name, longer, *row in ask(longer_sql(newline, always, ios=ios)):
            known = self.longer.setdefault(name, {})
            if longer in known or len(known) < _MANY_LONGER:
                known.setdefault(longer, Tally()).add(row)
        likely = (text for name, longer in self.longer.items() for text in longer if name and text.count(": ") == 1)
        tails = {text.partition(": ")[2] for text in likely}
        wanted = sorted(tail for tail in tails if self.tails.get(tail, Counter()).total() < _CLEAR)[:_MANY_LONGER]
        for tail, name, times in ask(tails_sql(newline, wanted)) if wanted else ():
            self.tails.setdefault(tail, Counter())[name] += times

    def authors(self, title: str | None, *, ios: bool) -> Authors:
        long_names = self.long_names()
        written = (
            name for name, tally in self.names.items() if name not in self.known and self._is_no_name(name, tally)
        )
        no_names = tuple(islice(written, _MOST_NO_NAMES))
        names = {**self.names, **long_names}
        for name in no_names:
            names.pop(name, None)
        known = {name for name in self.known if ": " in name}
        # Who has the chat's title may have written little.
        longest = (*long_names, *known, *((title,) if title and ": " in title else ()))
        return Authors(
            tuple(sorted(set(longest), key=lambda name: (-len(name), name)))[:_MOST_LONGER],
            no_names,
            self._starts(longest),
            find_signs(names, title) if ios else Signs(android=True),
        )

    def is_doubtful(self) -> bool:
        """Tell whether only all of a chat tells of some names whether they are the beginnings of longer ones."""
        always = (
            trimmed(name)
            for name, tally in self.names.items()
            if tally.continued and tally.continued == tally.count - _WROTE and trimmed(name) in self.known
        )
        longer = {name.split(": ", 1)[0] for name in self.long_names()} if self.known else set()
        unsure = (name for name in longer if not self.is_first_part(name))
        return not all(self.known.get(name) for name in (*always, *unsure))

    def _is_no_name(self, name: str, tally: Tally) -> bool:
        """Tell whether what stands before a colon is the beginning of a line that nobody wrote."""
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
        first = [(f" {name.split(': ')[0]}", name) for name in long_names]
        rare = (name for name, tally in self.names.items() if tally.count <= _RARE)
        found = (name[: -len(end)] + f" {whole}" for name in rare for end, whole in first if name.endswith(end))
        return tuple(islice(found, _MOST_LONGER))

    # --- names that hold a colon --------------------------------------------------------------------------------

    def long_names(self) -> dict[str, Tally]:
        """Return the longer names that are somebody's.

        A text that begins with `Update: ` looks the same, so such a name needs more than to recur: nobody writes the
        first part without the second, nobody else writes the second, and it is no label, place, link or app's mark.
        """
        found: dict[str, Tally] = {}
        for name, longer in self.longer.items():
            if name in self.names:
                found |= self._of(name, longer)
        return found

    def _of(self, name: str, longer: Mapping[str, Tally]) -> dict[str, Tally]:
        recurring = {text: tally for text, tally in longer.items() if self._is_name(name, text, tally)}
        chosen = _below(name, recurring)
        if not self.is_first_part(name):
            covered = sum(tally.count for tally in chosen.values())
            if not chosen or 3 * covered < 2 * self.names[name].count:
                return {}
        # `Work: Carla: again` recurs too where she often writes "again: …"; a name's own part is never left out.
        while True:
            deeper: dict[str, Tally] = {}
            for text, tally in chosen.items():
                below = _below(text, recurring)
                whole = sum(each.count for each in below.values()) == tally.count
                deeper |= below if whole else {text: tally}
            if deeper == chosen:
                break
            chosen = deeper
        # Where nobody is called by the first part alone, who wrote little is somebody, too.
        rare = {text: tally for text, tally in _below(name, longer).items() if _is_namelike(name, text, tally)}
        return chosen | {text: tally for text, tally in rare.items() if not _any_starts(chosen, text)}

    def is_first_part(self, name: str) -> bool:
        """Tell whether a text is known to be only the beginning of names."""
        return name not in self.known and _any_starts(self.known, name)

    def _is_name(self, name: str, longer: str, tally: Tally) -> bool:
        """Tell whether what goes on after a colon recurs as part of a name does.

        Two lines are few: `Zed: Price: 10` and `Zed: Price: 12` are a list, `Zed: ok: a` twice is a repetition.
        """
        if tally.count <= 1 or not _is_possible(name, longer, tally):
            return False
        if tally.of_the_app:
            return True
        tail = longer[len(name) + 2 :].split(": ", maxsplit=1)[0]
        # `Ravi: Meena: come here`, and what others write, too.
        is_addressed, writers = tail in self.names and tail not in self.longer, self.tails.get(tail, Counter())
        is_shared = (writers.total() - writers[name]) * _SHARED >= max(1, writers[name])
        enough = tally.count > _RARE or tally.worded
        return enough and not is_addressed and not is_shared and _is_namelike(name, longer, tally)


def _any_starts(longer: Iterable[str], name: str) -> bool:
    """Tell whether any of the longer names starts with a name and a colon."""
    return any(text.startswith(f"{name}: ") for text in longer)


def _is_possible(name: str, longer: str, tally: Tally) -> bool:
    tail = longer[len(name) + 2 :]
    if len(longer) > _LONGEST_NAME or not tail.strip(SPACES) or _NO_NAME.search(tail):
        return False
    return tally.links < tally.count and not (tally.links and _PLACE.search(tail.casefold()))


def _is_namelike(name: str, longer: str, tally: Tally) -> bool:
    """Tell whether a longer name reads like one: no label, not small where the first part is not, not a sentence."""
    parts = longer[len(name) + 2 :].split(": ")
    if not _is_possible(name, longer, tally) or any(map(_is_label, parts)):
        return False
    small = any(part[:1].islower() for part in parts) and not name[:1].islower()
    return not small and len(parts[0].split()) <= _MOST_WORDS


def _is_label(text: str) -> bool:
    """Tell whether all words of a text say what follows, numbers and little signs aside: `Update 2`, `*Note*`."""
    words = [word.strip("*_~`#.()[]-–•>0123456789") for word in unicodedata.normalize("NFC", text).casefold().split()]
    return all(word in word_set("label") for word in words if word)


def _below(name: str, longer: Mapping[str, Tally]) -> dict[str, Tally]:
    """Return those of the longer names that go on one colon further than `name`."""
    start, depth = f"{name}: ", name.count(": ") + 1
    return {text: tally for text, tally in longer.items() if text.startswith(start) and text.count(": ") == depth}
