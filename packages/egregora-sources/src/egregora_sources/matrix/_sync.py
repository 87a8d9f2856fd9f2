"""Answers to /sync: rooms by their ids, each with what happened in it lately and how things stood before."""

import re
from collections.abc import Iterator
from typing import Any

from egregora_core.plugin.json_values import dict_of

_ROOMS = re.compile(r'"rooms"\s*:\s*\{')
_ROOM = re.compile(r'"(?:join|leave)"\s*:\s*\{\s*"!')


def is_sync(head: str) -> bool:
    """Whether a file is an answer to /sync, by what stands before its first event."""
    before = head.partition('"origin_server_ts"')[0]
    return bool(_ROOMS.search(before) and _ROOM.search(before))


def events_of_rooms(rooms: Any) -> Iterator[tuple[Any, bool]]:
    """Yield the events of all rooms, each with its room; and whether it is of a room's state before its timeline."""
    for rooms_of_kind in (dict_of(rooms).get("leave"), dict_of(rooms).get("join")):
        for name, room in dict_of(rooms_of_kind).items():
            for part in ("state", "timeline"):
                events = dict_of(dict_of(room).get(part)).get("events")
                for event in events if isinstance(events, list) else ():
                    told = {"room_id": name, **event} if isinstance(event, dict) else event
                    yield told, part == "state"
