"""What sources share beside core's `json_values`: moments in a hurry, counts, and whom an export names."""

from typing import Any

from egregora_core.plugin import Person
from egregora_core.plugin.json_values import moment_of

FIRST_MILLIS, LAST_MILLIS = 31_536_000_000, 7_258_118_400_000
"""The first and last moment that a message may have, in milliseconds since 1970."""


def micros_of(value: Any) -> Any:
    """Return the moment (UTC) of milliseconds since 1970, in microseconds where that is quick: Arrow takes both."""
    return value * 1000 if type(value) is int and FIRST_MILLIS <= value < LAST_MILLIS else moment_of(value)


class Counts(dict[str, int]):
    """How much there was of what no message says."""

    def add(self, what: str, count: int = 1) -> None:
        if count:
            self[what] = self.get(what, 0) + count


class People:
    """The people whom an export names, by id: names in the order in which they were met, then handles."""

    def __init__(self) -> None:
        self._names: dict[str, dict[str, None]] = {}
        self._handles: dict[str, str] = {}
        self._bots: set[str] = set()

    def add(self, id_: str | None, *names: str | None, handle: str | None = None, bot: bool = False) -> str | None:
        """Note somebody, and what they are called; return the id."""
        if id_ is None:
            return None
        known = self._names.setdefault(id_, {})
        for name in names:
            if name and name.strip():
                known[name] = None
        if handle and handle.strip():
            self._handles[id_] = handle
        if bot:
            self._bots.add(id_)
        return id_

    def name(self, id_: str) -> str | None:
        """Return what somebody is called."""
        return next(iter(self._names.get(id_, ())), None) or self._handles.get(id_)

    def all(self) -> list[Person]:
        """Return those who have names, as `Reading.people` wants them."""
        named = {
            id_: list(dict.fromkeys([*names, *([self._handles[id_]] if id_ in self._handles else [])]))
            for id_, names in self._names.items()
        }
        return [Person(id_, names, id_ in self._bots) for id_, names in named.items() if names]
