"""One export about to be ingested: all that is needed to turn its batches into rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from egregora_core.ingestion._wall_clock import Known
from egregora_core.messages import ChatZones, Namespace
from egregora_core.plugins import Reading
from egregora_core.tracking import Run

SEP = "chr(31)"
"""SQL for what joins the parts of an identity."""


@dataclass(frozen=True)
class Ingest:
    """One export, opened: what is needed to turn its batches into rows."""

    reading: Reading
    source: str
    namespace: Namespace
    path: Path
    zone: str | None
    """IANA zone of the wall clock, but of chats in `known`; null where the source gives UTC."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Other name → canonical name."""
    replace: bool = False
    replaced: frozenset[str] = frozenset()
    """Ids of the threads that this command has forgotten and begun to read again."""
    zone_from: str | None = None
    """Who says so: see `ZoneChoice.origin`."""
    known: Mapping[str, Known] = field(default_factory=dict)
    """What is recorded of chats that may be in an export of several, by thread id: each is read as it was before."""
    thread_given: bool = False
    native: bool = False
    """Whether messages have ids of the platform: known when the batches are read."""
    title: str | None = None
    """What the one chat of an export is called now; null: as its id, or where there are several."""
    as_of_least: str = ""
    """ISO 8601, UTC: it is no older than that, whatever its last message is; empty where nobody knows."""
    digest: str = ""
    """Of the export, where it is known before it is read: by it, the same export is known again."""
    whole: Callable[[], Reading] = field(kw_only=True)
    """Reads all of the export."""

    @property
    def by_id(self) -> bool:
        """Whether authors are told apart by ids of the platform, not by their names."""
        return self.reading.people is not None

    @property
    def zones(self) -> ChatZones | None:
        """The zones of the wall clock; None where the source gives UTC."""
        if self.zone is None:
            return None
        zones = {thread: known["timezone"] for thread, known in self.known.items() if "timezone" in known}
        return ChatZones(self.zone, {thread: zone for thread, zone in zones.items() if zone != self.zone})


def now_sql(run: Run) -> str:
    return f"TIMESTAMPTZ '{run.started_at}'"
