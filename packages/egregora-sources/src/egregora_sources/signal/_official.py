"""Signal's own export: `main.jsonl`, a frame a line. People and chats come before what was said in them.

The frames are those of the app's backups (`Backup.proto` of libsignal), as JSON: large numbers are texts, bytes base64.
"""

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from egregora_core.plugin import Row, Thread
from egregora_core.plugin.json_values import dict_of, dicts_of, id_of, int_of, moment_of, text_of, type_of

from egregora_sources._values import Counts, People
from egregora_sources.signal._ids import ME, account_of, hex_of, message_id, number_of

if TYPE_CHECKING:
    from datetime import datetime

    from egregora_core.plugin import Export

_UPDATES = (
    ("groupCreation", "create"), ("groupName", "rename"), ("groupAvatar", "picture"), ("groupDescription", "topic"),
    ("MemberLeft", "leave"), ("MemberRemoved", "remove"), ("MemberAdded", "add"), ("MemberJoined", "join"),
    ("InvitationAccepted", "join"), ("Invited", "invite"), ("AdminStatus", "role"), ("AccessLevel", "settings"),
    ("ExpirationTimer", "settings"), ("InviteLink", "settings"), ("Migration", "migrate"),
)  # fmt: skip
_WHO = ("newMemberAci", "removedAci", "aci", "memberAci", "inviteeAci")
_MISSED = ("MISSED", "NOT_ACCEPTED", "DECLINED")


class Official:
    """Reads the frames in the file's order."""

    def __init__(self, people: People, counts: Counts) -> None:
        self._people, self._counts = people, counts
        self.threads: dict[str, Thread] = {}
        self.made: datetime | None = None
        self._recipients: dict[str, tuple[str, str | None, bool]] = {}
        """By the number of a frame: id, name and whether it is a group."""
        self._chats: dict[str, str] = {}
        self._files: dict[str, str] = {}
        """By its beginning, the hash of a file's content: where the file is in the export."""

    def rows(self, export: "Export", name: str) -> Iterator[Row]:
        """Yield the messages of a file."""
        self._people.add(ME, "Me")
        inside = () if export.is_file else export.names
        self._files = {each.rpartition("/")[2].partition(".")[0]: each for each in inside if "files/" in each}
        for item, _ in export.items(name):
            frame = dict_of(item)
            self.made = moment_of(frame.get("backupTimeMs")) or self.made
            if "account" in frame:
                self._account(dict_of(frame["account"]))
            elif "recipient" in frame:
                self._recipient(dict_of(frame["recipient"]))
            elif "chat" in frame:
                self._chat(dict_of(frame["chat"]))
            elif "chatItem" in frame:
                yield from self._item(dict_of(frame["chatItem"]))

    def _account(self, said: Mapping[str, Any]) -> None:
        names = (text_of(said.get("givenName")), text_of(said.get("familyName")))
        self._people.add(ME, " ".join(filter(None, names)), text_of(said.get("username")))

    def _recipient(self, said: Mapping[str, Any]) -> None:
        number = id_of(said.get("id")) or ""
        if "self" in said:
            self._recipients[number] = (ME, "Note to Self", False)
        elif group := dict_of(said.get("group")):
            title = text_of(dict_of(dict_of(group.get("snapshot")).get("title")).get("title"))
            self._recipients[number] = (id_of(group.get("masterKey")) or f"group {number}", title, True)
        else:
            contact = dict_of(said.get("contact"))
            phone, username = number_of(contact.get("e164")), text_of(contact.get("username"))
            id_ = account_of(contact.get("aci")) or account_of(contact.get("pni")) or phone or f"recipient {number}"
            names = _names(contact)
            self._people.add(id_, *names, username, handle=phone)
            self._recipients[number] = (id_, next(iter(names), None) or username or phone, False)

    def _chat(self, said: Mapping[str, Any]) -> None:
        id_, name, group = self._recipients.get(id_of(said.get("recipientId")) or "", ("unknown", None, False))
        self._chats[id_of(said.get("id")) or ""] = id_
        self.threads[id_] = Thread(id_, name, "group" if group else "direct")

    def _author(self, number: Any) -> str | None:
        id_, _, group = self._recipients.get(id_of(number) or "", (None, None, False))
        return None if group else id_

    def _item(self, item: Mapping[str, Any]) -> Iterator[Row]:
        sent, chat = item.get("dateSent"), id_of(item.get("chatId")) or ""
        revisions = dicts_of(item.get("revisions"))
        first = min((number for each in revisions if (number := int_of(each.get("dateSent")))), default=None)
        ts = moment_of(first) or moment_of(sent)
        if ts is None:
            self._counts.add("messages without a time")
            return
        author = self._author(item.get("authorId"))
        self._counts.add("earlier versions of messages", len(revisions))
        row: dict[str, Any] = {"thread": self._chats.get(chat, chat or "unknown"), "ts": ts, "author": author}
        row["msg_id"] = message_id(author, first or sent)
        if revisions:
            row["edited_at"] = moment_of(sent)
        yield row | self._said(item)

    def _said(self, item: Mapping[str, Any]) -> dict[str, Any]:
        if "remoteDeletedMessage" in item or "adminDeletedMessage" in item:
            return {"kind": "deleted", "text": None}
        if "updateMessage" in item:
            return self._update(dict_of(item["updateMessage"]))
        for key, reader in (
            ("standardMessage", self._standard), ("stickerMessage", self._sticker), ("contactMessage", self._contact),
            ("viewOnceMessage", self._view_once), ("directStoryReplyMessage", self._story), ("poll", self._poll),
        ):  # fmt: skip
            if key in item:
                said = dict_of(item[key])
                return reader(said) | {"reactions": self._reactions(said) or None}
        self._counts.add("what messages of other kinds say")
        return {"kind": "system", "event": "other", "author": None}

    def _standard(self, said: Mapping[str, Any]) -> dict[str, Any]:
        body = dict_of(said.get("text"))
        mentions = [account_of(span.get("mentionAci")) for span in dicts_of(body.get("bodyRanges"))]
        row: dict[str, Any] = {"text": text_of(body.get("body")), "kind": "text"}
        row["mentions"] = [each for each in mentions if each] or None
        quote = dict_of(said.get("quote"))
        row["reply_to"] = message_id(self._author(quote.get("authorId")), quote.get("targetSentTimestamp"))
        files = [self._file(each) for each in dicts_of(said.get("attachments"))]
        return row | ({"media": files, "kind": "media"} if files else {})

    def _file(self, attachment: Mapping[str, Any]) -> dict[str, Any]:
        """Return an attachment, called by its path where it is there: files are called by the hash of their content."""
        pointer = dict_of(attachment.get("pointer"))
        name, where = text_of(pointer.get("fileName")), dict_of(pointer.get("locatorInfo"))
        there = self._files.get(hex_of(where.get("plaintextHash")) or "")
        mime = text_of(pointer.get("contentType")) or type_of(name)
        lost = not where and not dict_of(pointer.get("attachmentLocator"))
        missing = False if there else True if lost or self._files else None
        return {"name": there or name, "type": mime, "size": int_of(where.get("size")), "missing": missing}

    def _sticker(self, said: Mapping[str, Any]) -> dict[str, Any]:
        return {"kind": "sticker", "text": text_of(dict_of(said.get("sticker")).get("emoji"))}

    def _view_once(self, said: Mapping[str, Any]) -> dict[str, Any]:
        file = self._file(dict_of(said.get("attachment")))
        return {"kind": "media", "media": [file | {"missing": True}]}

    def _story(self, said: Mapping[str, Any]) -> dict[str, Any]:
        reply = dict_of(dict_of(said.get("textReply")).get("text"))
        return {"kind": "text", "text": text_of(reply.get("body")) or text_of(said.get("emoji"))}

    def _contact(self, said: Mapping[str, Any]) -> dict[str, Any]:
        contact = dict_of(said.get("contact")) or next(iter(dicts_of(said.get("contact"))), {})
        name = dict_of(contact.get("name"))
        parts = (text_of(name.get(key)) for key in ("givenName", "middleName", "familyName"))
        data = {
            "name": " ".join(filter(None, parts)) or text_of(contact.get("organization")) or "",
            "phones": [text for each in dicts_of(contact.get("number")) if (text := text_of(each.get("value")))],
            "emails": [text for each in dicts_of(contact.get("email")) if (text := text_of(each.get("value")))],
        }
        return {"kind": "contact", "data": json.dumps(data)}

    def _poll(self, said: Mapping[str, Any]) -> dict[str, Any]:
        options = [
            {"text": text_of(each.get("option")) or "", "votes": len(dicts_of(each.get("votes")))}
            for each in dicts_of(said.get("options"))
        ]
        data = {"question": text_of(said.get("question")) or "", "options": options}
        return {"kind": "poll", "data": json.dumps(data | {"closed": said.get("hasEnded") is True})}

    def _reactions(self, said: Mapping[str, Any]) -> list[dict[str, Any]]:
        return [
            {
                "emoji": text_of(each.get("emoji")),
                "author": self._author(each.get("authorId")),
                "ts": moment_of(each.get("sentTimestamp")),
            }
            for each in dicts_of(said.get("reactions"))
            if text_of(each.get("emoji"))
        ]

    def _update(self, said: Mapping[str, Any]) -> dict[str, Any]:
        for key in ("individualCall", "groupCall"):
            if key in said:
                return self._call(dict_of(said[key]))
        row: dict[str, Any] = {"kind": "system", "event": "other", "author": None}
        change = dict_of(said.get("groupChange"))
        for update in dicts_of(change.get("updates")):
            kind = next(iter(update), "")
            inner = dict_of(update.get(kind))
            event = next((event for word, event in _UPDATES if word in kind), "other")
            who = next((account_of(inner.get(key)) for key in _WHO if key in inner), None)
            who = who or account_of(inner.get("updaterAci"))
            return row | {
                "event": event,
                "text": text_of(inner.get("newGroupName")),
                "mentions": [who] if who else None,
            }
        if {"expirationTimerChange", "simpleUpdate"} & set(said):
            timer = "expirationTimerChange" in said
            row["event"] = "settings" if timer else "other"
        return row

    def _call(self, said: Mapping[str, Any]) -> dict[str, Any]:
        state, kind = str(said.get("state")), str(said.get("type"))
        began, ended = int_of(said.get("startedCallTimestamp")), int_of(said.get("endedCallTimestamp"))
        data: dict[str, Any] = {"video": "VIDEO" in kind, "missed": any(word in state for word in _MISSED)}
        if began and ended and ended >= began:
            data["seconds"] = (ended - began) // 1000
        return {"kind": "call", "data": json.dumps(data)}


def _names(contact: Mapping[str, Any]) -> list[str]:
    """Return what a contact is called: as in the phone's address book, then as they call themselves."""
    nickname = dict_of(contact.get("nickname"))
    pairs = (
        (nickname.get("given"), nickname.get("family")),
        (contact.get("systemGivenName"), contact.get("systemFamilyName")),
        (contact.get("profileGivenName"), contact.get("profileFamilyName")),
    )
    return [name for pair in pairs if (name := " ".join(filter(None, map(text_of, pair))))]
