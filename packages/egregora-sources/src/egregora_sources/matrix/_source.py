"""Rooms of Matrix: events one by one, each a message, a change of one, or something that happened."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from egregora_core.plugin import Export, ExportError, Person, Reading, ReadOptions, Recognised, Report, Thread
from egregora_core.plugin.json_values import dict_of, text_of

from egregora_sources.matrix._content import body_of, place, relation, replied_to, said
from egregora_sources.matrix._plain_text import PlainText, is_plain_text, room_of
from egregora_sources.matrix._polls import Polls, is_poll
from egregora_sources.matrix._state import Members, happened
from egregora_sources.matrix._sync import events_of_rooms, is_sync
from egregora_sources.matrix._values import moment

_EVENT = re.compile(r'"type"\s*:\s*"(?:m\.(?:room|sticker|reaction|call|poll)|org\.matrix\.)[\w.]*"')
_WAYS = ("messages", "chunk", "timeline.events", "")
"""Where events stand: in Element's export, a server's answer, an answer to /sync of one room, a bare list or lines."""
_SYNC = "rooms"
"""Where the rooms of an answer to /sync stand that has several."""
_LOOKED_AT, _START = 100, 400
_CALLS = re.compile(r"m\.call\.|org\.matrix\.msc3401\.call|m\.rtc\.|org\.matrix\.msc4075")

_NO_ROWS = {
    "m.room.encrypted": "messages that are encrypted",
    "m.beacon": "positions of live places",
    "org.matrix.msc3672.beacon": "positions of live places",
}

_PLAIN = frozenset(("msgtype", "body", "m.mentions"))
_TEXTS = ("m.text", "m.notice", "m.emote")
_CHANGES = frozenset(("redacted_because", "m.relations"))
_USUAL = frozenset(
    ("type", "sender", "user_id", "content", "origin_server_ts", "event_id", "room_id", "unsigned", "age", "status")
)


def recognise(export: Export) -> Recognised:
    """Say by its events whether an export is of Matrix."""
    found = _files(export)
    if not found:
        return Recognised("certain", "lines as Element exports them as text") if _texts(export) else Recognised("no")
    name, way = found[0]
    if way == "messages" and '"room_name"' in export.head(name):
        return Recognised("certain", "a room's name and its events, as Element exports them")
    return Recognised("likely", "events of Matrix")


def _files(export: Export) -> list[tuple[str, str]]:
    """Return the members that hold events, and the way to them."""
    names = (
        list(export.names) if export.is_file else export.find("*.json") + export.find("events") + export.find("*.jsonl")
    )
    return [(name, way) for name in names if (way := _way(export.head(name))) is not None]


def _texts(export: Export) -> list[str]:
    """Return the members that are plain texts of Element."""
    names = list(export.names) if export.is_file else export.find("*.txt")
    return [name for name in names[:_LOOKED_AT] if is_plain_text(export.head(name, _START))]


def _way(head: str) -> str | None:
    if not head.lstrip("\ufeff \t\r\n").startswith(("{", "[")) or '"origin_server_ts"' not in head:
        return None
    if not _EVENT.search(head):
        return None
    if is_sync(head):
        return _SYNC
    for way in _WAYS[:-1]:
        if (
            re.search(rf'"{way.rpartition(".")[2]}"\s*:\s*\[', head)
            and '"origin_server_ts"' not in head.partition("[")[0]
        ):
            return way
    return ""


def read(export: Export, options: ReadOptions) -> Reading:
    """Read all rooms. Raises ExportError where no event is in the export."""
    files = _files(export)
    if not files and (texts := _texts(export)):
        return _read_text(export, texts, options)
    if not files:
        raise ExportError(f"{export.path}: no events of Matrix are in it; export the room as JSON in Element")
    rooms = _Rooms(options.thread if len(files) == 1 else None, export.title)
    return Reading(
        rooms.rows(export, files),
        options.thread if len(files) == 1 else None,
        zoned=True,
        threads=lambda: [Thread(room, title) for room, title in rooms.titles.items()],
        people=lambda: [Person(person, names) for person, names in rooms.members.all()],
        report=lambda: Report(left_out={what: count for what, count in rooms.left_out().items() if count}),
    )


def _read_text(export: Export, names: list[str], options: ReadOptions) -> Reading:
    """Read the plain text of a room. Raises ExportError where there are several."""
    if len(names) > 1:
        raise ExportError(f"{export.path}: {len(names):,} rooms as plain text are in it; give the files one by one")
    text = PlainText(export, names[0])
    return Reading(
        text.rows(),
        options.thread or room_of(export),
        zoned=False,
        report=lambda: Report(left_out=text.left_out),
    )


class _Rooms:
    """The rooms of an export, being read."""

    def __init__(self, only: str | None, title: str) -> None:
        self.titles: dict[str, str | None] = {}
        self.members = Members()
        self._only, self._title = only, title
        self._polls = Polls()
        self._left: Counter[str] = Counter()
        self._beside: set[str] = set()
        """Ids of events that are no messages: what is redacted of these deletes none."""

    def rows(self, export: Export, files: list[tuple[str, str]]) -> Iterator[dict[str, Any]]:
        for name, way in files:
            around: dict[str, Any] = {}
            for event, around in self._events(export, name, way):
                if not isinstance(event, dict):
                    self._left["entries that are no events"] += 1
                elif row := self._plain(event) or self._row(event, around):
                    yield row
            self._named(around)
        yield from self._polls.rest()

    def _events(self, export: Export, name: str, way: str) -> Iterator[tuple[Any, dict[str, Any]]]:
        """Yield events, each with what stands around it. Of a room's earlier state only names are taken."""
        if way != _SYNC:
            yield from export.items(name, way)
            return
        for rooms, around in export.items(name, way):
            for event, is_earlier in events_of_rooms(rooms):
                if not is_earlier:
                    yield event, around
                elif isinstance(event, dict):
                    self._earlier(event)

    def _earlier(self, event: dict[str, Any]) -> None:
        self._left["events of rooms before what the export tells of them"] += 1
        self.members.meet(event)
        room, name = text_of(event.get("room_id")), text_of(dict_of(event.get("content")).get("name"))
        if event.get("type") == "m.room.name" and room and name:
            self.titles[room] = name

    def left_out(self) -> dict[str, int]:
        return {**self._left, "votes of polls that are not in the export": self._polls.lost}

    def _named(self, around: dict[str, Any]) -> None:
        """Call a file's room as its export does, which knows what it is called now; take the names that it tells."""
        if self._room in self.titles and (name := text_of(around.get("room_name"))):
            self.titles[self._room] = name
        self.members.name(text_of(around.get("room_creator")), creator=True)
        self.members.name(text_of(around.get("exported_by")))

    _room = ""

    def _plain(self, event: dict[str, Any]) -> dict[str, Any] | None:
        """Return the row of a text and nothing else in a room that is known, as most events are: the quick way."""
        content, unsigned, ts = event.get("content"), event.get("unsigned"), event.get("origin_server_ts")
        room, sender, own = event.get("room_id"), event.get("sender"), event.get("event_id")
        if (
            event.get("type") != "m.room.message"
            or not isinstance(content, dict)
            or not content.keys() <= _PLAIN
            or content.get("m.mentions")
            or content.get("msgtype") not in _TEXTS
            or (unsigned and not (isinstance(unsigned, dict) and _CHANGES.isdisjoint(unsigned)))
            or not event.keys() <= _USUAL
            or self._only is not None
        ):
            return None
        body = content.get("body")
        if not (type(body) is type(sender) is type(own) is type(room) is str and body and room in self.titles):
            return None
        self._room = room
        self.members.know(sender)
        when = moment(ts)
        if when is None:
            return None
        return {"thread": room, "msg_id": own, "ts": when, "author": sender, "kind": "text", "text": body}

    def _row(self, event: dict[str, Any], around: dict[str, Any]) -> dict[str, Any] | None:
        """Return what an event is a row of; null where it is none by itself."""
        event = dict_of(event.get("decrypted")) or event
        self._room = self._only or text_of(event.get("room_id")) or text_of(around.get("room_name")) or self._title
        self.titles.setdefault(self._room, text_of(around.get("room_name")))
        self.members.meet(event)
        ts = moment(event.get("origin_server_ts"))
        if ts is None:
            self._left["events without a time"] += 1
            return None
        kind, content = str(event.get("type")), dict_of(event.get("content"))
        base = {
            "thread": self._room,
            "msg_id": text_of(event.get("event_id")),
            "ts": ts,
            "author": text_of(event.get("sender")),
        }
        row = self._of_kind(kind, event, content, base)
        for person in (row or {}).get("mentions") or ():
            self.members.know(person)
        return row

    def _of_kind(
        self, kind: str, event: dict[str, Any], content: dict[str, Any], base: dict[str, Any]
    ) -> dict[str, Any] | None:
        if kind in _NO_ROWS or content.get("msgtype") == "m.bad.encrypted":
            self._count(_NO_ROWS.get(kind, _NO_ROWS["m.room.encrypted"]), base)
            return None
        if is_poll(kind):
            return self._polls.take(event, base)
        changes = {"m.room.redaction": self._redaction, "m.reaction": self._reaction, "m.call.invite": self._call}
        if kind not in changes and _CALLS.match(kind):
            self._count("signals of calls", base)
            return None
        if kind not in changes and "state_key" in event:
            return self._state(kind, event, content, base)
        return changes[kind](event, content, base) if kind in changes else self._message(kind, event, content, base)

    def _call(self, _event: dict[str, Any], content: dict[str, Any], base: dict[str, Any]) -> dict[str, Any]:
        video = "m=video" in (text_of(dict_of(content.get("offer")).get("sdp")) or "")
        return {**base, "kind": "call", "data": json.dumps({"video": video})}

    def _count(self, what: str, base: dict[str, Any]) -> None:
        self._left[what] += 1
        if base["msg_id"]:
            self._beside.add(base["msg_id"])

    def _state(
        self, kind: str, event: dict[str, Any], content: dict[str, Any], base: dict[str, Any]
    ) -> dict[str, Any] | None:
        if kind == "m.room.name" and (name := text_of(content.get("name"))):
            self.titles[self._room] = name
        if "beacon_info" in kind:
            return {**base, "text": text_of(content.get("description")), **place({}, live=True)}
        return {**base, "author": None, **happened(event)}

    def _redaction(self, event: dict[str, Any], content: dict[str, Any], base: dict[str, Any]) -> dict[str, Any] | None:
        target = text_of(event.get("redacts")) or text_of(content.get("redacts"))
        if target is None or target in self._beside:
            self._left["reactions, edits and votes that were taken back"] += 1
            return None
        return {**base, "msg_id": target, "kind": "deleted", "update": "delete"}

    def _reaction(self, _event: dict[str, Any], content: dict[str, Any], base: dict[str, Any]) -> dict[str, Any] | None:
        target, emoji = text_of(relation(content).get("event_id")), text_of(relation(content).get("key"))
        if base["msg_id"]:
            self._beside.add(base["msg_id"])
        if target is None or emoji is None:
            self._left["reactions, edits and votes that were taken back"] += 1
            return None
        return {**base, "msg_id": target, "kind": "reaction", "update": "react", "text": emoji}

    def _message(
        self, kind: str, event: dict[str, Any], content: dict[str, Any], base: dict[str, Any]
    ) -> dict[str, Any] | None:
        unsigned, relates = dict_of(event.get("unsigned")), relation(content)
        if "redacted_because" in unsigned or not content:
            return {**base, "kind": "deleted"}
        if relates.get("rel_type") == "m.replace" and (target := text_of(relates.get("event_id"))):
            return self._edit(content, base, target)
        row = {**base, **said({**content, "msgtype": kind} if kind == "m.sticker" else content)}
        if row["text"] is None and "media" not in row and "data" not in row:
            self._count("events that say nothing", base)
            return None
        row["reply_to"] = replied_to(content)
        if relates.get("rel_type") in {"m.thread", "io.element.thread"}:
            row["thread_root"] = text_of(relates.get("event_id"))
        bundled = dict_of(dict_of(unsigned.get("m.relations")).get("m.replace"))
        if bundled:
            row["edited_at"] = moment(bundled.get("origin_server_ts"))
        return row

    def _edit(self, content: dict[str, Any], base: dict[str, Any], target: str) -> dict[str, Any]:
        if base["msg_id"]:
            self._beside.add(base["msg_id"])
        new = dict_of(content.get("m.new_content"))
        body = body_of(new) if new else (body_of(content) or "").removeprefix("* ")
        return {**base, "msg_id": target, "kind": "text", "update": "edit", "text": body, "edited_at": base["ts"]}
