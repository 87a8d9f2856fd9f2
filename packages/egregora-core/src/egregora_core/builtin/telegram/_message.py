"""A message of `result.json` as a row."""

import json
import re
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from egregora_core.builtin.telegram._content import CONTENT, media
from egregora_core.builtin.telegram._people import People, peer_id, user_id
from egregora_core.builtin.telegram._service import service
from egregora_core.builtin.telegram._values import MOST, clock_of, instant_of, listed

_WORD = re.compile(r"[a-z][a-z_]{1,40}$")
_SIMPLE = frozenset(
    (
        *("id", "type", "date", "date_unixtime", "edited", "edited_unixtime", "from", "from_id"),
        *("text", "text_entities", "reply_to_message_id", "reactions"),
    )
)
"""What most messages have."""
_PLAIN = frozenset(
    (
        *("id", "type", "date", "date_unixtime", "edited", "edited_unixtime", "from", "from_id"),
        *("text", "text_entities", "reply_to_message_id", "reactions", "photo", "photo_file_size"),
        *("width", "height", "file", "file_name", "file_size", "thumbnail", "thumbnail_file_size"),
        *("media_type", "mime_type", "duration_seconds", "sticker_emoji", "performer", "title"),
        *("media_spoiler", "forwarded_from", "forwarded_from_id", "saved_from", "via_bot", "author"),
        *("reply_to_peer_id", "self_destruct_period_seconds", "location_information"),
        *("live_location_period_seconds", "place_name", "address", "contact_information"),
        *("contact_vcard", "contact_vcard_file_size", "poll", "game_title", "game_description"),
        *("game_link", "invoice_information", "todo_list", "forwarded_date"),
        *("forwarded_date_unixtime",),
    )
)
"""What is read of a message, or says nothing that is not said by the rest."""


class Messages:
    """The messages of an export, one after the other."""

    def __init__(self, people: People, left_out: Counter[str], *, zoned: bool) -> None:
        self._people, self._left_out, self._zoned = people, left_out, zoned
        self._latest: Mapping[str, Any] = {}
        self.begin()

    def tell_offset(self, message: Mapping[str, Any]) -> None:
        """Take a message whose time is an instant for what tells of the clock, for those before it."""
        self._latest = message

    def begin(self) -> None:
        """Begin a chat: ids are counted by chats, and so are topics."""
        self._ids, self._roots = array("q"), array("q")

    def row(self, message: Any) -> dict[str, Any] | None:
        """Return a message as a row; None for what is none, which is counted."""
        if not isinstance(message, dict):
            self._left_out["entries that are no messages"] += 1
            return None
        ts = self._time(message)
        if ts is None:
            known = message.get("type") != "unsupported"
            self._left_out["messages without a time" if known else "messages that Telegram Desktop did not know"] += 1
            return None
        id_ = message.get("id")
        row: dict[str, Any] = {"msg_id": str(id_) if type(id_) in (int, str) and id_ != "" else None, "ts": ts}
        text = message.get("text")
        row["text"] = text if isinstance(text, str) and text else self._text(message, row)
        if message.get("type") == "service" or "action" in message:
            self._service(message, row)
        else:
            self._message(message, row)
        if message.get("edited") is not None or message.get("edited_unixtime") is not None:
            row["edited_at"] = self._edited(message, ts)
        if "reactions" in message:
            row["reactions"] = self._reactions(message["reactions"])
        if "reply_to_message_id" in message:
            self._link(message, row)
        return row

    # --- when -----------------------------------------------------------------------------------------------------

    def _time(self, message: Mapping[str, Any]) -> int | None:
        """Return when a message was sent: in UTC where there are instants, else by the exporting machine's clock."""
        instant = instant_of(message.get("date_unixtime"))
        if instant is not None and self._zoned:
            self._latest = message
            return instant
        clock = clock_of(message.get("date"))
        if clock is None:
            return instant
        return clock - self._offset() if self._zoned else clock

    def _edited(self, message: Mapping[str, Any], ts: int) -> int | None:
        edited = instant_of(message.get("edited_unixtime")) if self._zoned else None
        if edited is None and (clock := clock_of(message.get("edited"))) is not None:
            edited = clock - self._offset()
        # What was not edited was edited in 1970, for versions before 2019.
        return edited if edited is not None and edited >= ts else None

    def _offset(self) -> int:
        """Return how far the clock of the exporting machine was from UTC at the latest message that tells it."""
        instant, clock = instant_of(self._latest.get("date_unixtime")), clock_of(self._latest.get("date"))
        return 0 if instant is None or clock is None else clock - instant

    # --- what is said ---------------------------------------------------------------------------------------------

    def _text(self, message: Mapping[str, Any], row: dict[str, Any]) -> str | None:
        """Return the text of a message that is in pieces, and note whom it mentions."""
        pieces = message.get("text") or message.get("text_entities")
        if isinstance(pieces, dict):
            pieces = [pieces]
        if not isinstance(pieces, list):
            return None
        mentions: list[str] = []
        said = [self._piece(piece, mentions) for piece in pieces]
        if mentions:
            row["mentions"] = mentions
        return "".join(said) or None

    def _piece(self, piece: Any, mentions: list[str]) -> str:
        if isinstance(piece, str):
            return piece
        if not isinstance(piece, dict) or not isinstance(text := piece.get("text"), str):
            return ""
        kind = piece.get("type")
        if kind == "mention_name" and (id_ := user_id(piece.get("user_id"))):
            self._people.met(id_, text)
            mentions.append(id_)
        elif kind == "mention":
            mentions.append(self._people.handle(text))
        elif kind == "text_link":
            self._left_out["addresses behind words"] += 1
        return text

    def _message(self, message: Mapping[str, Any], row: dict[str, Any]) -> None:
        row["kind"] = "text"
        row["author"] = self._somebody(message, "from")
        if message.keys() <= _SIMPLE:
            return
        if "photo" in message or "file" in message:
            media(message, row)
        if "forwarded_from" in message or "saved_from" in message:
            self._forwarded(message, row)
        for key, note in (("via_bot", str), ("author", self._people.named)):
            if isinstance(name := message.get(key), str) and name:
                row.setdefault("mentions", []).append(note(name))
        for key in CONTENT.keys() & message.keys():
            CONTENT[key](message, row, self._people)
        for key in message.keys() - _PLAIN:
            if message[key] not in (None, "", [], {}, False):
                self._left_out[key.replace("_", " ") if _WORD.match(key) else "other fields of messages"] += 1

    def _somebody(self, message: Mapping[str, Any], key: str) -> str | None:
        """Return the id of who is named under a key, else the name; None where nobody is."""
        name, id_ = message.get(key), peer_id(message.get(f"{key}_id"))
        name = name if isinstance(name, str) and name else None
        if id_ is not None:
            self._people.met(id_, name)
            return id_
        return None if name is None else self._people.named(name)

    def _forwarded(self, message: Mapping[str, Any], row: dict[str, Any]) -> None:
        key = "forwarded_from" if "forwarded_from" in message else "saved_from"
        row["forwarded_from"] = self._somebody(message, key)
        if row["forwarded_from"] is None:
            self._left_out["forwards of which it is not known whose they are"] += 1

    # --- what happened --------------------------------------------------------------------------------------------

    def _service(self, message: Mapping[str, Any], row: dict[str, Any]) -> None:
        actor = self._somebody(message, "actor") or self._somebody(message, "from")
        members = [name for name in listed(message.get("members")) if isinstance(name, str) and name]
        others = [*members, *(name for key in ("inviter", "to") if isinstance(name := message.get(key), str) and name)]
        name = message.get("actor")
        event = service(message, name if isinstance(name, str) else None, members)
        about = [actor] if actor else []
        about += [self._people.named(other) for other in others if other != name]
        row["event"] = event.event
        said = (None if event.data is not None else event.text, row["text"])
        row["text"] = "\n".join(each for each in said if each) or None
        if event.data is None:
            row["kind"], row["author"], row["mentions"] = "system", None, about
        else:
            row |= {"kind": "call", "author": actor, "data": json.dumps(event.data), "mentions": about[1:]}
        for key in ("message_id", "game_message_id", "invoice_message_id"):
            if type(target := message.get(key)) is int:
                row["reply_to"] = str(target)
        if "photo" in message:
            media(message, row)
            row["kind"] = "system"
        if message.get("action") == "topic_created" and type(id_ := message.get("id")) is int:
            self._remember(id_, id_)

    def _link(self, message: Mapping[str, Any], row: dict[str, Any]) -> None:
        """Say what a message answers, and which topic of a forum it belongs to: that begins with a message, too."""
        id_, target = message.get("id"), message.get("reply_to_message_id")
        if message.get("reply_to_peer_id") is not None:
            self._left_out["answers to messages of other chats"] += 1
            return
        if target is None or type(target) not in (int, str) or target == "":
            return
        root = self._topic(target)
        if root is not None:
            row["thread_root"] = str(root)
            if type(id_) is int:
                self._remember(id_, root)
        if root != target:
            row["reply_to"] = str(target)

    def _topic(self, id_: Any) -> int | None:
        if type(id_) is not int or not -(1 << 63) <= id_ < 1 << 63:
            return None
        place = bisect_left(self._ids, id_)
        return self._roots[place] if place < len(self._ids) and self._ids[place] == id_ else None

    def _remember(self, id_: int, root: int) -> None:
        if -(1 << 63) <= id_ < 1 << 63 and (not self._ids or self._ids[-1] < id_):
            self._ids.append(id_)
            self._roots.append(root)

    def _reactions(self, reactions: Any) -> list[dict[str, Any]] | None:
        found: list[dict[str, Any]] = []
        for reaction in listed(reactions):
            if isinstance(reaction, dict):
                found += self._reaction(reaction)
        return found or None

    def _reaction(self, reaction: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
        kind, emoji = reaction.get("type"), reaction.get("emoji")
        if not isinstance(emoji, str) or not emoji:
            emoji = "\u2b50" if kind == "paid" else "custom_emoji"
        people = [one for one in listed(reaction.get("recent")) if isinstance(one, dict)]
        for one in people:
            yield {"emoji": emoji, "author": self._somebody(one, "from")}
        count = reaction.get("count")
        rest = count - len(people) if type(count) is int else 0
        if rest > 0 or not people:
            yield {"emoji": emoji, "count": min(rest, MOST) if rest > 0 else None}
