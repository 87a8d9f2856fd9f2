"""Chats as sigtop writes them in JSON: messages as the desktop app keeps them, a file for each chat."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from egregora_core.plugin import Thread
from egregora_core.plugin.json_values import dict_of, dicts_of, id_of, int_of, list_of, moment_of, text_of, type_of
from msgspec import Struct

from egregora_sources._values import FIRST_MILLIS, LAST_MILLIS, Counts, People, micros_of
from egregora_sources.signal._ids import ME, account_of, message_id

if TYPE_CHECKING:
    from egregora_core.plugin import Export

_NAMED = re.compile(r"^(.*?)(?: \((\+\d+|[0-9a-fA-F-]{36}|group|[^()]*)\))?$")
_MEMBERS = {
    "member-add": "add", "member-add-from-invite": "join", "member-add-from-link": "join",
    "member-add-from-admin-approval": "join", "member-remove": "remove", "title": "rename", "avatar": "picture",
    "description": "topic", "create": "create", "pending-add-one": "invite", "pending-add-many": "invite",
    "member-privilege": "role", "access-attributes": "settings", "access-members": "settings",
    "access-invite-link": "settings", "announcements-only": "settings",
}  # fmt: skip
_EVENTS = {
    "timer-notification": "settings",
    "universal-timer-notification": "settings",
    "pinned-message-notification": "pin",
}
_MESSAGES = frozenset({"incoming", "outgoing", "", "story"})
_PLACEHOLDER = "\ufffc"


class _Message(Struct, gc=False):
    """A message, with all that is looked at, by the names in the file."""

    conversationId: Any = None  # noqa: N815 - the name in the file
    type: Any = None
    sourceServiceId: Any = None  # noqa: N815 - the name in the file
    sourceUuid: Any = None  # noqa: N815 - the name in the file
    source: Any = None
    sent_at: Any = None
    timestamp: Any = None
    body: Any = None
    bodyRanges: Any = None  # noqa: N815 - the name in the file
    attachments: Any = None
    quote: Any = None
    reactions: Any = None
    contact: Any = None
    poll: Any = None
    sticker: Any = None
    editHistory: Any = None  # noqa: N815 - the name in the file
    editMessageTimestamp: Any = None  # noqa: N815 - the name in the file
    isErased: Any = None  # noqa: N815 - the name in the file
    deletedForEveryone: Any = None  # noqa: N815 - the name in the file
    callHistoryDetails: Any = None  # noqa: N815 - the name in the file
    groupV2Change: Any = None  # noqa: N815 - the name in the file
    group_update: Any = None


class Sigtop:
    """Reads the messages of one chat after the other."""

    def __init__(self, people: People, counts: Counts) -> None:
        self._people, self._counts = people, counts
        self.threads: dict[str, Thread] = {}
        self._known: dict[str, str] = {}
        """By each id that somebody was met with: the one that they are told apart by."""
        self._authors: dict[tuple[Any, ...], str | None] = {}
        """By the ids that a message has of its author: the one that they are told apart by."""

    def batches(self, export: "Export", name: str) -> Iterator[list[Any]]:
        """Yield the messages of a file, which is called as the chat, as rows."""
        self._people.add(ME, "Me")
        stem = name.rpartition("/")[2].removesuffix(".json")
        title = _NAMED.sub(r"\1", stem) or stem
        for batch, _ in export.batches(name, shape=_Message):
            yield [row for item in batch if (row := self._usual(item) or self._any(item, title))]

    def _usual(self, message: Any) -> tuple[Any, ...] | None:
        """Return the row of a message in a chat that was met, with a text, files and the like; None for all others."""
        if type(message) is not _Message or message.bodyRanges or message.editHistory or message.sticker:
            return None
        if message.contact or message.poll or message.isErased or message.deletedForEveryone or message.group_update:
            return None
        if message.type != "outgoing" and message.type != "incoming":  # noqa: PLR1714 - half of the time
            return None
        sent, thread = message.sent_at, message.conversationId
        if type(sent) is not int or not FIRST_MILLIS <= sent < LAST_MILLIS or type(thread) is not str:
            return None
        if thread not in self.threads:
            return None
        author = ME if message.type == "outgoing" else self._author(message)
        id_ = f"{sent}:{author}" if author else None
        reply_to = self._quoted(message.quote) if message.quote else None
        reactions = self._reactions(message) if message.reactions else None
        media = _files(message.attachments) if message.attachments else None
        kind, text = "media" if media else "text", message.body if type(message.body) is str else None
        return thread, id_, sent * 1000, author, kind, text or None, reply_to, reactions or None, media or None

    def _any(self, item: Any, title: str) -> dict[str, Any] | None:
        message = item if type(item) is _Message else _Message()
        sent = message.sent_at or message.timestamp
        ts = moment_of(message.sent_at) or moment_of(message.timestamp)
        if ts is None:
            self._counts.add("messages without a time")
            return None
        thread = id_of(message.conversationId) or title
        self.threads.setdefault(thread, Thread(thread, title))
        author = self._author(message)
        return {
            "thread": thread,
            "msg_id": message_id(author, sent),
            "ts": ts,
            "author": author,
            **self._said(message, author),
        }

    def _author(self, message: _Message) -> str | None:
        if message.type == "outgoing":
            return ME
        said = (message.sourceServiceId, message.sourceUuid, message.source)
        try:
            return self._authors[said]
        except (KeyError, TypeError):  # met for the first time, or what no id is
            ids = [account_of(each) for each in said]
            author = self._note([each for each in ids if each])
        if all(each is None or type(each) is str for each in said):  # numbers and truths are alike as keys
            self._authors[said] = author
        return author

    def _note(self, ids: list[str]) -> str | None:
        """Return the id by which somebody is told apart: the first one that they were met with."""
        found = next((self._known[each] for each in ids if each in self._known), ids[0] if ids else None)
        for each in ids:
            self._known.setdefault(each, found or each)
            self._people.add(found, handle=each if each.startswith("+") else None)
        return found

    def _person(self, *ids: Any) -> str | None:
        """Return somebody who is mentioned or quoted: whoever did not write themselves is the one of the export."""
        found = None
        for each in ids:
            if each is not None and (account := account_of(each)):
                if account in self._known:
                    return self._known[account]
                found = ME
        return found

    def _quoted(self, quote: Any) -> str | None:
        """Return the message that is quoted."""
        said = dict_of(quote)
        author = self._person(said.get("authorAci"), said.get("authorUuid"), said.get("author"))
        return message_id(author, said.get("id"))

    def _said(self, message: _Message, author: str | None) -> dict[str, Any]:
        kind = text_of(message.type) or ""
        if message.deletedForEveryone is True:
            return {"kind": "deleted", "text": None}
        if kind == "call-history":
            return self._call(message)
        if kind not in _MESSAGES or message.group_update:
            return self._event(kind, message, author)
        edits = dicts_of(message.editHistory)
        self._counts.add("earlier versions of messages", max(0, len(edits) - 1))
        newest = edits[0] if len(edits) > 1 else {}
        body, spans = newest.get("body"), newest.get("bodyRanges")
        text, mentions = self._text(body, spans) if text_of(body) else self._text(message.body, message.bodyRanges)
        row: dict[str, Any] = {"text": text, "kind": "text", "mentions": mentions or None}
        if len(edits) > 1:
            row["edited_at"] = moment_of(message.editMessageTimestamp) or moment_of(newest.get("timestamp"))
        row["reply_to"] = self._quoted(message.quote)
        row["reactions"] = self._reactions(message) or None
        if message.isErased is True and not text:
            row["kind"] = "deleted"
        if media := _files(message.attachments):
            row |= {"media": media, "kind": "media"}
        return row | _special(message, text)

    def _text(self, body: Any, spans: Any) -> tuple[str | None, list[str]]:
        """Return the text, and who is mentioned: where a mention stands, the body has one mark."""
        text, mentions = text_of(body), []
        for span in dicts_of(spans):
            who = account_of(span.get("mentionAci")) or account_of(span.get("mentionUuid"))
            if who:
                mentions.append(self._known.get(who, who))
            name = text_of(span.get("replacementText"))
            if name and text and _PLACEHOLDER in text:
                text = text.replace(_PLACEHOLDER, f"@{name}", 1)
        return text, mentions

    def _reactions(self, message: _Message) -> list[dict[str, Any]]:
        found = []
        for said in dicts_of(message.reactions):
            emoji, id_ = text_of(said.get("emoji")), id_of(said.get("fromId"))
            if emoji is None or said.get("remove") is True:
                continue
            known = self._known.get(id_ or "")
            if known is None and id_ == message.conversationId and message.type != "outgoing":  # the one partner
                known = self._person(message.sourceServiceId, message.sourceUuid, message.source)
            elif known is None:
                known = id_
            found.append({"emoji": emoji, "author": known, "ts": micros_of(said.get("timestamp"))})
        return found

    def _call(self, message: _Message) -> dict[str, Any]:
        said = dict_of(message.callHistoryDetails)
        began, ended = int_of(said.get("acceptedTime")), int_of(said.get("endedTime"))
        data: dict[str, Any] = {
            "video": said.get("wasVideoCall") is True or "ideo" in str(said.get("callType") or said.get("type")),
            "missed": "issed" in str(said.get("status")) or (began is None and said.get("wasIncoming") is True),
        }
        if began and ended and ended >= began:
            data["seconds"] = (ended - began) // 1000
        incoming = said.get("wasIncoming") is True or said.get("direction") == "Incoming"
        return {"kind": "call", "data": json.dumps(data), **({} if incoming else {"author": ME})}

    def _event(self, kind: str, message: _Message, author: str | None) -> dict[str, Any]:
        change = dict_of(message.groupV2Change)
        actor = account_of(change.get("from")) or author
        details = dicts_of(change.get("details"))
        row: dict[str, Any] = {"author": None, "kind": "system", "text": text_of(message.body)}
        row["event"] = _EVENTS.get(kind, "other")
        who = [account_of(each.get(key)) for each in details for key in ("aci", "uuid", "serviceId")]
        if details:
            row["event"] = _MEMBERS.get(str(details[0].get("type")), "other")
            row["text"] = next((text_of(each.get("newTitle")) for each in details if "newTitle" in each), row["text"])
        update = dict_of(message.group_update)
        if update:
            row["event"] = "leave" if update.get("left") else "add" if update.get("joined") else "rename"
            who = [account_of(each) for each in [*list_of(update.get("joined")), update.get("left")]]
            row["text"] = text_of(update.get("name")) or row["text"]
        people = [self._known.get(each, each) for each in who if each]
        if row["event"] == "remove" and people == [self._known.get(actor or "", actor)]:
            row["event"] = "leave"
        return row | {"mentions": people or ([self._known.get(actor, actor)] if actor else None)}


def _special(message: _Message, text: str | None) -> dict[str, Any]:
    if sticker := dict_of(message.sticker):
        label = text_of(sticker.get("emoji")) or text_of(dict_of(sticker.get("data")).get("emoji"))
        return {"kind": "sticker", "text": text or label}
    for contact in dicts_of(message.contact):
        return {"kind": "contact", "data": json.dumps(_contact(contact))}
    poll = dict_of(message.poll)
    if question := text_of(poll.get("question")):
        options = [{"text": each} for each in list_of(poll.get("options")) if text_of(each)]
        return {"kind": "poll", "data": json.dumps({"question": question, "options": options})}
    return {}


def _contact(contact: Mapping[str, Any]) -> dict[str, Any]:
    name = dict_of(contact.get("name"))
    parts = (text_of(name.get("givenName")), text_of(name.get("familyName")))
    called = text_of(name.get("displayName")) or text_of(name.get("nickname")) or " ".join(filter(None, parts))
    return {
        "name": called or text_of(contact.get("organization")) or "",
        "phones": [text for each in dicts_of(contact.get("number")) if (text := text_of(each.get("value")))],
        "emails": [text for each in dicts_of(contact.get("email")) if (text := text_of(each.get("value")))],
    }


def _files(attachments: Any) -> list[dict[str, Any]]:
    return [_file(each) for each in dicts_of(attachments)]


def _file(said: Mapping[str, Any]) -> dict[str, Any]:
    name = text_of(said.get("fileName"))
    there = text_of(said.get("path")) or text_of(said.get("localKey"))
    mime = text_of(said.get("contentType")) or type_of(name)
    return {"name": name, "type": mime, "size": int_of(said.get("size")), "missing": not there}
