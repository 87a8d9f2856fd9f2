"""Names that hold a colon: `Work: Carla`.

A text that begins with `Update: ` looks the same, so a longer name needs more than to recur: nobody writes the first
part without the second, nobody else writes the second, and it is neither a label, a place, a link nor the app's mark.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from egregora_core.builtin.whatsapp._characters import MARKS, SPACES
from egregora_core.builtin.whatsapp._name_counts import Tally
from egregora_core.builtin.whatsapp._phrases import word_parts, word_set

LONGEST_NAME = 100
_RARE = 2
_SHARED = 20
"""Where others write a text at least once for so many times that one does, it is no name."""
_MOST_WORDS = 6
_PLACE = re.compile(word_parts("location"))
_NO_NAME = re.compile(rf"[{MARKS}<>?!]|https?|www\.|^[-*_`#•.,;)\]]|[,;]$")


@dataclass
class Colons:
    """What is known of texts before colons, and which of them that hold another one are names."""

    known: Mapping[str, bool] = field(default_factory=dict)
    """Who is known to write before, and whether the name is known to be no beginning of a longer one."""
    names: dict[str, Tally] = field(default_factory=dict)
    longer: dict[str, dict[str, Tally]] = field(default_factory=dict)
    """Name → longer names that start with it, for names that another colon has always followed."""
    tails: dict[str, dict[str, int]] = field(default_factory=dict)
    """What follows such a name up to the second colon → who writes it how often."""

    def long_names(self) -> dict[str, Tally]:
        """Return the longer names that are somebody's."""
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
        if not _is_namelike(name, longer, tally) or self._is_addressed(tail) or self._is_shared(name, tail):
            return False
        return tally.count > _RARE or tally.worded

    def _is_addressed(self, tail: str) -> bool:
        """Tell whether it is somebody else's name: `Ravi: Meena: come here`."""
        return tail in self.names and tail not in self.longer

    def _is_shared(self, name: str, tail: str) -> bool:
        writers = self.tails.get(tail, {})
        others = sum(count for writer, count in writers.items() if writer != name)
        return others * _SHARED >= max(1, writers.get(name, 0))


def _any_starts(longer: Iterable[str], name: str) -> bool:
    """Tell whether any of the longer names starts with a name and a colon."""
    return any(text.startswith(f"{name}: ") for text in longer)


def _is_possible(name: str, longer: str, tally: Tally) -> bool:
    tail = longer[len(name) + 2 :]
    if len(longer) > LONGEST_NAME or not tail.strip(SPACES) or _NO_NAME.search(tail):
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
