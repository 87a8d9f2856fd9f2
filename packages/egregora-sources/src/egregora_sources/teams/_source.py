"""What is recognised as an export of Teams or Skype, and read."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from egregora_core.plugin import Reading, ReadOptions, Recognised, Report

from egregora_sources._values import Counts, People, dict_of, iso_moment_of
from egregora_sources.teams._graph import Graph
from egregora_sources.teams._personal import COLUMNS, Message, Personal

if TYPE_CHECKING:
    from datetime import datetime

    from egregora_core.plugin import Export

_PERSONAL = re.compile(r'"MessageList"\s*:\s*\[|"conversations"\s*:\s*\[[\s\S]{0,4000}"threadProperties"')
_OLD_MADE = re.compile(r'"exportDate"\s*:\s*"([^"]{1,40})"')
_GRAPH = re.compile(r'"createdDateTime"\s*:')
_GRAPH_KEYS = ('"messageType"', '"chatId"', '"channelIdentity"', '"body"', '"replyToId"', '"etag"')
_SERVICE = re.compile(r'"messagetype"\s*:')
_SERVICE_KEYS = ('"composetime"', '"originalarrivaltime"', '"imdisplayname"', '"conversationLink"', '"clientmessageid"')
"""As the web app gets its messages: those of the personal export, without their conversations."""
_ENOUGH = 3
_LISTED = re.compile(r'"([vV]alue|[mM]essages)"\s*:\s*[\[{]')
"""Where messages stand in an object: in a list, or one by itself."""
_ARRAY = re.compile(r"\s*\[")
_LOOKED_AT = 50
"""Files that are looked into to say what a folder is; to read it, all are."""


def recognise(export: "Export") -> Recognised:
    """Say whether a JSON file has a `MessageList`, or messages of Graph."""
    kinds = {kind for _, kind in _files(export, most=_LOOKED_AT)}
    if "personal" in kinds:
        return Recognised("certain", "its conversations have a MessageList")
    if "service" in kinds:
        return Recognised("certain", "its messages are those of the web app")
    if "graph" in kinds:
        return Recognised("certain", "its messages are those of Microsoft Graph")
    return Recognised("no")


def read(export: "Export", _options: ReadOptions) -> Reading:
    """Read all conversations. `--thread` does not apply: conversations have names."""
    teams = _Teams(export)
    return Reading(
        teams.batches(),
        thread=None,
        zoned=True,
        threads=lambda: [*teams.personal.threads.values(), *teams.graph.threads.values()],
        people=teams.people.all,
        report=lambda: Report(left_out=dict(teams.counts)),
        as_of=teams.as_of(),
        columns=COLUMNS,
    )


def _files(export: "Export", most: int | None = None) -> list[tuple[str, str]]:
    names = export.names if export.is_file else export.find("*.json")
    found = ((name, _kind(export.head(name))) for name in names[:most])
    return [(name, kind) for name, kind in found if kind]


def _kind(head: str) -> str | None:
    if _PERSONAL.search(head):
        return "personal"
    if _SERVICE.search(head) and sum(key in head for key in _SERVICE_KEYS) >= _ENOUGH:
        return "service"
    return "graph" if _GRAPH.search(head) and sum(key in head for key in _GRAPH_KEYS) >= _ENOUGH else None


class _Teams:
    """An export, and what was met in it so far."""

    def __init__(self, export: "Export") -> None:
        self._export = export
        self.people, self.counts = People(), Counts()
        self.personal = Personal(self.people, self.counts)
        self.graph = Graph(self.people, self.counts, export.title)

    def as_of(self) -> "datetime | None":
        """Return when the export was made, as the personal one says."""
        made = (_OLD_MADE.search(self._export.head(name)) for name, kind in _files(self._export) if kind == "personal")
        return max(filter(None, (iso_moment_of(each[1]) for each in made if each)), default=None)

    def batches(self) -> Iterator[Any]:
        for name, kind in _files(self._export):
            if kind == "personal":
                for some, around in self._export.batches(name, "conversations.*.*", Message):
                    yield list(self.personal.rows(some, around))
                continue
            head = self._export.head(name)
            listed = None if _ARRAY.match(head) else _LISTED.search(head)
            at = listed[1] if listed else ""
            if kind == "service":
                for some, around in self._export.batches(name, at, Message):
                    yield list(self.personal.rows(some, around))
                continue
            for item, around in self._export.items(name, at):
                yield from self.graph.rows(dict_of(item), around)
