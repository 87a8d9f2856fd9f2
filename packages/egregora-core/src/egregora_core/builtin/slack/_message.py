"""A message of Slack as rows: itself, and what it changes or has under it."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import UNSET

from egregora_core.builtin.slack._entry import Entry, as_object, is_typed
from egregora_core.builtin.slack._files import Files
from egregora_core.builtin.slack._layout import Channels
from egregora_core.builtin.slack._people import People
from egregora_core.builtin.slack._stamps import instant_of, moment_of, moments_of, stamp_of
from egregora_core.builtin.slack._words import Words, objects
from egregora_core.plugin import Export

_MOST = (1 << 31) - 1
_EVENTS = {
    **dict.fromkeys(("channel_join", "group_join", "joiner_notification", "joiner_notification_for_inviter"), "join"),
    **dict.fromkeys(("channel_leave", "group_leave"), "leave"),
    **dict.fromkeys(("channel_topic", "group_topic", "channel_purpose", "group_purpose"), "topic"),
    **dict.fromkeys(("channel_name", "group_name"), "rename"),
    **dict.fromkeys(("bot_add", "app_conversation_join"), "add"),
    **dict.fromkeys(("bot_remove", "app_conversation_leave"), "remove"),
    **dict.fromkeys(
        (
            *("channel_archive", "group_archive", "channel_unarchive", "group_unarchive", "retention_policy"),
            *("channel_convert_to_private", "channel_convert_to_public", "channel_posting_permissions"),
            *("bot_enable", "bot_disable", "channel_canvas_updated", "message_limit"),
        ),
        "settings",
    ),
    **dict.fromkeys(("reminder_add", "reminder_delete", "sh_room_created", "sh_room_shared"), "other"),
    "tabbed_canvas_updated": "other",
    "pinned_item": "pin",
    "unpinned_item": "unpin",
    "channel_convert_to_mpim": "migrate",
}
"""What Slack tells by itself, by subtype."""
_ANSWERS = ("slackdump_thread_replies", "thread_replies", "replies")
"""Where slackdump and scripts put the answers to a message."""
_MARK_OF_ANSWER = {"user", "ts", "bot_id"}
_DELETED = "tombstone"
_HUDDLE = "huddle_thread"
_LETTERS = re.compile(r"[\W_]+")

COLUMNS = (
    *("msg_id", "ts", "author", "kind", "text", "mentions"),
    *("thread_root", "reply_to", "edited_at", "edited", "reactions", "media"),
)
"""What nearly all messages have at most: their rows are tuples of it."""


class Messages:
    """The messages of an export, one after the other."""

    def __init__(self, export: Export, people: People, channels: Channels, left_out: Counter[str]) -> None:
        self._people, self._left_out = people, left_out
        self._words = Words(people.name, channels.name)
        self._files = Files(export)

    def rows(self, items: Iterable[Any]) -> list[Any]:
        """Return messages as rows; what is none is counted."""
        rows, usual = list[Any](), list[Entry]()
        for item in items:
            if type(item) is not Entry:
                self._left_out["entries that are no messages"] += 1
            elif item.is_usual():
                usual.append(item)
            else:
                rows += self._usual(usual)
                rows += self._any(as_object(item))
                usual = []
        return rows + self._usual(usual)

    def _usual(self, messages: list[Entry]) -> list[Any]:
        """Return the rows of messages that are texts of people, perhaps with files."""
        stamps = [message.ts for message in messages]
        moments = moments_of(stamps)
        if moments is None:
            return [row for message in messages for row in self._any(as_object(message))]
        authors, texts = [message.user for message in messages], [message.text or None for message in messages]
        nothing: list[Any] = [None] * len(messages)
        mentions, roots, edited, times, reactions, media = (nothing.copy() for _ in range(6))
        for place, message in enumerate(messages):
            if message.user_profile is not UNSET:
                self._people.profile(message.user, message.user_profile)
            if "<" in message.text or "&" in message.text:
                mentioned: list[str] = []
                texts[place] = self._words.plain(message.text, mentioned) or None
                mentions[place] = mentioned or None
            if message.thread_ts is not UNSET:
                root = stamp_of(message.thread_ts)
                roots[place] = root if root != message.ts else None
            if type(message.edited) is dict:
                edited[place], times[place] = True, instant_of(stamp_of(message.edited.get("ts")))
            if message.reactions is not UNSET:
                reactions[place] = [*self._reactions(message.reactions)] or None
            if message.files is not UNSET:
                media[place] = [self._files.media(file) for file in objects(message.files)] or None
        kinds = ["text" if files is None else "media" for files in media]
        columns = (authors, kinds, texts, mentions, roots, roots, times, edited, reactions, media)
        return list(zip(stamps, moments, *columns, strict=True))

    def _any(self, message: dict[str, Any]) -> list[dict[str, Any]]:
        row = self._row(message)
        rows = [] if row is None else [row]
        for key in _ANSWERS:
            if key in message:  # Slack itself only says who answered, and when
                answers = (answer for answer in objects(message[key]) if not answer.keys() <= _MARK_OF_ANSWER)
                rows += [row for answer in answers if (row := self._row(answer)) is not None]
        return rows

    def _row(self, message: Mapping[str, Any]) -> dict[str, Any] | None:
        subtype = message.get("subtype") or None
        stamp, ts = moment_of(message.get("ts"))
        if subtype == "message_replied":  # the answer is a message of its own
            self._left_out["marks that a message was answered"] += 1
            return None
        if ts is None:
            self._left_out["messages without a time"] += 1
            return None
        row: dict[str, Any] = {"msg_id": stamp, "ts": ts, "kind": "text"}
        if subtype in ("message_changed", "message_deleted"):
            return self._update(message, str(subtype), row)
        row["author"] = self._author(message, subtype)
        self._say(message, row)
        if "thread_ts" in message:
            self._link(message, row)
        if "edited" in message and isinstance(edited := message.get("edited"), dict):
            row["edited_at"] = instant_of(stamp_of(edited.get("ts")))
            row["edited"] = True
        if "reactions" in message:
            row["reactions"] = list(self._reactions(message["reactions"])) or None
        if subtype is not None and isinstance(subtype, str):
            self._subtype(message, subtype, row)
        return row

    def _update(self, message: Mapping[str, Any], subtype: str, row: dict[str, Any]) -> dict[str, Any] | None:
        """Return what an edit or deletion changes, which exports with all edits have as messages."""
        changed = message.get("message")
        changed = changed if isinstance(changed, dict) else {}
        target = stamp_of(message.get("deleted_ts")) if subtype == "message_deleted" else stamp_of(changed.get("ts"))
        if target is None:
            self._left_out["changes of messages that are not named"] += 1
            return None
        row |= {"msg_id": target, "author": self._author(changed, None)}
        if subtype == "message_deleted" or changed.get("subtype") == _DELETED:
            return row | {"update": "delete"}
        self._say(changed, row)
        edited = changed.get("edited")
        when = instant_of(stamp_of(edited.get("ts"))) if isinstance(edited, dict) else None
        said = {key: row.get(key) for key in ("msg_id", "ts", "author", "text")}
        return {**said, "kind": "text", "update": "edit", "edited_at": when}

    # --- who ------------------------------------------------------------------------------------------------------

    def _author(self, message: Mapping[str, Any], subtype: Any) -> str | None:
        """Return the id of who wrote: a person, else a bot, which may write under several names."""
        user = message.get("user")
        if subtype == "file_comment" and isinstance(comment := message.get("comment"), dict):
            user = user or comment.get("user")
        if isinstance(user, str) and user:
            if "user_profile" in message:
                self._people.profile(user, message["user_profile"])
            return user
        bot, name = message.get("bot_id"), message.get("username")
        profile = message.get("bot_profile")
        own = profile.get("name") if isinstance(profile, dict) else None
        name = name if isinstance(name, str) and name else None
        if not isinstance(bot, str) or not bot:
            if name is not None:
                self._people.bot(name, name)
            return name
        id_ = bot if name is None or name == own else f"{bot}/{name}"
        self._people.bot(id_, name or own)
        return id_

    # --- what -----------------------------------------------------------------------------------------------------

    def _say(self, message: Mapping[str, Any], row: dict[str, Any]) -> None:
        """Put the text of a message into its row, with what is said in it and not in its text."""
        text = message.get("text")
        if not isinstance(text, str):
            comment = message.get("comment")
            text = comment.get("comment") if isinstance(comment, dict) else None
            text = text if isinstance(text, str) else ""
        mentions: list[str] = []
        if "<" in text or "&" in text:
            text = self._words.plain(text, mentions)
            if mentions:
                row["mentions"] = mentions
        row["text"] = text or None
        attached = "files" in message or "attachments" in message or "file" in message
        if attached or ("blocks" in message and not (text and is_typed(message["blocks"]))):
            self._say_more(message, row, text, mentions)

    def _say_more(self, message: Mapping[str, Any], row: dict[str, Any], text: str, mentions: list[str]) -> None:
        """Add what blocks, attachments and files say."""
        more: list[str] = []
        blocks = message.get("blocks")
        if blocks and not (text and is_typed(blocks)):
            more += self._words.blocks(blocks, mentions)
        if message.get("attachments"):
            more += self._in_attachments(message["attachments"], row, mentions)
        if "files" in message or "file" in message:
            more += self._attach(message, row)
        if more:
            row["text"] = "\n".join([*([text] if text else []), *self._unsaid(more, text)]) or None
        if mentions:
            row["mentions"] = mentions

    def _unsaid(self, texts: list[str], said: str) -> Iterator[str]:
        """Yield texts that are not in what is said already, whatever their marks and blanks."""
        known = _LETTERS.sub("", said)
        for text in texts:
            letters = _LETTERS.sub("", text)
            if text and (letters not in known if letters else text not in said):
                known += letters
                yield text

    def _in_attachments(self, attachments: Any, row: dict[str, Any], mentions: list[str]) -> Iterator[str]:
        for attachment in objects(attachments):
            shared = attachment.get("is_share") or attachment.get("is_msg_unfurl")
            if not shared and (attachment.get("from_url") or attachment.get("original_url")):
                self._left_out["previews of links"] += 1
                continue
            if shared and isinstance(author := attachment.get("author_id") or attachment.get("author_name"), str):
                row["forwarded_from"] = author
                attachment = {key: value for key, value in attachment.items() if key != "author_name"}  # noqa: PLW2901 - without it
            yield from self._words.attachment(attachment, mentions)

    def _attach(self, message: Mapping[str, Any], row: dict[str, Any]) -> Iterator[str]:
        """Note the attached files; yield what was said with the first of them."""
        single = message.get("file")
        files = [*objects(message.get("files"))] or ([single] if isinstance(single, dict) else [])
        if files and message.get("subtype") not in ("file_comment", "file_mention"):
            row["kind"] = "media"
        row["media"] = [self._files.media(file) for file in files] or None
        for file in files:
            comment = file.get("initial_comment")
            if isinstance(comment, dict) and isinstance(said := comment.get("comment"), str):
                yield self._words.plain(said)

    def _link(self, message: Mapping[str, Any], row: dict[str, Any]) -> None:
        root = stamp_of(message.get("thread_ts"))
        if root is not None and root != row["msg_id"]:
            row["thread_root"] = row["reply_to"] = root

    def _reactions(self, reactions: Any) -> Iterator[dict[str, Any]]:
        for reaction in objects(reactions):
            emoji = reaction.get("name")
            if not isinstance(emoji, str) or not emoji:
                continue
            users = reaction.get("users")
            people = [user for user in users if isinstance(user, str) and user] if isinstance(users, list) else []
            for user in people:
                yield {"emoji": emoji, "author": user}
            count = reaction.get("count")
            rest = count - len(people) if type(count) is int else 0
            if rest > 0 or not people:
                yield {"emoji": emoji, "count": min(rest, _MOST) if rest > 0 else None}

    # --- what Slack tells -----------------------------------------------------------------------------------------

    def _subtype(self, message: Mapping[str, Any], subtype: str, row: dict[str, Any]) -> None:
        """Make what Slack itself tells into what it is."""
        if subtype == _DELETED:
            row |= {"kind": "deleted", "author": None, "text": None, "media": None}
        elif subtype == _HUDDLE or isinstance(message.get("room"), dict):
            row |= {"kind": "call", "event": "call", "data": json.dumps(_call(message.get("room")))}
        elif subtype in _EVENTS:
            about = [row["author"], message.get("inviter"), *(row.get("mentions") or ())]
            people = [id_ for id_ in about if isinstance(id_, str) and id_]
            row |= {"kind": "system", "author": None, "event": _EVENTS[subtype], "mentions": [*dict.fromkeys(people)]}


def _call(room: Any) -> dict[str, Any]:
    room = room if isinstance(room, dict) else {}
    start, end = room.get("date_start"), room.get("date_end")
    if type(start) is int and type(end) is int and end >= start > 0:
        return {"seconds": end - start, **({"missed": True} if room.get("was_missed") is True else {})}
    return {}
