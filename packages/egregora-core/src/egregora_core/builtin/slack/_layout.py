"""Which channel a file belongs to: the folder that it lies in has the channel's name, or its id.

In an export of a workspace the lists lie beside the channels' folders; one of an organisation has several workspaces,
each in a folder of its own, and its direct messages beside these.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from unicodedata import normalize

from egregora_core.builtin._export_values import values_before
from egregora_core.builtin.slack._people import People
from egregora_core.plugin import Export, Thread

_DAY = re.compile(r"(?:^|/)[0-9]{4}-[0-9]{2}-[0-9]{2}\.json$")
_DUMP = re.compile(r"(?:^|/)[CDGW][A-Z0-9]{5,}(?:-[0-9]+\.[0-9]+)?\.json$")
_KINDS: Mapping[str, Literal["direct", "group", "channel", "other"]] = {
    "channels.json": "channel",
    "groups.json": "group",
    "dms.json": "direct",
    "mpims.json": "group",
}
_USERS = ("users.json", "org_users.json")
_CHANNEL_INFO = ("channel_info", "channelInfo", "channel", "conversation")
_SKIPPED = {
    "integration_logs.json": "entries of the log of integrations",
    "canvases.json": "canvases",
    "lists.json": "lists",
    "file_conversations.json": "conversations about files",
    "huddle_transcripts.json": "transcripts of huddles",
    "user_groups.json": "groups of people",
}


@dataclass(frozen=True)
class DayFile:
    """A file with messages."""

    name: str
    dump: bool
    """Made by slackdump: an object that names its channel."""


def day_files(export: Export) -> list[DayFile]:
    if export.is_file:
        return [DayFile(export.names[0], export.head().lstrip("\ufeff \t\r\n").startswith("{"))]
    return [
        DayFile(name, bool(_DUMP.search(name)))
        for name in export.names
        if (_DAY.search(name) or _DUMP.search(name)) and not name.startswith("__MACOSX/")
    ]


def list_files(export: Export) -> list[str]:
    return _called(export, {*_USERS, *_KINDS})


def skipped_files(export: Export) -> list[tuple[str, str]]:
    return [(name, _SKIPPED[name.rpartition("/")[2]]) for name in _called(export, set(_SKIPPED))]


def _called(export: Export, wanted: set[str]) -> list[str]:
    if export.is_file:
        return []
    return [name for name in export.names if name.rpartition("/")[2] in wanted and not name.startswith("__MACOSX/")]


def told_before(export: Export, day: DayFile) -> Mapping[str, Any]:
    """Return what a dump says of its channel in an object before the messages, as those of other exporters do."""
    if not day.dump:
        return {}
    told = values_before(export.head(day.name), "messages", _CHANNEL_INFO)
    about: Mapping[str, Any] = next((told[key] for key in _CHANNEL_INFO if isinstance(told.get(key), dict)), {})
    return {"channel_id": about.get("id"), "name": about.get("name")}


class Channels:
    """The channels of an export."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._threads: dict[str, Thread] = {}
        self._by_place: dict[tuple[str, str], str] = {}
        """Ids by the folder of their list, and name or id."""
        self._by_name: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._folders: dict[str, str] = {}
        self._said: Counter[str] = Counter()
        self.listed = False
        """There is a list of channels."""

    def note(self, root: str, file: str, channel: Mapping[str, Any]) -> None:
        """Note an entry of a list of channels, in a folder."""
        id_, name = channel.get("id"), channel.get("name")
        if not isinstance(id_, str) or not id_:
            return
        self.listed = True
        kind = _KINDS[file]
        title = name if isinstance(name, str) and name else None
        members = channel.get("members")
        if file in ("dms.json", "mpims.json") and isinstance(members, list) and members:
            title = ", ".join(self._people.name(member) for member in members if isinstance(member, str)) or title
        self._threads[id_] = Thread(id_, title, kind)
        for key in (name, id_):
            if isinstance(key, str) and key:
                self._by_place[root, key] = id_
                self._by_name.setdefault(key, id_)
        if isinstance(name, str) and name:
            self._names[id_] = name
        for key in ("topic", "purpose"):
            if isinstance(said := channel.get(key), dict) and said.get("value"):
                self._said["topics and purposes of channels"] += 1

    def found(self, id_: str, name: Any) -> str:
        """Note a channel that no list has; return its id."""
        if id_ not in self._threads:
            self._threads[id_] = Thread(id_, name if isinstance(name, str) and name else None)
        return id_

    def of(self, day: DayFile, around: Mapping[str, Any]) -> str:
        """Return the id of the channel whose messages a file has; empty for a dump that does not say it."""
        if day.dump:
            id_ = around.get("channel_id")
            if (not isinstance(id_, str) or not id_) and _DUMP.search(day.name):
                id_ = day.name.rpartition("/")[2].removesuffix(".json").partition("-")[0]
            return self.found(id_, around.get("name")) if isinstance(id_, str) and id_ else ""
        folder = day.name.rpartition("/")[0]
        if folder not in self._folders:
            self._folders[folder] = self._of_folder(folder)
        return self._folders[folder]

    def _of_folder(self, folder: str) -> str:
        root, _, name = folder.rpartition("/")
        for spelling in (name, _respelt(name), normalize("NFC", name)):
            id_ = self._by_place.get((root, spelling)) or self._by_name.get(spelling)
            if id_ is not None:
                return id_
        return self.found(_respelt(name) or folder, None)

    def name(self, id_: str) -> str | None:
        return self._names.get(id_)

    def threads(self) -> Iterator[Thread]:
        yield from self._threads.values()

    def left_out(self) -> Mapping[str, int]:
        return self._said


def _respelt(name: str) -> str:
    """Return a name in UTF-8 that a zip does not mark as such, so that it was read as cp437."""
    try:
        return name.encode("cp437").decode()
    except UnicodeError:
        return name
