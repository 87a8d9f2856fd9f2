"""The package that Discord sends on request: what its owner wrote, channel by channel, and nobody else's messages."""

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from egregora_core.builtin._export_values import attachment, instant, text_or_number
from egregora_core.builtin.discord._exporter_csv import Beside, records
from egregora_core.builtin.discord._message import time_of_id
from egregora_core.plugin import ExportError, Thread
from egregora_core.plugin.json_values import dict_of, dicts_of, id_of

if TYPE_CHECKING:
    from egregora_core.plugin import Export

CHANNEL = re.compile(r"(?:^|/)c?(\d+)/messages\.(?:json|csv)$")
_INDEX = re.compile(r"(?:^|/)index\.json$")
_USER = re.compile(r"(?:^|/)user\.json$")
_OWNER = "account owner"
_KINDS = {**dict.fromkeys(("DM", "1"), "direct"), **dict.fromkeys(("GROUP_DM", "3"), "group")}
_WITH = "Direct Message with "
"""How the index calls a chat with one person, whom nothing else in the package names."""
_SMALL = 64 << 20


def channels_of(export: "Export") -> list[str]:
    """Return the members that hold messages."""
    return [name for name in export.names if CHANNEL.search(name)]


class Package:
    """The package: who owns it, what its channels are called, and their messages."""

    def __init__(self, export: "Export", beside: Beside) -> None:
        self._export, self._beside = export, beside
        user = next((self._object(name) for name in export.names if _USER.search(name)), {})
        self.owner = id_of(user.get("id")) or _OWNER
        beside.people.meet(self.owner, user.get("global_name") or user.get("username") or _OWNER, user.get("username"))
        for each in dicts_of(user.get("relationships")):
            self._meet(dict_of(each.get("user")), id_of(each.get("id")), each.get("nickname"))
        indexes = [name for name in export.names if _INDEX.search(name)]
        self._titles = {key: title for name in indexes for key, title in self._object(name).items()}

    def rows(self, member: str) -> Iterator[dict[str, Any]]:
        """Yield the owner's messages in one channel."""
        channel = CHANNEL.search(member)[1]  # type: ignore[index]  # so it was found
        for item in self._items(member):
            message = id_of(item.get("ID"))
            when = instant(text_or_number(item.get("Timestamp"))) or time_of_id(message)
            if when is None:
                self._beside.left_out.skip("messages without a time")
                continue
            said = text_or_number(item.get("Attachments")) or ""
            media = [attachment(None, url, self._beside.files) for url in said.split()]
            yield {
                "thread": channel,
                "msg_id": message,
                "ts": when,
                "author": self.owner,
                "text": text_or_number(item.get("Contents")),
                "kind": "media" if media else "text",
                "media": media or None,
            }

    def thread(self, member: str) -> Thread:
        """Return what a channel is called."""
        channel = CHANNEL.search(member)[1]  # type: ignore[index]  # so it was found
        told = self._object(member.rpartition("/")[0] + "/channel.json")
        title = text_or_number(told.get("name")) or text_or_number(self._titles.get(channel))
        listed = told.get("recipients")
        others = [
            each for each in map(id_of, listed if isinstance(listed, list) else ()) if each not in (None, self.owner)
        ]
        if title and title.startswith(_WITH) and len(others) == 1:
            name = title.removeprefix(_WITH)
            self._beside.people.meet(str(others[0]), name.partition("#")[0], name)
        kind = _KINDS.get(text_or_number(told.get("type")) or "", "channel")
        return Thread(channel, title, kind)  # type: ignore[arg-type]  # a Literal, from a table of them

    def _items(self, member: str) -> Iterator[dict[str, Any]]:
        if member.endswith(".json"):
            for item, _ in self._export.items(member):
                yield dict_of(item)
            return
        names: list[str] = []
        for line, record in records(self._export, member):
            if not names:
                names = record
            elif len(record) != len(names):
                raise ExportError(
                    f"{self._export.path}: {member}: line {line} ends too early; ask for the package again"
                )
            else:
                yield dict(zip(names, record, strict=True))

    def _meet(self, user: dict[str, Any], who: str | None, nickname: Any) -> None:
        who = id_of(user.get("id")) or who
        if who is not None:
            name = user.get("username")
            self._beside.people.meet(who, nickname or user.get("global_name") or name, user.get("global_name"), name)

    def _object(self, name: str) -> dict[str, Any]:
        """Return a small JSON file; an empty object where it is absent or damaged, as no message is in it."""
        if name not in self._export.names or self._export.size(name) > _SMALL:
            return {}
        with self._export.open(name) as file:
            try:
                return dict_of(json.load(file))
            except (ValueError, RecursionError):
                return {}
