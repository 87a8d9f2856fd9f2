"""Messages as Microsoft Graph gives them (`chatMessage`), of chats and channels."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from egregora_core.plugin import Row, Thread
from egregora_core.plugin.json_values import dict_of, dicts_of, id_of, iso_moment_of, text_of, type_of

from egregora_sources._values import Counts, People
from egregora_sources.teams._html import written

_EVENTS = (
    ("membersJoined", "join"), ("membersLeft", "leave"), ("membersAdded", "add"), ("membersDeleted", "remove"),
    ("memberRoleUpdated", "role"), ("chatRenamed", "rename"), ("channelRenamed", "rename"), ("teamRenamed", "rename"),
    ("Description", "topic"), ("channelAdded", "create"), ("teamCreated", "create"), ("callStarted", "call"),
    ("callEnded", "call"), ("messagePinned", "pin"), ("messageUnpinned", "unpin"), ("Updated", "settings"),
)  # fmt: skip
_REACTIONS = {"like": "👍", "heart": "❤️", "laugh": "😆", "surprised": "😮", "sad": "😢", "angry": "😠"}


class Graph:
    """Reads messages in the file's order."""

    def __init__(self, people: People, counts: Counts, title: str) -> None:
        self._people, self._counts, self._title = people, counts, title
        self.threads: dict[str, Thread] = {}

    def rows(self, item: Mapping[str, Any], around: Mapping[str, Any]) -> Iterator[Row]:
        """Yield the row of a message, and of the replies that were expanded in it."""
        ts = iso_moment_of(item.get("createdDateTime"))
        if ts is None:
            self._counts.add("messages without a time")
            return
        row = {"thread": self._thread(item, around), "msg_id": id_of(item.get("id")), "ts": ts}
        row["edited_at"] = iso_moment_of(item.get("lastEditedDateTime"))
        row["author"] = self._person(item.get("from"))
        row["reply_to"] = row["thread_root"] = id_of(item.get("replyToId"))
        yield row | self._said(item)
        for reply in dicts_of(item.get("replies")):
            yield from self.rows(reply, around)

    def _thread(self, item: Mapping[str, Any], around: Mapping[str, Any]) -> str:
        channel = dict_of(item.get("channelIdentity"))
        id_ = text_of(channel.get("channelId")) or text_of(item.get("chatId")) or text_of(around.get("chatId"))
        id_ = id_ or text_of(around.get("id")) or self._title
        title = next((text for key in ("topic", "displayName", "chatName") if (text := text_of(around.get(key)))), None)
        if id_ not in self.threads or title:
            self.threads[id_] = Thread(id_, title or self._title, "channel" if channel else "other")
        return id_

    def _person(self, said: Any) -> str | None:
        """Note whoever is behind an identity: a user, an application, a device or a conversation."""
        for key, value in dict_of(said).items():
            person = dict_of(value)
            id_ = text_of(person.get("id"))
            if id_ and key != "conversation":
                return self._people.add(id_, text_of(person.get("displayName")), bot=key == "application")
        return None

    def _said(self, item: Mapping[str, Any]) -> dict[str, Any]:
        if item.get("deletedDateTime"):
            return {"kind": "deleted", "text": None}
        detail = dict_of(item.get("eventDetail"))
        if detail or "system" in str(item.get("messageType")).casefold():
            return self._event(detail)
        body = dict_of(item.get("body"))
        content = text_of(body.get("content")) or ""
        found = written(content, spaces=False) if body.get("contentType") != "text" else None
        text = found.text if found else content
        if subject := text_of(item.get("subject")):
            text = f"{subject}\n{text}"
        row: dict[str, Any] = {"text": text or None, "kind": "text"}
        media = found.media if found else []
        for attachment in dicts_of(item.get("attachments")):
            if attachment.get("contentType") == "messageReference":
                row["reply_to"] = id_of(attachment.get("id"))
            else:
                name = text_of(attachment.get("name"))
                media.append({"name": name, "url": text_of(attachment.get("contentUrl")), "type": type_of(name)})
        row |= {"media": media, "kind": "media"} if media else {}
        mentions = [self._person(dict_of(each.get("mentioned"))) for each in dicts_of(item.get("mentions"))]
        reactions = [self._reaction(each) for each in dicts_of(item.get("reactions"))]
        return row | {"mentions": [each for each in mentions if each] or None, "reactions": reactions or None}

    def _reaction(self, said: Mapping[str, Any]) -> dict[str, Any]:
        kind = text_of(said.get("reactionType")) or "?"
        ts = iso_moment_of(said.get("createdDateTime"))
        return {"emoji": _REACTIONS.get(kind, kind), "author": self._person(said.get("user")), "ts": ts}

    def _event(self, detail: Mapping[str, Any]) -> dict[str, Any]:
        kind = text_of(detail.get("@odata.type")) or ""
        event = next((event for word, event in _EVENTS if word in kind), "other")
        members = [
            self._people.add(text_of(each.get("id")), text_of(each.get("displayName")))
            for each in dicts_of(detail.get("members"))
        ]
        who = [*members] if any(members) else [self._person(detail.get("initiator"))]
        text = next((text for key, value in detail.items() if "DisplayName" in key and (text := text_of(value))), None)
        row = {"kind": "system", "event": event, "author": None, "mentions": [each for each in who if each] or None}
        if "callEnded" in kind:
            seconds = _seconds(text_of(detail.get("callDuration")))
            return row | {"kind": "call", "event": None, "data": json.dumps({"seconds": seconds})}
        return row | {"text": text}


def _seconds(duration: str | None) -> int | None:
    """Return how many seconds an ISO 8601 duration such as `PT1H2M3.5S` has."""
    import re

    match = re.fullmatch(r"P(?:(\d{1,5})D)?T?(?:(\d{1,5})H)?(?:(\d{1,7})M)?(?:(\d{1,9})(?:\.\d+)?S)?", duration or "")
    if not match:
        return None
    days, hours, minutes, seconds = (int(each or 0) for each in match.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds
