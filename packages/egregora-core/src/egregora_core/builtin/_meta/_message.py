"""One message of a thread as a row, in either of the layouts that name who sent it (`sender_name`, `senderName`)."""

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from msgspec import UNSET, Struct

from egregora_core.builtin._export_values import LeftOut, People, attachment, instant_of_millis, whole, with_more
from egregora_core.builtin._meta._sentences import event_of
from egregora_core.builtin._meta._wrong_bytes import right
from egregora_core.plugin.json_values import dict_of, dicts_of

MEDIA = ("photos", "videos", "audio_files", "gifs", "files", "media")
_WITH_MEDIA = frozenset((*MEDIA, "sticker"))
_FIRST_MILLIS = 10**11
"""Less than this are seconds, which the oldest downloads give."""
_PLACE = re.compile(r"(?:[?&](?:q|ll|where1|center)=|@|/)(-?\d{1,3}\.\d+),\s*\+?(-?\d{1,3}\.\d+)")
_FAILED = "Failed to download media"
_NOT_SAID = {"ip": "addresses of senders' machines", "plan": "plans", "payment_info": "payments"}
_LATITUDE, _LONGITUDE = 90, 180


class Message(Struct, gc=False):
    """A message, with all that is looked at, by the names in the file."""

    sender_name: Any = UNSET
    timestamp_ms: Any = UNSET
    content: Any = UNSET
    # What a message may have beside its text without being anything else.
    reactions: Any = UNSET
    photos: Any = UNSET
    videos: Any = UNSET
    audio_files: Any = UNSET
    gifs: Any = UNSET
    files: Any = UNSET
    media: Any = UNSET
    # What few messages have, and those of end-to-end encrypted chats.
    bumped_message_metadata: Any = UNSET
    call_duration: Any = UNSET
    ip: Any = UNSET
    is_taken_down: Any = UNSET
    isUnsent: Any = UNSET  # noqa: N815 - the name in the file
    is_unsent: Any = UNSET
    missed: Any = UNSET
    payment_info: Any = UNSET
    plan: Any = UNSET
    senderName: Any = UNSET  # noqa: N815 - the name in the file
    share: Any = UNSET
    sticker: Any = UNSET
    text: Any = UNSET
    timestamp: Any = UNSET
    type: Any = UNSET
    users: Any = UNSET


@dataclass
class Talk:
    """Turns the messages of a thread into rows, and remembers whom they name and what they hold beside."""

    thread: str
    people: People
    left_out: LeftOut
    files: Collection[str]
    called: dict[Any, str] = field(default_factory=dict)
    """Names as the thread writes them, and as they were meant."""

    def row(self, item: dict[str, Any]) -> dict[str, Any] | None:
        """Return the row of a message; None where it is none, which is counted."""
        when = _time(item.get("timestamp_ms", item.get("timestamp")))
        if when is None:
            self.left_out.skip("messages without a time")
            return None
        author = self._person(item.get("sender_name", item.get("senderName")))
        row: dict[str, Any] = {"thread": self.thread, "ts": when, "author": author, "kind": "text"}
        row["text"] = right(item.get("content", item.get("text")))
        if "reactions" in item:
            row["reactions"] = self.reactions(item["reactions"])
        if item.get("is_unsent") is True or item.get("isUnsent") is True or item.get("is_taken_down") is True:
            return row | {"kind": "deleted", "text": None}
        self._add_rest(row, item)
        self._decide_kind(row, item)
        return row

    def _add_rest(self, row: dict[str, Any], item: dict[str, Any]) -> None:
        for key in _NOT_SAID.keys() & item.keys():
            self.left_out.skip(_NOT_SAID[key])
        if not _WITH_MEDIA.isdisjoint(item):
            row["media"] = self.media([*map(item.get, MEDIA), [item.get("sticker")]])
        if row["text"] is None and "bumped_message_metadata" in item:
            row["text"] = right(dict_of(item.get("bumped_message_metadata")).get("bumped_message"))

    def _decide_kind(self, row: dict[str, Any], item: dict[str, Any]) -> None:
        said = event_of(row["text"], row["author"]) if row["text"] else None
        kind = item.get("type")
        if said == "attachment":
            row["text"] = None
        if share := dict_of(item.get("share")):
            self._add_share(row, share)
        if kind == "Call" or "call_duration" in item or said in ("call", "missed_call"):
            _make_call(row, item, said)
        elif kind in ("Subscribe", "Unsubscribe"):
            self._make_event(row, item, _of_membership(kind, said))
        elif said == "reaction":
            row["kind"] = "reaction"
        elif said not in (None, "attachment"):
            self._make_event(row, item, said)
        else:
            _decide_by_content(row, item, said)
        if row["kind"] not in ("call", "location"):
            row.pop("data", None)  # a map was shared by what is no message of its own

    def _make_event(self, row: dict[str, Any], item: dict[str, Any], event: str | None) -> None:
        """Turn a row into what the platform says of people: who did it first, then to whom."""
        users = [self._person(each.get("name")) for each in dicts_of(item.get("users"))]
        if event == "remove" and users and set(users) <= {row["author"]}:
            event = "leave"
        elif event == "add" and users and set(users) <= {row["author"]}:
            event = "join"
        who = [each for each in dict.fromkeys([row["author"], *users]) if each]
        row |= {"kind": "system", "event": event, "author": None, "mentions": who}

    def _add_share(self, row: dict[str, Any], share: dict[str, Any]) -> None:
        """Add what was shared: its words and its address, where the text does not have them; and whose it is."""
        link, words = right(share.get("link")), right(share.get("share_text"))
        if owner := right(share.get("original_content_owner")):
            row["forwarded_from"] = self.people.meet(owner, owner)
        if link and (place := _place(link)) is not None:
            row["data"] = json.dumps(place)
        row["text"] = with_more(with_more(row["text"], words), link)

    def _person(self, name: Any) -> str | None:
        known = self.called.get(name) if isinstance(name, str) else None
        if known is not None:
            return known
        called = right(name)
        if called and isinstance(name, str):
            self.called[name] = called
        return self.people.meet(called, called) if called else None

    def reactions(self, reactions: Any) -> list[dict[str, Any]] | None:
        """Return the reactions in what a message lists of them; None where there are none."""
        found = []
        for each in dicts_of(reactions):
            emoji, moment = right(each.get("reaction")), each.get("timestamp")
            if emoji is not None:
                when = None if moment is None else _time(moment)
                found.append({"emoji": emoji, "author": self._person(each.get("actor")), "ts": when})
        return found or None

    def media(self, lists: Iterable[Any]) -> list[dict[str, Any]] | None:
        """Return the files in what a message lists of them; None where there are none."""
        found = [each for listed in lists if type(listed) is list for each in listed if isinstance(each, dict)]
        return list(map(self._file, found)) or None

    def _file(self, said: dict[str, Any]) -> dict[str, Any]:
        where = right(said.get("uri"))
        return {"missing": True} if where is None or where == _FAILED else attachment(None, where, self.files)


def _time(value: Any) -> datetime | None:
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _FIRST_MILLIS:
        value *= 1000
    return instant_of_millis(value)


def _make_call(row: dict[str, Any], item: dict[str, Any], said: str | None) -> None:
    missed = item.get("missed") is True or said == "missed_call"
    seconds = whole(item.get("call_duration"))
    data = {"seconds": seconds, "missed": missed or None}
    row |= {"kind": "call", "event": "missed_call" if missed else "call"}
    row["data"] = json.dumps({key: value for key, value in data.items() if value is not None})


def _decide_by_content(row: dict[str, Any], item: dict[str, Any], said: str | None) -> None:
    wordless = row["text"] is None
    if "data" in row:
        row["kind"] = "location"
    elif row.get("media"):
        row["kind"] = "sticker" if wordless and item.get("sticker") else "media"
    elif wordless and said == "attachment":
        row |= {"kind": "media", "media": [{"missing": True}]}
    elif wordless and item.get("type") == "placeholder":
        row["kind"] = "deleted"


def _of_membership(kind: str, said: str | None) -> str:
    if said in ("add", "join", "leave", "remove", "create"):
        return said
    return "add" if kind == "Subscribe" else "remove"


def _place(link: str) -> dict[str, float] | None:
    """Return where an address of a map leads to; None for any other."""
    if "map" not in link and "location" not in link:
        return None
    found = _PLACE.search(unquote(unquote(link)))
    if found is None:
        return None
    latitude, longitude = float(found[1]), float(found[2])
    if abs(latitude) > _LATITUDE or abs(longitude) > _LONGITUDE:
        return None
    return {"latitude": latitude, "longitude": longitude}


__all__ = ["MEDIA", "Message", "Talk"]
