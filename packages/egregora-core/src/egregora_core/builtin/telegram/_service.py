"""What Telegram tells of a chat by itself: which event it is, and in which words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_EVENTS = {
    "create_group": ("create", "created the group"),
    "create_channel": ("create", "created the channel"),
    "migrate_to_supergroup": ("migrate", "converted this group to a supergroup"),
    "migrate_from_group": ("migrate", "converted a group to this supergroup"),
    "edit_group_title": ("rename", "changed the title to"),
    "edit_group_photo": ("picture", "changed the photo"),
    "delete_group_photo": ("picture", "removed the photo"),
    "suggest_profile_photo": ("picture", "suggested a photo"),
    "invite_members": ("add", "added"),
    "remove_members": ("remove", "removed"),
    "join_group_by_link": ("join", "joined by a link"),
    "join_group_by_request": ("join", "joined by request"),
    "pin_message": ("pin", "pinned a message"),
    "phone_call": ("call", "called"),
    "group_call": ("call", "started a call"),
    "conference_call": ("call", "started a call"),
    "group_call_scheduled": ("call", "scheduled a call"),
    "invite_to_group_call": ("invite", "invited to a call"),
    "topic_created": ("topic", "created the topic"),
    "topic_edit": ("topic", "changed the topic"),
    "set_messages_ttl": ("settings", "changed how long messages are kept"),
    "edit_chat_theme": ("settings", "changed the theme"),
    "set_chat_wallpaper": ("settings", "changed the background"),
    "set_same_chat_wallpaper": ("settings", "set the same background"),
    "clear_history": ("settings", "cleared the history"),
    "joined_telegram": ("other", "joined Telegram"),
    "take_screenshot": ("other", "took a screenshot"),
}
"""By action: the event and its words."""
_CALLS = frozenset({"phone_call", "group_call", "conference_call"})
_UNANSWERED = frozenset({"missed", "busy"})
_SELF = {"add": ("join", "joined"), "remove": ("leave", "left")}
_NOT_SAID = frozenset(
    (
        *("id", "type", "date", "date_unixtime", "edited", "edited_unixtime", "actor", "actor_id"),
        *("action", "text", "text_entities", "members", "from", "from_id", "to_id", "photo"),
        *("photo_file_size", "width", "height", "message_id", "game_message_id", "invoice_message_id"),
        *("reply_to_message_id", "reactions", "reply_to_peer_id", "duration", "duration_seconds"),
        *("discard_reason", "schedule_date", "new_icon_emoji_id", "inviter", "is_video", "call_id"),
        *("peer_id", "button_id"),
    )
)


@dataclass(frozen=True)
class Service:
    """A line that Telegram wrote."""

    event: str
    text: str
    data: Mapping[str, Any] | None = None
    """Of a call."""


def service(message: Mapping[str, Any], actor: str | None, members: Sequence[str]) -> Service:
    """Return what a service message tells, done by `actor` to `members`."""
    action = message.get("action")
    action = action if isinstance(action, str) else ""
    event, words = _EVENTS.get(action, ("other", action.replace("_", " ")))
    if event in _SELF and (not members or list(members) == [actor]):
        event, words = _SELF[event]
        members = ()
    data = _call(message, action) if action in _CALLS else None
    if data and data.get("missed"):
        event, words = "missed_call", "called in vain"
    said = [actor or "", words, ", ".join(name for name in members if name != actor), *_details(message)]
    return Service(event, " ".join(each for each in said if each), data)


def _call(message: Mapping[str, Any], action: str) -> dict[str, Any]:
    seconds = message.get("duration_seconds", message.get("duration"))
    data: dict[str, Any] = {"seconds": seconds} if type(seconds) is int and seconds >= 0 else {}
    if action == "phone_call":
        data["missed"] = message.get("discard_reason") in _UNANSWERED
    if isinstance(video := message.get("is_video"), bool):
        data["video"] = video
    return data


def _details(message: Mapping[str, Any]) -> list[str]:
    """Return what else is said: titles, scores, amounts."""
    said = []
    for key, value in message.items():
        if key in _NOT_SAID or isinstance(value, bool):
            continue
        if isinstance(value, str) and value:
            said.append(f"\u00ab{value}\u00bb")
        elif isinstance(value, int | float):
            said.append(f"{value:g}" if isinstance(value, float) else str(value))
    return said
