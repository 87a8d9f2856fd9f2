"""What happened in a room: members come and go, names and rules change."""

from typing import Any

from egregora_core.plugin.json_values import dict_of, text_of

_EVENTS = {
    "m.room.create": "create",
    "m.room.name": "rename",
    "m.room.topic": "topic",
    "m.room.avatar": "picture",
    "m.room.tombstone": "migrate",
    "m.room.power_levels": "role",
    "m.room.third_party_invite": "invite",
}
_TEXTS = {"m.room.name": "name", "m.room.topic": "topic", "m.room.tombstone": "body"}


def happened(event: dict[str, Any]) -> dict[str, Any]:
    """Return event, mentions and text of a state event; who did it is among those it is about."""
    kind, content = str(event.get("type")), dict_of(event.get("content"))
    if kind == "m.room.member":
        return _member(event, content)
    if kind == "m.room.pinned_events":
        before, now = (_pinned(each) for each in (_before(event), content))
        return _row("unpin" if len(now) < len(before) else "pin", event)
    known = _EVENTS.get(kind) or ("settings" if kind.startswith("m.room.") else "other")
    return _row(known, event, said=text_of(content.get(_TEXTS.get(kind, ""))))


def _pinned(content: dict[str, Any]) -> list[Any]:
    found = content.get("pinned")
    return found if isinstance(found, list) else []


def _before(event: dict[str, Any]) -> dict[str, Any]:
    unsigned = dict_of(event.get("unsigned"))
    return dict_of(unsigned.get("prev_content") or event.get("prev_content"))


def _row(event: str, by: dict[str, Any], about: str | None = None, said: str | None = None) -> dict[str, Any]:
    people = [person for person in (text_of(by.get("sender")), about) if person]
    return {"kind": "system", "event": event, "mentions": list(dict.fromkeys(people)) or None, "text": said}


def _member(event: dict[str, Any], content: dict[str, Any]) -> dict[str, Any]:
    whom, before = text_of(event.get("state_key")), _before(event)
    now, was = content.get("membership"), before.get("membership")
    if now == "join" and was == "join":
        if before.get("displayname") != content.get("displayname"):
            return _row("rename", event, whom, text_of(content.get("displayname")))
        return _row("picture" if before.get("avatar_url") != content.get("avatar_url") else "other", event, whom)
    by_others = whom is not None and whom != event.get("sender")
    left = "remove" if by_others and was != "ban" else "leave" if not by_others else "other"
    known = {"join": "join", "leave": left, "invite": "invite", "ban": "ban"}
    return _row(known.get(str(now), "other"), event, whom, text_of(content.get("reason")))


class Members:
    """Who is who in the rooms of an export."""

    def __init__(self) -> None:
        self._names: dict[str, list[str]] = {}
        self._maker: str | None = None

    def meet(self, event: dict[str, Any]) -> None:
        """Remember whom an event names, and what they are called from then on."""
        if sender := text_of(event.get("sender")):
            self._names.setdefault(sender, [])
        if event.get("type") == "m.room.create":
            self._maker = text_of(event.get("sender"))
        if event.get("type") == "m.room.member" and (whom := text_of(event.get("state_key"))):
            for content in (_before(event), dict_of(event.get("content"))):
                self._call(whom, text_of(content.get("displayname")))

    def know(self, person: str) -> None:
        """Remember somebody who is only mentioned."""
        self._names.setdefault(person, [])

    def name(self, name: str | None, *, creator: bool = False) -> None:
        """Remember what somebody is called of whom the export tells no id, or who made the room."""
        if name is None or name in self._names or any(name in names for names in self._names.values()):
            return
        maker, self._maker = self._maker, None
        if creator and maker is not None and not self._names[maker]:
            self._call(maker, name)
        else:
            self._names[name] = []

    def _call(self, person: str, name: str | None) -> None:
        names = self._names.setdefault(person, [])
        if name is not None:
            names[:] = [name, *(other for other in names if other != name)]

    def all(self) -> list[tuple[str, list[str]]]:
        """Return ids and names of all: what they are called now, their id, what they were called, their handle."""
        return [(person, [*names[:1], person, *names[1:], *_handle(person)]) for person, names in self._names.items()]


def _handle(person: str) -> list[str]:
    local = person.removeprefix("@").partition(":")[0]
    return [local] if local else []
