"""Chats as sigtop writes them in JSON: messages as the desktop app keeps them, a file for each chat."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from egregora_core.plugin import Row, Thread

from egregora_sources._values import (
    Counts,
    People,
    dict_of,
    dicts_of,
    id_of,
    int_of,
    list_of,
    moment_of,
    text_of,
    type_of,
)
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
_FIRST, _LAST = 31_536_000_000, 7_258_118_400_000
"""From 1971 to 2200, in milliseconds: as `moment_of`."""
_MORE = (*("attachments", "bodyRanges", "contact", "editHistory", "isErased", "poll", "quote", "reactions", "sticker"),)
"""What a message may have beside its text."""
_PLACEHOLDER = "\ufffc"


class Sigtop:
    """Reads the messages of one chat after the other."""

    def __init__(self, people: People, counts: Counts) -> None:
        self._people, self._counts = people, counts
        self.threads: dict[str, Thread] = {}
        self._known: dict[str, str] = {}
        """By each id that somebody was met with: the one that they are told apart by."""
        self._authors: dict[tuple[Any, ...], str | None] = {}
        """By the ids that a message has of its author: the one that they are told apart by."""

    def rows(self, export: "Export", name: str) -> Iterator[Row]:
        """Yield the messages of a file, which is called as the chat."""
        self._people.add(ME, "Me")
        stem = name.rpartition("/")[2].removesuffix(".json")
        title = _NAMED.sub(r"\1", stem) or stem
        for item, _ in export.items(name):
            message = dict_of(item)
            if row := self._plain(message):
                yield row
                continue
            ts = moment_of(message.get("sent_at")) or moment_of(message.get("timestamp"))
            if ts is None:
                self._counts.add("messages without a time")
                continue
            thread = id_of(message.get("conversationId")) or title
            self.threads.setdefault(thread, Thread(thread, title))
            author = self._author(message)
            sent = message.get("sent_at") or message.get("timestamp")
            row = {"thread": thread, "msg_id": message_id(author, sent), "ts": ts, "author": author}
            yield row | self._said(message, author)

    def _plain(self, message: Mapping[str, Any]) -> Row | None:
        """Return the row of a message in a chat that was met, with a text and nothing else; None for all others."""
        get = message.get
        thread, sent, body = get("conversationId"), get("sent_at"), get("body")
        if not (type(sent) is int and _FIRST <= sent < _LAST and type(body) is type(thread) is str and body):
            return None
        if thread not in self.threads or get("deletedForEveryone") or get("group_update"):
            return None
        if get("type") != "incoming" and get("type") != "outgoing":
            return None
        for key in _MORE:
            if get(key):
                return None
        author = self._author(message)
        id_ = f"{sent}:{author}" if author else None
        return {"thread": thread, "msg_id": id_, "ts": sent * 1000, "author": author, "kind": "text", "text": body}

    def _author(self, message: Mapping[str, Any]) -> str | None:
        if message.get("type") == "outgoing":
            return ME
        said = (message.get("sourceServiceId"), message.get("sourceUuid"), message.get("source"))
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
        accounts = [account for each in ids if (account := account_of(each))]
        return next((self._known[each] for each in accounts if each in self._known), ME if accounts else None)

    def _said(self, message: Mapping[str, Any], author: str | None) -> dict[str, Any]:
        kind = text_of(message.get("type")) or ""
        if message.get("deletedForEveryone") is True:
            return {"kind": "deleted", "text": None}
        if kind == "call-history":
            return self._call(message)
        if kind not in _MESSAGES or message.get("group_update"):
            return self._event(kind, message, author)
        if not any(message.get(key) for key in _MORE):
            return {"kind": "text", "text": text_of(message.get("body"))}
        edits = dicts_of(message.get("editHistory"))
        self._counts.add("earlier versions of messages", max(0, len(edits) - 1))
        newest = edits[0] if len(edits) > 1 else message
        text, mentions = self._text(newest if text_of(newest.get("body")) else message)
        row: dict[str, Any] = {"text": text, "kind": "text", "mentions": mentions or None}
        if len(edits) > 1:
            row["edited_at"] = moment_of(message.get("editMessageTimestamp")) or moment_of(newest.get("timestamp"))
        quote = dict_of(message.get("quote"))
        quoted = self._person(quote.get("authorAci"), quote.get("authorUuid"), quote.get("author"))
        row["reply_to"] = message_id(quoted, quote.get("id"))
        row["reactions"] = self._reactions(message) or None
        if message.get("isErased") is True and not text:
            row["kind"] = "deleted"
        if media := [_file(each) for each in dicts_of(message.get("attachments"))]:
            row |= {"media": media, "kind": "media"}
        return row | self._special(message, text)

    def _special(self, message: Mapping[str, Any], text: str | None) -> dict[str, Any]:
        if sticker := dict_of(message.get("sticker")):
            label = text_of(sticker.get("emoji")) or text_of(dict_of(sticker.get("data")).get("emoji"))
            return {"kind": "sticker", "text": text or label}
        for contact in dicts_of(message.get("contact")):
            return {"kind": "contact", "data": json.dumps(_contact(contact))}
        poll = dict_of(message.get("poll"))
        if question := text_of(poll.get("question")):
            options = [{"text": each} for each in list_of(poll.get("options")) if text_of(each)]
            return {"kind": "poll", "data": json.dumps({"question": question, "options": options})}
        return {}

    def _text(self, message: Mapping[str, Any]) -> tuple[str | None, list[str]]:
        """Return the text, and who is mentioned: where a mention stands, the body has one mark."""
        text, mentions = text_of(message.get("body")), []
        for span in dicts_of(message.get("bodyRanges")):
            who = account_of(span.get("mentionAci")) or account_of(span.get("mentionUuid"))
            if who:
                mentions.append(self._known.get(who, who))
            name = text_of(span.get("replacementText"))
            if name and text and _PLACEHOLDER in text:
                text = text.replace(_PLACEHOLDER, f"@{name}", 1)
        return text, mentions

    def _reactions(self, message: Mapping[str, Any]) -> list[dict[str, Any]]:
        found = []
        for said in dicts_of(message.get("reactions")):
            emoji, id_ = text_of(said.get("emoji")), id_of(said.get("fromId"))
            if emoji is None or said.get("remove") is True:
                continue
            partner = id_ == message.get("conversationId")
            who = self._person(message.get("sourceServiceId"), message.get("sourceUuid"), message.get("source"))
            known = self._known.get(id_ or "") or (who if partner and message.get("type") != "outgoing" else id_)
            found.append({"emoji": emoji, "author": known, "ts": moment_of(said.get("timestamp"))})
        return found

    def _call(self, message: Mapping[str, Any]) -> dict[str, Any]:
        said = dict_of(message.get("callHistoryDetails"))
        began, ended = int_of(said.get("acceptedTime")), int_of(said.get("endedTime"))
        data: dict[str, Any] = {
            "video": said.get("wasVideoCall") is True or "ideo" in str(said.get("callType") or said.get("type")),
            "missed": "issed" in str(said.get("status")) or (began is None and said.get("wasIncoming") is True),
        }
        if began and ended and ended >= began:
            data["seconds"] = (ended - began) // 1000
        incoming = said.get("wasIncoming") is True or said.get("direction") == "Incoming"
        return {"kind": "call", "data": json.dumps(data), **({} if incoming else {"author": ME})}

    def _event(self, kind: str, message: Mapping[str, Any], author: str | None) -> dict[str, Any]:
        change = dict_of(message.get("groupV2Change"))
        actor = account_of(change.get("from")) or author
        details = dicts_of(change.get("details"))
        row: dict[str, Any] = {"author": None, "kind": "system", "text": text_of(message.get("body"))}
        row["event"] = _EVENTS.get(kind, "other")
        who = [account_of(each.get(key)) for each in details for key in ("aci", "uuid", "serviceId")]
        if details:
            row["event"] = _MEMBERS.get(str(details[0].get("type")), "other")
            row["text"] = next((text_of(each.get("newTitle")) for each in details if "newTitle" in each), row["text"])
        update = dict_of(message.get("group_update"))
        if update:
            row["event"] = "leave" if update.get("left") else "add" if update.get("joined") else "rename"
            who = [account_of(each) for each in [*list_of(update.get("joined")), update.get("left")]]
            row["text"] = text_of(update.get("name")) or row["text"]
        people = [self._known.get(each, each) for each in who if each]
        if row["event"] == "remove" and people == [self._known.get(actor or "", actor)]:
            row["event"] = "leave"
        return row | {"mentions": people or ([self._known.get(actor, actor)] if actor else None)}


def _contact(contact: Mapping[str, Any]) -> dict[str, Any]:
    name = dict_of(contact.get("name"))
    parts = (text_of(name.get("givenName")), text_of(name.get("familyName")))
    called = text_of(name.get("displayName")) or text_of(name.get("nickname")) or " ".join(filter(None, parts))
    return {
        "name": called or text_of(contact.get("organization")) or "",
        "phones": [text for each in dicts_of(contact.get("number")) if (text := text_of(each.get("value")))],
        "emails": [text for each in dicts_of(contact.get("email")) if (text := text_of(each.get("value")))],
    }


def _file(said: Mapping[str, Any]) -> dict[str, Any]:
    name = text_of(said.get("fileName"))
    there = text_of(said.get("path")) or text_of(said.get("localKey"))
    mime = text_of(said.get("contentType")) or type_of(name)
    return {"name": name, "type": mime, "size": int_of(said.get("size")), "missing": not there}
