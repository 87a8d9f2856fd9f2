"""The personal export of Teams and Skype: conversations with a `MessageList`, each message a tag of XML or HTML."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from egregora_core.plugin import Row, Thread, as_dict
from egregora_core.plugin.json_values import (
    dict_of,
    dicts_of,
    id_of,
    int_of,
    iso_moment_of,
    list_of,
    moment_of,
    text_of,
    type_of,
)
from msgspec import UNSET, Struct, field

from egregora_sources._values import Counts, People
from egregora_sources.teams._html import Written, plain, written

_EVENTS = {
    "addmember": "add",
    "memberjoined": "join",
    "deletemember": "remove",
    "memberleft": "leave",
    "topicupdate": "rename",
    "pictureupdate": "picture",
    "roleupdate": "role",
    "historydisclosedupdate": "settings",
    "joiningenabledupdate": "settings",
    "pinneditemsupdate": "pin",
    "spacethreadcreated": "create",
    "topicthreadcreated": "create",
}
_ANSWERED = {"started": "call", "missed": "missed_call"}
_MICRODEGREES = 10**6
_EMOTIONS = {
    "like": "👍", "heart": "❤️", "laugh": "😆", "surprised": "😮", "sad": "😢", "angry": "😠", "yes": "👍",
    "no": "👎", "cry": "😢", "happy": "😄",
}  # fmt: skip
_BY_SYSTEM = ("ThreadActivity", "Notice", "PopCard", "Event", "EndToEnd", "InviteFree", "Translation", "Signal")
_KIND_OF_ID = re.compile(r"^\d+:")


COLUMNS = ("thread", "msg_id", "ts", "author", "kind", "text", "edited_at")
"""What nearly all messages have at most: their rows are tuples of it."""


class Message(Struct, gc=False):
    """A message, or what a conversation says about itself, with all that is looked at."""

    id: Any = UNSET
    displayName: Any = UNSET  # noqa: N815 - the names are those of the file
    imdisplayname: Any = UNSET
    originalarrivaltime: Any = UNSET
    composetime: Any = UNSET
    messagetype: Any = UNSET
    content: Any = UNSET
    conversationid: Any = UNSET
    from_: Any = field(default=UNSET, name="from")
    properties: Any = UNSET
    isDeleted: Any = None  # noqa: N815 - the name in the file
    members: Any = UNSET
    membercount: Any = UNSET


class Personal:
    """Reads the messages of `messages.json`, in the file's order."""

    def __init__(self, people: People, counts: Counts) -> None:
        self._people, self._counts = people, counts
        self.threads: dict[str, Thread] = {}
        self._known: dict[tuple[str, str | None], str] = {}
        self._titled: dict[str, Any] = {}

    def rows(self, items: Iterable[Any], around: Mapping[str, Any]) -> Iterator[Any]:
        """Yield the rows of messages; an item may also be what a conversation says about itself."""
        called = around.get("displayName")
        for item in items:
            if row := self._usual(item, called):
                yield row
            else:
                yield from self._any(as_dict(item), around)

    def _usual(self, item: Any, called: Any) -> tuple[Any, ...] | None:
        """Return the row of a message that is a text and nothing else, in a chat that was met; None for all others."""
        if type(item) is not Message or item.isDeleted or not item.members is item.membercount is UNSET:
            return None
        thread, kind, content, properties = item.conversationid, item.messagetype, item.content, item.properties
        if type(thread) is not str or type(content) is not str or self._titled.get(thread, UNSET) != called:
            return None
        if properties and (type(properties) is not dict or properties.keys() != {"edittime"}):
            return None
        text = content if kind == "Text" else plain(content, spaces=True) if kind == "RichText" else None
        ts = iso_moment_of(item.originalarrivaltime)
        if text is None or ts is None:
            return None
        name = text_of(item.displayName) or text_of(item.imdisplayname)
        author = self._person(text_of(item.from_), name)
        edited = moment_of(properties["edittime"]) if properties else None
        return thread, id_of(item.id), ts, author, "text", text or None, edited

    def _any(self, item: Mapping[str, Any], around: Mapping[str, Any]) -> Iterator[Row]:
        if "members" in item or "membercount" in item:
            for member in _listed(item.get("members")):
                self._person(id_of(member))
        if "messagetype" not in item and "originalarrivaltime" not in item:
            return
        thread = text_of(item.get("conversationid")) or text_of(around.get("id")) or "?"
        if thread not in self.threads or around.get("displayName"):
            title = text_of(around.get("displayName")) or _KIND_OF_ID.sub("", thread)
            self.threads[thread] = Thread(thread, title, "group" if thread.startswith("19:") else "direct")
        self._titled[thread] = around.get("displayName")
        ts = _moment(item, "originalarrivaltime") or _moment(item, "composetime") or moment_of(item.get("id"))
        if ts is None:
            self._counts.add("messages without a time")
            return
        name = text_of(item.get("displayName")) or text_of(item.get("imdisplayname"))
        author = self._person(text_of(item.get("from")), name)
        row = {"thread": thread, "msg_id": id_of(item.get("id")), "ts": ts, "author": author}
        if properties := item.get("properties"):
            row["edited_at"] = moment_of(dict_of(properties).get("edittime"))
        yield row | self._said(item, text_of(item.get("content")) or "")

    def _person(self, link: str | None, name: str | None = None) -> str | None:
        """Note somebody: ids such as `8:live:ana` may be written without their kind, or as the end of a link."""
        if not link:
            return None
        if (link, name) in self._known:
            return self._known[link, name]
        id_ = link.rpartition("/contacts/")[2]
        id_ = id_ if _KIND_OF_ID.match(id_) else f"8:{id_}"
        handle = _KIND_OF_ID.sub("", id_).removeprefix("live:").removeprefix(".cid.")
        self._known[link, name] = id_
        return self._people.add(id_, name, handle=handle)

    def _said(self, item: Mapping[str, Any], content: str) -> dict[str, Any]:  # noqa: PLR0911 - one for each kind
        properties = dict_of(item.get("properties"))
        if properties.get("deletetime") or item.get("isDeleted"):
            return {"kind": "deleted", "text": None}
        kind = text_of(item.get("messagetype")) or "Text"
        if kind == "Text":
            return {"kind": "text", "text": content or None, **self._reacted(properties)}
        if kind == "RichText" and not properties and "<" not in content and "&" not in content:
            return {"kind": "text", "text": content or None}
        found = written(content, spaces=kind != "RichText/Html")
        row = {"kind": "text", "text": found.text or None, "reply_to": found.reply_to, **self._reacted(properties)}
        row["mentions"] = self._mentions(found, properties) or None
        media = found.media + _files(properties)
        if media:
            row |= {"kind": "media", "media": media, "text": found.text or None}
        if kind == "Event/Call":
            return row | self._call(found)
        if kind.startswith(_BY_SYSTEM):
            return row | self._event(kind, content, found)
        if kind.endswith("/Location") and "location" in found.tags:
            return row | _location(found)
        if kind.endswith("/Contacts") and "c" in found.tags:
            return row | self._contact(found)
        return row | (_poll(content) if kind == "Poll" else {})

    def _call(self, found: Written) -> dict[str, Any]:
        type_ = next((said.get("type", "") for said in found.tags.get("partlist", ())), "")
        parts = [self._person(said.get("identity") or None) for said in found.tags.get("part", ())]
        seconds = max((int(float(each)) for each in found.texts.get("duration", ()) if _is_number(each)), default=None)
        row = {"text": None, "mentions": [each for each in parts if each] or None}
        if type_ == "started":
            return row | {"kind": "system", "event": "call", "author": None}
        data = {"missed": type_ == "missed"} | ({"seconds": seconds} if seconds is not None else {})
        return row | {"kind": "call", "data": json.dumps(data)}

    def _event(self, kind: str, content: str, found: Written) -> dict[str, Any]:
        event = _EVENTS.get(kind.rpartition("/")[2].casefold(), "other")
        said = _json_members(content)
        actors = found.texts.get("initiator", [])
        who = [*found.texts.get("target", []), *found.texts.get("id", []), *said] or actors
        if event in ("add", "remove") and who and set(who) == set(actors):
            event = {"add": "join", "remove": "leave"}[event]
        text = "".join(found.texts.get("value", [])) if event == "rename" else None
        if event == "other":
            text = found.text or None
        mentions = list(dict.fromkeys(filter(None, map(self._person, who))))
        return {"kind": "system", "event": event, "author": None, "text": text, "mentions": mentions or None}

    def _contact(self, found: Written) -> dict[str, Any]:
        names, phones = [], []
        for said in found.tags["c"]:
            names.append(said.get("f") or said.get("s") or "")
            phones += [said["s"]] if said.get("t") == "p" and said.get("s") else []
            self._person(said.get("s"), said.get("f"))
        data = {"name": ", ".join(filter(None, names)), "phones": phones}
        return {"kind": "contact", "text": None, "data": json.dumps(data)}

    def _mentions(self, found: Written, properties: Mapping[str, Any]) -> list[str]:
        listed = {id_of(each.get("itemid")) or "": each for each in dicts_of(_listed(properties.get("mentions")))}
        people = []
        for mention in found.mentions:
            one = dict_of(listed.get(mention))
            id_ = text_of(one.get("mri")) or (mention if ":" in mention else None)
            people += [who] if (who := self._person(id_, text_of(one.get("displayName")))) else []
        return people

    def _reacted(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        found = []
        for emotion in dicts_of(_listed(properties.get("emotions"))):
            key = text_of(emotion.get("key")) or "?"
            for user in dicts_of(emotion.get("users")):
                who, ts = self._person(text_of(user.get("mri"))), moment_of(user.get("time"))
                found.append({"emoji": _EMOTIONS.get(key, f":{key}:"), "author": who, "ts": ts})
        return {"reactions": found or None}


def _moment(item: Mapping[str, Any], key: str) -> Any:
    return iso_moment_of(item.get(key)) or moment_of(item.get(key))


def _listed(value: Any) -> list[Any]:
    """Return a list that may stand as JSON in a text."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return []
    return list_of(value)


def _json_members(content: str) -> list[str]:
    try:
        said = json.loads(content) if content.startswith("{") else {}
    except (ValueError, RecursionError):
        return []
    return [id_ for each in dicts_of(dict_of(said).get("members")) if (id_ := text_of(each.get("id")))]


def _files(properties: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = []
    for file in dicts_of(_listed(properties.get("files"))):
        name = text_of(file.get("fileName")) or text_of(file.get("title"))
        url = text_of(file.get("objectUrl")) or text_of(dict_of(file.get("fileInfo")).get("fileUrl"))
        found.append({"name": name, "url": url, "type": type_of(name)})
    return found


def _location(found: Written) -> dict[str, Any]:
    said = found.tags["location"][0]
    at = {key: number for key in ("latitude", "longitude") if (number := int_of(said.get(key))) is not None}
    name = said.get("address") or "".join(found.texts.get("a", [])) or None
    data = {key: number / _MICRODEGREES for key, number in at.items()} | ({"name": name} if name else {})
    return {"kind": "location", "text": None, "data": json.dumps(data)}


def _poll(content: str) -> dict[str, Any]:
    try:
        said = dict_of(json.loads(content))
    except (ValueError, RecursionError):
        return {}
    question = text_of(said.get("question")) or text_of(said.get("pollQuestion"))
    options = [{"text": text} for each in dicts_of(said.get("answers")) if (text := text_of(each.get("answer")))]
    if question is None:
        return {}
    return {"kind": "poll", "text": None, "data": json.dumps({"question": question, "options": options})}


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"\d{1,9}(?:\.\d+)?", text.strip()))
