"""Signal's own export: `main.jsonl`, a frame a line. People and chats come before what was said in them.

The frames are those of the app's backups (`Backup.proto` of libsignal), as JSON: large numbers are texts, bytes base64.
Nearly all messages are a text, perhaps with files and reactions: they are looked at by column, not one by one.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from egregora_core.plugin import Row, Thread, as_dict
from egregora_core.plugin.json_values import dict_of, dicts_of, id_of, int_of, moment_of, text_of, type_of
from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import astuple

from egregora_sources._values import LAST_MILLIS, Counts, People, micros_of
from egregora_sources.signal._columns import Together, filled, given, of_shape, several, without_text
from egregora_sources.signal._ids import ME, account_of, hex_of, message_id, number_of

if TYPE_CHECKING:
    from egregora_core.plugin import Export

_UPDATES = (
    ("groupCreation", "create"), ("groupName", "rename"), ("groupAvatar", "picture"), ("groupDescription", "topic"),
    ("MemberLeft", "leave"), ("MemberRemoved", "remove"), ("MemberAdded", "add"), ("MemberJoined", "join"),
    ("InvitationAccepted", "join"), ("Invited", "invite"), ("AdminStatus", "role"), ("AccessLevel", "settings"),
    ("ExpirationTimer", "settings"), ("InviteLink", "settings"), ("Migration", "migrate"),
)  # fmt: skip
_WHO = ("newMemberAci", "removedAci", "aci", "memberAci", "inviteeAci")
_DIGITS = 13
"""Of a time in milliseconds since 2001."""
_EPOCH, _MILLISECOND = datetime(1970, 1, 1), timedelta(milliseconds=1)  # noqa: DTZ001 - as `moment_of` has them: UTC, without saying so
_MISSED = ("MISSED", "NOT_ACCEPTED", "DECLINED")


class _Text(Struct, gc=False):
    """What a message says, by the names in the file, as all of these."""

    body: Any = UNSET
    bodyRanges: Any = UNSET  # noqa: N815 - the name in the file


class _Standard(Struct, gc=False):
    text: _Text | UnsetType = UNSET
    quote: Any = UNSET
    attachments: Any = UNSET
    reactions: Any = UNSET


class _Item(Struct, gc=False):
    """A message: in all but a few, what is behind the first four is not there."""

    chatId: Any = UNSET  # noqa: N815 - the name in the file
    authorId: Any = UNSET  # noqa: N815 - the name in the file
    dateSent: Any = UNSET  # noqa: N815 - the name in the file
    standardMessage: _Standard | UnsetType = UNSET  # noqa: N815 - the name in the file
    revisions: Any = UNSET
    remoteDeletedMessage: Any = UNSET  # noqa: N815 - the name in the file
    adminDeletedMessage: Any = UNSET  # noqa: N815 - the name in the file
    updateMessage: Any = UNSET  # noqa: N815 - the name in the file
    stickerMessage: Any = UNSET  # noqa: N815 - the name in the file
    contactMessage: Any = UNSET  # noqa: N815 - the name in the file
    viewOnceMessage: Any = UNSET  # noqa: N815 - the name in the file
    directStoryReplyMessage: Any = UNSET  # noqa: N815 - the name in the file
    poll: Any = UNSET


class _Frame(Struct, gc=False):
    chatItem: _Item | UnsetType = UNSET  # noqa: N815 - the name in the file
    backupTimeMs: Any = UNSET  # noqa: N815 - the name in the file
    account: Any = UNSET
    recipient: Any = UNSET
    chat: Any = UNSET


class Official:
    """Reads the frames in the file's order."""

    def __init__(self, people: People, counts: Counts) -> None:
        self._people, self._counts = people, counts
        self.threads: dict[str, Thread] = {}
        self.made: datetime | None = None
        """When the export was, as far as it was read."""
        self._recipients: dict[str, tuple[str, str | None, bool]] = {}
        """By the number of a frame: id, name and whether it is a group."""
        self._writers: dict[str, str] = {}
        """By the number of a frame: the id of who is no group."""
        self._chats: dict[str, str] = {}
        self._files: dict[str, str] = {}
        """By its beginning, the hash of a file's content: where the file is in the export."""

    def batches(self, export: "Export", name: str) -> Iterator[Any]:
        """Yield the messages of a file, in tables and in rows."""
        self._people.add(ME, "Me")
        inside = () if export.is_file else export.names
        self._files = {each.rpartition("/")[2].partition(".")[0]: each for each in inside if "files/" in each}
        together = Together(_moments)
        for frames in several(export.batches(name, shape=_Frame)):
            for alike, run in [(True, frames)] if all(map(_is_message, frames)) else groupby(frames, _is_message):
                if alike:
                    yield from together.add(*self._messages([frame.chatItem for frame in run]))
                elif rows := [row for frame in run for row in self._any(dict_of(_plain(frame)))]:
                    yield from together.table()
                    yield rows
        yield from together.table()

    def _messages(self, items: Sequence[_Item]) -> tuple[dict[str, list[Any]], dict[int, Row | None]]:
        """Return messages by column, and those that are unlike as rows."""
        chats, writers, sent, standard, revised, *rare = zip(*map(astuple, items), strict=True)
        apart = {place for column in rare for place in given(column)}
        apart.update(filled(revised))
        if odd := without_text(chats, writers, sent):
            apart.update(odd)
            chats, writers, sent = (
                tuple(each if type(each) is str else "" for each in column) for column in (chats, writers, sent)
            )
        if not _are_times(sent):
            apart.update(place for place, each in enumerate(sent) if not _are_times([each]))
        threads, authors = [*map(self._chats.get, chats)], [*map(self._writers.get, writers)]
        for column in (threads, authors):
            if None in column:
                apart.update(place for place, value in enumerate(column) if value is None)
        columns: dict[str, list[Any]] = {"thread": threads, "ts": [*sent], "author": authors}
        columns["msg_id"] = [f"{at}:{author}" for at, author in zip(sent, authors, strict=True)]
        columns |= self._words(standard, apart)
        return columns, {place: self._apart(items[place]) for place in sorted(apart)}

    def _apart(self, item: _Item) -> Row | None:
        row = next(self._item(_plain(item)), None)
        return row and {**row, "ts": str((row["ts"] - _EPOCH) // _MILLISECOND)}

    def _words(self, standard: Sequence[Any], apart: set[int]) -> dict[str, list[Any]]:
        """Return kinds, texts, replies, reactions and media of messages; add the places of those that are unlike."""
        said, quotes, attached, reacted = zip(*map(astuple, of_shape(standard, _Standard)), strict=True)
        bodies, spans = zip(*map(astuple, of_shape(said, _Text)), strict=True)
        apart.update(without_text(bodies), filled(spans))
        texts = [body or None for body in bodies]
        kinds: list[Any] = ["text"] * len(bodies)
        nothing: list[Any] = [None] * len(bodies)
        replies, reactions, media = nothing, nothing.copy(), nothing.copy()
        for place in filled(quotes):
            replies[place] = self._quoted(quotes[place])
        for place in filled(reacted):
            reactions[place] = self._reactions(reacted[place]) or None
        for place in filled(attached):
            if files := self._media(attached[place]):
                media[place], kinds[place] = files, "media"
        return {"kind": kinds, "text": texts, "reply_to": replies, "reactions": reactions, "media": media}

    def _any(self, frame: dict[str, Any]) -> Iterator[Row]:
        """Yield what a frame of any kind says."""
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
            self._met(number, ME, "Note to Self")
        elif group := dict_of(said.get("group")):
            title = text_of(dict_of(dict_of(group.get("snapshot")).get("title")).get("title"))
            self._recipients[number] = (id_of(group.get("masterKey")) or f"group {number}", title, True)
        else:
            contact = dict_of(said.get("contact"))
            phone, username = number_of(contact.get("e164")), text_of(contact.get("username"))
            id_ = account_of(contact.get("aci")) or account_of(contact.get("pni")) or phone or f"recipient {number}"
            names = _names(contact)
            self._people.add(id_, *names, username, handle=phone)
            self._met(number, id_, next(iter(names), None) or username or phone)

    def _met(self, number: str, id_: str, name: str | None) -> None:
        self._recipients[number], self._writers[number] = (id_, name, False), id_

    def _chat(self, said: Mapping[str, Any]) -> None:
        id_, name, group = self._recipients.get(id_of(said.get("recipientId")) or "", ("unknown", None, False))
        self._chats[id_of(said.get("id")) or ""] = id_
        self.threads[id_] = Thread(id_, name, "group" if group else "direct")

    def _author(self, number: Any) -> str | None:
        if type(number) is str and number in self._writers:
            return self._writers[number]
        return self._writers.get(id_of(number) or "")

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
                return reader(said) | {"reactions": self._reactions(said.get("reactions")) or None}
        self._counts.add("what messages of other kinds say")
        return {"kind": "system", "event": "other", "author": None}

    def _standard(self, said: Mapping[str, Any]) -> dict[str, Any]:
        body = dict_of(said.get("text"))
        mentions = [account_of(span.get("mentionAci")) for span in dicts_of(body.get("bodyRanges"))]
        row: dict[str, Any] = {"text": text_of(body.get("body")), "kind": "text"}
        row["mentions"] = [each for each in mentions if each] or None
        row["reply_to"] = self._quoted(said.get("quote"))
        files = self._media(said.get("attachments"))
        return row | ({"media": files, "kind": "media"} if files else {})

    def _quoted(self, quote: Any) -> str | None:
        """Return the message that is quoted."""
        said = dict_of(quote)
        return message_id(self._author(said.get("authorId")), said.get("targetSentTimestamp"))

    def _media(self, attachments: Any) -> list[dict[str, Any]]:
        return [self._file(each) for each in dicts_of(attachments)]

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

    def _reactions(self, reactions: Any) -> list[dict[str, Any]]:
        return [
            {"emoji": emoji, "author": self._author(each.get("authorId")), "ts": _micros(each.get("sentTimestamp"))}
            for each in dicts_of(reactions)
            if (emoji := text_of(each.get("emoji")))
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


def _is_message(frame: Any) -> bool:
    return type(frame) is _Frame and type(frame.chatItem) is _Item


def _plain(value: Any) -> Any:
    """Return a frame, or a part of one, as the dicts that it was in the file."""
    if isinstance(value, Struct):
        return {key: _plain(each) for key, each in as_dict(value).items()}
    return {key: _plain(each) for key, each in value.items()} if isinstance(value, dict) else value


def _are_times(sent: Sequence[str]) -> bool:
    """Tell whether texts are milliseconds since 1970 of this century or the next, as the app writes them."""
    digits = "".join(sent)
    alike = {*map(len, sent)} == {_DIGITS} and digits.isascii() and digits.isdecimal()
    return alike and min(sent) >= "1" and max(sent) < str(LAST_MILLIS)


def _moments(sent: list[str]) -> pa.Array:
    return pc.multiply(pa.array(sent, pa.string()).cast(pa.int64()), 1000).view(pa.timestamp("us"))


def _micros(sent: Any) -> Any:
    """Return the moment of milliseconds since 1970, in microseconds where that is quick: Arrow takes both."""
    if type(sent) is str and len(sent) == _DIGITS and sent.isdecimal():
        sent = int(sent)
    return micros_of(sent)


def _names(contact: Mapping[str, Any]) -> list[str]:
    """Return what a contact is called: as in the phone's address book, then as they call themselves."""
    nickname = dict_of(contact.get("nickname"))
    pairs = (
        (nickname.get("given"), nickname.get("family")),
        (contact.get("systemGivenName"), contact.get("systemFamilyName")),
        (contact.get("profileGivenName"), contact.get("profileFamilyName")),
    )
    return [name for pair in pairs if (name := " ".join(filter(None, map(text_of, pair))))]
