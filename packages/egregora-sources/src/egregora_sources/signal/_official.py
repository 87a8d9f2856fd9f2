"""Signal's own export: `main.jsonl`, a frame a line. People and chats come before what was said in them.

The frames are those of the app's backups (`Backup.proto` of libsignal), as JSON: large numbers are texts, bytes base64.
Nearly all messages are a text, perhaps with files and reactions: they are looked at by column, not one by one.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from egregora_core.plugin import Row, Thread, as_dict
from egregora_core.plugin.json_values import dict_of, dicts_of, id_of, int_of, moment_of, text_of, type_of
from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import astuple

from egregora_sources._values import FIRST_MILLIS, LAST_MILLIS, Counts, People, micros_of
from egregora_sources.signal._columns import filled, given
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
_DIGITS = 13
"""Of a time in milliseconds since 2001."""
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


_NOTHING = _Standard()
"""In place of what is no such message."""


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

    def batches(self, export: "Export", name: str) -> Iterator[list[Any]]:
        """Yield the messages of a file as rows, some at a time."""
        self._people.add(ME, "Me")
        inside = () if export.is_file else export.names
        self._files = {each.rpartition("/")[2].partition(".")[0]: each for each in inside if "files/" in each}
        for batch, _ in export.batches(name, shape=_Frame):
            yield self._usual(batch) or [row for frame in batch for row in self._any(dict_of(_plain(frame)))]

    def _usual(self, batch: Sequence[Any]) -> list[Any]:
        """Return the rows of frames that are all messages; none where one is not, or its ids or time are none."""
        items: list[Any] = [frame.chatItem for frame in batch if type(frame) is _Frame]
        if len(items) < len(batch) or set(map(type, items)) != {_Item}:
            return []
        chats, writers, sent, standard, revised, *rare = zip(*map(astuple, items), strict=True)
        if set(map(type, chats)) | set(map(type, writers)) | set(map(type, sent)) != {str}:
            return []
        threads, authors = [*map(self._chats.get, chats)], [*map(self._writers.get, writers)]
        times = _millis(sent)
        if not times or None in threads:
            return []
        apart = {place for column in rare for place in given(column)}
        apart.update(filled(revised))
        if None in authors:
            apart.update(place for place, author in enumerate(authors) if author is None)
        words = self._words(standard, apart)
        ids = [f"{at}:{author}" for at, author in zip(times, authors, strict=True)]
        rows = list[Any](zip(threads, ids, [at * 1000 for at in times], authors, *words, strict=True))
        for place in apart:
            rows[place] = next(self._item(_plain(items[place])))
        return rows

    def _words(self, standard: Sequence[Any], apart: set[int]) -> list[list[Any]]:
        """Return kinds, texts, replies, reactions and media of messages; add the places of those that are unlike."""
        messages = [message if type(message) is _Standard else _NOTHING for message in standard]
        said, quotes, attached, reacted = zip(*map(astuple, messages), strict=True)
        bodies, spans = zip(*[astuple(text) if type(text) is _Text else (None, None) for text in said], strict=True)
        if set(map(type, bodies)) != {str}:
            apart.update(place for place, body in enumerate(bodies) if type(body) is not str)
        apart.update(filled(spans))
        texts = [body or None for body in bodies]
        kinds: list[Any] = ["text"] * len(messages)
        nothing: list[Any] = [None] * len(messages)
        replies, reactions, media = nothing, nothing.copy(), nothing.copy()
        for place in filled(quotes):
            replies[place] = self._quoted(quotes[place])
        for place in filled(reacted):
            reactions[place] = self._reactions(reacted[place]) or None
        for place in filled(attached):
            if files := self._media(attached[place]):
                media[place], kinds[place] = files, "media"
        return [kinds, texts, replies, reactions, media]

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


def _plain(value: Any) -> Any:
    """Return a frame, or a part of one, as the dicts that it was in the file."""
    if isinstance(value, Struct):
        return {key: _plain(each) for key, each in as_dict(value).items()}
    return {key: _plain(each) for key, each in value.items()} if isinstance(value, dict) else value


def _millis(sent: Sequence[str]) -> list[int]:
    """Return numbers of milliseconds since 1970; none where one of them is none that a message may have."""
    if not all(map(str.isdecimal, sent)) or max(map(len, sent)) > len(str(LAST_MILLIS)):
        return []
    times = [*map(int, sent)]
    return times if min(times) >= FIRST_MILLIS and max(times) < LAST_MILLIS else []


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
