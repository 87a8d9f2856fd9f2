"""A table of a lake on its way in: what was read of it before, and how little is left to read.

A lake says what was done to a table since a state of it. Where nothing was done, nothing is read; where rows were
added, these are; where it was changed in any other way, all of it is read and merged, as a table of any other database.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from egregora_core.ingestion import ReadBefore, read_before
from egregora_core.pipeline._relations import Asked, reaching
from egregora_core.session import Session
from egregora_core.storage import Change, LakeTable, change_since, lake_table


@dataclass(frozen=True)
class Part:
    """What of a relation one ingestion reads."""

    asked: Asked
    noted: Mapping[str, Any] = field(default_factory=dict)
    """What its run says of it, by which the next one knows what is left."""
    reason: str = ""
    """Why it is read; empty where a file's own reasons hold."""
    as_of: str = ""
    """It says what is newer than that, also where its last message is not."""

    @property
    def is_rest(self) -> bool:
        """Whether it is what was added since, and not all."""
        return "since" in self.noted


@dataclass(frozen=True)
class Found:
    """What is known of a relation before it is read."""

    whole: Part
    before: ReadBefore | None = None
    """Set where earlier ingestions stand."""
    change: Change = "something else"
    table: LakeTable | None = None

    @property
    def added(self) -> Part | None:
        """The rows that were added since it was read; None where it was changed in other ways."""
        if self.before is None or self.table is None or self.change != "rows added":
            return None
        query = self.table.added_since(self.before.snapshot)
        noted = {**self.whole.noted, "since": self.before.snapshot}
        return Part(replace(self.whole.asked, query=query), noted, "rows were added to the table", self.before.as_of)


def look_up(session: Session, asked: Asked, *, anew: bool) -> Found:
    """Find out what is to be read of a relation; `anew` is all of it, whatever was read before."""
    if not asked.table:
        return Found(Part(asked))
    with reaching(session, asked):
        table = lake_table(session.db, asked.table)
        if table is None:
            return Found(Part(asked))
        noted = {"relation": table.identity, "snapshot": table.snapshot}
        whole = Part(replace(asked, query=table.query), noted)
        before = None if anew else read_before(session, table.identity)
        if before is None:
            return Found(whole, table=table)
        change = change_since(session.db, table, before.snapshot)
        return Found(replace(whole, reason="the table was changed", as_of=before.as_of), before, change, table)


__all__ = ["Found", "Part", "look_up"]
