"""Which time zone each chat has: its phone's, when an export is read, and that of its pages.

A chat's pages show the times that its phone showed: they are in the zone that the chat was last read in. Whoever wants
all pages in the zone in which they are read says so once, in the settings.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from egregora_core.storage import literal


@dataclass(frozen=True)
class ChatZones:
    """The IANA zone of each chat."""

    usual: str
    others: Mapping[str, str] = field(default_factory=dict)
    """The zones of chats that have another one than the usual, by thread id."""

    @property
    def names(self) -> set[str]:
        return {self.usual, *self.others.values()}

    def sql(self, values: Mapping[str, str] | None = None) -> str:
        """Return SQL for the zone of a row's thread, or for what `values` has under that zone."""
        value = values or {zone: literal(zone) for zone in self.names}
        cases = "".join(
            f" WHEN thread_id IN ({', '.join(literal(thread) for thread in threads)}) THEN {value[zone]}"
            for zone, threads in self._threads().items()
        )
        return f"(CASE{cases} ELSE {value[self.usual]} END)" if cases else value[self.usual]

    def local_sql(self, column: str) -> str:
        """Return SQL for the wall-clock time of a TIMESTAMPTZ in the zone of the row's thread."""
        return self.sql({zone: f"timezone({literal(zone)}, {column})" for zone in self.names})

    def facts(self) -> dict[str, Any]:
        """Return what a document's times depend on: a new chat in the usual zone changes nothing of it."""
        return {"usual": self.usual, **self.others}

    def _threads(self) -> dict[str, list[str]]:
        threads: dict[str, list[str]] = {}
        for thread, zone in sorted(self.others.items()):
            threads.setdefault(zone, []).append(thread)
        return threads


def page_zones(recorded: Mapping[str, str | None], elsewhere: str) -> ChatZones:
    """Return the zones of chats from what is recorded of each; `elsewhere` holds where nothing is.

    The usual zone is the one that most chats have, of several the first by name.
    """
    zones = {thread: zone or elsewhere for thread, zone in recorded.items()}
    counts = Counter(zones.values())
    usual = min(counts, key=lambda zone: (-counts[zone], zone), default=elsewhere)
    return ChatZones(usual, {thread: zone for thread, zone in zones.items() if zone != usual})
