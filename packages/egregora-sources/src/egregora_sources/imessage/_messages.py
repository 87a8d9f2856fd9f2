"""Messages of the database as rows: bodies, edits, attachments, reactions and what happened to a chat."""

import plistlib
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from egregora_core.plugin import Row, Thread
from egregora_core.plugin.json_values import dict_of, dicts_of, int_of, moment_of, text_of, type_of

from egregora_sources._values import Counts, People
from egregora_sources.imessage._database import Database
from egregora_sources.imessage._typedstream import attributed_text

ME = "me"
_UNKNOWN = "unknown"
_APPLE = 978_307_200
"""Seconds from 1970 to 2001, where Apple's times begin."""
_NANOSECONDS_FROM = 10**11
"""A time that is larger is in nanoseconds: since macOS 10.13."""
_COLUMNS = (
    *("guid", "text", "attributedBody", "subject", "date", "date_delivered", "date_edited", "date_retracted"),
    *("is_from_me", "handle_id", "other_handle", "item_type", "group_action_type", "group_title"),
    *("associated_message_guid", "associated_message_type", "thread_originator_guid", "message_summary_info"),
    *("is_audio_message", "balloon_bundle_id", "account", "destination_caller_id", "cache_roomnames", "share_status"),
)
_TAPBACKS = {2000: "❤️", 2001: "👍", 2002: "👎", 2003: "😂", 2004: "‼️", 2005: "❓"}
_STICKER, _ADDED, _REMOVED, _PER_KIND = 1000, range(2000, 3000), range(3000, 4000), 1000
_TARGET = re.compile(r"^(?:p:\d+/|bp:)")
_PLACEHOLDERS = re.compile("[\ufffc\ufffd]")
_AT_ONCE = 500
_EVENTS = {
    (1, 0): "add", (1, 1): "remove", (3, 0): "leave", (3, 1): "picture", (3, 2): "picture", (3, 3): "settings",
    (3, 4): "settings", (3, 6): "settings",
}  # fmt: skip
_MENTION = "__kIMMentionConfirmedMention"


class Messages:
    """Reads the messages of a database, in the order in which it got them."""

    def __init__(self, database: Database, people: People, counts: Counts, files: frozenset[str] | None) -> None:
        self._database, self._people, self._counts, self._files = database, people, counts, files
        self.threads: dict[str, Thread] = {}
        self._handles: dict[int, str] = {}
        self._members: dict[str, set[str]] = {}
        self._reactions: dict[str, dict[tuple[str, int], tuple[str, datetime] | None]] = {}
        self._unmet: dict[str, str] = {}
        """By a message that was not met: the chat of a reaction to it."""
        self._own: set[str] = set()

    def rows(self) -> Iterator[Row]:
        """Yield all messages, reactions with the message that they are about."""
        self._people.add(ME, "Me")
        for rowid, id_ in self._database.rows('SELECT ROWID, "id" FROM handle'):
            self._handles[rowid] = str(id_)
            self._people.add(str(id_), str(id_))
        chats = self._chats()
        self._note_reactions()
        batch: list[dict[str, Any]] = []
        for found in self._database.rows(self._query()):
            batch.append(dict(zip(("rowid", "chat", *_COLUMNS), found, strict=True)))
            if len(batch) == _AT_ONCE:
                yield from self._batch(batch, chats)
                batch = []
        yield from self._batch(batch, chats)
        yield from self._orphans()

    # --- chats --------------------------------------------------------------------------------------------------

    def _chats(self) -> dict[int, str]:
        """Return the id of each chat by its number: the address or group that it is with, of whatever service."""
        if "chat" not in self._database.columns:
            return {}
        found = {}
        picked = self._database.picked("chat", "guid", "chat_identifier", "display_name", "room_name", "style")
        members = self._chat_members()
        for rowid, guid, identifier, name, room, style in self._database.rows(f"SELECT ROWID, {picked} FROM chat"):
            id_ = text_of(identifier) or text_of(room) or text_of(guid) or f"chat {rowid}"
            found[rowid] = id_
            group = style == 43 or len(members.get(rowid, ())) > 1  # noqa: PLR2004 - Apple's mark of a group
            title = text_of(name) or (", ".join(members.get(rowid, ())) if group else None) or id_
            if id_ not in self.threads or text_of(name):
                self.threads[id_] = Thread(id_, title, "group" if group else "direct")
        return found

    def _chat_members(self) -> dict[int, list[str]]:
        members: dict[int, list[str]] = {}
        if "chat_handle_join" in self._database.columns:
            for chat, handle in self._database.rows("SELECT chat_id, handle_id FROM chat_handle_join"):
                if handle in self._handles:
                    members.setdefault(chat, []).append(self._handles[handle])
        return members

    def _query(self) -> str:
        picked = self._database.picked("message", *_COLUMNS)
        join, chat = "", "NULL"
        if "chat_message_join" in self._database.columns:
            chat = "joined.chat_id"
            join = """LEFT JOIN (SELECT message_id, min(chat_id) AS chat_id FROM chat_message_join GROUP BY message_id)
                      AS joined ON joined.message_id = message.ROWID"""
        return f"SELECT message.ROWID, {chat}, {picked} FROM message {join} ORDER BY message.ROWID"

    def _thread(self, message: Mapping[str, Any], chats: Mapping[int, str]) -> str:
        number, room = message["chat"], text_of(message["cache_roomnames"])
        handle = self._handles.get(message["handle_id"] or 0)
        id_ = chats.get(number) or room or (f"chat {number}" if number is not None else handle) or "no chat"
        if number not in chats and handle:
            members = self._members.setdefault(id_, set())
            members.add(handle)
            self.threads[id_] = Thread(id_, ", ".join(sorted(members)), "direct" if len(members) == 1 else "group")
        self.threads.setdefault(id_, Thread(id_))
        return id_

    # --- reactions ----------------------------------------------------------------------------------------------

    def _note_reactions(self) -> None:
        """Note what stands of all reactions: of one person and kind the last word counts."""
        if "associated_message_type" not in self._database.columns["message"]:
            return
        picked = self._database.picked(
            "message", "associated_message_guid", "associated_message_type", "associated_message_emoji", "is_from_me",
            "handle_id", "date",
        )  # fmt: skip
        sql = f"SELECT {picked} FROM message WHERE associated_message_type BETWEEN 2000 AND 3999 ORDER BY date, ROWID"
        for guid, kind, emoji, from_me, handle, date in self._database.rows(sql):
            ts = _moment(date)
            if not text_of(guid) or ts is None:
                self._counts.add("reactions without a message")
                continue
            who = ME if from_me else self._handles.get(handle or 0, _UNKNOWN)
            said = self._reactions.setdefault(_TARGET.sub("", guid), {})
            shown = text_of(emoji) or _TAPBACKS.get(2000 + kind % _PER_KIND, "sticker")
            said[who, kind % _PER_KIND] = (shown, ts) if kind in _ADDED else None

    def _reacted(self, guid: str) -> list[dict[str, Any]] | None:
        found = self._reactions.pop(guid, {})
        standing = ((who, said) for (who, _), said in found.items() if said)
        return [{"emoji": emoji, "author": who, "ts": ts} for who, (emoji, ts) in standing] or None

    def _orphans(self) -> Iterator[Row]:
        """Yield reactions to messages that are not there: where another export has them, they are theirs."""
        for guid, thread in self._unmet.items():
            if reactions := self._reacted(guid):
                ts = max(each["ts"] for each in reactions)
                update = {"thread": thread, "msg_id": guid, "ts": ts, "kind": "reaction", "update": "react"}
                yield update | {"reactions": reactions}

    # --- messages -----------------------------------------------------------------------------------------------

    def _batch(self, messages: Sequence[dict[str, Any]], chats: Mapping[int, str]) -> Iterator[Row]:
        files = self._attachments([message["rowid"] for message in messages])
        for message in messages:
            kind = int_of(message["associated_message_type"]) or 0
            if kind in _ADDED or kind in _REMOVED:  # it is with its message
                target = _TARGET.sub("", text_of(message["associated_message_guid"]) or "")
                if target in self._reactions:
                    self._unmet[target] = self._thread(message, chats)
                continue
            ts = _moment(message["date"]) or _moment(message["date_delivered"])
            if ts is None:
                self._counts.add("messages without a time")
                continue
            guid = text_of(message["guid"]) or str(message["rowid"])
            row = {"thread": self._thread(message, chats), "msg_id": guid, "ts": ts}
            row["reactions"] = self._reacted(guid)
            yield row | self._said(message, files.get(message["rowid"], []))

    def _said(self, message: Mapping[str, Any], media: list[dict[str, Any]]) -> dict[str, Any]:
        self._note_owner(message)
        author = ME if message["is_from_me"] else self._handles.get(message["handle_id"] or 0, _UNKNOWN)
        if item := int_of(message["item_type"]):
            return self._event(item, message, author)
        summary = _plist(message["message_summary_info"])
        text, mentions = self._text(message, summary)
        row: dict[str, Any] = {"author": author, "text": text, "kind": "text", "mentions": mentions or None}
        row["reply_to"] = row["thread_root"] = text_of(message["thread_originator_guid"])
        if _moment(message["date_retracted"]) or (summary.get("rp") and not text and not media):
            return row | {"kind": "deleted", "text": None}
        row["edited_at"] = _moment(message["date_edited"])
        if media or message["is_audio_message"]:
            row |= {"media": media or None, "kind": "media"}
        if (int_of(message["associated_message_type"]) or 0) == _STICKER:
            row |= {"kind": "sticker", "reply_to": _TARGET.sub("", text_of(message["associated_message_guid"]) or "")}
        if not text and not media and message["balloon_bundle_id"]:
            self._counts.add("what apps drew in messages")
        return row

    def _note_owner(self, message: Mapping[str, Any]) -> None:
        """Note the addresses of whom the database belongs to."""
        account = (text_of(message["account"]) or "").partition(":")[2]
        for address in (account, text_of(message["destination_caller_id"])):
            if address and address not in self._own:
                self._own.add(address)
                self._people.add(ME, address)

    def _text(self, message: Mapping[str, Any], summary: Mapping[str, Any]) -> tuple[str | None, list[str]]:
        text, mentions, body = text_of(message["text"]), [], message["attributedBody"]
        if isinstance(body, bytes) and (text is None or _MENTION.encode() in body):
            found, attributes = attributed_text(body)
            self._counts.add("texts that could not be read", text is None and found is None and bool(body))
            text = text or found
            mentions = [who for each in attributes if (who := each.get(_MENTION))]
        versions = [version for part in dict_of(summary.get("ec")).values() for version in dicts_of(part)]
        self._counts.add("earlier versions of messages", max(0, len(versions) - 1))
        if text is None and versions:
            body = versions[-1].get("t")
            text = attributed_text(body)[0] if isinstance(body, bytes) else None
        text = _PLACEHOLDERS.sub("", text).strip("\n") if text and "\ufffc" in text else text
        if subject := text_of(message["subject"]):
            text = f"{subject}\n{text or ''}".rstrip("\n")
        return text or None, mentions

    def _event(self, item: int, message: Mapping[str, Any], author: str) -> dict[str, Any]:
        """Return what happened to a chat: who came and went, what it is called, a call."""
        action, other = int_of(message["group_action_type"]) or 0, message["other_handle"] or 0
        event = {2: "rename", 6: "call"}.get(item) or _EVENTS.get((item, action), "other")
        if item == 1 and other and other == message["handle_id"]:
            event = "other"  # somebody has a new number
        who = self._handles.get(other) if item == 1 else author
        text = text_of(message["group_title"]) if item == 2 else text_of(message["text"])  # noqa: PLR2004 - a name
        mentions = [who] if who and who != _UNKNOWN else None
        return {"author": None, "kind": "system", "event": event, "text": text, "mentions": mentions}

    # --- attachments --------------------------------------------------------------------------------------------

    def _attachments(self, rowids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
        found: dict[int, list[dict[str, Any]]] = {}
        if not rowids or not {"attachment", "message_attachment_join"} <= set(self._database.columns):
            return found
        picked = self._database.picked("attachment", "filename", "transfer_name", "mime_type", "total_bytes")
        marks = ", ".join("?" * len(rowids))
        sql = f"""SELECT message_id, {picked} FROM message_attachment_join
                  JOIN attachment ON attachment.ROWID = attachment_id WHERE message_id IN ({marks})
                  ORDER BY message_id, attachment_id"""
        for message, path, name, mime, size in self._database.rows(sql, *rowids):
            path_, name_ = text_of(path), text_of(name)
            name_ = name_ or (path_.rpartition("/")[2] if path_ else None)
            file = {"name": name_, "type": text_of(mime) or type_of(name_), "size": int_of(size) or None}
            found.setdefault(message, []).append(file | self._there(path_))
        return found

    def _there(self, path: str | None) -> dict[str, Any]:
        """Return whether an attachment is among the files of the export, and then its path, as names are no rarity."""
        if path is None:
            return {"missing": True}
        inside = path.partition("/Attachments/")[2]
        if self._files is None or not inside:
            return {}
        return {"missing": False, "name": inside} if inside in self._files else {"missing": True}


def _moment(value: Any) -> datetime | None:
    """Return a time of Apple's, which may be in seconds or nanoseconds since 2001."""
    number = int_of(value)
    if not number:
        return None
    microseconds = number // 1_000 if abs(number) > _NANOSECONDS_FROM else number * 10**6
    return moment_of(microseconds + _APPLE * 10**6, "us")


def _plist(data: Any) -> dict[str, Any]:
    """Return a property list's dictionary, empty where there is none."""
    if not isinstance(data, bytes):
        return {}
    try:
        return dict_of(plistlib.loads(data))
    except Exception:  # noqa: BLE001 - of a damaged one, plistlib raises whatever it stumbles over
        return {}
