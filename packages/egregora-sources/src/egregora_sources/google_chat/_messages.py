"""Messages of one chat of Google Chat, as rows."""

import json
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

from egregora_core.plugin import Row, as_dict
from egregora_core.plugin.json_values import dict_of, dicts_of, list_of, text_of, type_of
from msgspec import Struct

from egregora_sources._values import Counts, People
from egregora_sources.google_chat._dates import moment

_REMEMBERED = 50_000
"""So many messages of a chat a quote may be of: one that is much older is not looked for."""
_LONGEST_NAME = 45
"""Takeout shortens the names of files that are about as long."""
_PARTS = len(("chat", "topic", "message"))
"""So many an id has."""
_TIMELESS = "messages without a time"
_URL = "private_do_not_access_or_else_safe_url_wrapped_value"
COLUMNS = ("thread", "msg_id", "ts", "author", "kind", "text", "thread_root", "reactions", "media")
"""What nearly all messages have at most: their rows are tuples of it."""
_TOLD = frozenset({"start_index", "length", "url_metadata", "youtube_metadata", "format_metadata", "interaction_data"})
"""Parts of an annotation that repeat what the text says, or say how it looks."""
_MEMBERS = {"joined": "join", "left": "leave", "added": "add", "removed": "remove", "invited": "invite"}


class Message(Struct, gc=False):
    """A message, with all that is looked at, by the names in the file."""

    creator: Any = None
    created_date: Any = None
    text: Any = None
    message_id: Any = None
    attached_files: Any = None
    reactions: Any = None
    annotations: Any = None
    quoted_message_metadata: Any = None
    previous_message_versions: Any = None
    updated_date: Any = None
    deleted_date: Any = None
    message_state: Any = None


def note_person(people: People, said: Any) -> str | None:
    """Note a creator or member; return the id: the address, else the name."""
    person = dict_of(said)
    name, address = text_of(person.get("name")), text_of(person.get("email"))
    return people.add(address or name, name, handle=address, bot=person.get("user_type") == "Bot")


class Messages:
    """Reads the messages of one file, in their order."""

    def __init__(self, thread: str, people: People, counts: Counts, files: AbstractSet[str] | None) -> None:
        """`files` are the names of those that came with the chat, None where that is not known."""
        self._thread, self._people, self._counts, self._files = thread, people, counts, files
        self.authors: dict[str, set[str | None]] = {}
        """By a chat's id: who wrote in it."""
        self._last: datetime | None = None
        self._said: dict[int, str | None] = {}
        """By chat, author and text: the message, None for several."""
        self._said_before: dict[int, str | None] = {}
        """The same of the messages before those."""
        self._known: dict[tuple[Any, ...], str | None] = {}

    def rows(self, items: Iterable[Any]) -> Iterator[Any]:
        """Yield the rows of those messages that can be one."""
        for item in items:
            if row := self._usual(item):
                yield row
            else:
                yield from self._any(as_dict(item))

    def _usual(self, item: Any) -> tuple[Any, ...] | None:
        """Return the row of a message with a text, files and reactions, as most are; None for others."""
        if type(item) is not Message or item.annotations or item.quoted_message_metadata or item.updated_date:
            return None
        id_, text, said, creator = item.message_id, item.text, item.created_date, item.creator
        if item.previous_message_versions or item.message_state == "DELETED":
            return None
        if not (type(id_) is type(said) is str and type(creator) is dict and (ts := moment(said))):
            return None
        if text is not None and type(text) is not str:
            return None
        parts = id_.split("/")
        if len(parts) != _PARTS:
            return None
        thread, topic, own = parts
        author = self._author(thread, creator)
        media = self._media(item.attached_files, None) if item.attached_files else None
        reactions = self._reactions(item.reactions) if item.reactions else None
        self._last = ts
        self._remember(_key(thread, creator, text), id_)
        root = None if topic == own else f"{thread}/{topic}/{topic}"
        kind = "media" if media else "text"
        return thread, id_, ts, author, kind, text or None, root, reactions or None, media or None

    def _any(self, message: dict[str, Any]) -> Iterator[Row]:
        id_ = text_of(message.get("message_id"))
        parts = id_.split("/") if id_ else []
        thread = parts[0] if len(parts) >= _PARTS else self._thread
        author = self._author(thread, dict_of(message.get("creator")))
        row: dict[str, Any] = {"thread": thread, "msg_id": id_, "author": author}
        versions = dicts_of(message.get("previous_message_versions"))
        created = next((at for said in [message, *versions] if (at := _date(said, "created_date"))), None)
        if message.get("message_state") == "DELETED":
            yield from self._deleted(row, message, created)
            return
        written = text_of(message.get("created_date"))
        ts = created or _date(message, "updated_date") or (None if written else self._last)
        if ts is None:
            self._counts.add("messages whose date is not understood" if written else _TIMELESS)
            return
        self._last = ts
        self._counts.add("earlier versions of messages", len(versions))
        text = text_of(message.get("text"))
        row |= {"ts": ts, "text": text, "kind": "text", "thread_root": _root(parts)}
        row["edited_at"] = self._edited(message, versions)
        row |= {"reactions": self._reactions(message.get("reactions")) or None}
        row["media"] = self._media(message.get("attached_files"), message.get("annotations")) or None
        row["reply_to"] = self._reply(thread, message)
        self._remember(_key(thread, message.get("creator"), message.get("text")), id_)
        row["kind"] = "media" if row["media"] else "text"
        yield row | self._annotated(message, row)

    def _author(self, thread: str, creator: dict[str, Any]) -> str | None:
        known = (thread, creator.get("email"), creator.get("name"))
        try:
            return self._known[known]
        except (KeyError, TypeError):  # somebody new, or no texts
            author = note_person(self._people, creator)
            self.authors.setdefault(thread, set()).add(author)
        if all(isinstance(each, str | None) for each in known):
            self._known[known] = author
        return author

    def _deleted(self, row: dict[str, Any], message: dict[str, Any], created: datetime | None) -> Iterator[Row]:
        """Yield what is left of a deleted message: where nothing says when it was sent, it is an update of it."""
        ts = created or _date(message, "deleted_date") or self._last
        if ts is None:
            self._counts.add(_TIMELESS)
        elif created or not row["msg_id"]:
            yield {**row, "ts": ts, "kind": "deleted"}
        else:
            yield {**row, "ts": ts, "kind": "deleted", "update": "delete"}

    def _edited(self, message: dict[str, Any], versions: list[dict[str, Any]]) -> datetime | None:
        updated = _date(message, "updated_date")
        return updated if updated and (versions or text_of(message.get("created_date"))) else None

    def _media(self, files: Any, annotations: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for file in dicts_of(files):
            exported = text_of(file.get("export_name"))
            there = self._there(exported)
            name = there or text_of(file.get("original_name")) or exported
            found.append({"name": name, "type": type_of(name), "missing": self._missing(exported, there)})
        for annotation in dicts_of(annotations):
            drive = dict_of(annotation.get("drive_metadata"))
            if drive:
                title, id_ = text_of(drive.get("title")), text_of(drive.get("id"))
                url = f"https://drive.google.com/open?id={id_}" if id_ else None
                found.append({"name": title, "url": url, "type": type_of(title)})
        return found

    def _there(self, exported: str | None) -> str | None:
        """Return what a file is called in the export, which has no question marks in names."""
        names = {exported, (exported or "").replace("?", "_")}
        return next(iter(names & self._files), None) if exported and self._files else None

    def _missing(self, exported: str | None, there: str | None) -> bool | None:
        if self._files is None or exported is None:
            return None
        return not there if there or len(exported) < _LONGEST_NAME else None

    def _reactions(self, reactions: Any) -> list[dict[str, Any]]:
        found = []
        for reaction in dicts_of(reactions):
            emoji = _emoji(reaction.get("emoji"))
            who = [
                self._people.add(each, handle=each) for each in list_of(reaction.get("reactor_emails")) if text_of(each)
            ]
            found += [{"emoji": emoji, "author": each} for each in who] or [{"emoji": emoji}]
        return found

    def _annotated(self, message: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
        """Return what annotations say beside the text: calls, events, who is mentioned, links that the text lacks."""
        found: dict[str, Any] = {}
        mentions = []
        for annotation in dicts_of(message.get("annotations")):
            suite = dict_of(annotation.get("gsuite_integration_metadata"))
            if "call_data" in suite:
                missed = "MISSED" in str(dict_of(suite["call_data"]).get("call_status"))
                found |= {"kind": "call", "data": json.dumps({"missed": missed})}
            elif suite:
                self._counts.add("calendar events and tasks")
            if "user_mention_metadata" in annotation:
                mention = dict_of(annotation["user_mention_metadata"])
                mentions.append(note_person(self._people, mention.get("user")))
            if "membership_changed" in annotation:
                found |= self._membership(dict_of(annotation["membership_changed"]), mentions)
            if row["text"] is None and "video_call_metadata" in annotation:
                space = dict_of(dict_of(annotation["video_call_metadata"]).get("meeting_space"))
                found |= {"text": text_of(space.get("meeting_url"))}
            if not row["text"] and not row["media"] and "url_metadata" in annotation:
                url = dict_of(dict_of(annotation["url_metadata"]).get("url")).get(_URL)
                found.setdefault("text", text_of(url))
            self._count_annotation(annotation)
        return found | {"mentions": [each for each in mentions if each] or None}

    def _membership(self, change: dict[str, Any], mentions: list[str | None]) -> dict[str, Any]:
        mentions += [note_person(self._people, dict_of(each)) for each in list_of(change.get("affected_members"))]
        event = _MEMBERS.get(str(change.get("type")).casefold().rpartition("_")[2], "other")
        return {"kind": "system", "event": event, "author": None}

    def _count_annotation(self, annotation: dict[str, Any]) -> None:
        known = _TOLD | {"drive_metadata", "gsuite_integration_metadata", "user_mention_metadata", "membership_changed"}
        if set(annotation) - known - {"video_call_metadata"}:
            self._counts.add("annotations of other kinds")

    def _reply(self, thread: str, message: dict[str, Any]) -> str | None:
        """Return the message that is quoted: Takeout gives its author and text, so it is the one that said it."""
        quote = dict_of(message.get("quoted_message_metadata"))
        if not quote:
            return None
        key = _key(thread, quote.get("creator"), quote.get("text"))
        found = text_of(quote.get("message_id")) or self._said.get(key, self._said_before.get(key))
        if found is None:
            self._counts.add("quotes of messages that are not told")
        return found

    def _remember(self, key: int, id_: str | None) -> None:
        twice = key in self._said or key in self._said_before  # who knows which is quoted
        self._said[key] = None if twice else id_
        if len(self._said) > _REMEMBERED:
            self._said_before, self._said = self._said, {}


def _key(thread: str, creator: Any, text: Any) -> int:
    return hash((thread, str(dict_of(creator).get("name")), str(text)))


def _date(message: dict[str, Any], key: str) -> datetime | None:
    said = text_of(message.get(key))
    return moment(said) if said else None


def _root(parts: list[str]) -> str | None:
    """Return the message that opened a topic: its own id is the topic's. None for that one itself."""
    if len(parts) < _PARTS or parts[1] == parts[2]:
        return None
    return f"{parts[0]}/{parts[1]}/{parts[1]}"


def _emoji(emoji: Any) -> str:
    if text := text_of(emoji) or text_of(dict_of(emoji).get("unicode")):
        return text
    custom = dict_of(dict_of(emoji).get("custom_emoji"))
    return next((text for key in ("shortcode", "emoji_name", "name", "uid") if (text := text_of(custom.get(key)))), "?")
