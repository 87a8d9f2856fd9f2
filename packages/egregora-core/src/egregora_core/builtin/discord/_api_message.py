"""Messages as Discord's own programs get them: browser extensions and scripts save lists of these as they are."""

import re
from typing import Any

from egregora_core.builtin._export_values import text_or_number
from egregora_core.plugin.json_values import dict_of, dicts_of, id_of

_OWN = frozenset(("channel_id", "edited_timestamp", "mention_everyone", "message_reference", "sticker_items"))
_MARK = re.compile(r"<(?:@!?(?P<who>\d+)|a?:(?P<emoji>\w+):\d+)>")
_FORWARDED = "1"
_TOLD = {
    "1": "Added {people} to the group.",
    "2": "Removed {people} from the group.",
    "4": "Changed the channel name: {said}",
    "5": "Changed the channel icon.",
    "6": "Pinned a message.",
    "7": "Joined the server.",
    "8": "Boosted the server.",
    "18": "Started a thread: {said}",
}
"""What DiscordChatExporter says for messages that have no words of their own, by Discord's number."""


def as_exported(item: dict[str, Any]) -> dict[str, Any]:
    """Return a message with the fields that DiscordChatExporter has, which has them already unless it is Discord's."""
    if _OWN.isdisjoint(item) and "username" not in dict_of(item.get("author")):
        return item
    people = [_user(each) for each in dicts_of(item.get("mentions"))]
    called = {id_of(each.get("id")): each["nickname"] or each["name"] for each in people}
    made = {
        **_said(item, called),
        "timestampEdited": item.get("edited_timestamp"),
        "callEndedTimestamp": dict_of(item.get("call")).get("ended_timestamp"),
        "isPinned": item.get("pinned"),
        "author": _user(dict_of(item.get("author"))),
        "mentions": people,
        "reference": _reference(dict_of(item.get("message_reference"))),
    }
    if told := _TOLD.get(text_or_number(item.get("type")) or ""):
        author = dict_of(item.get("author")).get("id")
        others = [text_or_number(each["nickname"] or each["name"]) for each in people if each["id"] != author]
        names = ", ".join(name for name in others if name)
        told = told if names or told != _TOLD["2"] else "Left the group."
        made["content"] = told.format(people=names or "somebody", said=made["content"] or "").rstrip(": ")
    copies = [dict_of(each.get("message")) for each in dicts_of(item.get("message_snapshots"))]
    if copies:
        made["forwardedMessage"] = {**copies[0], **_said(copies[0], called)}
    return {**item, **made}


def _user(user: dict[str, Any]) -> dict[str, Any]:
    name = user.get("username", user.get("name"))
    return {
        "id": user.get("id"),
        "name": name,
        "nickname": user.get("global_name", user.get("nickname")),
        "discriminator": user.get("discriminator"),
        "isBot": user.get("bot") is True,
    }


def _said(item: dict[str, Any], called: dict[str | None, Any]) -> dict[str, Any]:
    """Return the text, with people and emoji as they are shown, and what is attached."""

    def shown(mark: re.Match[str]) -> str:
        if mark["emoji"]:
            return f":{mark['emoji']}:"
        name = text_or_number(called.get(mark["who"]))
        return f"@{name}" if name else mark[0]

    said = text_or_number(item.get("content"))
    return {
        "content": _MARK.sub(shown, said) if said else None,
        "attachments": [
            {
                "url": each.get("url"),
                "fileName": each.get("filename", each.get("fileName")),
                "fileSizeBytes": each.get("size", each.get("fileSizeBytes")),
            }
            for each in dicts_of(item.get("attachments"))
        ],
        "stickers": dicts_of(item.get("sticker_items")) or dicts_of(item.get("stickers")),
    }


def _reference(reference: dict[str, Any]) -> dict[str, Any]:
    if not reference:
        return {}
    return {
        "messageId": reference.get("message_id"),
        "channelId": reference.get("channel_id"),
        "type": "Forward" if text_or_number(reference.get("type")) == _FORWARDED else None,
    }
