"""Instagram's first layout (2018 to 2020): all chats in one `messages.json`, each with names and a conversation."""

import json
from collections.abc import Iterator
from typing import Any

from egregora_core.builtin._export_values import LeftOut, People, attachment, instant, text_or_number, with_more
from egregora_core.plugin.json_values import dicts_of

_ADDRESSES = ("media", "voice_media", "media_url", "animated_media_images", "live_video_share", "video_call_action")
_SHARED = ("media_share_caption", "media_share_url", "story_share", "link", "profile_share_username", "heart", "action")


def thread_of(conversation: dict[str, Any]) -> str:
    """Return what identifies a chat, which has neither id nor title: who is in it."""
    listed = conversation.get("participants")
    names = [name for name in map(text_or_number, listed if isinstance(listed, list) else ()) if name]
    return ", ".join(sorted(names))


def rows(conversation: dict[str, Any], people: People, left_out: LeftOut) -> Iterator[dict[str, Any]]:
    """Yield the messages of a chat, the oldest first."""
    thread = thread_of(conversation)
    for participant in filter(None, thread.split(", ")):
        people.meet(participant, participant)
    for item in reversed(dicts_of(conversation.get("conversation"))):
        when, author = instant(item.get("created_at")), text_or_number(item.get("sender") or item.get("user"))
        if when is None:
            left_out.skip("messages without a time")
            continue
        row: dict[str, Any] = {"thread": thread, "ts": when, "kind": "text"}
        row["author"] = people.meet(author, author) if author else None
        row["text"] = text_or_number(item.get("text"))
        for key in _SHARED:
            row["text"] = with_more(row["text"], text_or_number(item.get(key)))
        if owner := text_or_number(item.get("media_owner") or item.get("mentioned_username")):
            row["forwarded_from"] = people.meet(owner, owner)
        _add_media(row, item)
        likes = [name for each in dicts_of(item.get("likes")) if (name := text_or_number(each.get("username")))]
        if likes:
            row["reactions"] = [{"emoji": "\u2764", "author": people.meet(name, name)} for name in likes]
        yield row


def _add_media(row: dict[str, Any], item: dict[str, Any]) -> None:
    if call := text_or_number(item.get("video_call_action")):
        row |= {
            "kind": "call",
            "event": "call",
            "text": with_more(row["text"], call),
            "data": json.dumps({"video": True}),
        }
        return
    found = [item[key] for key in _ADDRESSES if item.get(key)]
    if found:
        addresses = [each for each in found if isinstance(each, str) and each.startswith("http")]
        missing: list[dict[str, Any]] = [{"missing": True}] * (not addresses)
        row |= {"kind": "media", "media": [attachment(None, each, ()) for each in addresses] or missing}
