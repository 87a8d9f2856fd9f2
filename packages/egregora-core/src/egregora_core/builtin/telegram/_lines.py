"""What stands on a page as rows."""

import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

from egregora_core.builtin.telegram._html import AROUND_BOX, Found
from egregora_core.builtin.telegram._people import People
from egregora_core.plugin import Row

STAMP = re.compile(r"(\d\d)\.(\d\d)\.(\d{4}) (\d\d):(\d\d)(?::(\d\d))?(?: UTC([+-])(\d\d):?(\d\d))?")
_DAY = re.compile(r"(\d{1,2}) ([A-Z][a-z]+) (\d{4})$")
_MONTHS = [
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
]
_VIA = re.compile(r" via (@\w+)\Z")
_NOBODY = "Deleted Account"
_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?) ([KMG]?B)\b")
_UNITS = {"B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30}
_SECONDS = re.compile(r"\(([0-9]{1,9}) seconds\)")
_POINT = re.compile(r"(-?[0-9]{1,3}(?:\.[0-9]+)?), ?(-?[0-9]{1,3}(?:\.[0-9]+)?)")
_ANSWER = re.compile(r"(?:- )?(.*?)(?:\s+([0-9]{1,9}) votes?(?:, chosen vote)?)?\Z", re.DOTALL)
_TYPES = {
    "photo_wrap": "image/jpeg",
    "media_photo": "image/jpeg",
    "sticker_wrap": "image/webp",
    "media_voice_message": "audio/ogg",
    "video_file_wrap": "video/mp4",
    "animated_wrap": "video/mp4",
    "media_video": "video/mp4",
}
_VERBS = (
    "created|changed|invited|removed|joined|pinned|converted|scored|took|requested|started|has set|scheduled|disabled|"
    "sent|suggests|set|is now within"
)
_ACTOR = re.compile(rf"(.+?) (?:{_VERBS})\b", re.DOTALL)
_OTHERS = re.compile(
    r"(?:with members|invited|removed|by link from) (?!(?:group|channel)? ?photo)(.+?)"
    r"(?: to the (?:voice|video) chat)?\Z",
    re.DOTALL,
)
_QUOTED = re.compile("\u00ab.*?\u00bb", re.DOTALL)
_EVENTS = tuple(
    (re.compile(pattern, re.DOTALL), event)
    for pattern, event in (
        (r"created topic|changed topic", "topic"),
        (r"\bcreated\b", "create"),
        (r"\binvited .* to the (?:voice|video) chat", "invite"),
        (r"\binvited\b", "add"),
        (r"\bphoto\b", "picture"),
        (r"\bremoved\b", "remove"),
        (r"\bjoined group\b", "join"),
        (r"\btitle\b", "rename"),
        (r"\bpinned\b", "pin"),
        (r"\bconverted\b", "migrate"),
        (r"\b(?:voice|video) chat\b", "call"),
        (r"\b(?:theme|background|auto-delete)\b|History cleared", "settings"),
    )
)
"""What the lines of pages tell, which are English in all languages; the first that fits."""


class Lines:
    """Messages of pages, one after the other; `end` is to be called behind those of a chat."""

    def __init__(self, people: People, left_out: Counter[str], *, zoned: bool) -> None:
        self._people, self._left_out, self._zoned = people, left_out, zoned
        self._forget()

    def _forget(self) -> None:
        self._author: str | None = None
        self._forwarded: str | None = None
        self._day: datetime | None = None
        """The last that a line between messages named, by the clock of the exporting machine."""
        self._last: datetime | None = None
        self._last_clock: datetime | None = None
        self._waiting: list[tuple[Found, datetime | None]] = []
        """Lines without a time since the day began, each with that day."""

    def add(self, found: Found, thread: str) -> Iterator[Row]:
        """Yield the rows that are known now that a message was met."""
        if found.id.startswith("-") and found.service and (day := _day(found.text("text"))):
            self._day = day
            return
        if found.id.startswith("-") and found.service and found.text("text").startswith("No exported"):
            return
        clock, ts = self._times(found)
        if ts is None or clock is None:
            if self._last is not None and self._last_clock is not None and not self._is_later(self._last_clock):
                yield self._row(found, thread, self._last)
            else:
                self._waiting.append((found, self._day))
            return
        yield from self._settle(thread, clock, ts)
        self._last, self._last_clock = ts, clock
        yield self._row(found, thread, ts)

    def _is_later(self, clock: datetime) -> bool:
        return self._day is not None and self._day.date() > clock.date()

    def end(self, thread: str | None) -> Iterator[Row]:
        """Yield what waits for the time of a message that does not come."""
        if thread is not None:
            yield from self._settle(thread, self._last_clock, self._last)
        self._forget()

    def _settle(self, thread: str, clock: datetime | None, ts: datetime | None) -> Iterator[Row]:
        for found, day in self._waiting:
            if clock is not None and ts is not None and (day is None or day.date() == clock.date()):
                yield self._row(found, thread, ts)
            elif day is not None:
                offset = clock - ts if clock is not None and ts is not None else timedelta()
                yield self._row(found, thread, day - offset)
            else:
                self._left_out["messages without a time"] += 1
        self._waiting.clear()

    def _times(self, found: Found) -> tuple[datetime | None, datetime | None]:
        """Return when a message was sent by the exporting machine's clock, and as `ts` has it."""
        stamp = STAMP.search(found.date)
        if stamp is None:
            return None, None
        day, month, year, hour, minute, second = (int(part or 0) for part in stamp.groups()[:6])
        try:
            clock = datetime(year, month, day, hour, minute, min(second, 59))  # noqa: DTZ001 - columns have no zone
            if not self._zoned or not stamp[7]:
                return clock, clock
            offset = timedelta(hours=int(stamp[8]), minutes=int(stamp[9]))
            return clock, clock - offset if stamp[7] == "+" else clock + offset
        except (ValueError, OverflowError):
            return None, None

    # --- what is said ---------------------------------------------------------------------------------------------

    def _row(self, found: Found, thread: str, ts: datetime) -> dict[str, Any]:
        row: dict[str, Any] = {"thread": thread, "msg_id": found.id, "ts": ts, "text": found.text("text") or None}
        if found.service:
            self._service(found, row)
            return row
        row["kind"] = "text"
        row["author"] = self._author = self._author if found.joined else self._name(found.text("from_name"), row)
        self._forward(found, row)
        if found.text("signature"):
            row.setdefault("mentions", []).append(self._people.named(found.text("signature")))
        if found.reply_to:
            row["reply_to"] = found.reply_to
        elif found.elsewhere:
            self._left_out["answers to messages of other chats"] += 1
        if found.media and (found.link or found.media != AROUND_BOX):
            self._media(found, row)
        row["reactions"] = list(self._reactions(found)) or None
        return row

    def _name(self, name: str, row: dict[str, Any]) -> str | None:
        if via := _VIA.search(name):
            row["mentions"] = [via[1]]
            name = name[: via.start()]
        name = name.strip()
        return self._people.named(name) if name and name != _NOBODY else None

    def _forward(self, found: Found, row: dict[str, Any]) -> None:
        if named := found.text("forwarded from_name"):
            # The time of the original stands behind the name.
            name = STAMP.sub("", named).strip()
            self._forwarded = self._name(name, row)
            if self._forwarded is None:
                self._left_out["forwards of which it is not known whose they are"] += 1
        elif not found.forwarded:
            self._forwarded = None
        row["forwarded_from"] = self._forwarded

    def _service(self, found: Found, row: dict[str, Any]) -> None:
        said = _QUOTED.sub("", row["text"] or "")
        row["kind"], row["author"] = "system", None
        row["event"] = next((event for pattern, event in _EVENTS if pattern.search(said)), "other")
        about = [name[1]] if (name := _ACTOR.match(said)) else []
        if others := _OTHERS.search(said):
            about += re.split(r", | and ", others[1])
        about = [name.strip() for name in about if name.strip() not in ("", _NOBODY, "You")]
        if row["event"] in ("add", "remove") and len(about) == 2 and about[0] == about[1]:  # noqa: PLR2004 - who, and whom
            row["event"] = "join" if row["event"] == "add" else "leave"
        row["mentions"] = [self._people.named(name) for name in dict.fromkeys(about)]
        row["reply_to"] = found.reply_to or None
        if found.link:
            row["media"] = [_file(found.link, None, None)]

    def _media(self, found: Found, row: dict[str, Any]) -> None:
        classes, title, status = found.media.split(), found.text("title"), found.text("status")
        if "media_call" in classes:
            seconds = _SECONDS.search(status)
            missed = status.startswith(("Missed", "Declined", "Cancelled"))
            row["event"] = "missed_call" if missed else "call"
            self._data(row, "call", {"missed": missed, **({"seconds": int(seconds[1])} if seconds else {})})
        elif "media_poll" in classes:
            self._poll(found, row)
        elif not {"media_location", "media_live_location", "media_venue"}.isdisjoint(classes):
            self._location(found, row, live="media_live_location" in classes, venue="media_venue" in classes)
        elif "media_contact" in classes:
            phone = status.removesuffix(" - vCard")
            name = self._people.named(title) if title else None
            self._data(row, "contact", {**({"name": name} if name else {}), "phones": [phone] if phone else []})
        elif "media_game" in classes or "media_invoice" in classes:
            said = [row["text"], title, found.text("description"), status]
            row["text"] = "\n".join(each for each in said if each) or None
        else:
            row["kind"] = "sticker" if "sticker_wrap" in classes or title == "Sticker" else "media"
            type_ = next((_TYPES[name] for name in classes if name in _TYPES), None)
            row["media"] = [_file(found.link, title if "media_file" in classes else None, type_, status)]
            if row["kind"] == "sticker" and row["text"] is None and (emoji := status.partition(",")[0].strip()):
                row["text"] = None if _SIZE.match(emoji) else emoji

    def _poll(self, found: Found, row: dict[str, Any]) -> None:
        question = found.text("question")
        options = []
        for answer in found.texts.get("answer", ()):
            said = _ANSWER.match(answer)
            options.append({"text": said[1], "votes": int(said[2] or 0)} if said else {"text": answer})
        closed = "Final results" in found.text("poll")
        self._data(row, "poll", {"question": question, "options": options, "closed": closed})
        row["text"] = row["text"] or question or None

    def _location(self, found: Found, row: dict[str, Any], *, live: bool, venue: bool) -> None:
        data: dict[str, Any] = {}
        if point := _POINT.search(found.text("status")) or _POINT.search(unquote(found.link)):
            data |= {"latitude": float(point[1]), "longitude": float(point[2])}
        if venue:
            data["name"] = ", ".join(each for each in (found.text("title"), found.text("description")) if each)
        self._data(row, "location", {**data, **({"live": True} if live else {})})

    def _data(self, row: dict[str, Any], kind: str, data: dict[str, Any]) -> None:
        row["kind"], row["data"] = kind, json.dumps(data, ensure_ascii=False)

    def _reactions(self, found: Found) -> Iterator[dict[str, Any]]:
        for each in found.reactions:
            emoji = each.emoji or "custom_emoji"
            for name in each.people:
                yield {"emoji": emoji, "author": self._name(STAMP.sub("", name).rstrip(", "), {})}
            count = int(each.count) if re.fullmatch("[0-9]{1,9}", each.count) else None
            rest = None if count is None else count - len(each.people)
            if not each.people or (rest or 0) > 0:
                yield {"emoji": emoji, "count": rest}


def _file(link: str, title: str | None, type_: str | None, status: str = "") -> dict[str, Any]:
    size = _SIZE.search(status)
    count = float(size[1]) * _UNITS[size[2]] if size else math.nan
    return {
        "name": unquote(link) if link else title,
        "type": type_,
        "size": None if math.isnan(count) or count > 1 << 62 else int(count),
        "missing": not link,
    }


def _day(text: str) -> datetime | None:
    """Return the day that a line between messages names."""
    said = _DAY.match(text.strip())
    if said is None or said[2] not in _MONTHS:
        return None
    try:
        return datetime(int(said[3]), _MONTHS.index(said[2]) + 1, int(said[1]))  # noqa: DTZ001 - as above
    except ValueError:
        return None
