"""Where a log was written, as its path tells: network, channel and day."""

import re
from dataclasses import dataclass

from egregora_sources.irc._dates import day_in

_ENDING = re.compile(r"(?i)(?:\.(?:log|txt|weechatlog|irc|raw|out|input|gz))+$")
_EDGES = " ._-,"
_CHANNEL = re.compile(r"[#&][^\s,/]+")
_LOGS = re.compile(r"(?i)^(?:irc ?-?logs?|logs?|moddata|log|users?|weechat|\.?irssi|\.?znc|channels?|queries|scrollback)$")
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


def place_of(name: str, export: str) -> Place:
    """Read a member's path; `export` is what the whole is called, where the path says nothing."""
    dated = day_in(name)
    day, bare = dated or (None, name)
    *folders, last = bare.split("/")
    stem = _ENDING.sub("", last).strip(_EDGES)
    network, channel = _in_name(stem)
    named = [folder for folder in folders if folder and not _LOGS.match(folder) and not folder.isdecimal()]
    if not channel:
        channel = named.pop() if named else export
        found = re.search(r"(?<=_)[#&].*", channel)  # ZNC's network_#channel
        channel = found[0] if found else channel
    if network is None and named:
        network = named[-1]
    return Place(network, channel, day)


def _in_name(stem: str) -> tuple[str | None, str]:
    parts = stem.split(".", 2)
    if parts[0] == "irc" and len(parts) == len(["irc", "network", "channel"]):  # WeeChat
        return (parts[2], parts[2]) if parts[1] == "server" else (parts[1], parts[2])
    match = _CHANNEL.search(stem)
    if match is None:
        return None, stem
    before, channel = stem[: match.start()].strip(_EDGES), match[0].rstrip(_EDGES)
    return re.split(r"[_-]", before)[-1] or None, channel
