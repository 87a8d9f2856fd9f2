"""Where a log was written, as its path tells: network, channel and day."""

import re
from dataclasses import dataclass

from egregora_core.plugin import Export

from egregora_sources.irc._dates import day_in

_ENDING = re.compile(r"(?i)(?:\.(?:log|txt|weechatlog|irc|raw|out|input|gz))+$")
_EDGES = " ._-,"
_CHANNEL = re.compile(r"[#&][^\s,/]+")
_LOGS = re.compile(
    r"(?i)^(?:irc ?-?logs?|logs?|moddata|log|users?|weechat|\.?irssi|\.?znc|channels?|queries|scrollback)$"
)
"""Folders that programs keep logs in: no networks."""


@dataclass(frozen=True)
class Place:
    """Where the lines of a file were said."""

    network: str | None
    channel: str
    """With its `#`; of a talk of two, the other's nick; as the file is called, where it says neither."""
    day: int | None
    """Days since 1970, where the path has a date."""

    @property
    def id(self) -> str:
        return (f"{self.network}/{self.channel}" if self.network else self.channel).casefold()

    @property
    def title(self) -> str:
        return f"{self.network}/{self.channel}" if self.network else self.channel


def place_of(name: str, export: Export) -> Place:
    """Read a member's path, and the years and months that the export is in; its title, where they say nothing."""
    day, bare = day_in("/".join([*_numbers(export), name])) or (None, name)
    *folders, last = bare.split("/")
    stem = _ENDING.sub("", _ENDING.sub("", last).strip(_EDGES)).strip(_EDGES)
    network, channel = _in_name(stem)
    named = [folder for folder in folders if folder and not _LOGS.match(folder) and not folder.isdecimal()]
    if not channel:
        channel = named.pop() if named else export.title
        found = re.search(r"(?<=_)[#&].*", channel)  # ZNC's network_#channel
        channel = found[0] if found else channel
    if network is None and named:
        network = named[-1]
    return Place(network, channel, day)


def _numbers(export: Export) -> list[str]:
    """Return the last folders on the way to the export's members whose names are numbers: `2024/03`."""
    path = export.path.absolute()
    folders = path.parts if path.is_dir() else path.parent.parts
    found: list[str] = []
    while folders and folders[-1].isdecimal() and len(found) < len(["year", "month", "day"]):
        found.insert(0, folders[-1])
        folders = folders[:-1]
    return found


def _in_name(stem: str) -> tuple[str | None, str]:
    parts = stem.split(".", 2)
    if parts[0] == "irc" and len(parts) == len(["irc", "network", "channel"]):  # WeeChat
        return (parts[2], parts[2]) if parts[1] == "server" else (parts[1], parts[2])
    match = _CHANNEL.search(stem)
    if match is None:
        return None, stem
    before, channel = stem[: match.start()].strip(_EDGES), match[0].rstrip(_EDGES)
    return re.split(r"[_-]", before)[-1] or None, channel
