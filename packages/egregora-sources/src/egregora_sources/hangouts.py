"""Hangouts, as Takeout exports it: `Hangouts.json`, conversations with participants and events.

There are two layouts: `conversations`, and before 2018 `conversation_state`. Times are microseconds since 1970; people
are told apart by `gaia_id`.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from egregora_core.plugin import Reading, ReadOptions, Recognised, Report, Row, Thread
from egregora_core.plugin.json_values import dict_of, dicts_of, id_of, int_of, list_of, moment_of, text_of, type_of

from egregora_sources._values import Counts, People

if TYPE_CHECKING:
    from egregora_core.plugin import Export

_OLD = re.compile(r'"conversation_state"\s*:\s*\[')
_NEW = re.compile(r'"conversations"\s*:\s*\[')
_INSIDE = re.compile(r'"(?:conversation_id|participant_data|gaia_id|self_conversation_state)"')
_MEDIA = ("plus_photo", "plus_audio", "plus_video", "dynamic_photo", "drive")
_MEMBERSHIP = {"JOIN": ("join", "add"), "LEAVE": ("leave", "remove")}
"""The event where somebody changes their own membership, and where another does."""


def recognise(export: "Export") -> Recognised:
    """Say whether one of the files is `Hangouts.json`, whatever it is called."""
    return Recognised("certain", "its conversations have a gaia_id") if _files(export) else Recognised("no")


def read(export: "Export", _options: ReadOptions) -> Reading:
    """Read all conversations of the export. `--thread` does not apply: conversations have names, or participants."""
    takeout = _Takeout(export)
    return Reading(
        takeout.rows(),
        thread=None,
        zoned=True,
        threads=takeout.threads,
        people=takeout.people.all,
        report=lambda: Report(left_out=dict(takeout.counts)),
    )


def _files(export: "Export") -> list[str]:
    names = export.names if export.is_file else export.find("*angouts*.json")
    heads = {name: export.head(name) for name in names}
    return [name for name, head in heads.items() if (_NEW.search(head) or _OLD.search(head)) and _INSIDE.search(head)]


class _Takeout:
    """An export, and what was met in it so far."""

    def __init__(self, export: "Export") -> None:
        self._export = export
        self.people = People()
        self.counts = Counts()
        self._headers: dict[str, tuple[str | None, list[str], bool]] = {}

    def rows(self) -> Iterator[Row]:
        for name in _files(self._export):
            old = not _NEW.search(self._export.head(name))
            at = "conversation_state.*.conversation_state.*" if old else "conversations.*.*"
            for item, _ in self._export.items(name, at):
                thing = dict_of(item)
                if "event_id" in thing or "event_type" in thing or "sender_id" in thing:
                    yield from self._event(thing)
                else:
                    self._header(thing)

    def threads(self) -> Sequence[Thread]:
        """Return the conversations; one without a name is called by those who take part."""
        found = []
        for id_, (name, members, direct) in self._headers.items():
            others = sorted(filter(None, (self.people.name(member) for member in members)))
            found.append(Thread(id_, name or ", ".join(others) or id_, "direct" if direct else "group"))
        return found

    def _header(self, thing: dict[str, Any]) -> None:
        """Note what a conversation is called and who takes part, from what stands beside its events."""
        inner = dict_of(thing.get("conversation")) or thing
        id_ = _conversation(thing) or text_of(dict_of(inner.get("id")).get("id"))
        if id_ is None or ("participant_data" not in inner and "type" not in inner):
            return
        state = dict_of(dict_of(inner.get("self_conversation_state")).get("self_read_state"))
        me = _person(state.get("participant_id"))
        members = []
        for each in dicts_of(inner.get("participant_data")):
            phone = dict_of(each.get("phone_number"))
            number = text_of(phone.get("e164")) or text_of(dict_of(phone.get("i18n_data")).get("international_number"))
            who = self.people.add(_person(each.get("id")), text_of(each.get("fallback_name")), handle=number)
            members += [who] if who and who != me else []
        for each in list_of(inner.get("current_participant")):
            self.people.add(_person(each))
        self._headers[id_] = (text_of(inner.get("name")), members, "ONE_TO_ONE" in str(inner.get("type")))

    def _event(self, event: dict[str, Any]) -> Iterator[Row]:
        thread, ts = _conversation(event), moment_of(event.get("timestamp"), "us")
        if thread is None or ts is None:
            self.counts.add("events without a time or a conversation")
            return
        sender = self.people.add(_person(event.get("sender_id")))
        yield {"thread": thread, "msg_id": text_of(event.get("event_id")), "ts": ts, **self._said(event, sender)}

    def _said(self, event: dict[str, Any], sender: str | None) -> Row:
        if "chat_message" in event:
            return {"author": sender, **self._message(dict_of(dict_of(event["chat_message"]).get("message_content")))}
        if "hangout_event" in event:
            return self._call(dict_of(event["hangout_event"]), sender)
        row: dict[str, Any] = {
            "kind": "system",
            "event": "other",
            "author": None,
            "mentions": [sender] if sender else None,
        }
        if "membership_change" in event:
            change = dict_of(event["membership_change"])
            who = [each for said in list_of(change.get("participant_id")) if (each := self.people.add(_person(said)))]
            alone, other = _MEMBERSHIP.get(str(change.get("type")), ("other", "other"))
            row |= {"event": alone if who == [sender] else other, "mentions": who or None}
        elif "conversation_rename" in event:
            row |= {"event": "rename", "text": text_of(dict_of(event["conversation_rename"]).get("new_name"))}
        elif {"otr_modification", "group_link_sharing_modification"} & set(event):
            row |= {"event": "settings"}
        else:
            self.counts.add("what events of other kinds say")
        return row

    def _call(self, call: dict[str, Any], sender: str | None) -> Row:
        """Return a call: as one where it ended and its length is known, else that one began."""
        seconds, video = int_of(call.get("hangout_duration_secs")), "VIDEO" in str(call.get("media_type"))
        who = [each for said in list_of(call.get("participant_id")) if (each := self.people.add(_person(said)))]
        if seconds is None and call.get("event_type") != "END_HANGOUT":
            return {
                "kind": "system",
                "event": "call",
                "author": None,
                "mentions": who or ([sender] if sender else None),
            }
        data = {"seconds": seconds, "video": video}
        known = {key: value for key, value in data.items() if value is not None}
        return {"kind": "call", "author": sender, "mentions": who or None, "data": json.dumps(known)}

    def _message(self, content: dict[str, Any]) -> dict[str, Any]:
        row: dict[str, Any] = {"text": _text(content.get("segment")), "kind": "text"}
        media = []
        for attachment in dicts_of(content.get("attachment")):
            item = dict_of(attachment.get("embed_item"))
            place = next((dict_of(value) for key, value in item.items() if "place" in key.casefold()), {})
            if place:
                row |= _location(place)
            elif file := _file(item):
                media.append(file)
            else:
                self.counts.add("attachments of other kinds")
        if media:
            row |= {"media": media, "kind": "media", "data": None}
        return row


def _conversation(thing: dict[str, Any]) -> str | None:
    return text_of(dict_of(thing.get("conversation_id")).get("id"))


def _person(said: Any) -> str | None:
    ids = dict_of(said)
    return id_of(ids.get("gaia_id")) or id_of(ids.get("chat_id"))


def _text(segments: Any) -> str | None:
    """Return the text of a message, whose segments are texts, links and line breaks."""
    parts = []
    for segment in dicts_of(segments):
        text = text_of(segment.get("text"))
        link = text_of(dict_of(segment.get("link_data")).get("link_target"))
        parts.append(text or ("\n" if segment.get("type") == "LINE_BREAK" else link) or "")
    return "".join(parts) or None


def _file(item: dict[str, Any]) -> dict[str, Any] | None:
    for key, value in item.items():
        if any(kind in key.casefold() for kind in _MEDIA):
            file = dict_of(value)
            thumbnail = dict_of(file.get("thumbnail"))
            links = (
                file.get("url"),
                file.get("original_content_url"),
                file.get("download_url"),
                thumbnail.get("image_url"),
            )
            url = next((link for each in links if (link := text_of(each))), None)
            named = next((name for each in links if "." in (name := _name(text_of(each)))), None)
            return {"name": named, "url": url, "type": type_of(named) or _general_type(key, file)}
    return None


def _name(url: str | None) -> str:
    try:
        return unquote(urlsplit(url or "").path.rpartition("/")[2])
    except ValueError:
        return ""


def _general_type(key: str, file: dict[str, Any]) -> str | None:
    said = f"{key} {file.get('media_type')}".casefold()
    return next((f"{kind}/*" for word, kind in _GENERAL.items() if word in said), None)


_GENERAL = {"audio": "audio", "video": "video", "photo": "image"}


def _location(place: dict[str, Any]) -> dict[str, Any]:
    geo = next((dict_of(value) for key, value in place.items() if "geo" in key.casefold()), {})
    point = next((dict_of(value) for key, value in geo.items() if "coordinates" in key.casefold()), geo)
    data = {
        "latitude": _degrees(point.get("latitude")),
        "longitude": _degrees(point.get("longitude")),
        "name": text_of(place.get("name")),
    }
    return {"kind": "location", "data": json.dumps({key: value for key, value in data.items() if value is not None})}


def _degrees(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
